# Calls over a whole site: client, Front End, Mediation Server with rtpengine, and two gateways. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

proxy_start() {  # HOST TLS_CONFIG "LISTEN..." < ROUTE: kamailio that relays; ROUTE is what it does with an initial INVITE
  local host=$1 listen dir
  dir=$(mktemp -d "$work/proxy-XXXX")
  echo "$2" > "$dir/tls.cfg"
  {
    cat <<CONF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
tcp_accept_no_cl=yes
auto_aliases=no
dns=no
rev_dns=no
enable_tls=yes
tcp_connection_lifetime=120
server_header="Server: $host"
user_agent_header="User-Agent: $host"
loadmodule "tls.so"
modparam("tls", "config", "$dir/tls.cfg")
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "nathelper.so"
loadmodule "rtpengine.so"
modparam("rr", "enable_double_rr", 2)
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:2223")
modparam("rtpengine", "rtpengine_disable_tout", 3600)
CONF
    for listen in $3; do echo "listen=$listen"; done
    cat <<'CONF'
request_route {
  if (has_totag()) {
    loose_route();
    t_relay();
    exit;
  }
  if (!is_method("INVITE")) {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }
  record_route();
CONF
    cat
    echo "}"
    echo 'onreply_route[SRTP_BACK] { if (status == "200") rtpengine_answer("replace-origin replace-session-connection RTP/SAVP"); }'
  } > "$dir/kamailio.cfg"
  start "$host" kamailio -DD -E -w "$dir" -Y "$dir" -m 16 -M 4 -f "$dir/kamailio.cfg"
}

gateway_start() {  # HOST ADDRESS PORT NUMBER MEDIA_PORTS [ACCOUNT_PARAMETER...]: a baresip that answers when this number is called
  local host=$1 dir
  dir=$(mktemp -d "$work/gateway-XXXX")
  cat > "$dir/config" <<CONF
sip_listen $2:$3
call_max_calls 1
rtp_ports $5
module_path /usr/lib/baresip/modules
audio_path /nonexistent
audio_source aufile,$work/tone.wav
audio_player aubridge,nil
audio_alert aubridge,nil
module stdio.so
module g711.so
module_tmp uuid.so
module aufile.so
module aubridge.so
module srtp.so
module_app account.so
module_app menu.so
CONF
  {
    printf '<sip:%s@%s>;regint=0;answermode=auto;audio_codecs=pcmu' "$4" "$2"
    if [ $# -gt 5 ]; then printf ';%s' "${@:6}"; fi
  } > "$dir/accounts"
  touch "$dir/contacts"
  start "$host" baresip -4 -f "$dir"
  phone_says "$host" "baresip is ready"
}

call_number() {  # NUMBER GATEWAY: alice calls a number behind this gateway, talks for a moment and hangs up
  tell "$alice" "/dial sip:$1@contoso.com"
  phone_says "$2" "Set audio encoder"
  sleep 1.3
  tell "$alice" "/hangup"
  phone_says "$2" "session closed\|terminated"
  sleep 0.3
}

record_media_call() {
  local name key
  host fe01 10.0.1.11
  host med01 10.0.1.20
  host gw1 10.9.0.5
  host gw2 10.9.0.6
  host alice 10.20.0.31
  tone_make
  keylog_open media-call
  keyed proxy_start fe01 "$(kamailio_tls server:default TLSv1.2 no fe01 internal; kamailio_tls client:default TLSv1.2 required fe01 internal)" \
    "tls:10.0.1.11:5061" <<'ROUTE'
  $du = "sip:10.0.1.20:5070;transport=tls";
  t_relay();
ROUTE
  start med01 rtpengine --foreground --table=-1 --interface=10.0.1.20 --listen-ng=127.0.0.1:2223 --port-min=49152 --port-max=49251 \
    --log-stderr --log-level=6 --num-threads=2 --pidfile="$work/rtpengine.pid"
  keyed proxy_start med01 "$(kamailio_tls_pair TLSv1.2 required med01 internal)" "tls:10.0.1.20:5070 tcp:10.0.1.20:5068" <<'ROUTE'
  t_on_reply("SRTP_BACK");
  if ($rU == "+14255550111") {
    rtpengine_offer("replace-origin replace-session-connection RTP/SAVP");
    $du = "sip:10.9.0.5:5067;transport=tls";
  } else {
    rtpengine_offer("replace-origin replace-session-connection RTP/AVP SDES-off");
    $du = "sip:10.9.0.6:5068;transport=tcp";
  }
  t_relay();
ROUTE
  # gw1: TLS in front, the phone behind it on a port of the same host
  keyed proxy_start gw1 "$(kamailio_tls_pair TLSv1.2 required gw1 internal)" "tls:10.9.0.5:5067 udp:10.9.0.5:5066" <<'ROUTE'
  $du = "sip:10.9.0.5:5080;transport=udp";
  t_relay();
ROUTE
  gateway_start gw1 10.9.0.5 5080 +14255550111 20000-20001 mediaenc=srtp-mand
  gateway_start gw2 10.9.0.6 5068 +14255550222 20010-20011
  listening fe01 tcp 5061
  listening med01 tcp 5070 5068
  listening med01 udp 2223
  listening gw1 tcp 5067
  capture_start media-call
  phone_start alice alice tls 10.0.1.11:5061 20000-20001 regint=0 mediaenc=srtp-mand
  alice=$started
  call_number +14255550111 gw1
  call_number +14255550222 gw2
  capture_stop
  with_keylog media-call
  local key=unreadable signalled=- one other one_control other_control gw1 gw1_control gw2 gw2_control
  one=$(media_peer 10.20.0.31:20000 1) one_control=$(media_peer 10.20.0.31:20001 1)
  other=$(media_peer 10.20.0.31:20000 2) other_control=$(media_peer 10.20.0.31:20001 2)
  gw1=$(media_peer 10.9.0.5:20000 1) gw1_control=$(media_peer 10.9.0.5:20001 1)
  gw2=$(media_peer 10.9.0.6:20010 1) gw2_control=$(media_peer 10.9.0.6:20011 1)
  for name in media-call media-call-keys; do
    flow "$name" 10.20.0.31 10.0.1.11:5061 1.2 one_way one_way/decoded pass
    flow "$name" 10.0.1.11 10.0.1.20:5070 1.2 mutual mutual/decoded pass
    flow "$name" 10.0.1.20 10.9.0.5:5067 1.2 mutual mutual/decoded pass
    flow "$name" 10.20.0.31 "$one" - - encrypted/srtp
    flow "$name" 10.20.0.31 "$one_control" - - clear/srtcp
    flow "$name" 10.9.0.5 "$gw1" - - encrypted/srtp
    flow "$name" 10.9.0.5 "$gw1_control" - - clear/srtcp
    flow "$name" 10.0.1.20 10.9.0.6:5068 - - clear/sip accepted_risk
    flow "$name" 10.20.0.31 "$other" - - encrypted/srtp
    flow "$name" 10.20.0.31 "$other_control" - - clear/srtcp
    flow "$name" 10.9.0.6 "$gw2" - - clear/rtp
    flow "$name" 10.9.0.6 "$gw2_control" - - clear/rtcp
    both_ways "$name" 10.20.0.31:20000 "$one" udp rtp srtp "$signalled" "$key" -
    both_ways "$name" 10.9.0.5:20000 "$gw1" udp rtp srtp "$signalled" "$key" -
    both_ways "$name" 10.20.0.31:20000 "$other" udp rtp srtp "$signalled" "$key" -
    both_ways "$name" 10.9.0.6:20010 "$gw2" udp rtp clear avp - gateway_leg_clear
    stream "$name" 10.20.0.31:20001 "$one_control" udp rtcp clear "$signalled" - clear_rtcp
    stream "$name" 10.9.0.5:20001 "$gw1_control" udp rtcp clear "$signalled" - clear_rtcp
    stream "$name" 10.20.0.31:20001 "$other_control" udp rtcp clear "$signalled" - clear_rtcp
    both_ways "$name" 10.9.0.6:20011 "$gw2_control" udp rtcp clear avp - -
    key=key_log signalled=savp
  done
  while IFS= read -r key; do secret media-call-keys sdes_key_encoded "$key"; done \
    < <({ sdes_of media-call-keys.pcapng 5061; sdes_of media-call-keys.pcapng 5067; sdes_of media-call-keys.pcapng 5070; } | sort -u)
  local programs="kamailio kamailio-tls-modules rtpengine-daemon baresip-core"
  describe media-call "$programs" <<'MD'
Two calls through a whole site, client, Front End, Mediation Server, gateway: one is protected to the end, the other only up to the last leg.

## How it was made

alice (baresip, `mediaenc=srtp-mand`) calls over TLS to fe01:5061 (kamailio, asks for no certificate), which passes the call over mutual TLS to med01:5070
(kamailio). med01 has rtpengine in user space between the media of both sides. +14255550111 is behind gw1: mutual TLS to 5067, `RTP/SAVP`.
+14255550222 is behind gw2: TCP 5068 in clear, `RTP/AVP`; rtpengine turns SRTP into RTP. Both gateways are baresip (that of gw1 behind a
kamailio that has the TLS). A second of G.711 both ways each time; alice hangs up. In `media.topology.yaml` both trunks demand SRTP.

## What an audit should say

Signalling: alice to fe01 TLS, client-to-server passes; fe01 to med01 and med01 to gw1 mutual TLS, pass; med01 to gw2 clear, which the document
permits and which has to be reported (`accepted_risk`). Media: alice to med01 SRTP in both calls (mediation and its internal next hop), med01 to gw1 SRTP; med01
to gw2 clear RTP and RTCP, the mediation-gateway media row **fails** (on a trunk that does not demand SRTP it would be `accepted_risk`), although the same call is SRTP on the leg before (the SSRCs and sequence
numbers of both legs are the same). The SDP of the last leg is readable; those of the others are inside TLS, so that SRTP there looks encrypted and is not
proven. Of RTCP on the SRTP legs a part is in clear, baresip's (see media-sdes-tcp).
MD
  describe media-call-keys "$programs" <<'MD'
The frames of media-call with the key log of all its TLS: both calls can be followed from leg to leg, SDP and SRTP keys included.

## How it was made

The capture of media-call, with the secrets that the OpenSSL of each kamailio wrote (`scripts/captures/keylog.c`) in a Decryption Secrets Block.

## What an audit should say

As media-call; with the key log each call is an object with its legs in order (the Call-ID is the same on all), `RTP/SAVP` on all of the first, and on the
second `RTP/SAVP` up to med01 and `RTP/AVP` behind it. The tags of the SRTP verify: the row of mediation and its internal hop **passes** as far as RTP goes, and so does
gw1's. rtpengine hands the SDES keys of gw1's call through from leg to leg: the same key on both is no reuse, it protects the same packets. Keys and
TLS secrets are in no output.
MD
}

media_peer() {  # ADDRESS:PORT N: with whom this address talks, the first of them or the second
  local address=${1%:*} port=${1#*:}
  tshark -n -r "$work/media-call.pcap" -Y "(ip.src == $address && udp.srcport == $port)" -T fields -e ip.dst -e udp.dstport 2> /dev/null \
    | tr '\t' ':' | awk '!seen[$0]++' | sed -n "$2p"
}
