# Calls whose media is protected in every manner there is, and in some that only look so: baresip phones.
# Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

keylog_open() {  # CAPTURE: programs started from here on through `keyed` write their TLS and DTLS secrets to $keylog
  keylog=$work/$1.keylog
  if [ ! -e "$work/keylog.so" ]; then gcc -shared -fPIC -O1 -o "$work/keylog.so" "$here/captures/keylog.c" -Wl,--no-as-needed -l:libssl.so.3; fi
}

keyed() { LD_PRELOAD=$work/keylog.so SSLKEYLOGFILE=$keylog "$@"; }  # COMMAND...

with_keylog() {  # CAPTURE: writes CAPTURE-keys, the same frames with the key log in them, and lists its secrets
  local label random value
  sort -u -o "$keylog" "$keylog"
  with_secrets "$1" "$keylog" "$1-keys"
  while read -r label random value; do secret "$1-keys" tls_secret "$value"; done < "$keylog"
}

sdes_secrets() {  # CAPTURE [KIND]: the keys of a=crypto that can be read in it
  local key
  while IFS= read -r key; do secret "$1" "${2:-sdes_key}" "$key"; done \
    < <(grep -a -o 'inline:[A-Za-z0-9+/=]*' "$work/$1.pcap" | sed 's/^inline://' | sort -u)
}

media_phones() {  # TRANSPORT REGISTRAR:PORT ALICE_PARAMETERS CAROL_PARAMETERS: parameters of accounts, between spaces
  local alice_parameters carol_parameters
  read -ra alice_parameters <<< "$3"
  read -ra carol_parameters <<< "$4"
  phone_start alice alice "$1" "$2" 20000-20001 "${alice_parameters[@]}"
  alice=$started
  phone_start carol carol "$1" "$2" 20010-20011 "${carol_parameters[@]}"
  carol=$started
  registered alice
  registered carol
}

media_registrar() {  # CAPTURE udp|tcp|tls: the registrar on fe01, and the capture begins
  local port=5060 tls=
  if [ "$2" = tls ]; then
    port=5061
    tls=$(kamailio_tls server:default TLSv1.2 no fe01 internal)
  fi
  sip_hosts
  keylog_open "$1"
  keyed registrar_start fe01 "$2:10.0.1.11:$port" "$tls"
  if [ "$2" = udp ]; then listening fe01 udp "$port"; else listening fe01 tcp "$port"; fi
  capture_start "$1"
}

sip_flows() {  # CAPTURE: both phones and their registrar, in clear
  clear_flow "$1" 10.20.0.31 10.0.1.11:5060 sip
  clear_flow "$1" 10.20.0.32 10.0.1.11:5060 sip
}

sip_tls_flows() {  # CAPTURE EXPECTED
  flow "$1" 10.20.0.31 10.0.1.11:5061 1.2 one_way "$2" pass
  flow "$1" 10.20.0.32 10.0.1.11:5061 1.2 one_way "$2" pass
}

both_ways() {  # CAPTURE A:PORT B:PORT CARRIER KIND PAYLOAD SIGNALLED KEY FINDINGS: the two directions of media alike
  stream "$@"
  stream "$1" "$3" "$2" "${@:4}"
}

phone_streams() {  # CAPTURE PAYLOAD SIGNALLED KEY FINDINGS: RTP and RTCP of alice and carol
  both_ways "$1" 10.20.0.31:20000 10.20.0.32:20010 udp rtp "${@:2}"
  both_ways "$1" 10.20.0.31:20001 10.20.0.32:20011 udp rtcp "${@:2}"
  if [ "$2" = srtp ]; then
    # baresip 1.0.0 sends its first RTCP (APP) before SRTP is set up and once more after, and its last (BYE with a CNAME) past it.
    both_ways "$1" 10.20.0.31:20001 10.20.0.32:20011 udp rtcp clear "$3" - clear_rtcp
  fi
}

record_media_sdes_tcp() {
  media_registrar media-sdes-tcp tcp
  media_phones tcp 10.0.1.11:5060 "sipnat=outbound mediaenc=srtp-mand" "sipnat=outbound mediaenc=srtp-mand"
  sip_call
  capture_stop
  sip_flows media-sdes-tcp
  media_flows media-sdes-tcp encrypted/srtp encrypted/srtcp
  phone_streams media-sdes-tcp srtp savp readable exposed_key
  sip_secrets media-sdes-tcp
  sdes_secrets media-sdes-tcp
  describe media-sdes-tcp "kamailio baresip-core" <<'MD'
SRTP keyed by SDES, and the SDP with the keys in clear over TCP.

## How it was made

kamailio on TCP 5060 of fe01; alice and carol are baresip with `mediaenc=srtp-mand` and `sipnat=outbound`. Offer and answer say `RTP/SAVP`
with an `a=crypto` line; a second of G.711 both ways.

## What an audit should say

The media is SRTP, and with the keys of the SDP its tags verify (`key_verified`). The keys were readable on both signalling legs: the finding
*exposed key* on the media, and the client-to-server legs **fail**. Of the RTCP only a part is SRTCP: baresip sends its first packet (APP) in
clear before it sends it protected, and its last (BYE, with a CNAME anyone can read) in clear: *clear RTCP beside SRTP*.
MD
}

record_media_sdes_tls() {
  media_registrar media-sdes-tls tls
  media_phones tls 10.0.1.11:5061 "sipnat=outbound mediaenc=srtp-mand" "sipnat=outbound mediaenc=srtp-mand"
  sip_call
  capture_stop
  with_keylog media-sdes-tls
  local name
  for name in media-sdes-tls media-sdes-tls-keys; do
    sip_tls_flows "$name" one_way/decoded
    secret "$name" digest_password_unsent "$sip_alice_password"
    secret "$name" digest_password_unsent "$sip_carol_password"
  done
  media_flows media-sdes-tls encrypted/srtp encrypted/srtcp
  media_flows media-sdes-tls-keys encrypted/srtp encrypted/srtcp
  phone_streams media-sdes-tls srtp - unreadable -
  phone_streams media-sdes-tls-keys srtp savp key_log -
  describe media-sdes-tls "kamailio kamailio-tls-modules baresip-core" <<'MD'
SRTP keyed by SDES as it should be: the SDP with the keys inside TLS.

## How it was made

As media-sdes-tcp, over TLS 1.2 to TCP 5061 of fe01, which asks for no certificate.

## What an audit should say

Both signalling flows are TLS 1.2, `one_way`, `decoded`. Nothing that can be read declares the media: the verdict on it comes from the
packets alone (tshark calls them RTP and RTCP, because nobody told it): RTP looks encrypted, of RTCP one packet each way is SRTCP and two are in
clear (see media-sdes-tcp).
MD
  local key
  while IFS= read -r key; do secret media-sdes-tls-keys sdes_key_encoded "$key"; done < <(sdes_of media-sdes-tls-keys.pcapng)
  describe media-sdes-tls-keys "kamailio kamailio-tls-modules baresip-core" <<'MD'
The frames of media-sdes-tls with the key log of its TLS: a reader of it sees the SDP and the SRTP keys.

## How it was made

The capture of media-sdes-tls, with the secrets that kamailio's OpenSSL wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-sdes-tls; with the key log the SDP is readable to the auditor (`RTP/SAVP`, SDES), the SRTP tags verify, and nobody without it could have
read the keys: no *exposed key*. Clear RTCP as there. Keys and TLS secrets are in no output.
MD
}

sdes_of() {  # CAPTURE_FILE [TLS_PORT]: the keys of a=crypto, decrypted by tshark with the secrets of the file
  tshark -n -r "$out/$1" -d "tcp.port==${2:-5061},tls" -d "tls.port==${2:-5061},sip" -Y sdp -T fields -E occurrence=a -e sdp.media_attr 2> /dev/null \
    | grep -o 'inline:[A-Za-z0-9+/=]*' | sed 's/^inline://' | sort -u
}

record_media_optional_accepted() {
  media_registrar media-optional-accepted udp
  media_phones udp 10.0.1.11:5060 mediaenc=srtp mediaenc=srtp
  sip_call
  capture_stop
  sip_flows media-optional-accepted
  media_flows media-optional-accepted encrypted/srtp encrypted/srtcp
  phone_streams media-optional-accepted srtp avp_crypto readable exposed_key
  sip_secrets media-optional-accepted
  sdes_secrets media-optional-accepted
  describe media-optional-accepted "kamailio baresip-core" <<'MD'
Optional SRTP, accepted: offer and answer say RTP/AVP with a=crypto, and the media is SRTP.

## How it was made

As sip-udp without messages, `mediaenc=srtp` in both accounts: baresip offers `RTP/AVP` with `a=crypto`, and answers likewise.

## What an audit should say

`RTP/AVP` with a key in the answer is SRTP, and so are the packets (tshark goes by the profile and calls them RTP). The media is SRTP with tags
that verify, and its keys were readable: *exposed key*. Of RTCP a part is in clear (see media-sdes-tcp); of RTP nothing is.
MD
}

record_media_optional_refused() {
  media_registrar media-optional-refused udp
  media_phones udp 10.0.1.11:5060 mediaenc=srtp ""
  sip_call
  capture_stop
  sip_flows media-optional-refused
  media_flows media-optional-refused clear/rtp clear/rtcp
  phone_streams media-optional-refused clear avp - srtp_declined
  sip_secrets media-optional-refused
  sdes_secrets media-optional-refused
  describe media-optional-refused "kamailio baresip-core" <<'MD'
Optional SRTP, refused: the offer says RTP/AVP with a=crypto, the answer has no a=crypto, and the media is clear.

## How it was made

As media-optional-accepted; carol has no `mediaenc` and answers `RTP/AVP` without a key.

## What an audit should say

The offer's key opens nothing: no SRTP was agreed, the payload is clear RTP and RTCP both ways, the media row **fails**. The key of the offer is
still no text for a report.
MD
}

record_media_telephone_event() {
  local digit
  media_registrar media-telephone-event udp
  media_phones udp 10.0.1.11:5060 "" ""
  tell "$alice" "/dial sip:carol@contoso.com"
  phone_says carol "Set audio encoder"
  sleep 0.6
  for digit in 4 7 1 1; do
    printf '%s' "$digit" 1<> "$work/$alice.in"
    sleep 0.35
  done
  sleep 0.4
  tell "$alice" "/hangup"
  phone_says carol "session closed\|terminated"
  capture_stop
  tshark -n -r "$work/media-telephone-event.pcap" -Y rtpevent 2> /dev/null | grep -q . || fail "there is no telephone-event in media-telephone-event"
  sip_flows media-telephone-event
  media_flows media-telephone-event clear/rtp clear/rtcp
  phone_streams media-telephone-event clear avp - -
  stream media-telephone-event 10.20.0.31:20000 10.20.0.32:20010 udp rtp clear avp - clear_telephone_event
  sip_secrets media-telephone-event
  describe media-telephone-event "kamailio baresip-core" <<'MD'
Digits in clear: a call without SRTP in which alice types a number, as telephone-event.

## How it was made

As sip-udp, without messages: `RTP/AVP`, PCMU, `telephone-event/8000` as payload type 101. During the call alice types four digits.

## What an audit should say

Clear RTP and RTCP, the media row **fails**; and events of RFC 4733 in clear on the stream from alice to carol. Which digits they were is in
no output.
MD
}

record_media_dtls() {
  media_registrar media-dtls udp
  keyed media_phones udp 10.0.1.11:5060 mediaenc=dtls_srtp mediaenc=dtls_srtp
  sip_call
  capture_stop
  with_keylog media-dtls
  local name
  for name in media-dtls media-dtls-keys; do
    sip_flows "$name"
    flow "$name" 10.20.0.32 10.20.0.31:20000 1.2 mutual mutual/decoded  # who answers begins the handshake
    flow "$name" 10.20.0.32 10.20.0.31:20001 1.2 mutual mutual/decoded
  done
  sip_secrets media-dtls
  sed 's/^media-dtls\t/media-dtls-keys\t/' "$work/media-dtls.secrets" >> "$work/media-dtls-keys.secrets"
  phone_streams media-dtls srtp dtls unreadable -
  phone_streams media-dtls-keys srtp dtls key_log -
  describe media-dtls "kamailio baresip-core" <<'MD'
DTLS-SRTP whose fingerprints can be read and compared: SDP in clear, keys from a DTLS handshake on the media's own ports.

## How it was made

As sip-udp without messages, `mediaenc=dtls_srtp` in both accounts: `UDP/TLS/RTP/SAVPF`, `a=setup`, `a=fingerprint:sha-256`, and a DTLS handshake each
for RTP and RTCP. Both ends show a self-signed certificate.

## What an audit should say

DTLS 1.2, mutual, with `use_srtp`; each certificate is that of the fingerprint which its side declared. The media is SRTP, keyed by that handshake; of
RTCP a part is in clear (see media-sdes-tcp).
The signalling in clear exposes no key, but whoever can change it can change the fingerprints: the client-to-server legs **fail**.
MD
  describe media-dtls-keys "kamailio baresip-core" <<'MD'
The frames of media-dtls with the key log of both handshakes: the SRTP keys follow by the exporter.

## How it was made

The capture of media-dtls, with the secrets that the phones' OpenSSL wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-dtls; the SRTP keys come from the exporter of RFC 5764 section 4.2, and the tags of RTP and of what is SRTCP verify.
MD
}

relay_end() {  # CAROLS_PORT: the relayed address with which she talks
  tshark -n -r "$work/media-turn-srtp.pcap" -Y "udp.srcport == $1 && ip.dst == 192.0.2.12" -T fields -e ip.dst -e udp.dstport 2> /dev/null | head -n 1 | tr '\t' ':'
}

record_media_turn_srtp() {
  host edge01 192.0.2.10 192.0.2.12
  host alice 198.51.100.20
  host carol 10.20.0.32
  tone_make
  turn_start edge01 192.0.2.12
  keylog_open media-turn-srtp
  keyed registrar_start edge01 tls:192.0.2.10:443 "$(kamailio_tls server:default TLSv1.2 no edge01 public)"
  listening edge01 tcp 443
  capture_start media-turn-srtp
  phone_start alice alice tls 192.0.2.10:443 20000-20001 sipnat=outbound medianat=turn mediaenc=srtp-mand \
    'stunserver="turn:192.0.2.12:3478"' stunuser=alice stunpass="$turn_password"
  alice=$started
  phone_start carol carol tls 192.0.2.10:443 20010-20011 sipnat=outbound mediaenc=srtp-mand
  registered alice
  registered carol
  sip_call
  capture_stop
  with_keylog media-turn-srtp
  local name key=unreadable signalled=-
  for name in media-turn-srtp media-turn-srtp-keys; do
    flow "$name" 198.51.100.20 192.0.2.10:443 1.2 one_way one_way/decoded pass
    flow "$name" 10.20.0.32 192.0.2.10:443 1.2 one_way one_way/decoded pass
    flow "$name" 198.51.100.20 192.0.2.12:3478 - - clear/stun+
    flow "$name" 192.0.2.12 10.20.0.32:20010 - - encrypted/srtp
    flow "$name" 192.0.2.12 10.20.0.32:20011 - - encrypted/srtcp
    flow "$name" 198.51.100.20 10.20.0.32:20011 - - encrypted/srtcp
    both_ways "$name" 198.51.100.20:20000 192.0.2.12:3478 turn_channel rtp srtp "$signalled" "$key" -
    both_ways "$name" 10.20.0.32:20010 "$(relay_end 20010)" udp rtp srtp "$signalled" "$key" -
    stream "$name" 10.20.0.32:20011 "$(relay_end 20011)" udp rtcp srtp "$signalled" "$key" -
    stream "$name" 10.20.0.32:20011 "$(relay_end 20011)" udp rtcp clear "$signalled" - clear_rtcp
    stream "$name" 192.0.2.12:3478 198.51.100.20:20001 turn_channel rtcp clear "$signalled" - clear_rtcp
    stream "$name" 198.51.100.20:20001 10.20.0.32:20011 udp rtcp clear "$signalled" - clear_rtcp
    secret "$name" turn_password_unsent "$turn_password"
    secret "$name" digest_password_unsent "$sip_alice_password"
    key=key_log signalled=savp
  done
  while IFS= read -r key; do secret media-turn-srtp-keys sdes_key_encoded "$key"; done < <(sdes_of media-turn-srtp-keys.pcapng 443)
  describe media-turn-srtp "coturn baresip-core kamailio kamailio-tls-modules" <<'MD'
A call through a relay as it should be: signalling inside TLS, SRTP inside ChannelData, SRTP on the relay's other leg.

## How it was made

As turn-rtp, with `mediaenc=srtp-mand` in both accounts.

## What an audit should say

Signalling: TLS 1.2, `one_way`, `decoded`. The flows to 3478 are TURN; inside the ChannelData of one is SRTP, of the other RTCP, and the
same streams (same SSRCs) go bare between the relay and carol: edge-media. Whether that row passes or stays `inconclusive` is what the
policy makes of media that looks encrypted and is not proven so. TURN in clear is no fault of the media; RTCP in clear, of which there is a
part (see media-sdes-tcp), also past the relay when the call has ended, is one.
MD
  describe media-turn-srtp-keys "coturn baresip-core kamailio kamailio-tls-modules" <<'MD'
The frames of media-turn-srtp with the key log of its TLS: the SRTP keys are in the SDP inside, and open what the relay carries.

## How it was made

The capture of media-turn-srtp, with the secrets that kamailio's OpenSSL wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-turn-srtp, and the tags verify, inside ChannelData and outside: what is RTP of edge-media **passes**. Keys and TLS secrets are in no output.
MD
}
