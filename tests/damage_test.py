#!/usr/bin/env python3
"""damage_test: a capture that lost something may say less, and never says something else.

    tests/damage_test.py [--sealtrace BUILD] [--seed N] [CAPTURE...]

Each sample capture (or each CAPTURE) is cut to 96 octets a frame, thinned, reordered, doubled, joined mid-stream, reduced to one
side, and split over two files. Whatever is done: no crash, and no flow that is still observed gets a verdict or a client
authentication that contradicts the whole capture, or one where the whole capture gave none. A failure whose worst frame was lost
may remain an accepted risk: what is left was read in clear all the same. Where servers offer an upgrade to TLS, the same traffic an hour
later, with losses, never has it stripped from a connection that had it. Doubled and split captures say the same as the whole one. The number of jobs never shows in the output.
"""
import itertools
import pathlib
import random
import sys
import tempfile

import pcapfile
from checks import Checks
from program import Crash, Program, arguments, captures, endpoints_of, get, of_kind, topology_of

SNAPLEN = 96
JOBS = (1, 2, 3, 5)
DECIDED = {"pass", "fail", "accepted_risk", "waived"}  # not_applicable decides nothing: what is left of the flow has no payload
CLAIMS = {"mutual", "one_way", "declined", "rejected"}


def cut(frames):
    return [pcapfile.Frame(f.time_ns, f.octets[:SNAPLEN], f.wire_bytes, f.link_type) for f in frames]


def thinned(frames, rng, share):
    return [frame for frame in frames if rng.random() >= share]


def reordered(frames, rng):
    """Frames that overtake each other by up to three places, as over links of different speed."""
    times = [frame.time_ns for frame in frames]
    order = sorted(range(len(frames)), key=lambda i: i + rng.choice((0, 0, 0, 1.5, 2.5, 3.5)))
    return [pcapfile.Frame(time, frames[i].octets, frames[i].wire_bytes, frames[i].link_type) for time, i in zip(times, order)]


def doubled(frames):
    """Each frame twice, as a span port shows what enters and what leaves."""
    return [pcapfile.Frame(f.time_ns + late, f.octets, f.wire_bytes, f.link_type) for f in frames for late in (0, 1000)]


def one_side(frames, lower):
    """Frames of the connections' lower, or higher, endpoint only."""
    def kept(frame):
        ends = pcapfile.endpoints(frame)
        return ends is None or (ends[0] < ends[1]) == lower
    return [frame for frame in frames if kept(frame)]


def damages(capture, seed):
    """(what was done, the damaged captures as one audit's inputs, whether it has to say the same)."""
    frames, rng = capture.frames, random.Random(seed)
    yield f"cut to {SNAPLEN} octets", [cut(frames)], False
    for percent, round_ in itertools.product((1, 10), range(3)):
        yield f"{percent} % lost ({round_ + 1})", [thinned(frames, rng, percent / 100)], False
    for round_ in range(2):
        yield f"reordered ({round_ + 1})", [reordered(frames, rng)], False
    yield "doubled", [doubled(frames)], True
    for eighths in (1, 2, 4):
        yield f"joined after {eighths}/8", [frames[len(frames) * eighths // 8:]], False
    yield "lower endpoints only", [one_side(frames, True)], False
    yield "higher endpoints only", [one_side(frames, False)], False
    for share in (3, 2):
        at = len(frames) // share
        yield f"split at 1/{share}", [frames[:at], frames[at:]], True


# Reasons that signalling shows of media in another flow: damage that takes the one leaves the other, judged by what it shows itself.
OF_OTHER_FLOWS = {"dtls_fingerprint_mismatch", "media_signalled_srtp_clear", "media_fell_back", "srtp_key_readable", "srtp_key_reused",
                  "srtp_unencrypted", "rtcp_in_clear", "srtcp_unencrypted", "srtp_unauthenticated", "srtp_short_tag", "digits_in_clear", "upgrade_stripped"}


def observed(records):
    """What an audit says of each conversation: {two endpoints: [(results by rule, client authentication)]}, an entry per flow."""
    found = {}
    for flow in of_kind(records, "flow"):
        key = (get(flow, "network.transport"), frozenset(endpoints_of(flow)))
        results = {result["rule"]: result["status"] for result in flow.get("results", [])}
        told = {result["reason"] for result in flow.get("results", [])}
        found.setdefault(key, []).append((results, get(flow, "tls.client_auth.status"), told))
    return found


def contradictions(whole, damaged):
    """What the damaged capture claims and the whole one does not."""
    for key, flows in damaged.items():
        names = " and ".join(sorted(key[1]))
        before = whole.get(key, [])
        for results, status, _ in flows:
            if status in CLAIMS and status not in {was for _, was, _ in before}:
                yield f"{names}: client_auth {status}, and {sorted({str(was) for _, was, _ in before})} on the whole capture"
            if any(told & OF_OTHER_FLOWS for _, _, told in before):
                continue  # lost with the flow that showed it
            for rule, verdict in results.items():
                known = {was[rule] for was, _, _ in before if rule in was}
                if "fail" in known:
                    known.add("accepted_risk")
                if verdict in DECIDED and verdict not in known and known:
                    yield f"{names}: {rule} {verdict}, and {sorted(known)} on the whole capture"


def upgrades(records):
    """The conversations whose server had an upgrade to TLS, and those of which it was stripped."""
    shown, stripped = set(), set()
    for flow in of_kind(records, "flow"):
        key = (get(flow, "network.transport"), frozenset(endpoints_of(flow)))
        for upgrade in get(flow, "application.upgrades") or []:
            if upgrade.keys() & {"offered", "required", "accepted"}:
                shown.add(key)
            if "stripped" in upgrade:
                stripped.add(key)
    return shown, stripped


def check_upgrades(checks, program, name, capture, extra, records, seed, folder):
    """Nothing that is lost of a connection makes its upgrade a stripped one, however often the server offered it before."""
    shown, stripped = upgrades(records)
    if not shown:
        return
    rng, hour = random.Random(seed), 3600 * 10**9
    for percent, round_ in itertools.product((3, 10, 30), range(4)):
        later = [pcapfile.Frame(f.time_ns + hour, f.octets, f.wire_bytes, f.link_type) for f in thinned(capture.frames, rng, percent / 100)]
        found = upgrades(audit(program, folder, [capture.frames, later], extra, capture.secrets))[1] - stripped
        checks.expect(not found, f"{name} an hour later, {percent} % lost ({round_ + 1}), has no upgrade stripped that was there",
                      "\n".join(" and ".join(sorted(key[1])) for key in found))


def legs(records):
    return {(leg["class"], leg["client"], leg["server"], leg.get("port"), leg["transport"]): leg["status"] for leg in of_kind(records, "leg")}


def audit(program, folder, parts, extra, secrets):
    paths = []
    for number, frames in enumerate(parts):
        paths.append(folder / f"part{number}.pcap")
        pcapfile.write(paths[-1], pcapfile.Capture(frames, secrets))
    return program.records("--no-hash", *extra, *paths, cwd=folder)


def check(checks, program, path, seed, folder):
    capture, name, extra = pcapfile.read(path), path.name, topology_of(path)
    records = program.records("--no-hash", *extra, path)
    whole, whole_legs = observed(records), legs(records)
    check_upgrades(checks, program, name, capture, extra, records, seed, folder)
    for what, parts, same in damages(capture, seed):
        try:
            records = audit(program, folder, parts, extra, capture.secrets)
        except Crash as error:
            checks.expect(False, f"{name} {what} is audited", error)
            continue
        found = list(contradictions(whole, observed(records)))
        checks.expect(not found, f"{name} {what} says nothing else", "\n".join(found))
        if same:
            after = legs(records)
            differing = [f"{leg}: {whole_legs.get(leg)} on the whole capture, now {after.get(leg)}"
                         for leg in sorted(whole_legs.keys() | after.keys(), key=str) if whole_legs.get(leg) != after.get(leg)]
            checks.expect(not differing, f"{name} {what} says the same of every leg", "\n".join(differing))
    outputs = {jobs: program.run("audit", "--format", "ndjson", "--no-hash", "--jobs", jobs, *extra, path).stdout.split(b"\n", 1)[1:]
               for jobs in JOBS}
    checks.expect(all(out == outputs[JOBS[0]] for out in outputs.values()), f"{name} gives the same octets for any number of jobs",
                  f"jobs that differ from {JOBS[0]}: {[jobs for jobs, out in outputs.items() if out != outputs[JOBS[0]]]}")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("capture", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    program, checks = Program(options.sealtrace), Checks("damage")
    for path in [p.resolve() for p in options.capture] or captures():
        with tempfile.TemporaryDirectory() as scratch:
            try:
                check(checks, program, path, options.seed, pathlib.Path(scratch))
            except Crash as error:
                checks.expect(False, f"{path.name} is audited", error)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
