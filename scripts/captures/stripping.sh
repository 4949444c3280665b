# Somebody on the path takes the offer of TLS out: IMAP and POP3 by dovecot, PostgreSQL. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly mail_user=alice mail_password=Throwaway-alice-mail-2290

dovecot_start() {  # HOST ADDRESS: IMAP and POP3, with STARTTLS, and logins in clear where nobody takes it
  local dir=$work/dovecot
  install -d -m 755 "$dir"
  chmod 711 "$work"
  cat > "$dir/dovecot.conf" <<CONF
protocols = imap pop3
listen = $2
base_dir = $dir/run
state_dir = $dir/run
log_path = /dev/stderr
ssl = yes
ssl_cert = <$pki/mail.pem
ssl_key = <$pki/mail.key
disable_plaintext_auth = no
auth_mechanisms = plain login
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
mail_location = maildir:$dir/mail/%u
first_valid_uid = 1
passdb {
  driver = static
  args = password=$mail_password
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$dir/mail/%u
}
CONF
  install -d -m 777 "$dir/mail"
  start "$1" dovecot -F -c "$dir/dovecot.conf"
  listening "$1" tcp 143 110
}

mail_client() {  # SCHEME: signs in and lists, with TLS where it is offered
  client client curl --silent --show-error --ssl --insecure --tls-max 1.2 --user "$mail_user:$mail_password" "$1://10.0.1.11/"
}

sql_client() {
  client client env PGPASSWORD="$sql_password" psql "host=10.0.1.11 user=lync dbname=postgres sslmode=prefer gssencmode=disable" -c "$sql_query"
}

record_upgrade_stripped() {
  local relay=$here/captures/stripping_relay.py response
  pair
  pki_issue internal mail serverAuth mail01.contoso.com
  pki_issue internal sql01 serverAuth sql01.contoso.com
  dovecot_start server 127.0.0.1
  postgresql_start server 127.0.0.1 on scram-sha-256
  start server python3 "$relay" imap 10.0.1.11 127.0.0.1 143
  start server python3 "$relay" pop3 10.0.1.11 127.0.0.1 110
  start server python3 "$relay" postgresql 10.0.1.11 127.0.0.1 5432
  sleep 1
  capture_start upgrade-stripped
  local round
  for round in offered stripped; do
    mail_client imap
    mail_client pop3
    sql_client
  done
  capture_stop
  flow upgrade-stripped 10.0.1.20 10.0.1.11:143 1.2 one_way one_way/decoded
  flow upgrade-stripped 10.0.1.20 10.0.1.11:110 1.2 one_way one_way/decoded
  flow upgrade-stripped 10.0.1.20 10.0.1.11:5432 1.2 one_way one_way/decoded
  clear_flow upgrade-stripped 10.0.1.20 10.0.1.11:143 imap
  clear_flow upgrade-stripped 10.0.1.20 10.0.1.11:110 pop
  clear_flow upgrade-stripped 10.0.1.20 10.0.1.11:5432 pgsql
  secret upgrade-stripped sasl_plain "$(printf '\0%s\0%s' "$mail_user" "$mail_password" | base64 -w 0)"
  secret upgrade-stripped password_encoded "$mail_password"
  secret upgrade-stripped password_unsent "$sql_password"
  secret upgrade-stripped row throwaway-row-5127
  while IFS= read -r response; do secret upgrade-stripped digest_response "$response"; done \
    < <(grep -a -o ',p=[A-Za-z0-9+/=]\{44\}' "$work/upgrade-stripped.pcap" | cut -c 4- | sort -u)
  describe upgrade-stripped "dovecot-imapd dovecot-pop3d postgresql-15 postgresql-client-15 curl" <<'MD'
The offer of TLS stripped on the way: IMAP, POP3 and PostgreSQL, each first with TLS, then in clear because a relay took the offer out.

## How it was made

dovecot and PostgreSQL listen on the loopback of the server, both with TLS. Before each stands `scripts/captures/stripping_relay.py` on 10.0.1.11: it
passes the first connection on as it is. Of later ones it takes `STARTTLS` out of IMAP's capabilities and `STLS` out of POP3's, and answers
PostgreSQL's SSLRequest with `N` itself. The relay is a stand-in for whoever is on the path; servers and clients are as they come. Twice each, one after the
other:

    curl --ssl --insecure --tls-max 1.2 --user alice imap://10.0.1.11/
    curl --ssl --insecure --tls-max 1.2 --user alice pop3://10.0.1.11/
    psql "host=10.0.1.11 user=lync dbname=postgres sslmode=prefer gssencmode=disable"

`--ssl` and `prefer` take TLS where it is offered, and go on without where it is not.

## What an audit should say

The first three flows upgrade to TLS 1.2, `one_way`, `decoded`. The last three are in clear, with a password, or an answer to a challenge. Each is `stripped`
besides: its record names the flow and the frame in which the same server offered TLS before (PostgreSQL: consented), and there is a finding
`upgrade_stripped` for each. Where the first three flows are missing, the last three are in clear and nothing more can be said.
MD
}
