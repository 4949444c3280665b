# TLS 1.0 to 1.2 between openssl or gnutls programs. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly server_address=10.0.1.11 client_address=10.0.1.20

tls_server() {  # OPTIONS...: openssl s_server as fe01 on 5061; its handle is then in $server
  start server openssl s_server -accept 5061 -cert "$pki/fe01.pem" -key "$pki/fe01.key" -CAfile "$pki/internal-ca.pem" "$@"
  server=$started
  listening server tcp 5061
}

# Text for either side. It begins with an empty line, as SIP allows: s_client and s_server take a first R or S for a command.
readonly request=$'\r\nOPTIONS sip:fe01.contoso.com SIP/2.0\r\n\r'
readonly answer=$'\r\nSIP/2.0 200 OK\r\n\r'

tls_client() {  # OPTIONS...: openssl s_client as med01: handshake, a request, an answer, a clean close
  local teller
  source_port client
  (sleep 0.6; tell "$server" "$answer") &
  teller=$!
  { sleep 0.3; echo "$request"; sleep 0.7; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client -connect "$server_address:5061" -servername fe01.contoso.com \
      -CAfile "$pki/internal-ca.pem" "$@" > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "openssl s_client failed"; }
  wait "$teller"
}

tls_client_refused() {  # OPTIONS...: the same where the server is to refuse
  source_port client
  { sleep 1; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client -connect "$server_address:5061" -servername fe01.contoso.com \
      -CAfile "$pki/internal-ca.pem" "$@" > "$work/client.log" 2>&1 || true
}

pair_flow() { flow "$1" "$client_address" "$server_address:5061" "${@:2}"; }  # CAPTURE VERSION CLIENT_AUTH EXPECTED

record_tls12_mutual() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error
  capture_start tls12-mutual
  tls_client -tls1_2 "${with_certificate[@]}"
  capture_stop
  pair_flow tls12-mutual 1.2 mutual mutual/decoded
  describe tls12-mutual openssl <<'MD'
Mutual TLS 1.2: the server demands a certificate, the client sends one and proves its key, data flows, clean close.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -Verify 1 -verify_return_error -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key -CAfile internal-ca.pem

Client and server write one line each, then the client closes (`Q`).

## What an audit should say

`client_auth` is `mutual`, basis `decoded`: CertificateRequest, a client Certificate that is not empty, CertificateVerify, and then
ChangeCipherSpec and Finished of both sides. `established` is true.
MD

  editcap -F pcap -s 96 "$work/tls12-mutual.pcap" "$out/tls12-mutual-snaplen96.pcap"
  pair_flow tls12-mutual-snaplen96 - mutual not_observable/truncated
  describe tls12-mutual-snaplen96 wireshark-common <<'MD'
The frames of tls12-mutual cut to 96 bytes each: headers are whole, handshake messages are not.

## How it was made

    editcap -F pcap -s 96 tls12-mutual.pcap tls12-mutual-snaplen96.pcap

## What an audit should say

`client_auth` is `not_observable`, the cause names the cut (snapshot length), and `observation.truncated` is true. Neither `mutual` nor
`one_way` nor `declined`: the messages that decide it are not in the file. A cut frame is not a malformed one.
MD

  tshark -r "$work/tls12-mutual.pcap" -Y "ip.src == $server_address" -F pcap -w "$out/tls12-mutual-one-sided.pcap" 2> /dev/null
  pair_flow tls12-mutual-one-sided 1.2 mutual not_observable/client_not_seen
  describe tls12-mutual-one-sided tshark <<'MD'
The server's half of tls12-mutual: a span port that mirrors one direction only.

## How it was made

    tshark -r tls12-mutual.pcap -Y 'ip.src == 10.0.1.11' -F pcap -w tls12-mutual-one-sided.pcap

## What an audit should say

The CertificateRequest is there, the client's answer is not: `client_auth` is `not_observable`, the cause names the missing client
side, the cure is the other direction. `client_seen` is false. The one to answer is still 10.0.1.11 port 5061: it sends SYN-ACK and ServerHello.
MD
}

record_tls12_declined() {
  pair
  tls_server -tls1_2 -verify 1
  capture_start tls12-declined
  tls_client -tls1_2
  capture_stop
  pair_flow tls12-declined 1.2 declined declined/decoded
  describe tls12-declined openssl <<'MD'
The server asks for a certificate, the client has none and sends an empty Certificate, and the session goes on.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -verify 1 -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -CAfile internal-ca.pem

## What an audit should say

`client_auth` is `declined`, basis `decoded`: `requested` true, `presented` false. Normal for a client, a violation for a server. A
check that takes the Certificate message alone for mutual TLS is wrong here.
MD
}

record_tls12_refused() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error
  capture_start tls12-refused
  tls_client_refused -tls1_2
  tls_client_refused -tls1_2 -cert "$pki/stranger.pem" -key "$pki/stranger.key"
  capture_stop
  pair_flow tls12-refused 1.2 declined declined/decoded
  pair_flow tls12-refused 1.2 rejected rejected/decoded
  describe tls12-refused openssl <<'MD'
The server demands a certificate and refuses twice: a client without one, and a client whose certificate is of an unknown authority.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -Verify 1 -verify_return_error -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -CAfile internal-ca.pem -cert stranger.pem -key stranger.key

`stranger.pem` names med01.contoso.com but is signed by an authority that the server does not know.

## What an audit should say

Neither is established, with the server's fatal alert as a fact. The first client `declined`. The second is `rejected`: it shows
Certificate and CertificateVerify, but is not `mutual`, because the server did not go on. Nothing that needs protection passed: no leg
fails for these.
MD
}

record_tls12_resumed_id() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error -no_ticket
  capture_start tls12-resumed-id
  tls_client -tls1_2 "${with_certificate[@]}" -sess_out "$work/session"
  tls_client -tls1_2 "${with_certificate[@]}" -sess_in "$work/session"
  capture_stop
  pair_flow tls12-resumed-id 1.2 mutual mutual/decoded
  pair_flow tls12-resumed-id 1.2 mutual mutual/lineage
  describe tls12-resumed-id openssl <<'MD'
A full handshake with mutual TLS 1.2, then the same session again by its session id.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -Verify 1 -verify_return_error -no_ticket -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key -sess_out session
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key -sess_in session

## What an audit should say

The first flow is `mutual`, `decoded`. The second is `resumed` and shows no certificate at all; it inherits `mutual`, basis `lineage`,
from the first through the session id. Both used the extended master secret.
MD
}

record_tls12_resumed_ticket() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error
  capture_start tls12-resumed-ticket
  tls_client -tls1_2 "${with_certificate[@]}" -sess_out "$work/session"
  tls_client -tls1_2 "${with_certificate[@]}" -sess_in "$work/session"
  capture_stop
  pair_flow tls12-resumed-ticket 1.2 mutual mutual/decoded
  pair_flow tls12-resumed-ticket 1.2 mutual mutual/lineage
  describe tls12-resumed-ticket openssl <<'MD'
A full handshake with mutual TLS 1.2 that ends with a NewSessionTicket, then the same session again by that ticket.

## How it was made

As tls12-resumed-id, without `-no_ticket`.

## What an audit should say

The first flow is `mutual`, `decoded`; its server sends a NewSessionTicket in the clear. The second presents that ticket, the server takes
it: `resumed`, `mutual`, basis `lineage`.
MD
}

record_tls12_resumed_unseen() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error -no_ticket
  tls_client -tls1_2 "${with_certificate[@]}" -sess_out "$work/session"
  capture_start tls12-resumed-unseen
  tls_client -tls1_2 "${with_certificate[@]}" -sess_in "$work/session"
  capture_stop
  pair_flow tls12-resumed-unseen 1.2 mutual not_observable/resumed
  describe tls12-resumed-unseen openssl <<'MD'
A session resumed by its session id, whose full handshake took place before the capture began.

## How it was made

As tls12-resumed-id, with tcpdump started between the two clients.

## What an audit should say

`resumed`, `client_auth` is `not_observable`, cause `resumed`. That the session is in truth mutual cannot be seen in this file; the
cure is a capture that holds the full handshake. It is not `one_way`: no CertificateRequest is normal in a resumption.
MD
}

record_tls12_resumed_no_ems() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error -no_ticket
  capture_start tls12-resumed-no-ems
  in_host client sysctl -qw net.ipv4.ip_local_port_range="51001 51002"  # one program, two connections
  { sleep 1.5; echo "$request"; sleep 0.5; } \
    | in_host client timeout "$client_seconds" gnutls-cli --resume --port 5061 --x509certfile "$pki/med01.pem" --x509keyfile "$pki/med01.key" \
      --x509cafile "$pki/internal-ca.pem" --sni-hostname fe01.contoso.com --verify-hostname fe01.contoso.com \
      --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH:%NO_TICKETS' "$server_address" > "$work/client.log" 2>&1 \
    || { cat "$work/client.log" >&2; fail "gnutls-cli failed"; }
  capture_stop
  pair_flow tls12-resumed-no-ems 1.2 mutual mutual/decoded
  pair_flow tls12-resumed-no-ems 1.2 mutual mutual/lineage
  describe tls12-resumed-no-ems "openssl gnutls-bin" <<'MD'
Mutual TLS 1.2 and its resumption by session id, by a client that does not know the extended master secret.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -Verify 1 -verify_return_error -no_ticket -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    gnutls-cli --resume --port 5061 --x509certfile med01.pem --x509keyfile med01.key --x509cafile internal-ca.pem \
      --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH:%NO_TICKETS' 10.0.1.11

## What an audit should say

As tls12-resumed-id: `mutual` `decoded`, then `mutual` `lineage`; but the report says that the link between the two is the weaker one
without the extended master secret (RFC 7627).
MD
}

record_tls12_renegotiation() {
  pair
  tls_server -tls1_2 -no_ticket -no_cache -keylogfile "$work/keys"
  capture_start tls12-renegotiation
  renegotiate R "${with_certificate[@]}"
  renegotiate r
  capture_stop
  with_secrets tls12-renegotiation "$work/keys" tls12-renegotiation-keys
  pair_flow tls12-renegotiation 1.2 mutual mutual/inferred
  pair_flow tls12-renegotiation 1.2 one_way one_way/inferred
  describe tls12-renegotiation openssl <<'MD'
Two sessions begin one-way and renegotiate under TLS 1.2: in the first the server asks for a certificate inside, and gets it; in the second it does not ask.

## How it was made

    openssl s_server -accept 5061 -tls1_2 -no_ticket -no_cache -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key        (server is told: R)
    openssl s_client -connect 10.0.1.11:5061 -tls1_2                                       (server is told: r)

## What an audit should say

The visible handshake is one-way in both. After both Finished there are handshake records again (content type 22, encrypted): so
`one_way` is not the last word. From the sizes of the client's records the two can be told apart: `mutual` in the first, `one_way` in the
second, an inferred answer (probable), never a decoded one.
MD
  pair_flow tls12-renegotiation-keys 1.2 mutual mutual/decrypted
  pair_flow tls12-renegotiation-keys 1.2 one_way one_way/decrypted
  describe tls12-renegotiation-keys "openssl wireshark-common" <<'MD'
The frames of tls12-renegotiation with their key log in a Decryption Secrets Block.

## How it was made

    editcap -F pcapng --inject-secrets tls,keys tls12-renegotiation.pcap tls12-renegotiation-keys.pcapng

## What an audit should say

With the secrets the inner handshake shows: `mutual` and `one_way`, basis `decrypted`. Without using them (`--ignore-secrets`) as
tls12-renegotiation.
MD
}

renegotiate() {  # COMMAND OPTIONS...: a session in which the server is told to renegotiate
  local command=$1 teller
  shift
  source_port client
  (sleep 0.7; tell "$server" "$command"; sleep 0.7; tell "$server" "$answer") &
  teller=$!
  { sleep 0.3; echo "$request"; sleep 1.6; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client -connect "$server_address:5061" -servername fe01.contoso.com \
      -CAfile "$pki/internal-ca.pem" -tls1_2 "$@" > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "openssl s_client failed"; }
  wait "$teller"
}

record_tls12_null_cipher() {
  pair
  tls_server -tls1_2 -Verify 1 -verify_return_error -cipher 'eNULL:@SECLEVEL=0'
  capture_start tls12-null-cipher
  tls_client -tls1_2 "${with_certificate[@]}" -cipher 'NULL-SHA256:@SECLEVEL=0'
  tls_client -tls1_2 "${with_certificate[@]}" -cipher 'ECDHE-RSA-NULL-SHA:@SECLEVEL=0'
  capture_stop
  pair_flow tls12-null-cipher 1.2 mutual mutual/decoded
  pair_flow tls12-null-cipher 1.2 mutual mutual/decoded
  describe tls12-null-cipher openssl <<'MD'
Mutual TLS 1.2 that protects nothing: suites that authenticate and do not encrypt (NULL-SHA256, then ECDHE-RSA-NULL-SHA).

## How it was made

    openssl s_server -accept 5061 -tls1_2 -Verify 1 -verify_return_error -cipher eNULL:@SECLEVEL=0 -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key -cipher NULL-SHA256:@SECLEVEL=0
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cert med01.pem -key med01.key -cipher ECDHE-RSA-NULL-SHA:@SECLEVEL=0

## What an audit should say

`client_auth` is `mutual`, and every TLS row fails all the same: the payload can be read in the frames (`OPTIONS sip:...`).
MD
}

record_tls12_anonymous() {
  pair
  tls_server -tls1_2 -nocert -cipher 'aNULL:@SECLEVEL=0'
  capture_start tls12-anonymous
  tls_client -tls1_2 -cipher 'ADH-AES256-GCM-SHA384:@SECLEVEL=0'
  capture_stop
  pair_flow tls12-anonymous 1.2 one_way one_way/decoded
  describe tls12-anonymous openssl <<'MD'
TLS 1.2 without any certificate: the suite encrypts, but nobody knows who the server is (DH_anon).

## How it was made

    openssl s_server -accept 5061 -tls1_2 -nocert -cipher aNULL:@SECLEVEL=0
    openssl s_client -connect 10.0.1.11:5061 -tls1_2 -cipher ADH-AES256-GCM-SHA384:@SECLEVEL=0

## What an audit should say

No CertificateRequest, so the client is not authenticated (`one_way` in the vocabulary of `client_auth`), and neither is the server:
every TLS row fails.
MD
}

record_tls_versions() {
  pair
  tls_server -verify 1 -cipher 'DEFAULT:@SECLEVEL=0' -min_protocol TLSv1 -max_protocol TLSv1.3
  capture_start tls-versions
  local version
  for version in -tls1 -tls1_1 -tls1_2 -tls1_3; do
    tls_client "$version" "${with_certificate[@]}" -cipher 'DEFAULT:@SECLEVEL=0'
  done
  capture_stop
  for version in 1.0 1.1 1.2; do pair_flow tls-versions "$version" mutual mutual/decoded; done
  pair_flow tls-versions 1.3 mutual mutual/inferred
  describe tls-versions openssl <<'MD'
One server, four clients, each with a certificate: TLS 1.0, 1.1, 1.2 and 1.3, one after another.

## How it was made

    openssl s_server -accept 5061 -verify 1 -cipher DEFAULT:@SECLEVEL=0 -min_protocol TLSv1 -max_protocol TLSv1.3 \
      -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -cert med01.pem -key med01.key -cipher DEFAULT:@SECLEVEL=0 -tls1     (then -tls1_1, -tls1_2, -tls1_3)

## What an audit should say

Versions 1.0, 1.1, 1.2, 1.3. The first three are `mutual`, `decoded`. In TLS 1.3 the certificates are encrypted: `mutual`,
`inferred` from the sizes of records. What the old versions mean is for the policy pack to say.
MD
}
