# ZRTP: linphone's console client on both sides. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

linphone_start() {  # HOST ADDRESS RTP_PORT [OPTION...]: a linphonec that takes commands (tell)
  local host=$1 dir
  dir=$(mktemp -d "$work/linphone-XXXX")
  mkdir -p "$dir/.local/share/linphone" "$dir/.config/linphone"
  cat > "$dir/rc" <<CONF
[sip]
sip_port=5060
sip_tcp_port=0
sip_tls_port=0
contact=sip:$host@$2
default_proxy=-1
media_encryption=zrtp
media_encryption_mandatory=0
use_ipv6=0
[rtp]
audio_rtp_port=$3
rtcp_mux=0
[sound]
playback_dev_id=ANULL: Null sound device
capture_dev_id=ANULL: Null sound device
[net]
mtu=1300
firewall_policy=none
[audio_codec_0]
mime=PCMU
rate=8000
enabled=1
CONF
  start "$host" env HOME="$dir" TERM=dumb linphonec -c "$dir/rc" "${@:4}"
}

record_media_zrtp() {
  host alice 10.20.0.31
  host carol 10.20.0.32
  tone_make
  linphone_start carol 10.20.0.32 20010 -a
  local carol=$started alice player
  linphone_start alice 10.20.0.31 20000
  alice=$started
  listening carol udp 5060
  listening alice udp 5060
  sleep 1
  capture_start media-zrtp
  for player in "$carol" "$alice"; do tell "$player" "soundcard use files $work/tone.wav"; done
  tell "$alice" "call sip:carol@10.20.0.32"
  sleep 1.3
  for player in "$carol" "$alice"; do tell "$player" "play $work/tone.wav"; done
  sleep 2.5
  tell "$alice" "terminate"
  sleep 1
  capture_stop
  grep -q "fully encrypted" "$work/$alice.log" || { cat "$work/$alice.log" >&2; fail "linphone did not agree on ZRTP"; }
  clear_flow media-zrtp 10.20.0.31 10.20.0.32:5060 sip
  flow media-zrtp 10.20.0.31 10.20.0.32:20010 - - encrypted/srtp
  flow media-zrtp 10.20.0.31 10.20.0.32:20011 - - clear/stun
  both_ways media-zrtp 10.20.0.31:20000 10.20.0.32:20010 udp rtp srtp avp unreadable -
  describe media-zrtp "linphone-cli libbzrtp0" <<'MD'
ZRTP: the SDP says RTP/AVP with a=zrtp-hash, the keys are agreed on the media's own ports, and the media is SRTP.

## How it was made

alice calls carol, without a registrar, over UDP; both are linphonec with `media_encryption=zrtp` and play a tone (Opus). ZRTP runs to its end, Hello to Conf2ACK (DH-3072),
before the first RTP packet. Nobody compared the short authentication string.

## What an audit should say

On one UDP flow: STUN-like keep-alives, ZRTP, then media that is SRTP by ZRTP: protected, keying not verified (whether somebody stood between them only the
two talkers could have heard). Neither `RTP/AVP` in the SDP nor the lack of a key there makes it clear media. The media ports for RTCP carry keep-alives
only. The call's signalling is in clear.
MD
}
