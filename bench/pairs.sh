#!/usr/bin/env bash
# Measures two builds of Relay in turn, both running at once and each in front of a sink of its own: a machine that others use too is as slow
# for one as for the other, which rounds of minutes are not. Both are started several times: one process is a few percent faster than another of the
# same build for as long as it lives. Needs the .NET SDK, and smtp-source and smtp-sink of Debian's postfix package.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

BEFORE=
STARTS=6
PAIRS=6
MESSAGES=10000
WARM_UP=60000
SESSIONS=50
SIZE=4096
TICKS=$(getconf CLK_TCK) # of CPU time, a second
readonly TICKS
declare -A DLLS PORTS ADMIN_PORTS PIDS SINKS

usage() {
    cat << TEXT
usage: $0 --before DLL [option]...

  --before DLL      the relay.dll to compare with
  --relay DLL       the other one, instead of building it
  --starts N        how often both are started anew, in turn one first and the other (default $STARTS)
  --pairs N         pairs of rounds of each start (default $PAIRS)
  --messages N      messages of a round (default $MESSAGES)
  --warm-up N       messages to each before the first round of a start (default $WARM_UP)
  --sessions N      connections of smtp-source (default $SESSIONS)
  --size N          octets of a message (default $SIZE)
  --data DIR        where both keep their data, a folder on a disk (default $DATA)

Prints messages a second and microseconds of CPU a message, of each round, and their medians; of the ratios of pairs, the median of each start, and the
median of these with the lowest and the highest. It judges nothing. The same DLL twice tells what a difference must be to mean something.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --before) need_value "$1" $#; BEFORE=$(realpath -- "$2") ;;
            --starts) need_value "$1" $#; whole_number "$1" "$2" 1; STARTS=$2 ;;
            --pairs) need_value "$1" $#; whole_number "$1" "$2" 1; PAIRS=$2 ;;
            --messages) need_value "$1" $#; whole_number "$1" "$2" 1000; MESSAGES=$2 ;;
            --warm-up) need_value "$1" $#; whole_number "$1" "$2" 1; WARM_UP=$2 ;;
            --sessions) need_value "$1" $#; whole_number "$1" "$2" 1; SESSIONS=$2 ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 1; SIZE=$2 ;;
            *) read_common_option "$@" ;;
        esac
        shift 2
    done
    [[ -f $BEFORE ]] || usage_error "--before names the relay.dll to compare with"
}

# usage: start_side NAME
start_side() {
    local sink
    free_port; PORTS[$1]=$PORT
    free_port; ADMIN_PORTS[$1]=$PORT
    free_port; sink=$PORT
    start_smtp_sink "$sink" "$WORK/sink-$1.txt"
    SINKS[$1]=$STARTED
    write_relay_settings "$WORK/$1" "${PORTS[$1]}" "${ADMIN_PORTS[$1]}" << JSON
{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$sink" } ] }
JSON
    RELAY_DLL=${DLLS[$1]}
    start_relay "$WORK/$1"
    PIDS[$1]=$RELAY_PID
    await_relay "${ADMIN_PORTS[$1]}"
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/${PIDS[$1]}/stat"; }

# usage: run_round NAME MESSAGES; prints messages a second, and microseconds of CPU a message
run_round() {
    local began ended before after
    before=$(cpu_ticks "$1")
    began=$EPOCHREALTIME
    smtp-source -d -s "$SESSIONS" -l "$SIZE" -m "$2" -f from@bench.relay.example -t to@bench.relay.example "127.0.0.1:${PORTS[$1]}"
    ended=$EPOCHREALTIME
    wait_for "$QUEUE_EMPTY_SECONDS" "the queue of $1 to be empty" is_queue_empty "${ADMIN_PORTS[$1]}"
    after=$(cpu_ticks "$1")
    awk -v n="$2" -v t="$began $ended" -v c=$((after - before)) -v hz="$TICKS" \
        'BEGIN { split(t, at, " "); printf "%.0f %.1f\n", n / (at[2] - at[1]), c / hz * 1e6 / n }'
}

# usage: stop_side NAME
stop_side() {
    stop_process "${PIDS[$1]}"
    stop_process "${SINKS[$1]}"
    rm -rf -- "${WORK:?}/$1"
}

# usage: run_start NUMBER SIDE SIDE; the order is that of the starts and of the rounds. Adds a line of four figures to results.txt for each pair.
run_start() {
    local pair side
    declare -A figures
    start_side "$2"
    start_side "$3"
    for side in "$2" "$3"; do
        run_round "$side" "$WARM_UP" > /dev/null
    done
    : > "$WORK/start.txt"
    for ((pair = 1; pair <= PAIRS; pair++)); do
        for side in "$2" "$3"; do
            figures[$side]=$(run_round "$side" "$MESSAGES")
        done
        echo "${figures[before]} ${figures[after]}" >> "$WORK/start.txt"
        awk -v at="$1.$pair" '{ printf "| %s | %s | %s | %s | %s |\n", at, $1, $2, $3, $4 }' <<< "${figures[before]} ${figures[after]}"
    done
    stop_side "$2"
    stop_side "$3"
    cat "$WORK/start.txt" >> "$WORK/results.txt"
    awk '{ print $3 / $1, $4 / $2 }' "$WORK/start.txt" > "$WORK/ratios.txt"
    echo "$(median_of 1 < "$WORK/ratios.txt") $(median_of 2 < "$WORK/ratios.txt")" >> "$WORK/starts.txt"
}

# usage: spread_of COLUMN < LINES
spread_of() { awk -v column="$1" '{ print $column }' | sort -g | awk 'NR == 1 { low = $1 } END { printf "%.3f to %.3f", low, $1 }'; }

main() {
    local start
    read_options "$@"
    [[ $EUID -eq 0 ]] || die "smtp-sink lets only root give up its rights"
    need_commands awk smtp-source smtp-sink
    clean_up_at_exit
    make_work_directory "$DATA"
    need_disk_space "$WORK" 4
    need_descriptors 4096
    build_relay
    DLLS=([before]=$BEFORE [after]=$RELAY_DLL)
    print_machine
    printf '\n| start and pair | before, messages/s | CPU us | after, messages/s | CPU us |\n|---|---|---|---|---|\n'
    for ((start = 1; start <= STARTS; start++)); do
        if ((start % 2)); then
            run_start "$start" before after
        else
            run_start "$start" after before
        fi
    done
    printf '| **median** | **%s** | **%s** | **%s** | **%s** |\n\n' "$(median_of 1 < "$WORK/results.txt")" "$(median_of 2 < "$WORK/results.txt")" \
        "$(median_of 3 < "$WORK/results.txt")" "$(median_of 4 < "$WORK/results.txt")"
    awk '{ printf "start %d, after to before: rate %.3f, CPU %.3f\n", NR, $1, $2 }' "$WORK/starts.txt"
    printf 'medians of the starts, after to before: rate %.3f (%s), CPU %.3f (%s)\n' "$(median_of 1 < "$WORK/starts.txt")" \
        "$(spread_of 1 < "$WORK/starts.txt")" "$(median_of 2 < "$WORK/starts.txt")" "$(spread_of 2 < "$WORK/starts.txt")"
}

main "$@"
