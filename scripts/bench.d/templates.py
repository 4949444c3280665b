"""templates: complete TLS and DTLS conversations out of the sample captures, for make_captures to vary.

    templates.py OUT CAPTURE...

Written little-endian, for each conversation: u8 protocol (6 or 17), u16 server port, u8 whether the server's certificate is in the
clear, the two streams (u32 length, octets; client first), the pieces in the order they were sent (u32 count; u8 side, u32 length),
and what to vary (u32 count; u8 side, u32 offset, u32 length, u8 group: octets of one group change alike).
"""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests"))
import pcapfile  # noqa: E402

TCP, UDP = 6, 17
SEGMENT_BYTES = 1460
APPLICATION_BYTES = 4096  # kept of each side: what is measured is the handshake
SYN, ACK = 2, 16
DATAGRAMS = 24  # kept of a DTLS conversation: its handshake, and little else
CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION = 20, 22, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE = 1, 2, 11
LEAF_GROUP = 0  # makes the leaf another certificate: make_captures takes one of a limited set of values


class Conversation:
    """Two streams of octets and the pieces in which they were sent; for UDP a piece is a datagram."""

    def __init__(self, protocol, port):
        self.protocol, self.port = protocol, port
        self.streams, self.pieces, self.next = [bytearray(), bytearray()], [], [None, None]
        self.complete = True

    def add_segment(self, side, sequence, flags, payload):
        if flags & SYN:
            self.next[side] = sequence + 1 & 0xFFFFFFFF
            return
        if self.next[side] is None or (payload and sequence != self.next[side]):
            self.complete = False  # joined late, lost or out of order: no template
            return
        self.next[side] = sequence + len(payload) & 0xFFFFFFFF
        for at in range(0, len(payload), SEGMENT_BYTES):
            self.add_piece(side, payload[at:at + SEGMENT_BYTES])

    def add_piece(self, side, octets):
        self.streams[side] += octets
        self.pieces.append((side, len(octets)))

    def keep(self, lengths):
        """Keep the first octets of each stream only."""
        pieces, at = [], [0, 0]
        for side, length in self.pieces:
            kept = min(length, lengths[side] - at[side])
            if kept > 0:
                pieces.append((side, kept))
                at[side] += kept
        self.pieces = pieces
        self.streams = [bytearray(stream[:length]) for stream, length in zip(self.streams, lengths)]


def transport_of(frame):
    """(protocol, source, destination, transport octets) of an IPv4 frame over Ethernet, else None."""
    ends, octets = pcapfile.endpoints(frame), frame.octets
    if ends is None or octets[12:14] != b"\x08\x00":
        return None
    total, = struct.unpack_from(">H", octets, 16)
    return octets[23], *ends, octets[14 + (octets[14] & 15) * 4:14 + total]


def conversations(path):
    found = {}
    for frame in pcapfile.read(path).frames:
        parsed = transport_of(frame)
        if not parsed or parsed[0] not in (TCP, UDP):
            continue
        protocol, source, destination, octets = parsed
        key = (protocol, frozenset((source, destination)))
        if key not in found:
            found[key] = (source, Conversation(protocol, destination[1]))
        client, conversation = found[key]
        side = int(source != client)
        if protocol == UDP:
            conversation.add_piece(side, octets[8:])
            continue
        sequence, = struct.unpack_from(">I", octets, 4)
        conversation.add_segment(side, sequence, octets[13], octets[(octets[12] >> 4) * 4:])
    return [conversation for _, conversation in found.values() if conversation.complete and conversation.pieces]


def records(stream):
    """(type, start, end) of the whole TLS records of a stream."""
    at = 0
    while at + 5 <= len(stream) and 20 <= stream[at] <= 24 and stream[at + 1] == 3:
        end = at + 5 + int.from_bytes(stream[at + 3:at + 5], "big")
        if end > len(stream):
            return
        yield stream[at], at, end
        at = end


def clear_messages(stream):
    """(type, body start, body end) of handshake messages before ChangeCipherSpec that lie in one record."""
    for kind, start, end in records(stream):
        if kind == CHANGE_CIPHER_SPEC:
            return
        at = start + 5
        while kind == HANDSHAKE and at + 4 <= end:
            body = at + 4 + int.from_bytes(stream[at + 1:at + 4], "big")
            if body <= end:
                yield stream[at], at + 4, body
            at = body


def leaf_end(stream, body, end):
    """(offset, length) of the last octets of the first certificate of a Certificate message: they are of its signature."""
    stop = body + 6 + int.from_bytes(stream[body + 3:body + 6], "big")
    return (stop - 4, 4) if body + 6 + 4 <= stop <= end else None


def tls_template(conversation):
    """(whether the certificate is in the clear, what to vary) of a whole TLS handshake, else None. Cuts application data."""
    kept = []
    for stream in conversation.streams:
        end = application = 0
        for kind, start, stop in records(stream):
            application += (stop - start) * (kind == APPLICATION)
            if application > APPLICATION_BYTES:
                break
            end = stop
        kept.append(end)
    conversation.keep(kept)
    vary, groups, clear, hellos = [], {}, False, set()
    for side, stream in enumerate(conversation.streams):
        for kind, start, end in clear_messages(stream):
            if kind in (CLIENT_HELLO, SERVER_HELLO):
                hellos.add(kind)
                runs = [(start + 2, 32)] + [(start + 35, 32)] * (stream[start + 34] == 32)
                for at, length in runs:
                    group = groups.setdefault(bytes(stream[at:at + length]), len(groups) + 1)
                    vary.append((side, at, length, group))
            elif kind == CERTIFICATE and side == 1 and end - start > 100:
                clear = True
                if leaf := leaf_end(stream, start, end):
                    vary.append((side, *leaf, LEAF_GROUP))
    finished = all(any(kind in (CHANGE_CIPHER_SPEC, APPLICATION) for kind, *_ in records(stream)) for stream in conversation.streams)
    return (clear, vary) if hellos == {CLIENT_HELLO, SERVER_HELLO} and finished else None


def is_dtls_record(datagram):
    """Whether a datagram begins as a record of DTLS 1.0 or 1.2 does (RFC 6347 section 4.1)."""
    return len(datagram) >= 13 and CHANGE_CIPHER_SPEC <= datagram[0] <= APPLICATION and datagram[1] == 0xFE


def dtls_template(conversation):
    """The DTLS of a UDP conversation: its first datagrams, without the STUN, media and whatever else shares the ports; else None."""
    at, kept = [0, 0], Conversation(UDP, conversation.port)
    for side, length in conversation.pieces:
        datagram = conversation.streams[side][at[side]:at[side] + length]
        at[side] += length
        if is_dtls_record(datagram) and len(kept.pieces) < DATAGRAMS:
            kept.add_piece(side, datagram)
    return kept if len(kept.pieces) >= 4 and all(kept.streams) else None


def write(file, conversation, clear, vary):
    file.write(struct.pack("<BHB", conversation.protocol, conversation.port, clear))
    for stream in conversation.streams:
        file.write(struct.pack("<I", len(stream)) + stream)
    file.write(struct.pack("<I", len(conversation.pieces)))
    for piece in conversation.pieces:
        file.write(struct.pack("<BI", *piece))
    file.write(struct.pack("<I", len(vary)))
    for run in vary:
        file.write(struct.pack("<BIIB", *run))


def main(out, *paths):
    kinds = {"TLS": 0, "with certificates in the clear": 0, "DTLS": 0}
    with open(out, "wb") as file:
        for path in sorted(paths):
            for conversation in conversations(path):
                if conversation.protocol == UDP:
                    if template := dtls_template(conversation):
                        write(file, template, False, [])
                        kinds["DTLS"] += 1
                elif template := tls_template(conversation):
                    write(file, conversation, *template)
                    kinds["TLS"] += 1
                    kinds["with certificates in the clear"] += template[0]
    print("templates: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
