# The hosts of the site captures: addresses, names, certificates, and the programs that run on them. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016

readonly site_call_seconds=0.6
readonly site_ping_seconds=20

# host name in the lab, zone of names (inside, outside), asset in the topology, addresses
readonly site_table="
dc01 inside dc01.contoso.com 10.0.1.2
ca01 inside ca01.contoso.com 10.0.1.3
dir01 inside dir01.contoso.com 10.0.1.10
fe01 inside fe01.contoso.com 10.0.1.11
fe02 inside fe02.contoso.com 10.0.1.12
med01 inside med01.contoso.com 10.0.1.20
pchat01 inside pchat01.contoso.com 10.0.1.30
sql01 inside sql01.contoso.com 10.0.1.40
sql02 inside sql02.contoso.com 10.0.1.41
fs01 inside fs01.contoso.com 10.0.1.50
fs02 inside fs02.contoso.com 10.0.1.51
exum01 inside exum01.contoso.com 10.0.1.60
app01 inside app01.contoso.com 10.0.1.70
vis01 inside vis01.contoso.com 10.0.1.80
gw1 inside gw1.contoso.com 10.9.0.5
gw2 inside gw2.contoso.com 10.9.0.6
cucm inside cucm.contoso.com 10.9.0.9
edge01 outside edge01.contoso.com 192.0.2.10 192.0.2.11 192.0.2.12 10.0.9.1
rp01 inside rp01.contoso.com 192.0.2.20
alice inside inside-clients 10.20.0.31
carol inside inside-clients 10.20.0.32
dave inside inside-clients 10.20.0.33
bob outside outside-clients 198.51.100.20
erin outside outside-clients 198.51.100.21
fabrikam outside fabrikam.com 203.0.113.7
litware outside litwareinc.com 203.0.113.8
xmpp outside example.org 203.0.113.9
xmpp2 outside legacy.example.net 203.0.113.10
dns outside 203.0.113.53 203.0.113.53
mon outside 203.0.113.66 203.0.113.66
crl outside 203.0.113.80 203.0.113.80
"

must() {  # WHAT COMMAND...: its output is shown where it fails
  local what=$1
  shift
  "$@" > "$work/must.log" 2>&1 || { cat "$work/must.log" >&2; fail "$what"; }
}

site_hosts() {
  local name view asset addresses
  while read -r name view asset addresses; do
    [ -n "$name" ] || continue
    mkdir -p "/etc/netns/$lab_prefix-$name"
    # ip netns exec lays this over /etc/resolv.conf: names come from a name server of the lab, over the wire.
    if [ "$view" = inside ]; then echo "nameserver 10.0.1.2"; else echo "nameserver 203.0.113.53"; fi > "/etc/netns/$lab_prefix-$name/resolv.conf"
    # shellcheck disable=SC2086
    host "$name" $addresses
    in_host "$name" sysctl -qw net.ipv4.tcp_timestamps=0  # as Windows does; and no session tickets below: both keep the captures small
  done <<< "$site_table"
  in_host edge01 ip route add 10.0.0.0/8 dev eth0 src 10.0.9.1  # what goes inside leaves by the inside address
}

site_addresses_table() {  # lab name, asset, address
  local name view asset addresses address
  while read -r name view asset addresses; do
    [ -n "$name" ] || continue
    for address in $addresses; do
      case $address in
        192.0.2.11) printf 'edge01-web\t%s\t%s\n' "$asset" "$address" ;;
        192.0.2.12) printf 'edge01-av\t%s\t%s\n' "$asset" "$address" ;;
        10.0.9.1) printf 'edge01-in\t%s\t%s\n' "$asset" "$address" ;;
        *) printf '%s\t%s\t%s\n' "$name" "$asset" "$address" ;;
      esac
    done
  done <<< "$site_table"
}

site_issue() {  # AUTHORITY NAME USAGE DNS_NAME...: as pki_issue, with the place of the revocation list; keys of P-256 but for the one end
  # whose NULL suite wants RSA
  local authority=$1 name="site-$2" usage=$3 names url=http://ca01.contoso.com/internal.crl
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256) key_usage=digitalSignature
  if [ "$2" = edge01-internal ]; then
    key=(-newkey rsa:2048)
    key_usage=digitalSignature,keyEncipherment
  fi
  shift 3
  names=$(printf ',DNS:%s' "$@")
  if [ "$authority" != site-internal ]; then url=http://crl.lab.example/public.crl; fi
  openssl req "${key[@]}" -nodes -sha256 -keyout "$pki/$name.key" -subj "/O=Lab/CN=$1" 2> /dev/null \
    | openssl x509 -req -sha256 -days 700 -CA "$pki/$authority-ca.pem" -CAkey "$pki/$authority-ca.key" -out "$pki/$name.pem" \
      -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=%s\nextendedKeyUsage=%s\nsubjectAltName=%s\ncrlDistributionPoints=URI:%s\n' \
        "$key_usage" "$usage" "${names#,}" "$url") 2> /dev/null
  cat "$pki/$name.key" "$pki/$name.pem" > "$pki/$name.both"
}

site_pki() {
  local name both=serverAuth,clientAuth
  for name in internal public; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$pki_days" \
      -keyout "$pki/site-$name-ca.key" -out "$pki/site-$name-ca.pem" -subj "/O=Lab/CN=Site $name CA" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2> /dev/null
  done
  for name in fe01 fe02; do
    site_issue site-internal "$name" $both pool01.contoso.com "$name.contoso.com" sip.contoso.com meet.contoso.com dialin.contoso.com \
      lyncdiscoverinternal.contoso.com
  done
  site_issue site-internal dir01 $both dir01.contoso.com sip.contoso.com meet.contoso.com dialin.contoso.com
  for name in med01 gw1 gw2 pchat01 exum01 app01 sql01 dc01; do site_issue site-internal "$name" $both "$name.contoso.com"; done
  site_issue site-internal edge01-internal $both edge01.contoso.com
  site_issue site-public edge01 $both sip.contoso.com webconf.contoso.com av.contoso.com contoso.com
  site_issue site-public rp01 serverAuth lyncweb.contoso.com meet.contoso.com dialin.contoso.com lyncdiscover.contoso.com
  site_issue site-public fabrikam $both sip.fabrikam.com fabrikam.com
  site_issue site-public litware $both sip.litwareinc.com litwareinc.com
  site_issue site-public xmpp $both example.org
  cat "$pki/site-internal-ca.pem" "$pki/site-public-ca.pem" > "$pki/site-all-ca.pem"
  local authority
  for authority in internal public; do
    touch "$pki/site-$authority.index"
    printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s\ndefault_md=sha256\ndefault_crl_days=30\n' "$pki/site-$authority.index" > "$work/crl.cnf"
    openssl ca -gencrl -config "$work/crl.cnf" -keyfile "$pki/site-$authority-ca.key" -cert "$pki/site-$authority-ca.pem" 2> /dev/null \
      | openssl crl -outform DER -out "$pki/site-$authority.crl"
  done
  mkdir -p "$out/site-ca"
  cp "$pki/site-internal-ca.pem" "$out/site-ca/internal.pem"
  cp "$pki/site-public-ca.pem" "$out/site-ca/public.pem"
}

site_passwords() {
  site_component_secret=$(openssl rand -hex 8)
  site_ldap_password=$(openssl rand -hex 8)
  site_ldap_text="desk of alice: $(openssl rand -hex 8)"
  site_smb_password=$(openssl rand -hex 8)
  site_turn_password=$(openssl rand -hex 8)
  site_dave_password=$(openssl rand -hex 8)
}

# Names

site_dns() {
  local dir=$work/dnsmasq common
  mkdir -p "$dir"
  common="keep-in-foreground
no-resolv
no-hosts
no-daemon
bind-interfaces
pid-file=
user=root
cache-size=0
local-ttl=60
local=/contoso.com/
local=/example/
local=/org/
local=/net/"
  {
    echo "$common"
    echo "listen-address=10.0.1.2"
    local name view asset addresses
    while read -r name view asset addresses; do
      [[ "$asset" == *.contoso.com ]] || continue
      if [ "$name" = edge01 ]; then addresses=10.0.9.1; fi
      echo "host-record=$asset,${addresses%% *}"
    done <<< "$site_table"
    echo "host-record=contoso.com,10.0.1.11"
    echo "srv-host=_sipinternaltls._tcp.contoso.com,fe01.contoso.com,5061"
    # addresses for phones and clients that ask; the host's own address lies in no such network
    echo "shared-network=eth0,10.20.0.0"
    echo "dhcp-range=10.20.0.100,10.20.0.120,255.255.0.0,1h"
    echo "dhcp-option=120,10.0.1.11"
    echo "dhcp-leasefile=$dir/leases"
    echo "dhcp-authoritative"
    echo "no-ping"
  } > "$dir/inside.conf"
  {
    echo "$common"
    echo "listen-address=203.0.113.53"
    echo "host-record=contoso.com,sip.contoso.com,192.0.2.10"
    echo "host-record=lyncdiscover.contoso.com,lyncweb.contoso.com,meet.contoso.com,192.0.2.20"
    echo "host-record=crl.lab.example,203.0.113.80"
    echo "host-record=xmpp.example.org,203.0.113.9"
    echo "host-record=legacy.example.net,203.0.113.10"
    echo "srv-host=_xmpp-server._tcp.contoso.com,sip.contoso.com,5269"
    echo "srv-host=_xmpp-server._tcp.example.org,xmpp.example.org,5269"
    echo "srv-host=_sipfederationtls._tcp.contoso.com,sip.contoso.com,5061"
  } > "$dir/outside.conf"
  start dc01 dnsmasq -C "$dir/inside.conf"
  start dns dnsmasq -C "$dir/outside.conf"
  listening dc01 udp 53 67
  listening dns udp 53
}

# SIP

site_kamailio() {  # HOST TLS_CONFIG "LISTEN..." "PING..." ROUTES: PING is a SIP URI, ROUTES is a piece of its configuration language
  local host=$1 dir destination
  dir=$(mktemp -d "$work/kamailio-XXXX")
  echo "$2" > "$dir/tls.cfg"
  for destination in $4; do echo "1 $destination"; done > "$dir/dispatcher.list"
  {
    cat <<CONF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
mhomed=1
enable_tls=yes
tcp_connection_lifetime=120
tcp_connect_timeout=5
server_header="Server: $host"
user_agent_header="User-Agent: $host"
CONF
    local module
    for module in tls tm sl rr pv textops maxfwd siputils usrloc registrar nathelper auth dispatcher; do echo "loadmodule \"$module.so\""; done
    cat <<CONF
modparam("tls", "config", "$dir/tls.cfg")
modparam("dispatcher", "list_file", "$dir/dispatcher.list")
modparam("dispatcher", "ds_ping_method", "OPTIONS")
modparam("dispatcher", "ds_ping_from", "sip:$host@contoso.com")
modparam("dispatcher", "ds_ping_interval", $site_ping_seconds)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("nathelper|registrar", "received_avp", "\$avp(received)")
CONF
    for destination in $3; do echo "listen=$destination"; done
    cat <<CONF
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) { route(RELAY); } exit; }
  if (has_totag()) {
    if (loose_route()) {
      if (\$du == \$null) { handle_ruri_alias(); }
      route(RELAY);
    }
    if (is_method("ACK") && t_check_trans()) { route(RELAY); }
    exit;
  }
  if (is_method("OPTIONS") && \$rU == \$null) { sl_send_reply("200", "OK"); exit; }
  if (is_method("INVITE|SUBSCRIBE")) { record_route(); }
  if (\$si =~ "^(10\\.20\\.|198\\.51\\.)" || (\$si == \$Ri && \$si != "127.0.0.1")) { add_contact_alias(); }
$5
  if (is_method("REGISTER")) { fix_nated_register(); save("location"); exit; }
  if (\$rU =~ "^(alice|sdes|bare|dave)\$" && lookup("location")) { route(RELAY); }
  sl_send_reply("200", "OK");
}
route[RELAY] {
  t_on_reply("ANSWER");
  if (!t_relay()) { sl_reply_error(); }
  exit;
}
onreply_route[ANSWER] {
  if (\$si =~ "^(10\\.20\\.|198\\.51\\.)" || (\$si == \$Ri && \$si != "127.0.0.1")) { add_contact_alias(); }
}
CONF
  } > "$dir/kamailio.cfg"
  start "$host" kamailio -DD -E -w "$dir" -Y "$dir" -m 16 -M 4 -f "$dir/kamailio.cfg"
}

to() {  # USER_PATTERN URI: a route
  printf '  if ($rU =~ "^(%s)$") { $du = "sip:%s"; route(RELAY); }\n' "$1" "$2"
}

site_tls() {  # METHOD REQUEST CERTIFICATE [SECTION...]: internal authority
  kamailio_tls_pair "$1" "$2" "site-$3" site-internal
}

baresip_configure() {  # HOST LISTEN RTP_PORTS ACCOUNT...: a configuration in $baresip_dir
  baresip_dir=$(mktemp -d "$work/baresip-XXXX")
  cat > "$baresip_dir/config" <<CONF
sip_listen $2
call_max_calls 4
call_local_timeout 30
rtp_ports $3
rtcp_mux no
audio_source ausine,440
ausrc_srate 48000
ausrc_channels 2
module_path /usr/lib/baresip/modules
module g711.so
module gsm.so
module ausine.so
module srtp.so
module dtls_srtp.so
module_app account.so
module_app menu.so
module_tmp uuid.so
module stun.so
module turn.so
${site_baresip_extra:-}
CONF
  shift 3
  printf '%s\n' "$@" > "$baresip_dir/accounts"
  touch "$baresip_dir/contacts"
}

site_answers() {  # HOST LISTEN RTP_PORTS ACCOUNT...: a baresip that answers what calls it
  baresip_configure "$@"
  start "$1" baresip -4 -f "$baresip_dir"
}

site_dial() {  # HOST URI SECONDS: a call by the baresip of $baresip_dir, for a while, and a clean end
  local try pid
  (exec ip netns exec "$lab_prefix-$1" setsid baresip -4 -t "$client_seconds" -f "$baresip_dir" -e "/dial $2" > "$work/call.log" 2>&1 < /dev/null) &
  pid=$!
  for ((try = 0; try < wait_tries; try++)); do
    if grep -qs 'Call established' "$work/call.log"; then break; fi
    sleep 0.1
  done
  sleep "$3"
  kill -INT "$pid"
  wait "$pid" || true
  grep -q 'Call established' "$work/call.log" || { cat "$work/call.log" "$work"/*kamailio*.log >&2; fail "no call from $1 to $2"; }
}

site_local() {  # USER MEDIAENC: the account of one that kamailio on the same host hands calls to
  echo "<sip:$1@contoso.com;transport=tcp>;regint=0;audio_codecs=$3;auth_pass=none;answermode=auto${2:+;mediaenc=$2}"
}

site_registered() {  # HOST COUNT: waits until its accounts are
  local try
  for ((try = 0; try < wait_tries; try++)); do
    if [ "$(cat "$work/$1"-baresip-*.log 2> /dev/null | grep -c '1 binding')" -ge "$2" ]; then return; fi
    sleep 0.1
  done
  cat "$work/$1"-baresip-*.log >&2
  fail "baresip in $1 does not register"
}

site_sip() {
  local trunk5068 imconf um app gw2_request=required partner_request=required imconf_listen=tls fe01_tcp='' edge_tcp=''
  if [ "$site_faults" = yes ]; then
    trunk5068="10.0.1.20:5068;transport=tcp"
    imconf="10.0.1.12:5062;transport=tcp"
    um="10.0.1.60:5060;transport=tcp"
    app="10.0.1.70:5060;transport=tcp"
    gw2_request=no
    partner_request=yes
    imconf_listen=tcp
    fe01_tcp=tcp:10.0.1.11:5060
    edge_tcp=tcp:192.0.2.10:5060
  else
    trunk5068="10.0.1.20:5067;transport=tls"
    imconf="10.0.1.12:5062;transport=tls"
    um="10.0.1.60:5061;transport=tls"
    app="10.0.1.70:5061;transport=tls"
  fi
  # the far ends first
  site_kamailio exum01 "$(site_tls TLSv1.2 required exum01)" "tls:10.0.1.60:5061 tcp:10.0.1.60:5060" "" "$(to um '10.0.1.60:25060;transport=tcp')"
  site_kamailio app01 "$(site_tls TLSv1.2 required app01)" "tls:10.0.1.70:5061 tcp:10.0.1.70:5060" "" ""
  site_kamailio pchat01 "$(site_tls TLSv1.2 required pchat01)" tls:10.0.1.30:5041 "" ""
  site_kamailio gw2 "$(site_tls TLSv1.2 "$gw2_request" gw2)" tls:10.9.0.6:5067 "" "$(to '[+]2.*' '10.9.0.6:25060;transport=tcp')"
  site_kamailio fe02 "$(site_tls TLSv1.2 yes fe02)" \
    "tls:10.0.1.12:5061 $imconf_listen:10.0.1.12:5062 tls:10.0.1.12:5063 tls:10.0.1.12:5065" "" "$(to conf '10.0.1.12:25060;transport=tcp')"
  # the Access Edge has a program for each side, because each has a certificate of its own
  site_kamailio edge01 "$(site_tls TLSv1.2 required edge01-internal)" "tls:10.0.9.1:5061 tcp:127.0.0.1:15071" "" \
    "$(to 'alice|sdes|bare' '10.0.1.11:5061;transport=tls')"
  site_kamailio edge01 "$(kamailio_tls_pair TLSv1.2 "$partner_request" site-edge01 site-public
    kamailio_tls server:192.0.2.10:443 TLSv1.2 no site-edge01 site-public)" \
    "tls:192.0.2.10:5061 tls:192.0.2.10:443 tcp:127.0.0.1:15070 tcp:127.0.0.1:15062 $edge_tcp" \
    "sip:203.0.113.7:5061;transport=tls" "$(to 'alice|sdes|bare' '127.0.0.1:15071;transport=tcp')"
  listening exum01 tcp 5061 5060
  listening app01 tcp 5061
  listening gw2 tcp 5067
  listening pchat01 tcp 5041
  listening fe02 tcp 5061 5062
  listening edge01 tcp 5061 443
  site_kamailio med01 "$(site_tls TLSv1.2 required med01)" "tls:10.0.1.20:5070 tls:10.0.1.20:5067 tcp:10.0.1.20:5068" \
    "sip:10.9.0.6:5067;transport=tls sip:10.0.1.11:5061;transport=tls" \
    "$(to '[+]1.*' '10.0.1.20:25060;transport=tcp'; to '[+]2.*' '10.9.0.6:5067;transport=tls')"
  listening med01 tcp 5070 5067 5068
  site_kamailio gw1 "$(site_tls TLSv1.2 required gw1)" "tls:10.9.0.5:5067 tcp:10.9.0.5:15060" "sip:$trunk5068" "$(to '[+]1.*' "$trunk5068")"
  listening gw1 tcp 15060
  local digest=
  if [ "$site_faults" = yes ]; then
    digest="  if (is_method(\"REGISTER|MESSAGE\") && \$Rp == 5060) {
    if (!pv_www_authenticate(\"contoso.com\", \"$site_dave_password\", \"0\")) { www_challenge(\"contoso.com\", \"1\"); exit; }
  }"
  fi
  local peer pings=
  for peer in 10.0.1.12:5061 10.0.1.12:5063 10.0.1.12:5065 10.0.1.20:5070 10.0.9.1:5061 10.0.1.30:5041; do pings+="sip:$peer;transport=tls "; done
  site_kamailio fe01 "$(site_tls TLSv1.2 yes fe01)" "tls:10.0.1.11:5061 tcp:10.0.1.11:15060 $fe01_tcp" "$pings sip:$imconf sip:$um sip:$app" "$digest
$(to conf '10.0.1.12:5063;transport=tls'; to imconf "$imconf"; to um "$um"; to app "$app"; to '[+].*' '10.0.1.20:5070;transport=tls')"
  listening fe01 tcp 5061 15060
  site_kamailio dir01 "$(site_tls TLSv1.2 yes dir01)" tls:10.0.1.10:5061 "sip:10.0.1.11:5061;transport=tls" ""
  site_kamailio fabrikam "$(kamailio_tls_pair TLSv1.2 required site-fabrikam site-public)" "tls:203.0.113.7:5061 tcp:203.0.113.7:15060" \
    "sip:192.0.2.10:5061;transport=tls" "$(to '.+' '192.0.2.10:5061;transport=tls')"
  local litware
  litware=$(kamailio_tls_pair TLSv1.2 required site-litware site-public)
  if [ "$site_faults" = yes ]; then
    litware=$(kamailio_tls server:default TLSv1.2 required site-litware site-public
      printf '[client:default]\nmethod = TLSv1.2\nca_list = %s\nverify_certificate = yes\nrequire_certificate = yes\n' "$pki/site-public-ca.pem")
  fi
  site_kamailio litware "$litware" "tls:203.0.113.8:5061 tcp:203.0.113.8:15060" "sip:192.0.2.10:5061;transport=tls" \
    "$(to '.+' '192.0.2.10:5061;transport=tls')"
  listening dir01 tcp 5061
  listening fabrikam tcp 5061 15060
  listening litware tcp 5061 15060
  # who answers calls
  local media=srtp-mand
  if [ "$site_faults" = yes ]; then media=; fi
  site_answers med01 10.0.1.20:25060 50000-50099 "$(site_local +15550200 "$media" PCMU/8000/1)" "$(site_local +15550201 srtp-mand GSM/8000/1)"
  site_answers gw2 10.9.0.6:25060 40000-40099 "$(site_local +25550300 srtp-mand GSM/8000/1)"
  site_answers fe02 10.0.1.12:25060 50000-50099 "$(site_local conf dtls_srtp GSM/8000/1)"
  site_answers exum01 10.0.1.60:25060 50000-50099 "$(site_local um srtp-mand GSM/8000/1)"
  local user accounts=()
  for user in 'alice:;mediaenc=dtls_srtp' 'sdes:;mediaenc=srtp-mand' bare:; do
    accounts+=("<sip:${user%:*}@contoso.com;transport=tls>;outbound=\"sip:10.0.1.11:5061;transport=tls\";regint=60;auth_pass=none;answermode=auto\
${user#*:};audio_codecs=GSM/8000/1")
  done
  site_answers alice 0.0.0.0:0 20000-20099 "${accounts[@]}"
  site_registered alice 3
  if [ "$site_faults" = yes ]; then
    site_answers dave 0.0.0.0:0 20000-20099 \
      "<sip:dave@contoso.com;transport=tcp>;outbound=\"sip:10.0.1.11:5060;transport=tcp\";regint=60;auth_user=dave;\
auth_pass=$site_dave_password;answermode=auto"
    site_registered dave 1
  fi
}

site_connections() {  # what the servers must have opened of themselves by now
  connected med01 10.9.0.6 5067
  connected fe01 10.0.1.12 5065
  connected fe01 10.0.1.30 5041
  connected dir01 10.0.1.11 5061
  connected fabrikam 192.0.2.10 5061
  connected litware 192.0.2.10 5061
}

site_video() {  # a room system and its bridge on TCP, with video in clear
  [ "$site_faults" = yes ] || return 0
  local site_baresip_extra="module vp8.so
module fakevideo.so
video_source fakevideo,nil
video_display fakevideo,nil
video_size 176x144
video_bitrate 64000
video_fps 5"
  site_answers cucm 10.9.0.9:5060 30000-30019 "<sip:room@contoso.com;transport=tcp>;regint=0;auth_pass=none;answermode=auto;audio_codecs=PCMU/8000/1"
  listening cucm tcp 5060
  baresip_configure vis01 10.0.1.80:5060 50000-50019 "<sip:vis@contoso.com;transport=tcp>;regint=0;auth_pass=none;audio_codecs=PCMU/8000/1"
  site_dial vis01 "sip:room@10.9.0.9:5060;transport=tcp" "$site_call_seconds"
  leg vis01 cucm '*' udp rtp '*' fail media_clear F23
  leg cucm vis01 '*' udp rtp '*' fail media_clear F23
}

# The rest

site_page() {  # ADDRESS:PORT CERTIFICATE LOCATIONS: HTTPS
  printf 'server { listen %s ssl; ssl_certificate %s.pem; ssl_certificate_key %s.key; ssl_protocols TLSv1.2; %s }\n' \
    "$1" "$pki/site-$2" "$pki/site-$2" "$3"
}

site_http() {
  local fe01_80 fe02_80 discover redirect='location / { return 301 https://$host$request_uri; }' ok='location / { return 200 "ok\n"; }'
  # 8080 gives the root certificate away, to whoever does not have it yet
  local root="location /certs/ { alias $pki/site-root/; }"
  mkdir -p "$pki/site-root" "$pki/site-crl"
  openssl x509 -in "$pki/site-internal-ca.pem" -outform DER -out "$pki/site-root/root.cer"
  cp "$pki/site-internal.crl" "$pki/site-crl/internal.crl"
  cp "$pki/site-public.crl" "$pki/site-crl/public.crl"
  chmod -R a+rX "$pki/site-root" "$pki/site-crl"
  if [ "$site_faults" = yes ]; then
    fe01_80="location /abs/ {
  if (\$http_authorization = \"\") { return 401; }  # whatever the password: it is the client that shows it
  add_header Set-Cookie \"WCSESSION=\$request_id\";
  return 200 '<contacts><contact>Petersen-acquisition-list</contact></contacts>';
} $redirect"
    fe02_80="location /groupexpansion/ {
  return 200 '<members group=\"board-members-of-project-heron\"><m>sip:alice@contoso.com</m></members>';
} $redirect"
    discover="location /autodiscover/ {
  return 200 '{\"Root\":{\"Links\":[{\"href\":\"https://lyncweb.contoso.com/autodiscover/user\",\"token\":\"User\"}]}}';
} $root"
  else
    fe01_80=$redirect
    fe02_80=$redirect
    discover="location /autodiscover/ { return 200 '{}'; } $root"
  fi
  nginx_start fe01 "$(site_page 10.0.1.11:443 fe01 "$ok"; site_page 10.0.1.11:444 fe01 "$ok"; site_page 10.0.1.11:4443 fe01 "$ok")
server { listen 10.0.1.11:80; $fe01_80 }
server { listen 10.0.1.11:8080; $discover }"
  nginx_start fe02 "server { listen 10.0.1.12:80; $fe02_80 }"
  nginx_start dir01 "$(site_page 10.0.1.10:443 dir01 "$ok") server { listen 10.0.1.10:80; $redirect }"
  nginx_start edge01 "$(site_page 10.0.9.1:4443 edge01-internal "$ok")"
  nginx_start pchat01 "$(site_page 10.0.1.30:443 pchat01 "$ok")"
  nginx_start exum01 "$(site_page 10.0.1.60:443 exum01 "$ok")"
  nginx_start ca01 "server { listen 10.0.1.3:80; location / { root $pki/site-crl; } }"
  nginx_start crl "server { listen 203.0.113.80:80; location / { root $pki/site-crl; } }"
  chmod a+x "$work" "$pki"
  local plain="http-request redirect scheme https"
  if [ "$site_faults" = yes ]; then plain="default_backend discover"; fi
  cat > "$work/haproxy-site.conf" <<CONF
global
  maxconn 64
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend web
  bind 192.0.2.20:443 ssl crt $pki/site-rp01.both ssl-max-ver TLSv1.2
  default_backend inside
frontend plain
  bind 192.0.2.20:80
  $plain
backend inside
  server fe01 10.0.1.11:4443 ssl ca-file $pki/site-internal-ca.pem verify required sni str(fe01.contoso.com) force-tlsv12
backend discover
  server fe01 10.0.1.11:8080
CONF
  start rp01 haproxy -db -f "$work/haproxy-site.conf"
  listening fe01 tcp 443 444 4443 80 8080
  listening rp01 tcp 443 80
  listening crl tcp 80
  listening ca01 tcp 80
}

site_smbd() {  # HOST ADDRESS ENCRYPTION
  local dir="$work/samba-$1" kind
  mkdir -p "$dir/share" "$dir/log"
  {
    echo "[global]"
    echo "workgroup = CONTOSO"
    echo "server role = standalone server"
    echo "netbios name = $1"
    echo "interfaces = eth0"
    echo "smb ports = 445"
    echo "disable netbios = yes"
    echo "server min protocol = SMB3"
    echo "server smb encrypt = $3"
    echo "load printers = no"
    echo "disable spoolss = yes"
    echo "passdb backend = tdbsam:$dir/passdb.tdb"
    for kind in private lock state cache pid "ncalrpc"; do
      mkdir -p "$dir/$kind"
      case $kind in
        private) echo "private dir = $dir/private" ;;
        pid) echo "pid directory = $dir/pid" ;;
        ncalrpc) echo "ncalrpc dir = $dir/ncalrpc" ;;
        *) echo "$kind directory = $dir/$kind" ;;
      esac
    done
    echo "log file = $dir/log/log"
    echo "[share]"
    echo "path = $dir/share"
    echo "read only = no"
  } > "$dir/smb.conf"
  printf '%s\n%s\n' "$site_smb_password" "$site_smb_password" | must "no account of samba" in_host "$1" smbpasswd -c "$dir/smb.conf" -s -a root
  # a session of its own: smbd ends its whole process group with itself
  start "$1" setsid smbd -F --no-process-group -s "$dir/smb.conf"
}

site_copy() {  # HOST SERVER_NAME encrypt|off FILE
  must "no copy to $2" in_host "$1" env HOME="$work" timeout "$client_seconds" smbclient "//$2/share" -s "$work/samba-fs01/smb.conf" -p 445 -m SMB3 \
    -U "root%$site_smb_password" --client-protection="$3" -c "put $4 ${4##*/}"
}

site_slapd() {
  local dir=$work/slapd
  mkdir -p "$dir/db"
  cat > "$dir/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
TLSCertificateFile $pki/site-dc01.pem
TLSCertificateKeyFile $pki/site-dc01.key
TLSCACertificateFile $pki/site-internal-ca.pem
TLSVerifyClient never
TLSCipherSuite SECURE128:-VERS-ALL:+VERS-TLS1.2
database mdb
suffix "dc=contoso,dc=com"
rootdn "cn=svc-lync,dc=contoso,dc=com"
rootpw $site_ldap_password
directory $dir/db
CONF
  {
    printf 'dn: dc=contoso,dc=com\nobjectClass: dcObject\nobjectClass: organization\no: Contoso\ndc: contoso\n\n'
    printf 'dn: cn=alice,dc=contoso,dc=com\nobjectClass: person\ncn: alice\nsn: Alice\ntelephoneNumber: 15550101\ndescription: %s\n' "$site_ldap_text"
  } | must "no directory" slapadd -f "$dir/slapd.conf"
  start dc01 slapd -d 0 -f "$dir/slapd.conf" -h ldap://10.0.1.2:389/
  listening dc01 tcp 389
}

site_sql() {
  start sql01 python3 "$site_stand_ins" tds 10.0.1.40 on "$pki/site-sql01.both"
  start sql02 python3 "$site_stand_ins" tds 10.0.1.41 not-supported "$pki/site-sql01.both"
  local form='[%s]\nhost = %s.contoso.com\nport = 1433\ntds version = 7.4\nencryption = %s\n'
  # shellcheck disable=SC2059
  printf "$form$form" encrypted sql01 require clear sql02 off > "$work/freetds.conf"
  listening sql01 tcp 1433
  listening sql02 tcp 1433
}

site_prosody() {  # HOST ADDRESS CERTIFICATE BODY
  local file="$work/prosody-$1.cfg.lua"
  mkdir -p "$work/prosody-$1"
  cat > "$file" <<CONF
run_as_root = true
pidfile = "$work/prosody-$1/pid"
data_path = "$work/prosody-$1"
modules_disabled = { "offline", "posix" }
interfaces = { "$2" }
local_interfaces = { "127.0.0.1" }
component_interface = "127.0.0.1"
log = { info = "*console" }
$4
CONF
  start "$1" prosody --config "$file" -F
}

site_xmpp_servers() {
  local modules='"tls", "dialback", "s2s", "saslauth"' policy
  if [ "$site_faults" = yes ]; then
    modules='"dialback", "s2s"'
    policy='s2s_require_encryption = false
s2s_secure_auth = false
modules_disabled = { "offline", "posix", "tls", "s2s_auth_certs" }'
  else
    policy="s2s_require_encryption = true
s2s_secure_auth = true"
  fi
  site_prosody edge01 192.0.2.10 edge01 "modules_enabled = { $modules, \"component\" }
c2s_ports = { }
component_ports = { 15347 }
$policy
ssl = { protocol = \"tlsv1_2\"; key = \"$pki/site-edge01.key\"; certificate = \"$pki/site-edge01.pem\"; cafile = \"$pki/site-public-ca.pem\" }
VirtualHost \"edge01.contoso.com\"
Component \"contoso.com\"
  component_secret = \"$site_component_secret\""
  site_prosody xmpp 203.0.113.9 xmpp "modules_enabled = { $modules }
c2s_ports = { }
authentication = \"internal_plain\"
$policy
ssl = { protocol = \"tlsv1_2\"; key = \"$pki/site-xmpp.key\"; certificate = \"$pki/site-xmpp.pem\"; cafile = \"$pki/site-public-ca.pem\" }
VirtualHost \"example.org\""
  if [ "$site_faults" = yes ]; then
    site_prosody xmpp2 203.0.113.10 xmpp 'modules_enabled = { "saslauth", "roster", "presence", "message" }
modules_disabled = { "offline", "posix", "tls", "s2s" }
c2s_ports = { 5269 }
s2s_ports = { }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "DIGEST-MD5" }
authentication = "internal_plain"
VirtualHost "legacy.example.net"'
    listening xmpp2 tcp 5269
  fi
  listening edge01 tcp 5269 15347
  listening xmpp tcp 5269
}

site_tunnels() {  # services behind stunnel, as in deployment.sh
  local ciphers=
  if [ "$site_faults" = yes ]; then ciphers="ciphers = NULL-SHA256:@SECLEVEL=0"; fi
  site_stunnel_server edge01 mras 10.0.9.1:5062 edge01-internal yes "connect = 127.0.0.1:15062
$ciphers"
  site_stunnel_server edge01 conferencing 10.0.9.1:8057 edge01-internal yes $'exec = /bin/cat\nexecArgs = cat'
  site_stunnel_server edge01 xmpp-gateway 10.0.9.1:23456 edge01-internal yes "connect = 127.0.0.1:15347"
  site_stunnel_server edge01 conferencing-outside 192.0.2.11:443 edge01 no $'exec = /bin/cat\nexecArgs = cat'
  site_stunnel_client fe01 mras 5062 10.0.9.1:5062 "$ciphers"
  site_stunnel_client fe01 conferencing 8057 10.0.9.1:8057 ""
  site_stunnel_client fe01 xmpp-gateway 23456 10.0.9.1:23456 ""
  if [ "$site_faults" = yes ]; then
    start fe01 python3 "$site_stand_ins" echo 10.0.1.11 8057
  else
    site_stunnel_server fe01 conferencing-inside 10.0.1.11:8057 fe01 no $'exec = /bin/cat\nexecArgs = cat'
  fi
  listening edge01 tcp 5062 8057 23456 443
  listening fe01 tcp 5062 8057 23456
}

site_stunnel_server() {  # HOST NAME ADDRESS:PORT CERTIFICATE REQUIRE BACKEND
  local verify=
  if [ "$5" = yes ]; then verify="CAfile = $pki/site-internal-ca.pem
requireCert = yes
verifyChain = yes"; fi
  stunnel_start "$1" "$2" "accept = $3
cert = $pki/site-$4.both
$6
$verify"
}

site_stunnel_client() {  # HOST NAME PORT PEER:PORT MORE
  stunnel_start "$1" "$2-client" "client = yes
accept = 127.0.0.1:$3
connect = $4
cert = $pki/site-fe01.both
CAfile = $pki/site-internal-ca.pem
verifyChain = yes
$5"
}

site_start() {
  printf 'openssl_conf = site\n[site]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nOptions = -SessionTicket\nMinProtocol = TLSv1.2\n' \
    > "$work/openssl.cnf"
  local -x OPENSSL_CONF=$work/openssl.cnf
  site_dns
  site_sip
  site_http
  site_smbd fs01 10.0.1.50 required
  site_smbd fs02 10.0.1.51 "$(if [ "$site_faults" = yes ]; then echo off; else echo required; fi)"
  site_slapd
  site_sql
  site_xmpp_servers
  site_tunnels
  start edge01 turnserver -n -L 192.0.2.12 -E 192.0.2.12 --listening-port 3478 --min-port 50000 --max-port 50099 --lt-cred-mech \
    --user "bob:$site_turn_password" --realm contoso.com --no-tls --no-dtls --no-tcp --no-tcp-relay --no-cli --no-multicast-peers \
    --userdb "$work/turndb" --pidfile "$work/turn.pid" --log-file stdout
  start edge01 python3 "$site_stand_ins" pseudo-tls 192.0.2.12
  listening edge01 udp 3478
  listening fs01 tcp 445
  listening fs02 tcp 445
}

site_topology() {
  cat <<'YAML'
# The site of site.pcapng and site-clean.pcapng. Written by scripts/make-captures.
topology: 1
name: Contoso whole site
product: lync-2013
sip_domains: [contoso.com]
zones:
  - {name: internal, networks: [10.0.0.0/8]}
  - {name: perimeter, networks: [192.0.2.0/24]}
pools:
  - {fqdn: pool01.contoso.com, role: front-end, members: [fe01.contoso.com, fe02.contoso.com]}
hosts:
  - {fqdn: dc01.contoso.com, roles: [domain-controller, dns-server], addresses: [10.0.1.2]}
  - {fqdn: ca01.contoso.com, roles: [certificate-authority], addresses: [10.0.1.3]}
  - {fqdn: dir01.contoso.com, roles: [director], addresses: [10.0.1.10]}
  - {fqdn: fe01.contoso.com, roles: [front-end, central-management], addresses: [10.0.1.11]}
  - {fqdn: fe02.contoso.com, roles: [front-end], addresses: [10.0.1.12]}
  - {fqdn: med01.contoso.com, roles: [mediation-server], addresses: [10.0.1.20]}
  - {fqdn: pchat01.contoso.com, roles: [persistent-chat], addresses: [10.0.1.30]}
  - {fqdn: sql01.contoso.com, roles: [sql-back-end], addresses: [10.0.1.40]}
  - {fqdn: sql02.contoso.com, roles: [sql-back-end], addresses: [10.0.1.41]}
  - {fqdn: fs01.contoso.com, roles: [file-store], addresses: [10.0.1.50]}
  - {fqdn: fs02.contoso.com, roles: [file-store], addresses: [10.0.1.51]}
  - {fqdn: exum01.contoso.com, roles: [exchange], addresses: [10.0.1.60]}
  - {fqdn: app01.contoso.com, roles: [trusted-application], addresses: [10.0.1.70]}
  - {fqdn: vis01.contoso.com, roles: [video-interop], addresses: [10.0.1.80]}
  - {fqdn: gw1.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.5]}
  - {fqdn: gw2.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.6]}
  - {fqdn: cucm.contoso.com, roles: [ip-pbx], addresses: [10.9.0.9]}
  - {fqdn: rp01.contoso.com, roles: [reverse-proxy], addresses: [192.0.2.20]}
  - fqdn: edge01.contoso.com
    addresses:
      - {ip: 192.0.2.10, roles: [edge-access]}
      - {ip: 192.0.2.11, roles: [edge-web-conferencing]}
      - {ip: 192.0.2.12, roles: [edge-av]}
      - {ip: 10.0.9.1, roles: [edge-internal]}
networks:
  - {cidr: 10.20.0.0/16, roles: [client], name: inside-clients}
  - {cidr: 198.51.100.0/24, roles: [client], name: outside-clients}
trunks:
  - {gateway: gw1.contoso.com, mediation: med01.contoso.com}
  - {gateway: gw2.contoso.com, mediation: med01.contoso.com, port: 5067, transport: tls, srtp_mode: required}
partners:
  - {domain: fabrikam.com, kind: sip, addresses: [203.0.113.7]}
  - {domain: litwareinc.com, kind: sip, addresses: [203.0.113.8]}
  - {domain: example.org, kind: xmpp, addresses: [203.0.113.9], xmpp: {tls: required, sasl: required, dialback: false}}
  - {domain: legacy.example.net, kind: xmpp, addresses: [203.0.113.10]}
settings: {encryption_level: required, internal_im_tcp: tolerated, fips: false}
trust:
  internal_ca: [site-ca/internal.pem]
  public_ca: [site-ca/public.pem]
YAML
}
