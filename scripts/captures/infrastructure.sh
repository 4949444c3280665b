# What a site needs beside SIP: file shares, directories, databases, names, leases, and what administers it. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154

readonly smb_password=Throwaway-fe01-smb-1946 smb_body="address book throwaway-body-6673"

smb_start() {  # HOST ADDRESS: samba with a share that may be read on the wire and one that may not
  local dir=$work/samba name
  mkdir -p "$dir/share" "$dir/private" "$dir/ncalrpc"
  echo "root = fe01" > "$dir/users"
  echo "$2 fs01" > "$dir/hosts"
  {
    echo "[global]"
    printf 'workgroup = CONTOSO\nnetbios name = FS01\nserver role = standalone server\nsmb ports = 445\ninterfaces = %s\nbind interfaces only = yes\n' "$2"
    for name in lock state cache pid; do echo "$name directory = $dir"; done
    printf 'private dir = %s/private\nncalrpc dir = %s/ncalrpc\npassdb backend = tdbsam:%s/private/passdb.tdb\nusername map = %s/users\n' "$dir" "$dir" "$dir" "$dir"
    printf 'server min protocol = SMB2_02\nserver signing = mandatory\ndisable spoolss = yes\nload printers = no\nlog file = %s/log\n' "$dir"
    printf '[share]\npath = %s/share\nread only = no\n[sealed]\npath = %s/share\nread only = no\nserver smb encrypt = required\n' "$dir" "$dir"
  } > "$dir/smb.conf"
  printf '%s\n%s\n' "$smb_password" "$smb_password" | smbpasswd -c "$dir/smb.conf" -a -s root > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "smbpasswd failed"; }
  # shellcheck disable=SC2016
  start "$1" unshare --uts sh -c 'hostname fs01 && mount --bind "$1/hosts" /etc/hosts \
    && exec smbd --foreground --configfile="$1/smb.conf" --debug-stdout' sh "$dir"
  listening "$1" tcp 445
}

smb_client() {  # SHARE OPTIONS...: writes a file and reads it back
  local share=$1
  shift
  echo "$smb_body" > "$work/F-0f4a.txt"
  in_host fe01 timeout "$client_seconds" smbclient "//10.0.1.70/$share" -s /dev/null --netbiosname=FE01 -U "CONTOSO/fe01%$smb_password" "$@" \
    -c "lcd $work; put F-0f4a.txt; get F-0f4a.txt back.txt" > "$work/client.log" 2>&1 || { cat "$work/client.log" "$work"/fs01*.log >&2; fail "smbclient failed"; }
}

record_smb() {
  host fe01 10.0.1.11
  host fs01 10.0.1.70
  smb_start fs01 10.0.1.70
  capture_start smb
  smb_client share -m SMB3
  smb_client sealed -m SMB3
  smb_client share -m SMB3 --client-protection=encrypt
  smb_client share -m SMB2_10 --option="client min protocol=NT1"
  capture_stop
  flow smb 10.0.1.11 10.0.1.70:445 - - clear/smb2
  flow smb 10.0.1.11 10.0.1.70:445 - - encrypted/smb2
  flow smb 10.0.1.11 10.0.1.70:445 - - encrypted/smb2
  flow smb 10.0.1.11 10.0.1.70:445 - - clear/smb2
  secret smb password_unsent "$smb_password"
  secret smb file_content "$smb_body"
  secrets_from smb ntlm_response ntlmssp.auth.ntresponse
  describe smb "samba smbclient" <<'MD'
SMB to a file store: SMB 3.1.1 signed and readable, encrypted because the share demands it, encrypted from the session's start, and SMB 2.1.

## How it was made

smbd on 10.0.1.70 with `server signing = mandatory`, a share that asks for nothing and one with `server smb encrypt = required`. fe01, by name and password (NTLM), writes a
small file and reads it back with smbclient, four times:

    smbclient //10.0.1.70/share -m SMB3                                          signed only
    smbclient //10.0.1.70/sealed -m SMB3                                         encrypted from the tree connect on
    smbclient //10.0.1.70/share -m SMB3 --client-protection=encrypt              encrypted after the session setup
    smbclient //10.0.1.70/share -m SMB2_10 --option='client min protocol=NT1'    begins with an SMB 1 negotiate; SMB 2.1, signed only

## What an audit should say

First and fourth flow: SMB 3.1.1 and SMB 2.1 whose reads and writes are readable (`fe 53 4d 42` to the end, no transform header): the infrastructure row **fails** or is reported, by
policy; signing is not encryption. Second: READ and WRITE in transform headers (`fd 53 4d 42`), with negotiate, session setup and the first tree connect before
them in clear, as the protocol has it; third: everything after the session setup encrypted. Both are protection by other means. Of the first, file content is readable; in all four the
NTLM response of the session setup is an exposed credential that can be guessed offline.
MD
}

readonly ldap_password=Throwaway-fe01-ldap-7264 ldap_admin_password=Throwaway-admin-ldap-1573
readonly ldap_user="uid=fe01,dc=contoso,dc=com"

ldap_start() {  # HOST ADDRESS: slapd with one user, plain, STARTTLS and LDAPS
  local dir=$work/ldap
  mkdir -p "$dir/data"
  pki_issue internal dc01 serverAuth dc01.contoso.com
  cat > "$dir/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
TLSCertificateFile $pki/dc01.pem
TLSCertificateKeyFile $pki/dc01.key
TLSCACertificateFile $pki/internal-ca.pem
TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.2
sasl-host dc01.contoso.com
sasl-secprops none
password-hash {CLEARTEXT}
authz-regexp uid=([^,]*),.*cn=auth uid=\$1,dc=contoso,dc=com
database mdb
maxsize 1048576
suffix dc=contoso,dc=com
rootdn cn=admin,dc=contoso,dc=com
rootpw $ldap_admin_password
directory $dir/data
CONF
  slapadd -f "$dir/slapd.conf" > "$work/client.log" 2>&1 <<LDIF || { cat "$work/client.log" >&2; fail "slapadd failed"; }
dn: dc=contoso,dc=com
objectClass: domain
dc: contoso

dn: $ldap_user
objectClass: inetOrgPerson
uid: fe01
cn: Front End 01
sn: fe01
userPassword: $ldap_password
LDIF
  start "$1" slapd -d 0 -f "$dir/slapd.conf" -h "ldap://$2:389/ ldaps://$2:636/"
  listening "$1" tcp 389 636
}

ldap_search() {  # OPTIONS...
  in_host fe01 env LDAPTLS_CACERT="$pki/internal-ca.pem" LDAPTLS_REQCERT=never timeout "$client_seconds" \
    ldapsearch -LLL -N -b dc=contoso,dc=com "$@" "(uid=fe01)" cn > "$work/client.log" 2>&1 || { cat "$work/client.log" >&2; fail "ldapsearch $* failed"; }
}

record_ldap() {
  host fe01 10.0.1.11
  host dc01 10.0.1.50
  ldap_start dc01 10.0.1.50
  capture_start ldap
  ldap_search -x -H ldap://10.0.1.50 -D "$ldap_user" -w "$ldap_password"
  ldap_search -x -H ldap://10.0.1.50 -ZZ -D "$ldap_user" -w "$ldap_password"
  ldap_search -x -H ldaps://10.0.1.50 -D "$ldap_user" -w "$ldap_password"
  ldap_search -Y DIGEST-MD5 -H ldap://10.0.1.50 -U fe01 -w "$ldap_password" -O maxssf=0
  ldap_search -Y DIGEST-MD5 -H ldap://10.0.1.50 -U fe01 -w "$ldap_password" -O minssf=128
  capture_stop
  clear_flow ldap 10.0.1.11 10.0.1.50:389 ldap
  flow ldap 10.0.1.11 10.0.1.50:389 1.2 one_way one_way/decoded
  flow ldap 10.0.1.11 10.0.1.50:636 1.2 one_way one_way/decoded
  clear_flow ldap 10.0.1.11 10.0.1.50:389 ldap
  flow ldap 10.0.1.11 10.0.1.50:389 - - encrypted/ldap
  secret ldap simple_bind_password "$ldap_password"
  secret ldap password_unsent "$ldap_admin_password"
  local response
  while IFS= read -r response; do secret ldap digest_response "$response"; done < <(grep -a -o 'response=[0-9a-f]\{32\}' "$work/ldap.pcap" | sed 's/.*=//' | sort -u)
  describe ldap "slapd ldap-utils libsasl2-modules" <<'MD'
LDAP to a directory: a simple bind in clear, StartTLS, LDAPS, and SASL without and with a layer that encrypts.

## How it was made

slapd on 10.0.1.50, 389 and 636, TLS 1.2; fe01 binds and searches with ldapsearch, five times:

    ldapsearch -x -H ldap://10.0.1.50 -D uid=fe01,dc=contoso,dc=com -w ...       simple bind
    the same with -ZZ                                                            StartTLS
    ldapsearch -x -H ldaps://10.0.1.50 ...                                       LDAPS
    ldapsearch -Y DIGEST-MD5 -U fe01 -w ... -O maxssf=0                          SASL, authentication only
    ldapsearch -Y DIGEST-MD5 -U fe01 -w ... -O minssf=128                        SASL with a confidentiality layer

(A domain controller would use GSS-SPNEGO; what it looks like on the wire after the bind is the same.)

## What an audit should say

First: LDAP in clear, the password of the simple bind readable: credentials exposed. Second: LDAP, then by StartTLS TLS 1.2, `one_way`, `decoded`; third: TLS 1.2 at once. Fourth: LDAP
in clear; no password, a digest that can be guessed offline. Fifth: the same until the bind succeeds, then SASL buffers (four octets of length, RFC 4422 section 3.7) whose content no
reader can tell: protection by other means, not clear, not TLS.
MD
}
