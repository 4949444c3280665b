#!/usr/bin/env python3
"""golden_test: the records of every sample capture are the golden ones, obey the schema, and agree with the truth.

    tests/golden_test.py [--sealtrace BUILD] [NAME...]            compare with captures/golden/
    tests/golden_test.py [--sealtrace BUILD] --update [NAME...]   write captures/golden/ anew; read the change as a diff

A capture is audited with its topology where it has one (NAME.topology.yaml, which serves NAME-anything too). What changes from
run to run is left out: how the program was called, its version, when, and the digests of policy files. Where a capture has a
topology, its text report is golden too. captures/truth.tsv says what each flow is and what a reader of the packets can know of it.
"""
import csv
import difflib
import json
import pathlib
import re
import sys

from checks import Checks
from program import CAPTURES, Crash, Program, arguments, captures, endpoints_of, get, of_kind, topology_of
from tree import ROOT

GOLDEN = CAPTURES / "golden"
SCHEMA = ROOT / "docs" / "schema" / "record.schema.json"
VOLATILE = {"audit": ("command", "started", "finished", "tool.version", "policies.*.sha256")}  # by kind of record


def drop(record, path):
    """Remove the value at a dotted path; * stands for every element of a list."""
    head, _, rest = path.partition(".")
    if head == "*":
        for element in record if isinstance(record, list) else []:
            drop(element, rest)
    elif isinstance(record, dict) and head in record:
        if rest:
            drop(record[head], rest)
        else:
            del record[head]


def stable(record):
    for path in VOLATILE.get(record["record"], ()):
        drop(record, path)
    return record


def stable_text(report):
    """The text report without version and time of the audit: both stand in its first lines."""
    lines = report.decode().split("\n")
    for i, line in enumerate(lines[:12]):
        line = re.sub(r"\bsealtrace \d+\.\d+\.\d+\S*", "sealtrace VERSION", line)
        lines[i] = re.sub(r"(audited|made|written) (at )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*( UTC)?", r"\1 TIME", line)
    return "\n".join(lines)


def readable(record):
    """A record as lines, so that a difference shows the key it is in."""
    return json.dumps(record, indent=1, ensure_ascii=False).splitlines()


def difference(golden, found):
    """A unified diff of two lists of records, with each record named in the hunk that differs."""
    def lines(records):
        return [line for record in records for line in [f"=== {record['record']} {name_of(record)}", *readable(record)]]
    return "\n".join(difflib.unified_diff(lines(golden), lines(found), "golden", "found", lineterm="", n=4))


def name_of(record):
    for path in ("flow.id", "id", "rule", "file", "sha256"):
        if (value := get(record, path)) is not None:
            return str(value)
    return ""


class Truth:
    """captures/truth.tsv: what is known of each flow from how the programs were started."""

    def __init__(self):
        with open(CAPTURES / "truth.tsv", newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file, delimiter="\t"))

    def check(self, checks, name, records):
        flows = {endpoints_of(flow): flow for flow in of_kind(records, "flow")}
        legs = {leg["id"]: leg for leg in of_kind(records, "leg")}
        for row in (row for row in self.rows if row["capture"] == name):
            flow = flows.get((row["client"], row["server"]))
            label = f"{name}: {row['client']} to {row['server']}"
            if not checks.expect(flow is not None, f"{label} is a flow, seen from its client", sorted(flows)):
                continue
            self.check_authentication(checks, label, row, flow)
            version = get(flow, "tls.version", "-")
            checks.equal(version, row["version"], f"{label} negotiated the version that the truth has")
            if row["leg_result"] != "-":
                leg = legs.get(get(flow, "traffic.leg"), {})
                checks.equal(leg.get("status"), row["leg_result"], f"{label}: its leg is judged as the truth has it", json.dumps(leg))

    def check_authentication(self, checks, label, row, flow):
        """The status is the expected one on the expected basis. Where secrets are needed, a reader without them may stay silent or infer the same."""
        status, _, reason = row["expected"].partition("/")
        found = get(flow, "tls.client_auth", {})
        if row["client_auth"] == "-":  # a flow without TLS
            checks.equal(found, {}, f"{label}: without TLS there is no client authentication")
            return
        right_by_inference = found.get("basis") == "inferred" and found.get("status") == status
        silent = found.get("status") == "not_observable" and status != "not_observable"
        if (silent or right_by_inference) and self.needs_secrets(row):
            checks.expect(True, "")
            return
        wanted = {"status": status, "cause" if status == "not_observable" else "basis": reason}
        checks.equal({key: found.get(key) for key in wanted}, wanted, f"{label}: client authentication is {row['expected']}", json.dumps(found))

    def needs_secrets(self, row):
        same = [other["expected"] for other in self.rows if other["capture"] == row["capture"]]
        return any(expected.endswith("/decrypted") for expected in same)


def check_readme(checks):
    """What README.md shows of a report stands in the golden one, but for the version, the time and the way to the files."""
    golden = (GOLDEN / "deployment.txt").read_text().splitlines()
    shown = re.search(r"^\$ sealtrace audit .*?$(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    lines = shown.group(1).strip("\n").splitlines() if shown else []
    own = [line for line in lines if line.startswith(("sealtrace ", "  Report ", "  Command "))]
    checks.equal(len(own), 3, "README.md shows the head of a report")
    missing = [line for line in lines if line != "..." and line not in own and line not in golden]
    checks.expect(not missing, "README.md shows lines of captures/golden/deployment.txt", "\n".join(missing))


def main():
    parser = arguments(__doc__)
    parser.add_argument("--update", action="store_true", help="write the golden records")
    parser.add_argument("name", nargs="*", help="only these captures")
    options = parser.parse_args()
    program, checks, truth, validator = Program(options.sealtrace), Checks("golden"), Truth(), None
    if SCHEMA.exists():
        import jsonschema  # Debian: python3-jsonschema
        validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    GOLDEN.mkdir(exist_ok=True)
    for capture in captures():
        name = capture.name.split(".")[0]
        if options.name and name not in options.name:
            continue
        topology = [pathlib.Path(word).name for word in topology_of(capture)][1:]
        extra = ["--topology", *topology] if topology else []
        try:
            records = program.records(*extra, capture.name)
            text = stable_text(program.run("audit", "--color", "never", *extra, capture.name).stdout) if topology else None
        except (Crash, ValueError) as error:
            checks.expect(False, f"{capture.name} is audited", error)
            continue
        if validator:
            broken = [f"{record['record']} {name_of(record)}: {error.json_path}: {error.message}"
                      for record in records for error in validator.iter_errors(record)]
            checks.expect(not broken, f"{name}: every record obeys docs/schema/record.schema.json", "\n".join(broken))
        found = [stable(record) for record in records]
        if options.update:
            (GOLDEN / f"{name}.ndjson").write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found))
            if text is not None:
                (GOLDEN / f"{name}.txt").write_text(text)
        compare(checks, name, found, text)
        truth.check(checks, name, found)
    check_readme(checks)
    return checks.finish()


def compare(checks, name, found, text):
    golden = GOLDEN / f"{name}.ndjson"
    if not checks.expect(golden.exists(), f"{name}: captures/golden/{name}.ndjson is there (tests/golden_test.py --update writes it)"):
        return
    wanted = [json.loads(line) for line in golden.read_text().splitlines()]
    checks.expect(found == wanted, f"{name}: the records are the golden ones", difference(wanted, found))
    if text is not None:
        page = GOLDEN / f"{name}.txt"
        page_text = page.read_text() if page.exists() else ""
        checks.expect(text == page_text, f"{name}: the text report is the golden one",
                      "\n".join(difflib.unified_diff(page_text.splitlines(), text.splitlines(), "golden", "found", lineterm="", n=2)))


if __name__ == "__main__":
    sys.exit(main())
