#!/usr/bin/env python3
"""Checks the two site captures with tshark against what they are meant to hold, and writes what is known of them.

  site.py OUT WORK VERSIONS

WORK has, for each capture, NAME.legs (the lines of `leg` in site.sh) and NAME.hosts (name in the lab, asset, address); and
site.secrets (capture, kind, secret). Writes site.md, site-clean.md, site.truth.tsv (a row for each flow) and site.secrets.tsv.
"""
import pathlib
import re
import subprocess
import sys

import describe

COLUMNS = ["capture", "transport", "client", "server", "client_asset", "server_asset", "port", "class", "status", "reason", "fault", "seen",
           "frames"]
MAX_CAPTURE_BYTES = 500_000
TLS_PORTS = (443, 444, 4443, 5041, 5061, 5063, 5065, 5067, 5070, 8057, 23456)
DECODE = [f"tcp.port=={port},tls" for port in TLS_PORTS] + ["tcp.port==5068,sip", "tcp.port==5269,xmpp"]
FRAME_SIZES = {0: 160, 3: 33}  # octets of 20 ms, by payload type: PCMU, GSM; SRTP adds its tag of ten octets
SRTP_TAG = 10

# fault: what it is, what an audit must say, row of the table of field findings
FAULTS = {
    "F1": ("clear SIP trunk to gw1 on 5068", "mediation-gateway-signalling: accepted risk, clear traffic", "M1"),
    "F2": ("RTP on that trunk: gw1 offers RTP/AVP with `a=crypto`, the Mediation Server answers without",
           "mediation-gateway-media: clear media, accepted risk", "M1, M3, M32"),
    "F3": ("trunk TLS to gw2 without a client certificate (gw2 does not ask)",
           "mediation-gateway-signalling: fail, TLS without client certificate", "M2"),
    "F4": ("SIP over TCP between Front Ends on 5062, with an instant message", "server-to-server: fail, clear traffic", "M27"),
    "F5": ("a client forced to TCP 5060: REGISTER with digest, MESSAGE",
           "client-to-server: clear traffic, tolerated inside; the digest in clear fails", "M28"),
    "F6": ("an instant message in clear across the perimeter, 5060", "client-to-server: fail, clear traffic", "M28"),
    "F7": ("XMPP partner without STARTTLS, proved by dialback only, though the topology requires TLS",
           "federation-xmpp: fail, clear traffic", "M6"),
    "F8": ("SASL PLAIN without TLS on 5269", "federation-xmpp: fail, clear traffic, credentials readable", "M7"),
    "F9": ("Autodiscover on port 80 with content, and a cookie, through the reverse proxy to 8080",
           "content-download: fail, clear traffic, on both legs", "M8"),
    "F10": ("address book over HTTP with Basic credentials", "content-download: fail, clear traffic, credentials readable", "-"),
    "F11": ("group expansion over HTTP", "content-download: fail, clear traffic", "-"),
    "F12": ("backup between two file servers over SMB 3 without encryption", "infrastructure: reported as readable", "M25"),
    "F13": ("LDAP simple bind in clear", "infrastructure: reported as readable", "-"),
    "F14": ("TDS whose server does not support encryption: the login is readable", "infrastructure: reported as readable", "-"),
    "F15": ("trusted application on TCP 5060", "server-to-server: clear traffic, accepted risk for a trusted application", "M26, M27"),
    "F16": ("RTP in clear between two clients that are signalled over TLS", "audio-video-media: fail, clear media", "M3"),
    "F17": ("SRTP of a call to voice mail whose SDES keys cross a clear SIP leg (F18)",
           "the media is SRTP, but its key was readable: fail", "M28"),
    "F18": ("Exchange Unified Messaging over TCP 5060", "exchange-um: fail, clear traffic", "-"),
    "F19": ("web conferencing on 8057 without TLS", "web-conferencing: not a pass; fail where the clear content is recognised", "-"),
    "F20": ("A/V authentication on 5062 with TLS_RSA_WITH_NULL_SHA256: mutual, and readable", "server-to-server: fail, NULL suite", "-"),
    "F21": ("federated partner without client certificate on 5061", "federation-sip: fail, TLS without client certificate", "M2"),
    "F22": ("video interop trunk on TCP", "signalling between the bridge and the PBX: clear traffic", "M5"),
    "F23": ("audio and video of that trunk in clear", "clear media", "M5"),
}


class Leg:
    """Leg is one line of site.sh's `leg`: what a flow between two hosts is meant to be."""

    def __init__(self, line):
        self.client, self.server, port, self.transport, seen, self.traffic, self.status, self.reason, self.fault = line
        self.seen, self.flows = seen.split("|"), 0
        first, _, last = port.partition("-")
        self.ports = (1, 65535) if port == "*" else (int(first), int(last or first))

    def fits(self, client, server, port, transport):
        return (self.client, self.server, self.transport) == (client, server, transport) and self.ports[0] <= port <= self.ports[1]


def fields(path, *names, where=""):
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=a"]
    for decode in DECODE:
        command += ["-d", decode]
    for name in names:
        command += ["-e", name]
    if where:
        command += ["-Y", where]
    return [line.split("\t") for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]


class Site:
    def __init__(self, out, work, name):
        self.name, self.path, self.problems = name, out / f"{name}.pcapng", []
        self.legs = [Leg(line.split("\t")) for line in (work / f"{name}.legs").read_text().splitlines()]
        self.hosts, self.assets = {}, {}
        for line in (work / f"{name}.hosts").read_text().splitlines():
            lab, asset, address = line.split("\t")
            self.hosts[address], self.assets[address] = lab, asset
        self.read()

    def read(self):
        options = [word for decode in DECODE for word in ("-d", decode)]
        flows, self.problems = describe.read_flows(self.path, *options)
        by_ends, merged = {}, {}
        names = ("frame.protocols", "tcp.payload", "udp.payload", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport")
        for protocols, tcp_bytes, udp_bytes, source, target, *ports in fields(self.path, *names):
            transport, (source_port, target_port) = ("tcp", ports[:2]) if ports[0] else ("udp", ports[2:])
            source = f"{source}:{source_port}"
            layers, payloads = by_ends.setdefault((transport, frozenset((source, f"{target}:{target_port}"))), (set(), []))
            layers.update(protocols.split(":"))
            payloads.append((source, bytes.fromhex(tcp_bytes or udp_bytes)))
        for flow in flows:
            key = (flow.transport, frozenset((flow.client, flow.server)))
            flow.layers, flow.payloads = by_ends[key]
            first = merged.setdefault(key, flow)
            if first is not flow:  # tshark begins a new UDP stream where SDP announces one
                first.last = max(first.last, flow.last)
                first.steps += flow.steps
        self.flows = sorted(merged.values(), key=lambda flow: flow.first)
        self.wire = b"\n".join(b"".join(payload for _, payload in flow.payloads) for flow in self.flows)

    def rows(self):
        for flow in self.flows:
            client, port = flow.client.rsplit(":", 1)[0], int(flow.server.rsplit(":", 1)[1])
            server = flow.server.rsplit(":", 1)[0]
            where = f"{flow.client} -> {flow.server}, frames {flow.first}-{flow.last}"
            leg = self.find(flow, client, server, port)
            if leg is None:
                self.problems.append(f"a flow that nobody meant: {flow.transport} {where}: {sorted(flow.layers)}")
                continue
            leg.flows += 1
            rtcp = is_rtcp(flow)
            seen = "rtcp" if rtcp else next((seen for seen in leg.seen if sees(flow, seen)), None)
            if seen is None:
                self.problems.append(f"{where}: tshark does not see {leg.seen}: {sorted(flow.layers)} {flow.text()}")
            reason = leg.reason
            if flow.transport == "tcp" and "mutual" in leg.seen and flow.status() is None:
                reason = "mutual_tls_resumed"
            if rtcp and leg.status != "not_applicable":
                reason = "*"
            yield flow, [self.name, flow.transport, flow.client, flow.server, self.asset(client), self.asset(server), str(port),
                         leg.traffic, "*" if rtcp else leg.status, reason, leg.fault, seen, f"{flow.first}-{flow.last}"]

    def missing(self):
        """Legs that no flow is of. Media may be begun by either side, and the last report of RTCP comes or does not."""
        ends = {(leg.client, leg.server, leg.transport) for leg in self.legs if leg.flows}
        for leg in self.legs:
            mirrored = leg.transport == "udp" and (leg.server, leg.client, "udp") in ends
            if not leg.flows and not mirrored and leg.seen != ["srtcp"]:
                yield f"no flow from {leg.client} to {leg.server}, {leg.transport} port {leg.ports[0]}"

    def asset(self, address):
        for network, name in (("10.20.", "inside-clients"), ("198.51.100.", "outside-clients")):
            if address.startswith(network):
                return name
        return self.assets.get(address, address)

    def find(self, flow, client, server, port):
        if flow.transport == "udp" and (port in (53, 67, 68)):
            leg = Leg([client, server, str(port), "udp", "dns|dhcp", "clear-by-design", "not_applicable", "clear_by_design", "-"])
            return leg
        names = (self.hosts.get(client), self.hosts.get(server))
        fitting = [leg for leg in self.legs if leg.fits(*names, port, flow.transport)]
        return next((leg for leg in fitting if any(sees(flow, seen) for seen in leg.seen)), fitting[0] if fitting else None)


def is_rtcp(flow):
    """RTCP or SRTCP, also when a relay gave it an even port: every datagram that is no STUN and no DTLS has a packet type of RTCP."""
    datagrams = [payload for _, payload in flow.payloads if len(payload) > 1 and payload[0] & 0xc0 == 0x80]
    return flow.transport == "udp" and bool(datagrams) and all(192 <= payload[1] <= 223 for payload in datagrams)


def media(flow):
    """The packets that look like RTP, as (payload type, length)."""
    return [(payload[1] & 0x7f, len(payload)) for _, payload in flow.payloads
            if len(payload) > 12 and payload[0] == 0x80 and payload[1] & 0x7f not in range(72, 77)]


def sees(flow, seen):
    data = b"".join(payload for _, payload in flow.payloads)
    layers, packets = flow.layers, media(flow)
    tls = flow.version is not None
    audio = [(kind, length) for kind, length in packets if kind in FRAME_SIZES]
    tagged = [(length - 12) % FRAME_SIZES[kind] == SRTP_TAG for kind, length in audio]
    if seen in ("mutual", "declined", "one_way"):
        unseen = tls and flow.status() is None and not flow.certificate_seen_of_server()
        resumed = seen == "mutual" and unseen and flow.steps_have("ChangeCipherSpec")
        return flow.status() == seen or resumed
    return {
        "any": True,
        "http": not tls and "http" in layers,
        "sip": not tls and "sip" in layers,
        "xmpp": not tls and b"<stream:stream" in data and b"<starttls" not in data,
        "ldap": not tls and "ldap" in layers,
        "starttls": tls and flow.status() in ("mutual", "one_way"),
        "smb3": b"\xfdSMB" in data,
        "smb": "smb2" in layers and b"\xfdSMB" not in data,
        "tds": "tds" in layers,
        "clear": not tls and bool(data),
        "rtp": len(packets) > 10 and (not audio or not any(tagged)) and "dtls" not in layers,
        "srtp": len(audio) > 10 and all(tagged) and "dtls" not in layers,
        "dtls": "dtls" in layers and tls and flow.steps_have("ChangeCipherSpec") and len(audio) > 10 and all(tagged),
        "srtcp": not tls,
        "stun": any(payload[4:8] == bytes.fromhex("2112a442") for _, payload in flow.payloads),
        "pseudo": data.startswith(bytes.fromhex("160301002d010000290301")),
        "aborted": not tls and "tls" in layers and flow.fatal,
        "scan": not data,
        "dns": "dns" in layers,
        "dhcp": "dhcp" in layers,
    }[seen]


def add_secrets_of_file(site, secrets):
    """Secrets that the programs made, not the script: read from the octets of the capture."""
    patterns = {
        "sip-digest-response": rb'Authorization: Digest [^\r\n]*response="([0-9a-f]{32})"',
        "sdes-key": rb"inline:([A-Za-z0-9+/=]{40})",
        "http-cookie": rb"Set-Cookie: [A-Za-z]+=([0-9a-f]+)",
        "xmpp-sasl-plain": rb"<auth [^>]*>([A-Za-z0-9+/=]+)<",
        "xmpp-dialback-key": rb"<db:(?:result|verify)[^>]*>([0-9a-f]{32,})<",
    }
    for kind, pattern in patterns.items():
        for found in sorted({match.decode() for match in re.findall(pattern, site.wire)}):
            secrets.append([site.name, kind, found])
    for (response,) in fields(site.path, "ntlmssp.auth.ntresponse", where="ntlmssp.auth.ntresponse"):
        secrets.append([site.name, "ntlm-response-octets", response.replace(":", "")])
    for line in list(secrets):
        if line[0] == site.name and line[1] == "tds-password":
            octets = bytes(((octet << 4 | octet >> 4) & 0xff) ^ 0xa5 for octet in line[2].encode("utf-16-le"))  # [MS-TDS] 2.2.6.4
            secrets.append([site.name, "tds-password-octets", octets.hex()])


def check_secrets(sites, secrets):
    """Every secret can be read in its capture, and none of them in the other."""
    for capture, kind, secret in secrets:
        octets = bytes.fromhex(secret) if kind.endswith("-octets") else secret.encode()
        if kind in ("http-basic-password", "tds-password", "xmpp-sasl-password"):
            continue  # on the wire in its encoded form only, which has a line of its own
        for site in sites:
            if (octets in site.wire) != (site.name == capture):
                site.problems.append(f"{kind} of {capture} is {'in' if octets in site.wire else 'not in'} {site.name}")


def port_of(row):
    return row[6] if row[1] == "tcp" or int(row[6]) < 5000 else "media"


def page(out, site, rows, versions):
    faults = {}
    for _, row in rows:
        if row[10] != "-":
            faults.setdefault(row[10], []).append(row)
    planted = site.name == "site"
    text = [f"# {site.path.name}", ""]
    if planted:
        text += [f"A whole small Lync 2013 site with {len(FAULTS)} faults, on signalling, media, web, directory, SQL, file and partner legs.", ""]
    else:
        text += ["The site of site.pcapng without its faults: every leg as the vendor's table demands, and what is clear by design.", ""]
    text += ["## How it was made", "",
             "Every host of `site.topology.yaml` is a network namespace; tcpdump listens on the bridge that joins them, from before the programs",
             "start. SIP servers, gateways, Exchange and the partners are kamailio: connections carry OPTIONS, calls and messages are relayed with",
             "Record-Route. baresip makes and answers the calls (SDES, DTLS-SRTP or none; GSM and PCMU; about a second each), SIPp sends the messages,",
             "coturn is the A/V Edge, nginx and haproxy are the web, prosody is both ends of XMPP, stunnel stands before A/V authentication, conferencing",
             "and the XMPP gateway, slapd is the directory, samba the file stores, dnsmasq DNS and DHCP, FreeTDS the SQL client, nmap the port scan.",
             "Small programs (`scripts/captures/site_stand_ins.py`) stand in for the SQL server, the content of conferences, the XMPP gateway behind",
             "prosody, and the pseudo-TLS hello on 443 of the A/V Edge. The Mediation Server's media is that of two calls: one with the gateway, one with",
             "a client. Certificates are of P-256, but for the inside of the Edge. There are no session tickets and no TCP timestamps.", "",
             f"Programs: {versions} (Debian 12).",
             "Recorded by `scripts/make-captures site` on the bridge between network namespaces, offloads off, full frames.", ""]
    text += ["## What an audit should say", ""]
    if planted:
        text += ["With `--topology site.topology.yaml` (policy lync-2013), exit code 1. The last column is the field finding that a fault is an example of:", "",
                 "| fault | what it is | leg | frames | what an audit must say | field finding |", "| --- | --- | --- | --- | --- | --- |"]
        for fault, (what, must, kind) in FAULTS.items():
            legs = sorted({f"{row[4]} → {row[5]}:{port_of(row)} {row[1]}" for row in faults.get(fault, [])})
            frames = ", ".join(row[12] for row in faults.get(fault, [])[:6])
            text.append(f"| {fault} | {what} | {'; '.join(legs)} | {frames} | {must} | {kind} |")
            if not faults.get(fault):
                site.problems.append(f"fault {fault} is not in the capture")
        site.problems += [f"fault {fault} is not described" for fault in faults if fault not in FAULTS]
        text += ["", "Every other leg is as in site-clean. Nothing clear by design (below) is a finding."]
    else:
        site.problems += [f"fault {fault} in the clean capture" for fault in faults]
        text += ["With `--topology site.topology.yaml` (policy lync-2013) no leg fails and none is an accepted risk. Media whose keys travel inside TLS",
                 "(SDES) cannot be proved from outside: `inconclusive` unless the reader has secrets; DTLS-SRTP passes. What stays clear by design must",
                 "not become a finding: DNS, DHCP, revocation lists on 80, the root certificate on 8080, redirects from 80, the pseudo-TLS hello of the",
                 "A/V Edge on 443, an aborted TLS probe and a port scan."]
    text += ["", "A status with `or` lists what an audit may say; `*` leaves it open. `site.truth.tsv` has a row for each flow (there with bars), and",
             "`site.secrets.tsv` what no output may hold.", "",
             "| client | server | port | transport | class | status | reason | fault | flows | frames of the first |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    legs = {}
    for _, row in rows:
        port, status = port_of(row), row[8]
        key = (row[4], row[5], port, row[1], row[7], row[10])
        if key not in legs:
            legs[key] = [status, row[9], 0, row[12]]
        elif legs[key][0] == "*":
            legs[key][:2] = [status, row[9]]
        legs[key][2] += 1
    for key, (status, reason, count, frames) in sorted(legs.items(), key=lambda leg: int(leg[1][3].split("-")[0])):
        client, server, port, transport, traffic, fault = key
        cells = [client, server, port, transport, traffic, status, reason, fault, str(count), frames]
        text.append("| " + " | ".join(cell.replace("|", " or ").replace("*", "\\*") for cell in cells) + " |")
    (out / f"{site.name}.md").write_text("\n".join(text) + "\n")


def main():
    out, work, versions = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    secrets = [line.split("\t") for line in (work / "site.secrets").read_text().splitlines()]
    sites, table, problems = [], [], []
    for name in ("site", "site-clean"):
        site = Site(out, work, name)
        rows = list(site.rows())
        site.problems += site.missing()
        if site.path.stat().st_size > MAX_CAPTURE_BYTES:
            site.problems.append(f"{site.path.stat().st_size} bytes are too many")
        add_secrets_of_file(site, secrets)
        page(out, site, rows, versions)
        table += [row for _, row in rows]
        sites.append(site)
    check_secrets(sites, secrets)
    for site in sites:
        problems += [f"{site.path.name}: {problem}" for problem in site.problems]
    (out / "site.truth.tsv").write_text("\n".join("\t".join(row) for row in [COLUMNS] + table) + "\n")
    (out / "site.secrets.tsv").write_text("\n".join("\t".join(row) for row in [["capture", "kind", "secret"]] + secrets) + "\n")
    if problems:
        sys.exit("\n".join(problems[:60]))


if __name__ == "__main__":
    main()
