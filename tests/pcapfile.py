"""pcapfile: read and write captures for tests: pcap in all its magic numbers, pcapng with its interfaces and secrets.

A capture is a Capture: frames in order, each with its time in nanoseconds, link type, length on the wire and octets. What
is written is a plain pcap with nanoseconds when all frames have one link type, else pcapng. Decryption Secrets Blocks are kept.
"""
import dataclasses
import struct

PCAP_MAGIC = {  # first four octets: byte order, nanoseconds per unit, octets of a record header
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16), b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16), b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24), b"\xa1\xb2\xcd\x34": (">", 1000, 24),  # Kuznetzov
}
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET, SECRETS = 0x0A0D0D0A, 1, 2, 3, 6, 10
OPTION_TIME_RESOLUTION = 9
ETHERNET = 1


@dataclasses.dataclass(frozen=True)
class Frame:
    time_ns: int
    octets: bytes
    wire_bytes: int
    link_type: int = ETHERNET


@dataclasses.dataclass
class Capture:
    frames: list
    secrets: list = dataclasses.field(default_factory=list)  # contents of Decryption Secrets Blocks

    def with_frames(self, frames):
        return Capture(list(frames), self.secrets)


def read(path):
    """The Capture in a file; a block or record cut at the end of the file is left out."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] in PCAP_MAGIC:
        return Capture(list(_pcap_frames(data)))
    if data[:4] == struct.pack("<I", SECTION):
        return _pcapng(data)
    raise ValueError(f"{path}: neither pcap nor pcapng")


def _pcap_frames(data):
    order, unit, header = PCAP_MAGIC[data[:4]]
    link_type = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + header <= len(data):
        seconds, fraction, captured, wire = struct.unpack_from(order + "IIII", data, at)
        if at + header + captured > len(data):
            return
        yield Frame(seconds * 10**9 + fraction * unit, data[at + header:at + header + captured], wire, link_type)
        at += header + captured


def _resolution(order, options):
    """Units per second that an Interface Description Block's options state."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == OPTION_TIME_RESOLUTION and length == 1:
            value = options[at + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10 ** value
        at += 4 + (length + 3 & ~3)
        if code == 0:
            break
    return 10**6


def _pcapng(data):
    capture, order, interfaces, at = Capture([]), "<", [], 0
    while at + 12 <= len(data):
        if data[at:at + 4] == struct.pack("<I", SECTION):
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            break
        body = data[at + 8:at + length - 4]
        if kind == INTERFACE:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _resolution(order, body[8:])))
        elif kind == PACKET:
            number, high, low, captured, wire = struct.unpack_from(order + "IIIII", body)
            link_type, units = interfaces[number]
            capture.frames.append(Frame((high << 32 | low) * 10**9 // units, body[20:20 + captured], wire, link_type))
        elif kind == SIMPLE_PACKET:
            wire, = struct.unpack_from(order + "I", body)
            capture.frames.append(Frame(0, body[4:4 + wire], wire, interfaces[0][0]))
        elif kind == SECRETS:
            capture.secrets.append(body)
        at += length
    return capture


def write(path, capture):
    """Write a Capture, as pcap unless it has secrets or several link types."""
    link_types = sorted({frame.link_type for frame in capture.frames}) or [ETHERNET]
    with open(path, "wb") as file:
        if len(link_types) == 1 and not capture.secrets:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link_types[0]))
            for frame in capture.frames:
                file.write(struct.pack("<IIII", frame.time_ns // 10**9, frame.time_ns % 10**9, len(frame.octets), frame.wire_bytes))
                file.write(frame.octets)
            return
        file.write(_block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        nanoseconds = struct.pack("<HHBxxxHH", OPTION_TIME_RESOLUTION, 1, 9, 0, 0)
        for link_type in link_types:
            file.write(_block(INTERFACE, struct.pack("<HHI", link_type, 0, 0) + nanoseconds))
        for secrets in capture.secrets:
            file.write(_block(SECRETS, secrets))
        for frame in capture.frames:
            head = struct.pack("<IIIII", link_types.index(frame.link_type), frame.time_ns >> 32, frame.time_ns & 0xFFFFFFFF,
                               len(frame.octets), frame.wire_bytes)
            file.write(_block(PACKET, head + frame.octets))


def _block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def endpoints(frame):
    """((address, port), (address, port)) of an IPv4 or IPv6 frame over Ethernet, source first; None for anything else. Fragments
    after the first have port 0."""
    octets = frame.octets
    if frame.link_type != ETHERNET or len(octets) < 34:
        return None
    at = 12
    while octets[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, ip = octets[at:at + 2], octets[at + 2:]
    if kind == b"\x08\x00" and len(ip) >= 20:
        source, destination, transport = ip[12:16], ip[16:20], ip[(ip[0] & 15) * 4:]
        first = struct.unpack_from(">H", ip, 6)[0] & 0x1FFF == 0
        protocol = ip[9]
    elif kind == b"\x86\xdd" and len(ip) >= 40:
        source, destination, transport, first, protocol = ip[8:24], ip[24:40], ip[40:], True, ip[6]
    else:
        return None
    if protocol not in (6, 17) or not first or len(transport) < 4:
        return (source, 0), (destination, 0)
    ports = struct.unpack_from(">HH", transport)
    return (source, ports[0]), (destination, ports[1])
