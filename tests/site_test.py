#!/usr/bin/env python3
"""site_test: of a whole small site every planted fault is found, and none is invented; its clean twin has no finding of a failure.

    tests/site_test.py [--sealtrace BUILD]

captures/site.truth.tsv has a row for each flow of captures/site.pcapng (23 faults) and captures/site-clean.pcapng: its class, what an audit may
say of it, and the fault it belongs to. Media in clear must be found; media that is encrypted may stay open.
"""
import csv
import json
import sys

from checks import Checks
from program import CAPTURES, Program, arguments, endpoints_of, get, of_kind, topology_of

WORST = ["not_applicable", "pass", "waived", "accepted_risk", "inconclusive", "fail"]  # a flow is the worst of its results
MEDIA = {"audio-video-media", "conferencing-media", "desktop-sharing-media", "edge-media", "federation-media", "media-bypass",
         "mediation-gateway-media", "mediation-internal-media", "client-to-client"}
OPEN = ("inconclusive", "not_applicable")
WRONG = ("fail", "accepted_risk")


def allowed(cell, found):
    """Whether a cell of the truth allows what was found: `*` is open, `-` asks for nothing, `|` lists."""
    return cell in ("*", "-") or found in cell.split("|")


def status_of(flow):
    return max((result["status"] for result in flow.get("results", [])), key=WORST.index, default="not_applicable")


def in_clear(row):
    return row["reason"] == "media_clear"


def is_media(row, flow):
    return row["transport"] == "udp" and (row["class"] in MEDIA or get(flow, "traffic.class") in MEDIA or "media" in flow)


def check_flow(checks, label, row, flow):
    """Class and status are what the truth allows; media without a fault may stay open."""
    told = json.dumps({key: flow.get(key) for key in ("traffic", "results", "protocols")})
    media = is_media(row, flow)
    checks.expect(allowed(row["class"], get(flow, "traffic.class")) or media, f"{label} is of the class {row['class']}", told)
    status = status_of(flow)
    checks.expect(allowed(row["status"], status) or media and row["fault"] == "-" and status in OPEN, f"{label} is judged {row['status']}", told)
    if in_clear(row):
        clear = [result["reason"] for result in flow.get("results", [])].count("media_clear") > 0
        checks.expect(clear and all(media["protection"] == "rtp" for media in flow["media"]), f"{label} is proved to be in clear", told)


def check_capture(checks, program, name, rows):
    capture = CAPTURES / f"{name}.pcapng"
    records = program.records(*topology_of(capture), capture.name)
    flows = {}
    for flow in of_kind(records, "flow"):
        ends = endpoints_of(flow)
        for key in (ends, ends[::-1]):  # who opened a conversation of datagrams may be told either way
            flows.setdefault((get(flow, "network.transport"), *key), flow)
    legs = {leg["id"]: leg for leg in of_kind(records, "leg")}
    findings = {finding["id"]: finding for finding in of_kind(records, "finding")}
    found_faults, faulty_legs = set(), set()
    for row in rows:
        label = f"{name}: {row['client']} to {row['server']} ({row['seen']})"
        flow = flows.get((row["transport"], row["client"], row["server"]))
        if not checks.expect(flow is not None, f"{label} is a flow"):
            continue
        check_flow(checks, label, row, flow)
        for fault in (fault for fault in row["fault"].split(",") if fault != "-"):
            faulty_legs.update(result.get("finding", "") for result in flow.get("results", []))
            if allowed(row["status"], status_of(flow)) and status_of(flow) in (*WRONG, "inconclusive"):
                found_faults.add(fault)
    for fault in sorted({row["fault"] for row in rows} - {"-"}):
        checks.expect(fault in found_faults, f"{name}: the planted fault {fault} is found")
    invented = [finding for finding in findings.values() if finding["status"] in WRONG and finding["id"] not in faulty_legs]
    checks.expect(not invented, f"{name}: no fault is invented", "\n".join(
        f"{finding['id']} {finding['reason']}: {finding['message']} {[legs[leg]['class'] for leg in finding['legs']]}" for finding in invented))


def main():
    options = arguments(__doc__).parse_args()
    program, checks = Program(options.sealtrace), Checks("site")
    with open(CAPTURES / "site.truth.tsv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for name in sorted({row["capture"] for row in rows}):
        check_capture(checks, program, name, [row for row in rows if row["capture"] == name])
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
