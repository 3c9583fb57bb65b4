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

MESSAGES=200000
DESTINATIONS=2000
BACK_MESSAGES=2000
DOWN_SECONDS=600
ROUNDS=3
RETRY=          # the policy's own
ALLOWED_MB=0    # of memory that working takes whatever the queue, so that a short one can be judged at all
OCTETS=1024
readonly EACH_KB_MAX=1
readonly SHORT_ALLOWED_MB=20
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

usage() {
    cat << TEXT
usage: $0 [option]...

  --messages N      messages in the queue, half of them for dead destinations (default $MESSAGES)
  --destinations N  destinations, half of them dead: of these every other one refuses, every other one says nothing (default $DESTINATIONS)
  --back N          messages for the one that comes back (default $BACK_MESSAGES, at most 10000)
  --down N          seconds that it is away (default $DOWN_SECONDS)
  --retry TEXT      the policy's delivery.retry; a site that is down is never left alone for longer than its first waits
  --rounds N        times that the live messages are delivered, each with and without the dead ones; the fastest counts (default $ROUNDS)
  --size N          octets of a message (default $OCTETS)
  --short           --messages 20000 --destinations 200 --back 500 --down 20 --retry 5s --rounds 2, and $SHORT_ALLOWED_MB MB for what a node
                    that works takes beyond an empty one: about 90 s
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
            --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2; shift ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 400; OCTETS=$2; shift ;;
            --short)
                MESSAGES=20000; DESTINATIONS=200; BACK_MESSAGES=500; DOWN_SECONDS=20; RETRY=5s; ROUNDS=2
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
    start_process "$WORK/silence.log" python3 "$BENCH/scale/silence.py" --address "$DEAD_SILENT" --port "$SINK_PORT"
    wait_for "$START_SECONDS" "the silent hosts" has_listener "$DEAD_SILENT"
}

has_listener() { (exec 3<> "/dev/tcp/$1/$SINK_PORT") 2> /dev/null; }

# usage: print_routes NAME COUNT
print_routes() {
    local number
    for ((number = 0; number < $2; number++)); do
        echo "    { \"domain\": \"d$number.$1\", \"to\": \"smtp://d$number.$1:$SINK_PORT\" },"
    done
}

prepare_relay() {
    local delivery="\"connectionsPerDestination\": $DELIVERY_CONNECTIONS"
    [[ -z $RETRY ]] || delivery+=", \"retry\": \"$RETRY\""
    {
        echo '{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": ['
        print_routes live.example "$LIVE"
        print_routes refused.example "$REFUSED"
        print_routes silent.example "$SILENT"
        print_routes back.example 1
        echo "], \"delivery\": { $delivery } }"
    } | write_relay_settings "$WORK/relay" "$RELAY_PORT" "$ADMIN_PORT"
    RELAY_OPTIONS=("--Dns:Servers=127.0.0.1:$DNS_PORT")
}

milliseconds_now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# Sets READY_MS.
start_and_await_relay() {
    local start
    start=$(milliseconds_now)
    start_relay "$WORK/relay"
    await_relay "$ADMIN_PORT"
    READY_MS=$(($(milliseconds_now) - start))
}

# usage: submit MESSAGES DOMAINS...
submit() {
    local messages=$1 domains=() domain
    shift
    for domain in "$@"; do
        domains+=(--domains "$domain")
    done
    PYTHONPATH=$BENCH/ledger start_process "$WORK/submit.log" timeout "$SUBMIT_SECONDS" python3 "$BENCH/scale/submit.py" --port "$RELAY_PORT" \
        --messages "$messages" --octets "$OCTETS" --connections "$CONNECTIONS" "${domains[@]}"
    wait "$STARTED" || die "the client: $(tail -n 3 -- "$WORK/submit.log")"
    forget_process "$STARTED"
    note "$messages messages for $*: $(tail -n 1 -- "$WORK/submit.log")"
}

has_queued() { [[ $(metric "$ADMIN_PORT" relay_queue_messages) == "$1" ]]; }

# usage: keep_data NAME, restore_data NAME; the relay is down
keep_data() { cp -a --reflink=auto -- "$WORK/relay/data" "$WORK/$1"; }

restore_data() {
    rm -rf -- "$WORK/relay/data"
    cp -a --reflink=auto -- "$WORK/$1" "$WORK/relay/data"
}

# All queues are made once, while nobody takes mail. Leaves the data behind as live and as both, and the relay down.
make_queues() {
    note "an empty node"
    start_and_await_relay
    settle_collected
    EMPTY_KB=$COLLECTED
    note "ready in $READY_MS ms"
    submit "$((MESSAGES / 2))" "live.example=$LIVE"
    stop_process "$RELAY_PID"
    keep_data live
    start_and_await_relay
    submit "$((MESSAGES - MESSAGES / 2))" "refused.example=$REFUSED" "silent.example=$SILENT"
    has_queued "$MESSAGES" || die "the queue has $(metric "$ADMIN_PORT" relay_queue_messages) messages, not $MESSAGES"
    stop_process "$RELAY_PID"
    keep_data both
}

measure_restart() {
    local allowed=
    [[ $ALLOWED_MB -eq 0 ]] || allowed=", $ALLOWED_MB MB allowed"
    note "a restart with $MESSAGES messages"
    start_and_await_relay
    settle_collected
    [[ -n $EMPTY_KB && -n $COLLECTED ]] || die "no collection of garbage could be had"
    judge "$MESSAGES messages to $DESTINATIONS destinations, nobody takes mail: $(megabytes "$EMPTY_KB") MB empty, $(megabytes "$COLLECTED") MB full$allowed; each" \
        "$(awk "BEGIN { printf \"%.2f\", (($COLLECTED - $EMPTY_KB) * 1.024 - $ALLOWED_MB * 1000) / $MESSAGES }")" "$EACH_KB_MAX" KB
    judge "from the start of the process to ready" "$(awk "BEGIN { printf \"%.2f\", $READY_MS / 1000 }")" "$READY_SECONDS_MAX" s
    has_queued "$MESSAGES" || die "the queue has $(metric "$ADMIN_PORT" relay_queue_messages) messages after the restart, not $MESSAGES"
    stop_process "$RELAY_PID"
}

sink_has_all_or_relay_is_gone() { is_gone "$SINK_PID" || is_gone "$RELAY_PID"; }

# usage: drain NAME QUEUED-AFTERWARDS; all live messages to a sink that ends with the last of them. Sets DRAIN_MS; leaves the relay running.
drain() {
    local start
    restore_data "$1"
    start_process "$WORK/sink.log" dotnet "$RELAY_DLL" sink --listen "127.0.0.1:$SINK_PORT" --count "$((MESSAGES / 2))"
    SINK_PID=$STARTED
    wait_for "$START_SECONDS" "the sink" is_listening "$SINK_PORT"
    start_and_await_relay
    start=$(milliseconds_now)
    wait_for "$DRAIN_SECONDS" "$((MESSAGES / 2)) messages at the sink" sink_has_all_or_relay_is_gone
    DRAIN_MS=$(($(milliseconds_now) - start))
    is_running "$RELAY_PID" || relay_died
    wait "$SINK_PID" || die "the sink: $(tail -n 3 -- "$WORK/sink.log")"
    forget_process "$SINK_PID"
    wait_for "$STOP_SECONDS" "the queue to hold $2 messages" has_queued "$2"
    note "$1: ready after $READY_MS ms, all delivered $DRAIN_MS ms later; $(tail -n 1 -- "$WORK/sink.log")"
}

measure_rate() {
    local round alone_ms=$((DRAIN_SECONDS * 1000)) among_ms=$((DRAIN_SECONDS * 1000))
    for ((round = 1; round <= ROUNDS; round++)); do
        drain live 0
        stop_process "$RELAY_PID"
        [[ $DRAIN_MS -ge $alone_ms ]] || alone_ms=$DRAIN_MS
        drain both "$((MESSAGES - MESSAGES / 2))"
        [[ $round -eq $ROUNDS ]] || stop_process "$RELAY_PID"
        [[ $DRAIN_MS -ge $among_ms ]] || among_ms=$DRAIN_MS
    done
    judge_least "$((MESSAGES / 2)) live messages: $(rate "$alone_ms") a second alone, $(rate "$among_ms") with the dead ones" \
        "$((100 * alone_ms / among_ms))" "$RATE_PERCENT_MIN" %
}

rate() { echo $((MESSAGES * 500 / $1)); } # of half of the messages, a second

# The relay still has all its dead destinations; one more is dead, for a while.
measure_comeback() {
    local back
    submit "$BACK_MESSAGES" back.example=1
    note "nobody is there for $DOWN_SECONDS s"
    sleep "$DOWN_SECONDS"
    python3 "$BENCH/scale/attempts.py" --port "$ADMIN_PORT" --token "$WORK/relay/data/admin.token" --domain d0.back.example \
        --messages "$BACK_MESSAGES" > "$WORK/attempts.log" || die "attempts of an outage: $(< "$WORK/attempts.log")"
    start_process "$WORK/back.log" python3 "$BENCH/scale/comeback.py" --address "$BACK" --port "$SINK_PORT" --messages "$BACK_MESSAGES" \
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
    wait_for "$STOP_SECONDS" "the queue to hold the dead ones only" has_queued "$((MESSAGES - MESSAGES / 2))"
    stop_process "$RELAY_PID"
}

main() {
    read_options "$@"
    need_commands python3 awk timeout
    need_descriptors "$STARTED_FILES"
    clean_up_at_exit
    install_dnsmasq
    build_relay
    make_work_directory "$DATA"
    need_disk_space "$WORK" $((3 + MESSAGES * OCTETS * 6 / 1073741824))
    free_port; RELAY_PORT=$PORT
    free_port; ADMIN_PORT=$PORT
    free_port; SINK_PORT=$PORT # of every destination, each kind on an address of its own
    free_port; DNS_PORT=$PORT
    LIVE=$((DESTINATIONS / 2))
    REFUSED=$(((DESTINATIONS - LIVE) / 2))
    SILENT=$((DESTINATIONS - LIVE - REFUSED))
    print_machine
    start_name_server
    start_silent_hosts
    prepare_relay
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
