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
    for name in lock state cache pid; do echo "$name directory = $dir"; done
    cat <<CONF
workgroup = CONTOSO
netbios name = FS01
server role = standalone server
smb ports = 445
interfaces = $2
bind interfaces only = yes
private dir = $dir/private
ncalrpc dir = $dir/ncalrpc
passdb backend = tdbsam:$dir/private/passdb.tdb
username map = $dir/users
server min protocol = SMB2_02
server signing = mandatory
disable spoolss = yes
load printers = no
log file = $dir/log
[share]
path = $dir/share
read only = no
[sealed]
path = $dir/share
read only = no
server smb encrypt = required
CONF
  } > "$dir/smb.conf"
  printf '%s\n%s\n' "$smb_password" "$smb_password" | client "$1" smbpasswd -c "$dir/smb.conf" -a -s root
  # shellcheck disable=SC2016
  # smbd leads a process group of its own: with --no-process-group its end would be that of everything here.
  start "$1" unshare --uts sh -c 'hostname fs01 && mount --bind "$1/hosts" /etc/hosts \
    && exec smbd --foreground --configfile="$1/smb.conf" --debug-stdout' sh "$dir"
  listening "$1" tcp 445
}

smb_client() {  # SHARE OPTIONS...: writes a file and reads it back
  local share=$1
  shift
  echo "$smb_body" > "$work/F-0f4a.txt"
  client fe01 smbclient "//10.0.1.70/$share" -s /dev/null --netbiosname=FE01 -U "CONTOSO/fe01%$smb_password" "$@" \
    -c "lcd $work; put F-0f4a.txt; get F-0f4a.txt back.txt"
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

smbd on 10.0.1.70 with `server signing = mandatory`, a share that asks for nothing and one with `server smb encrypt = required`. fe01, by
name and password (NTLM), writes a small file and reads it back with smbclient, four times:

    smbclient //10.0.1.70/share -m SMB3                                          signed only
    smbclient //10.0.1.70/sealed -m SMB3                                         encrypted from the tree connect on
    smbclient //10.0.1.70/share -m SMB3 --client-protection=encrypt              encrypted after the session setup
    smbclient //10.0.1.70/share -m SMB2_10 --option='client min protocol=NT1'    begins with an SMB 1 negotiate; SMB 2.1, signed only

## What an audit should say

First and fourth flow: SMB 3.1.1 and SMB 2.1 whose reads and writes are readable (`fe 53 4d 42` to the end, no transform header): the
infrastructure row **fails** or is reported, by policy; signing is not encryption. Second: READ and WRITE in transform headers (`fd 53 4d
42`), with negotiate, session setup and the first tree connect before them in clear, as the protocol has it; third: everything after the
session setup encrypted. Both are protection by other means. Of the first, file content is readable; in all four the NTLM response of the
session setup is an exposed credential that can be guessed offline.
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
  client fe01 env LDAPTLS_CACERT="$pki/internal-ca.pem" LDAPTLS_REQCERT=never ldapsearch -LLL -N -b dc=contoso,dc=com "$@" "(uid=fe01)" cn
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
  while IFS= read -r response; do secret ldap digest_response "$response"; done \
    < <(grep -a -o 'response=[0-9a-f]\{32\}' "$work/ldap.pcap" | sed 's/.*=//' | sort -u)
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

First: LDAP in clear, the password of the simple bind readable: credentials exposed. Second: LDAP, then by StartTLS TLS 1.2, `one_way`,
`decoded`; third: TLS 1.2 at once. Fourth: LDAP in clear; no password, a digest that can be guessed offline. Fifth: the same until the bind
succeeds, then SASL buffers (four octets of length, RFC 4422 section 3.7) whose content no reader can tell: protection by other means, not
clear, not TLS.
MD
}

readonly tds_password=Throwaway-lync-sql-1188 tds_query="SELECT throwaway_column_8842 FROM users"

tds_client() {  # ADDRESS ENCRYPTION: FreeTDS signs in and sends one batch
  printf '[lab]\nhost = %s\nport = 1433\ntds version = 7.4\nencryption = %s\n' "$1" "$2" > "$work/freetds.conf"
  # LOGIN7 names the client's host.
  # shellcheck disable=SC2016
  printf '%s\ngo\nexit\n' "$tds_query" | client fe01 env FREETDSCONF="$work/freetds.conf" \
    unshare --uts sh -c 'hostname fe01 && exec tsql -S lab -U lync -P "$1"' sh "$tds_password"
}

record_tds() {
  host fe01 10.0.1.11
  host sql01 10.0.1.60 10.0.1.61 10.0.1.62
  pki_issue internal sql01 serverAuth sql01.contoso.com
  start sql01 python3 "$here/captures/tds_responder.py" 10.0.1.60 1433 not-supported
  start sql01 python3 "$here/captures/tds_responder.py" 10.0.1.61 1433 off "$pki/sql01.both"
  start sql01 python3 "$here/captures/tds_responder.py" 10.0.1.62 1433 on "$pki/sql01.both"
  sleep 0.5
  listening sql01 tcp 1433
  capture_start tds
  tds_client 10.0.1.60 off
  tds_client 10.0.1.61 request
  tds_client 10.0.1.62 require
  capture_stop
  clear_flow tds 10.0.1.11 10.0.1.60:1433 tds
  flow tds 10.0.1.11 10.0.1.61:1433 1.2 one_way one_way/decoded
  flow tds 10.0.1.11 10.0.1.62:1433 1.2 one_way one_way/decoded
  secret tds password_encoded "$tds_password"
  secret tds query_encoded "$tds_query"
  describe tds freetds-bin <<'MD'
TDS to a database: a login in clear, a login inside TLS with everything after it in clear, and a session that stays inside TLS.

## How it was made

**The server is no SQL Server** but `scripts/captures/tds_responder.py`, a responder that answers PRELOGIN, LOGIN7 and every batch just far
enough for a client to be content; it runs on 10.0.1.60, .61 and .62, port 1433, and differs in the ENCRYPTION option of its PRELOGIN
answer. The client is FreeTDS (`tsql`, TDS 7.4), which signs in and sends one batch:

| server | client `encryption` | PRELOGIN: client, server | on the wire |
| --- | --- | --- | --- |
| 10.0.1.60 | off | NOT_SUP, NOT_SUP | LOGIN7 and batch in clear; the password is obfuscated, which hides nothing |
| 10.0.1.61 | request | OFF, OFF | TLS 1.2 handshake in packets of type 0x12, LOGIN7 in TLS, then batch and answer in clear |
| 10.0.1.62 | require | ON, ON | the same handshake, then everything in TLS |

## What an audit should say

First: TDS in clear, credentials exposed. Second: TLS 1.2, `one_way`, `decoded`, for the login only: the flow is **not** protected, what
follows is readable TDS. Third: TLS 1.2 to the end. The handshake's first records are inside TDS packets: TLS is not at the start of any of
these streams.
MD
}

dns_ask() {  # HOST DIG_OPTIONS...: to the lab's server
  local host=$1
  shift
  client "$host" dig @10.0.1.50 +tries=1 +time=5 "$@"
  grep -q 'status: NOERROR\|status: NXDOMAIN' "$work/client.log" || { cat "$work/client.log" >&2; fail "no answer to dig $*"; }
}

record_dns_dhcp() {
  host fe01 10.0.1.11
  host edge01 192.0.2.10
  host dc01 10.0.1.50
  host dhcp01 10.20.0.1
  host phone 10.20.0.39
  # A phone that starts has no address, and the server is on its link.
  in_host phone ip addr flush dev eth0
  in_host phone ip link set eth0 up
  in_host dhcp01 ip addr add 10.20.0.1/24 dev eth0
  start dc01 dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= --user=root \
    --listen-address=10.0.1.50 --bind-interfaces --local=/com/ --local=/in-addr.arpa/ --local=/ip6.arpa/ \
    --host-record=fe01.contoso.com,10.0.1.11,fd00:1::11 --host-record=pool01.contoso.com,10.0.1.11 \
    --host-record=pool01.contoso.com,10.0.1.12 --host-record=sip.contoso.com,192.0.2.10 --host-record=med01.contoso.com,10.0.1.20 \
    --cname=lyncdiscoverinternal.contoso.com,fe01.contoso.com --srv-host=_sipinternaltls._tcp.contoso.com,pool01.contoso.com,5061 \
    --srv-host=_sipfederationtls._tcp.contoso.com,sip.contoso.com,5061 --srv-host=_sip._tls.contoso.com,sip.contoso.com,443
  start dhcp01 dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --pid-file= --user=root --interface=eth0 --bind-interfaces \
    --dhcp-range=10.20.0.40,10.20.0.40,255.255.255.0,10m --dhcp-option=option:dns-server,10.0.1.50 \
    --dhcp-option=option:domain-name,contoso.com --dhcp-option=120,10.0.1.11 --dhcp-leasefile="$work/leases" --no-ping
  listening dc01 udp 53
  listening dhcp01 udp 67
  capture_start dns-dhcp
  dns_ask fe01 fe01.contoso.com A
  dns_ask fe01 fe01.contoso.com AAAA
  dns_ask fe01 _sipinternaltls._tcp.contoso.com SRV
  dns_ask fe01 +tcp pool01.contoso.com A
  dns_ask fe01 -x 10.0.1.20
  dns_ask fe01 lyncdiscoverinternal.contoso.com A
  dns_ask edge01 _sipfederationtls._tcp.contoso.com SRV
  dns_ask edge01 +tcp _sip._tls.contoso.com SRV
  dns_ask edge01 nobody.contoso.com A
  client phone udhcpc --interface eth0 --foreground --now --quit --script /bin/true -x hostname:phone -O 120
  capture_stop
  clear_flow dns-dhcp 10.0.1.11 10.0.1.50:53 dns+
  clear_flow dns-dhcp 192.0.2.10 10.0.1.50:53 dns+
  clear_flow dns-dhcp 0.0.0.0 255.255.255.255:67 dhcp
  clear_flow dns-dhcp 10.20.0.1 10.20.0.40:68 dhcp
  describe dns-dhcp "dnsmasq-base bind9-dnsutils udhcpc" <<'MD'
Names and leases: DNS answers over UDP and TCP for the hosts of the topology, and the DHCP lease of a phone.

## How it was made

dnsmasq on 10.0.1.50 knows hosts of `deployment.topology.yaml` (A, AAAA, PTR, a CNAME) and the SRV records that clients and partners look
for; `dig` asks it from fe01 and edge01, over UDP and with `+tcp`, one name that does not exist among them. A second dnsmasq, on the phone's
link (10.20.0.1), hands out 10.20.0.40 to udhcpc: DISCOVER, OFFER, REQUEST, ACK, with option 120 (SIP server).

## What an audit should say

DNS and DHCP in clear, by design: listed, not counted. The answers name hosts and services (`_sipinternaltls._tcp`,
`_sipfederationtls._tcp`, `_sip._tls`): facts about who is who. DHCP begins between 0.0.0.0 and 255.255.255.255.
MD
}

readonly snmp_community=Throwaway-community-3359 snmp_auth_password=Throwaway-snmp-auth-4470 snmp_privacy_password=Throwaway-snmp-priv-5581
readonly syslog_line="service started throwaway-line-7713"

ssh_start() {  # HOST ADDRESS: sshd that lets the lab's key in
  local dir=$work/ssh
  mkdir -m 700 "$dir"
  ssh-keygen -q -t ed25519 -N "" -C lab -f "$dir/host"
  ssh-keygen -q -t ed25519 -N "" -C lab -f "$dir/user"
  cp "$dir/user.pub" "$dir/authorized"
  # sshd wants /run/sshd; a mount namespace by ip is this process's alone.
  # shellcheck disable=SC2016
  start "$1" sh -c 'mount -t tmpfs lab /run && mkdir /run/sshd && exec "$@"' sh /usr/sbin/sshd -D -e -f /dev/null -p 22 \
    -h "$dir/host" -o ListenAddress="$2" -o AuthorizedKeysFile="$dir/authorized" -o StrictModes=no -o PermitRootLogin=yes -o UsePAM=no \
    -o PidFile=none -o PrintMotd=no
  listening "$1" tcp 22
}

snmp_start() {  # HOST ADDRESS
  local dir=$work/snmp
  mkdir "$dir"
  printf 'rocommunity %s\ncreateUser lab SHA "%s" AES "%s"\nrouser lab priv\nsysName %s\nsysLocation lab\nsysContact lab\n' \
    "$snmp_community" "$snmp_auth_password" "$snmp_privacy_password" "$1" > "$dir/snmpd.conf"
  start "$1" env SNMP_PERSISTENT_DIR="$dir" MIBS= snmpd -f -Lo -C -c "$dir/snmpd.conf" -p "$dir/pid" "udp:$2:161"
  listening "$1" udp 161
}

record_other_protocols() {
  local get=(env "SNMP_PERSISTENT_DIR=$work" MIBS= snmpget)
  host admin 10.0.1.99
  host fe01 10.0.1.11
  ssh_start fe01 10.0.1.11
  snmp_start fe01 10.0.1.11
  # chronyd removes its pidfile when it ends: never give it one that is not its own.
  printf 'local stratum 3\nallow\nbindaddress 10.0.1.99\ncmdport 0\nbindcmdaddress /\npidfile %s\n' "$work/chronyd.pid" \
    > "$work/chrony.conf"
  start admin chronyd -x -d -u root -f "$work/chrony.conf"
  listening admin udp 123
  capture_start other-protocols
  client admin ssh -F /dev/null -i "$work/ssh/user" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile="$work/ssh/known" \
    root@10.0.1.11 true
  client fe01 chronyd -Q -t 8 -u root 'server 10.0.1.99 iburst' 'cmdport 0' 'bindcmdaddress /' "pidfile $work/chronyd-client.pid"
  # shellcheck disable=SC2016
  client fe01 unshare --uts sh -c 'hostname fe01 && exec logger --server 10.0.1.99 --port 514 --udp --tag RtcSrv "$1"' sh "$syslog_line"
  client admin "${get[@]}" -v 2c -c "$snmp_community" 10.0.1.11 1.3.6.1.2.1.1.5.0
  client admin "${get[@]}" -v 3 -l authPriv -u lab -a SHA -A "$snmp_auth_password" -x AES -X "$snmp_privacy_password" 10.0.1.11 \
    1.3.6.1.2.1.1.5.0
  capture_stop
  flow other-protocols 10.0.1.99 10.0.1.11:22 - - encrypted/ssh
  clear_flow other-protocols 10.0.1.11 10.0.1.99:123 ntp+
  clear_flow other-protocols 10.0.1.11 10.0.1.99:514 syslog
  clear_flow other-protocols 10.0.1.99 10.0.1.11:161 snmp
  flow other-protocols 10.0.1.99 10.0.1.11:161 - - encrypted/snmp
  secret other-protocols community "$snmp_community"
  secret other-protocols password_unsent "$snmp_auth_password"
  secret other-protocols password_unsent "$snmp_privacy_password"
  secret other-protocols syslog_line "$syslog_line"
  describe other-protocols "openssh-server openssh-client chrony snmpd snmp bsdutils" <<'MD'
What administers a site: SSH, NTP, syslog, SNMP 2c and SNMP 3.

## How it was made

In order: `ssh root@10.0.1.11 true` with a key, from 10.0.1.99; `chronyd -Q` of fe01 asks chronyd on 10.0.1.99 for the time (neither touches
the clock); `logger --udp` sends a line to port 514 (nobody listens, and syslog does not mind); `snmpget -v 2c` with a community, then
`snmpget -v 3 -l authPriv` (SHA, AES), ask snmpd of fe01 for its name.

## What an audit should say

Each is named by its first octets. SSH: protection by other means. NTP: clear by design. syslog and SNMP 2c: clear, the community is an
exposed credential. SNMP 3: header and user name are readable, the scoped PDU is encrypted (`msgFlags` says so).
MD
}
