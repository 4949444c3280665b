# STUN and TURN: coturn as the relay, its own client and baresip as who relays. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

readonly turn_password=Throwaway-alice-turn-3308

turn_start() {  # HOST ADDRESS: a relay with long-term credentials on UDP and TCP 3478
  start "$1" turnserver -n --listening-ip="$2" --relay-ip="$2" --listening-port=3478 --min-port=50000 --max-port=50099 \
    --no-tls --no-dtls --no-cli --lt-cred-mech --realm=contoso.com --user="alice:$turn_password" --log-file=stdout --simple-log \
    --pidfile="$work/turn.pid" --db="$work/turn.db" --relay-threads=1
  listening "$1" udp 3478
  listening "$1" tcp 3478
}

turn_client() {  # OPTIONS...: relays five messages to the echo and back
  client remote turnutils_uclient -u alice -w "$turn_password" -e 10.20.0.32 -r 3480 -n 5 -l 172 -c "$@" 192.0.2.12
}

record_turn() {
  host edge01 192.0.2.12
  host remote 198.51.100.20
  host carol 10.20.0.32
  turn_start edge01 192.0.2.12
  start carol turnutils_peer -L 10.20.0.32 -p 3480
  listening carol udp 3480
  capture_start turn
  client remote turnutils_stunclient 192.0.2.12
  turn_client
  turn_client -s
  turn_client -t
  turn_client -t -s
  capture_stop
  # Each run allocates twice. The binding request is one more UDP flow.
  flow turn 198.51.100.20 192.0.2.12:3478 - - clear/stun+
  flow turn 192.0.2.12 10.20.0.32:3480 - - clear/udp+
  secret turn turn_password_unsent "$turn_password"
  describe turn coturn <<'MD'
STUN and TURN with a relay that asks for credentials: binding, allocations, Send and Data indications, ChannelData, over UDP and over TCP.

## How it was made

turnserver on 192.0.2.12, UDP and TCP 3478, without TLS, `lt-cred-mech`. In order, from outside (198.51.100.20):

    turnutils_stunclient 192.0.2.12                                                  Binding
    turnutils_uclient -u alice -w ... -e 10.20.0.32 -r 3480 -n 5 -l 172 -c ...       ChannelData over UDP
    the same with -s, with -t, with -t -s                                            indications, then both over TCP

Each of the four makes two allocations (the first is given up), binds a channel or sets a permission, and relays five messages of 172 octets
to turnutils_peer on 10.20.0.32:3480, which sends them back. The messages are the test program's own, neither RTP nor anything else.

## What an audit should say

The flows to 3478 are `stun` (TURN), on both transports, not encrypted: by themselves no finding, what counts is the media inside. That is
of no known protocol here: no verdict of RTP or SRTP on it, `undecided` at most. The relayed flows from 192.0.2.12 to 10.20.0.32:3480 carry
the same payload without a header. Long-term credentials show a user name and a MESSAGE-INTEGRITY, the password never.
MD
}

record_turn_rtp() {
  host edge01 192.0.2.10 192.0.2.12
  host alice 198.51.100.20
  host carol 10.20.0.32
  tone_make
  turn_start edge01 192.0.2.12
  registrar_start edge01 tls:192.0.2.10:443 "$(kamailio_tls server:default TLSv1.2 no edge01 public)"
  listening edge01 tcp 443
  capture_start turn-rtp
  phone_start alice alice tls 192.0.2.10:443 20000-20001 sipnat=outbound medianat=turn \
    'stunserver="turn:192.0.2.12:3478"' stunuser=alice stunpass="$turn_password"
  alice=$started
  phone_start carol carol tls 192.0.2.10:443 20010-20011 sipnat=outbound
  registered alice
  registered carol
  sip_call
  capture_stop
  flow turn-rtp 198.51.100.20 192.0.2.10:443 1.2 one_way one_way/decoded
  flow turn-rtp 10.20.0.32 192.0.2.10:443 1.2 one_way one_way/decoded
  flow turn-rtp 198.51.100.20 192.0.2.12:3478 - - clear/stun+
  flow turn-rtp 192.0.2.12 10.20.0.32:20010 - - clear/rtp
  flow turn-rtp 192.0.2.12 10.20.0.32:20011 - - clear/rtcp
  flow turn-rtp 198.51.100.20 10.20.0.32:20011 - - clear/rtcp
  secret turn-rtp turn_password_unsent "$turn_password"
  secret turn-rtp digest_password_unsent "$sip_alice_password"
  describe turn-rtp "coturn baresip-core kamailio kamailio-tls-modules" <<'MD'
A call over a relay: alice outside sends her media to a TURN server, in ChannelData, and the media inside is clear RTP.

## How it was made

kamailio on 192.0.2.10:443 (TLS 1.2, asks for no certificate) signs in alice (198.51.100.20) and carol (10.20.0.32), both baresip.
turnserver on 192.0.2.12, UDP 3478. alice has `medianat=turn`: an allocation each for RTP and RTCP, a channel each, and ChannelData both
ways for the second the call lasts; the relay and carol exchange the bare packets. When the call has ended, a last RTCP packet goes past the
relay.

## What an audit should say

Signalling: TLS 1.2, `one_way`, `decoded`, twice: client-to-server passes. The flows to 3478 are `stun`; inside their ChannelData is clear
RTP (PCMU) in one and RTCP in the other: the edge-media row **fails**, with `media` on the TURN flow itself, and again on the relay's leg to
carol (same SSRC).
MD
}
