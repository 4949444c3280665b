# TLS as servers and proxies in the field speak it: nginx, stunnel, haproxy, prosody. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

nginx_start() {  # HOST SERVER_BLOCKS: nginx of this host; it answers each request with a word
  local host=$1 dir
  dir=$(mktemp -d "$work/nginx-XXXX")
  {
    echo "daemon off; worker_processes 1; master_process off; pid $dir/pid; error_log $dir/error.log;"
    echo "events { worker_connections 64; }"
    echo "http { access_log off; default_type text/plain;"
    local kind
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $dir/$kind;"; done
    echo "$2"
    echo "}"
  } > "$dir/nginx.conf"
  start "$host" nginx -e "$dir/error.log" -p "$dir" -c "$dir/nginx.conf"
}

nginx_tls() {  # ADDRESS:PORT CERTIFICATE VERSIONS: a server block
  printf 'server { listen %s ssl; ssl_certificate %s.pem; ssl_certificate_key %s.key; ssl_protocols %s; location / { return 200 ok; } }\n' \
    "$1" "$pki/$2" "$pki/$2" "$3"
}

stunnel_start() {  # HOST NAME SETTINGS: one stunnel service
  local host=$1 file="$work/stunnel-$2.conf"
  printf 'foreground = yes\npid =\nsyslog = no\nsetuid = root\nsslVersion = TLSv1.2\n[%s]\n%s\n' "$2" "$3" > "$file"
  start "$host" stunnel4 "$file"
}

fetch() {  # HOST CURL_OPTIONS...
  local host=$1
  shift
  in_host "$host" curl --disable --silent --show-error --output /dev/null --max-time "$client_seconds" "$@" || fail "curl in $host failed"
}

record_tls12_one_way() {
  pair
  nginx_start server "$(nginx_tls 10.0.1.11:443 fe01 TLSv1.2)"
  listening server tcp 443
  capture_start tls12-one-way
  source_port client
  fetch client --cacert "$pki/internal-ca.pem" --resolve fe01.contoso.com:443:10.0.1.11 https://fe01.contoso.com/
  source_port client
  printf 'GET / HTTP/1.1\r\nHost: fe01.contoso.com\r\nConnection: close\r\n\r\n' \
    | in_host client timeout "$client_seconds" gnutls-cli --port 443 --x509cafile "$pki/internal-ca.pem" --sni-hostname fe01.contoso.com \
      --verify-hostname fe01.contoso.com 10.0.1.11 > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "gnutls-cli failed"; }
  capture_stop
  flow tls12-one-way 10.0.1.20 10.0.1.11:443 1.2 one_way one_way/decoded
  flow tls12-one-way 10.0.1.20 10.0.1.11:443 1.2 one_way one_way/decoded
  describe tls12-one-way "nginx-light curl gnutls-bin" <<'MD'
HTTPS with TLS 1.2 as everywhere: nginx shows its certificate and asks for none; curl and gnutls-cli fetch a page.

## How it was made

nginx listens on 443 with `ssl_protocols TLSv1.2`; then

    curl --cacert internal-ca.pem --resolve fe01.contoso.com:443:10.0.1.11 https://fe01.contoso.com/
    gnutls-cli --port 443 --x509cafile internal-ca.pem --sni-hostname fe01.contoso.com 10.0.1.11

## What an audit should say

`client_auth` is `one_way`, basis `decoded`, both times: no CertificateRequest. Enough for an HTTPS or client-to-server row; a server-to-server
SIP row fails on it.
MD
}

record_tls12_proxied() {
  host client 10.0.1.20
  host server 10.0.1.11
  host proxy 10.0.1.30
  nginx_start server "server { listen 127.0.0.1:80; location / { return 200 ok; } }"
  listening server tcp 80
  stunnel_start server front "accept = 10.0.1.11:8057
connect = 127.0.0.1:80
cert = $pki/fe01.both
CAfile = $pki/internal-ca.pem
requireCert = yes
verifyChain = yes"
  stunnel_start client back "client = yes
accept = 127.0.0.1:8057
connect = 10.0.1.11:8057
cert = $pki/med01.both
CAfile = $pki/internal-ca.pem
verifyChain = yes
checkHost = fe01.contoso.com
sni = fe01.contoso.com"
  haproxy_start proxy 10.0.1.30:443 "crt $pki/rp01.both ca-file $pki/internal-ca.pem verify optional" \
    "server fe01 10.0.1.11:8057 ssl crt $pki/dir01.both ca-file $pki/internal-ca.pem verify required sni str(fe01.contoso.com) force-tlsv12"
  listening server tcp 8057
  listening client tcp 8057
  listening proxy tcp 443
  capture_start tls12-proxied
  source_port client
  fetch client http://127.0.0.1:8057/
  source_port client
  source_port proxy
  fetch client --cacert "$pki/public-ca.pem" --resolve meet.contoso.com:443:10.0.1.30 https://meet.contoso.com/
  capture_stop
  flow tls12-proxied 10.0.1.20 10.0.1.11:8057 1.2 mutual mutual/decoded
  flow tls12-proxied 10.0.1.20 10.0.1.30:443 1.2 declined declined/decoded
  flow tls12-proxied 10.0.1.30 10.0.1.11:8057 1.2 mutual mutual/decoded
  describe tls12-proxied "stunnel4 haproxy nginx-light curl" <<'MD'
A plain service behind TLS proxies: stunnel to stunnel with certificates on both sides, and haproxy that ends a client's TLS and opens its own.

## How it was made

nginx serves HTTP on a loopback address; a stunnel server in front of it on 8057 has `requireCert = yes` and `verifyChain = yes`. A stunnel client with
a certificate carries one request. haproxy listens on 443 with `verify optional` and goes on to 8057 with `ssl crt ... verify required`;
curl without a certificate fetches a page through it. All with TLS 1.2.

## What an audit should say

stunnel to stunnel, and haproxy to stunnel: `mutual`, `decoded`. curl to haproxy: `declined` (haproxy asks, curl has none). The verdict of the
leg behind a proxy says nothing about the leg in front of it.
MD
}

haproxy_start() {  # HOST ADDRESS:PORT BIND_OPTIONS SERVER_LINE
  cat > "$work/haproxy.conf" <<CONF
global
  maxconn 64
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend web
  bind $2 ssl $3 ssl-max-ver TLSv1.2
  default_backend inside
backend inside
  $4
CONF
  start "$1" haproxy -db -f "$work/haproxy.conf"
}

record_starttls() {
  pair
  prosody_start server
  listening server tcp 5222 5269
  capture_start starttls
  xmpp_client xmpp 5222
  xmpp_client xmpp-server 5269 -cert "$pki/fabrikam.pem" -key "$pki/fabrikam.key"
  xmpp_client xmpp-server 5269
  capture_stop
  flow starttls 10.0.1.20 10.0.1.11:5222 1.2 one_way one_way/decoded
  flow starttls 10.0.1.20 10.0.1.11:5269 1.2 mutual mutual/decoded
  flow starttls 10.0.1.20 10.0.1.11:5269 1.2 declined declined/decoded
  describe starttls "prosody openssl" <<'MD'
TLS that begins inside another protocol: XMPP with STARTTLS, a client (5222) and two servers (5269), one with a certificate and one without.

## How it was made

prosody serves contoso.com with TLS 1.2 and `c2s_require_encryption`, `s2s_require_encryption`; then

    openssl s_client -connect 10.0.1.11:5222 -starttls xmpp -xmpphost contoso.com
    openssl s_client -connect 10.0.1.11:5269 -starttls xmpp-server -xmpphost contoso.com -cert fabrikam.pem -key fabrikam.key
    openssl s_client -connect 10.0.1.11:5269 -starttls xmpp-server -xmpphost contoso.com

## What an audit should say

TLS is found by content after `<proceed/>`, dialect `xmpp`. prosody asks servers for a certificate and clients not: `one_way`, `mutual`, `declined`, all
`decoded`. The clear XML before it is no finding of its own: it carries stream headers and features only.
MD
}

prosody_start() {  # HOST
  mkdir "$work/prosody"
  cat > "$work/prosody.cfg.lua" <<CONF
run_as_root = true
pidfile = "$work/prosody/pid"
data_path = "$work/prosody"
use_libevent = false
modules_enabled = { "tls", "saslauth", "disco", "roster" }
modules_disabled = { "offline" }
interfaces = { "10.0.1.11" }
c2s_require_encryption = true
s2s_require_encryption = true
authentication = "internal_hashed"
log = { warn = "*console" }
ssl = { protocol = "tlsv1_2"; key = "$pki/fe01.key"; certificate = "$pki/fe01.pem"; cafile = "$pki/all-ca.pem" }
VirtualHost "contoso.com"
CONF
  start "$1" prosody --config "$work/prosody.cfg.lua" -F
}

xmpp_client() {  # DIALECT PORT OPTIONS...: STARTTLS, a moment, a clean close
  local dialect=$1 port=$2
  shift 2
  source_port client
  { sleep 0.6; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client -connect "10.0.1.11:$port" -starttls "$dialect" -xmpphost contoso.com -servername contoso.com \
      "$@" > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "openssl s_client -starttls $dialect failed"; }
}
