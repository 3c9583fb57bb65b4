#!/usr/bin/env bash
# Measures two builds of Relay in turn, both running at once and each in front of a sink of its own: a machine that others use too is as slow
# for one as for the other, which rounds of minutes are not. Needs the .NET SDK, and smtp-source and smtp-sink of Debian's postfix package.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

BEFORE=
PAIRS=12
MESSAGES=10000
WARM_UP=60000
SESSIONS=50
SIZE=4096
TICKS=$(getconf CLK_TCK) # of CPU time, a second
readonly TICKS
declare -A PORTS ADMIN_PORTS PIDS

usage() {
    cat << TEXT
usage: $0 --before DLL [option]...

  --before DLL      the relay.dll to compare with
  --relay DLL       the other one, instead of building it
  --pairs N         pairs of rounds (default $PAIRS)
  --messages N      messages of a round (default $MESSAGES)
  --warm-up N       messages to each before the first round (default $WARM_UP)
  --sessions N      connections of smtp-source (default $SESSIONS)
  --size N          octets of a message (default $SIZE)
  --data DIR        where both keep their data, a folder on a disk (default $DATA)

Prints messages a second and microseconds of CPU a message, of each round, their medians, and the medians of the pairs' ratios. It judges nothing.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --before) need_value "$1" $#; BEFORE=$(realpath -- "$2") ;;
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

# usage: start_side NAME DLL
start_side() {
    local sink
    free_port; PORTS[$1]=$PORT
    free_port; ADMIN_PORTS[$1]=$PORT
    free_port; sink=$PORT
    start_smtp_sink "$sink" "$WORK/sink-$1.txt"
    write_relay_settings "$WORK/$1" "${PORTS[$1]}" "${ADMIN_PORTS[$1]}" << JSON
{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$sink" } ] }
JSON
    RELAY_DLL=$2
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

main() {
    local pair side round results
    read_options "$@"
    [[ $EUID -eq 0 ]] || die "smtp-sink lets only root give up its rights"
    need_commands awk smtp-source smtp-sink
    clean_up_at_exit
    make_work_directory "$DATA"
    need_disk_space "$WORK" 4
    need_descriptors 4096
    build_relay
    print_machine
    start_side after "$RELAY_DLL"
    start_side before "$BEFORE"
    for side in before after; do
        run_round "$side" "$WARM_UP" > /dev/null
    done
    results=$WORK/results.txt
    printf '\n| pair | before, messages/s | CPU us | after, messages/s | CPU us |\n|---|---|---|---|---|\n'
    for ((pair = 1; pair <= PAIRS; pair++)); do
        round=
        for side in before after; do
            round+="$(run_round "$side" "$MESSAGES") "
        done
        echo "$round" >> "$results"
        awk -v pair="$pair" '{ printf "| %d | %s | %s | %s | %s |\n", pair, $1, $2, $3, $4 }' <<< "$round"
    done
    printf '| **median** | **%s** | **%s** | **%s** | **%s** |\n\n' \
        "$(median_of 1 < "$results")" "$(median_of 2 < "$results")" "$(median_of 3 < "$results")" "$(median_of 4 < "$results")"
    awk '{ print $3 / $1, $4 / $2 }' "$results" > "$WORK/ratios.txt"
    printf 'medians of the ratios of pairs, after to before: rate %.3f, CPU %.3f\n' "$(median_of 1 < "$WORK/ratios.txt")" "$(median_of 2 < "$WORK/ratios.txt")"
}

main "$@"
