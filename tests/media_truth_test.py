#!/usr/bin/env python3
"""media_truth_test: what is told of each direction of media agrees with captures/media.truth.tsv.

    tests/media_truth_test.py [--sealtrace BUILD] [NAME...]

The table has a row for each direction: what its payload is in truth, what the SDP says to a reader of the capture, who can read the key,
and what is to be found. Less certain than the truth is allowed, the contrary is not: no payload in clear is called protected, and no
protected one clear. What signalling shows (a key that can be read, one that is used twice, another's certificate, a fallback) must be told where
the table has it, and nowhere else.
"""
import collections
import csv
import json
import sys

from checks import Checks
from program import CAPTURES, Crash, Program, arguments, endpoints_of, get, of_kind, topology_of

# What may be said of a payload. The first word is that of a reader who knows all.
ALLOWED = {"srtp": ("srtp", "encrypted_unidentified", "undecided"), "clear": ("rtp", "undecided"), "null": ("srtp_null", "rtp", "undecided")}
RTCP_ALLOWED = {"srtp": ("srtcp", "none", None), "clear": ("rtcp", "none", None), "null": ("srtcp", "none", None)}
# What a finding of the table is in a record: a flag of the signalling of a stream in this direction, or a reason of the flow.
FLAGS = {"exposed_key": "key_readable", "key_reuse": "key_reused", "fingerprint_mismatch": "fingerprint_mismatch", "downgrade": "fell_back"}
# Of these the table names the direction that was changed; the other end of the same handshake, or the call whose key was taken, may be told too.
OF_BOTH_ENDS = {"key_reuse", "fingerprint_mismatch"}
REASONS = {"exposed_key": "srtp_key_readable", "unencrypted_srtp": "srtp_unencrypted", "unauthenticated_srtp": "srtp_unauthenticated",
           "short_tag": "srtp_short_tag", "signalled_srtp_clear": "media_signalled_srtp_clear", "clear_telephone_event": "digits_in_clear",
           "key_reuse": "srtp_key_reused", "fingerprint_mismatch": "dtls_fingerprint_mismatch", "downgrade": "media_fell_back",
           "unencrypted_srtcp": "srtcp_unencrypted"}


def truth_by_direction():
    """{capture: {(source, target, kind): rows}}: a stream that changed has a row for each of its states."""
    table = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(CAPTURES / "media.truth.tsv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            table[row["capture"]][row["source"], row["target"], row["kind"]].append(row)
    return table


def find_flow(records, source, target):
    """The flow between two endpoints and the direction from the first to the second."""
    for flow in of_kind(records, "flow"):
        if endpoints_of(flow) == (source, target):
            return flow, "client_to_server"
        if endpoints_of(flow) == (target, source):
            return flow, "server_to_client"
    return None, None


def findings_of(rows):
    return {finding for row in rows for finding in row["findings"].split(",") if finding != "-"}


def check_signalling(checks, label, rows, stream, everywhere):
    """What signalling says of a stream is what a reader of the capture can know. `everywhere`: the findings of the whole capture."""
    signalled = {word for row in rows for word in row["signalled"].split(",")}
    told = stream.get("signalling")
    declared = stream.get("declared", "")
    shown = json.dumps(stream)
    if signalled == {"-"}:
        checks.expect(told is None, f"{label}: no signalling of it can be read", shown)
        return
    if not checks.expect(told is not None, f"{label}: its signalling is found", shown):
        return
    if signalled == {"savp"}:
        checks.expect("SAVP" in declared and told["agreement"] != "clear" or "unencrypted_srtp" in findings_of(rows),
                      f"{label}: SAVP is what was agreed", shown)
    elif signalled == {"dtls"}:
        checks.expect(told.get("keying") == "dtls", f"{label}: DTLS keys it", shown)
    elif signalled == {"avp"}:
        checks.expect("SAVP" not in declared and told["agreement"] != "srtp", f"{label}: plain RTP is what was agreed", shown)
    wanted = findings_of(rows)
    for finding, flag in FLAGS.items():
        if finding == "exposed_key":  # a key that protects nothing can be read too
            allowed = finding in wanted or "readable" in {row["key"] for row in rows} or {row["payload"] for row in rows} <= {"clear", "null"}
        else:
            allowed = finding in (everywhere if finding in OF_BOTH_ENDS else wanted)
        checks.expect(allowed or not told.get(flag), f"{label}: {flag} is not made up", shown)
    keys = {row["key"] for row in rows}
    if "readable" not in keys:
        checks.expect(not get(stream, "keys.readable"), f"{label}: its key could not be read", shown)


def check_findings(checks, label, rows, flow, streams):
    """What the table has is found: by a reason of the flow, or a flag of one of its streams, for which another reason may stand first."""
    reasons = {result["reason"] for result in flow.get("results", [])}
    for finding in findings_of(rows) & REASONS.keys():
        flagged = any(get(stream, f"signalling.{FLAGS[finding]}") for stream in streams) if finding in FLAGS else False
        checks.expect(REASONS[finding] in reasons or flagged, f"{label}: {finding} is found", json.dumps(flow.get("results")))


def check_direction(checks, label, rows, flow, direction, everywhere):
    """Every stream of a direction is allowed by some row, and what is in clear is found as such."""
    payloads = {row["payload"] for row in rows}
    allowed = {word for payload in payloads for word in ALLOWED[payload]}
    streams = [stream for stream in flow.get("media", []) if stream["direction"] == direction]
    if not checks.expect(streams, f"{label}: its streams are found", json.dumps(flow.get("protocols"))):
        return
    for stream in streams:
        name = f"{label}, {stream['ssrc']}"
        checks.expect(stream["protection"] in allowed, f"{name} is {' or '.join(sorted(payloads))}", json.dumps(stream))
        for change in stream.get("changes", []):
            checks.expect(change["protection"] in allowed, f"{name} was never anything else", json.dumps(stream))
        check_signalling(checks, name, rows, stream, everywhere)
    check_findings(checks, label, rows, flow, flow["media"] if findings_of(rows) & OF_BOTH_ENDS else streams)
    words = {stream["protection"] for stream in streams}
    if "clear" in payloads:
        checks.expect("rtp" in words, f"{label}: clear payload is proved", json.dumps(streams))
    if {row["key"] for row in rows} == {"key_log"} and payloads == {"srtp"}:
        checks.expect(all(get(stream, "keys.verified_packets", 0) or stream["protection"] == "srtp" for stream in streams),
                      f"{label}: with the key log it is proved", json.dumps(streams))


def check_rtcp(checks, label, rows, flow, direction):
    """Control packets that share the flow of their media are told as they are; those of a port of their own are seen from the media's."""
    allowed = {word for row in rows for word in RTCP_ALLOWED[row["payload"]]}
    for stream in flow.get("media", []):
        if stream["direction"] == direction:
            checks.expect(stream.get("rtcp") in allowed, f"{label}, {stream['ssrc']}: its control packets are told as they are", json.dumps(stream))


def check_capture(checks, program, path, directions):
    records = program.records(*topology_of(path), path.name)
    everywhere = {finding for rows in directions.values() for finding in findings_of(rows)}
    for (source, target, kind), rows in sorted(directions.items()):
        flow, direction = find_flow(records, source, target)
        label = f"{path.name}: {kind} from {source} to {target}"
        if not checks.expect(flow is not None, f"{label} is a flow"):
            continue
        if kind == "rtp":
            check_direction(checks, label, rows, flow, direction, everywhere)
        else:
            check_rtcp(checks, label, rows, flow, direction)


def main():
    parser = arguments(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    checks, program = Checks("media_truth"), Program(options.sealtrace)
    for name, directions in sorted(truth_by_direction().items()):
        if options.names and name not in options.names:
            continue
        paths = [path for path in (CAPTURES / f"{name}.pcap", CAPTURES / f"{name}.pcapng") if path.exists()]
        if not checks.expect(paths, f"{name} is there"):
            continue
        try:
            check_capture(checks, program, paths[0], directions)
        except Crash as crash:
            checks.expect(False, f"{name} is audited", crash)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
