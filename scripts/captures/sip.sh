# SIP as clients, registrars and gateways in the field speak it: kamailio, baresip, sipp. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

readonly sip_alice_password=Throwaway-alice-sip-4417 sip_carol_password=Throwaway-carol-sip-9052  # never on the wire: digests are
readonly sip_alice_body="Quarterly figures throwaway-body-1183" sip_carol_body="Received throwaway-body-2264"

registrar_start() {  # HOST "LISTEN..." [TLS_CONFIG]: a registrar and proxy that asks REGISTER, INVITE and MESSAGE for a digest
  local host=$1 listen dir
  dir=$(mktemp -d "$work/registrar-XXXX")
  {
    cat <<CONF
#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
tcp_accept_no_cl=yes
auto_aliases=no
alias="contoso.com"
dns=no
rev_dns=no
tcp_connection_lifetime=120
tcp_crlf_ping=yes
server_header="Server: $host"
user_agent_header="User-Agent: $host"
CONF
    if [ -n "${3:-}" ]; then
      echo "$3" > "$dir/tls.cfg"
      printf 'enable_tls=yes\nloadmodule "tls.so"\nmodparam("tls", "config", "%s")\n' "$dir/tls.cfg"
    fi
    for listen in $2; do echo "listen=$listen"; done
    cat <<CONF
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
modparam("nathelper", "received_avp", "\$avp(received)")
modparam("registrar", "received_avp", "\$avp(received)")
modparam("registrar", "method_filtering", 0)
modparam("registrar", "gruu_enabled", 0)
request_route {
  \$var(password) = "$sip_alice_password";
  if (\$fU == "carol") \$var(password) = "$sip_carol_password";
  if (proto == TCP) force_tcp_alias(5060);
  if (proto == TLS) force_tcp_alias(5061);
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("contoso.com", "\$var(password)", "0")) {
      www_challenge("contoso.com", "1");
      exit;
    }
    fix_nated_register();
    save("location");
    exit;
  }
  if (has_totag()) {
    loose_route();
    t_relay();
    exit;
  }
  if (is_method("INVITE|MESSAGE")) {
    if (!pv_proxy_authenticate("contoso.com", "\$var(password)", "0")) {
      proxy_challenge("contoso.com", "1");
      exit;
    }
    consume_credentials();
  }
  if (is_method("INVITE|SUBSCRIBE")) record_route();
  if (!lookup("location")) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  t_relay();
}
event_route[xhttp:request] {
  if (\$hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) exit;
  xhttp_reply("404", "Not Found", "", "");
}
CONF
  } > "$dir/kamailio.cfg"
  start "$host" kamailio -DD -E -w "$dir" -Y "$dir" -m 16 -M 4 -f "$dir/kamailio.cfg"
}

tone_make() {  # ten seconds of 440 Hz, which phones play
  python3 - "$work/tone.wav" <<'PYTHON'
import math, struct, sys, wave
with wave.open(sys.argv[1], "wb") as tone:
    tone.setnchannels(1)
    tone.setsampwidth(2)
    tone.setframerate(8000)
    tone.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * 440 * n / 8000))) for n in range(80000)))
PYTHON
}

phone_start() {  # HOST USER TRANSPORT REGISTRAR:PORT RTP_PORTS [ACCOUNT_PARAMETER...]: a baresip that takes commands (tell), answers calls
  local host=$1 user=$2 transport=$3 registrar=$4 ports=$5 password=$sip_alice_password peer=carol dir
  shift 5
  if [ "$user" = carol ]; then password=$sip_carol_password peer=alice; fi
  dir=$(mktemp -d "$work/phone-XXXX")
  cat > "$dir/config" <<CONF
sip_listen 0.0.0.0:5060
sip_cafile $pki/internal-ca.pem
call_max_calls 1
rtp_ports $ports
module_path /usr/lib/baresip/modules
audio_path /nonexistent
audio_source aufile,$work/tone.wav
audio_player aubridge,nil
audio_alert aubridge,nil
module stdio.so
module g711.so
module_tmp uuid.so
module aufile.so
module aubridge.so
module srtp.so
module dtls_srtp.so
module turn.so
module_app account.so
module_app contact.so
module_app presence.so
module_app menu.so
CONF
  {
    printf '<sip:%s@contoso.com;transport=%s>;outbound="sip:%s;transport=%s"' "$user" "$transport" "$registrar" "$transport"
    printf ';regint=60;answermode=auto;audio_codecs=pcmu;auth_user=%s;auth_pass=%s' "$user" "$password"
    if [ $# -gt 0 ]; then printf ';%s' "$@"; fi
  } > "$dir/accounts"
  echo "\"$peer\" <sip:$peer@contoso.com>;presence=p2p" > "$dir/contacts"
  start "$host" baresip -4 -f "$dir"
  phone_says "$host" "baresip is ready"
}

phone_says() {  # STARTED_HOST TEXT: waits until its phone has written this
  local try
  for ((try = 0; try < wait_tries; try++)); do
    if grep -qs -- "$2" "$work/$1"-baresip-*.log; then return; fi
    sleep 0.1
  done
  cat "$work/$1"-baresip-*.log >&2
  fail "the phone of $1 does not say: $2"
}

sip_hosts() {
  host fe01 10.0.1.11
  host alice 10.20.0.31
  host carol 10.20.0.32
  tone_make
}

sip_phones() {  # TRANSPORT REGISTRAR:PORT [ACCOUNT_PARAMETER...]: alice and carol register and subscribe to each other's presence
  phone_start alice alice "$1" "$2" 20000-20001 "${@:3}"
  alice=$started
  phone_start carol carol "$1" "$2" 20010-20011 "${@:3}"
  carol=$started
  registered alice
  registered carol
  sleep 1.5  # SUBSCRIBE a second after the start, and NOTIFY
}

sip_messages() {  # alice writes to carol, carol answers
  tell "$alice" "/message $sip_alice_body"
  phone_says carol "$sip_alice_body"
  tell "$carol" "/message $sip_carol_body"
  phone_says alice "$sip_carol_body"
}

sip_call() {  # alice calls carol, a moment of G.711, alice hangs up
  tell "$alice" "/dial sip:carol@contoso.com"
  phone_says carol "Set audio encoder"
  sleep 1.2
  tell "$alice" "/hangup"
  phone_says carol "session closed\|terminated"
}

sip_secrets() {  # CAPTURE: what of a session in clear is secret
  secret "$1" digest_password_unsent "$sip_alice_password"
  secret "$1" digest_password_unsent "$sip_carol_password"
  secrets_from "$1" digest_response sip.auth.digest.response
}

sip_message_secrets() {  # CAPTURE
  secret "$1" message_body "$sip_alice_body"
  secret "$1" message_body "$sip_carol_body"
}

clear_flow() { flow "$1" "$2" "$3" - - "clear/$4"; }  # CAPTURE CLIENT SERVER:PORT PROTOCOL

media_flows() {  # CAPTURE PROTOCOL CONTROL_PROTOCOL: the call from alice to carol
  flow "$1" 10.20.0.31 10.20.0.32:20010 - - "$2"
  flow "$1" 10.20.0.31 10.20.0.32:20011 - - "$3"
}

record_sip_udp() {
  sip_hosts
  registrar_start fe01 udp:10.0.1.11:5060
  listening fe01 udp 5060
  capture_start sip-udp
  sip_phones udp 10.0.1.11:5060
  sip_messages
  sip_call
  capture_stop
  clear_flow sip-udp 10.20.0.31 10.0.1.11:5060 sip
  clear_flow sip-udp 10.20.0.32 10.0.1.11:5060 sip
  media_flows sip-udp clear/rtp clear/rtcp
  sip_secrets sip-udp
  sip_message_secrets sip-udp
  describe sip-udp "kamailio baresip-core" <<'MD'
SIP in clear over UDP: two phones register with a digest, watch each other's presence, exchange messages and talk for a second over RTP.

## How it was made

kamailio is registrar and proxy on UDP 5060 (auth module: REGISTER, INVITE and MESSAGE want a digest; it records its route). alice and carol
are baresip with

    <sip:alice@contoso.com;transport=udp>;outbound="sip:10.0.1.11:5060;transport=udp";regint=60;answermode=auto;audio_codecs=pcmu

and a contact each with `presence=p2p`. In order: REGISTER (401, then 200), SUBSCRIBE and NOTIFY (a PIDF document) both ways, MESSAGE both
ways (407, then 200), INVITE with SDP (407, then 180 and 200), PCMU both ways, BYE. The secrets are in `secrets.tsv`.

## What an audit should say

Both SIP flows are `sip`, in clear, from a client to fe01: the client-to-server and IM rows **fail** (Lync 2013 tolerates readable IM over
*TCP* inside, never over UDP). Credentials are exposed: a digest per challenge can be guessed offline. The messages' bodies and the presence
documents are readable. SDP declares `RTP/AVP` for the pair 10.20.0.31:20000 and 10.20.0.32:20010, and the payload is clear RTP (PCMU, one
SSRC each way), with clear RTCP on the next ports: the media row fails. (baresip opens its RTCP with an APP packet.)
MD
}

sip_raw_tcp() {  # HOST REGISTRAR: keep-alives, two requests in one segment, one request in three
  in_host "$1" timeout "$client_seconds" python3 - "$2" <<'PYTHON' || fail "no answers over TCP in $1"
import socket, sys, time
def request(number):
    return (b"OPTIONS sip:nobody@contoso.com SIP/2.0\r\nVia: SIP/2.0/TCP 10.20.0.31:5070;branch=z9hG4bKlab%d\r\nMax-Forwards: 70\r\n"
            b"From: <sip:alice@contoso.com>;tag=%d\r\nTo: <sip:nobody@contoso.com>\r\nCall-ID: %d@lab\r\nCSeq: 1 OPTIONS\r\n"
            b"Content-Length: 0\r\n\r\n"
            % ((number,) * 3))
with socket.create_connection((sys.argv[1], 5060), timeout=10) as peer:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers = b""
    peer.sendall(b"\r\n\r\n")  # RFC 5626 section 3.5.1: ping
    assert peer.recv(2) == b"\r\n"
    peer.sendall(request(1) + request(2) + b"\r\n\r\n")
    third = request(3)
    for part in (third[:40], third[40:200], third[200:]):
        peer.sendall(part)
        time.sleep(0.1)
    while answers.count(b"SIP/2.0 404") < 3:
        answers += peer.recv(4096) or sys.exit(1)
PYTHON
}

record_sip_tcp() {
  sip_hosts
  registrar_start fe01 tcp:10.0.1.11:5060
  listening fe01 tcp 5060
  capture_start sip-tcp
  sip_phones tcp 10.0.1.11:5060 sipnat=outbound
  sip_messages
  sip_call
  sip_raw_tcp alice 10.0.1.11
  capture_stop
  clear_flow sip-tcp 10.20.0.31 10.0.1.11:5060 sip
  clear_flow sip-tcp 10.20.0.32 10.0.1.11:5060 sip
  clear_flow sip-tcp 10.20.0.31 10.0.1.11:5060 sip
  media_flows sip-tcp clear/rtp clear/rtcp
  sip_secrets sip-tcp
  sip_message_secrets sip-tcp
  describe sip-tcp "kamailio baresip-core" <<'MD'
SIP in clear over TCP inside: sign-in with a digest, presence, messages and a call with clear RTP; keep-alives and pipelined requests.

## How it was made

As sip-udp, with `transport=tcp` and `sipnat=outbound`: each phone keeps one connection to TCP 5060 of fe01, on which requests go both ways.
A third connection from alice is a few lines of Python, not a phone: a ping of RFC 5626 (CRLF CRLF, answered by CRLF), two OPTIONS and a
ping in one segment, an OPTIONS in three segments; each OPTIONS is answered by 404.

## What an audit should say

Three SIP flows in clear, client to fe01, port 5060: client-to-server **fails**; of the IM row, Lync 2013 tolerates readable IM between
clients and servers inside over TCP and it has to be reported. Digest responses, bodies and presence documents are readable (credentials
exposed). Every message is found, also those that share a segment or are cut by one. Media as in sip-udp: `RTP/AVP` declared, clear RTP and
RTCP on the wire.
MD
}

record_sip_tls() {
  sip_hosts
  registrar_start fe01 tls:10.0.1.11:5061 "$(kamailio_tls server:default TLSv1.2 no fe01 internal)"
  listening fe01 tcp 5061
  capture_start sip-tls
  sip_phones tls 10.0.1.11:5061 sipnat=outbound
  sip_messages
  sip_call
  capture_stop
  flow sip-tls 10.20.0.31 10.0.1.11:5061 1.2 one_way one_way/decoded
  flow sip-tls 10.20.0.32 10.0.1.11:5061 1.2 one_way one_way/decoded
  media_flows sip-tls clear/rtp clear/rtcp
  secret sip-tls digest_password_unsent "$sip_alice_password"
  secret sip-tls message_body_encoded "$sip_alice_body"
  describe sip-tls "kamailio kamailio-tls-modules baresip-core" <<'MD'
A call signalled inside TLS whose media is clear: REGISTER, messages and INVITE over TLS, then RTP anyone can hear.

## How it was made

As sip-tcp (without its third connection), with `transport=tls` to TCP 5061 of fe01, where kamailio has TLS 1.2 and asks for no certificate.
The phones have no `mediaenc`: their SDP, which nobody on the way reads, says `RTP/AVP`.

## What an audit should say

Both signalling flows are TLS 1.2, `one_way`, `decoded`: client-to-server passes. The media is clear RTP by its payload, without any
declaration to lean on: the media row **fails**, in spite of the signalling, and so it does for the RTCP beside it.
MD
}

record_sip_sdes_clear() {
  sip_hosts
  registrar_start fe01 udp:10.0.1.11:5060
  listening fe01 udp 5060
  capture_start sip-sdes-clear
  sip_phones udp 10.0.1.11:5060 mediaenc=srtp-mand
  sip_call
  capture_stop
  clear_flow sip-sdes-clear 10.20.0.31 10.0.1.11:5060 sip
  clear_flow sip-sdes-clear 10.20.0.32 10.0.1.11:5060 sip
  media_flows sip-sdes-clear encrypted/srtp encrypted/srtcp
  sip_secrets sip-sdes-clear
  local key
  while IFS= read -r key; do secret sip-sdes-clear sdes_key "${key#inline:}"; done \
    < <(grep -a -o 'inline:[A-Za-z0-9+/=]*' "$work/sip-sdes-clear.pcap" | sort -u)
  describe sip-sdes-clear "kamailio baresip-core" <<'MD'
SRTP whose key anyone can read: the call is keyed by SDES, and the SDP with the key travels over SIP in clear.

## How it was made

As sip-udp, without messages, and with `mediaenc=srtp-mand` in both accounts: offer and answer say `RTP/SAVP` with `a=crypto` lines; the
media is SRTP.

## What an audit should say

The media is SRTP (declared in a clear answer; with the key of that answer its authentication tags can be checked: `key_verified`), but the
key was readable in clear signalling: the finding *SRTP whose key was readable* on the media, and the client-to-server row **fails** for the
signalling. Of the RTCP a part is in clear: baresip sends its first packet (APP) before SRTP is set up, and its last (BYE, with a CNAME) past it. No
output may hold the keys (`sdes_key` in `secrets.tsv`).
MD
}

record_sip_load() {
  host med01 10.0.1.20
  host gw1 10.9.0.5
  start gw1 env TERM=dumb sipp -sn uas -t t1 -i 10.9.0.5 -p 5068 -nostdin
  listening gw1 tcp 5068
  capture_start sip-load
  client med01 env TERM=dumb sipp -sn uac -t t1 -i 10.0.1.20 -r 4 -m 6 -d 300 -s +14255550123 -nostdin 10.9.0.5:5068
  capture_stop
  clear_flow sip-load 10.0.1.20 10.9.0.5:5068 sip
  describe sip-load sip-tester <<'MD'
A clear SIP trunk: a mediation server sets up six calls at a gateway over TCP 5068.

## How it was made

    sipp -sn uas -t t1 -i 10.9.0.5 -p 5068
    sipp -sn uac -t t1 -i 10.0.1.20 -r 4 -m 6 -d 300 -s +14255550123 10.9.0.5:5068

INVITE with SDP, 180, 200 with SDP, ACK, BYE, 200, six times on one connection. sipp sends no media.

## What an audit should say

One flow, `sip` in clear from med01 to gw1: mediation-gateway-signalling is **accepted_risk**, the document permits a clear trunk and it has
to be reported. Six dialogs; their SDP declares `RTP/AVP`, of which the capture holds no packet. No credentials.
MD
}

sip_websocket_client() {  # HOST URL: a browser's stand-in
  in_host "$1" timeout "$client_seconds" /usr/bin/python3 - "$2" "$sip_alice_password" "$sip_alice_body" \
    > "$work/$1-websocket.log" 2>&1 <<'PYTHON'
import asyncio, hashlib, re, sys
import websockets
url, password, body = sys.argv[1:]
md5 = lambda text: hashlib.md5(text.encode()).hexdigest()

def request(method, uri, to, number, credentials="", content=""):
    kind = "Content-Type: text/plain\r\n" if content else ""
    return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/WS lab.invalid;branch=z9hG4bKlab{number}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:alice@contoso.com>;tag=lab\r\nTo: <{to}>\r\nCall-ID: {method}@lab\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:alice@lab.invalid;transport=ws>\r\n{credentials}{kind}Content-Length: {len(content)}\r\n\r\n{content}")

def credentials(method, uri, challenge):
    name = "Proxy-Authorization" if "Proxy-Authenticate" in challenge else "Authorization"
    nonce = re.search('nonce="([^"]*)"', challenge)[1]
    response = md5(md5(f"alice:contoso.com:{password}") + f":{nonce}:" + md5(f"{method}:{uri}"))
    return f'{name}: Digest username="alice", realm="contoso.com", nonce="{nonce}", uri="{uri}", response="{response}", algorithm=MD5\r\n'

async def transaction(peer, method, uri, to, number, content=""):
    await peer.send(request(method, uri, to, number, content=content))
    challenge = await peer.recv()
    await peer.send(request(method, uri, to, number + 1, credentials(method, uri, challenge), content))
    answer = await peer.recv()
    assert answer.startswith("SIP/2.0 200"), answer

async def main():
    async with websockets.connect(url, subprotocols=["sip"], compression=None) as peer:
        await transaction(peer, "REGISTER", "sip:contoso.com", "sip:alice@contoso.com", 1)
        await transaction(peer, "MESSAGE", "sip:carol@contoso.com", "sip:carol@contoso.com", 3, body)
        print("waiting", flush=True)
        message = await peer.recv()
        head = [line for line in message.split("\r\n\r\n")[0].split("\r\n")[1:] if re.match("(Via|From|To|Call-ID|CSeq):", line)]
        await peer.send("\r\n".join(["SIP/2.0 200 OK", *head, "Content-Length: 0", "", ""]))
        await peer.ping()
        await asyncio.sleep(0.3)
asyncio.run(main())
PYTHON
}

record_sip_websocket() {
  local browser try
  sip_hosts
  registrar_start fe01 "tcp:10.0.1.11:80 tcp:10.0.1.11:5060"
  listening fe01 tcp 80 5060
  capture_start sip-websocket
  phone_start carol carol tcp 10.0.1.11:5060 20010-20011 sipnat=outbound
  carol=$started
  registered carol
  sip_websocket_client alice ws://10.0.1.11/ &
  browser=$!
  phone_says carol "$sip_alice_body"
  for ((try = 0; try < wait_tries; try++)); do
    if grep -q waiting "$work/alice-websocket.log"; then break; fi
    sleep 0.1
  done
  tell "$carol" "/message $sip_carol_body"
  wait "$browser" || { cat "$work/alice-websocket.log" >&2; fail "the WebSocket client failed"; }
  capture_stop
  clear_flow sip-websocket 10.20.0.31 10.0.1.11:80 http/websocket/sip
  clear_flow sip-websocket 10.20.0.32 10.0.1.11:5060 sip
  secret sip-websocket digest_password_unsent "$sip_alice_password"
  secret sip-websocket digest_password_unsent "$sip_carol_password"
  secrets_from sip-websocket digest_response_encoded sip.auth.digest.response websocket
  secrets_from sip-websocket digest_response sip.auth.digest.response '!websocket'
  secret sip-websocket message_body_encoded "$sip_alice_body"
  secret sip-websocket message_body "$sip_carol_body"
  describe sip-websocket "kamailio kamailio-websocket-modules python3-websockets baresip-core" <<'MD'
SIP over a clear WebSocket (RFC 7118): a browser's stand-in signs in, writes to a phone on TCP and gets an answer.

## How it was made

kamailio with its websocket module listens on TCP 80 and 5060. carol is baresip over TCP. alice is **not a browser** but a few lines of
Python over the websockets library (`Sec-WebSocket-Protocol: sip`, no compression): REGISTER (401, 200) and MESSAGE (407, 200) in text
frames, which a client masks (RFC 6455 section 5.3), then a MESSAGE from carol, a ping and a close. What alice sends is readable only after
unmasking.

## What an audit should say

alice to fe01 is HTTP that becomes a WebSocket with subprotocol `sip`: SIP in clear, client to server: **fails**, credentials exposed in
masked frames too (`_encoded` in `secrets.tsv`: not there octet by octet). carol to fe01 is SIP in clear over TCP, as in sip-tcp.
MD
}
