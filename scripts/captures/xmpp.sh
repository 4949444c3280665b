# XMPP as servers federate with it and clients speak it: prosody, and slixmpp as the users. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly xmpp_alice_password=Throwaway-alice-xmpp-6638 xmpp_bob_password=Throwaway-bob-xmpp-7725
readonly xmpp_alice_body="Merger on Friday throwaway-body-3371" xmpp_bob_body="Agreed throwaway-body-4458"

xmpp_server_start() {  # HOST DOMAIN ADDRESS USER PASSWORD MODULES SETTINGS: prosody for DOMAIN; its DNS is a dnsmasq on its own loopback
  local host=$1 dir
  dir=$(mktemp -d "$work/xmpp-XXXX")
  echo "nameserver 127.0.0.1" > "$dir/resolv.conf"
  start "$host" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= --user=root \
    --listen-address=127.0.0.1 --bind-interfaces \
    --srv-host=_xmpp-server._tcp.contoso.com,xmpp.contoso.com,5269 --host-record=xmpp.contoso.com,192.0.2.10 \
    --srv-host=_xmpp-server._tcp.fabrikam.com,xmpp.fabrikam.com,5269 --host-record=xmpp.fabrikam.com,203.0.113.7
  cat > "$dir/prosody.cfg.lua" <<CONF
run_as_root = true
pidfile = "$dir/pid"
data_path = "$dir"
modules_enabled = { "saslauth", "roster", $6 }
modules_disabled = { "offline", "s2s_auth_dane" }
interfaces = { "$3", "127.0.0.1" }
s2s_direct_tls_ports = {}
c2s_direct_tls_ports = {}
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
authentication = "internal_plain"
log = { info = "*console" }
$7
VirtualHost "$2"
CONF
  listening "$host" udp 53
  in_host "$host" prosodyctl --config "$dir/prosody.cfg.lua" register "$4" "$2" "$5" > /dev/null 2>&1 || fail "prosodyctl register failed"
  # A network namespace by ip has a mount namespace too: the bind is seen by this prosody alone.
  # shellcheck disable=SC2016
  start "$host" sh -c 'mount --bind "$1/resolv.conf" /etc/resolv.conf && exec prosody --config "$1/prosody.cfg.lua" -F' sh "$dir"
  listening "$host" tcp 5222 5269
}

xmpp_user() {  # HOST SERVER JID PASSWORD PEER BODY ROLE: ROLE first writes and waits for an answer, second answers; PLAIN without TLS
  in_host "$1" timeout "$client_seconds" /usr/bin/python3 - "${@:2}" > "$work/$1-user.log" 2>&1 <<'PYTHON'
import sys
import slixmpp
server, jid, password, peer, body, role = sys.argv[1:]

class User(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(jid, password, sasl_mech="PLAIN")
        self["feature_mechanisms"].unencrypted_plain = True
        self.answered = False
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("message", self.read)

    async def begin(self, _):
        self.send_presence()
        print("ready", flush=True)
        if role == "first":
            self.send_message(mto=peer, mbody=body)

    def read(self, message):
        if message["type"] == "error":
            sys.exit(f"not delivered: {message}")
        self.answered = True
        if role == "second":
            self.send_message(mto=message["from"], mbody=body)
        self.disconnect()

user = User()
user.connect((server, 5222), disable_starttls=True, force_starttls=False)
user.process(forever=False)
sys.exit(0 if user.answered else 1)
PYTHON
}

xmpp_conversation() {  # alice@contoso.com writes to bob@fabrikam.com and gets an answer; both are on the loopback of their servers
  local bob try
  xmpp_user fabrikam 127.0.0.1 bob@fabrikam.com "$xmpp_bob_password" alice@contoso.com "$xmpp_bob_body" second &
  bob=$!
  for ((try = 0; try < wait_tries; try++)); do
    if grep -qs ready "$work/fabrikam-user.log"; then break; fi
    sleep 0.1
  done
  xmpp_user edge01 127.0.0.1 alice@contoso.com "$xmpp_alice_password" bob@fabrikam.com "$xmpp_alice_body" first \
    || { cat "$work"/edge01-*.log "$work"/fabrikam-*.log >&2; fail "no answer from bob"; }
  wait "$bob" || { cat "$work/fabrikam-user.log" >&2; fail "bob failed"; }
}

xmpp_certificates() {  # those of pki.sh name SIP hosts: these name the domains
  pki_issue public xmpp-contoso serverAuth,clientAuth contoso.com
  pki_issue fabrikam xmpp-fabrikam serverAuth,clientAuth fabrikam.com
}

xmpp_tls() {  # CERTIFICATE: settings of a server that has TLS 1.2
  printf 'ssl = { protocol = "tlsv1_2"; key = "%s.key"; certificate = "%s.pem"; cafile = "%s" }\n' "$pki/$1" "$pki/$1" "$pki/all-ca.pem"
}

xmpp_servers() {  # MODULES SETTINGS MODULES SETTINGS: of edge01 (contoso.com) and of fabrikam (fabrikam.com)
  host edge01 192.0.2.10
  host fabrikam 203.0.113.7
  xmpp_server_start edge01 contoso.com 192.0.2.10 alice "$xmpp_alice_password" "$1" "$2"
  xmpp_server_start fabrikam fabrikam.com 203.0.113.7 bob "$xmpp_bob_password" "$3" "$4"
}

xmpp_clear_secrets() {  # CAPTURE: of a conversation in clear
  local key
  secret "$1" message_body "$xmpp_alice_body"
  secret "$1" message_body "$xmpp_bob_body"
  while IFS= read -r key; do secret "$1" dialback_key "$key"; done \
    < <(grep -a -o "<db:[rv]e[^>]*>[0-9a-f]\{32,\}" "$work/$1.pcap" | sed 's/.*>//' | sort -u)
  secret "$1" password_unsent "$xmpp_alice_password"
  secret "$1" password_unsent "$xmpp_bob_password"
}

record_xmpp_s2s_clear() {
  xmpp_servers '"dialback"' "s2s_require_encryption = false" '"dialback"' "s2s_require_encryption = false"
  capture_start xmpp-s2s-clear
  xmpp_conversation
  capture_stop
  clear_flow xmpp-s2s-clear 192.0.2.10 203.0.113.7:5269 xmpp
  clear_flow xmpp-s2s-clear 203.0.113.7 192.0.2.10:5269 xmpp
  xmpp_clear_secrets xmpp-s2s-clear
  describe xmpp-s2s-clear "prosody dnsmasq-base python3-slixmpp" <<'MD'
Two XMPP servers that federate without TLS: dialback proves the domains, and every stanza is readable.

## How it was made

prosody for contoso.com on edge01 (192.0.2.10) and for fabrikam.com on 203.0.113.7, both without the tls module and with
`s2s_require_encryption = false`. Each finds the other through a dnsmasq on its own loopback. alice@contoso.com and bob@fabrikam.com are
slixmpp clients on the loopbacks; alice writes, bob answers, so each server opens a connection to the other's 5269, with `<db:result>` and
`<db:verify>` on both.

## What an audit should say

Two flows `xmpp`, one each way, `jabber:server`, in clear to the end: STARTTLS is not offered in the stream features. federation-xmpp
**fails**, unless the topology's partner says dialback without TLS (`{tls: not_supported, sasl: not_supported, dialback: true}`), which the
document lists: then it is reported as such. Bodies, addresses and dialback keys are readable.
MD
}

record_xmpp_s2s_starttls() {
  xmpp_certificates
  xmpp_servers '"tls", "dialback"' "s2s_require_encryption = true; s2s_secure_auth = true
$(xmpp_tls xmpp-contoso)" '"tls", "dialback"' "s2s_require_encryption = true; s2s_secure_auth = true
$(xmpp_tls xmpp-fabrikam)"
  capture_start xmpp-s2s-starttls
  xmpp_conversation
  capture_stop
  flow xmpp-s2s-starttls 192.0.2.10 203.0.113.7:5269 1.2 mutual mutual/decoded
  flow xmpp-s2s-starttls 203.0.113.7 192.0.2.10:5269 1.2 mutual mutual/decoded
  secret xmpp-s2s-starttls message_body_encoded "$xmpp_alice_body"
  secret xmpp-s2s-starttls message_body_encoded "$xmpp_bob_body"
  describe xmpp-s2s-starttls "prosody dnsmasq-base python3-slixmpp" <<'MD'
Two XMPP servers that federate as they are meant to: STARTTLS is required, both show certificates, SASL EXTERNAL inside.

## How it was made

As xmpp-s2s-clear, with the tls module, TLS 1.2, `s2s_require_encryption = true` and `s2s_secure_auth = true` on both sides, and
certificates that name the domains (contoso.com by the public authority, fabrikam.com by Fabrikam's).

## What an audit should say

Two flows: XMPP, `<starttls/>` offered with `<required/>`, taken, then TLS 1.2, `mutual`, `decoded` on both: federation-xmpp passes where
TLS (and SASL) is required. No stanza is in clear; what is readable is the stream headers and features before TLS.
MD
}

record_xmpp_refused() {
  xmpp_certificates
  xmpp_servers '"tls", "dialback"' "s2s_require_encryption = false; s2s_secure_auth = false
$(xmpp_tls xmpp-contoso)" '"dialback"' "s2s_require_encryption = false"
  capture_start xmpp-refused
  xmpp_conversation
  capture_stop
  clear_flow xmpp-refused 192.0.2.10 203.0.113.7:5269 xmpp
  clear_flow xmpp-refused 203.0.113.7 192.0.2.10:5269 xmpp
  xmpp_clear_secrets xmpp-refused
  describe xmpp-refused "prosody dnsmasq-base python3-slixmpp" <<'MD'
STARTTLS offered and not taken, and STARTTLS not offered: of two XMPP servers only one has TLS, and neither insists.

## How it was made

As xmpp-s2s-clear, with the tls module, a certificate and `s2s_require_encryption = false` on edge01, and without TLS on fabrikam.com.

## What an audit should say

Two flows `xmpp` in clear to the end. fabrikam.com to edge01: the features offer `<starttls/>`, not required, and the initiator goes on to
dialback without it. edge01 to fabrikam.com: not offered. federation-xmpp **fails** for both where TLS is required, and the reasons differ;
where the partner's TLS is optional, both are reported.
MD
}

record_xmpp_sasl_clear() {
  host edge01 192.0.2.10
  host remote 198.51.100.20
  xmpp_server_start edge01 contoso.com 192.0.2.10 alice "$xmpp_alice_password" "" ""
  capture_start xmpp-sasl-clear
  xmpp_user remote 192.0.2.10 alice@contoso.com "$xmpp_alice_password" alice@contoso.com "$xmpp_alice_body" first \
    || { cat "$work/remote-user.log" >&2; fail "alice does not reach herself"; }
  capture_stop
  clear_flow xmpp-sasl-clear 198.51.100.20 192.0.2.10:5222 xmpp
  secret xmpp-sasl-clear message_body "$xmpp_alice_body"
  secret xmpp-sasl-clear sasl_plain "$(printf '\0alice\0%s' "$xmpp_alice_password" | base64 -w 0)"
  secret xmpp-sasl-clear password_encoded "$xmpp_alice_password"
  describe xmpp-sasl-clear "prosody python3-slixmpp" <<'MD'
A password in clear: an XMPP client signs in with SASL PLAIN on a stream without TLS.

## How it was made

prosody without the tls module, with `allow_unencrypted_plain_auth = true` and `c2s_require_encryption = false`; slixmpp from outside with
`sasl_mech="PLAIN"` and `disable_starttls=True` signs in as alice@contoso.com and writes to herself.

## What an audit should say

One flow `xmpp`, `jabber:client`, in clear to the end; STARTTLS is not offered; `<auth mechanism='PLAIN'>` carries the password in Base64
and is answered by `<success/>`: credentials exposed, whatever row the leg belongs to (a stranger to the topology's rows: 5222 to the Access
Edge). The body is readable.
MD
}
