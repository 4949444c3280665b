#!/usr/bin/env python3
"""Checks a sample capture with tshark against what it is meant to hold, and writes its description.

  describe.py capture OUT NAME TRUTH STREAMS SECRETS VERSIONS < TEXT   checks OUT/NAME.pcap[ng]; writes NAME.md and its rows of the tables
  describe.py index OUT                                        writes README.md, the table of all captures

TRUTH has a line for each flow, in the order in which the flows begin:
CLIENT SERVER:PORT VERSION CLIENT_AUTH EXPECTED [RESULT]; a line whose last field ends in '+' stands for one or more
flows. CLIENT_AUTH is the truth; EXPECTED is the status and basis (or cause) that the packets in the file can show.
For a flow without TLS, VERSION and CLIENT_AUTH are '-', and EXPECTED is clear/PROTOCOL[/PROTOCOL...] or encrypted/PROTOCOL
(SRTP, SSH, SMB 3 and the like), PROTOCOL being tshark's name of what the flow carries. Of DTLS inside TURN, EXPECTED ends in /turn.
STREAMS has a line for each direction of media, in the columns of media.truth.tsv; SECRETS has one for each secret of the capture: NAME KIND
SECRET. Neither needs to exist. The tables are truth.tsv, media.truth.tsv and secrets.tsv.
"""
import collections
import pathlib
import subprocess
import sys

TRUTH_COLUMNS = ["capture", "transport", "client", "server", "version", "client_auth", "expected", "leg_result", "frames"]
STREAM_COLUMNS = ["capture", "source", "target", "carrier", "kind", "payload", "signalled", "key", "findings"]
SECRET_COLUMNS = ["capture", "kind", "secret"]
WITHOUT_TLS = ("clear", "encrypted")  # what EXPECTED begins with where there is no handshake to look at
EITHER_SIDE_FIRST = ("rtp", "rtcp", "srtp", "srtcp")
DECODE_AS = {"srtp": "rtp", "srtcp": "rtcp"}  # tshark's name for "decode as", where it is not that of the protocol
TCP_PROTOCOLS = ("xmpp", "http2")  # which tshark looks for on one port only
ALONGSIDE = {"eth", "ethertype", "ip", "tcp", "udp", "data"}  # of frame.protocols: what every flow has
MESSAGES = {0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 3: "HelloVerifyRequest", 4: "NewSessionTicket", 5: "EndOfEarlyData",
            8: "EncryptedExtensions", 11: "Certificate", 12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone",
            15: "CertificateVerify", 16: "ClientKeyExchange", 20: "Finished", 22: "CertificateStatus"}
VERSIONS = {0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", 0x0304: "1.3", 0xfeff: "1.0", 0xfefd: "1.2"}
TLS_PORTS = {"443", "444", "4443", "5061", "5062", "5067", "5070", "8057"}  # of the lab: no heuristics needed; STARTTLS is found by content
MAX_FRAME_BYTES = 1514  # Ethernet with an MTU of 1500: more would be an offload artefact
MAX_CAPTURE_BYTES = 250_000
COMMON = ["frame.number", "frame.len", "frame.cap_len", "ip.src", "ip.dst", "tcp.stream", "udp.stream", "tcp.srcport", "tcp.dstport", "udp.srcport",
          "udp.dstport", "tcp.flags.syn", "tcp.flags.ack", "tcp.checksum.status", "udp.checksum.status", "tcp.len", "frame.protocols", "_ws.col.Protocol"]
PER_PROTOCOL = ["handshake.type", "record.content_type", "handshake.version", "handshake.extensions.supported_version",
                "handshake.certificates_length", "alert_message.desc", "handshake.ciphersuite"]


def numbers(text):
    return [int(item, 0) for item in text.split(",") if item]


def run_tshark(path, *options):
    fields = COMMON + [f"{protocol}.{name}" for protocol in ("tls", "dtls") for name in PER_PROTOCOL]
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=a", "-o", "tcp.check_checksum:TRUE", "-o",
               "udp.check_checksum:TRUE", *options]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [dict(zip(fields, line.split("\t"))) for line in done.stdout.splitlines()]


class Flow:
    """Flow is what tshark reads of one TCP connection or UDP conversation."""

    def __init__(self, transport, client, server, first):
        self.transport, self.client, self.server = transport, client, server
        self.first = self.last = first
        self.steps = []  # (side, [message]) runs
        self.version = self.suite = None
        self.syn = self.requested = self.verified = False
        self.certificate = None  # of the client: None, or the number of bytes of its list
        self.finished_sides, self.fatal = set(), False
        self.data = {"C": 0, "S": 0}
        self.protocols = collections.Counter()  # what a frame carries above TCP or UDP, with the number of frames

    def add(self, side, message):
        if not self.steps or self.steps[-1][0] != side:
            self.steps.append((side, []))
        messages = self.steps[-1][1]
        if message.startswith("encrypted") and messages and messages[-1] == message:
            return
        messages.append(message)

    def packet(self, row):
        self.last = int(row["frame.number"])
        source = row["ip.src"] + ":" + (row["tcp.srcport"] or row["udp.srcport"])
        side = "C" if source == self.client else "S"
        self.data[side] += 1
        carried = [name for name in row["frame.protocols"].split(":") if name not in ALONGSIDE]
        if row["_ws.col.Protocol"] in ("SRTP", "SRTCP"):
            carried = [row["_ws.col.Protocol"].lower()]  # to tshark a manner of RTP, not a protocol
        if carried:
            self.protocols["/".join(dict.fromkeys(carried))] += 1
        for protocol in ("tls", "dtls"):
            self.records(side, {name: row[f"{protocol}.{name}"] for name in PER_PROTOCOL})

    def records(self, side, row):
        kinds, contents = numbers(row["handshake.type"]), numbers(row["record.content_type"])
        lengths = numbers(row["handshake.certificates_length"])
        for kind in kinds:
            self.add(side, MESSAGES.get(kind, f"handshake {kind}"))
            if kind == 2:
                versions = numbers(row["handshake.version"]) + numbers(row["handshake.extensions.supported_version"])
                self.version = VERSIONS.get(versions[-1])
                self.suite = numbers(row["handshake.ciphersuite"])[-1]
            elif kind == 11 and side == "C":
                self.certificate = lengths[0] if lengths else 0
            elif kind == 13:
                self.requested = True
            elif kind == 15 and side == "C":
                self.verified = True
        if 20 in contents:
            self.add(side, "ChangeCipherSpec")
            self.finished_sides.add(side)
        for alert in numbers(row["alert_message.desc"]):
            self.add(side, f"Alert {alert}")
            self.fatal = self.fatal or (alert != 0 and alert not in (90, 100))
        if 21 in contents and not row["alert_message.desc"]:
            self.add(side, "encrypted alert")
        if 22 in contents and not kinds:
            self.add(side, "encrypted handshake")
        if 23 in contents and not kinds:
            self.add(side, "encrypted data")

    def carries(self, protocol):
        return protocol == self.transport or any(protocol in names.split("/") for names in self.protocols)

    def protocol_text(self):
        return ", ".join(f"{names} ({count} frames)" for names, count in self.protocols.most_common())

    def text(self):
        return " / ".join(f"{side}: {', '.join(messages)}" for side, messages in self.steps)

    def certificate_seen_of_server(self):
        return any(side == "S" and "Certificate" in messages for side, messages in self.steps)

    def status(self):
        """What the decoded messages say, in the words of client_auth; None where they cannot."""
        if self.version is None or not (self.data["C"] and self.data["S"]):
            return None
        if self.fatal:
            return {None: None, 0: "declined"}.get(self.certificate, "rejected")
        if self.certificate is not None:
            if self.certificate == 0:
                return "declined"
            return "mutual" if self.requested and self.verified and len(self.finished_sides) == 2 else None
        if self.requested:
            return None
        if self.version == "1.3":
            return "one_way" if self.certificate_seen_of_server() else None
        return "one_way" if self.certificate_seen_of_server() or self.steps_have("ServerKeyExchange") else None

    def steps_have(self, message):
        return any(message in messages for _, messages in self.steps)


def read_flows(path, *options):
    flows, problems = {}, []
    for row in run_tshark(path, *options):
        number = row["frame.number"]
        if int(row["frame.len"]) > MAX_FRAME_BYTES:
            problems.append(f"frame {number} is longer than the MTU: an offload artefact")
        cut = row["frame.len"] != row["frame.cap_len"]
        for protocol in ("tcp", "udp"):
            # tshark cannot verify the checksum of a cut frame
            if row[f"{protocol}.checksum.status"] not in ("", "1") and not cut:
                problems.append(f"frame {number} has a wrong {protocol} checksum")
        transport = "tcp" if row["tcp.stream"] else "udp"
        if not row[f"{transport}.stream"]:
            continue
        source = row["ip.src"] + ":" + row[f"{transport}.srcport"]
        target = row["ip.dst"] + ":" + row[f"{transport}.dstport"]
        # tshark begins a new UDP stream where signalling announces one: the endpoints say more.
        key = (transport, row["tcp.stream"] or frozenset((source, target)))
        if key not in flows:
            # TCP joined mid-stream, or one-sided: the server is the side with the lower port. UDP: who sends first is the client.
            begins = row["tcp.flags.syn"] in ("1", "True")
            answers = begins and row["tcp.flags.ack"] in ("1", "True")
            lower = transport == "tcp" and int(source.rsplit(":", 1)[1]) < int(target.rsplit(":", 1)[1])
            client, server = (target, source) if answers or (not begins and lower) else (source, target)
            flows[key] = Flow(transport, client, server, int(number))
            flows[key].syn = begins
        flows[key].packet(row)
    return list(flows.values()), problems


def check_flow(flow, version, auth, expected):
    """Compares one flow with its truth; what the file cannot show must not be visible to tshark either."""
    where = f"{flow.client} -> {flow.server}"
    if expected.endswith("/turn"):  # a handshake in ChannelData, which tshark does not look for there
        if flow.version or not flow.carries("stun"):
            yield f"{where}: not TURN, or a handshake outside ChannelData: {flow.text()}"
        return
    status, basis = (expected.split("/") + [""])[:2]
    seen = flow.status()
    if version not in ("-", flow.version or "-"):
        yield f"{where}: version {flow.version}, meant {version}"
    if status == "none":
        return
    if expected == "clear/pseudo-tls":  # [MS-TURN]: two hellos, and nothing of TLS after them
        if not flow.version or flow.finished_sides or flow.certificate_seen_of_server():
            yield f"{where}: not the hellos of pseudo-TLS: {flow.text()}"
        return
    if status in WITHOUT_TLS:
        for protocol in expected.split("/")[1:]:
            # What tshark calls SRTP is what SDP said, where it had read that; media.truth.tsv has what it is.
            alike = {protocol} | {name for pair in DECODE_AS.items() if protocol in pair for name in pair}
            if not any(map(flow.carries, alike)):
                yield f"{where}: tshark does not read {protocol}: {flow.protocol_text()}"
        if flow.version:
            yield f"{where}: there is a TLS handshake: {flow.text()}"
    if basis in ("decoded", "decrypted") and not (seen == status == auth):
        # After a renegotiation with secrets the last handshake counts, and that is what tshark reads last.
        yield f"{where}: tshark reads {seen}, meant {status} ({auth} in truth): {flow.text()}"
    if basis in ("lineage", "resumed") and (flow.certificate is not None or flow.certificate_seen_of_server()):
        yield f"{where}: not a resumption: {flow.text()}"
    if basis == "encrypted" and seen:
        yield f"{where}: tshark reads {seen} of what is meant to be encrypted"
    if basis == "renegotiated" and not (flow.steps_have("encrypted handshake") and seen):
        yield f"{where}: not a renegotiation: {flow.text()}"
    if basis == "mid_stream" and (flow.syn or flow.version):
        yield f"{where}: the beginning is in the capture: {flow.text()}"
    if basis == "client_not_seen" and flow.data["C"] and flow.data["S"]:
        yield f"{where}: both sides are in the capture"


def match(flows, truth):
    """Pairs each flow with its line of the truth."""
    pairs, problems, rest = [], [], list(flows)
    for line in truth:
        client, server = line[0], line[1]
        many = line[-1].endswith("+")
        # With its port where other flows are between the same address and the same server.
        fitting = [flow for flow in rest if client in (flow.client, flow.client.rsplit(":", 1)[0]) and flow.server == server]
        if not fitting and line[4].split("/")[1:] and line[4].rstrip("+").split("/")[1] in (*EITHER_SIDE_FIRST, "stun"):
            # Media and its keep-alives have no client: whose packet comes first is chance.
            fitting = [flow for flow in rest if flow.server.rsplit(":", 1)[0] == client and flow.client == server]
        if not fitting:
            problems.append(f"no flow from {client} to {server}")
        for flow in fitting if many else fitting[:1]:
            pairs.append((flow, [field.rstrip("+") for field in line]))
            rest.remove(flow)
    problems += [f"a flow that nobody meant: {flow.client} -> {flow.server}: {flow.text()}" for flow in rest]
    return sorted(pairs, key=lambda pair: pair[0].first), problems


def version_text(flow, expected, suite):
    if expected.split("/")[0] in WITHOUT_TLS:
        return "no TLS"
    return " ".join(filter(None, [flow.version or "not seen", suite]))


def find_capture(out, name):
    for ending in (".pcap", ".pcapng"):
        if (out / (name + ending)).exists():
            return out / (name + ending)
    sys.exit(f"{name} is missing")


def suite_names():
    done = subprocess.run(["openssl", "ciphers", "-V", "-stdname", "ALL:eNULL:aNULL:@SECLEVEL=0"], check=True, capture_output=True, text=True)
    names = {}
    for line in done.stdout.splitlines():
        code, _, name = line.split()[:3]
        high, low = code.split(",")
        names[int(high, 0) * 256 + int(low, 0)] = name
    return names


def update_table(path, columns, name, rows):
    """Puts these rows in the place of those of the same capture."""
    kept = []
    if path.exists():
        kept = [line.split("\t") for line in path.read_text().splitlines()[1:] if line.split("\t")[0] != name]
    lines = sorted(kept + rows, key=lambda row: row[0])
    path.write_text("\n".join("\t".join(row) for row in [columns] + lines) + "\n")


def decode_options(truth):
    """What tshark must be told: which protocol is on which port."""
    rules = set()
    for line in truth:
        port, (status, _, protocol) = line[1].rsplit(":", 1)[1], line[4].rstrip("+").partition("/")
        if status not in WITHOUT_TLS and port in TLS_PORTS:
            rules |= {f"tcp.port=={port},tls", f"udp.port=={port},dtls"}
        elif protocol in TCP_PROTOCOLS:
            rules.add(f"tcp.port=={port},{protocol}")
        elif protocol in EITHER_SIDE_FIRST:
            name = DECODE_AS.get(protocol, protocol)
            rules |= {f"udp.port=={port},{name}"} | ({f"tcp.port=={port},{name}"} if name == "rtp" else set())  # RFC 4571
    return [word for rule in sorted(rules) for word in ("-d", rule)]


def read_secrets(path, frames):
    """The rows of the secrets of a capture, and what is wrong with them: a secret that is not there proves nothing."""
    rows = [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []
    problems = []
    for _, kind, value in rows:
        there = value.encode() in frames or is_hex(value) and bytes.fromhex(value) in frames
        if there and kind.endswith("_unsent") or not there and not kind.endswith(("_unsent", "_encoded")):
            problems.append(f"the {kind} {value} is {'' if there else 'not '}in the capture")
    return rows, problems


def read_streams(path, flows):
    """The rows of the media of a capture, and what is wrong with them: each is a direction of a flow that the capture holds."""
    rows = [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []
    problems = []
    for row in rows:
        _, source, target, *rest = row
        if len(row) != len(STREAM_COLUMNS):
            problems.append(f"a stream with {len(row)} columns: {row}")
        sent = sum(flow.data["C"] if flow.client == source and flow.server == target else flow.data["S"]
                   for flow in flows if {flow.client, flow.server} == {source, target})
        if not sent:
            problems.append(f"no packet from {source} to {target} for a stream: {' '.join(rest)}")
    return rows, problems


def is_hex(text):
    return len(text) % 2 == 0 and all(digit in "0123456789abcdef" for digit in text)


def capture(out, name, truth_path, streams_path, secrets_path, versions):
    path = find_capture(out, name)
    truth = [line.split("\t") for line in pathlib.Path(truth_path).read_text().splitlines()]
    flows, problems = read_flows(path, *decode_options(truth))
    secrets, wrong = read_secrets(pathlib.Path(secrets_path), path.read_bytes())
    problems += wrong
    streams, wrong = read_streams(pathlib.Path(streams_path), flows)
    problems += wrong
    pairs, unmatched = match(flows, truth)
    problems += unmatched
    for flow, line in pairs:
        problems += check_flow(flow, *line[2:5])
    if path.stat().st_size > MAX_CAPTURE_BYTES:
        problems.append(f"{path.stat().st_size} bytes are too many")
    if problems:
        sys.exit("\n".join([f"{path.name}:"] + problems[:40]))

    suites, rows = suite_names(), []
    table = ["| client | server | version, suite | frames | client authentication in truth | to be seen | handshake as tshark reads it |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for flow, line in pairs:
        result = line[5] if len(line) > 5 else "-"
        rows.append([name, flow.transport, flow.client, flow.server, line[2], line[3], line[4].removesuffix("/turn"), result, f"{flow.first}-{flow.last}"])
        suite = suites.get(flow.suite, "")
        table.append(f"| {flow.client} | {flow.server} | {version_text(flow, line[4], suite)} | "
                     f"{flow.first}–{flow.last} | {line[3]} | {line[4]} | {flow.text() or flow.protocol_text() or 'nothing'} |")
    update_table(out / "truth.tsv", TRUTH_COLUMNS, name, rows)
    if streams:
        update_table(out / "media.truth.tsv", STREAM_COLUMNS, name, streams)
    if secrets:
        update_table(out / "secrets.tsv", SECRET_COLUMNS, name, secrets)

    summary, _, rest = sys.stdin.read().strip().partition("\n")
    made, mark, verdict = rest.strip().partition("## What an audit should say")
    text = [f"# {path.name}", "", summary, "", made.strip(), "", f"Programs: {versions} (Debian 12).",
            "Recorded by `scripts/make-captures " + name + "` on the bridge between network namespaces, offloads off, full frames.", "",
            "## What is in it", "", *table, "", *stream_table(streams), mark, "", verdict.strip(), ""]
    (out / f"{name}.md").write_text("\n".join(text))


def stream_table(streams):
    if not streams:
        return []
    head = ["| from | to | carried in | kind | payload in truth | signalled | key | to be found |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    return head + [f"| {' | '.join(row[1:])} |" for row in streams] + [""]


def index(out):
    truth = [line.split("\t") for line in (out / "truth.tsv").read_text().splitlines()[1:]]
    lines = ["# Sample captures", "",
             "Real programs talking to each other in network namespaces, recorded by `scripts/make-captures` (Debian 12, root). Keys, certificates",
             "and secrets in them belong to a lab that no longer exists. Each capture has a page that says how it was made and what an audit",
             "should say. `truth.tsv` has a row for each flow: what the flow is in truth (`client_auth`, known from how the programs were started)",
             "and what a passive reader can know from this file (`expected`: status and basis, or cause). For a capture with secrets inside,",
             "`expected` is for a reader that uses them. `leg_result` is the verdict on the leg under `lync-2013` with the topology.",
             "For a flow without TLS, `version` and `client_auth` are `-` and `expected` says `clear` or `encrypted`, and the protocol as tshark names it.",
             "`secrets.tsv` lists what is secret in a capture and may stand in no output: passwords, digests, cookies, keys, bodies. A kind in",
             "`_unsent` is known to both ends and crosses the wire in no form; one in `_encoded` crosses it in another form.",
             "`media.truth.tsv` has a row for each direction of media in the captures of calls: what its payload is in truth (`clear`, `srtp`, `null`: SRTP",
             "that authenticates and does not encrypt), what the SDP says (`-`: none that a reader has), who can read its key, and what is to be found.",
             "`media.topology.yaml` belongs to the captures whose names begin with `media-`.",
             "`deployment.topology.yaml` and the certificates in `deployment-ca/` belong to the two deployment captures; `site.topology.yaml`,",
             "`site-ca/`, `site.truth.tsv` (a row for each flow of any kind: class, status and reason that an audit may give, and the planted fault)",
             "and `site.secrets.tsv` (throw-away secrets that can be read in the packets and must be in no output) to the two site captures. Hosts of the captures of one",
             "protocol have addresses of the deployment's topology where they have its roles.", "",
             "| capture | bytes | flows | to be seen | what it shows |", "| --- | --- | --- | --- | --- |"]
    for path in sorted(out.glob("*.pcap*")):
        page = out / f"{path.stem}.md"
        if not page.exists():
            continue
        expected = list(dict.fromkeys(row[6] for row in truth if row[0] == path.stem))
        count = sum(row[0] == path.stem for row in truth)
        if not count:  # of the site: flows of all kinds
            rows = [line.split("\t") for line in (out / "site.truth.tsv").read_text().splitlines() if line.startswith(path.stem + "\t")]
            expected, count = sorted({row[8].replace("|", " or ") for row in rows if row[8] != "*"}), len(rows)
        lines.append(f"| [{path.name}]({page.name}) | {path.stat().st_size} | {count} | {', '.join(expected)} | {page.read_text().splitlines()[2]} |")
    (out / "README.md").write_text("\n".join(lines) + "\n")


def main():
    if len(sys.argv) == 8 and sys.argv[1] == "capture":
        capture(pathlib.Path(sys.argv[2]), *sys.argv[3:])
    elif len(sys.argv) == 3 and sys.argv[1] == "index":
        index(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
