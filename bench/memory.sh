#!/usr/bin/env bash
# Measures the memory of a Relay process: with ten thousand idle connections, and with large messages on twenty connections.
# Needs the .NET SDK and python3; root only if `ulimit -Hn` is under 12,000.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=measure.sh
. "$BENCH/measure.sh"

CONNECTIONS=10000
SENDERS=20
MESSAGES=3
MEGABYTES=50
PARTS=(idle large-sink large-dead)
readonly KB_EACH_MAX=20
readonly LARGE_MB_MAX=300
readonly OPEN_SECONDS=300
readonly LARGE_SECONDS=900

usage() {
    cat << TEXT
usage: $0 [option]...

  --connections N   idle connections (default $CONNECTIONS)
  --senders N       connections with large messages (default $SENDERS)
  --messages N      large messages on each (default $MESSAGES)
  --megabytes N     MiB of a large message (default $MEGABYTES)
  --only PART       idle, large-sink or large-dead
  --data DIR        a folder on a disk (default $DATA)
  --relay DLL       measure this relay.dll instead of building one

Ends with 1 when an idle connection takes more than $KB_EACH_MAX KB, or the process more than $LARGE_MB_MAX MB with large messages.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --connections) need_value "$1" $#; whole_number "$1" "$2" 1; CONNECTIONS=$2; shift ;;
            --senders) need_value "$1" $#; whole_number "$1" "$2" 1; SENDERS=$2; shift ;;
            --messages) need_value "$1" $#; whole_number "$1" "$2" 1; MESSAGES=$2; shift ;;
            --megabytes) need_value "$1" $#; whole_number "$1" "$2" 1; MEGABYTES=$2; shift ;;
            --only)
                need_value "$1" $#
                [[ $2 == idle || $2 == large-sink || $2 == large-dead ]] || usage_error "--only takes idle, large-sink or large-dead"
                PARTS=("$2"); shift ;;
            *) read_common_option "$@"; shift ;;
        esac
        shift
    done
}

# A fresh relay with data of its own. usage: start_fresh_relay NAME
start_fresh_relay() {
    write_relay_settings "$WORK/$1" "$RELAY_PORT" "$ADMIN_PORT" << JSON
{
  "relay": { "networks": ["127.0.0.0/8"] },
  "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$SINK_PORT" } ],
  "connections": { "total": $((CONNECTIONS + 1000)) },
  "message": { "size": "$((MEGABYTES + 1)) MiB" }
}
JSON
    start_relay "$WORK/$1"
    await_relay "$ADMIN_PORT"
}

client_said() { grep -q "^$1 " "$WORK/idle.out" || is_gone "$IDLE_PID"; }

# usage: print_idle TITLE EMPTY FULL; a row, judged
print_idle() {
    local each
    each=$(awk "BEGIN { printf \"%.1f\", ($3 - $2) * 1.024 / $CONNECTIONS }")
    judge "$CONNECTIONS idle connections, $1: $(megabytes "$2") MB empty, $(megabytes "$3") MB open; each" "$each" "$KB_EACH_MAX" KB
}

measure_idle() {
    local empty empty_collected full client_input
    note "$CONNECTIONS idle connections"
    start_fresh_relay idle
    settle
    empty=$RSS
    settle_collected
    empty_collected=$COLLECTED

    mkfifo "$WORK/idle.in"
    : > "$WORK/idle.out"
    python3 "$BENCH/memory/idle_connections.py" --port "$RELAY_PORT" --connections "$CONNECTIONS" \
        < "$WORK/idle.in" > "$WORK/idle.out" 2>&1 &
    IDLE_PID=$!
    TRACKED+=("$IDLE_PID")
    exec {client_input}> "$WORK/idle.in" # closing it tells the client to end
    wait_for "$OPEN_SECONDS" "$CONNECTIONS connections" client_said open
    is_running "$IDLE_PID" || die "the client ended: $(tail -n 3 -- "$WORK/idle.out")"
    settle
    full=$RSS
    settle_collected

    exec {client_input}>&-
    wait_for 60 "the client to end" is_gone "$IDLE_PID"
    forget_process "$IDLE_PID"
    grep -q '^lost 0$' "$WORK/idle.out" || die "not all connections stayed open: $(tail -n 1 -- "$WORK/idle.out")"
    stop_process "$RELAY_PID"
    print_idle "as they come" "$empty" "$full"
    if [[ -n $empty_collected && -n $COLLECTED ]]; then
        print_idle "after a forced collection" "$empty_collected" "$COLLECTED"
    fi
}

has_relayed_all() { is_gone "$RELAY_PID" || is_queue_empty "$ADMIN_PORT"; }

# usage: measure_large NAME TITLE
measure_large() {
    local before peak answer
    note "$SENDERS x $MESSAGES messages of $MEGABYTES MiB, $2"
    start_fresh_relay "$1"
    before=$(status_kilobytes "$RELAY_PID" VmRSS)
    python3 "$BENCH/memory/large_messages.py" --port "$RELAY_PORT" --connections "$SENDERS" --messages "$MESSAGES" \
        --octets $((MEGABYTES << 20)) --seconds "$LARGE_SECONDS" > "$WORK/large.out" 2>&1 &
    TRACKED+=($!)
    wait $! || die "the client: $(< "$WORK/large.out")"
    forget_process $!
    answer=$(< "$WORK/large.out")
    if [[ $1 == large-sink ]]; then
        wait_for "$LARGE_SECONDS" "the queue to be empty" has_relayed_all
    fi
    is_running "$RELAY_PID" || relay_died
    peak=$(status_kilobytes "$RELAY_PID" VmHWM)
    judge "$SENDERS x $MESSAGES messages of $MEGABYTES MiB, $2 ($answer); peak, $(megabytes "$before") MB before" \
        "$(megabytes "$peak")" "$LARGE_MB_MAX" MB
    stop_process "$RELAY_PID"
    rm -rf -- "${WORK:?}/$1"
}

measure_large_to_sink() {
    start_process "$WORK/sink.log" dotnet "$RELAY_DLL" sink --listen "127.0.0.1:$SINK_PORT"
    SINK_PID=$STARTED
    wait_for "$START_SECONDS" "the sink" is_listening "$SINK_PORT"
    measure_large large-sink "a fast sink behind"
    stop_process "$SINK_PID"
}

main() {
    local part
    read_options "$@"
    need_commands python3 awk
    need_descriptors $((CONNECTIONS + 1000))
    clean_up_at_exit
    build_relay
    make_work_directory "$DATA"
    need_disk_space "$WORK" $((3 + SENDERS * MESSAGES * MEGABYTES * 3 / 2 / 1024))
    free_port; RELAY_PORT=$PORT
    free_port; ADMIN_PORT=$PORT
    free_port; SINK_PORT=$PORT # nobody listens there, unless a sink is started
    print_machine
    echo
    echo "| what | measured | at most | |"
    echo "|---|---|---|---|"
    for part in "${PARTS[@]}"; do
        case $part in
            idle) measure_idle ;;
            large-sink) measure_large_to_sink ;;
            large-dead) measure_large large-dead "the next hop dead" ;;
        esac
    done
    [[ $FAULTS -eq 0 ]] || { note "$FAULTS figures are over their bound"; exit 1; }
}

main "$@"
