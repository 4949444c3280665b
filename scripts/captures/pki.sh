# The certificates of the lab: five authorities, a certificate for each host. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

readonly pki_days=3650

pki_authority() {  # NAME COMMON_NAME
  openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days "$pki_days" -keyout "$pki/$1-ca.key" -out "$pki/$1-ca.pem" -subj "/O=Lab/CN=$2" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2> /dev/null
}

pki_issue() {  # AUTHORITY NAME USAGE DNS_NAME...: a certificate in $pki/NAME.pem, its key in NAME.key, both in NAME.both
  local authority=$1 name=$2 usage=$3 names
  shift 3
  names=$(printf ',DNS:%s' "$@")
  openssl req -newkey rsa:2048 -nodes -sha256 -keyout "$pki/$name.key" -subj "/O=Lab/CN=$1" 2> /dev/null \
    | openssl x509 -req -sha256 -days "$pki_days" -CA "$pki/$authority-ca.pem" -CAkey "$pki/$authority-ca.key" -out "$pki/$name.pem" \
      -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=%s\nsubjectAltName=%s\n' \
        "$usage" "${names#,}") 2> /dev/null
  cat "$pki/$name.key" "$pki/$name.pem" > "$pki/$name.both"
}

pki_make() {
  local name
  pki=$work/pki
  mkdir -m 700 "$pki"
  pki_authority internal "Contoso Internal CA"
  pki_authority public "Lab Public CA"
  pki_authority fabrikam "Fabrikam CA"
  pki_authority stranger "Stranger CA"
  for name in fe01 fe02; do pki_issue internal "$name" serverAuth,clientAuth "$name.contoso.com" pool01.contoso.com; done
  for name in dir01 med01 gw1 gw2; do pki_issue internal "$name" serverAuth,clientAuth "$name.contoso.com"; done
  pki_issue internal edge01-internal serverAuth,clientAuth edge01.contoso.com
  pki_issue public edge01 serverAuth,clientAuth sip.contoso.com webconf.contoso.com
  pki_issue public rp01 serverAuth meet.contoso.com
  pki_issue public litware serverAuth,clientAuth sip.litwareinc.com
  pki_issue fabrikam fabrikam serverAuth,clientAuth sip.fabrikam.com
  pki_issue stranger stranger clientAuth,serverAuth med01.contoso.com
  with_certificate=(-cert "$pki/med01.pem" -key "$pki/med01.key")  # for openssl s_client
  cat "$pki/internal-ca.pem" "$pki/public-ca.pem" "$pki/fabrikam-ca.pem" > "$pki/all-ca.pem"
}
