# PostgreSQL and MySQL: the way to TLS that each has in its own protocol, taken, refused and not asked for. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly sql_password=Throwaway-lync-sql-7315 sql_query="SELECT 'throwaway-row-5127'"

postgresql_start() {  # HOST ADDRESS on|off AUTHENTICATION [PASSWORD_ENCRYPTION]
  local dir=$work/postgresql-$2 bin try
  bin=$(echo /usr/lib/postgresql/*/bin)
  install -d -m 700 -o postgres "$dir"
  chmod 711 "$work"
  echo "$sql_password" > "$work/password"
  chmod 644 "$work/password"
  setpriv --reuid postgres --regid postgres --clear-groups "$bin/initdb" -D "$dir/data" -U lync --auth="$4" --pwfile="$work/password" \
    --no-sync > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "initdb failed"; }
  echo "host all all 0.0.0.0/0 $4" > "$dir/data/pg_hba.conf"
  install -m 600 -o postgres "$pki/sql01.key" "$dir/key.pem"
  install -m 644 -o postgres "$pki/sql01.pem" "$dir/certificate.pem"
  start "$1" setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$dir/data" \
    -c listen_addresses="$2" -c unix_socket_directories= -c fsync=off -c ssl="$3" -c ssl_key_file="$dir/key.pem" \
    -c ssl_cert_file="$dir/certificate.pem" -c ssl_max_protocol_version=TLSv1.2 -c password_encryption="${5:-scram-sha-256}"
  for ((try = 0; try < wait_tries; try++)); do
    if in_host "$1" ss -Hln --tcp "src = $2:5432" | grep -q .; then return; fi
    sleep 0.1
  done
  fail "PostgreSQL does not listen on $2"
}

postgresql_client() {  # ADDRESS SSLMODE
  client fe01 env PGPASSWORD="$sql_password" psql "host=$1 user=lync dbname=postgres sslmode=$2 gssencmode=disable" \
    -c "$sql_query"
}

record_postgresql() {
  host fe01 10.0.1.11
  host sql01 10.0.1.60 10.0.1.61 10.0.1.62
  pki_issue internal sql01 serverAuth sql01.contoso.com
  postgresql_start sql01 10.0.1.60 on scram-sha-256
  postgresql_start sql01 10.0.1.61 off password
  postgresql_start sql01 10.0.1.62 off md5 md5
  capture_start postgresql
  postgresql_client 10.0.1.60 require
  postgresql_client 10.0.1.61 prefer
  postgresql_client 10.0.1.62 disable
  postgresql_client 10.0.1.60 disable
  capture_stop
  flow postgresql 10.0.1.11 10.0.1.60:5432 1.2 one_way one_way/decoded
  clear_flow postgresql 10.0.1.11 10.0.1.61:5432 pgsql
  clear_flow postgresql 10.0.1.11 10.0.1.62:5432 pgsql
  clear_flow postgresql 10.0.1.11 10.0.1.60:5432 pgsql
  secret postgresql password "$sql_password"
  secret postgresql row throwaway-row-5127
  local response
  while IFS= read -r response; do secret postgresql digest_response "$response"; done \
    < <(grep -a -o 'md5[0-9a-f]\{32\}' "$work/postgresql.pcap" | sort -u)
  while IFS= read -r response; do secret postgresql digest_response "$response"; done \
    < <(grep -a -o ',p=[A-Za-z0-9+/=]\{44\}' "$work/postgresql.pcap" | cut -c 4- | sort -u)
  describe postgresql "postgresql-15 postgresql-client-15" <<'MD'
PostgreSQL: TLS taken, TLS refused and the password in clear, and two logins that never asked for TLS.

## How it was made

Three servers, port 5432, each with a user whose password fe01 knows; psql signs in and asks for one row:

| server | settings | client `sslmode` | on the wire |
| --- | --- | --- | --- |
| 10.0.1.60 | `ssl=on`, SCRAM | require | SSLRequest, `S`, TLS 1.2 |
| 10.0.1.61 | `ssl=off`, `password` | prefer | SSLRequest, `N`, login with the password itself, query, row |
| 10.0.1.62 | `ssl=off`, `md5` | disable | StartupMessage at once, a digest of the password, query, row |
| 10.0.1.60 | `ssl=on`, SCRAM | disable | StartupMessage at once though the server has TLS, SCRAM-SHA-256, query, row |

## What an audit should say

First: TLS 1.2, `one_way`, `decoded`, by `postgresql` (requested, accepted). Second: TLS was asked for and refused; everything is readable, and
so is the password. Third: everything is readable, with a digest that can be guessed offline. Fourth: the same by a client that did not ask
for the TLS that this server has.
MD
}

mysql_start() {  # HOST ADDRESS TLS_OPTIONS...
  local host=$1 address=$2 dir=$work/mysql-$2 try
  shift 2
  install -d -m 711 "$dir"
  mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --user=root \
    > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "mariadb-install-db failed"; }
  printf '%s\n' "CREATE USER lync@'%' IDENTIFIED BY '$sql_password';" "CREATE USER nobody@'%' IDENTIFIED BY '';" > "$dir/init.sql"
  start "$host" mariadbd --no-defaults --user=root --datadir="$dir/data" --bind-address="$address" --socket="$dir/socket" \
    --pid-file="$dir/pid" --init-file="$dir/init.sql" --skip-name-resolve --skip-log-bin --innodb-fast-shutdown=2 "$@"
  for ((try = 0; try < wait_tries; try++)); do
    if in_host "$host" ss -Hln --tcp "src = $address:3306" | grep -q .; then return; fi
    sleep 0.1
  done
  fail "MariaDB does not listen on $address"
}

mysql_client() {  # ADDRESS OPTIONS...
  local address=$1
  shift
  client fe01 mariadb --no-defaults --protocol=TCP -h "$address" -u lync -p"$sql_password" -e "$sql_query" "$@"
}

record_mysql() {
  host fe01 10.0.1.11
  host sql01 10.0.1.60 10.0.1.61
  pki_issue internal sql01 serverAuth sql01.contoso.com
  mysql_start sql01 10.0.1.60 --ssl-cert="$pki/sql01.pem" --ssl-key="$pki/sql01.key" --ssl-ca="$pki/internal-ca.pem" --tls-version=TLSv1.2
  mysql_start sql01 10.0.1.61 --skip-ssl
  capture_start mysql
  mysql_client 10.0.1.60 --ssl
  mysql_client 10.0.1.60 --skip-ssl
  mysql_client 10.0.1.61 --skip-ssl
  capture_stop
  flow mysql 10.0.1.11 10.0.1.60:3306 1.2 declined declined/decoded
  clear_flow mysql 10.0.1.11 10.0.1.60:3306 mysql
  clear_flow mysql 10.0.1.11 10.0.1.61:3306 mysql
  secret mysql password_unsent "$sql_password"
  secret mysql row throwaway-row-5127
  describe mysql "mariadb-server mariadb-client" <<'MD'
MySQL's protocol: TLS offered and taken, offered and not taken, and not offered.

## How it was made

Two MariaDB servers, port 3306; the client `mariadb` of fe01 signs in by password (`mysql_native_password`) and asks for one row:

| server | settings | client | on the wire |
| --- | --- | --- | --- |
| 10.0.1.60 | with a certificate, TLS 1.2 | `--ssl` | greeting with CLIENT_SSL, SSL Request, TLS 1.2 |
| 10.0.1.60 | the same | `--skip-ssl` | greeting with CLIENT_SSL, login in clear, query, row |
| 10.0.1.61 | `--skip-ssl` | `--skip-ssl` | greeting without CLIENT_SSL, login in clear, query, row |

## What an audit should say

First: TLS 1.2, `declined` (the server asks every client for a certificate), `decoded`, by `mysql` (offered, requested, accepted). Second: TLS was offered and not taken; query and row are
readable, the login holds a digest over the server's nonce. Third: the same, and the server offers nothing.
MD
}
