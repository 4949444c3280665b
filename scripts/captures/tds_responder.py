#!/usr/bin/env python3
"""Stands in for SQL Server: answers PRELOGIN, LOGIN7 and every batch just far enough for a TDS client to be content. No database.

  tds_responder.py ADDRESS PORT ENCRYPTION [CERTIFICATE]   ENCRYPTION is what PRELOGIN answers ([MS-TDS] 2.2.6.5): not-supported, off, on

With `off` the login packet travels in TLS and what follows does not; with `on` everything does. CERTIFICATE holds key and certificate.
The TLS handshake travels inside TDS packets of type 0x12, records after it bare, as in TDS 7.
"""
import socket
import ssl
import struct
import sys

ENCRYPTION = {"off": 0, "on": 1, "not-supported": 2}
PRELOGIN, LOGIN7, REPLY = 0x12, 0x10, 0x04
LAST_PACKET = 0x01


def packet(kind, payload):
    return struct.pack(">BBHHBB", kind, LAST_PACKET, 8 + len(payload), 0, 1, 0) + payload


def prelogin(encryption):
    """Options VERSION, ENCRYPTION and MARS; offsets count from the start of the payload."""
    values = [(0, struct.pack(">BBHH", 15, 0, 2000, 0)), (1, bytes([encryption])), (4, b"\0")]
    offset, table, data = 5 * len(values) + 1, b"", b""
    for token, value in values:
        table += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return packet(REPLY, table + b"\xff" + data)


def done():
    return struct.pack("<BHHQ", 0xFD, 0, 0, 0)


def login_answer():
    name = "lab".encode("utf-16-le")
    content = b"\x01" + bytes.fromhex("74000004") + bytes([len(name) // 2]) + name + bytes([15, 0, 7, 208])
    return packet(REPLY, b"\xad" + struct.pack("<H", len(content)) + content + done())


class Session:
    """Session is one connection: octets to and from the client, in TLS where that was agreed."""

    def __init__(self, peer, certificate):
        self.peer, self.certificate = peer, certificate
        self.clear = b""
        self.tls = None

    def read(self, count):
        while len(self.clear) < count:
            data = self.peer.recv(4096)
            if not data:
                raise EOFError
            if self.tls:
                self.incoming.write(data)
                data = self.decrypted()
            self.clear += data
        taken, self.clear = self.clear[:count], self.clear[count:]
        return taken

    def decrypted(self):
        data = b""
        while True:
            try:
                piece = self.tls.read(4096)
            except ssl.SSLWantReadError:
                return data
            if not piece:
                raise EOFError
            data += piece

    def message(self):
        kind, payload, status = 0, b"", 0
        while not status & LAST_PACKET:
            kind, status, length = struct.unpack(">BBH", self.read(8)[:4])
            payload += self.read(length - 8)
        return kind, payload

    def write(self, data):
        if self.tls:
            self.tls.write(data)
            data = self.outgoing.read()
        self.peer.sendall(data)

    def handshake(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                finished = True
            except ssl.SSLWantReadError:
                finished = False
            if records := self.outgoing.read():
                self.peer.sendall(packet(PRELOGIN, records))
            if finished:
                break
            self.incoming.write(self.message()[1])
        self.tls = tls

    def serve(self, encryption):
        self.message()
        self.write(prelogin(encryption))
        if encryption != ENCRYPTION["not-supported"]:
            self.handshake()
        kind, _ = self.message()
        assert kind == LOGIN7, kind
        if encryption == ENCRYPTION["off"]:
            self.tls = None
        self.write(login_answer())
        while True:
            self.message()
            self.write(packet(REPLY, done()))


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[3] not in ENCRYPTION:
        sys.exit(__doc__)
    with socket.create_server((sys.argv[1], int(sys.argv[2]))) as server:
        while True:
            peer, _ = server.accept()
            with peer:
                try:
                    Session(peer, sys.argv[4] if len(sys.argv) == 5 else None).serve(ENCRYPTION[sys.argv[3]])
                except (EOFError, OSError) as error:
                    print(repr(error), flush=True)


main()
