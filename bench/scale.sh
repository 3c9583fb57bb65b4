#!/usr/bin/env bash
# A long queue for many destinations, half of them dead: what it costs in memory, in a restart, in the rate of those that live, and how one that
# comes back is met. `soak.sh --scale` is this script. Needs the .NET SDK, python3, and Debian's dnsmasq-base, which is installed when missing.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=measure.sh
. "$BENCH/measure.sh"
# shellcheck source-path=SCRIPTDIR source=scale/turns.sh
. "$BENCH/scale/turns.sh"

MESSAGES=200000
DESTINATIONS=2000
BACK_MESSAGES=2000
DOWN_SECONDS=600
PAIRS=4
RETRY=          # the policy's own
RELAY_FILES=    # as many as the shell: 2,000 connections to next hops
ALLOWED_MB=0    # of memory that working takes whatever the queue, so that a short one can be judged at all
OCTETS=1024
readonly EACH_KB_MAX=1
readonly SHORT_ALLOWED_MB=30
readonly SHORT_FILES=2432               # of which 400 are for connections to next hops
readonly READY_SECONDS_MAX=10
readonly RATE_PERCENT_MIN=80
readonly CONNECTIONS=50                 # of the client
readonly DELIVERY_CONNECTIONS=20        # the policy's default
readonly SUBMIT_SECONDS=1800
readonly DRAIN_SECONDS=1800
readonly BACK_SECONDS=1200              # a site is left alone for 15 minutes at the most
readonly STARTED_FILES=8192             # connections to next hops are a part of the files that a process may open
readonly DEAD_SILENT=127.0.0.3
readonly DEAD_REFUSED=127.0.0.2
readonly BACK=127.0.0.4
readonly NODES=(alone among)            # one has live messages only, the other dead ones too
declare -A RELAY_PORTS ADMIN_PORTS SINK_PORTS RELAY_PIDS SINK_PIDS RAN_MS

usage() {
    cat << TEXT
usage: $0 [option]...

  --messages N      messages in the queue, half of them for dead destinations (default $MESSAGES)
  --destinations N  destinations, half of them dead: of these every other one refuses, every other one says nothing (default $DESTINATIONS)
  --back N          messages for the one that comes back (default $BACK_MESSAGES, at most 10000)
  --down N          seconds that it is away (default $DOWN_SECONDS)
  --retry TEXT      the policy's delivery.retry; a site that is down is never left alone for longer than its first waits
  --pairs N         times that the live messages are delivered, each without and with the dead ones; the median of the ratios is judged (default $PAIRS)
  --size N          octets of a message (default $OCTETS)
  --short           --messages 20000 --destinations 200 --back 500 --down 20 --retry 5s, $SHORT_ALLOWED_MB MB for what a node that works takes
                    beyond an empty one, and $SHORT_FILES open files for a relay: about 2 min
  --data DIR        a folder on a disk (default $DATA)
  --relay DLL       measure this relay.dll instead of building one

Ends with 1 when a message of the queue takes more than $EACH_KB_MAX KB, the node with it is not ready within $READY_SECONDS_MAX s, the live
destinations get their mail at less than $RATE_PERCENT_MIN % of the rate without the dead ones, or the one that comes back is met by a herd.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --messages) need_value "$1" $#; whole_number "$1" "$2" 2; MESSAGES=$2; shift ;;
            --destinations) need_value "$1" $#; whole_number "$1" "$2" 4; DESTINATIONS=$2; shift ;;
            --back)
                need_value "$1" $#; whole_number "$1" "$2" 1
                [[ $2 -le 10000 ]] || usage_error "--back takes 1 to 10000"
                BACK_MESSAGES=$2; shift ;;
            --down) need_value "$1" $#; whole_number "$1" "$2" 1; DOWN_SECONDS=$2; shift ;;
            --retry) need_value "$1" $#; RETRY=$2; shift ;;
            --pairs) need_value "$1" $#; whole_number "$1" "$2" 1; PAIRS=$2; shift ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 400; OCTETS=$2; shift ;;
            --short)
                RELAY_FILES=$SHORT_FILES
                MESSAGES=20000; DESTINATIONS=200; BACK_MESSAGES=500; DOWN_SECONDS=20; RETRY=5s
                ALLOWED_MB=$SHORT_ALLOWED_MB; SETTLED_SECONDS=2 ;;
            *) read_common_option "$@"; shift ;;
        esac
        shift
    done
}

install_dnsmasq() {
    command -v dnsmasq > /dev/null && return
    command -v apt-get > /dev/null || die "install dnsmasq: this script knows only Debian's way"
    note "installing dnsmasq-base"
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get install -y --no-install-recommends dnsmasq-base >&2; then
        apt-get update >&2
        apt-get install -y --no-install-recommends dnsmasq-base >&2 || die "dnsmasq-base cannot be installed"
    fi
    need_commands dnsmasq
}

# Every destination is a host of its own name: the name server gives all names of a kind the same address.
start_name_server() {
    start_process "$WORK/dns.log" dnsmasq --keep-in-foreground --conf-file=/dev/null --port="$DNS_PORT" --listen-address=127.0.0.1 \
        --bind-interfaces --no-resolv --no-hosts --pid-file= --user="$(id -un)" --local=/example/ --local-ttl=600 \
        --address=/live.example/127.0.0.1 --address="/refused.example/$DEAD_REFUSED" --address="/silent.example/$DEAD_SILENT" \
        --address="/back.example/$BACK"
    wait_for "$START_SECONDS" "the name server (log: $WORK/dns.log)" is_listening "$DNS_PORT"
}

start_silent_hosts() {
    start_process "$WORK/silence.log" python3 "$BENCH/scale/silence.py" --address "$DEAD_SILENT" --port "$DEAD_PORT"
    wait_for "$START_SECONDS" "the silent hosts" has_listener "$DEAD_SILENT"
}

has_listener() { (exec 3<> "/dev/tcp/$1/$DEAD_PORT") 2> /dev/null; }

# usage: print_routes NAME COUNT PORT
print_routes() {
    local number
    for ((number = 0; number < $2; number++)); do
        echo "    { \"domain\": \"d$number.$1\", \"to\": \"smtp://d$number.$1:$3\" },"
    done
}

# Two nodes of one policy, but for the port of the live destinations. Nodes are named after their folders; only among ever has dead mail.
prepare_nodes() {
    local node delivery="\"connectionsPerDestination\": $DELIVERY_CONNECTIONS"
    [[ -z $RETRY ]] || delivery+=", \"retry\": \"$RETRY\""
    for node in "${NODES[@]}"; do
        free_port; RELAY_PORTS[$node]=$PORT
        free_port; ADMIN_PORTS[$node]=$PORT
        free_port; SINK_PORTS[$node]=$PORT
        {
            echo '{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": ['
            print_routes live.example "$LIVE" "${SINK_PORTS[$node]}"
            print_routes refused.example "$REFUSED" "$DEAD_PORT"
            print_routes silent.example "$SILENT" "$DEAD_PORT"
            print_routes back.example 1 "$DEAD_PORT"
            echo "], \"delivery\": { $delivery } }"
        } | write_relay_settings "$WORK/$node" "${RELAY_PORTS[$node]}" "${ADMIN_PORTS[$node]}"
    done
    RELAY_OPTIONS=("--Dns:Servers=127.0.0.1:$DNS_PORT" "--Spool:SenderShareBytes=20 GiB") # all of it is one sender's
}

milliseconds_now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# usage: start_node NAME. Sets READY_MS.
start_node() {
    local start
    start=$(milliseconds_now)
    start_relay "$WORK/$1"
    await_relay "${ADMIN_PORTS[$1]}"
    READY_MS=$(($(milliseconds_now) - start))
}

# usage: submit MESSAGES DOMAINS...
submit() {
    local messages=$1 domains=() domain
    shift
    for domain in "$@"; do
        domains+=(--domains "$domain")
    done
    PYTHONPATH=$BENCH/ledger start_process "$WORK/submit.log" timeout "$SUBMIT_SECONDS" python3 "$BENCH/scale/submit.py" --port "${RELAY_PORTS[among]}" \
        --messages "$messages" --octets "$OCTETS" --connections "$CONNECTIONS" "${domains[@]}"
    wait "$STARTED" || die "the client: $(tail -n 3 -- "$WORK/submit.log")"
    forget_process "$STARTED"
    note "$messages messages for $*: $(tail -n 1 -- "$WORK/submit.log")"
}

# usage: has_queued NODE COUNT
has_queued() { [[ $(metric "${ADMIN_PORTS[$1]}" relay_queue_messages) == "$2" ]]; }

# usage: keep_data_for NODE, restore_data NODE; nodes are down
keep_data_for() { cp -a --reflink=auto -- "$WORK/among/data" "$WORK/$1.data"; }

restore_data() {
    rm -rf -- "$WORK/$1/data"
    cp -a --reflink=auto -- "$WORK/$1.data" "$WORK/$1/data"
}

# All queues are made once, while nobody takes mail. Leaves the data of each node behind, and all nodes down.
make_queues() {
    note "an empty node"
    start_node among
    settle_collected
    EMPTY_KB=$COLLECTED
    note "ready in $READY_MS ms"
    submit "$((MESSAGES / 2))" "live.example=$LIVE"
    stop_process "$RELAY_PID"
    keep_data_for alone
    start_node among
    submit "$((MESSAGES - MESSAGES / 2))" "refused.example=$REFUSED" "silent.example=$SILENT"
    has_queued among "$MESSAGES" || die "the queue has $(metric "${ADMIN_PORTS[among]}" relay_queue_messages) messages, not $MESSAGES"
    stop_process "$RELAY_PID"
    keep_data_for among
}

measure_restart() {
    local allowed=
    [[ $ALLOWED_MB -eq 0 ]] || allowed=", $ALLOWED_MB MB allowed"
    note "a restart with $MESSAGES messages"
    start_node among
    settle_collected
    [[ -n $EMPTY_KB && -n $COLLECTED ]] || die "no collection of garbage could be had"
    judge "$MESSAGES messages to $DESTINATIONS destinations, nobody takes mail: $(megabytes "$EMPTY_KB") MB empty, $(megabytes "$COLLECTED") MB full$allowed; each" \
        "$(awk "BEGIN { printf \"%.2f\", (($COLLECTED - $EMPTY_KB) * 1.024 - $ALLOWED_MB * 1000) / $MESSAGES }")" "$EACH_KB_MAX" KB
    judge "from the start of the process to ready" "$(awk "BEGIN { printf \"%.2f\", $READY_MS / 1000 }")" "$READY_SECONDS_MAX" s
    has_queued among "$MESSAGES" || die "the queue has $(metric "${ADMIN_PORTS[among]}" relay_queue_messages) messages after the restart, not $MESSAGES"
    stop_process "$RELAY_PID"
}

measure_rate() {
    local pair first=alone second=among swap
    for ((pair = 1; pair <= PAIRS; pair++)); do
        drain_pair "$first" "$second"
        echo "${RAN_MS[alone]} ${RAN_MS[among]} $(awk "BEGIN { printf \"%.1f\", 100 * ${RAN_MS[alone]} / ${RAN_MS[among]} }")" >> "$WORK/pairs.txt"
        note "pair $pair, $first first: $(awk '{ l = $1 " ms alone, " $2 " ms among the dead: " $3 " %" } END { print l }' "$WORK/pairs.txt")"
        kill_process "${RELAY_PIDS[alone]}"
        [[ $pair -eq $PAIRS ]] || kill_process "${RELAY_PIDS[among]}"
        swap=$first; first=$second; second=$swap
    done
    thaw among
    RELAY_PID=${RELAY_PIDS[among]}
    judge_least "$((MESSAGES / 2)) live messages: $(rate "$(median_of 1 < "$WORK/pairs.txt")") a second alone, $(rate "$(median_of 2 < "$WORK/pairs.txt")") with the dead ones; ratios $(awk '{ printf "%s%s", s, $3; s = ", " }' "$WORK/pairs.txt"), their median" \
        "$(median_of 3 < "$WORK/pairs.txt")" "$RATE_PERCENT_MIN" %
}

rate() { awk "BEGIN { printf \"%.0f\", $MESSAGES * 500 / $1 }"; } # of half of the messages, a second

# The relay still has all its dead destinations; one more is dead, for a while.
measure_comeback() {
    local back
    submit "$BACK_MESSAGES" back.example=1
    note "nobody is there for $DOWN_SECONDS s"
    sleep "$DOWN_SECONDS"
    python3 "$BENCH/scale/attempts.py" --port "${ADMIN_PORTS[among]}" --token "$WORK/among/data/admin.token" --domain d0.back.example \
        --messages "$BACK_MESSAGES" > "$WORK/attempts.log" || die "attempts of an outage: $(< "$WORK/attempts.log")"
    start_process "$WORK/back.log" python3 "$BENCH/scale/comeback.py" --address "$BACK" --port "$DEAD_PORT" --messages "$BACK_MESSAGES" \
        --connections-max "$DELIVERY_CONNECTIONS" --seconds "$BACK_SECONDS"
    back=$STARTED
    note "it is back"
    if ! wait "$back"; then
        FAULTS=$((FAULTS + 1))
    fi
    forget_process "$back"
    is_running "$RELAY_PID" || relay_died
    echo
    echo "The one that came back after $DOWN_SECONDS s ($(< "$WORK/attempts.log") before):"
    echo
    grep -v '^listening$' -- "$WORK/back.log"
    wait_for "$STOP_SECONDS" "the queue to hold the dead ones only" has_queued among "$((MESSAGES - MESSAGES / 2))"
    stop_process "$RELAY_PID"
}

main() {
    read_options "$@"
    need_commands python3 awk timeout prlimit
    need_descriptors "$STARTED_FILES"
    clean_up_at_exit
    install_dnsmasq
    build_relay
    make_work_directory "$DATA"
    need_disk_space "$WORK" $((3 + MESSAGES * OCTETS * 6 / 1073741824))
    free_port; DEAD_PORT=$PORT # of every dead destination, each kind on an address of its own
    free_port; DNS_PORT=$PORT
    LIVE=$((DESTINATIONS / 2))
    REFUSED=$(((DESTINATIONS - LIVE) / 2))
    SILENT=$((DESTINATIONS - LIVE - REFUSED))
    print_machine
    start_name_server
    start_silent_hosts
    prepare_nodes
    make_queues
    echo
    echo "| what | measured | bound | |"
    echo "|---|---|---|---|"
    measure_restart
    measure_rate
    measure_comeback
    [[ $FAULTS -eq 0 ]] || { KEEP_WORK=1; note "$FAULTS figures are not within their bounds"; exit 1; }
}

main "$@"
