# Media in Send and Data indications: coturn relays, a client that binds no channel carries what gstreamer sends. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

indications_talk() {  # CAROL_PORT LOCAL_PORT "ALICE_OPTIONS" "CAROL_OPTIONS": both ways; leaves the relayed port in $relayed
  local alice_options carol_options try
  read -ra alice_options <<< "$3"
  read -ra carol_options <<< "$4"
  talkers=()
  start alice /usr/bin/python3 "$here/captures/turn_indications.py" 198.51.100.20 192.0.2.12 alice "$turn_password" "10.20.0.32:$1" "$2"
  listening alice udp "$2"
  for ((try = 0; try < wait_tries; try++)); do
    relayed=$(cat "$work/$started.log")
    if [ -n "$relayed" ]; then break; fi
    sleep 0.1
  done
  talk alice "127.0.0.1:$(($2 + 1000))" "127.0.0.1:$2" "0xa11$1" "${alice_options[@]}"
  talk carol "10.20.0.32:$1" "192.0.2.12:$relayed" "0xca0$1" "${carol_options[@]}"
  talked
}

record_media_turn_indications() {
  local name=media-turn-indications key other relayed first ends
  key=$(key_of 30) other=$(key_of 30)
  host edge01 192.0.2.12
  host alice 198.51.100.20
  host carol 10.20.0.32
  turn_start edge01 192.0.2.12
  capture_start "$name"
  indications_talk 20010 7000 "--key $key" "--key $other"
  first=$relayed
  indications_talk 20110 7001 "" ""
  capture_stop
  mapfile -t ends < <(tshark -n -r "$work/$name.pcap" -Y "ip.src == 198.51.100.20 && udp.dstport == 3478" -T fields -e ip.src -e udp.srcport 2> /dev/null \
    | tr '\t' ':' | awk '!seen[$0]++')
  flow "$name" 198.51.100.20 192.0.2.12:3478 - - clear/stun+
  flow "$name" 192.0.2.12 10.20.0.32:20010 - - encrypted/srtp
  flow "$name" 192.0.2.12 10.20.0.32:20110 - - clear/rtp
  both_ways "$name" "${ends[0]}" 192.0.2.12:3478 turn_indication rtp srtp - unreadable -
  both_ways "$name" "192.0.2.12:$first" 10.20.0.32:20010 udp rtp srtp - unreadable -
  both_ways "$name" "${ends[1]}" 192.0.2.12:3478 turn_indication rtp clear - - -
  both_ways "$name" "192.0.2.12:$relayed" 10.20.0.32:20110 udp rtp clear - - -
  secret "$name" turn_password_unsent "$turn_password"
  secret "$name" sdes_key_unsent "$key"
  secret "$name" sdes_key_unsent "$other"
  describe "$name" "coturn gstreamer1.0-plugins-bad" <<'MD'
Media in Send and Data indications of a TURN relay, no channel bound: SRTP in one allocation, clear RTP in the other.

## How it was made

turnserver on 192.0.2.12, UDP 3478, long-term credentials. Twice: Allocate (401, then 200) and CreatePermission by `scripts/captures/turn_indications.py`, which is no product
but a few lines of Python; it puts what gstreamer sends (`scripts/captures/talker.py`, G.711) into Send indications, and coturn what carol sends into Data indications.
First SRTP (AES_CM_128_HMAC_SHA1_80), then clear RTP. There is no signalling in the capture, and the keys are nowhere in it.

## What an audit should say

In the indications of the first flow media that looks encrypted and of which nothing declares how; in those of the second clear RTP: edge-media **fails**. The same on the relay's
legs to carol.
MD
}
