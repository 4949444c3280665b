#!/usr/bin/python3
"""A TURN client that never binds a channel: what comes to 127.0.0.1:LOCAL_PORT goes to the peer in Send indications (RFC 8656 section 11).

  turn_indications.py ADDRESS RELAY USER PASSWORD PEER:PORT LOCAL_PORT

The relay is a real one, UDP 3478 with long-term credentials. Prints the relayed port, and ends three seconds after the last packet.
"""
import hashlib
import hmac
import os
import socket
import struct
import sys

COOKIE = 0x2112A442
ALLOCATE, SEND, CREATE_PERMISSION = 0x0003, 0x0016, 0x0008
USERNAME, INTEGRITY, PEER, DATA, REALM, NONCE, RELAYED, TRANSPORT = 0x0006, 0x0008, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0019


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def xor_address(text):
    host, port = text.split(":")
    number = struct.unpack("!I", socket.inet_aton(host))[0] ^ COOKIE
    return struct.pack("!BBHI", 0, 1, int(port) ^ (COOKIE >> 16), number)


def message(kind, *attributes, key=None):
    body, transaction = b"".join(attributes), os.urandom(12)
    if key:
        head = struct.pack("!HHI", kind, len(body) + 24, COOKIE) + transaction
        body += attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
    return struct.pack("!HHI", kind, len(body), COOKIE) + transaction + body


def parse(octets):
    kind, length = struct.unpack("!HH", octets[:4])
    found, at = {}, 20
    while at < 20 + length:
        name, size = struct.unpack("!HH", octets[at:at + 4])
        found[name] = octets[at + 4:at + 4 + size]
        at += 4 + size + -size % 4
    return kind, found


def main():
    address, relay, user, password, peer, local_port = sys.argv[1:]
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, 0))
    link.connect((relay, 3478))
    link.settimeout(5)
    local = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    local.bind(("127.0.0.1", int(local_port)))

    def request(kind, *attributes, key=None):
        link.send(message(kind, *attributes, key=key))
        while True:
            answer, found = parse(link.recv(2048))
            if answer & 0x0110 in (0x0100, 0x0110):  # not a Data indication that was faster
                return answer, found

    transport = attribute(TRANSPORT, b"\x11\0\0\0")
    answer, found = request(ALLOCATE, transport)
    assert answer == ALLOCATE | 0x0110
    realm = found[REALM].decode()
    key = hashlib.md5(f"{user}:{realm}:{password}".encode()).digest()
    credentials = [attribute(USERNAME, user.encode()), attribute(REALM, found[REALM]), attribute(NONCE, found[NONCE])]
    answer, found = request(ALLOCATE, transport, *credentials, key=key)
    assert answer == ALLOCATE | 0x0100
    print(struct.unpack("!H", found[RELAYED][2:4])[0] ^ (COOKIE >> 16), flush=True)
    answer, _ = request(CREATE_PERMISSION, attribute(PEER, xor_address(peer)), *credentials, key=key)
    assert answer == CREATE_PERMISSION | 0x0100
    local.settimeout(3)
    while True:
        try:
            media = local.recv(2048)
        except TimeoutError:
            return
        link.send(message(SEND, attribute(PEER, xor_address(peer)), attribute(DATA, media)))


if __name__ == "__main__":
    main()
