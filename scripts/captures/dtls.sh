# DTLS 1.0 and 1.2 over UDP, with cookie exchange and with handshake messages in fragments. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly dtls_mtu=800  # below the certificates: their messages travel in fragments

dtls_session() {  # VERSION SERVER_OPTIONS -- CLIENT_OPTIONS: one server, one client, text both ways, close
  local version=$1 server_options=() teller
  shift
  while [ "$1" != -- ]; do server_options+=("$1"); shift; done
  shift
  next_port=$((next_port + 1))
  local port=$((next_port - 51000 + 5060))
  start server openssl s_server "$version" -listen -accept "$server_address:$port" -mtu "$dtls_mtu" -cert "$pki/fe01.pem" -key "$pki/fe01.key" \
    -CAfile "$pki/internal-ca.pem" "${server_options[@]}"
  listening server udp "$port"
  source_port client "$next_port"
  (sleep 0.8; tell "$started" "$answer") &
  teller=$!
  { sleep 0.5; echo "$request"; sleep 0.8; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client "$version" -connect "$server_address:$port" -mtu "$dtls_mtu" \
      -CAfile "$pki/internal-ca.pem" "$@" > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "openssl s_client failed"; }
  wait "$teller"
}

record_dtls12() {
  pair
  capture_start dtls12
  dtls_session -dtls1_2 -Verify 1 -verify_return_error -- "${with_certificate[@]}"
  dtls_session -dtls1_2 --
  dtls_session -dtls1_2 -verify 1 --
  capture_stop
  flow dtls12 10.0.1.20 10.0.1.11:5061 1.2 mutual mutual/decoded
  flow dtls12 10.0.1.20 10.0.1.11:5062 1.2 one_way one_way/decoded
  flow dtls12 10.0.1.20 10.0.1.11:5063 1.2 declined declined/decoded
  describe dtls12 openssl <<'MD'
DTLS 1.2 with HelloVerifyRequest and fragmented certificates: mutual, one-way, declined.

## How it was made

    openssl s_server -dtls1_2 -listen -accept 10.0.1.11:5061 -mtu 800 -cert fe01.pem -key fe01.key -CAfile internal-ca.pem -Verify 1 -verify_return_error
    openssl s_client -dtls1_2 -connect 10.0.1.11:5061 -mtu 800 -CAfile internal-ca.pem -cert med01.pem -key med01.key

then on 5062 without `-Verify` and without the client's certificate, and on 5063 with `-verify 1` and without it.

## What an audit should say

`version_protocol` is `dtls`, version 1.2, one handshake each in spite of two ClientHello. `mutual`, `one_way`, `declined`, all `decoded`.
(tshark names a fragmented message once for each fragment.)
MD
}

record_dtls10() {
  pair
  capture_start dtls10
  dtls_session -dtls1 -Verify 1 -verify_return_error -cipher 'DEFAULT:@SECLEVEL=0' -- "${with_certificate[@]}" -cipher 'DEFAULT:@SECLEVEL=0'
  dtls_session -dtls1 -cipher 'DEFAULT:@SECLEVEL=0' -- -cipher 'DEFAULT:@SECLEVEL=0'
  capture_stop
  flow dtls10 10.0.1.20 10.0.1.11:5061 1.0 mutual mutual/decoded
  flow dtls10 10.0.1.20 10.0.1.11:5062 1.0 one_way one_way/decoded
  describe dtls10 openssl <<'MD'
DTLS 1.0 with HelloVerifyRequest and fragmented certificates: mutual, then one-way.

## How it was made

As dtls12, with `-dtls1` and `-cipher DEFAULT:@SECLEVEL=0` on both sides.

## What an audit should say

`version_protocol` is `dtls`, version 1.0. `mutual`, then `one_way`, `decoded`.
MD
}

record_dtls_keys() {
  local keys=$work/dtls-keys.keylog label random value
  pair
  capture_start dtls-keys
  dtls_session -dtls1_2 -Verify 1 -verify_return_error -use_srtp SRTP_AES128_CM_SHA1_80 -- "${with_certificate[@]}" -use_srtp SRTP_AES128_CM_SHA1_80 -keylogfile "$keys"
  dtls_session -dtls1_2 -- -cipher ECDHE-RSA-CHACHA20-POLY1305 -keylogfile "$keys"
  dtls_session -dtls1_2 -verify 1 -- -cipher ECDHE-RSA-AES128-SHA256 -keylogfile "$keys"
  dtls_session -dtls1_2 -no_etm -- -cipher ECDHE-RSA-AES256-SHA384 -keylogfile "$keys"
  dtls_session -dtls1 -Verify 1 -verify_return_error -cipher 'DEFAULT:@SECLEVEL=0' -- "${with_certificate[@]}" -cipher 'AES256-SHA:@SECLEVEL=0' -keylogfile "$keys"
  dtls_session -dtls1_2 -- -keylogfile "$work/other.keylog"
  sed "s/^\(CLIENT_RANDOM [0-9A-Fa-f]* \).*/\1$(printf '5a%.0s' {1..48})/" "$work/other.keylog" >> "$keys"
  capture_stop none
  with_secrets dtls-keys "$keys" dtls-keys
  while read -r label random value; do
    if [ "$label" = CLIENT_RANDOM ]; then secret dtls-keys tls_secret "$value"; fi
  done < "$keys"
  flow dtls-keys 10.0.1.20 10.0.1.11:5061 1.2 mutual mutual/decoded
  flow dtls-keys 10.0.1.20 10.0.1.11:5062 1.2 one_way one_way/decoded
  flow dtls-keys 10.0.1.20 10.0.1.11:5063 1.2 declined declined/decoded
  flow dtls-keys 10.0.1.20 10.0.1.11:5064 1.2 one_way one_way/decoded
  flow dtls-keys 10.0.1.20 10.0.1.11:5065 1.0 mutual mutual/decoded
  flow dtls-keys 10.0.1.20 10.0.1.11:5066 1.2 one_way one_way/decoded
  describe dtls-keys "openssl wireshark-common" <<'MD'
DTLS 1.2 and 1.0 with a key log inside: AES-GCM, ChaCha20, CBC with and without encrypt-then-MAC, and secrets that do not fit.

## How it was made

As dtls12, each with `-keylogfile` on the client, which `editcap --inject-secrets` put into the file:

1. 5061: mutual, `-use_srtp SRTP_AES128_CM_SHA1_80` on both sides, AES-256-GCM
2. 5062: one-way, `-cipher ECDHE-RSA-CHACHA20-POLY1305`
3. 5063: the server asks, the client has none, `-cipher ECDHE-RSA-AES128-SHA256` (encrypt-then-MAC)
4. 5064: one-way, `-no_etm -cipher ECDHE-RSA-AES256-SHA384`
5. 5065: mutual, `-dtls1 -cipher AES256-SHA:@SECLEVEL=0`
6. 5066: one-way; the line of its handshake in the key log has 48 octets of 0x5A in the place of its master secret

## What an audit should say

What the handshakes show of client authentication is in the clear, and so `decoded`. 1 to 5: `decrypted`, nothing failed; the closing alerts are `close_notify`.
6: `decrypted` is false and `decryption_failed` true: secrets that open nothing prove nothing.
MD
}
