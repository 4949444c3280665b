# Trunk calls whose media is what no phone offers: sipp signals, gstreamer (talker.py) sends. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

readonly med=10.0.1.20 gw=10.9.0.6  # med01 and gw2: a trunk over TCP 5068

sdp() {  # ADDRESS PORT PROFILE [LINE...]: one audio line; the other lines are its attributes
  local line
  printf '%s\n' v=0 "o=- 1 1 IN IP4 $1" s=- "c=IN IP4 $1" "t=0 0" "m=audio $2 $3 0" "a=rtpmap:0 PCMU/8000"
  for line in "${@:4}"; do echo "a=$line"; done
}

sdes_line() { echo "crypto:1 $1 inline:$2"; }  # SUITE KEY[|LIFETIME][|MKI:LENGTH][ PARAMETER...]

key_of() { openssl rand -base64 "$1" | tr -d '\n'; }  # OCTETS: a key and salt; at least one + or / would be no trouble either

sipp_message() {  # START_LINE CSEQ [SDP]: a message of med01 in the dialog, with what sipp fills in
  cat <<MESSAGE
  <send $4><![CDATA[

    $1 SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:med01@contoso.com>;tag=[pid]med[call_number]
    To: <sip:+14255550123@contoso.com>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: $2
    Contact: <sip:med01@[local_ip]:[local_port];transport=[transport]>
    Max-Forwards: 70
MESSAGE
  sipp_body "${3:-}"
}

sipp_body() {  # [SDP]: the rest of a message
  if [ -n "$1" ]; then
    printf '    Content-Type: application/sdp\n    Content-Length: [len]\n\n%s\n  ]]></send>\n' "$1"
  else
    printf '    Content-Length: 0\n\n  ]]></send>\n'
  fi
}

sipp_answer() {  # [SDP]: 200 of gw2 to the request just received
  cat <<'MESSAGE'
  <send><![CDATA[

    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:];tag=[pid]gw[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Contact: <sip:gw2@[local_ip]:[local_port];transport=[transport]>
MESSAGE
  sipp_body "${1:-}"
}

sipp_scenarios() {  # MILLISECONDS OFFER ANSWER [OFFER ANSWER]: med01 calls gw2; after each agreement the call goes on for so long
  local uri='sip:+14255550123@[remote_ip]:[remote_port]' pause=$1 number=0
  shift
  exec 3> "$work/med.xml" 4> "$work/gw.xml"
  printf '<?xml version="1.0"?>\n<scenario name="%s">\n' med >&3
  printf '<?xml version="1.0"?>\n<scenario name="%s">\n' gw >&4
  while [ $# -gt 0 ]; do
    number=$((number + 1))
    sipp_message "INVITE $uri" "$number INVITE" "$1" 'retrans="500"' >&3
    printf '  <recv response="100" optional="true"/>\n  <recv response="200"/>\n' >&3
    sipp_message "ACK $uri" "$number ACK" "" "" >&3
    printf '  <pause milliseconds="%s"/>\n' "$pause" >&3
    printf '  <recv request="INVITE"/>\n' >&4
    if [ "$number" = 1 ]; then sipp_answer "$2" >&4; else sipp_answer "$2" | sed 's/;tag=.*//' >&4; fi
    printf '  <recv request="ACK"/>\n' >&4
    shift 2
  done
  number=$((number + 1))
  sipp_message "BYE $uri" "$number BYE" "" 'retrans="500"' >&3
  printf '  <recv response="200"/>\n</scenario>\n' >&3
  printf '  <recv request="BYE"/>\n' >&4
  sipp_answer "" | sed 's/;tag=.*//' >&4
  printf '</scenario>\n' >&4
  exec 3>&- 4>&-
}

trunk_open() {  # CAPTURE
  host med01 "$med"
  host gw2 "$gw"
  capture_start "$1"
}

trunk_call() {  # MILLISECONDS OFFER ANSWER [OFFER ANSWER]: begins; talks go beside it; trunk_end waits for its end
  sipp_scenarios "$@"
  start gw2 env TERM=dumb sipp -sf "$work/gw.xml" -t t1 -i "$gw" -p 5068 -m 1 -nostdin
  gw_sipp=${lab_pids[-1]}
  listening gw2 tcp 5068
  start med01 env TERM=dumb sipp -sf "$work/med.xml" -t t1 -i "$med" -m 1 -nostdin "$gw:5068"
  med_sipp=${lab_pids[-1]}
  talkers=()
}

talk() {  # HOST ADDRESS:PORT ADDRESS:PORT SSRC [OPTION...]: one direction of media, in the background
  in_host "$1" timeout "$client_seconds" /usr/bin/python3 "$here/captures/talker.py" --from "$2" --to "$3" --ssrc "$4" "${@:5}" \
    > "$work/talker-$1-$4.log" 2>&1 &
  talkers+=($!)
}

talked() {  # waits for the talkers, which must have come to a good end
  local pid
  for pid in "${talkers[@]}"; do wait "$pid" || { cat "$work"/talker-*.log >&2; fail "a talker failed"; }; done
  talkers=()
}

trunk_end() {
  talked
  wait "$med_sipp" || { cat "$work"/med01-*.log >&2; fail "the call did not end as it should"; }
  wait "$gw_sipp" || { cat "$work"/gw2-*.log >&2; fail "the call did not end as it should"; }
}

trunk_talk() {  # MED_PORT GW_PORT "MED_OPTIONS" "GW_OPTIONS": both directions
  local med_options gw_options
  read -ra med_options <<< "$3"
  read -ra gw_options <<< "$4"
  talk med01 "$med:$1" "$gw:$2" "0x3ed$1" "${med_options[@]}"
  talk gw2 "$gw:$2" "$med:$1" "0x9a7$2" "${gw_options[@]}"
}

trunk_flow() { clear_flow "$1" "$med" "$gw:5068" sip; }  # CAPTURE

record_media_suites() {
  local rows=("AES_CM_128_HMAC_SHA1_32 30 aes-128-icm hmac-sha1-32" "AES_256_CM_HMAC_SHA1_80 46 aes-256-icm hmac-sha1-80"
    "AEAD_AES_128_GCM 28 aes-128-gcm null" "AEAD_AES_256_GCM 44 aes-256-gcm null") row suite octets cipher auth one other port=20000
  trunk_open media-suites
  for row in "${rows[@]}"; do
    read -r suite octets cipher auth <<< "$row"
    one=$(key_of "$octets") other=$(key_of "$octets")
    trunk_call 2000 "$(sdp "$med" "$port" RTP/SAVP "$(sdes_line "$suite" "$one")")" \
      "$(sdp "$gw" $((port + 10)) RTP/SAVP "$(sdes_line "$suite" "$other")")"
    trunk_talk "$port" $((port + 10)) "--packets 40 --cipher $cipher --auth $auth --rtcp srtcp --key $one" \
      "--packets 40 --cipher $cipher --auth $auth --rtcp srtcp --key $other"
    trunk_end
    trunk_flow media-suites
    flow media-suites "$med" "$gw:$((port + 10))" - - encrypted/srtp
    flow media-suites "$med" "$gw:$((port + 11))" - - encrypted/srtcp
    both_ways media-suites "$med:$port" "$gw:$((port + 10))" udp rtp srtp savp readable "exposed_key$([ "$octets" = 30 ] && echo ,short_tag)"
    both_ways media-suites "$med:$((port + 1))" "$gw:$((port + 11))" udp rtcp srtp savp readable exposed_key
    port=$((port + 100))
  done
  capture_stop
  sdes_secrets media-suites
  describe media-suites "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Four calls with four suites: a tag of 32 bits, AES-256 with a tag of 80, and AES-GCM with both lengths of key.

## How it was made

For each suite a call of sipp from med01 to gw2, TCP 5068, whose offer and answer say `RTP/SAVP` with one `a=crypto` line
(AES_CM_128_HMAC_SHA1_32, AES_256_CM_HMAC_SHA1_80, AEAD_AES_128_GCM, AEAD_AES_256_GCM; a key for each direction), while gstreamer sends G.711 and
RTCP both ways through srtpenc (libsrtp2) with the keys of that SDP (`scripts/captures/talker.py`).

## What an audit should say

All four calls are SRTP with tags that verify; all keys were readable (*exposed key*). The first has short tags on RTP, and ten octets on SRTCP
(RFC 4568 section 6.2.2). The GCM tags of SRTCP stand before the index, not behind it (RFC 7714 section 9.1). Whether a suite is allowed is a matter of the pack.
MD
}

trunk_media() {  # CAPTURE MED_PORT GW_PORT RTP RTCP: the flows of a call, RTP and RTCP as clear/... or encrypted/...; RTCP - for none
  flow "$1" "$med" "$gw:$3" - - "$4"
  if [ "$5" != - ]; then flow "$1" "$med" "$gw:$(($3 + 1))" - - "$5"; fi
}

record_media_mki() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30) other=$(key_of 30)
  trunk_open media-mki
  trunk_call 2000 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$one|2^31|1:1")")" \
    "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other|2^31|1:4")")"
  trunk_talk 20000 20010 "--rtcp srtcp --mki 01 --key $one" "--rtcp srtcp --mki 00000001 --key $other"
  trunk_end
  capture_stop
  trunk_flow media-mki
  trunk_media media-mki 20000 20010 encrypted/srtp encrypted/srtcp
  both_ways media-mki "$med:20000" "$gw:20010" udp rtp srtp savp readable exposed_key
  both_ways media-mki "$med:20001" "$gw:20011" udp rtcp srtp savp readable exposed_key
  sdes_secrets media-mki
  describe media-mki "sip-tester gstreamer1.0-plugins-bad" <<'MD'
SRTP with a master key identifier before the tag: of one octet from med01, of four octets from gw2.

## How it was made

As media-suites, one call: the offer says `inline:...|2^31|1:1`, the answer `inline:...|2^31|1:4` (lifetime, MKI value and its length, RFC 4568
section 6.1), and the packets of each side carry the MKI that its SDP states.

## What an audit should say

SRTP with tags that verify, each direction with its own length of MKI: the constant octets before the tag are no clear payload. *Exposed key*.
MD
}

record_media_signalled_clear() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30) other=$(key_of 30)
  trunk_open media-signalled-clear
  trunk_call 2000 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$one")")" "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other")")"
  trunk_talk 20000 20010 "--rtcp srtcp --key $one" "--rtcp clear"
  trunk_end
  capture_stop
  trunk_flow media-signalled-clear
  trunk_media media-signalled-clear 20000 20010 clear/srtp clear/srtcp
  stream media-signalled-clear "$med:20000" "$gw:20010" udp rtp srtp savp readable exposed_key
  stream media-signalled-clear "$gw:20010" "$med:20000" udp rtp clear savp readable signalled_srtp_clear
  stream media-signalled-clear "$med:20001" "$gw:20011" udp rtcp srtp savp readable exposed_key
  stream media-signalled-clear "$gw:20011" "$med:20001" udp rtcp clear savp readable signalled_srtp_clear
  sdes_secrets media-signalled-clear
  describe media-signalled-clear "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Signalled SRTP, payload clear: both sides agree on RTP/SAVP, and one of them sends clear RTP and RTCP all the same.

## How it was made

As media-suites, one call with `RTP/SAVP` and AES_CM_128_HMAC_SHA1_80 in offer and answer. The sender on med01 has srtpenc; that on gw2 has none.

## What an audit should say

From gw2 to med01: the signalling promises SRTP and the payload is proven clear, RTP and RTCP (tshark believes the SDP and calls them SRTP): the
finding of the worst kind, the mediation-gateway media row **fails**. From med01 to gw2: SRTP with tags that verify, *exposed key*. The two
directions of one flow are judged apart.
MD
}

record_media_clear_rtcp() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30) other=$(key_of 30)
  trunk_open media-clear-rtcp
  trunk_call 2000 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$one")")" "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other")")"
  trunk_talk 20000 20010 "--rtcp clear --key $one" "--rtcp clear --key $other"
  trunk_end
  trunk_call 2000 "$(sdp "$med" 20100 RTP/SAVP rtcp-mux "$(sdes_line $suite "$one UNENCRYPTED_SRTCP")")" \
    "$(sdp "$gw" 20110 RTP/SAVP rtcp-mux "$(sdes_line $suite "$other UNENCRYPTED_SRTCP")")"
  trunk_talk 20100 20110 "--rtcp srtcp --rtcp-cipher null --rtcp-mux --first 5000 --key $one" \
    "--rtcp srtcp --rtcp-cipher null --rtcp-mux --first 5000 --key $other"
  trunk_end
  capture_stop
  trunk_flow media-clear-rtcp
  trunk_media media-clear-rtcp 20000 20010 encrypted/srtp clear/srtcp
  trunk_flow media-clear-rtcp
  trunk_media media-clear-rtcp 20100 20110 encrypted/srtp -
  both_ways media-clear-rtcp "$med:20000" "$gw:20010" udp rtp srtp savp readable exposed_key
  both_ways media-clear-rtcp "$med:20001" "$gw:20011" udp rtcp clear savp readable clear_rtcp
  both_ways media-clear-rtcp "$med:20100" "$gw:20110" udp rtp srtp savp readable exposed_key,key_reuse,unencrypted_srtcp
  both_ways media-clear-rtcp "$med:20100" "$gw:20110" udp rtcp null savp readable unencrypted_srtcp
  sdes_secrets media-clear-rtcp
  describe media-clear-rtcp "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Clear RTCP beside SRTP: once as plain RTCP that nobody protects, once as SRTCP with the session parameter UNENCRYPTED_SRTCP.

## How it was made

As media-suites, two calls with AES_CM_128_HMAC_SHA1_80. In the first the RTCP of both sides goes past srtpenc. In the second offer and answer
say `UNENCRYPTED_SRTCP` and `rtcp-mux`, and srtpenc authenticates RTCP with the null cipher: E bit 0, index, tag, on the ports of the RTP. The
keys are those of the first call.

## What an audit should say

RTP is SRTP in both calls. First call: clear RTCP beside it (names and reception reports readable), although `RTP/SAVP` covers RTCP. Second call:
SRTCP that is authenticated and not encrypted, as its SDP says. *Exposed key* on all, and the second call reuses the keys of the first.
MD
}

record_media_null_cipher() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  trunk_open media-null-cipher
  one=$(key_of 30) other=$(key_of 30)
  trunk_call 2000 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$one UNENCRYPTED_SRTP")")" \
    "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other UNENCRYPTED_SRTP")")"
  trunk_talk 20000 20010 "--cipher null --rtcp-cipher aes-128-icm --rtcp srtcp --key $one" "--cipher null --rtcp-cipher aes-128-icm --rtcp srtcp --key $other"
  trunk_end
  trunk_flow media-null-cipher
  one=$(key_of 30) other=$(key_of 30)
  trunk_call 2000 "$(sdp "$med" 20100 RTP/SAVP "$(sdes_line $suite "$one UNAUTHENTICATED_SRTP")")" \
    "$(sdp "$gw" 20110 RTP/SAVP "$(sdes_line $suite "$other UNAUTHENTICATED_SRTP")")"
  trunk_talk 20100 20110 "--auth null --key $one" "--auth null --key $other"
  trunk_end
  trunk_flow media-null-cipher
  capture_stop
  trunk_media media-null-cipher 20000 20010 clear/rtp encrypted/srtcp
  trunk_media media-null-cipher 20100 20110 encrypted/srtp -
  both_ways media-null-cipher "$med:20000" "$gw:20010" udp rtp null savp readable unencrypted_srtp
  both_ways media-null-cipher "$med:20001" "$gw:20011" udp rtcp srtp savp readable exposed_key
  both_ways media-null-cipher "$med:20100" "$gw:20110" udp rtp srtp savp readable exposed_key,unauthenticated_srtp
  sdes_secrets media-null-cipher
  describe media-null-cipher "sip-tester gstreamer1.0-plugins-bad" <<'MD'
SRTP that does not encrypt (null cipher, with a tag), and SRTP that does not authenticate (no tag).

## How it was made

As media-suites, two calls with AES_CM_128_HMAC_SHA1_80. Offer and answer of the first say `UNENCRYPTED_SRTP`: srtpenc with `rtp-cipher=null` puts
a tag behind a payload anyone can hear, and encrypts RTCP. Those of the second say `UNAUTHENTICATED_SRTP`: srtpenc with `rtp-auth=null`, no tag.

## What an audit should say

First call: `null`, clear payload in SRTP whose tags verify: the mediation-gateway media row **fails**, in spite of `RTP/SAVP` and a good tag. Second:
encrypted, length as without SRTP, nothing that could verify; the SDP says why. *Exposed key* on what is encrypted.
MD
}

record_media_key_reuse() {
  local key suite=AES_CM_128_HMAC_SHA1_80 third
  key=$(key_of 30) third=$(key_of 30)
  trunk_open media-key-reuse
  trunk_call 1600 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$key")")" "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$key")")"
  talk med01 "$med:20000" "$gw:20010" 0x5ea1 --packets 40 --key "$key"
  talk gw2 "$gw:20010" "$med:20000" 0x5ea1 --packets 40 --key "$key"
  trunk_end
  trunk_call 1600 "$(sdp "$med" 20100 RTP/SAVP "$(sdes_line $suite "$key")")" "$(sdp "$gw" 20110 RTP/SAVP "$(sdes_line $suite "$third")")"
  talk med01 "$med:20100" "$gw:20110" 0x5ea2 --packets 40 --key "$key"
  talk gw2 "$gw:20110" "$med:20100" 0x9a72 --packets 40 --key "$third"
  trunk_end
  capture_stop
  trunk_flow media-key-reuse
  trunk_media media-key-reuse 20000 20010 encrypted/srtp -
  trunk_flow media-key-reuse
  trunk_media media-key-reuse 20100 20110 encrypted/srtp -
  both_ways media-key-reuse "$med:20000" "$gw:20010" udp rtp srtp savp readable exposed_key,key_reuse,keystream_reuse
  stream media-key-reuse "$med:20100" "$gw:20110" udp rtp srtp savp readable exposed_key,key_reuse
  stream media-key-reuse "$gw:20110" "$med:20100" udp rtp srtp savp readable exposed_key
  sdes_secrets media-key-reuse
  describe media-key-reuse "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Keys used twice: one call with the same key and the same SSRC in both directions, and a second call that uses this key again.

## How it was made

As media-suites, two calls with AES_CM_128_HMAC_SHA1_80. In the first the answer repeats the key of the offer, and both senders have SSRC 0x5ea1 and the same
sequence numbers: the keystream of each packet protects two payloads. In the second med01 has the same key again with SSRC 0x5ea2; gw2 has a new one.

## What an audit should say

SRTP with tags that verify. First call: same key in both directions, and since the SSRC is the same, the same keystream (RFC 3711 section 9.1: a
two-time pad). Second call: the key of the first from med01, its own from gw2. *Exposed key* on all. No output may hold a key, or a digest from which the
reuse could be checked.
MD
}

record_media_downgrade() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30) other=$(key_of 30)
  trunk_open media-downgrade
  trunk_call 2000 "$(sdp "$med" 20000 RTP/SAVP "$(sdes_line $suite "$one")")" "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other")")" \
    "$(sdp "$med" 20000 RTP/AVP)" "$(sdp "$gw" 20010 RTP/AVP)"
  trunk_talk 20000 20010 "--key $one --packets 55" "--key $other --packets 55"
  talked
  sleep 0.5
  trunk_talk 20000 20010 "--packets 50 --first 1055" "--packets 50 --first 1055"
  trunk_end
  capture_stop
  trunk_flow media-downgrade
  trunk_media media-downgrade 20000 20010 clear/rtp -
  both_ways media-downgrade "$med:20000" "$gw:20010" udp rtp srtp savp readable exposed_key
  both_ways media-downgrade "$med:20000" "$gw:20010" udp rtp clear avp - downgrade
  sdes_secrets media-downgrade
  describe media-downgrade "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Downgrade by re-INVITE: a call begins with SRTP, and two seconds later both sides agree on RTP/AVP; same ports, same SSRCs, clear payload.

## How it was made

As media-suites, one call: INVITE and answer with `RTP/SAVP`, then a re-INVITE and its answer with `RTP/AVP`. The senders stop with the first agreement and
start again without srtpenc; SSRCs and sequence numbers go on.

## What an audit should say

One flow, SRTP at first (*exposed key*), clear from the second agreement on: the change is found in the packets at the frame where it happened, and in the signalling as a
fallback from `RTP/SAVP` to `RTP/AVP`. The mediation-gateway media row **fails**.
MD
}

record_media_optional_savp() {
  local one other suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30) other=$(key_of 30)
  trunk_open media-optional-savp
  trunk_call 2000 "$(sdp "$med" 20000 RTP/AVP "$(sdes_line $suite "$one")" encryption:optional)" \
    "$(sdp "$gw" 20010 RTP/SAVP "$(sdes_line $suite "$other")" encryption:optional)"
  trunk_talk 20000 20010 "--rtcp srtcp --key $one" "--rtcp srtcp --key $other"
  trunk_end
  capture_stop
  trunk_flow media-optional-savp
  trunk_media media-optional-savp 20000 20010 encrypted/srtp encrypted/srtcp
  both_ways media-optional-savp "$med:20000" "$gw:20010" udp rtp srtp avp_crypto,savp readable exposed_key
  both_ways media-optional-savp "$med:20001" "$gw:20011" udp rtcp srtp avp_crypto,savp readable exposed_key
  sdes_secrets media-optional-savp
  describe media-optional-savp "sip-tester gstreamer1.0-plugins-bad" <<'MD'
Optional SRTP in the manner of Lync: the offer says RTP/AVP with a=crypto and a=encryption:optional, the answer RTP/SAVP.

## How it was made

As media-suites, one call whose SDP is written as [MS-SDPEXT] has it; the senders are gstreamer, not Lync.

## What an audit should say

The profile of the offer means nothing, the answer decides: SRTP, with tags that verify. *Exposed key*. No fallback, no clear media.
MD
}

record_media_tcp() {
  local one suite=AES_CM_128_HMAC_SHA1_80
  one=$(key_of 30)
  trunk_open media-tcp
  trunk_call 3000 "$(sdp "$med" 9 TCP/RTP/AVP setup:active connection:new recvonly)" \
    "$(sdp "$gw" 20010 TCP/RTP/AVP setup:passive connection:new sendonly)"
  tcp_talk 20010
  trunk_end
  trunk_call 3000 "$(sdp "$med" 9 TCP/RTP/SAVP setup:active connection:new recvonly "$(sdes_line $suite "$(key_of 30)")")" \
    "$(sdp "$gw" 20110 TCP/RTP/SAVP setup:passive connection:new sendonly "$(sdes_line $suite "$one")")"
  tcp_talk 20110 --key "$one"
  trunk_end
  capture_stop
  trunk_flow media-tcp
  flow media-tcp "$med" "$gw:20010" - - clear/rtp
  trunk_flow media-tcp
  flow media-tcp "$med" "$gw:20110" - - encrypted/srtp
  stream media-tcp "$gw:20010" "$(tcp_end media-tcp 20010)" rfc4571 rtp clear avp - -
  stream media-tcp "$gw:20110" "$(tcp_end media-tcp 20110)" rfc4571 rtp srtp savp readable exposed_key
  sdes_secrets media-tcp
  describe media-tcp "sip-tester gstreamer1.0-plugins-bad gstreamer1.0-plugins-good" <<'MD'
Media over TCP in frames of RFC 4571: a clear stream after TCP/RTP/AVP, an SRTP stream after TCP/RTP/SAVP.

## How it was made

As media-suites, two calls whose media goes one way: gw2 listens (`setup:passive`, `sendonly`) with rtpstreampay and tcpserversink, med01 connects to the port of the
answer and reads with tcpclientsrc and rtpstreamdepay. The second sender has srtpenc.

## What an audit should say

Two TCP flows that are RTP, told by their frames and by the answer. The first is proven clear: the mediation-gateway media row **fails**. The second is SRTP whose tags verify;
*exposed key*.
MD
}

tcp_end() { tshark -n -r "$work/$1.pcap" -Y "tcp.dstport == $2" -T fields -e ip.src -e tcp.srcport 2> /dev/null | head -n 1 | tr '\t' ':'; }  # CAPTURE PORT

tcp_talk() {  # PORT [OPTION...]: gw2 sends over TCP to whoever connects, med01 does
  talk gw2 "$gw:$1" "$med:9" "0x9a7$1" --tcp listen --packets 75 "${@:2}"
  listening gw2 tcp "$1"
  in_host med01 timeout 2 gst-launch-1.0 -q tcpclientsrc host="$gw" port="$1" ! application/x-rtp-stream,media=audio,clock-rate=8000,encoding-name=PCMU \
    ! rtpstreamdepay ! fakesink > "$work/reader.log" 2>&1 || true
}
