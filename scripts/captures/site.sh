# A whole small site, recorded twice: site has faults, site-clean is what the vendor's table demands. Programs and hosts are in
# site_hosts.sh, what both twins do is here. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

site_secret() {  # KIND SECRET: what must never appear in an output
  printf '%s\t%s\t%s\n' "$site_name" "$1" "$2" >> "$work/site.secrets"
}

# leg CLIENT SERVER PORT TRANSPORT SEEN CLASS STATUS REASON FAULT: one kind of flow; CLIENT and SERVER are names of the lab, PORT is a
# number, a range or *; SEEN is what tshark must find in it; STATUS and REASON hold what an audit may say, split by bars.
leg() { (IFS=$'\t'; echo "$*") >> "$work/$site_name.legs"; }

site_call() {  # HOST MEDIAENC USER TRANSPORT PROXY CALLEE RTP_PORTS [ACCOUNT_EXTRA [DOMAIN]]: a call of a second
  local account="<sip:$3@${9:-contoso.com};transport=$4>;regint=0;audio_codecs=$site_codec;auth_pass=none"
  baresip_configure "$1" "0.0.0.0:0" "$7" "$account${2:+;mediaenc=$2};outbound=\"sip:$5;transport=$4\"${8:-}"
  local seconds=$site_call_seconds
  if [ "$2" = dtls_srtp ]; then seconds=1.6; fi  # media begins after the handshake, whose first datagram may be lost
  site_dial "$1" "sip:$6@contoso.com" "$seconds"
}

site_message() {  # HOST PROXY:PORT USER TEXT [PASSWORD]: an instant message over TCP; with a password it is asked for a digest first
  local scenario=$work/message.xml
  site_scenario "${5:+yes}" > "$scenario"
  must "no message from $1 to $3" in_host "$1" timeout "$client_seconds" sipp "$2" -sf "$scenario" -t t1 -m 1 -nostdin -timeout 6s -s "$3" \
    -key text "$4" -key from "$1" -au "$1" -ap "${5:-none}"
}

site_scenario() {  # DIGEST
  local headers='MESSAGE sip:[service]@contoso.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:[from]@contoso.com>;tag=[call_number]
To: <sip:[service]@contoso.com>
Call-ID: [call_id]'
  local rest='Content-Type: text/plain
Content-Length: [len]

[text]'
  printf '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="message">\n'
  printf '<send><![CDATA[\n%s\nCSeq: 1 MESSAGE\n%s\n]]></send>\n' "$headers" "$rest"
  if [ -n "$1" ]; then
    printf '<recv response="401" auth="true"/>\n<send><![CDATA[\n%s\nCSeq: 2 MESSAGE\n[authentication]\n%s\n]]></send>\n' "$headers" "$rest"
  fi
  printf '<recv response="100" optional="true"/>\n<recv response="200"/>\n</scenario>\n'
}

site_get() {  # HOST CURL_OPTIONS...: a page, with names from the DNS of the host
  local host=$1
  shift
  fetch "$host" -4 --cacert "$pki/site-all-ca.pem" "$@"
}

site_names() {  # what both twins begin with: addresses and names
  must "no lease" in_host dave timeout "$client_seconds" busybox udhcpc -i eth0 -f -n -q -t 3 -T 2 -s /bin/true
}

site_web() {
  # HTTPS as the table demands
  site_get carol https://fe01.contoso.com/abs/handler
  site_get carol -d '<ExpandDistributionList name="board"/>' https://fe01.contoso.com/groupexpansion/service.svc
  site_get carol https://pchat01.contoso.com/files/
  site_get dir01 https://fe01.contoso.com:444/
  site_get bob https://meet.contoso.com/meet/
  site_get fe01 https://edge01.contoso.com:4443/replication
  site_get fe01 https://exum01.contoso.com/ews/
  # clear by design: revocation lists, the root certificate, a redirect
  site_get edge01 http://crl.lab.example/public.crl
  site_get fe01 http://ca01.contoso.com/internal.crl
  site_get carol http://fe01.contoso.com:8080/certs/root.cer
  site_get carol --location http://dir01.contoso.com/dialin/
  leg carol fe01 443 tcp one_way content-download pass tls_established -
  leg carol pchat01 443 tcp one_way content-download pass tls_established -
  leg dir01 fe01 444 tcp one_way server-to-server-https pass tls_established -
  leg bob rp01 443 tcp one_way content-download pass tls_established -
  leg rp01 fe01 4443 tcp one_way content-download pass tls_established -
  leg fe01 edge01-in 4443 tcp one_way server-to-server-https pass tls_established -
  leg fe01 exum01 443 tcp one_way server-to-server-https pass tls_established -
  leg edge01 crl 80 tcp http clear-by-design not_applicable clear_by_design -
  leg fe01 ca01 80 tcp http clear-by-design not_applicable clear_by_design -
  leg carol fe01 8080 tcp http 'clear-by-design|content-download' 'not_applicable|pass' - -
  leg carol dir01 80 tcp http 'clear-by-design|content-download' 'not_applicable|pass' - -
  leg carol dir01 443 tcp one_way content-download pass tls_established -
  if [ "$site_faults" = yes ]; then
    local password cookie
    password=$(openssl rand -hex 8)
    cookie=$(openssl rand -hex 12)
    site_secret http-basic-password "$password"
    site_secret http-basic-credentials "$(printf 'CONTOSO\\carol:%s' "$password" | base64)"
    site_secret http-body Petersen-acquisition-list
    site_secret http-body board-members-of-project-heron
    site_get bob --cookie "CWT=$cookie" http://lyncdiscover.contoso.com/autodiscover/autodiscoverservice.svc/root
    site_secret http-cookie "$cookie"
    site_get carol --user "CONTOSO\\carol:$password" http://fe01.contoso.com/abs/handler
    site_get carol -d '<ExpandDistributionList name="board-members-of-project-heron"/>' http://fe02.contoso.com/groupexpansion/service.svc
    leg bob rp01 80 tcp http content-download fail clear_traffic F9
    leg rp01 fe01 8080 tcp http content-download fail clear_traffic F9
    leg carol fe01 80 tcp http content-download fail clear_traffic F10
    leg carol fe02 80 tcp http content-download fail clear_traffic F11
  else
    site_get bob --location http://lyncdiscover.contoso.com/autodiscover/autodiscoverservice.svc/root
    leg bob rp01 80 tcp http 'clear-by-design|content-download' 'not_applicable|pass' - -
  fi
}

site_infrastructure() {
  local password text
  password=$(openssl rand -hex 8)
  site_query fe01 encrypted "$password"
  leg fe01 sql01 1433 tcp tds infrastructure 'not_applicable|pass|inconclusive' '*' -
  # LDAP with StartTLS
  site_look_up fe01 telephoneNumber -ZZ
  leg fe01 dc01 389 tcp starttls infrastructure 'not_applicable|pass' reported_only -
  # SMB 3, encrypted: the file store, and the backup of a paired pool
  echo "meeting content, encrypted" > "$work/content.txt"
  site_copy fe01 fs01.contoso.com encrypt "$work/content.txt"
  leg fe01 fs01 445 tcp smb3 'infrastructure|other-protection' 'not_applicable|pass' '-' -
  if [ "$site_faults" = no ]; then
    site_copy fs01 fs02.contoso.com encrypt "$work/content.txt"
    leg fs01 fs02 445 tcp smb3 'infrastructure|other-protection' 'not_applicable|pass' '-' -
    return
  fi
  leg fs01 fs02 445 tcp smb 'infrastructure' 'fail|accepted_risk|not_applicable' clear_traffic F12
  text="backup of the pool: $(openssl rand -hex 12)"
  site_secret smb-file "$text"
  echo "$text" > "$work/backup.txt"
  site_copy fs01 fs02.contoso.com off "$work/backup.txt"
  site_look_up fe02 description
  site_secret ldap-simple-bind-password "$site_ldap_password"
  site_secret ldap-attribute "$site_ldap_text"
  leg fe02 dc01 389 tcp ldap infrastructure 'fail|accepted_risk|not_applicable' clear_traffic F13
  password=$(openssl rand -hex 8)
  site_secret tds-password "$password"
  site_query fe02 clear "$password"
  leg fe02 sql02 1433 tcp tds infrastructure 'fail|accepted_risk|not_applicable' clear_traffic F14
}

site_query() {  # HOST SERVER PASSWORD: an SQL statement, and its answer
  printf 'select SipAddress from Resource\ngo\nexit\n' > "$work/query.sql"
  in_host "$1" env FREETDSCONF="$work/freetds.conf" timeout "$client_seconds" tsql -S "$2" -U RTCService -P "$3" \
    < "$work/query.sql" > "$work/query.log" 2>&1 || true
  grep -q alice "$work/query.log" || { cat "$work/query.log" >&2; fail "no answer of SQL"; }
}

site_look_up() {  # HOST ATTRIBUTE [OPTION...]: a simple bind and a search
  local host=$1 attribute=$2
  shift 2
  must "no answer of the directory" in_host "$host" env LDAPTLS_CACERT="$pki/site-internal-ca.pem" timeout "$client_seconds" ldapsearch -x "$@" \
    -H ldap://dc01.contoso.com -D cn=svc-lync,dc=contoso,dc=com -w "$site_ldap_password" -b dc=contoso,dc=com '(cn=alice)' "$attribute"
}

site_conferencing() {
  conference bob 192.0.2.11:443 site-public
  echo_line fe01 8057
  leg bob edge01-web 443 tcp one_way web-conferencing pass tls_established -
  leg fe01 edge01-in 8057 tcp mutual 'server-to-server|web-conferencing' pass mutual_tls -
  if [ "$site_faults" = yes ]; then
    local text
    text="slide 4: $(openssl rand -hex 12)"
    site_secret conference-content "$text"
    in_host carol timeout "$client_seconds" python3 "$site_stand_ins" say 10.0.1.11 8057 "$text" || fail "no clear conference"
    leg carol fe01 8057 tcp clear web-conferencing 'fail|inconclusive' 'clear_traffic|protocol_not_recognised' F19
  else
    conference carol 10.0.1.11:8057 site-internal
    leg carol fe01 8057 tcp one_way web-conferencing pass tls_established -
  fi
  sip_options fe01 5062
  if [ "$site_faults" = yes ]; then
    leg fe01 edge01-in 5062 tcp mutual server-to-server fail suite_null F20
  else
    leg fe01 edge01-in 5062 tcp mutual server-to-server pass mutual_tls -
  fi
}

site_xmpp() {
  local text
  text="to Romeo: $(openssl rand -hex 12)"
  in_host fe01 timeout "$client_seconds" python3 "$site_stand_ins" component 23456 contoso.com "$site_component_secret" \
    alice@contoso.com romeo@example.org "$text" || { cat "$work"/*prosody*.log >&2; fail "no answer over XMPP"; }
  leg fe01 edge01-in 23456 tcp mutual server-to-server pass mutual_tls -
  if [ "$site_faults" = no ]; then
    leg edge01 xmpp 5269 tcp starttls federation-xmpp pass tls_established -
    leg xmpp edge01 5269 tcp starttls federation-xmpp pass tls_established -
    return
  fi
  site_secret xmpp-body "$text"
  leg edge01 xmpp 5269 tcp xmpp federation-xmpp fail clear_traffic F7
  leg xmpp edge01 5269 tcp xmpp federation-xmpp fail clear_traffic F7
  local password
  password=$(openssl rand -hex 8)
  text="to the old gateway: $(openssl rand -hex 12)"
  printf '%s\n%s\n' "$password" "$password" \
    | must "no XMPP account" in_host xmpp2 prosodyctl --config "$work/prosody-xmpp2.cfg.lua" adduser gateway@legacy.example.net
  site_secret xmpp-sasl-password "$password"
  site_secret xmpp-body "$text"
  printf '%s\n' "$text" | must "no SASL over clear XMPP" in_host edge01 timeout "$client_seconds" sendxmpp -u gateway -p "$password" \
    -j legacy.example.net:5269 -o legacy.example.net gateway@legacy.example.net
  leg edge01 xmpp2 5269 tcp xmpp federation-xmpp fail clear_traffic F8
}

site_noise() {  # what is no session: an aborted TLS probe, a port scan; and the imitation of TLS before TURN
  in_host mon timeout 5 openssl s_client -connect 192.0.2.10:5061 -tls1_1 -cipher ALL:@SECLEVEL=0 < /dev/null > /dev/null 2>&1 || true
  must "no port scan" in_host mon timeout "$client_seconds" nmap -sS -Pn -n -e eth0 --max-retries 0 \
    -p 22,80,135,443,1433,3389,5060,5061,5269,8057 192.0.2.10
  leg mon edge01 5061 tcp 'aborted|scan' 'federation-sip|unknown' not_applicable 'handshake_aborted|no_payload' -
  leg mon edge01 22-8057 tcp scan '*' not_applicable no_payload -
  in_host bob timeout "$client_seconds" python3 "$site_stand_ins" pseudo-tls-client 192.0.2.12 || fail "no pseudo-TLS"
  leg bob edge01-av 443 tcp pseudo edge-media 'inconclusive|not_applicable|pass' '*' -
}

site_signalling_legs() {
  leg alice fe01 5061 tcp declined client-to-server pass tls_established -
  leg carol fe01 5061 tcp declined client-to-server pass tls_established -
  leg dave fe01 5061 tcp declined client-to-server pass tls_established -
  leg bob edge01 443 tcp one_way client-to-server pass tls_established -
  leg dir01 fe01 5061 tcp mutual server-to-server pass mutual_tls -
  leg fe01 edge01-in 5061 tcp mutual server-to-server pass mutual_tls -
  leg edge01-in fe01 5061 tcp mutual server-to-server pass mutual_tls -
  leg fe01 fe02 5061 tcp mutual server-to-server pass mutual_tls -
  leg fe01 fe02 5063 tcp mutual server-to-server pass mutual_tls -
  leg fe01 fe02 5065 tcp mutual desktop-sharing-signalling pass 'mutual_tls|tls_established' -
  leg fe01 med01 5070 tcp mutual server-to-server pass mutual_tls -
  leg med01 fe01 5061 tcp mutual server-to-server pass mutual_tls -
  leg fe01 pchat01 5041 tcp mutual persistent-chat pass mutual_tls -
  leg fabrikam edge01 5061 tcp mutual federation-sip pass mutual_tls -
  leg edge01 fabrikam 5061 tcp mutual federation-sip pass mutual_tls -
  if [ "$site_faults" = no ]; then
    leg fe01 fe02 5062 tcp mutual server-to-server pass mutual_tls -
    leg gw1 med01 5067 tcp mutual mediation-gateway-signalling pass mutual_tls -
    leg med01 gw2 5067 tcp mutual mediation-gateway-signalling pass mutual_tls -
    leg fe01 app01 5061 tcp mutual server-to-server pass mutual_tls -
    leg fe01 exum01 5061 tcp mutual exchange-um pass mutual_tls -
    leg litware edge01 5061 tcp mutual federation-sip pass mutual_tls -
    return
  fi
  leg gw1 med01 5068 tcp sip mediation-gateway-signalling accepted_risk clear_traffic F1
  leg med01 gw2 5067 tcp one_way mediation-gateway-signalling fail tls_without_client_certificate F3
  leg fe01 fe02 5062 tcp sip server-to-server fail clear_traffic F4
  leg dave fe01 5060 tcp sip client-to-server fail challenge_response_in_clear F5
  leg erin edge01 5060 tcp sip client-to-server fail clear_traffic F6
  leg fe01 app01 5060 tcp sip server-to-server accepted_risk clear_traffic F15
  leg fe01 exum01 5060 tcp sip exchange-um fail clear_traffic F18
  leg litware edge01 5061 tcp declined federation-sip fail tls_without_client_certificate F21
  leg vis01 cucm 5060 tcp sip '*' 'fail|accepted_risk' clear_traffic F22
}

site_calls() {
  local srtp='pass|inconclusive' text
  site_codec=PCMU/8000/1
  if [ "$site_faults" = yes ]; then
    # An offer of optional SRTP (RTP/AVP with a=crypto) that the Mediation Server answers without: the call is clear.
    site_call gw1 srtp +15550100 tcp 10.9.0.5:15060 +15550200 40000-40099
    leg gw1 med01 40000-57500 udp rtp mediation-gateway-media accepted_risk media_clear F2
    leg med01 gw1 40000-57500 udp rtp mediation-gateway-media accepted_risk media_clear F2
  else
    site_call gw1 srtp-mand +15550100 tcp 10.9.0.5:15060 +15550200 40000-40099
    leg gw1 med01 40000-57500 udp srtp mediation-gateway-media "$srtp" '*' -
    leg med01 gw1 40000-57500 udp srtp mediation-gateway-media "$srtp" '*' -
  fi
  site_codec=GSM/8000/1
  # inside: client to Mediation Server, client to gateway (media bypass), client to a conference, client to client
  site_call carol srtp-mand carol tls 10.0.1.11:5061 +15550201 20000-20019
  leg carol med01 '*' udp srtp mediation-internal-media "$srtp" '*' -
  leg med01 carol '*' udp srtp mediation-internal-media "$srtp" '*' -
  site_call carol srtp-mand carol tls 10.0.1.11:5061 +25550300 20020-20039
  leg carol gw2 '*' udp srtp media-bypass "$srtp" '*' -
  leg gw2 carol '*' udp srtp media-bypass "$srtp" '*' -
  site_call carol dtls_srtp carol tls 10.0.1.11:5061 conf 20040-20059
  leg carol fe02 '*' udp dtls conferencing-media pass '*' -
  leg fe02 carol '*' udp dtls conferencing-media pass '*' -
  if [ "$site_faults" = yes ]; then
    site_call dave '' dave tls 10.0.1.11:5061 bare 20060-20079
    leg dave alice '*' udp rtp audio-video-media fail media_clear F16
    leg alice dave '*' udp rtp audio-video-media fail media_clear F16
    # to voice mail over a clear leg: the SRTP keys can be read there, though not on the client's leg
    site_call carol srtp-mand carol tls 10.0.1.11:5061 um 20080-20099
    leg carol exum01 '*' udp srtp '*' fail '*' F17
    leg exum01 carol '*' udp srtp '*' fail '*' F17
  else
    site_call dave dtls_srtp dave tls 10.0.1.11:5061 alice 20060-20079
    leg dave alice '*' udp dtls audio-video-media pass '*' -
    leg alice dave '*' udp dtls audio-video-media pass '*' -
    site_call carol srtp-mand carol tls 10.0.1.11:5061 um 20080-20099
    leg carol exum01 '*' udp srtp '*' "$srtp" '*' -
    leg exum01 carol '*' udp srtp '*' "$srtp" '*' -
  fi
  # outside, relayed by the A/V Edge: a client and a partner
  local turn=";medianat=turn;stunserver=\"turn:192.0.2.12:3478\";stunuser=bob;stunpass=$site_turn_password" peer
  site_call bob srtp-mand bob tls 192.0.2.10:443 sdes 20000-20099 "$turn"
  site_call fabrikam srtp-mand romeo tcp 203.0.113.7:15060 sdes 20000-20099 "$turn" fabrikam.com
  leg bob edge01-av 3478 udp stun edge-media "$srtp" '*' -
  leg fabrikam edge01-av 3478 udp stun federation-media "$srtp" '*' -
  leg alice edge01-av 50000-59999 udp srtp edge-media "$srtp" '*' -
  leg edge01-av alice '*' udp srtp edge-media "$srtp" '*' -
  for peer in bob fabrikam; do  # the last report of RTCP goes past the relay, if at all
    leg "$peer" alice '*' udp srtcp '*' '*' '*' -
    leg alice "$peer" '*' udp srtcp '*' '*' '*' -
  done
}

site_messages() {
  local text password
  # protected
  text="protected $(openssl rand -hex 6)"
  site_message fabrikam 203.0.113.7:15060 alice "$text"
  if [ "$site_faults" = no ]; then
    site_message litware 203.0.113.8:15060 alice "$text"
    return
  fi
  text="to the conference: $(openssl rand -hex 12)"
  site_secret sip-message "$text"
  site_message fe01 10.0.1.11:15060 imconf "$text"
  text="between two of us: $(openssl rand -hex 12)"
  site_secret sip-message "$text"
  site_message dave 10.0.1.11:5060 alice "$text" "$site_dave_password"
  text="from outside, in clear: $(openssl rand -hex 12)"
  site_secret sip-message "$text"
  site_message erin 192.0.2.10:5060 alice "$text"
  text="make a call for me: $(openssl rand -hex 12)"
  site_secret sip-message "$text"
  site_message fe01 10.0.1.11:15060 app "$text"
}

site_record() {  # NAME FAULTS
  site_name=$1
  site_faults=$2
  : > "$work/$site_name.legs"
  rm -rf "$work"/{dnsmasq,slapd,samba-*,prosody-*}  # of the other twin
  site_hosts
  site_passwords
  capture_start "$site_name"
  site_start
  site_names
  site_signalling_legs
  site_messages
  site_calls
  site_video
  site_web
  site_infrastructure
  site_conferencing
  site_xmpp
  site_noise
  site_connections
  sleep 1
  capture_stop pcapng
  site_addresses_table > "$work/$site_name.hosts"
}

record_site() {
  site_stand_ins="$here/captures/site_stand_ins.py"
  : > "$work/site.secrets"
  site_pki
  site_topology > "$out/site.topology.yaml"
  site_record site yes
  lab_close
  lab_open
  site_record site-clean no
  local package versions=
  for package in tcpdump kamailio kamailio-tls-modules baresip-core nginx-light haproxy stunnel4 prosody coturn samba smbclient slapd \
    ldap-utils dnsmasq-base freetds-bin sip-tester sendxmpp curl gnutls-bin busybox nmap; do
    versions+="$package $(dpkg-query -W -f '${Version}' "$package"), "
  done
  python3 -B "$here/captures/site.py" "$out" "$work" "${versions%, }" || fail "the site captures are not as meant"
}
