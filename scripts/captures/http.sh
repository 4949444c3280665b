# HTTP as the vendor's web services, certificate services and proxies use it: nginx, tinyproxy, curl, openssl. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly http_password=Throwaway-alice-http-8813 http_proxy_password=Throwaway-alice-proxy-2951 http_ntlm_password=Throwaway-alice-ntlm-5570
readonly http_cookie=Throwaway-cookie-9417 http_ticket=Throwaway-webticket-6029
readonly http_soap='<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>throwaway-body-5586</s:Body></s:Envelope>'

ntlm_challenge() {  # an NTLM type 2 message in Base64, as a server of this lab would answer a type 1
  python3 - <<'PYTHON'
import base64, struct
name = "CONTOSO".encode("utf-16-le")
info = struct.pack("<HH", 2, len(name)) + name + struct.pack("<HH", 0, 0)
flags = 0x00000001 | 0x00000200 | 0x00010000 | 0x00080000 | 0x00800000  # Unicode, NTLM, target is a domain, NTLM 2, target information
head = struct.pack("<8sIHHIIQQHHI", b"NTLMSSP\0", 2, len(name), len(name), 48, flags, 0x1122334455667788, 0,
                   len(info), len(info), 48 + len(name))
print(base64.b64encode(head + name + info).decode())
PYTHON
}

http_ntlm_map() {  # for nginx: what stands in for NTLM, which it does not know; the order of messages is right, nothing is verified
  cat <<CONF
map \$http_authorization \$ntlm { default first; "~^NTLM TlRMTVNTUAAB" second; "~^NTLM TlRMTVNTUAAD" third; }
map \$ntlm \$ntlm_status { default 401; third 200; }
map \$ntlm \$ntlm_challenge { first "NTLM"; second "NTLM $(ntlm_challenge)"; third ""; }
CONF
}

http_open_locations() {  # the vendor's paths that ask for no credentials; what they answer is a few words
  cat <<CONF
location / { return 404; }
location /meet/ { add_header Set-Cookie "MeetSession=$http_cookie; path=/meet; HttpOnly"; return 200 "<html>meeting</html>"; }
location /lwa/ { return 200 "<html>web app</html>"; }
location /datacollabweb/ { return 200 "slide"; }
location /autodiscover/ {
  default_type application/json;
  return 200 '{"_links":{"user":{"href":"https://lyncdiscover.contoso.com/autodiscover/user"}}}';
}
location /RequestHandlerExt/ { return 200 "<Response/>"; }
CONF
}

http_locations() {  # all of them
  http_open_locations
  cat <<CONF
location ~ ^/abs/.*lsabs\$ {
  auth_basic "contoso"; auth_basic_user_file $work/http-users;
  default_type application/octet-stream; root $work/web; try_files /F-0f4a.lsabs =404;
}
location /groupexpansion/ { error_page 401 = @ntlm; if (\$ntlm_status = 401) { return 401; } return 200 "<s:Envelope/>"; }
location @ntlm { add_header WWW-Authenticate \$ntlm_challenge always; return 401 "denied"; }
location /certprov/ { return 200 "<s:Envelope/>"; }
CONF
}

http_front_end() {  # nginx of fe01: the paths on 80 and 443, the root certificate on 8080
  mkdir -p "$work/web"
  head -c 900 /dev/urandom > "$work/web/F-0f4a.lsabs"
  openssl x509 -in "$pki/internal-ca.pem" -outform DER -out "$work/web/root.cer"
  printf 'alice:%s\n' "$(openssl passwd -apr1 "$http_password")" > "$work/http-users"
  nginx_start fe01 "$(http_ntlm_map)
server { listen 10.0.1.11:80; $(http_locations) }
server {
  listen 10.0.1.11:443 ssl; ssl_certificate $pki/fe01.pem; ssl_certificate_key $pki/fe01.key; ssl_protocols TLSv1.2;
  $(http_locations)
}
server { listen 10.0.1.11:8080; default_type application/pkix-cert; root $work/web; }"
  listening fe01 tcp 80 443 8080
}

http_hosts() {
  host fe01 10.0.1.11
  host alice 10.20.0.31
  host rp01 192.0.2.20
  host edge01 192.0.2.10
  host crl 203.0.113.80
}

http_paths() {  # SCHEME: alice inside asks for each of the vendor's paths
  local site="$1://fe01.contoso.com"
  local at=(--cacert "$pki/internal-ca.pem" --connect-to "fe01.contoso.com::10.0.1.11:" --connect-to "lyncdiscover.contoso.com::10.0.1.11:")
  fetch alice "${at[@]}" --basic --user "alice:$http_password" -A "UCCAPI/15.0 OC/15.0" -o /dev/null \
    "$site/abs/handler/F-0f4a.lsabs" "$site/abs/F-0f4a.lsabs"
  fetch alice "${at[@]}" --ntlm --user "CONTOSO\\alice:$http_ntlm_password" -H 'Content-Type: text/xml' --data "$http_soap" \
    "$site/groupexpansion/service.svc"
  fetch alice "${at[@]}" -c "$work/jar" "$site/meet/alice/ABCDEF12"
  fetch alice "${at[@]}" -b "MeetSession=$http_cookie" -o /dev/null -o /dev/null \
    "$site/meet/alice/ABCDEF12" "$site/lwa/WebPages/LwaClient.aspx" "$site/datacollabweb/slide1.png"
  fetch alice "${at[@]}" -H "X-MS-WebTicket: opaque=$http_ticket" -H 'Content-Type: text/xml' --data "$http_soap" \
    "$site/certprov/CertProvisioningService.svc"
  fetch alice "${at[@]}" --data '<Request/>' "$site/RequestHandlerExt/ucdevice.upx"
}

http_authority() {  # nginx and an OCSP responder at the authority's address, a CRL with one certificate in it
  local good revoked
  mkdir -p "$work/ca/pki"
  good=$(openssl x509 -in "$pki/edge01.pem" -noout -serial)
  revoked=$(openssl x509 -in "$pki/litware.pem" -noout -serial)
  {
    printf 'V\t361231000000Z\t\t%s\tunknown\t/O=Lab/CN=sip.contoso.com\n' "${good#serial=}"
    printf 'R\t361231000000Z\t251231000000Z,keyCompromise\t%s\tunknown\t/O=Lab/CN=sip.litwareinc.com\n' "${revoked#serial=}"
  } > "$work/ca/index.txt"
  printf '[ca]\ndefault_ca=lab\n[lab]\ndatabase=%s/ca/index.txt\ndefault_md=sha256\ndefault_crl_days=7\n' "$work" > "$work/ca/openssl.cnf"
  openssl ca -gencrl -config "$work/ca/openssl.cnf" -keyfile "$pki/public-ca.key" -cert "$pki/public-ca.pem" 2> /dev/null \
    | openssl crl -outform DER -out "$work/ca/pki/ca.crl"
  start crl openssl ocsp -port 2560 -index "$work/ca/index.txt" -CA "$pki/public-ca.pem" -rsigner "$pki/public-ca.pem" \
    -rkey "$pki/public-ca.key" -ndays 1
  nginx_start crl "server { listen 203.0.113.80:80; root $work/ca; location /pki/ { default_type application/pkix-crl; }
    location /ocsp { proxy_pass http://127.0.0.1:2560/; } }"
  listening crl tcp 80 2560
}

record_http_paths() {
  http_hosts
  http_front_end
  http_authority
  nginx_start rp01 "server { listen 192.0.2.20:80; return 301 https://meet.contoso.com\$request_uri; }"
  listening rp01 tcp 80
  capture_start http-paths
  http_paths http
  http_paths https
  fetch alice --connect-to "lyncdiscover.contoso.com::10.0.1.11:" \
    "http://lyncdiscover.contoso.com/autodiscover/autodiscoverservice.svc/root?originalDomain=contoso.com"
  fetch alice "http://10.0.1.11:8080/root.cer"
  fetch alice --connect-to "meet.contoso.com::192.0.2.20:" http://meet.contoso.com/meet/alice/ABCDEF12
  fetch edge01 --connect-to "pki.example.com::203.0.113.80:" http://pki.example.com/pki/ca.crl
  client edge01 openssl ocsp -issuer "$pki/public-ca.pem" -cert "$pki/edge01.pem" -cert "$pki/litware.pem" -no_nonce \
    -url http://203.0.113.80/ocsp -noverify
  capture_stop
  clear_flow http-paths 10.20.0.31 10.0.1.11:80 http+
  flow http-paths 10.20.0.31 10.0.1.11:443 1.2 one_way one_way/decoded+
  clear_flow http-paths 10.20.0.31 10.0.1.11:8080 http
  clear_flow http-paths 10.20.0.31 192.0.2.20:80 http
  clear_flow http-paths 192.0.2.10 203.0.113.80:80 http+
  secret http-paths basic_credentials "$(printf 'alice:%s' "$http_password" | base64 -w 0)"
  secret http-paths password_encoded "$http_password"
  secret http-paths password_unsent "$http_ntlm_password"
  secret http-paths cookie "$http_cookie"
  secret http-paths web_ticket "$http_ticket"
  secret http-paths body throwaway-body-5586
  local blob
  while IFS= read -r blob; do secret http-paths ntlm_message "$blob"; done \
    < <(grep -a -o 'TlRMTVNTUAAD[A-Za-z0-9+/=]*' "$work/http-paths.pcap" | sort -u)
  secrets_from http-paths ntlm_response_encoded ntlmssp.auth.ntresponse
  describe http-paths "nginx-light curl openssl" <<'MD'
The vendor's web paths over HTTP and over HTTPS, with credentials; and the HTTP that is clear by design: CRL, OCSP, root certificate, redirect.

## How it was made

nginx on fe01 has the paths on 80 and 443 (TLS 1.2); what they answer is a few words. It knows Basic; for NTLM it plays the order of
messages with a fixed challenge and **verifies nothing**. curl in alice (inside) asks for each, first over HTTP, then over HTTPS:

    /abs/handler/F-0f4a.lsabs, /abs/F-0f4a.lsabs    --basic             address book
    /groupexpansion/service.svc                     --ntlm --data ...   distribution group expansion
    /meet/alice/ABCDEF12                            Set-Cookie, then Cookie, with /lwa/ and /datacollabweb/ on one connection
    /certprov/CertProvisioningService.svc           a web ticket in a header
    /RequestHandlerExt/ucdevice.upx                 device update

then Autodiscover over HTTP (`Host: lyncdiscover.contoso.com`), the root certificate from 8080, and a page of rp01 that redirects 80 to
HTTPS. edge01 fetches `/pki/ca.crl` (a real CRL) from 203.0.113.80 and asks its OCSP responder (POST, `openssl ocsp`) about two
certificates, one of them revoked.

## What an audit should say

Over HTTP, client to fe01: content download, address book and group expansion **fail**, each named by its path; Basic, the NTLM messages,
the cookie and the web ticket are exposed credentials. Autodiscover over HTTP is reported (supported, not recommended). Over HTTPS: TLS 1.2,
`one_way`, the HTTPS rows pass. Clear by design, listed and not counted: the redirect of port 80, the root certificate on 8080, CRL and OCSP
of edge01.
MD
}

record_http2_clear() {
  local site=http://10.0.1.11
  host fe01 10.0.1.11
  host alice 10.20.0.31
  http_front_end_h2
  capture_start http2-clear
  client alice nghttp --null-out -H "Cookie: MeetSession=$http_cookie" -H "Authorization: Bearer $http_ticket" \
    "$site:8081/meet/alice/ABCDEF12" "$site:8081/lwa/WebPages/LwaClient.aspx" \
    "$site:8081/datacollabweb/slide1.png"
  fetch alice --http2-prior-knowledge --data "$http_soap" "$site:8081/certprov/CertProvisioningService.svc"
  client alice nghttp --null-out --upgrade "$site:8083/meet/alice/ABCDEF12" "$site:8083/datacollabweb/slide1.png"
  fetch alice --http2 "$site/meet/alice/ABCDEF12"
  capture_stop
  clear_flow http2-clear 10.20.0.31 10.0.1.11:8081 http2+
  clear_flow http2-clear 10.20.0.31 10.0.1.11:8083 http/http2
  clear_flow http2-clear 10.20.0.31 10.0.1.11:80 http
  secret http2-clear cookie_encoded "$http_cookie"
  secret http2-clear bearer_token_encoded "$http_ticket"
  secret http2-clear body throwaway-body-5586
  describe http2-clear "nginx-light curl nghttp2-client nghttp2-proxy" <<'MD'
HTTP/2 without TLS: by prior knowledge, by an upgrade that is taken, and an upgrade that is not.

## How it was made

nginx has `listen 10.0.1.11:8081 http2` and no certificate, nghttpx with `no-tls` is on 8083. In order: `nghttp` fetches three pages on one
connection (with a cookie and a bearer token, Huffman coded and indexed by HPACK); `curl --http2-prior-knowledge` posts a body; `nghttp
--upgrade` begins with HTTP/1.1 and `Upgrade: h2c`, is answered by 101 and goes on in HTTP/2; `curl --http2` sends the same to nginx on 80,
which answers in HTTP/1.1.

## What an audit should say

Three flows of HTTP/2 in clear (the connection preface says so), one of HTTP/1.1. Paths of the vendor in clear: content download **fails**
on each of those. Cookie and token are exposed though no octet of them stands in the frames (`_encoded` in `secrets.tsv`); the posted body
is there in a DATA frame.
MD
}

http_front_end_h2() {
  nginx_start fe01 "server { listen 10.0.1.11:8081 http2; listen 10.0.1.11:80; $(http_open_locations)
    location /certprov/ { proxy_pass http://127.0.0.1:8082; } }
server { listen 127.0.0.1:8082; return 200 '<s:Envelope/>'; }"
  start fe01 nghttpx --conf=/dev/null --frontend='10.0.1.11,8083;no-tls' --backend='127.0.0.1,8082' --workers=1 --user=root \
    --pid-file="$work/nghttpx.pid"
  listening fe01 tcp 80 8081 8083
}

record_http_proxy() {
  local through=(--proxy http://10.0.1.90:8888 --proxy-user "alice:$http_proxy_password")
  host fe01 10.0.1.11
  host alice 10.20.0.31
  host proxy 10.0.1.90
  http_front_end
  printf 'Port 8888\nListen 10.0.1.90\nTimeout 20\nMaxClients 10\nAllow 10.20.0.31\nBasicAuth alice %s\nConnectPort 443\n' \
    "$http_proxy_password" > "$work/tinyproxy.conf"
  start proxy tinyproxy -d -c "$work/tinyproxy.conf"
  listening proxy tcp 8888
  capture_start http-proxy
  fetch alice "${through[@]}" --cacert "$pki/internal-ca.pem" --connect-to "fe01.contoso.com:443:10.0.1.11:443" \
    https://fe01.contoso.com/meet/alice/ABCDEF12
  fetch alice "${through[@]}" http://10.0.1.11/meet/alice/ABCDEF12
  if in_host alice curl --disable -sS -o /dev/null --max-time "$client_seconds" "${through[@]}" https://10.0.1.11:444/ 2> /dev/null; then
    fail "the proxy carries what it should refuse"
  fi
  capture_stop
  flow http-proxy 10.20.0.31 10.0.1.90:8888 1.2 one_way one_way/decoded
  clear_flow http-proxy 10.20.0.31 10.0.1.90:8888 http+
  flow http-proxy 10.0.1.90 10.0.1.11:443 1.2 one_way one_way/decoded
  clear_flow http-proxy 10.0.1.90 10.0.1.11:80 http
  secret http-proxy proxy_credentials "$(printf 'alice:%s' "$http_proxy_password" | base64 -w 0)"
  secret http-proxy password_encoded "$http_proxy_password"
  secret http-proxy cookie "$http_cookie"
  describe http-proxy "tinyproxy nginx-light curl" <<'MD'
Through a web proxy: CONNECT with TLS inside, a plain GET, and a CONNECT that is refused.

## How it was made

tinyproxy on 10.0.1.90:8888 with Basic and `ConnectPort 443`; curl in alice fetches a page of fe01 over HTTPS (CONNECT, 200, then TLS 1.2 on
the same connection), the same over HTTP, and fails to CONNECT to port 444 (403).

## What an audit should say

alice to the proxy: HTTP, then after `CONNECT` and its 200 TLS 1.2, `one_way`, `decoded`; the proxy's own connection to fe01:443 holds the
same handshake. The second and third connection are HTTP in clear. `Proxy-Authorization: Basic` is readable on all three: credentials
exposed, also where TLS follows. The page over HTTP is a **fail** of content download on both its legs.
MD
}

record_http_form() {
  local password=Throwaway-form-6634 control='<request requestId="7" from="sip:alice@contoso.com" to="sip:alice@contoso.com;gruu;opaque=app:conf:focus:id:1"/>'
  host fe01 10.0.1.11
  host alice 10.20.0.31
  nginx_start fe01 "server { listen 10.0.1.11:80; $(http_open_locations)
    location /lwa/signin { return 200 '<html>signed in</html>'; }
    location /lwa/settings { return 200 '<html>saved</html>'; }
    location /conf/ { default_type application/cccp+xml; return 200 '<response requestId=\"7\" code=\"success\"/>'; } }"
  listening fe01 tcp 80
  capture_start http-form
  fetch alice --data-urlencode "user=alice@contoso.com" --data-urlencode "password=$password" http://10.0.1.11/lwa/signin
  fetch alice --data "user=alice&rememberPassword=true&language=en" http://10.0.1.11/lwa/settings
  fetch alice -H "Content-Type: application/cccp+xml" --data "$control" http://10.0.1.11/conf/focus
  capture_stop
  clear_flow http-form 10.20.0.31 10.0.1.11:80 http
  clear_flow http-form 10.20.0.31 10.0.1.11:80 http
  clear_flow http-form 10.20.0.31 10.0.1.11:80 http
  secret http-form form_password "$password"
  secret http-form body "$control"
  describe http-form "nginx-light curl" <<'MD'
A password in a posted form over HTTP, a form without one, and C3P over HTTP.

## How it was made

nginx on 80 of fe01. curl in alice posts `application/x-www-form-urlencoded` twice, first with a field `password`, then with a setting that only speaks of passwords, and
a request of C3P (`application/cccp+xml`), which nginx answers in that type. The C3P is a stand-in: one element each way, as [MS-CONFBAS] spells them.

## What an audit should say

All three are read in clear. The first flow shows a credential (`form`): password in clear. The second shows none. The third is named as conference control
both ways. The password is in no output.
MD
}
