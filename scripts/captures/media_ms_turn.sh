# [MS-TURN], by a stand-in written from the specification (ms_turn.py); the media in it is gstreamer's. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

ms_turn_talk() {  # udp|tcp RELAYED_PORT CAROL_PORT LOCAL_PORT "ALICE_OPTIONS" "CAROL_OPTIONS": a second and a half both ways
  local alice_options carol_options
  read -ra alice_options <<< "$5"
  read -ra carol_options <<< "$6"
  talkers=()
  start alice /usr/bin/python3 "$here/captures/ms_turn.py" client "$1" 198.51.100.20 192.0.2.12 "10.20.0.32:$3" "$4"
  listening alice udp "$4"
  listening edge01 udp "$2"
  talk alice "127.0.0.1:$(($4 + 1000))" "127.0.0.1:$4" "0xa11$2" "${alice_options[@]}"
  talk carol "10.20.0.32:$3" "192.0.2.12:$2" "0xca0$3" "${carol_options[@]}"
  talked
}

record_ms_turn() {  # CAPTURE udp|tcp PORT: two allocations, SRTP in the first, clear RTP in the second
  local key other
  key=$(key_of 30) other=$(key_of 30)
  host edge01 192.0.2.12
  host alice 198.51.100.20
  host carol 10.20.0.32
  start edge01 /usr/bin/python3 "$here/captures/ms_turn.py" relay 192.0.2.12
  listening edge01 tcp 443
  capture_start "$1"
  ms_turn_talk "$2" 50000 20010 7000 "--key $key" "--key $other"
  ms_turn_talk "$2" 50001 20110 7001 "" ""
  capture_stop
  local ends
  mapfile -t ends < <(tshark -n -r "$work/$1.pcap" -Y "ip.src == 198.51.100.20 && $2.dstport == $3" -T fields -e ip.src -e "$2.srcport" 2> /dev/null \
    | tr '\t' ':' | awk '!seen[$0]++')
  flow "$1" 192.0.2.12 10.20.0.32:20010 - - encrypted/srtp
  flow "$1" 192.0.2.12 10.20.0.32:20110 - - clear/rtp
  both_ways "$1" "${ends[0]}" "192.0.2.12:$3" "ms_turn_$2" rtp srtp - unreadable -
  both_ways "$1" 192.0.2.12:50000 10.20.0.32:20010 udp rtp srtp - unreadable -
  both_ways "$1" "${ends[1]}" "192.0.2.12:$3" "ms_turn_$2" rtp clear - - -
  both_ways "$1" 192.0.2.12:50001 10.20.0.32:20110 udp rtp clear - - -
  secret "$1" turn_password_unsent Throwaway-mras-password-6617
  secret "$1" turn_user Throwaway-mras-user-4408
  secret "$1" sdes_key_unsent "$key"
  secret "$1" sdes_key_unsent "$other"
}

record_media_ms_turn_udp() {
  record_ms_turn media-ms-turn-udp udp 3478
  flow media-ms-turn-udp 198.51.100.20 192.0.2.12:3478 - - clear/classicstun+
  describe media-ms-turn-udp "gstreamer1.0-plugins-bad" <<'MD'
**Replayed, not recorded of a product**: [MS-TURN] over UDP by a stand-in written from the specification, with real media in it, SRTP and clear.

## How it was made

`scripts/captures/ms_turn.py` plays client (198.51.100.20) and relay (192.0.2.12, UDP 3478), from [MS-TURN] as far as it is public; no Microsoft software has a part
in it. Twice: Allocate without credentials (401), Allocate with them, five packets each in Send requests and Data indications, Set Active Destination, then media
bare on the same ports. The media is gstreamer's (`scripts/captures/talker.py`), a second of G.711 both ways: SRTP with AES_CM_128_HMAC_SHA1_80 in the first
allocation, clear RTP in the second. There is no signalling in the capture, and the keys are nowhere in it.

## What an audit should say

The header is that of RFC 3489 (no cookie in it; 0x72C64BC6 as the first attribute): MS-TURN. In the first flow, in indications and bare, media that looks encrypted and of which nothing
declares how; in the second clear RTP, and edge-media **fails**. The same on the relay's legs to carol. User name and password of the relay are in no output.
MD
}

record_media_ms_turn_tls() {
  record_ms_turn media-ms-turn-tls tcp 443
  flow media-ms-turn-tls 198.51.100.20 192.0.2.12:443 1.0 - clear/pseudo-tls+  # the version that the hello states
  describe media-ms-turn-tls "gstreamer1.0-plugins-bad" <<'MD'
**Replayed, not recorded of a product**: [MS-TURN] over TCP 443 behind a hello that only looks like TLS, with real media in it, SRTP and clear.

## How it was made

As media-ms-turn-udp, over TCP 443: a pseudo ClientHello of 50 octets (TLS 1.0, suite 0x0018, no extension), a pseudo ServerHello of 83 with ServerHelloDone, then frames
of [MS-TURN] section 2.1: type 2 for messages, type 3 for media once the destination is active.

## What an audit should say

**No TLS**: no certificate, no ChangeCipherSpec, and behind the hello frames that anyone can read; a report that says TLS, or `DH_anon`, is wrong. What counts is the media inside: in the
first connection it looks encrypted, in the second it is clear RTP, and edge-media **fails**. The same on the relay's legs to carol.
MD
}
