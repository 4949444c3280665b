# The small deployment: hosts of a Lync 2013 site with kamailio as SIP servers and gateways, baresip as clients, nginx, haproxy and
# stunnel for the rest; recorded twice, with faults and clean. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

kamailio_start() {  # HOST TLS_CONFIG "LISTEN..." [DESTINATION...]: a SIP server; it sends OPTIONS to each destination every four seconds
  local host=$1 tls=$2 listens=$3 dir destination
  shift 3
  dir=$(mktemp -d "$work/kamailio-XXXX")
  echo "$tls" > "$dir/tls.cfg"
  for destination in "$@"; do echo "1 sip:$destination;transport=tls"; done > "$dir/dispatcher.list"
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
enable_tls=yes
tcp_connection_lifetime=120
tcp_connect_timeout=5
server_header="Server: $host"
user_agent_header="User-Agent: $host"
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "dispatcher.so"
modparam("tls", "config", "$dir/tls.cfg")
modparam("dispatcher", "list_file", "$dir/dispatcher.list")
modparam("dispatcher", "ds_ping_method", "OPTIONS")
modparam("dispatcher", "ds_ping_from", "sip:$host@contoso.com")
modparam("dispatcher", "ds_ping_interval", 4)
modparam("dispatcher", "ds_probing_mode", 1)
CONF
    for destination in $listens; do echo "listen=$destination"; done
    cat <<'CONF'
request_route {
  if (method == "REGISTER") {
    save("location");
    exit;
  }
  sl_send_reply("200", "OK");
}
CONF
  } > "$dir/kamailio.cfg"
  start "$host" kamailio -DD -E -w "$dir" -Y "$dir" -m 16 -M 4 -f "$dir/kamailio.cfg"
}

kamailio_tls() {  # SECTION METHOD REQUEST CERTIFICATE CA: REQUEST is no (asks for none), yes (accepts none), required
  printf '[%s]\nmethod = %s\nprivate_key = %s\ncertificate = %s\nca_list = %s\n' "$1" "$2" "$pki/$4.key" "$pki/$4.pem" "$pki/$5-ca.pem"
  case $3 in
    no) printf 'verify_certificate = no\nrequire_certificate = no\n' ;;
    yes) printf 'verify_certificate = yes\nrequire_certificate = no\n' ;;
    required) printf 'verify_certificate = yes\nrequire_certificate = yes\n' ;;
  esac
}

kamailio_tls_pair() {  # METHOD REQUEST CERTIFICATE CA: the same certificate as server and as client
  kamailio_tls server:default "$1" "$2" "$3" "$4"
  kamailio_tls client:default "$1" required "$3" "$4"
}

baresip_start() {  # HOST USER REGISTRAR:PORT: a SIP client that registers over TLS
  local dir
  dir=$(mktemp -d "$work/baresip-XXXX")
  cat > "$dir/config" <<'CONF'
sip_listen 0.0.0.0:0
call_max_calls 1
module_path /usr/lib/baresip/modules
module g711.so
module_app account.so
CONF
  echo "<sip:$2@contoso.com;transport=tls>;outbound=\"sip:$3;transport=tls\";regint=60;auth_pass=none" > "$dir/accounts"
  touch "$dir/contacts"
  start "$1" baresip -4 -f "$dir"
}

registered() {  # HOST: waits until its baresip is registered
  local try
  for ((try = 0; try < wait_tries; try++)); do
    if grep -q '200 OK' "$work/$1"-baresip-*.log; then return; fi
    sleep 0.1
  done
  cat "$work/$1"-baresip-*.log >&2
  fail "baresip in $1 does not register"
}

sip_options() {  # HOST PORT: a SIP request over plain TCP to the stunnel of this host, which carries it on
  in_host "$1" timeout "$client_seconds" python3 - "$2" <<'PYTHON' || fail "no answer through stunnel in $1"
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as peer:
    peer.sendall(b"OPTIONS sip:mras@edge01.contoso.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
                 b"From: <sip:fe@contoso.com>;tag=1\r\nTo: <sip:mras@edge01.contoso.com>\r\nCall-ID: %s@lab\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
                 % ((str(id(peer)).encode(),) * 2))
    sys.exit(0 if peer.recv(4096).startswith(b"SIP/2.0 200") else 1)
PYTHON
}

echo_line() {  # HOST PORT: a line over plain TCP to the stunnel of this host, back from the echo behind its peer
  in_host "$1" timeout "$client_seconds" python3 - "$2" <<'PYTHON' || fail "no echo through stunnel in $1"
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as peer:
    peer.sendall(b"PSOM stand-in\n")
    sys.exit(0 if peer.recv(4096) == b"PSOM stand-in\n" else 1)
PYTHON
}

stunnel_server() {  # HOST NAME ADDRESS:PORT CERTIFICATE REQUIRE BACKEND: REQUIRE a client certificate, yes or no
  local verify=
  if [ "$5" = yes ]; then verify="CAfile = $pki/internal-ca.pem
requireCert = yes
verifyChain = yes"; fi
  stunnel_start "$1" "$2" "accept = $3
cert = $pki/$4.both
$6
$verify"
}

stunnel_client() {  # HOST NAME PORT PEER:PORT CERTIFICATE
  stunnel_start "$1" "$2" "client = yes
accept = 127.0.0.1:$3
connect = $4
cert = $pki/$5.both
CAfile = $pki/internal-ca.pem
verifyChain = yes"
}

deployment_hosts() {
  host fe01 10.0.1.11
  host fe02 10.0.1.12
  host dir01 10.0.1.10
  host med01 10.0.1.20
  host gw1 10.9.0.5
  host gw2 10.9.0.6
  host edge01 10.0.9.1 192.0.2.10 192.0.2.11
  host rp01 192.0.2.20
  host alice 10.20.0.31
  host carol 10.20.0.32
  host remote 198.51.100.20
  host fabrikam 203.0.113.7
  host litware 203.0.113.8
}

deployment_edge() {
  # Access Edge to partners and to clients outside, internal edge to the servers; TLS 1.3 only where a partner insists.
  kamailio_start edge01 "$(kamailio_tls_pair TLSv1.2+ required edge01 all
    kamailio_tls server:10.0.9.1:5061 TLSv1.2 required edge01-internal internal
    kamailio_tls server:192.0.2.10:443 TLSv1.2 no edge01 all)" "tls:10.0.9.1:5061 tls:192.0.2.10:5061 tls:192.0.2.10:443 tcp:127.0.0.1:5062"
  stunnel_server edge01 mras 10.0.9.1:5062 edge01-internal yes "connect = 127.0.0.1:5062"
  stunnel_server edge01 conferencing 10.0.9.1:8057 edge01-internal yes $'exec = /bin/cat\nexecArgs = cat'
  stunnel_server edge01 conferencing-outside 192.0.2.11:443 edge01 no $'exec = /bin/cat\nexecArgs = cat'
  listening edge01 tcp 5061 443 5062 8057
}

deployment_inside() {  # GW1_REQUEST
  kamailio_start gw1 "$(kamailio_tls_pair TLSv1.2 "$1" gw1 internal)" tls:10.9.0.5:5067
  kamailio_start gw2 "$(kamailio_tls_pair TLSv1.2 required gw2 internal)" tls:10.9.0.6:5067
  listening gw1 tcp 5067
  listening gw2 tcp 5067
  nginx_start fe01 "$(nginx_tls 10.0.1.11:443 fe01 TLSv1.2; nginx_tls 10.0.1.11:444 fe01 TLSv1.2; nginx_tls 10.0.1.11:4443 fe01 TLSv1.2)"
  stunnel_server fe01 conferencing 10.0.1.11:8057 fe01 no $'exec = /bin/cat\nexecArgs = cat'
  haproxy_start rp01 192.0.2.20:443 "crt $pki/rp01.both" \
    "server fe01 10.0.1.11:4443 ssl ca-file $pki/internal-ca.pem verify required sni str(fe01.contoso.com) force-tlsv12"
  listening fe01 tcp 443 444 4443 8057
  listening rp01 tcp 443
}


deployment_traffic() {
  # Server to server, each end with its certificate; Front End to clients: a certificate is asked for, none is a valid answer.
  kamailio_start med01 "$(kamailio_tls_pair TLSv1.2 required med01 internal)" tls:10.0.1.20:5070 10.9.0.5:5067 10.9.0.6:5067
  listening med01 tcp 5070
  kamailio_start fe01 "$(kamailio_tls_pair TLSv1.2 yes fe01 internal)" tls:10.0.1.11:5061 10.0.1.12:5061 10.0.1.20:5070 10.0.9.1:5061
  listening fe01 tcp 5061
  kamailio_start dir01 "$(kamailio_tls_pair TLSv1.2 yes dir01 internal)" tls:10.0.1.10:5061 10.0.1.11:5061
  kamailio_start fabrikam "$(kamailio_tls_pair TLSv1.2 required fabrikam all)" tls:203.0.113.7:5061 192.0.2.10:5061
  kamailio_start litware "$(kamailio_tls_pair "$1" required litware all)" tls:203.0.113.8:5061 192.0.2.10:5061
  baresip_start alice alice 10.0.1.11:5061
  baresip_start remote bob 192.0.2.10:443
  registered alice
  registered remote
  fetch carol --cacert "$pki/internal-ca.pem" --resolve fe01.contoso.com:443:10.0.1.11 https://fe01.contoso.com/
  fetch dir01 --cacert "$pki/internal-ca.pem" --resolve fe01.contoso.com:444:10.0.1.11 https://fe01.contoso.com:444/
  fetch remote --cacert "$pki/public-ca.pem" --resolve meet.contoso.com:443:192.0.2.20 https://meet.contoso.com/
  conference carol 10.0.1.11:8057 internal
  conference remote 192.0.2.11:443 public
  echo_line fe01 8057
  echo_line fe01 8057
  connected med01 10.9.0.5 5067
  connected med01 10.9.0.6 5067
  connected fe01 10.0.1.12 5061
  connected fe01 10.0.1.20 5070
  connected fe01 10.0.9.1 5061
  connected dir01 10.0.1.11 5061
  connected fabrikam 192.0.2.10 5061
  connected litware 192.0.2.10 5061
  sleep 1.5  # OPTIONS on each connection, and their answers
}

conference() {  # HOST ADDRESS:PORT AUTHORITY: a client in a web conference
  { sleep 0.3; echo "PSOM stand-in"; sleep 0.3; } \
    | in_host "$1" timeout "$client_seconds" gnutls-cli --port "${2#*:}" --x509cafile "$pki/$3-ca.pem" --no-ca-verification \
      --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.2' "${2%:*}" > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "gnutls-cli failed"; }
}

deployment_flow() {  # CLIENT SERVER:PORT VERSION CLIENT_AUTH EXPECTED RESULT: one flow or more of one leg
  flow "$deployment_name" "${@:1:5}" "$6+"
}

deployment_common_flows() {
  deployment_flow 10.0.1.11 10.0.1.12:5061 1.2 mutual mutual/decoded pass
  deployment_flow 10.0.1.11 10.0.1.20:5070 1.2 mutual mutual/decoded pass
  deployment_flow 10.0.1.11 10.0.9.1:5061 1.2 mutual mutual/decoded pass
  deployment_flow 10.0.1.10 10.0.1.11:5061 1.2 mutual mutual/decoded pass
  deployment_flow 10.0.1.20 10.9.0.6:5067 1.2 mutual mutual/decoded pass
  deployment_flow 203.0.113.7 192.0.2.10:5061 1.2 mutual mutual/decoded pass
  deployment_flow 10.20.0.31 10.0.1.11:5061 1.2 declined declined/decoded pass
  deployment_flow 198.51.100.20 192.0.2.10:443 1.2 one_way one_way/decoded pass
  deployment_flow 10.20.0.32 10.0.1.11:443 1.2 one_way one_way/decoded pass
  deployment_flow 10.20.0.32 10.0.1.11:8057 1.2 one_way one_way/decoded pass
  deployment_flow 198.51.100.20 192.0.2.11:443 1.2 one_way one_way/decoded pass
  deployment_flow 10.0.1.10 10.0.1.11:444 1.2 one_way one_way/decoded pass
  deployment_flow 198.51.100.20 192.0.2.20:443 1.2 one_way one_way/decoded pass
  deployment_flow 192.0.2.20 10.0.1.11:4443 1.2 one_way one_way/decoded pass
  flow "$deployment_name" 10.0.1.11 10.0.9.1:8057 1.2 mutual mutual/decoded pass
  flow "$deployment_name" 10.0.1.11 10.0.9.1:8057 1.2 mutual mutual/lineage pass
}

deployment_record() {  # NAME GW1_REQUEST PARTNER_METHOD LATE: LATE begins the capture after the long-lived sessions
  deployment_name=$1
  deployment_hosts
  if [ "$4" = no ]; then capture_start "$1"; fi
  deployment_edge
  kamailio_start fe02 "$(kamailio_tls_pair TLSv1.2 required fe02 internal)" tls:10.0.1.12:5061 10.0.9.1:5061
  listening fe02 tcp 5061
  connected fe02 10.0.9.1 5061
  stunnel_client fe01 mras 5062 10.0.9.1:5062 fe01
  stunnel_client fe01 conferencing 8057 10.0.9.1:8057 fe01
  listening fe01 tcp 5062 8057
  sip_options fe01 5062
  sleep 1
  if [ "$4" = yes ]; then capture_start "$1"; fi
  sip_options fe01 5062
  deployment_inside "$2"
  deployment_traffic "$3"
  capture_stop pcapng
}

record_deployment() {
  mkdir -p "$out/deployment-ca"
  cp "$pki/internal-ca.pem" "$out/deployment-ca/internal.pem"
  cp "$pki/public-ca.pem" "$out/deployment-ca/public.pem"
  cp "$pki/fabrikam-ca.pem" "$out/deployment-ca/fabrikam.pem"
  deployment_topology > "$out/deployment.topology.yaml"

  deployment_record deployment no TLSv1.2+ yes
  deployment_common_flows
  deployment_flow 10.0.1.12 10.0.9.1:5061 - mutual not_observable/mid_stream inconclusive
  deployment_flow 10.0.1.11 10.0.9.1:5062 1.2 mutual not_observable/resumed inconclusive
  deployment_flow 10.0.1.20 10.9.0.5:5067 1.2 one_way one_way/decoded fail
  deployment_flow 203.0.113.8 192.0.2.10:5061 1.3 mutual mutual/inferred inconclusive
  deployment_page deployment <<'MD'
A small Lync 2013 site and two partners, with faults: one gateway takes TLS without a client certificate, and three legs hide what would prove them.
MD

  lab_close
  lab_open
  deployment_record deployment-clean required TLSv1.2 no
  deployment_common_flows
  deployment_flow 10.0.1.12 10.0.9.1:5061 1.2 mutual mutual/decoded pass
  flow deployment-clean 10.0.1.11 10.0.9.1:5062 1.2 mutual mutual/decoded pass
  flow deployment-clean 10.0.1.11 10.0.9.1:5062 1.2 mutual mutual/lineage pass
  deployment_flow 10.0.1.20 10.9.0.5:5067 1.2 mutual mutual/decoded pass
  deployment_flow 203.0.113.8 192.0.2.10:5061 1.2 mutual mutual/decoded pass
  deployment_page deployment-clean <<'MD'
The site of deployment without its faults: every leg is TLS 1.2, seen from its start, mutual where servers talk SIP to servers.
MD
}

deployment_topology() {
  cat <<'YAML'
# The site of deployment.pcapng and deployment-clean.pcapng. Written by scripts/make-captures.
topology: 1
name: Contoso lab site
product: lync-2013
sip_domains: [contoso.com]
zones:
  - {name: internal, networks: [10.0.0.0/8]}
  - {name: perimeter, networks: [192.0.2.0/24]}
pools:
  - {fqdn: pool01.contoso.com, role: front-end, members: [fe01.contoso.com, fe02.contoso.com]}
hosts:
  - {fqdn: fe01.contoso.com, roles: [front-end], addresses: [10.0.1.11]}
  - {fqdn: fe02.contoso.com, roles: [front-end], addresses: [10.0.1.12]}
  - {fqdn: dir01.contoso.com, roles: [director], addresses: [10.0.1.10]}
  - {fqdn: med01.contoso.com, roles: [mediation-server], addresses: [10.0.1.20]}
  - {fqdn: gw1.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.5]}
  - {fqdn: gw2.contoso.com, roles: [pstn-gateway], addresses: [10.9.0.6]}
  - {fqdn: rp01.contoso.com, roles: [reverse-proxy], addresses: [192.0.2.20]}
  - fqdn: edge01.contoso.com
    addresses:
      - {ip: 192.0.2.10, roles: [edge-access]}
      - {ip: 192.0.2.11, roles: [edge-web-conferencing]}
      - {ip: 10.0.9.1, roles: [edge-internal]}
networks:
  - {cidr: 10.20.0.0/16, roles: [client]}
  - {cidr: 198.51.100.0/24, roles: [client]}
trunks:
  - {gateway: gw1.contoso.com, mediation: med01.contoso.com, port: 5067, transport: tls}
  - {gateway: gw2.contoso.com, mediation: med01.contoso.com, port: 5067, transport: tls}
partners:
  - {domain: fabrikam.com, kind: sip, addresses: [203.0.113.7]}
  - {domain: litwareinc.com, kind: sip, addresses: [203.0.113.8]}
trust:
  internal_ca: [deployment-ca/internal.pem]
  public_ca: [deployment-ca/public.pem]
  partner_ca: {fabrikam.com: [deployment-ca/fabrikam.pem]}
YAML
}

deployment_page() {  # CAPTURE < SUMMARY
  local verdicts beginning exit_code
  case $1 in
    deployment)
      beginning="gw1 has \`verify_certificate = no\`. tcpdump starts after fe02 has connected to edge01 and after the first session to 5062."
      exit_code="Exit code 1: the leg to gw1 fails."
      verdicts="| med01 → gw1 | 5067 | mediation-gateway-signalling | **fail**: TLS without a client certificate (gw1 does not ask) |
| fe02 → edge01 | 5061 | server-to-server | **inconclusive**: the session began before the capture |
| fe01 → edge01 | 5062 | server-to-server | **inconclusive**: resumed, its full handshake was before the capture |
| litwareinc.com → edge01 | 5061 | federation-sip | **inconclusive**: TLS 1.3 hides client authentication |" ;;
    *)
      beginning="tcpdump starts first."
      exit_code="No leg fails; what the topology expects and this capture does not hold (media) keeps the audit incomplete: exit code 3."
      verdicts="| med01 → gw1 | 5067 | mediation-gateway-signalling | pass: mutual |
| fe02 → edge01 | 5061 | server-to-server | pass: mutual |
| fe01 → edge01 | 5062 | server-to-server | pass: mutual, then resumed (lineage) |
| litwareinc.com → edge01 | 5061 | federation-sip | pass: mutual |" ;;
  esac
  describe "$1" "kamailio kamailio-tls-modules baresip-core nginx-light haproxy stunnel4 curl gnutls-bin" <<MD
$(cat)

## How it was made

Every host of \`deployment.topology.yaml\` is a network namespace; tcpdump listens on the bridge that joins them. fe01, fe02, dir01, med01, gw1, gw2, edge01
and both partners are kamailio with the tls module; the connections between them carry OPTIONS every four seconds (dispatcher). alice
(10.20.0.31, inside) and bob (198.51.100.20, outside) are baresip and REGISTER over TLS. nginx serves 443, 444 and 4443 on fe01, haproxy is the
reverse proxy, stunnel stands for the conferencing and A/V authentication services (an echo, and kamailio, behind it); gnutls-cli is the client in
a conference. Servers ask for certificates as kamailio's \`verify_certificate\` and \`require_certificate\` say.
$beginning It stops while the servers are still connected, so most flows have no end.

## What an audit should say

With \`--topology deployment.topology.yaml\` (policy lync-2013), by leg:

| leg | port | class | status |
| --- | --- | --- | --- |
$verdicts
| fe01 → fe02, dir01 → fe01 | 5061 | server-to-server | pass: mutual |
| fe01 → edge01 | 5061 | server-to-server | pass: mutual |
| fe01 → med01 | 5070 | server-to-server | pass: mutual |
| med01 → gw2 | 5067 | mediation-gateway-signalling | pass: mutual |
| fabrikam.com → edge01 | 5061 | federation-sip | pass: mutual |
| fe01 → edge01 | 8057 | web-conferencing | pass: mutual, then resumed (lineage) |
| clients → fe01 | 5061 | client-to-server | pass: TLS (asked for a certificate, declined: normal for a client) |
| clients → edge01 | 443 (192.0.2.10) | client-to-server | pass: TLS |
| clients → fe01; clients → edge01 | 8057; 443 (192.0.2.11) | web-conferencing | pass: TLS |
| clients → fe01 | 443 | HTTPS rows | pass: TLS |
| dir01 → fe01 | 444 | server-to-server-https | pass: TLS |
| clients → rp01, rp01 → fe01 | 443, 4443 | HTTPS rows | pass: TLS |

Rows of media, of which there is none in the capture, are \`not_observed\`.
$exit_code
MD
}
