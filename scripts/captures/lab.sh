# The lab: hosts are network namespaces, each with one veth to a bridge that lives in a namespace of its own. The capture is
# taken on that bridge, as a span port would. Sourced by make-captures.
# shellcheck shell=bash disable=SC2154,SC2034

lab_prefix="sealtrace-lab-$$"
lab_hosts=()
lab_pids=()
capture_pid=
next_port=51000

readonly wait_tries=150  # of 0.1 s: the longest wait for a program to be ready
readonly client_seconds=20  # no client runs longer

in_host() {  # HOST COMMAND...
  local host=$1
  shift
  ip netns exec "$lab_prefix-$host" "$@"
}

lab_open() {
  ip netns add "$lab_prefix-span"
  lab_hosts=(span)
  in_host span ip link add br0 type bridge forward_delay 0
  in_host span sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  in_host span ip link set br0 up
  next_port=51000
}

host() {  # NAME ADDRESS...: a host with these addresses, every other address on its link
  local name=$1 address index=${#lab_hosts[@]}
  shift
  ip netns add "$lab_prefix-$name"
  lab_hosts+=("$name")
  in_host "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_host span ip link add "port$index" type veth peer name eth0 netns "$lab_prefix-$name"
  # Without offloads the frames are what a wire carries: real checksums, no segment above the MTU.
  in_host span ethtool -K "port$index" tso off gso off gro off tx off rx off sg off > /dev/null
  in_host "$name" ethtool -K eth0 tso off gso off gro off tx off rx off sg off > /dev/null
  in_host span ip link set "port$index" master br0 up
  in_host "$name" ip link set lo up
  in_host "$name" ip link set eth0 address "$(printf '02:5e:a1:00:00:%02x' "$index")"
  in_host "$name" ip link set eth0 up
  for address in "$@"; do in_host "$name" ip addr add "$address/32" dev eth0; done
  in_host "$name" ip route add default dev eth0 src "$1"
}

pair() {  # the two hosts of most captures
  host client 10.0.1.20
  host server 10.0.1.11
}

source_port() {  # HOST [PORT]: its next connections leave from this one port (else from the next of the recording)
  local port=${2:-}
  if [ -z "$port" ]; then
    next_port=$((next_port + 1))
    port=$next_port
  fi
  in_host "$1" sysctl -qw net.ipv4.ip_local_port_range="$port $port"
}

start() {  # HOST COMMAND...: in the background, until the lab closes; its standard input never ends
  local host=$1 name=${2##*/}
  shift
  local id="$host-$name-${#lab_pids[@]}"
  mkfifo "$work/$id.in"
  # exec: the process id is that of the program itself
  (exec ip netns exec "$lab_prefix-$host" "$@" <> "$work/$id.in" > "$work/$id.log" 2>&1) &
  lab_pids+=($!)
  started=$id
}

client() {  # HOST COMMAND...: to its end, which must be a good one; what it says is in client.log
  local host=$1
  shift
  in_host "$host" timeout "$client_seconds" "$@" > "$work/client.log" 2>&1 && return
  cat "$work/client.log" >&2
  fail "$1 in $host failed"
}

tell() { printf '%s\n' "$2" 1<> "$work/$1.in"; }  # STARTED LINE: to the standard input of a started program

listening() {  # HOST tcp|udp PORT...: waits until these ports are open
  local host=$1 kind=$2 port try
  shift 2
  for port in "$@"; do
    for ((try = 0; try < wait_tries; try++)); do
      if in_host "$host" ss -Hln --"$kind" "sport = :$port" | grep -q .; then continue 2; fi
      sleep 0.1
    done
    cat "$work/$host-"*.log >&2 || true
    fail "nothing listens on $kind port $port of $host"
  done
}

connected() {  # HOST PEER_ADDRESS PORT: waits until it has a connection there
  local try
  for ((try = 0; try < wait_tries; try++)); do
    if in_host "$1" ss -Htn state established "dst = $2 and dport = :$3" | grep -q .; then return; fi
    sleep 0.1
  done
  cat "$work/$1-"*.log >&2 || true
  fail "$1 does not connect to $2 port $3"
}

stop() {  # PID: ends a process started here, and waits for it
  local try
  kill "$1" 2> /dev/null || return 0
  for ((try = 0; try < 30; try++)); do
    kill -0 "$1" 2> /dev/null || break
    sleep 0.1
  done
  kill -KILL "$1" 2> /dev/null || true
  wait "$1" 2> /dev/null || true
}

capture_start() {  # NAME: from here on, what crosses the bridge goes to this capture
  capture_name=$1
  (exec ip netns exec "$lab_prefix-span" tcpdump -i br0 -B 16384 -s 0 -U --immediate-mode -n -Z root -w "$work/$1.pcap" 'tcp or udp' \
    2> "$work/$1.tcpdump") &
  capture_pid=$!
  local try
  for ((try = 0; try < wait_tries; try++)); do
    if grep -q '^tcpdump: listening' "$work/$1.tcpdump" 2> /dev/null; then return; fi
    sleep 0.1
  done
  fail "tcpdump does not start: $(cat "$work/$1.tcpdump")"
}

capture_stop() {  # [FORMAT]: ends the capture and puts it in its place
  sleep 0.5  # the last acknowledgements
  kill -INT "$capture_pid"
  wait "$capture_pid" || true
  capture_pid=
  grep -q '^0 packets dropped by kernel' "$work/$capture_name.tcpdump" || fail "tcpdump lost packets of $capture_name"
  case "${1:-pcap}" in
    pcap) cp "$work/$capture_name.pcap" "$out/$capture_name.pcap" ;;
    none) ;;
    pcapng) editcap -F pcapng "$work/$capture_name.pcap" "$out/$capture_name.pcapng" ;;
  esac
}

with_secrets() {  # CAPTURE KEYLOG TARGET: the capture as pcapng with its key log in a Decryption Secrets Block
  editcap -F pcapng --inject-secrets "tls,$2" "$work/$1.pcap" "$out/$3.pcapng"
}

flow() {  # CAPTURE CLIENT SERVER:PORT VERSION CLIENT_AUTH EXPECTED [RESULT]: what one flow is, in the order of their beginnings
  local capture=$1
  shift
  (IFS=$'\t'; echo "$*") >> "$work/$capture.truth"
}

stream() {  # CAPTURE SOURCE:PORT TARGET:PORT CARRIER KIND PAYLOAD SIGNALLED KEY FINDINGS: what one direction of media is in truth
  (IFS=$'\t'; echo "$*") >> "$work/$1.streams"
}

secret() {  # CAPTURE KIND SECRET: stands readable in the capture, so no output may hold it; KIND ends in _unsent where it never crosses the wire,
  # in _encoded where it does so in another form
  [ -n "$3" ] || fail "a secret of kind $2 of $1 is empty"
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >> "$work/$1.secrets"
}

secrets_from() {  # CAPTURE KIND FIELD [FILTER [TSHARK_OPTION...]]: each value that tshark reads there in the capture just stopped
  local capture=$1 kind=$2 field=$3 filter=${4:-frame} value found=no
  shift $(($# > 4 ? 4 : $#))
  while IFS= read -r value; do
    if [ -z "$value" ]; then continue; fi
    secret "$capture" "$kind" "$value"
    found=yes
  done < <(tshark -n -r "$work/$capture.pcap" "$@" -Y "$field && ($filter)" -T fields -E aggregator=/s -E occurrence=a -e "$field" 2> /dev/null | tr -d '\r' | sed 's/^"\(.*\)"$/\1/' | sort -u)
  [ "$found" = yes ] || fail "tshark reads no $field in $capture"
}

describe() {  # CAPTURE PACKAGES < TEXT: checks the capture against its flows, writes NAME.md and its rows of truth.tsv
  local package versions=
  for package in tcpdump $2; do
    versions+="$package $(dpkg-query -W -f '${Version}' "$package"), "
  done
  python3 "$here/captures/describe.py" capture "$out" "$1" "$work/$1.truth" "$work/$1.streams" "$work/$1.secrets" "${versions%, }" \
    || fail "$1 is not as meant"
}

lab_close() {
  local pid host
  if [ -n "$capture_pid" ]; then stop "$capture_pid"; capture_pid=; fi
  for pid in "${lab_pids[@]}"; do stop "$pid"; done
  lab_pids=()
  for host in "${lab_hosts[@]}"; do
    # Children that outlived their parents: whatever runs in a namespace of this lab was started by it.
    for pid in $(ip netns pids "$lab_prefix-$host" 2> /dev/null); do kill -KILL "$pid" 2> /dev/null || true; done
    ip netns delete "$lab_prefix-$host" 2> /dev/null || true
    rm -rf "/etc/netns/$lab_prefix-$host"
  done
  rmdir /etc/netns 2> /dev/null || true
  lab_hosts=()
  rm -f "${work:?}"/*.in "$work"/*.log
}
