# QUIC between ngtcp2's client and server with GnuTLS. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

quic_server() {  # PORT OPTIONS...: gtlsserver as fe01
  local port=$1
  shift
  start server gtlsserver --quiet -d "$work/htdocs" "$@" "$server_address" "$port" "$pki/fe01.key" "$pki/fe01.pem"
  listening server udp "$port"
}

quic_client() {  # PORT OPTIONS...: gtlsclient as med01 fetches one page and leaves
  local port=$1
  shift
  client client gtlsclient --quiet --exit-on-all-streams-close "$@" "$server_address" "$port" "https://fe01.contoso.com:$port/page"
}

record_quic() {
  pair
  mkdir -p "$work/htdocs"
  printf 'A page.\n' > "$work/htdocs/page"
  quic_server 4431
  quic_server 4433 --validate-addr
  quic_server 4434 --verify-client
  capture_start quic
  quic_client 4431
  quic_client 4433
  quic_client 4434 --cert "$pki/med01.pem" --key "$pki/med01.key"
  quic_client 4431 --session-file "$work/session" --tp-file "$work/tp"
  quic_client 4431 --session-file "$work/session" --tp-file "$work/tp"
  capture_stop
  local port
  for port in 4431 4433; do
    flow quic "$client_address" "$server_address:$port" 1.3 one_way not_observable/encrypted
  done
  flow quic "$client_address" "$server_address:4434" 1.3 mutual not_observable/encrypted
  flow quic "$client_address" "$server_address:4431" 1.3 one_way not_observable/encrypted
  flow quic "$client_address" "$server_address:4431" 1.3 one_way not_observable/resumed
  describe quic "ngtcp2-server ngtcp2-client" <<'MD'
QUIC version 1: alone, with a Retry, with a client certificate, and resumed with early data.

## How it was made

    gtlsserver --quiet -d htdocs 10.0.1.11 4431 fe01.key fe01.pem            (4433: --validate-addr, 4434: --verify-client)
    gtlsclient --quiet --exit-on-all-streams-close 10.0.1.11 4431 https://fe01.contoso.com:4431/page

on 4434 with `--cert` and `--key`, and at the end twice on 4431 with `--session-file` and `--tp-file`.

## What an audit should say

Five connections of TLS 1.3 in QUIC, each with the server's name, its suite and an end of the handshake. The Retry and the version are
under `application.quic`. Whether a client certificate came, nobody can read without secrets. The last one is resumed, with early data.
MD
}
