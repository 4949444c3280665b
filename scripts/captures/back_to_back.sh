# A call that goes on under another Call-ID: kamailio hides what is behind it, baresip phones. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

hiding_proxy_start() {  # HOST ADDRESS CALLEE_URI: kamailio whose topoh module changes Call-ID, Via and Contact on the way to the callee
  local dir
  dir=$(mktemp -d "$work/hiding-XXXX")
  cat > "$dir/kamailio.cfg" <<CONF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
server_header="Server: $1"
user_agent_header="User-Agent: $1"
listen=udp:$2:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "topoh.so"
modparam("topoh", "mask_key", "throw-away")
modparam("topoh", "mask_ip", "$2")
modparam("topoh", "mask_callid", 1)
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
  \$du = "$3";
  t_relay();
}
CONF
  start "$1" kamailio -DD -E -w "$dir" -Y "$dir" -m 16 -M 4 -f "$dir/kamailio.cfg"
}

record_media_back_to_back() {
  local name=media-back-to-back
  host fe01 10.0.1.11
  host alice 10.20.0.31
  host carol 10.20.0.32
  tone_make
  hiding_proxy_start fe01 10.0.1.11 "sip:10.20.0.32:5060;transport=udp"
  gateway_start carol 10.20.0.32 5060 carol 20010-20011 mediaenc=srtp-mand
  listening fe01 udp 5060
  capture_start "$name"
  phone_start alice alice udp 10.0.1.11:5060 20000-20001 regint=0 mediaenc=srtp-mand
  alice=$started
  call_number carol carol
  capture_stop
  clear_flow "$name" 10.20.0.31 10.0.1.11:5060 sip
  clear_flow "$name" 10.0.1.11 10.20.0.32:5060 sip
  media_flows "$name" encrypted/srtp encrypted/srtcp
  phone_streams "$name" srtp savp readable exposed_key
  sdes_secrets "$name"
  describe "$name" "kamailio baresip-core" <<'MD'
One call in two dialogs: the proxy between them changes the Call-ID, and hands the SDP on as it came.

## How it was made

alice (baresip, `mediaenc=srtp-mand`) calls carol through kamailio on fe01, UDP 5060, whose topoh module (`mask_callid`) gives Call-ID, Via and Contact other values
on the way to carol, as topology hiding and back-to-back agents do. The SDP passes unchanged. A second of G.711 both ways; alice hangs up.

## What an audit should say

Two Call-IDs and one call: the second dialog **continues** the first, which the same o= line with the same media addresses proves, and nothing else here does. Offer and
answer agreed SRTP whose keys are readable on both hops: *exposed key*, and the client-to-server legs are in clear. Of RTCP a part is in clear (see media-sdes-tcp).
MD
}
