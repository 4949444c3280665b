#!/usr/bin/env python3
"""shaped_packets_test: whoever shapes packets must not make an audit call a leg protected, clear by design or empty.

    tests/shaped_packets_test.py [--sealtrace BUILD]

Every capture is made here from octets, between hosts of the sample site. A table says what each one carries and what its leg may
at best be called.
"""
import pathlib
import random
import struct
import sys
import tempfile

import pcapfile
from checks import Checks
from program import CAPTURES, Program, arguments, get, of_kind

OUTSIDE, FE1, FE2, DC, EDGE, XMPP, MAIL, SQL = ("198.51.100.9", "10.0.1.11", "10.0.1.12", "10.0.1.2", "192.0.2.10",
                                                "203.0.113.9", "10.0.1.50", "10.0.1.40")
SYN, ACK, PUSH, FIN = 2, 16, 8, 1
MTU = 1400

REGISTER = (b"REGISTER sip:contoso.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK1\r\nFrom: <sip:a@contoso.com>;tag=1\r\n"
            b"To: <sip:a@contoso.com>\r\nCall-ID: 1@contoso.com\r\nCSeq: 1 REGISTER\r\n"
            b"Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:contoso.com\", response=\"0123456789abcdef\"\r\n"
            b"Content-Length: 0\r\n\r\n")
OPTIONS = REGISTER.replace(b"REGISTER", b"OPTIONS").split(b"Authorization")[0] + b"Content-Length: 0\r\n\r\n"
NTP = bytes([0x23, 0, 6, 0xEC]) + bytes(36) + b"\x01\x02\x03\x04\x05\x06\x07\x08"
SYSLOG = b"<34>1 2026-11-26T20:00:00Z fe01 app - - - hello\n"
UNKNOWN = b"the names of all users follow here in clear: alice, bob, carol " * 3


def address(text):
    return bytes(int(part) for part in text.split("."))


class Talk:
    """One conversation as frames. `say` adds what a side sends; side 0 is the client."""

    def __init__(self, client, server, ports, tcp=True):
        self.ends, self.ports, self.tcp, self.frames = (address(client), address(server)), ports, tcp, []
        self.next = [1000, 2000]
        if tcp:
            self._segment(0, SYN), self._segment(1, SYN | ACK), self._segment(0, ACK)

    def _frame(self, side, protocol, rest):
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(rest), len(self.frames), 0x4000, 64, protocol, 0)
        octets = bytes(12) + b"\x08\x00" + ip + self.ends[side] + self.ends[1 - side] + rest
        self.frames.append(pcapfile.Frame(10**18 + len(self.frames) * 10**6, octets, len(octets)))

    def _segment(self, side, flags, payload=b""):
        head = struct.pack(">HHIIBBHHH", self.ports[side], self.ports[1 - side], self.next[side],
                           self.next[1 - side] if flags & ACK else 0, 0x50, flags, 65535, 0, 0)
        self._frame(side, 6, head + payload)
        self.next[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    def say(self, side, *octets):
        for payload in octets:
            if not self.tcp:
                self._frame(side, 17, struct.pack(">HHHH", self.ports[side], self.ports[1 - side], 8 + len(payload), 0) + payload)
                continue
            for at in range(0, len(payload), MTU):
                self._segment(side, ACK | PUSH, payload[at:at + MTU])
        return self

    def play(self, name):
        """Says what the first conversation of a sample capture said."""
        for side, data in payloads(name):
            self.say(side, data)
        return self

    def lose(self, num_octets):
        """Both sides said more than was captured."""
        self.next = [number + num_octets for number in self.next]
        return self

    def close(self):
        self._segment(0, FIN | ACK), self._segment(1, FIN | ACK), self._segment(0, ACK)
        return self


def payloads(name):
    """(side, payload) of the first conversation of a sample capture; the side that speaks first is 0."""
    client = None
    for frame in pcapfile.read(CAPTURES / name).frames:
        ip = frame.octets[14:]
        head = (ip[0] & 15) * 4
        rest = ip[head:struct.unpack(">H", ip[2:4])[0]]
        data = rest[(rest[12] >> 4) * 4:] if ip[9] == 6 else rest[8:]
        key = ip[12:16] + rest[:2]
        if not data or (client is not None and key != client and ip[16:20] + rest[2:4] != client):
            continue
        client = client or key
        yield (0 if key == client else 1), data


def stun(kind, attributes=b""):
    return struct.pack(">HHI", kind, len(attributes), 0x2112A442) + bytes(range(12)) + attributes


def relayed(side, data):
    """A Send or Data indication (RFC 8656 sections 10.2, 11.5) with `data` of, or for, one peer."""
    peer = struct.pack(">HHBBHI", 0x0012, 8, 0, 1, 5000 ^ 0x2112, 0x0A000001 ^ 0x2112A442)
    return stun(0x0017 if side else 0x0016, peer + struct.pack(">HH", 0x0013, len(data)) + data + bytes(-len(data) % 4))


def get_request(path, host="x", method="GET", more="", body=b""):
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode() + body


def http_answer(status="200 OK", more="", body=b"x"):
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ber(tag, content):
    return bytes([tag, len(content)]) + content


def dtls_beside_sip():
    talk = Talk(OUTSIDE, FE1, (40000, 5061), tcp=False)
    for side, data in payloads("dtls12.pcap"):
        talk.say(side, data)
    return talk.say(0, OPTIONS)


def dtls_beside_unknown():
    talk = Talk(OUTSIDE, FE1, (40000, 5061), tcp=False)
    for side, data in payloads("dtls12.pcap"):
        talk.say(side, data)
    return talk.say(0, UNKNOWN)


def dtls_inside_turn():
    talk = Talk(OUTSIDE, FE1, (40000, 443))
    for side, data in payloads("dtls12.pcap"):
        talk.say(side, relayed(side, data))
    return talk.say(0, relayed(0, UNKNOWN)).close()


def tls_behind_unknown_octets():
    talk = Talk(XMPP, EDGE, (40000, 5269)).say(0, UNKNOWN).say(1, UNKNOWN)
    for side, data in payloads("tls12-one-way.pcap"):
        talk.say(side, data)
    return talk.close()


def many_hosts(last):
    talk = Talk(OUTSIDE, FE1, (40000, 80))
    for number in range(40):
        talk.say(0, get_request("/a.crl", f"h{number}.example")).say(1, http_answer())
    return talk.say(0, last).say(1, http_answer(body=b"names")).close()


def ntp_flood_before_sip():
    return Talk(OUTSIDE, FE1, (123, 5060), tcp=False).say(0, *[NTP] * 200).say(0, REGISTER)


def post_and_redirect():
    form = b"user=a&password=b"
    request = get_request("/dialin", method="POST", more=f"Content-Length: {len(form)}\r\n", body=form)
    return Talk(OUTSIDE, FE1, (40000, 80)).say(0, request).say(1, http_answer("302 Found", "Location: https://x/\r\n")).close()


def two_locations():
    more = "Location: http://x/\r\nLocation: https://x/\r\n"
    return Talk(OUTSIDE, FE1, (40000, 80)).say(0, get_request("/meet/a")).say(1, http_answer("302 Found", more)).close()


def not_modified():
    return Talk(OUTSIDE, FE1, (40000, 80)).say(0, get_request("/meet/a")).say(1, b"HTTP/1.1 304 Not Modified\r\nLocation: https://x/\r\n\r\n").close()


def clear_path_then_unreadable():
    talk = Talk(OUTSIDE, FE1, (40000, 80)).say(0, get_request("/a.crl")).say(1, http_answer())
    return talk.say(0, UNKNOWN + b"\r\n\r\n").say(1, UNKNOWN + b"\r\n\r\n").close()


def password_modify():
    oid = ber(0x80, b"1.3.6.1.4.1.4203.1.11.1")  # RFC 3062
    request = ber(0x30, ber(2, b"\x01") + ber(0x77, oid + ber(0x81, ber(0x30, ber(0x80, b"u") + ber(0x82, b"new")))))
    answer = ber(0x30, ber(2, b"\x01") + ber(0x78, ber(10, b"\x00") + ber(4, b"") + ber(4, b"")))
    return Talk(FE2, DC, (40000, 389)).say(0, request).say(1, answer).close()


def stun_then_unknown_datagrams():
    return Talk(OUTSIDE, FE1, (40000, 5060), tcp=False).say(0, stun(1)).say(1, stun(0x101)).say(0, UNKNOWN, UNKNOWN)


def stun_then_unknown_frames():
    framed = [struct.pack(">H", len(data)) + data for data in (stun(1), UNKNOWN, UNKNOWN)]
    return Talk(OUTSIDE, FE1, (40000, 5061)).say(0, *framed).say(1, struct.pack(">H", 20) + stun(0x101)).close()


def turn_with_unknown_inside():
    talk = Talk(OUTSIDE, FE1, (40000, 5061)).say(0, stun(3)).say(1, stun(0x103))
    return talk.say(0, relayed(0, UNKNOWN)).say(1, relayed(1, UNKNOWN)).close()


def syslog_before_sip():
    return Talk(FE1, FE2, (40000, 5061)).say(0, SYSLOG, REGISTER.replace(b"UDP", b"TCP")).close()


def dns_over_sips_port():
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07contoso\x03com\x00\x00\x01\x00\x01"
    return Talk(FE1, FE2, (40000, 5061)).say(0, struct.pack(">H", len(query)) + query).say(0, REGISTER).close()


def data_in_records_without_handshake():
    talk, record = Talk(OUTSIDE, FE1, (40000, 5061)), b"\x17\x03\x03" + struct.pack(">H", len(UNKNOWN)) + UNKNOWN
    _, hello = next(payloads("tls12-one-way.pcap"))
    return talk.say(0, hello).say(0, record).say(1, record).close()


def data_in_records_after_a_refusal():
    talk, record = Talk(OUTSIDE, FE1, (40000, 5061)), b"\x17\x03\x03" + struct.pack(">H", len(UNKNOWN)) + UNKNOWN
    for side, data in payloads("tls12-refused.pcap"):
        talk.say(side, data)
    return talk.say(0, record).say(1, record).close()


def smb_that_one_side_encrypts():
    transform = b"\xfdSMB" + bytes(32) + struct.pack("<IHHQ", 64, 0, 1, 5) + UNKNOWN
    return Talk(FE1, "10.0.1.50", (40000, 445)).say(0, struct.pack(">I", len(transform)) + transform).close()


def half_a_revocation_list():
    talk = Talk(OUTSIDE, FE1, (40000, 80)).say(0, get_request("/a.crl")).say(1, http_answer())
    talk.next[1] += 1000
    return talk.say(0, get_request("/a.crl")).say(1, b"the end of a list").close()


def xmpp_that_answers_itself():
    header = b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='a' from='b' version='1.0'>"
    talk = Talk(XMPP, EDGE, (40000, 5269)).say(0, header).say(1, header)
    return talk.say(0, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").say(0, b"<message><body>a</body></message>").close()


def clear_behind_a_gap_after_tls():
    talk = Talk(OUTSIDE, FE1, (40000, 5061))
    for side, data in payloads("tls12-one-way.pcap"):
        talk.say(side, data)
    for side in (0, 1):
        talk.next[side] += 300  # what was lost
        talk.say(side, OPTIONS)
    return talk.close()


def named_entries_of_a_root_dse():
    ask = ber(0x63, ber(4, b"") + ber(10, b"\x00") * 2 + ber(2, b"\x00") * 2 + ber(1, b"\x00") + ber(0x87, b"objectClass") + ber(0x30, b""))
    entry = ber(0x64, ber(4, b"cn=alice,dc=contoso,dc=com") + ber(0x30, b""))
    done = ber(0x65, ber(10, b"\x00") + ber(4, b"") * 2)
    message = [ber(0x30, ber(2, b"\x01") + operation) for operation in (ask, entry, done)]
    return Talk(FE2, DC, (40000, 389)).say(0, message[0]).say(1, message[1] + message[2]).close()


def postgresql_packets_that_only_sign(seal_first):
    def packet(flags, content):
        token = struct.pack(">HBBHHQ", 0x0504, flags, 0xFF, 0, 0, 1) + content
        return struct.pack(">I", len(token)) + token
    context = struct.pack(">I", 8) + b"\x60\x06\x06\x06\x2b\x06\x01\x05"
    talk = Talk(FE1, "10.0.1.50", (40000, 5432)).say(0, struct.pack(">II", 8, 80877104)).say(1, b"G").say(0, context).say(1, context)
    if seal_first:
        talk.say(0, packet(2, bytes(range(60)))).say(1, packet(3, bytes(range(60))))
    return talk.say(0, packet(0, b"Q\x00\x00\x00\x0dSELECT 1\x00")).say(1, packet(1, UNKNOWN)).close()


def keep_alives_before_sip():
    return Talk(OUTSIDE, FE1, (5060, 5060), tcp=False).say(0, *[b"\r\n\r\n"] * 100).say(0, OPTIONS)


IKE = struct.pack(">QQBBBBII", 0x1122334455667788, 0, 33, 0x20, 34, 8, 0, 68) + bytes(40)
NOISE = random.Random(1)


def esp(spi, sequence, content):
    """A packet of ESP in transport mode around a TCP segment, with a check value of 96 bits."""
    padding = -(len(content) + 2) % 4
    return struct.pack(">II", spi, sequence) + content + bytes(range(1, padding + 1)) + bytes([padding, 6]) + NOISE.randbytes(12)


def ipsec_in_udp(content_of):
    """IKE, then ESP both ways with a keep-alive between (RFC 3948); `content_of` makes what follows the sequence number."""
    talk = Talk(FE1, SQL, (4500, 4500), tcp=False).say(0, bytes(4) + IKE).say(1, bytes(4) + IKE)
    for number in range(1, 51):
        for side in (0, 1):
            talk.say(side, esp(0xC0DE0000 + side, number, content_of(number)))
        if number % 20 == 0:
            talk.say(0, b"\xff")
    return talk


def sql_under_a_null_cipher(number):
    head = struct.pack(">HHIIBBHHH", 50000, 1433, 1000 + 200 * number, 5000, 0x50, 0x18, 8192, NOISE.randrange(65536), 0)
    return head + "SELECT sip_uri, pin FROM dbo.Users".encode("utf-16-le")


def wireguard(*behind):
    talk = Talk(FE1, SQL, (51820, 51820), tcp=False).say(0, struct.pack("<II", 1, 0x1234) + NOISE.randbytes(140))
    talk.say(1, struct.pack("<III", 2, 0x9999, 0x1234) + NOISE.randbytes(80))
    for side, data in behind:
        talk.say(side, data)
    return talk


def wireguard_data():
    """Data both ways; the longest packets are as long as the link takes, and not padded."""
    for number in range(40):
        yield 0, struct.pack("<IIQ", 4, 0x9999, number) + NOISE.randbytes(1436)
        yield 1, struct.pack("<IIQ", 4, 0x1234, number) + NOISE.randbytes(16 + 16 * (number % 3))


def get_and_redirect(path, more="", body=b""):
    talk = Talk(OUTSIDE, FE1, (40000, 80)).say(0, get_request(path, more=more, body=body))
    return talk.say(1, http_answer("302 Found", "Location: https://x/\r\n")).close()


STREAM = (b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='a' from='b' version='1.0'>")
STARTTLS, PROCEED = (b"<" + name + b" xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" for name in (b"starttls", b"proceed"))
MESSAGE = b"<message><body>the PIN is 1234</body></message>"
SENT_MAIL = b"MAIL FROM:<a@contoso.com>\r\nRCPT TO:<b@contoso.com>\r\nDATA\r\nSubject: secret\r\n\r\nPIN 1234\r\n.\r\n"


def xmpp_to_tls(*steps):
    """XMPP that changes to TLS; `steps` are (side, octets) behind the two headers, `None` the loss of octets."""
    talk = Talk(XMPP, EDGE, (40000, 5269)).say(0, STREAM).say(1, STREAM + b"<stream:features>" + STARTTLS + b"</stream:features>")
    for step in steps:
        talk.say(*step) if step else talk.lose(300)
    return talk.play("tls12-one-way.pcap").close()


def mail(*steps):
    """A mail server that offers STARTTLS; `steps` are (side, octets) behind its offer."""
    talk = Talk(FE1, MAIL, (40000, 25)).say(1, b"220 mail ESMTP\r\n").say(0, b"EHLO fe01\r\n").say(1, b"250-mail\r\n250 STARTTLS\r\n")
    for side, octets in steps:
        talk.say(side, octets)
    return talk


def mail_to_tls(*steps):
    return mail(*steps).play("tls12-one-way.pcap").close()


def mail_behind_a_refused_request():
    return mail((0, b"STARTTLS\r\n" + SENT_MAIL), (1, b"454 not now\r\n")).close()


def mail_that_agrees_on_tls_and_goes_on_in_clear():
    talk = Talk(FE1, MAIL, (40000, 25)).say(1, b"220 mail ESMTP\r\n").say(0, b"STARTTLS\r\n").say(1, b"220 go\r\n")
    return talk.say(0, UNKNOWN).say(1, UNKNOWN).close()


def tls_behind_a_loss():
    return Talk(OUTSIDE, FE1, (40000, 5061)).lose(300).play("tls12-one-way.pcap").close()


def tls_joined(num_frames):
    """TLS through a proxy, of which the first frames were not captured."""
    talk = Talk(OUTSIDE, FE1, (40000, 5061)).say(0, get_request("fe01.contoso.com:5061", method="CONNECT"))
    talk.say(1, b"HTTP/1.1 200 Connection established\r\n\r\n").play("tls12-one-way.pcap").close()
    talk.frames = talk.frames[num_frames:]
    return talk


def tls_behind_a_lost_syn():
    talk = Talk(OUTSIDE, FE1, (40000, 5061)).play("tls12-one-way.pcap").close()
    talk.frames = talk.frames[1:]
    return talk


def dtls_beside(*steps, refused=False):
    talk = Talk(OUTSIDE, FE1, (40000, 5061), tcp=False)
    if refused:
        talk.say(*next(payloads("dtls12.pcap"))).say(1, b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28")
    else:
        talk.play("dtls12.pcap")
    for side, octets in steps:
        talk.say(side, octets)
    return talk


# Two senders of G.711 that is no noise, and the RTCP of one.
RTP = [(side, struct.pack(">BBHII", 0x80, 0, 9 + number, 160 * number, 0xAA00 + side) + bytes([0xD5 + number % 3] * 160))
       for number in range(300) for side in (0, 1)]
RTCP = [(0, struct.pack(">BBHIQIII", 0x80, 200, 6, 7, 1 << 40, 5, 6, 7) + struct.pack(">BBHIBB", 0x81, 202, 3, 7, 1, 6) + b"alice\0")] * 10


def refused_behind_unknown_octets():
    return Talk(OUTSIDE, FE1, (40000, 5061)).say(0, UNKNOWN).say(1, UNKNOWN).play("tls12-refused.pcap").close()


def hello_before_a_loss():
    return Talk(OUTSIDE, FE1, (40000, 5061)).say(*next(payloads("tls12-one-way.pcap"))).lose(50000).close()


def dns_before_unknown_datagrams():
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07contoso\x03com\x00\x00\x01\x00\x01"
    return Talk(OUTSIDE, "10.0.1.20", (50000, 50002), tcp=False).say(0, query).say(0, *[UNKNOWN] * 100).say(1, *[UNKNOWN] * 100)


PROTECTED, EXEMPT = {"pass"}, {"not_applicable"}
OTHERS = {"fail", "inconclusive", "accepted_risk", "not_applicable"}
# name, capture, statuses that its leg must not have, class that it must have
SHAPED = [
    ("clear SIP beside DTLS on one five-tuple is no pass", dtls_beside_sip, {"pass", "not_applicable", "inconclusive"}, "client-to-server"),
    ("unknown datagrams beside DTLS are no pass", dtls_beside_unknown, PROTECTED | EXEMPT, "client-to-server"),
    ("DTLS inside TURN does not protect the stream around it", dtls_inside_turn, PROTECTED | EXEMPT, None),
    ("TLS behind clear octets that nobody read is no pass", tls_behind_unknown_octets, PROTECTED | EXEMPT, "federation-xmpp"),
    ("clear SIP behind a flood of time messages is seen", ntp_flood_before_sip, PROTECTED | EXEMPT | {"inconclusive"}, "client-to-server"),
    ("a request behind forty of revocation lists is not clear by design", lambda: many_hosts(get_request("/abs/names")), PROTECTED | EXEMPT,
     "content-download"),
    ("a form that is answered by a redirect was sent in clear", post_and_redirect, PROTECTED | EXEMPT, "content-download"),
    ("a redirect to two places is not one to HTTPS", two_locations, PROTECTED | EXEMPT, "content-download"),
    ("not modified is no redirect", not_modified, PROTECTED | EXEMPT, "content-download"),
    ("unreadable octets behind a revocation list are not clear by design", clear_path_then_unreadable, PROTECTED | EXEMPT, "content-download"),
    ("a password that LDAP changes in clear is traffic", password_modify, PROTECTED | EXEMPT, "infrastructure"),
    ("unknown datagrams behind STUN are not nothing", stun_then_unknown_datagrams, PROTECTED | EXEMPT, "client-to-server"),
    ("unknown frames behind STUN are not nothing", stun_then_unknown_frames, PROTECTED | EXEMPT, "client-to-server"),
    ("unknown octets inside TURN are not nothing", turn_with_unknown_inside, PROTECTED | EXEMPT, "client-to-server"),
    ("a line of syslog does not turn a SIP leg into infrastructure", syslog_before_sip, PROTECTED | EXEMPT | {"accepted_risk"}, "server-to-server"),
    ("records of data behind a hello alone are not nothing", data_in_records_without_handshake, PROTECTED | EXEMPT, "client-to-server"),
    ("records of data behind a refusal are not nothing", data_in_records_after_a_refusal, PROTECTED | EXEMPT, "client-to-server"),
    ("SMB that one side encrypts is no pass", smb_that_one_side_encrypts, PROTECTED | EXEMPT, "infrastructure"),
    ("a revocation list of which a part was lost is no fail", half_a_revocation_list, PROTECTED | EXEMPT | {"fail"}, "content-download"),
    ("SIP on the port of DNS is not clear by design", lambda: Talk(OUTSIDE, DC, (40000, 53)).say(0, REGISTER).close(), PROTECTED | EXEMPT,
     "unknown"),
    ("XMPP that answers its own request stays clear", xmpp_that_answers_itself, PROTECTED | EXEMPT | {"inconclusive"}, "federation-xmpp"),
    ("clear SIP behind a hundred keep-alives is seen", keep_alives_before_sip, PROTECTED | EXEMPT | {"inconclusive"}, "client-to-server"),
    ("clear messages behind a loss after TLS are no pass", clear_behind_a_gap_after_tls, PROTECTED | EXEMPT, "client-to-server"),
    ("entries with names are not the root DSE", named_entries_of_a_root_dse, PROTECTED | EXEMPT, "infrastructure"),
    ("PostgreSQL under GSSAPI that only signs is in clear", lambda: postgresql_packets_that_only_sign(False),
     PROTECTED | EXEMPT | {"inconclusive"}, "infrastructure"),
    ("a sealed packet does not vouch for those behind it", lambda: postgresql_packets_that_only_sign(True),
     PROTECTED | EXEMPT | {"inconclusive"}, "infrastructure"),
    ("stanzas behind the consent to TLS are no pass", lambda: xmpp_to_tls((0, STARTTLS), (1, PROCEED), (0, MESSAGE), (1, MESSAGE)),
     PROTECTED | EXEMPT, "federation-xmpp"),
    ("stanzas behind the request for TLS are no pass", lambda: xmpp_to_tls((0, STARTTLS + MESSAGE), (1, PROCEED)), PROTECTED | EXEMPT,
     "federation-xmpp"),
    ("octets lost behind the consent to TLS are no pass", lambda: xmpp_to_tls((0, STARTTLS), (1, PROCEED), None), PROTECTED | EXEMPT,
     "federation-xmpp"),
    ("octets behind the end of an XMPP stream are no pass", lambda: xmpp_to_tls((1, b"</stream:stream>"), (1, UNKNOWN), (0, STARTTLS)),
     PROTECTED | EXEMPT, "federation-xmpp"),
    ("white space between the consent and TLS says nothing", lambda: xmpp_to_tls((0, STARTTLS), (1, PROCEED + b"\r\n")),
     EXEMPT | {"fail", "inconclusive"}, "federation-xmpp"),
    ("mail behind the consent to TLS is no pass", lambda: mail_to_tls((0, b"STARTTLS\r\n"), (1, b"220 go\r\n"), (0, SENT_MAIL)),
     PROTECTED | EXEMPT, "infrastructure"),
    ("mail behind the request for TLS is no pass", lambda: mail_to_tls((0, b"STARTTLS\r\n" + SENT_MAIL), (1, b"220 go\r\n")),
     PROTECTED | EXEMPT, "infrastructure"),
    ("mail behind a request that is refused was said in clear", mail_behind_a_refused_request, PROTECTED | EXEMPT | {"inconclusive"},
     "infrastructure"),
    ("unknown octets behind the consent to TLS are not nothing", mail_that_agrees_on_tls_and_goes_on_in_clear, PROTECTED | EXEMPT,
     "infrastructure"),
    ("TLS behind lost octets is no pass", tls_behind_a_loss, PROTECTED | EXEMPT, "client-to-server"),
    ("TLS that was joined behind a proxy's consent is no pass", lambda: tls_joined(5), PROTECTED | EXEMPT, "client-to-server"),
    ("TLS whose SYN alone was lost passes", tls_behind_a_lost_syn, EXEMPT | {"fail", "inconclusive"}, "client-to-server"),
    ("DTLS that is alone passes", dtls_beside, EXEMPT | {"fail", "inconclusive"}, "client-to-server"),
    ("clear media beside DTLS fails", lambda: dtls_beside(*RTP), PROTECTED | EXEMPT | {"inconclusive"}, "client-to-server"),
    ("clear RTCP beside DTLS is no pass", lambda: dtls_beside(*RTCP), PROTECTED | EXEMPT, "client-to-server"),
    ("unknown octets in TURN beside DTLS are no pass", lambda: dtls_beside(*[(side, relayed(side, UNKNOWN)) for side in (0, 1)]),
     PROTECTED | EXEMPT, "client-to-server"),
    ("clear media behind refused DTLS fails", lambda: dtls_beside(*RTP, refused=True), PROTECTED | EXEMPT | {"inconclusive"},
     "client-to-server"),
    ("unknown datagrams behind refused DTLS are not nothing", lambda: dtls_beside((0, UNKNOWN), (1, UNKNOWN), refused=True),
     PROTECTED | EXEMPT, "client-to-server"),
    ("refused DTLS that is alone is a probe", lambda: dtls_beside(refused=True), PROTECTED | {"fail", "inconclusive"}, "client-to-server"),
    ("unknown octets before refused TLS are not nothing", refused_behind_unknown_octets, PROTECTED | EXEMPT, "client-to-server"),
    ("octets lost behind a hello are not nothing", hello_before_a_loss, PROTECTED | EXEMPT, "client-to-server"),
    ("a connection of which all octets were lost is not empty", lambda: Talk(OUTSIDE, FE1, (40000, 5061)).lose(50000).close(),
     PROTECTED | EXEMPT, "client-to-server"),
    ("unknown datagrams behind a DNS query are not clear by design", dns_before_unknown_datagrams, PROTECTED | EXEMPT, None),
    ("a DNS query does not make a SIP leg clear by design", dns_over_sips_port, PROTECTED | EXEMPT, "server-to-server"),
    ("a form behind a question mark was sent in clear", lambda: get_and_redirect("/dialin/login?user=a&password=b"),
     PROTECTED | EXEMPT | {"inconclusive"}, "content-download"),
    ("a GET with a body was sent in clear", lambda: get_and_redirect("/dialin", "Content-Length: 17\r\n", b"user=a&password=b"),
     PROTECTED | EXEMPT | {"inconclusive"}, "content-download"),
    ("a web ticket was sent in clear", lambda: get_and_redirect("/webticket/x", "X-MS-WebTicket: opaque=AAAA\r\n"),
     PROTECTED | EXEMPT | {"inconclusive"}, "content-download"),
    ("a question without a credential may be redirected", lambda: get_and_redirect("/meet/a?sl=1&lang=en"),
     (OTHERS | PROTECTED) - EXEMPT, "clear-by-design"),
    ("IKE alone protects nothing", lambda: Talk(FE1, SQL, (500, 500), tcp=False).say(0, IKE).say(1, IKE), PROTECTED, "infrastructure"),
    ("unknown datagrams behind IKE are not nothing", lambda: Talk(FE1, SQL, (500, 500), tcp=False).say(0, IKE).say(1, UNKNOWN),
     PROTECTED | EXEMPT, "infrastructure"),
    ("ESP in UDP with a NULL cipher is in clear", lambda: ipsec_in_udp(sql_under_a_null_cipher), PROTECTED | EXEMPT | {"inconclusive"},
     "infrastructure"),
    ("ESP in UDP that encrypts is protected", lambda: ipsec_in_udp(lambda _: NOISE.randbytes(62)), OTHERS, "infrastructure"),
    ("a handshake of WireGuard protects nothing", wireguard, PROTECTED, "infrastructure"),
    ("unknown datagrams behind a handshake of WireGuard are no pass", lambda: wireguard((0, UNKNOWN), (1, UNKNOWN)), PROTECTED | EXEMPT,
     "infrastructure"),
    ("unknown datagrams beside WireGuard's are no pass", lambda: wireguard(*wireguard_data(), (0, UNKNOWN)), PROTECTED | EXEMPT,
     "infrastructure"),
    ("WireGuard is protected", lambda: wireguard(*wireguard_data()), OTHERS, "infrastructure"),
]


def main():
    program, checks = Program(arguments(__doc__).parse_args().sealtrace), Checks("shaped packets")
    with tempfile.TemporaryDirectory() as scratch:
        for sentence, make, never, wanted_class in SHAPED:
            path = pathlib.Path(scratch) / "shaped.pcap"
            pcapfile.write(path, pcapfile.Capture(make().frames))
            records = program.records("--topology", CAPTURES / "site.topology.yaml", path)
            legs = [(get(leg, "class"), get(leg, "status")) for leg in of_kind(records, "leg")]
            flows = [(flow.get("protocols"), flow.get("results")) for flow in of_kind(records, "flow")]
            own = [status for traffic_class, status in legs if wanted_class in (None, traffic_class)]
            checks.expect(bool(own) and not never & set(own), sentence, f"legs {legs}\nflows {flows}")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
