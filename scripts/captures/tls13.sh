# TLS 1.3, with the key log beside the frames: what a passive auditor cannot see and what it could see with the secrets.
# Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

tls13_capture() {  # NAME: the frames under their key log
  capture_stop none
  with_secrets "$1" "$work/keys" "$1"
}

readonly with_or_without="Without the secrets (\`--ignore-secrets\`, or for a reader that does not use them)"

record_tls13_mutual() {
  pair
  tls_server -tls1_3 -Verify 1 -verify_return_error -keylogfile "$work/keys"
  capture_start tls13-mutual
  tls_client -tls1_3 "${with_certificate[@]}"
  capture_stop
  with_secrets tls13-mutual "$work/keys" tls13-mutual-keys
  pair_flow tls13-mutual 1.3 mutual mutual/inferred
  describe tls13-mutual openssl <<'MD'
Mutual TLS 1.3. Everything after ServerHello is encrypted; there is no key log in this file.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -Verify 1 -verify_return_error -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -cert med01.pem -key med01.key -CAfile internal-ca.pem

## What an audit should say

Version 1.3, established; `client_auth` is `mutual`, `inferred` from the sizes of the client's records (strong), with the kind of its key;
never `decoded`.
MD
  pair_flow tls13-mutual-keys 1.3 mutual mutual/decrypted
  describe tls13-mutual-keys "openssl wireshark-common" <<MD
The frames of tls13-mutual with their key log in a Decryption Secrets Block.

## How it was made

    editcap -F pcapng --inject-secrets tls,keys tls13-mutual.pcap tls13-mutual-keys.pcapng

## What an audit should say

With the secrets: \`mutual\`, basis \`decrypted\` (CertificateRequest, Certificate, CertificateVerify, and the server's tickets after the client's
Finished). $with_or_without as tls13-mutual. The secrets themselves appear in no output.
MD
}

record_tls13_one_way() {
  pair
  tls_server -tls1_3 -keylogfile "$work/keys"
  capture_start tls13-one-way
  tls_client -tls1_3
  tls13_capture tls13-one-way
  pair_flow tls13-one-way 1.3 one_way one_way/decrypted
  describe tls13-one-way "openssl wireshark-common" <<MD
TLS 1.3 in which the server does not ask for a certificate; key log inside.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -keylogfile keys -cert fe01.pem -key fe01.key
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -CAfile internal-ca.pem
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

With the secrets: \`one_way\`, basis \`decrypted\`. $with_or_without: the same, basis \`inferred\`.
MD
}

record_tls13_declined() {
  pair
  tls_server -tls1_3 -verify 1 -keylogfile "$work/keys"
  capture_start tls13-declined
  tls_client -tls1_3
  tls13_capture tls13-declined
  pair_flow tls13-declined 1.3 declined declined/decrypted
  describe tls13-declined "openssl wireshark-common" <<MD
TLS 1.3 in which the server asks and the client answers with an empty Certificate; key log inside.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -verify 1 -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -CAfile internal-ca.pem
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

With the secrets: \`declined\`, basis \`decrypted\`. $with_or_without: the same, basis \`inferred\`.
MD
}

record_tls13_refused() {
  pair
  tls_server -tls1_3 -Verify 1 -verify_return_error -keylogfile "$work/keys"
  capture_start tls13-refused
  tls_client_refused -tls1_3
  tls_client_refused -tls1_3 -cert "$pki/stranger.pem" -key "$pki/stranger.key"
  tls13_capture tls13-refused
  pair_flow tls13-refused 1.3 declined declined/decrypted
  pair_flow tls13-refused 1.3 rejected rejected/decrypted
  describe tls13-refused "openssl wireshark-common" <<MD
TLS 1.3 refused twice: a client without a certificate, and one whose certificate is of an unknown authority; key log inside.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -Verify 1 -verify_return_error -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -CAfile internal-ca.pem -cert stranger.pem -key stranger.key
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

With the secrets: \`declined\`, then \`rejected\`. The second client sends Certificate, CertificateVerify and Finished before the server's alert: sizes that
look like mutual TLS, for a session the server never went on with. $with_or_without: not \`mutual\` at all, not even inferred.
MD
}

record_tls13_hello_retry() {
  pair
  tls_server -tls1_3 -Verify 1 -verify_return_error -groups P-384 -keylogfile "$work/keys"
  capture_start tls13-hello-retry
  tls_client -tls1_3 "${with_certificate[@]}" -groups X25519:P-384
  tls13_capture tls13-hello-retry
  pair_flow tls13-hello-retry 1.3 mutual mutual/decrypted
  describe tls13-hello-retry "openssl wireshark-common" <<MD
Mutual TLS 1.3 with a HelloRetryRequest: the client guesses X25519, the server wants P-384; key log inside.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -groups P-384 -Verify 1 -verify_return_error -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -groups X25519:P-384 -cert med01.pem -key med01.key -CAfile internal-ca.pem
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

One handshake with two ClientHello: \`hello_retry\` true, curve secp384r1, version 1.3. With the secrets: \`mutual\`, basis \`decrypted\`.
$with_or_without: \`not_observable\`, cause \`encrypted\`.
MD
}

record_tls13_resumed() {
  pair
  tls_server -tls1_3 -Verify 1 -verify_return_error -early_data -keylogfile "$work/keys"
  capture_start tls13-resumed
  tls_client -tls1_3 "${with_certificate[@]}" -sess_out "$work/session"
  tls_client -tls1_3 "${with_certificate[@]}" -sess_in "$work/session" -sess_out "$work/session2"
  echo "$request" > "$work/early"
  tls_client -tls1_3 "${with_certificate[@]}" -sess_in "$work/session2" -early_data "$work/early"
  tls13_capture tls13-resumed
  pair_flow tls13-resumed 1.3 mutual mutual/decrypted
  pair_flow tls13-resumed 1.3 mutual mutual/lineage
  pair_flow tls13-resumed 1.3 mutual mutual/lineage
  describe tls13-resumed "openssl wireshark-common" <<MD
Mutual TLS 1.3, then two sessions that resume it by PSK, the last one with early data; key log inside.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -early_data -Verify 1 -verify_return_error -keylogfile keys -cert fe01.pem -key fe01.key -CAfile internal-ca.pem
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -cert med01.pem -key med01.key -sess_out session
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -cert med01.pem -key med01.key -sess_in session -sess_out session2
    openssl s_client -connect 10.0.1.11:5061 -tls1_3 -cert med01.pem -key med01.key -sess_in session2 -early_data early
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

The second and third flow are \`resumed\` (pre_shared_key in ServerHello); \`early_data\` in the third. With the secrets: \`mutual\`
\`decrypted\`, then \`mutual\` \`lineage\` twice: the tickets that link them travel encrypted. $with_or_without: \`not_observable\`, cause
\`encrypted\` for the first and \`resumed\` for the others.
MD
}
