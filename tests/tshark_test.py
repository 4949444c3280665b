#!/usr/bin/env python3
"""tshark_test: what secrets open is what tshark reads with the same secrets, and QUIC's hellos name what tshark names.

    tests/tshark_test.py [--sealtrace BUILD] [--every N]

Compared are the captures that carry their secrets, of captures/, ../shared/corpus and ../shared/tls13, and every Nth (default 20) of the latter's
that have a key log: per TLS connection the messages of the handshake with their frames, and the requests inside. Of QUIC, the server names of
every connection of ../shared/corpus that its oracle, which tshark made, names. What both read differently and rightly so is named below, with the
reason; everything else is a failure. The last lines before the count are the figures.
"""
import collections
import json
import pathlib
import shutil
import subprocess
import sys

from checks import Checks
from program import CAPTURES, Program, arguments, get, of_kind
from tree import ROOT

SHARED = ROOT.parent / "shared"
CORPUS, TLS13 = SHARED / "corpus", SHARED / "tls13"
MAX_CAPTURE_BYTES = 64 << 20
TSHARK_SECONDS = 300
MAX_SEGMENTS = 12  # of a record: 16 KiB and what surrounds them
SECTION_HEADER, SECRETS_BLOCK = b"\x0a\x0d\x0d\x0a", 0x0A
# Key of a record's tls.frames by (sender, HandshakeType). Of a message that both sides send, each has its own.
FRAMES = {("C", 1): "client_hello", ("S", 2): "server_hello", ("S", 11): "server_certificate", ("S", 13): "certificate_request",
          ("C", 11): "client_certificate", ("C", 15): "certificate_verify", ("C", 20): "client_finished", ("S", 20): "server_finished"}
FIELDS = ["frame.number", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tls.handshake.type",
          "http.request.method", "http2.headers.method", "http.host", "sip.Method"]


def has_secrets(path):
    """Whether a file is pcapng with a Decryption Secrets Block of a TLS key log."""
    if path.stat().st_size > MAX_CAPTURE_BYTES:
        return False
    content = path.read_bytes()
    if content[:4] != SECTION_HEADER:
        return False
    order = "little" if content[8:12] == b"\x4d\x3c\x2b\x1a" else "big"
    at = 0
    while at + 12 <= len(content):
        kind, length = (int.from_bytes(content[at + i:at + i + 4], order) for i in (0, 4))
        if kind == SECRETS_BLOCK:
            return True
        if length < 12 or length % 4:
            return False
        at += length
    return False


class Connection:
    """What tshark reads of one TCP connection."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.messages = {}  # by (sender, type): frames
        self.requests = {"http": set(), "host": set(), "sip": set()}

    def decrypted(self):
        return ("C", 20) in self.messages or ("S", 20) in self.messages


def read_by_tshark(path, keylog, sip_ports):
    """The connections. tshark looks for SIP inside TLS on the ports it is told, and nowhere else."""
    command = ["tshark", "-n", "-r", path, "-Y", "tls.handshake.type || http.request || http2.headers.method || sip.Method", "-T", "fields",
               "-E", "occurrence=a"]
    if keylog:
        command += ["-o", f"tls.keylog_file:{keylog}"]
    for port in sorted(sip_ports):
        command += ["-d", f"tls.port=={port},sip"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=TSHARK_SECONDS)
    connections = {}
    for line in done.stdout.splitlines():
        row = dict(zip(FIELDS, line.split("\t")))
        if not row["tcp.stream"] or "," in row["tcp.stream"]:
            continue  # QUIC, DTLS, or a tunnel
        source = (row["ip.src"] or row["ipv6.src"], row["tcp.srcport"])
        target = (row["ip.dst"] or row["ipv6.dst"], row["tcp.dstport"])
        types = [int(kind) for kind in row["tls.handshake.type"].split(",") if kind]
        if row["tcp.stream"] not in connections:
            client_first = 1 in types or not types
            connections[row["tcp.stream"]] = Connection(source if client_first else target, target if client_first else source)
        connection = connections[row["tcp.stream"]]
        sender = "C" if source == connection.client else "S"
        for kind in types:
            connection.messages.setdefault((sender, kind), []).append(int(row["frame.number"]))
        connection.requests["http"].update(filter(None, (row["http.request.method"] + "," + row["http2.headers.method"]).split(",")))
        connection.requests["host"].update(filter(None, row["http.host"].split(",")))
        connection.requests["sip"].update(filter(None, row["sip.Method"].split(",")))
    return connections.values()


def ends_of(flow):
    return tuple((flow[side]["ip"], str(flow[side]["port"])) for side in ("client", "server"))


class Figures(collections.Counter):
    def line(self):
        return ", ".join(f"{name} {count}" for name, count in sorted(self.items()))


def compare_messages(checks, figures, name, connection, flow):
    """The frames of the handshake. A message that came twice (a retry, a renegotiation) may be shown by either."""
    frames = get(flow, "tls.frames") or {}
    for key, word in FRAMES.items():
        theirs, ours = connection.messages.get(key, []), frames.get(word)
        both = (bool(theirs), ours is not None)
        if both == (False, False):
            continue
        figures["messages"] += 1
        if ours is None or not theirs:
            checks.expect(False, f"{name}: {word} is read by both", f"tshark in {theirs}, sealtrace in {ours}")
        elif theirs[0] - MAX_SEGMENTS <= ours < theirs[0]:
            figures["messages before the end of their record"] += 1  # tshark names the frame that completes the record, sealtrace the message
        else:
            checks.expect(ours in theirs, f"{name}: {word} is in the frame that tshark names", f"tshark {theirs}, sealtrace {ours}")


def compare_requests(checks, figures, name, connection, flow):
    inside = flow.get("inside", {})
    if inside.get("protocols") not in (None, ["http"], ["sip"], ["http", "sip"]):
        figures["of other protocols inside"] += 1  # a stream is of the protocol that it begins with; tshark asks again at every record
        return
    if "sip" in inside.get("protocols", []) and not get(inside, "sip.via_transports"):
        figures["of SIP without a single field"] += 1  # tshark does not take such a request
        return
    pairs = {"http": set(get(inside, "http.methods") or []), "host": set(get(inside, "http.hosts") or []),
             "sip": set(get(inside, "sip.methods") or []) - {"other"}}
    for what, ours in pairs.items():
        theirs = {value.lower().split(":")[0] if what == "host" else value for value in connection.requests[what]}
        ours = {value.lower().split(":")[0] if what == "host" else value for value in ours}
        if what == "host" and "h2" in str(get(flow, "tls.next_protocol")):
            continue  # HTTP/2 has :authority, which tshark names apart
        if theirs or ours:
            figures[f"{what} values"] += len(theirs | ours)
            checks.equal(ours, theirs, f"{name}: {what} inside is what tshark reads")


def compare_tls(checks, program, figures, path, keylog=None):
    options = ["--keylog", keylog] if keylog else []
    flows = {}
    for flow in of_kind(program.records(*options, path), "flow"):
        if "tls" in flow and get(flow, "network.transport") == "tcp":
            flows.setdefault(ends_of(flow), []).append(flow)
    sip_ports = {ends[1][1] for ends, several in flows.items() for flow in several if "sip" in (get(flow, "inside.protocols") or [])}
    connections = list(read_by_tshark(path, keylog, sip_ports))
    seen = collections.Counter((connection.client, connection.server) for connection in connections)
    for connection in connections:
        ends = (connection.client, connection.server)
        if not connection.decrypted() or seen[ends] != 1 or len(flows.get(ends, [])) > 1:
            continue
        figures["connections"] += 1
        name = f"{path.name} {':'.join(connection.client)} -> {':'.join(connection.server)}"
        if not checks.expect(ends in flows, f"{name}: is a TLS flow"):
            continue
        flow = flows[ends][0]
        checks.expect(get(flow, "tls.decrypted"), f"{name}: was decrypted, as by tshark")
        compare_messages(checks, figures, name, connection, flow)
        compare_requests(checks, figures, name, connection, flow)


def compare_quic(checks, program, figures):
    """Server names of QUIC's hellos, as the oracle of the corpus has them."""
    for oracle in sorted((CORPUS / "oracle").rglob("*.jsonl")):
        capture = CORPUS / str(oracle.relative_to(CORPUS / "oracle")).removesuffix(".jsonl")
        if oracle.name.endswith(".withkeys.jsonl") or not capture.is_file():
            continue
        theirs = {}  # the versions by which each end named a server
        for line in oracle.read_text().splitlines():
            entry = json.loads(line)
            if entry["kind"] == "quic" and (name := get(entry, "client_hello.sni")):
                theirs.setdefault((str(entry["src"]), str(entry["sport"]), name.lower()), set()).update(entry["quic_versions"])
        if not theirs:
            continue
        ours = {(flow["client"]["ip"], str(flow["client"]["port"]), get(flow, "tls.client.server_name").lower())
                for flow in of_kind(program.records("--ignore-secrets", capture), "flow")
                if get(flow, "network.transport") == "udp" and get(flow, "tls.client.server_name")}
        figures["names that agree"] += len(ours & set(theirs))
        for only in sorted(set(theirs) - ours):
            figures["names only by tshark"] += 1
            googles = theirs[only] and all(bytes.fromhex(version[2:])[:1] in (b"Q", b"T") for version in theirs[only])
            checks.expect(googles, f"{capture.name}: {only} is named, or of a version of Google's own (Q0xx, T0xx)", theirs[only])
        wrong = {name for name in ours - set(theirs) if any(name[:2] == other[:2] for other in theirs)}
        checks.expect(not wrong, f"{capture.name}: no QUIC hello has another name than tshark reads", sorted(wrong))


def main():
    parser = arguments(__doc__)
    parser.add_argument("--every", type=int, default=20)
    options = parser.parse_args()
    checks = Checks("tshark")
    program = Program(options.sealtrace)
    if shutil.which("tshark") is None:
        checks.skip("decrypted handshakes and QUIC names are those of tshark", "there is no tshark")
        return checks.finish()
    folders = [CAPTURES, CORPUS, TLS13 / "dsb"]
    tls, quic = Figures(), Figures()
    for folder in folders:
        if not folder.is_dir():
            checks.skip(f"decrypted handshakes of {folder.name}", f"there is no {folder}")
    for path in sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file() and has_secrets(path)):
        compare_tls(checks, program, tls, path)
    for keylog in sorted((TLS13 / "keylog").glob("*.keylog"))[::options.every]:
        if (capture := TLS13 / "pcap" / (keylog.stem + ".pcap")).is_file():
            compare_tls(checks, program, tls, capture, keylog)
    if (CORPUS / "oracle").is_dir():
        compare_quic(checks, program, quic)
    print(f"TLS with secrets: {tls.line()}")
    print(f"QUIC: {quic.line()}")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
