#!/usr/bin/env python3
"""Stand-ins of the site captures: small programs for services that no package of Debian offers. Everything else in them is a real program.

  site_stand_ins.py tds ADDRESS on|not-supported CERTIFICATE   answers as a SQL server as far as a login and one statement ([MS-TDS] 2.2)
  site_stand_ins.py pseudo-tls ADDRESS                         answers the pseudo-TLS hello of an A/V Edge on 443, then one request ([MS-TURN])
  site_stand_ins.py pseudo-tls-client ADDRESS                  sends that hello and that request
  site_stand_ins.py echo ADDRESS PORT                          a web conferencing service: returns what it is sent
  site_stand_ins.py say ADDRESS PORT TEXT                      sends TEXT, waits for as much
  site_stand_ins.py component PORT DOMAIN SECRET FROM TO TEXT  an XMPP gateway on 127.0.0.1 PORT (XEP-0114): sends one message, waits for an answer
"""
import hashlib
import re
import socket
import ssl
import struct
import sys

# The fixed octets of the pseudo-TLS hello, as an A/V Edge's clients send them, and its answer. Neither is a TLS handshake.
CLIENT_RANDOM = bytes.fromhex("c1fcd5a36d93dd7e0b45673fec7985fbbc3fd660c2ce8485081b8121bcaa10fb")
CLIENT_HELLO = bytes.fromhex("160301002d010000290301") + CLIENT_RANDOM + bytes.fromhex("000002001801" "00")
SERVER_HELLO = (bytes.fromhex("160301004e020000460301") + bytes(range(32)) + b"\x20" + bytes(range(32, 64)) + bytes.fromhex("0018000e000000"))
MS_COOKIE = bytes.fromhex("000f000472c64bc6")  # [MS-TURN] 2.2.2.8: always the first attribute

PRELOGIN, LOGIN7, TABULAR_RESULT = 0x12, 0x10, 0x04
ENCRYPT_NOT_SUP, ENCRYPT_REQ = 2, 3


def listen(address, port):
    listener = socket.create_server((address, port), reuse_port=False)
    while True:
        peer, _ = listener.accept()
        with peer:
            yield peer


def exactly(receive, length):
    data = b""
    while len(data) < length:
        piece = receive(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def tds_packet(kind, payload):
    return struct.pack(">BBHHBB", kind, 1, 8 + len(payload), 0, 1, 0) + payload


def tds_read(receive):
    """A whole message: packets until the one with the end-of-message bit."""
    message = b""
    while True:
        kind, status, length = struct.unpack(">BBH", exactly(receive, 8)[:4])
        message += exactly(receive, length - 8)
        if status & 1:
            return kind, message


def tds_prelogin(encryption):
    options = [(0, bytes.fromhex("0b000bb80000")), (1, bytes([encryption])), (2, b"\0"), (3, b""), (4, b"\0")]
    head, body, offset = b"", b"", 5 * len(options) + 1
    for token, value in options:
        head += struct.pack(">BHH", token, offset + len(body), len(value))
        body += value
    return head + b"\xff" + body


def tds_wide(text):
    return text.encode("utf-16-le")


def tds_login_answer():
    name = "Microsoft SQL Server"
    ack = b"\x01" + bytes.fromhex("74000004") + bytes([len(name)]) + tds_wide(name) + bytes.fromhex("0b000bb8")
    old, new = "4096", "4096"
    size = b"\x04" + bytes([len(new)]) + tds_wide(new) + bytes([len(old)]) + tds_wide(old)
    tokens = b"\xe3" + struct.pack("<H", len(size)) + size + b"\xad" + struct.pack("<H", len(ack)) + ack
    return tokens + b"\xfd" + struct.pack("<HHQ", 0, 0, 0)


def tds_row(value):
    """One column, one row: COLMETADATA, ROW, DONE with a count."""
    text, name = value.encode(), "SipAddress"
    columns = b"\x81" + struct.pack("<HIH", 1, 0, 0) + b"\xa7" + struct.pack("<H", 256) + bytes.fromhex("0904d00034")
    columns += bytes([len(name)]) + tds_wide(name)
    return columns + b"\xd1" + struct.pack("<H", len(text)) + text + b"\xfd" + struct.pack("<HHQ", 0x10, 0xc1, 1)


def tds_answer(receive, send):
    while True:
        try:
            kind, message = tds_read(receive)
        except (EOFError, OSError):
            return
        if kind == LOGIN7:
            send(tds_packet(TABULAR_RESULT, tds_login_answer()))
        elif b"s\0e\0l\0e\0c\0t\0" in message.lower() and b"S\0i\0p\0" in message:
            send(tds_packet(TABULAR_RESULT, tds_row("sip:alice@contoso.com")))
        else:
            send(tds_packet(TABULAR_RESULT, b"\xfd" + struct.pack("<HHQ", 0, 0, 0)))


def tds_handshake(peer, context):
    """TLS whose handshake travels in PRELOGIN packets; afterwards records are bare."""
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(inward, outward, server_side=True)
    while True:
        try:
            tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        if outward.pending:
            peer.sendall(tds_packet(PRELOGIN, outward.read()))
        if done:
            break
        inward.write(tds_read(peer.recv)[1])

    def receive(length):
        while True:
            try:
                return tls.read(length)
            except ssl.SSLWantReadError:
                data = peer.recv(4096)
                if not data:
                    return b""
                inward.write(data)
            except ssl.SSLZeroReturnError:
                return b""

    def send(data):
        tls.write(data)
        peer.sendall(outward.read())

    return receive, send


def tds(address, encryption, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for peer in listen(address, 1433):
        try:
            tds_read(peer.recv)
            peer.sendall(tds_packet(TABULAR_RESULT, tds_prelogin(ENCRYPT_REQ if encryption == "on" else ENCRYPT_NOT_SUP)))
            receive, send = tds_handshake(peer, context) if encryption == "on" else (peer.recv, peer.sendall)
            tds_answer(receive, send)
        except (EOFError, OSError):
            pass


def ms_turn(kind, transaction, attributes):
    message = struct.pack(">HH", kind, len(attributes)) + transaction + attributes
    return b"\x02\x00" + struct.pack(">H", len(message)) + message


def pseudo_tls(address):
    for peer in listen(address, 443):
        try:
            if exactly(peer.recv, len(CLIENT_HELLO))[:11] != CLIENT_HELLO[:11]:
                continue
            peer.sendall(SERVER_HELLO)
            length = struct.unpack(">H", exactly(peer.recv, 4)[2:])[0]
            transaction = exactly(peer.recv, length)[4:20]
            realm = b"contoso.com"
            attributes = (MS_COOKIE + bytes.fromhex("00090010") + bytes.fromhex("00000401") + b"Unauthorized" + struct.pack(">HH", 0x15, 12) + realm
                          + b"\0" + struct.pack(">HH", 0x14, 16) + bytes(16))
            peer.sendall(ms_turn(0x0113, transaction, attributes))
            peer.recv(1)
        except (EOFError, OSError):
            pass


def pseudo_tls_client(address):
    with socket.create_connection((address, 443), timeout=10) as peer:
        peer.sendall(CLIENT_HELLO)
        exactly(peer.recv, len(SERVER_HELLO))
        peer.sendall(ms_turn(0x0003, bytes(range(64, 80)), MS_COOKIE + bytes.fromhex("8008000400000003")))
        length = struct.unpack(">H", exactly(peer.recv, 4)[2:])[0]
        if struct.unpack(">H", exactly(peer.recv, length)[:2])[0] != 0x0113:
            sys.exit("the A/V Edge did not answer")


def echo(address, port):
    for peer in listen(address, int(port)):
        while data := peer.recv(4096):
            peer.sendall(data)


def say(address, port, text):
    with socket.create_connection((address, int(port)), timeout=10) as peer:
        peer.sendall(text.encode() + b"\n")
        exactly(peer.recv, len(text.encode()) + 1)


def component(port, domain, secret, sender, recipient, text):
    with socket.create_connection(("127.0.0.1", int(port)), timeout=15) as peer:
        def until(pattern):
            data = ""
            while not (found := re.search(pattern, data)):
                piece = peer.recv(4096)
                if not piece:
                    sys.exit(f"the XMPP server closed: {data}")
                data += piece.decode()
            return found

        peer.sendall(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>".encode())
        stream = until(r"<stream:stream[^>]*\sid=['\"]([^'\"]*)['\"][^>]*>").group(1)
        peer.sendall(f"<handshake>{hashlib.sha1((stream + secret).encode()).hexdigest()}</handshake>".encode())
        until(r"<handshake\s*/>")
        peer.sendall(f"<message from='{sender}' to='{recipient}' id='m1' type='chat'><body>{text}</body></message>".encode())
        until(r"</message>")


def main():
    programs = {"tds": tds, "pseudo-tls": pseudo_tls, "pseudo-tls-client": pseudo_tls_client, "echo": echo, "say": say, "component": component}
    if len(sys.argv) < 2 or sys.argv[1] not in programs:
        sys.exit(__doc__)
    programs[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
