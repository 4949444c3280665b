#!/usr/bin/python3
"""One direction of a media stream: gstreamer makes, protects and sends it. For recordings that need what no phone offers.

  talker.py --from ADDRESS:PORT --to ADDRESS:PORT --ssrc N [option...]

G.711 of a tone in 20 ms packets, over UDP or (--tcp connect, --tcp listen) in RFC 4571 frames. With --key it passes srtpenc (libsrtp2):
CIPHER aes-128-icm, aes-256-icm, aes-128-gcm, aes-256-gcm or null; AUTH hmac-sha1-80, hmac-sha1-32 or null. --rtcp srtcp|clear|none,
on the port above or, with --rtcp-mux, on the same.
"""
import argparse
import base64

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

SECOND = 1_000_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", dest="target", required=True)
    parser.add_argument("--ssrc", type=lambda text: int(text, 0), required=True)
    parser.add_argument("--packets", type=int, default=60)
    parser.add_argument("--first", type=int, default=1000, help="sequence number")
    parser.add_argument("--key", help="base64, as in a=crypto")
    parser.add_argument("--mki", help="hex")
    parser.add_argument("--cipher", default="aes-128-icm")
    parser.add_argument("--auth", default="hmac-sha1-80")
    parser.add_argument("--rtcp-cipher", help="as --cipher unless said")
    parser.add_argument("--rtcp", choices=("srtcp", "clear", "none"), default="none")
    parser.add_argument("--rtcp-mux", action="store_true")
    parser.add_argument("--tcp", choices=("connect", "listen"))
    return parser.parse_args()


def make(pipeline, kind, **properties):
    element = Gst.ElementFactory.make(kind)
    for name, value in properties.items():
        if isinstance(value, str):
            Gst.util_set_object_arg(element, name.replace("_", "-"), value)
        else:
            element.set_property(name.replace("_", "-"), value)
    pipeline.add(element)
    return element


def chain(*elements):
    for first, second in zip(elements, elements[1:]):
        assert first.link(second), (first.name, second.name)


def protector(pipeline, options):
    """srtpenc with the key of the stream. SRTCP with an HMAC always has the long tag (RFC 4568 section 6.2.2)."""
    whole = options.cipher.endswith("gcm")
    control = options.rtcp_cipher or options.cipher
    element = make(pipeline, "srtpenc", rtp_cipher=options.cipher, rtcp_cipher=control, rtp_auth="null" if whole else options.auth,
                   rtcp_auth="null" if whole else "hmac-sha1-80")
    element.set_property("key", Gst.Buffer.new_wrapped(base64.b64decode(options.key)))
    if options.mki:
        element.set_property("mki", Gst.Buffer.new_wrapped(bytes.fromhex(options.mki)))
    return element


def sink(pipeline, options, above):
    (host, port), (own, own_port) = options.target.rsplit(":", 1), options.source.rsplit(":", 1)
    if options.tcp == "connect":
        return make(pipeline, "tcpclientsink", host=host, port=int(port))
    if options.tcp == "listen":
        return make(pipeline, "tcpserversink", host=own, port=int(own_port))
    return make(pipeline, "udpsink", host=host, port=int(port) + above, bind_address=own, bind_port=int(own_port) + above, **{"async": False})


def main():
    options = arguments()
    Gst.init(None)
    pipeline = Gst.Pipeline()
    session = make(pipeline, "rtpbin")
    source = make(pipeline, "audiotestsrc", is_live=True, samplesperbuffer=160, num_buffers=options.packets, freq=440.0, volume=0.4)
    filtered = make(pipeline, "capsfilter", caps=Gst.Caps.from_string("audio/x-raw,rate=8000,channels=1"))
    payer = make(pipeline, "rtppcmupay", ssrc=options.ssrc, pt=0, seqnum_offset=options.first, min_ptime=20_000_000, max_ptime=20_000_000)
    chain(source, filtered, make(pipeline, "mulawenc"), payer)
    assert payer.get_static_pad("src").link(session.request_pad_simple("send_rtp_sink_0")) == Gst.PadLinkReturn.OK
    inner = session.emit("get-internal-session", 0)
    inner.set_property("rtcp-min-interval", SECOND // 3)
    media = sink(pipeline, options, 0)
    first = media
    if options.tcp:
        first = make(pipeline, "rtpstreampay")
        chain(first, media)
    enc = protector(pipeline, options) if options.key else None
    rtp = session.get_static_pad("send_rtp_src_0")
    if enc:
        rtp.link(enc.request_pad_simple("rtp_sink_0"))
        rtp = enc.get_static_pad("rtp_src_0")
    control = None
    if options.rtcp != "none":
        control = session.request_pad_simple("send_rtcp_src_0")
        if options.rtcp == "srtcp":
            control.link(enc.request_pad_simple("rtcp_sink_0"))
            control = enc.get_static_pad("rtcp_src_0")
    if control and options.rtcp_mux:
        funnel = make(pipeline, "funnel")
        chain(funnel, first)
        control.link(funnel.request_pad_simple("sink_%u"))
        rtp.link(funnel.request_pad_simple("sink_%u"))
    else:
        rtp.link(first.get_static_pad("sink"))
        if control:
            control.link(sink(pipeline, options, 1).get_static_pad("sink"))
    loop, bus = GLib.MainLoop(), pipeline.get_bus()
    bus.add_signal_watch()
    failed = []

    def on_message(_, message):
        if message.type == Gst.MessageType.ERROR:
            failed.append(message.parse_error())
        if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            loop.quit()
    bus.connect("message", on_message)
    assert pipeline.set_state(Gst.State.PLAYING) != Gst.StateChangeReturn.FAILURE
    GLib.timeout_add(options.packets * 20 + 500, loop.quit)  # RTCP goes on after the last packet of RTP
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    assert not failed, failed


if __name__ == "__main__":
    main()
