#!/usr/bin/python3
"""A stand-in for both ends of [MS-TURN], written from the specification: no Microsoft software has a part in it. What it carries is real media.

  ms_turn.py relay ADDRESS                                       relays: UDP 3478, and TCP 443 behind a pseudo-TLS hello
  ms_turn.py client udp|tcp ADDRESS RELAY PEER:PORT LOCAL_PORT   allocates there; what comes to 127.0.0.1:LOCAL_PORT goes to the peer

The client allocates without credentials (401), then with them; sends a few packets as Send requests, sets the active destination, and from then on media is
bare on UDP, and in frames of type 3 on TCP. The relay gives ports from 50000 on, one after another.
"""
import hashlib
import hmac
import os
import selectors
import socket
import struct
import sys

COOKIE = struct.pack("!HHI", 0x000F, 4, 0x72C64BC6)  # section 2.2.2.8: always the first attribute
ALLOCATE, ALLOCATED, REFUSED, SEND, DATA, SET_ACTIVE, ACTIVE = 0x0003, 0x0103, 0x0113, 0x0004, 0x0115, 0x0006, 0x0106
MAPPED, USERNAME, INTEGRITY, ERROR, LIFETIME, DESTINATION, REMOTE, PAYLOAD, NONCE, REALM, VERSION, XOR_MAPPED = (
    0x0001, 0x0006, 0x0008, 0x0009, 0x000D, 0x0011, 0x0012, 0x0013, 0x0014, 0x0015, 0x8008, 0x8020)
USER, PASSWORD, REALM_NAME = b"Throwaway-mras-user-4408", b"Throwaway-mras-password-6617", b"contoso.com"
AS_REQUESTS = 5  # packets in Send requests before the active destination is set
CONTROL, END_TO_END = 2, 3  # section 2.1: framing over TCP


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def endpoint(address):
    return struct.pack("!BBH", 0, 1, address[1]) + socket.inet_aton(address[0])


def xor_endpoint(address, transaction):
    port = address[1] ^ struct.unpack("!H", transaction[:2])[0]
    octets = bytes(a ^ b for a, b in zip(socket.inet_aton(address[0]), transaction[:4]))
    return struct.pack("!BBH", 0, 1, port) + octets


def message(kind, transaction, *attributes, signed=False):
    body = COOKIE + b"".join(attributes)
    if signed:
        whole = struct.pack("!HH", kind, len(body) + 24) + transaction + body
        key = hashlib.md5(USER + b":" + REALM_NAME + b":" + PASSWORD).digest()
        body += attribute(INTEGRITY, hmac.new(key, whole, hashlib.sha1).digest())
    return struct.pack("!HH", kind, len(body)) + transaction + body


def parse(octets):
    kind, length = struct.unpack("!HH", octets[:4])
    found, at = {}, 20
    while at + 4 <= 20 + length:
        name, size = struct.unpack("!HH", octets[at:at + 4])
        found[name] = octets[at + 4:at + 4 + size]
        at += 4 + size
    return kind, octets[4:20], found


def address_of(value):
    return socket.inet_ntoa(value[4:8]), struct.unpack("!H", value[2:4])[0]


def client_hello():
    """The hello of pseudo-TLS: TLS 1.0, the one suite 0x0018, no extension; nothing of it ever takes effect."""
    return bytes.fromhex("160301002d010000290301") + os.urandom(32) + bytes.fromhex("00000200180100")


def server_hello():
    return bytes.fromhex("160301004e020000460301") + os.urandom(32) + b"\x20" + os.urandom(32) + bytes.fromhex("0018000e000000")


def exactly(stream, count):
    octets = b""
    while len(octets) < count:
        more = stream.recv(count - len(octets))
        if not more:
            return b""
        octets += more
    return octets


class Link:
    """Link is the way between client and relay: datagrams, or frames on a TCP connection."""

    def __init__(self, carrier, peer=None):
        self.carrier, self.peer = carrier, peer
        self.tcp = carrier.type == socket.SOCK_STREAM

    def control(self, octets):
        self.put(CONTROL, octets)

    def media(self, octets):
        self.put(END_TO_END, octets)

    def put(self, kind, octets):
        if self.tcp:
            self.carrier.sendall(struct.pack("!BBH", kind, 0, len(octets)) + octets)
        else:
            self.carrier.sendto(octets, self.peer)

    def read(self):
        """A frame of the TCP connection: (kind, octets); kind 0 at its end."""
        head = exactly(self.carrier, 4)
        if not head:
            return 0, b""
        return head[0], exactly(self.carrier, struct.unpack("!H", head[2:])[0])


class Allocation:
    """Allocation is the relay's side of one client: a socket towards its peers."""

    def __init__(self, relay, link, reflexive):
        self.relay, self.link, self.reflexive = relay, link, reflexive
        self.active, self.nonce = None, os.urandom(8).hex().encode()
        self.outer = None

    def allocate(self):
        self.outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outer.bind((self.relay.address, self.relay.next_port))
        self.relay.next_port += 1
        self.relay.selector.register(self.outer, selectors.EVENT_READ, self.from_peer)

    def from_peer(self):
        octets, sender = self.outer.recvfrom(2048)
        if self.active == sender:
            self.link.media(octets)
        else:
            self.link.control(message(DATA, os.urandom(16), attribute(REMOTE, endpoint(sender)), attribute(PAYLOAD, octets)))

    def handle(self, octets):
        kind, transaction, found = parse(octets)
        if kind == ALLOCATE and INTEGRITY not in found:
            self.link.control(message(REFUSED, transaction, attribute(ERROR, b"\0\0\x04\x01Unauthorized"), attribute(REALM, REALM_NAME),
                                      attribute(NONCE, self.nonce), attribute(VERSION, struct.pack("!I", 2))))
        elif kind == ALLOCATE:
            if not self.outer:
                self.allocate()
            self.link.control(message(ALLOCATED, transaction, attribute(MAPPED, endpoint(self.outer.getsockname())),
                                      attribute(XOR_MAPPED, xor_endpoint(self.reflexive, transaction)), attribute(LIFETIME, struct.pack("!I", 300)),
                                      signed=True))
        elif kind == SEND:
            self.outer.sendto(found[PAYLOAD], address_of(found[DESTINATION]))
        elif kind == SET_ACTIVE:
            self.active = address_of(found[DESTINATION])
            self.link.control(message(ACTIVE, transaction, signed=True))

    def media(self, octets):
        self.outer.sendto(octets, self.active)


class Relay:
    """Relay serves UDP 3478 and TCP 443 until it is ended."""

    def __init__(self, address):
        self.address, self.next_port, self.clients = address, 50000, {}
        self.selector = selectors.DefaultSelector()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 3478))
        self.server = socket.create_server((address, 443))
        self.selector.register(self.udp, selectors.EVENT_READ, self.from_udp)
        self.selector.register(self.server, selectors.EVENT_READ, self.accept)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                key.data()

    def from_udp(self):
        octets, sender = self.udp.recvfrom(2048)
        if sender not in self.clients:
            self.clients[sender] = Allocation(self, Link(self.udp, sender), sender)
        client = self.clients[sender]
        (client.media if client.active and octets[0] & 0xC0 else client.handle)(octets)

    def accept(self):
        connection, sender = self.server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert exactly(connection, 50)[:3] == b"\x16\x03\x01"
        connection.sendall(server_hello())
        client = Allocation(self, Link(connection), sender)
        self.selector.register(connection, selectors.EVENT_READ, lambda: self.from_tcp(connection, client))

    def from_tcp(self, connection, client):
        kind, octets = client.link.read()
        if kind == CONTROL:
            client.handle(octets)
        elif kind == END_TO_END:
            client.media(octets)
        else:
            self.selector.unregister(connection)
            connection.close()


def client(kind, address, relay, peer, local_port):
    target = (peer.split(":")[0], int(peer.split(":")[1]))
    local = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    local.bind(("127.0.0.1", int(local_port)))
    if kind == "tcp":
        carrier = socket.create_connection((relay, 443), 10, (address, 0))
        carrier.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        carrier.sendall(client_hello())
        assert exactly(carrier, 83)[:6] == b"\x16\x03\x01\x00\x4e\x02"
        link = Link(carrier)
    else:
        carrier = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        carrier.bind((address, 0))
        carrier.settimeout(5)
        link = Link(carrier, (relay, 3478))

    def answer():
        return parse(link.read()[1] if link.tcp else carrier.recvfrom(2048)[0])

    version, user = attribute(VERSION, struct.pack("!I", 2)), attribute(USERNAME, USER)
    link.control(message(ALLOCATE, os.urandom(16), version, user))
    refused, _, found = answer()
    assert refused == REFUSED
    credentials = [version, user, attribute(REALM, REALM_NAME), attribute(NONCE, found[NONCE])]
    link.control(message(ALLOCATE, os.urandom(16), *credentials, signed=True))
    assert answer()[0] == ALLOCATED
    print("allocated", flush=True)
    sent = 0
    local.settimeout(3)
    carrier.settimeout(None)
    while True:
        try:
            octets = local.recv(2048)
        except TimeoutError:
            return
        if sent < AS_REQUESTS:
            link.control(message(SEND, os.urandom(16), *credentials, attribute(DESTINATION, endpoint(target)), attribute(PAYLOAD, octets), signed=True))
        else:
            if sent == AS_REQUESTS:
                link.control(message(SET_ACTIVE, os.urandom(16), *credentials, attribute(DESTINATION, endpoint(target)), signed=True))
            link.media(octets)
        sent += 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["relay"]:
        Relay(sys.argv[2]).run()
    elif sys.argv[1:2] == ["client"]:
        client(*sys.argv[2:])
    else:
        sys.exit(__doc__)
