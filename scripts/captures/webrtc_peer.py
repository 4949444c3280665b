#!/usr/bin/python3
"""A WebRTC endpoint, gstreamer's webrtcbin, that signals in SIP over TCP: one call with one audio and one video line.

  webrtc_peer.py offer ADDRESS PROXY:PORT [--relay URL]   calls through the proxy, talks, hangs up
  webrtc_peer.py answer ADDRESS PORT [--relay URL]        waits for a call there, answers, ends with it

Candidates are in the SDP (no trickling). --relay turn://USER:PASSWORD@HOST:PORT takes relayed candidates only. SIP is as much of RFC 3261 as one
call needs.
"""
import argparse
import re
import socket
import sys
import threading
import time

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SECONDS = 2.0  # of talk
PIPELINE = """webrtcbin name=peer bundle-policy=max-bundle
  audiotestsrc is-live=true freq=440 volume=0.4 ! audioconvert ! opusenc bitrate=16000 ! rtpopuspay pt=111
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer.
  videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=120,framerate=10/1 ! vp8enc deadline=1 target-bitrate=60000
    ! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer."""


class Peer:
    """Peer is the media side: descriptions go in and come out."""

    def __init__(self, relay):
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.webrtc = self.pipeline.get_by_name("peer")
        if relay:
            self.webrtc.set_property("turn-server", relay)
            self.webrtc.set_property("ice-transport-policy", "relay")
        self.gathered, self.connected, self.wanted = threading.Event(), threading.Event(), threading.Event()
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("notify::connection-state", self.on_connection)
        self.webrtc.connect("on-negotiation-needed", lambda _: self.wanted.set())
        self.webrtc.connect("pad-added", self.on_pad)
        self.pipeline.set_state(Gst.State.PLAYING)

    def on_gathering(self, *_):
        if self.webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.gathered.set()

    def on_connection(self, *_):
        if self.webrtc.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            self.connected.set()

    def on_pad(self, _, pad):
        if pad.direction == Gst.PadDirection.SRC:
            sink = Gst.ElementFactory.make("fakesink")
            sink.set_property("async", False)
            self.pipeline.add(sink)
            sink.sync_state_with_parent()
            pad.link(sink.get_static_pad("sink"))

    def ask(self, action, *arguments):
        promise = Gst.Promise.new()
        self.webrtc.emit(action, *arguments, promise)
        promise.wait()
        return promise.get_reply()

    def describe(self, kind):
        """The local description, offer or answer, with all candidates."""
        reply = self.ask(f"create-{kind}", None)  # owns the description
        self.ask("set-local-description", reply.get_value(kind))
        assert self.gathered.wait(10), "no candidates"
        return self.webrtc.get_property("local-description").sdp.as_text()

    def accept(self, kind, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        kind = GstWebRTC.WebRTCSDPType.OFFER if kind == "offer" else GstWebRTC.WebRTCSDPType.ANSWER
        self.ask("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kind, message))


def message(first, headers, body=""):
    kind = ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([first, *headers, *kind, f"Content-Length: {len(body)}", "", body]).encode()


class Sip:
    """Sip reads and writes messages on one connection."""

    def __init__(self, connection):
        self.connection, self.rest = connection, b""

    def read(self):
        while b"\r\n\r\n" not in self.rest:
            self.fill()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        head = head.decode()
        length = int(re.search(r"(?im)^Content-Length: *(\d+)", head)[1])
        while len(self.rest) < length:
            self.fill()
        body, self.rest = self.rest[:length].decode(), self.rest[length:]
        return head, body

    def fill(self):
        more = self.connection.recv(65536)
        assert more, "the connection ended"
        self.rest += more


def headers_of(head, *names):
    return [line for line in head.split("\r\n") if line.split(":")[0] in names]


def offer(peer, address, proxy):
    host, port = proxy.rsplit(":", 1)
    sip = Sip(socket.create_connection((host, int(port)), 10, (address, 0)))
    own = f"{address}:{sip.connection.getsockname()[1]}"

    def request(method, number, to, route, body="", target="sip:carol@contoso.com"):
        lines = [f"Via: SIP/2.0/TCP {own};branch=z9hG4bK{number}{method}", "Max-Forwards: 70", "From: <sip:alice@contoso.com>;tag=a1", f"To: {to}",
                 f"Call-ID: webrtc@{address}", f"CSeq: {number} {method}", f"Contact: <sip:alice@{own};transport=tcp>", *route]
        sip.connection.sendall(message(f"{method} {target} SIP/2.0", lines, body))

    assert peer.wanted.wait(10)
    request("INVITE", 1, "<sip:carol@contoso.com>", [], peer.describe("offer"))
    head, body = sip.read()
    while not head.startswith("SIP/2.0 2"):
        assert head.startswith("SIP/2.0 1"), head
        head, body = sip.read()
    to = headers_of(head, "To")[0].split(": ", 1)[1]
    route = [line.replace("Record-Route", "Route") for line in reversed(headers_of(head, "Record-Route"))]
    target = re.search("<(.*)>", headers_of(head, "Contact")[0])[1]
    request("ACK", 1, to, route, target=target)
    peer.accept("answer", body)
    assert peer.connected.wait(15), "no connection"
    time.sleep(SECONDS)
    peer.pipeline.set_state(Gst.State.NULL)
    request("BYE", 2, to, route, target=target)
    head, _ = sip.read()
    assert head.startswith("SIP/2.0 200"), head


def answer(peer, address, port):
    with socket.create_server((address, int(port))) as server:
        print("waiting", flush=True)
        connection, _ = server.accept()
    sip = Sip(connection)

    def respond(head, body=""):
        lines = headers_of(head, "Via", "From", "To", "Call-ID", "CSeq", "Record-Route")
        lines = [line if not line.startswith("To:") or ";tag=" in line else line + ";tag=c1" for line in lines]
        sip.connection.sendall(message("SIP/2.0 200 OK", [*lines, f"Contact: <sip:carol@{address}:{port};transport=tcp>"], body))

    head, body = sip.read()
    peer.accept("offer", body)
    respond(head, peer.describe("answer"))
    while not head.startswith("BYE"):
        head, _ = sip.read()
    respond(head)
    time.sleep(0.3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=("offer", "answer"))
    parser.add_argument("address")
    parser.add_argument("where")
    parser.add_argument("--relay")
    options = parser.parse_args()
    Gst.init(None)
    threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
    peer = Peer(options.relay)
    {"offer": offer, "answer": answer}[options.role](peer, options.address, options.where)
    peer.pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    sys.exit(main())
