# WebRTC: gstreamer's webrtcbin on both sides, SIP over TCP through kamailio between them. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

webrtc_call() {  # CAPTURE CALLER ADDRESS CALLEE ADDRESS [KAMAILIO_STATEMENT [RELAY]]: the statement is done to the INVITE, the relay is the callee's
  local peer
  host fe01 10.0.1.11
  host "$2" "$3"
  host "$4" "$5"
  if [ -n "${7:-}" ]; then
    host edge01 192.0.2.12
    turn_start edge01 192.0.2.12
  fi
  keylog_open "$1"
  proxy_start fe01 "$(kamailio_tls server:default TLSv1.2 no fe01 internal)" tcp:10.0.1.11:5060 <<ROUTE
  ${6:-}
  \$du = "sip:$5:5060;transport=tcp";
  t_relay();
ROUTE
  listening fe01 tcp 5060
  keyed start "$4" /usr/bin/python3 "$here/captures/webrtc_peer.py" answer "$5" 5060 ${7:+--relay "$7"}
  peer=${lab_pids[-1]}
  listening "$4" tcp 5060
  capture_start "$1"
  keyed client "$2" /usr/bin/python3 "$here/captures/webrtc_peer.py" offer "$3" 10.0.1.11:5060
  wait "$peer" || { cat "$work/$4"-*.log >&2; fail "the called end of $1 failed"; }
  capture_stop
}

dtls_end() {  # CAPTURE src|dst: the end that began the DTLS handshake, or the other one
  tshark -n -r "$work/$1.pcap" -Y "dtls.handshake.type == 1" -T fields -e "ip.$2" -e "udp.${2}port" 2> /dev/null | head -n 1 | tr '\t' ':'
}

ice_secrets() {  # CAPTURE TARGET: the passwords of ICE that stand in the SDP
  local value
  while IFS= read -r value; do secret "$2" ice_password "$value"; done < <(grep -a -o '^a=ice-pwd:[^[:space:]]*' "$work/$1.pcap" | sed 's/.*ice-pwd://' | sort -u)
}

webrtc_flows() {  # CAPTURE [KEYS_CAPTURE...]: signalling, the flow with everything, the TCP candidates that ICE checked
  local name client server tcp
  client=$(dtls_end "$1" src) server=$(dtls_end "$1" dst)
  tcp=$(tshark -n -r "$work/$1.pcap" -Y "stun && tcp" -T fields -e ip.src -e ip.dst -e tcp.dstport 2> /dev/null | head -n 1)
  for name in "$@"; do
    clear_flow "$name" 10.20.0.31 10.0.1.11:5060 sip
    clear_flow "$name" 10.0.1.11 10.20.0.32:5060 sip
    clear_flow "$name" 10.20.0.31 239.255.255.250:1900 ssdp  # libnice looks for a router
    clear_flow "$name" 10.20.0.32 239.255.255.250:1900 ssdp
    flow "$name" "${client%:*}" "$server" 1.2 mutual mutual/decoded
    flow "$name" "$(cut -f 1 <<< "$tcp")" "$(cut -f 2,3 <<< "$tcp" | tr '\t' ':')" - - clear/stun
    ice_secrets "$1" "$name"
  done
}

webrtc_streams() {  # CAPTURE KEY [FINDINGS]
  local kind
  for kind in rtp rtcp; do both_ways "$1" "$(dtls_end "${1%-keys}" src)" "$(dtls_end "${1%-keys}" dst)" udp "$kind" srtp dtls "$2" "${3:--}"; done
}

record_media_webrtc() {
  webrtc_call media-webrtc alice 10.20.0.31 carol 10.20.0.32
  with_keylog media-webrtc
  webrtc_flows media-webrtc media-webrtc-keys
  webrtc_streams media-webrtc unreadable
  webrtc_streams media-webrtc-keys key_log
  describe media-webrtc "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio" <<'MD'
WebRTC: ICE, DTLS-SRTP, audio and video with their RTCP in one flow (BUNDLE, rtcp-mux); the fingerprints can be read and match.

## How it was made

alice and carol are gstreamer's webrtcbin (`scripts/captures/webrtc_peer.py`), Opus and VP8, `bundle-policy=max-bundle`; the SDP (`UDP/TLS/RTP/SAVPF`,
all candidates in it) goes in SIP over TCP 5060 through kamailio on fe01.

## What an audit should say

On one UDP flow: STUN, a DTLS 1.2 handshake with certificates on both sides, each that of the `a=fingerprint` of its SDP, then SRTP of two SSRCs each way and SRTCP. Nothing
else is on it. A TCP connection between the same hosts has ICE checks in frames of RFC 4571 and no media. No finding on the media; the SIP legs are in clear and **fail**.
MD
  describe media-webrtc-keys "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio" <<'MD'
The frames of media-webrtc with the key log of its DTLS: the SRTP keys follow by the exporter.

## How it was made

The capture of media-webrtc, with the secrets that the OpenSSL of both peers wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-webrtc, and the tags of all SSRCs and of SRTCP verify with the keys of the exporter (RFC 5764 section 4.2).
MD
}

record_media_fingerprint() {
  webrtc_call media-fingerprint alice 10.20.0.31 carol 10.20.0.32 \
    'subst_body("/a=fingerprint:sha-256 [0-9A-F]+:[0-9A-F]+:/a=fingerprint:sha-256 DE:AD:/g");'
  with_keylog media-fingerprint
  webrtc_flows media-fingerprint media-fingerprint-keys
  webrtc_streams media-fingerprint unreadable fingerprint_mismatch
  webrtc_streams media-fingerprint-keys key_log fingerprint_mismatch
  describe media-fingerprint "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio" <<'MD'
DTLS-SRTP with a fingerprint that does not match: the proxy on the way changes alice's, and carol does not look.

## How it was made

As media-webrtc; kamailio on fe01 puts `DE:AD` in the place of the first two octets of each `a=fingerprint` of the INVITE (`subst_body`). The fingerprint of the answer
is carol's own. gstreamer 1.22 does not compare fingerprints: handshake and media go on as if nothing had happened.

## What an audit should say

Between alice and fe01 the SDP states the certificate that alice shows; between fe01 and carol it states another: *fingerprint mismatch* with what carol was told. The media is SRTP, but
not proven to go to whom the signalling named. carol's fingerprint matches on both legs.
MD
  describe media-fingerprint-keys "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio" <<'MD'
The frames of media-fingerprint with the key log of its DTLS.

## How it was made

The capture of media-fingerprint, with the secrets that the OpenSSL of both peers wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-fingerprint: the tags verify with the keys of the handshake, and that the fingerprint is another's stays a finding.
MD
}

record_media_webrtc_relay() {
  local name key=unreadable kind end relayed
  webrtc_call media-webrtc-relay carol 10.20.0.32 alice 198.51.100.20 "" "turn://alice:$turn_password@192.0.2.12:3478"
  with_keylog media-webrtc-relay
  end=$(tshark -n -r "$work/media-webrtc-relay.pcap" -Y "stun.channel && ip.src == 198.51.100.20" -T fields -e ip.src -e udp.srcport 2> /dev/null \
    | head -n 1 | tr '\t' ':')
  relayed=$(dtls_end media-webrtc-relay src)
  for name in media-webrtc-relay media-webrtc-relay-keys; do
    clear_flow "$name" 10.20.0.32 10.0.1.11:5060 sip
    clear_flow "$name" 10.0.1.11 198.51.100.20:5060 sip
    clear_flow "$name" 10.20.0.32 239.255.255.250:1900 ssdp
    flow "$name" "$end" 192.0.2.12:3478 1.2 mutual mutual/decoded/turn
    flow "$name" 198.51.100.20 192.0.2.12:3478 - - clear/stun+
    flow "$name" 192.0.2.12 "$(dtls_end media-webrtc-relay dst)" 1.2 mutual mutual/decoded
    for kind in rtp rtcp; do
      both_ways "$name" "$end" 192.0.2.12:3478 turn_channel "$kind" srtp dtls "$key" -
      both_ways "$name" "$(dtls_end media-webrtc-relay dst)" "$relayed" udp "$kind" srtp dtls "$key" -
    done
    ice_secrets media-webrtc-relay "$name"
    secret "$name" turn_password_unsent "$turn_password"
    key=key_log
  done
  describe media-webrtc-relay "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio coturn" <<'MD'
WebRTC through a relay: ICE checks in Send and Data indications, then DTLS and SRTP of audio and video in ChannelData.

## How it was made

As media-webrtc, but carol calls alice, who is outside (198.51.100.20) with `ice-transport-policy=relay` and turnserver on 192.0.2.12, UDP 3478, with long-term credentials. Three allocations (one is used), Send and
Data indications until the channel is bound, ChannelData after it. carol talks to the relayed address of the SDP. alice begins the DTLS handshake.

## What an audit should say

Inside the channel: STUN, a DTLS 1.2 handshake (mutual; tshark does not look for one in ChannelData, and shows it between the relay and carol), SRTP and SRTCP; the same packets go bare between the
relay and carol. Each certificate is that of the fingerprint its side declared. The edge-media row is SRTP on both legs; TURN in clear is no fault of the
media. The SIP legs are in clear and **fail**.
MD
  describe media-webrtc-relay-keys "gstreamer1.0-plugins-bad gstreamer1.0-nice kamailio coturn" <<'MD'
The frames of media-webrtc-relay with the key log of its DTLS.

## How it was made

The capture of media-webrtc-relay, with the secrets that the OpenSSL of both peers wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-webrtc-relay, and the tags verify with the keys of the exporter, inside ChannelData and outside.
MD
}
