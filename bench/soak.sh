#!/usr/bin/env bash
# Kills the relay with -9 under load, again and again, and holds what the client was told against what the next hop got.
# Needs the .NET SDK and python3; no root, nothing but loopback.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

KILLS=100
SEED=
CONNECTIONS=20
OCTETS=4096
LARGE_OCTETS=$((2 << 20))
LARGE_PERCENT=1
MESSAGES_MAX=5000000
SECONDS_MAX=3600
WINDOW_MS=50    # how long a done record may wait to be written; see ledger/duplicates.py
SAVE=0
EACH_KILL=()
readonly KILL_AFTER_MS=3000         # a kill comes so long after the first 250 of its life, at the latest
readonly RECOVERY_EVERY=5           # after every fifth kill comes one in the recovery
readonly RECOVERY_MS_MIN=100        # kills in the recovery come from here on after the start...
readonly RECOVERY_MS_EARLY=300      # ...every other one until here, the rest until the start was ready the last time
readonly LOAD_SECONDS=60            # the first 250 of a life comes within this
readonly DRAIN_SECONDS=600          # the queue is empty within this after the end of the load
readonly QUIET_SECONDS=2            # and the sink's ledger stands still for so long
readonly DELIVERY_CONNECTIONS=20    # the policy's default

usage() {
    cat << TEXT
usage: $0 [option]...
       $0 --scale [option]...    a long queue for many destinations instead: see $0 --scale --help
       $0 --limit [option]...    one key far over its limit on three nodes instead: see $0 --limit --help
       $0 --policy [option]...   changes of the policy under load instead: see $0 --policy --help
       $0 --flood [option]...    every scenario of relay flood instead: see $0 --flood --help
       $0 --disk [option]...     a spool of 512 MB that floods and dead destinations fill instead: see $0 --disk --help
       $0 --cluster [option]...  faults of one node of three instead: see $0 --cluster --help
       $0 --rolling [option]...  three nodes restarted one after another instead: see $0 --rolling --help

  --kills N         kills under load (default $KILLS); after every ${RECOVERY_EVERY}th comes one more in the recovery
  --seed N          of the moments and the sizes; chosen and printed by default
  --connections N   of the load (default $CONNECTIONS)
  --size N          octets of most messages (default $OCTETS)
  --large-size N    octets of the others (default $LARGE_OCTETS)
  --large-percent N share of these (default $LARGE_PERCENT)
  --messages N      the load ends after so many (default $MESSAGES_MAX); a kill without load is a failure
  --seconds N       longest time of all kills together (default $SECONDS_MAX)
  --window-ms N     how long a done record may be unwritten, for the bound of duplicates (default $WINDOW_MS)
  --save            keep every message that arrives, and compare bodies too (for short runs: it takes disk)
  --each-kill       print a row for each kill
  --data DIR        a folder on a disk (default $DATA)
  --relay DLL       use this relay.dll instead of building one

The short version for CI: $0 --kills 5 --save
Ends with 1 when a message that got a 250 is missing, or duplicates are over their bound; files are left behind then.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --kills) need_value "$1" $#; whole_number "$1" "$2" 1; KILLS=$2; shift ;;
            --seed) need_value "$1" $#; whole_number "$1" "$2" 0; SEED=$2; shift ;;
            --connections) need_value "$1" $#; whole_number "$1" "$2" 1; CONNECTIONS=$2; shift ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 400; OCTETS=$2; shift ;;
            --large-size) need_value "$1" $#; whole_number "$1" "$2" 400; LARGE_OCTETS=$2; shift ;;
            --large-percent)
                need_value "$1" $#; whole_number "$1" "$2" 0
                [[ $2 -le 100 ]] || usage_error "--large-percent takes 0 to 100"
                LARGE_PERCENT=$2; shift ;;
            --messages) need_value "$1" $#; whole_number "$1" "$2" 1; MESSAGES_MAX=$2; shift ;;
            --seconds) need_value "$1" $#; whole_number "$1" "$2" 1; SECONDS_MAX=$2; shift ;;
            --window-ms) need_value "$1" $#; whole_number "$1" "$2" 1; WINDOW_MS=$2; shift ;;
            --save) SAVE=1 ;;
            --each-kill) EACH_KILL=(--each-kill) ;;
            *) read_common_option "$@"; shift ;;
        esac
        shift
    done
}

# The retries are quick, so that the end need not wait for one.
prepare_relay() {
    write_relay_settings "$WORK/relay" "$RELAY_PORT" "$ADMIN_PORT" << JSON
{
  "relay": { "networks": ["127.0.0.0/8"] },
  "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$SINK_PORT" } ],
  "delivery": { "connectionsPerDestination": $DELIVERY_CONNECTIONS, "retry": "1s, 5s" }
}
JSON
}

start_sink() {
    local options=(--ledger "$SINK_LEDGER" --listen "127.0.0.1:$SINK_PORT")
    [[ $SAVE -eq 0 ]] || options+=(--save "$WORK/saved")
    start_process "$WORK/sink.log" dotnet "$RELAY_DLL" sink "${options[@]}"
    SINK_PID=$STARTED
    wait_for "$START_SECONDS" "the sink" is_listening "$SINK_PORT"
}

start_load() {
    start_process "$WORK/load.log" python3 "$BENCH/ledger/load.py" --port "$RELAY_PORT" --ledger "$SENT_LEDGER" --seed "$SEED" \
        --connections "$CONNECTIONS" --octets "$OCTETS" --large-octets "$LARGE_OCTETS" \
        --large-share "$(awk "BEGIN { print $LARGE_PERCENT / 100 }")" --messages "$MESSAGES_MAX" --seconds "$((SECONDS_MAX + LOAD_SECONDS))"
    LOAD_PID=$STARTED
}

record() { printf '%s\t%s\t%s\n' "${EPOCHREALTIME/,/.}" "$1" "$2" >> "$EVENTS"; }

length_of() { stat -c %s -- "$1"; }

has_grown() { [[ $(length_of "$1") -gt $2 ]]; }

# usage: has_accepted LENGTH; is there a 250 in the client's ledger behind its first so many octets?
has_accepted() { tail -c "+$(($1 + 1))" -- "$SENT_LEDGER" | grep -c $'^[^\t]*\t250\t' > /dev/null; }

# usage: random_between MIN MAX. Sets CHOSEN. (RANDOM has 15 bits.)
random_between() { CHOSEN=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }

sleep_ms() { sleep "$(($1 / 1000)).$(printf '%03d' $(($1 % 1000)))"; }

milliseconds_now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# Starts the relay on the data of the one before.
restart_relay() {
    record start "$1"
    STARTED_AT=$(milliseconds_now)
    start_relay "$WORK/relay"
}

# usage: kill_relay KIND
kill_relay() {
    # The line first: nothing that the relay does after it can belong to a later life.
    record kill "$1"
    kill_process "$RELAY_PID" || relay_died
}

becomes_ready() {
    await_relay "$ADMIN_PORT"
    READY_MS=$(($(milliseconds_now) - STARTED_AT))
    record ready "in $READY_MS ms"
}

check_helpers() {
    is_running "$SINK_PID" || die "the sink ended by itself: $(tail -n 3 -- "$WORK/sink.log")"
    is_running "$LOAD_PID" || die "the load ended before the kills did: $(tail -n 3 -- "$WORK/load.log")"
}

# One life: ready, load is accepted, a random moment, dead.
kill_under_load() {
    local length
    becomes_ready
    length=$(length_of "$SENT_LEDGER")
    wait_for "$LOAD_SECONDS" "the load to be accepted" has_accepted "$length"
    random_between 0 "$KILL_AFTER_MS"
    sleep_ms "$CHOSEN"
    check_helpers
    kill_relay "under load"
    note "kill $1 of $KILLS: $CHOSEN ms after the first mail of its life"
}

# Another one before the relay is up again: from the first moments of the process to the end of what a recovery takes.
kill_in_recovery() {
    local latest=$RECOVERY_MS_EARLY
    [[ $(($1 / RECOVERY_EVERY % 2)) -eq 1 || $READY_MS -le $latest ]] || latest=$READY_MS
    random_between "$RECOVERY_MS_MIN" "$latest"
    restart_relay recovery
    sleep_ms "$CHOSEN"
    kill_relay "in recovery"
    note "        and once more $CHOSEN ms after the start"
}

# True when the queue is empty and the sink has got nothing for a while.
is_settled() {
    local length
    is_queue_empty "$ADMIN_PORT" || return 1
    length=$(length_of "$SINK_LEDGER")
    ! poll "$QUIET_SECONDS" has_grown "$SINK_LEDGER" "$length" && is_queue_empty "$ADMIN_PORT"
}

is_settled_or_dead() { is_gone "$RELAY_PID" || is_settled; }

compare() {
    local errors options=("${EACH_KILL[@]}")
    [[ $SAVE -eq 0 ]] || options+=(--saved "$WORK/saved")
    echo "- seed $SEED, $CONNECTIONS connections, $OCTETS octets, $LARGE_PERCENT % of $LARGE_OCTETS octets; the load: $(tail -n 1 -- "$WORK/load.log")"
    errors=$(grep -c '^[^ ]* ERR ' "$WORK/relay/relay.log") || true
    echo "- lines of the relay's log at level ERR: $errors"
    [[ $errors -eq 0 ]] || echo "- the first of them: $(grep -m 1 -A 2 '^[^ ]* ERR ' "$WORK/relay/relay.log" | cut -c 1-300 | tr '\n' ' ')"
    echo
    python3 "$BENCH/ledger/compare.py" --sent "$SENT_LEDGER" --sink "$SINK_LEDGER" --events "$EVENTS" \
        --connections "$DELIVERY_CONNECTIONS" --window-ms "$WINDOW_MS" "${options[@]}"
}

main() {
    local number
    if [[ ${1:-} == --cluster ]]; then
        shift
        exec "$BENCH/cluster.sh" "$@"
    fi
    if [[ ${1:-} == --rolling ]]; then
        shift
        exec "$BENCH/rolling.sh" "$@"
    fi
    if [[ ${1:-} == --flood ]]; then
        shift
        exec "$BENCH/flood.sh" "$@"
    fi
    if [[ ${1:-} == --disk ]]; then
        shift
        exec "$BENCH/disk.sh" "$@"
    fi
    if [[ ${1:-} == --limit ]]; then
        shift
        exec "$BENCH/limit.sh" "$@"
    fi
    if [[ ${1:-} == --policy ]]; then
        shift
        exec "$BENCH/policy.sh" "$@"
    fi
    if [[ ${1:-} == --scale ]]; then
        shift
        exec "$BENCH/scale.sh" "$@"
    fi
    read_options "$@"
    need_commands python3 awk
    clean_up_at_exit
    build_relay
    make_work_directory "$DATA"
    need_disk_space "$WORK" 8
    need_descriptors 1024
    free_port; RELAY_PORT=$PORT
    free_port; ADMIN_PORT=$PORT
    free_port; SINK_PORT=$PORT
    SENT_LEDGER=$WORK/sent.tsv
    SINK_LEDGER=$WORK/sink.tsv
    EVENTS=$WORK/events.tsv
    touch "$SENT_LEDGER" "$SINK_LEDGER" "$EVENTS"
    SEED=${SEED:-$((SRANDOM % 1000000))}
    RANDOM=$SEED # from here on every choice follows from it
    print_machine
    note "seed $SEED"

    prepare_relay
    start_sink
    restart_relay "under load"
    start_load
    SECONDS=0
    for ((number = 1; number <= KILLS; number++)); do
        [[ $SECONDS -le $SECONDS_MAX ]] || die "$((number - 1)) of $KILLS kills took $SECONDS s; --seconds allows $SECONDS_MAX"
        kill_under_load "$number"
        if [[ $((number % RECOVERY_EVERY)) -eq 0 ]]; then
            kill_in_recovery "$number"
        fi
        restart_relay "under load"
    done
    becomes_ready
    stop_process "$LOAD_PID" 60
    note "the load has ended; waiting for the queue to be empty"
    wait_for "$DRAIN_SECONDS" "the queue to be empty" is_settled_or_dead
    is_running "$RELAY_PID" || relay_died
    stop_process "$RELAY_PID"
    stop_process "$SINK_PID"
    compare || die "the ledgers do not agree"
}

main "$@"
