#!/usr/bin/python3
"""schema_test: records obey docs/schema/record.schema.json, and the schema, docs/records.md and the goldens agree.

    tests/schema_test.py [FILE.ndjson...]

Without files: the schema itself and the records of the report's own golden (golden_test.py checks those of real captures). Uses Debian's python3-jsonschema.
"""
import argparse
import json
import pathlib
import re
import sys

from checks import Checks
from tree import ROOT

import jsonschema

SCHEMA = ROOT / "docs" / "schema" / "record.schema.json"
RECORDS = ROOT / "docs" / "records.md"
SAMPLE = ROOT / "src" / "report" / "testdata" / "sample.ndjson"
ORDER = ["audit", "capture", "certificate", "flow", "leg", "finding", "row", "summary"]


def objects(schema, path=""):
    """Every object schema with the path of keys that leads to it."""
    if schema.get("type") == "object":
        yield path, schema
    for key, child in schema.get("properties", {}).items():
        yield from objects(child, f"{path}.{key}" if path else key)
    if isinstance(schema.get("items"), dict):
        yield from objects(schema["items"], path + "[]")


def check_schema(checks, schema):
    """The schema is valid, closed, and every key of it is described, there and in docs/records.md."""
    jsonschema.Draft202012Validator.check_schema(schema)
    documented = set(re.findall(r"^\| `([^`]+)` \|", RECORDS.read_text(encoding="utf-8"), re.M))
    for kind, definition in schema["$defs"].items():
        for path, item in objects(definition):
            closed = item.get("additionalProperties") is False or "properties" not in item
            checks.expect(closed, f"schema: {kind}.{path} takes no key that it does not name")
            for key, child in item.get("properties", {}).items():
                full = f"{path}.{key}" if path else key
                described = child.get("description") or "$ref" in child and schema["$defs"][child["$ref"].split("/")[-1]].get("description")
                checks.expect(described, f"schema: {kind}: {full} is described")
                if kind in ORDER and full not in ("record", "schema_version"):
                    checks.expect(full in documented, f"docs/records.md has a line for {kind}: {full}")


def broken_by(record, schema):
    """What is wrong with a record, a line each. The definition of its own kind tells more than the choice of all does."""
    kind = record.get("record")
    if kind not in ORDER:
        return [f"no such kind of record: {kind!r}"]
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(record)]


def check_file(checks, path, schema):
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    broken = [f"line {number}, {record.get('record')}: {line}" for number, record in enumerate(records, 1) for line in broken_by(record, schema)]
    checks.expect(not broken, f"{path.name}: every record obeys the schema", "\n".join(broken))
    kinds = [record.get("record") for record in records]
    in_order = kinds == sorted(kinds, key=lambda kind: ORDER.index(kind) if kind in ORDER else -1)
    checks.expect(in_order and kinds[:1] == ["audit"] and kinds[-1:] == ["summary"], f"{path.name}: audit first, summary last, kinds in order")
    check_references(checks, path.name, records)


def check_references(checks, name, records):
    """What a record names is there: captures, certificates, legs, findings, rows."""
    of_kind = {kind: [r for r in records if r.get("record") == kind] for kind in ORDER}
    captures = {r["file"] for r in of_kind["capture"]}
    known = {"certificate": {r["sha256"] for r in of_kind["certificate"]}, "leg": {r["id"] for r in of_kind["leg"]},
             "finding": {r["id"] for r in of_kind["finding"]}, "row": {r["id"] for r in of_kind["row"]}, "flow": {r["flow"]["id"] for r in of_kind["flow"]}}
    dangling = []

    def expect(kind, value, where):
        if value is not None and value not in known[kind]:
            dangling.append(f"{where}: no {kind} {value}")

    for flow in of_kind["flow"]:
        where, tls = flow["flow"]["id"], flow.get("tls", {})
        dangling.extend(f"{where}: no capture {capture}" for capture in flow["flow"]["captures"] if capture not in captures)
        for side in ("client", "server"):
            for certificate in tls.get(side, {}).get("certificates", []):
                expect("certificate", certificate, where)
        expect("flow", tls.get("client_auth", {}).get("lineage"), where)
        expect("leg", flow.get("traffic", {}).get("leg"), where)
        for result in flow.get("results", []):
            expect("finding", result.get("finding"), where)
    for finding in of_kind["finding"]:
        dangling.extend(f"{finding['id']}: no capture {e['capture']}" for e in finding["evidence"] if e["capture"] not in captures)
        for leg in finding["legs"]:
            expect("leg", leg, finding["id"])
    for leg in of_kind["leg"]:
        for finding in leg["findings"]:
            expect("finding", finding, leg["id"])
    for row in of_kind["row"]:
        expect("finding", row.get("worst_finding"), row["id"])
    checks.expect(not dangling, f"{name}: everything that a record names is there", "\n".join(dangling))


def check_refusals(checks, schema):
    """The schema refuses what it has to: a test that cannot fail is none."""
    good = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    flow = next(record for record in good if record["record"] == "flow")
    for sentence, record in [
        ("an unknown key", {**flow, "verdict": "fine"}),
        ("an unknown key further in", {**flow, "network": {**flow["network"], "mtu": 1500}}),
        ("a lower-case hash", {**good[1], "sha256": good[1]["sha256"].lower()}),
        ("a time without a zone", {**flow, "event": {"start": "2026-01-05T09:00:00.000001", "end": flow["event"]["end"]}}),
        ("a missing key", {key: value for key, value in flow.items() if key != "observation"}),
        ("an unknown kind", {**flow, "record": "verdict"}),
    ]:
        checks.expect(broken_by(record, schema), f"the schema refuses {sentence}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    checks, schema = Checks("schema"), json.loads(SCHEMA.read_text(encoding="utf-8"))
    if options.file:
        for path in options.file:
            check_file(checks, path, schema)
        return checks.finish()
    check_schema(checks, schema)
    check_refusals(checks, schema)
    check_file(checks, SAMPLE, schema)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
