# OCSP responses stapled to TLS handshakes: good, revoked, old, of another certificate, signed by a stranger, an error. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

ocsp_response() {  # NAME RESPONSE SIGNER_CERTIFICATE SIGNER_KEY OPTIONS...: what a responder of the internal CA says of $pki/NAME.pem
  local name=$1 response=$2 signer=$3 key=$4
  shift 4
  openssl ocsp -issuer "$pki/internal-ca.pem" -cert "$pki/$name.pem" -no_nonce -reqout "$work/$name.request" 2> /dev/null
  openssl ocsp -index "$work/ocsp.index" -CA "$pki/internal-ca.pem" -rsigner "$signer" -rkey "$key" -reqin "$work/$name.request" \
    -respout "$work/$response.ocsp" -noverify "$@" > /dev/null 2>&1 || fail "openssl ocsp makes no response for $name"
}

ocsp_line() {  # V|R NAME [WHEN,REASON]: a certificate in the responder's list
  local end
  end=$(date -u -d "$(openssl x509 -in "$pki/$2.pem" -noout -enddate | cut -d= -f2)" +%y%m%d%H%M%SZ)
  printf '%s\t%s\t%s\t%s\tunknown\t/CN=%s\n' "$1" "$end" "${3:-}" "$(openssl x509 -in "$pki/$2.pem" -noout -serial | cut -d= -f2)" "$2"
}

ocsp_make() {
  local ca=("$pki/internal-ca.pem" "$pki/internal-ca.key")
  { ocsp_line V fe01; ocsp_line R fe02 "$(date -u -d '2 days ago' +%y%m%d%H%M%SZ),keyCompromise"; ocsp_line V dir01; ocsp_line V med01; ocsp_line V gw1; } \
    > "$work/ocsp.index"
  pki_issue internal responder OCSPSigning ocsp.contoso.com
  ocsp_response dir01 old "${ca[@]}" -nmin 1
  old_made=$SECONDS
  ocsp_response fe01 good "$pki/responder.pem" "$pki/responder.key" -ndays 3650
  ocsp_response fe02 revoked "${ca[@]}" -resp_no_certs -ndays 3650
  ocsp_response gw1 stranger "$pki/stranger-ca.pem" "$pki/stranger-ca.key" -ndays 3650
  printf '\x30\x03\x0a\x01\x03' > "$work/error.ocsp"  # OCSPResponse, responseStatus tryLater (RFC 6960 section 4.2.1)
}

ocsp_session() {  # HOST ADDRESS CERTIFICATE RESPONSE OPTIONS...: s_server with this staple, and a client that asks for it
  local name=$1 address=$2 certificate=$3 response=$4 teller
  shift 4
  start "$name" openssl s_server -accept 5061 -cert "$pki/$certificate.pem" -key "$pki/$certificate.key" -status_file "$work/$response.ocsp" "$@"
  server=$started
  listening "$name" tcp 5061
  source_port client
  (sleep 0.6; tell "$server" "$answer") &
  teller=$!
  { sleep 0.3; echo "$request"; sleep 0.7; echo Q; } \
    | in_host client timeout "$client_seconds" openssl s_client -connect "$address:5061" -status -CAfile "$pki/internal-ca.pem" \
      > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "openssl s_client failed"; }
  wait "$teller"
  grep -q 'OCSP response' "$work/client.log" || fail "$name staples nothing"
}

record_ocsp_staples() {
  local keys=$work/keys old_made capture
  host client 10.20.0.31
  host fe01 10.0.1.11
  host fe02 10.0.1.12
  host dir01 10.0.1.10
  host med01 10.0.1.20
  host gw1 10.9.0.5
  host gw2 10.9.0.6
  ocsp_make
  capture_start ocsp-staples
  ocsp_session fe01 10.0.1.11 fe01 good -tls1_2
  ocsp_session fe02 10.0.1.12 fe02 revoked -tls1_2
  ocsp_session med01 10.0.1.20 med01 good -tls1_2
  ocsp_session gw1 10.9.0.5 gw1 stranger -tls1_2
  ocsp_session gw2 10.9.0.6 gw2 error -tls1_2
  while ((SECONDS - old_made < 62)); do sleep 1; done
  ocsp_session dir01 10.0.1.10 dir01 old -tls1_2
  capture_stop
  capture=51000
  for host in 10.0.1.11 10.0.1.12 10.0.1.20 10.9.0.5 10.9.0.6 10.0.1.10; do
    capture=$((capture + 1))
    flow ocsp-staples "10.20.0.31:$capture" "$host:5061" 1.2 one_way one_way/decoded
  done
  lab_close
  lab_open
  host client 10.20.0.31
  host fe01 10.0.1.11
  host fe02 10.0.1.12
  capture_start ocsp-staples-keys
  ocsp_session fe01 10.0.1.11 fe01 good -tls1_3 -keylogfile "$keys.1"
  ocsp_session fe02 10.0.1.12 fe02 revoked -tls1_3 -keylogfile "$keys.2"
  capture_stop none
  cat "$keys.1" "$keys.2" > "$keys"
  with_secrets ocsp-staples-keys "$keys" ocsp-staples-keys
  flow ocsp-staples-keys 10.20.0.31:51001 10.0.1.11:5061 1.3 one_way one_way/decrypted
  flow ocsp-staples-keys 10.20.0.31:51002 10.0.1.12:5061 1.3 one_way one_way/decrypted
  mkdir -p "$out/ocsp-staples-ca"
  cp "$pki/internal-ca.pem" "$out/ocsp-staples-ca/internal.pem"
  describe ocsp-staples openssl <<'MD'
Six servers that staple an OCSP response to their certificate in TLS 1.2: one is good, the others show what can be wrong.

## How it was made

    openssl ocsp -index INDEX -CA internal-ca.pem -rsigner SIGNER -rkey KEY -reqin REQUEST -respout RESPONSE [-ndays 3650 | -nmin 1]
    openssl s_server -accept 5061 -tls1_2 -cert SERVER.pem -key SERVER.key -status_file RESPONSE
    openssl s_client -connect SERVER:5061 -status -CAfile internal-ca.pem

fe01 (10.0.1.11): good, signed by a responder to whom the CA gave a certificate for it. fe02 (10.0.1.12): revoked for two days, key
compromise, signed by the CA. med01 (10.0.1.20): the response about fe01. gw1 (10.9.0.5): good, signed by a stranger. gw2 (10.9.0.6): the
error tryLater. dir01 (10.0.1.10): good, and ended before it was sent (made for one minute).

## What an audit should say

With `ocsp-staples.topology.yaml`: fe02's certificate is revoked (critical); the staples of med01, gw1 and gw2 are of no use; dir01's is out of
its time; nothing about fe01's. The CA is not sent and is in `ocsp-staples-ca`: without the topology no signature can be checked.
MD
  describe ocsp-staples-keys "openssl wireshark-common" <<'MD'
fe01 and fe02 of ocsp-staples in TLS 1.3, with their key log: the responses stand in the entries of the encrypted Certificate message.

## How it was made

    openssl s_server -accept 5061 -tls1_3 -keylogfile keys -cert SERVER.pem -key SERVER.key -status_file RESPONSE
    openssl s_client -connect SERVER:5061 -status -CAfile internal-ca.pem
    editcap -F pcapng --inject-secrets tls,keys ...

## What an audit should say

With the secrets the same of fe01 and fe02 as in ocsp-staples; without them nothing about certificates.
MD
}
