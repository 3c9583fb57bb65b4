#!/usr/bin/env bash
# Measures what a cluster costs: mail through three nodes on one machine against one node on the same machine, by the same clients, in turn.
# And what limits add: leases that cover a mail, and messages between nodes. Needs root (smtp-sink), the .NET SDK, python3, and smtp-source and
# smtp-sink of Debian's postfix package.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=3
MESSAGES=40000
WARM_UP=20000
SESSIONS=48
SIZE=4096
WHAT=all
RATIO_TARGET=0.6
TICKS=$(getconf CLK_TCK) # of CPU time, a second
readonly TICKS RATIO_TARGET
readonly FORM_SECONDS=120   # a cluster has all of its shards within this
PIDS=() SMTP=() ADMIN=()
declare -A LIMITS=(
    [none]=''
    [lease]='{ "name": "client", "rate": "1000000/s" }'
    [asked]='{ "name": "client", "rate": "4/s", "burst": 1000000000 }'
)

usage() {
    cat << TEXT
usage: $0 [option]...

  --rounds N        of one node and of three, in turn (default $ROUNDS)
  --messages N      of a round (default $MESSAGES)
  --warm-up N       to each node before its round (default $WARM_UP)
  --sessions N      connections of all three smtp-source together (default $SESSIONS)
  --size N          octets of a message (default $SIZE)
  --only WHAT       nodes: one node against three; limits: three nodes under limits; all (default)
  --relay DLL       the relay.dll to measure, instead of building it
  --data DIR        where the nodes keep their data, a folder on a disk (default $DATA)

Ends with 1 when the rate of three nodes is under $RATIO_TARGET of one node's.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2 ;;
            --messages) need_value "$1" $#; whole_number "$1" "$2" 100; MESSAGES=$2 ;;
            --warm-up) need_value "$1" $#; whole_number "$1" "$2" 3; WARM_UP=$2 ;;
            --sessions) need_value "$1" $#; whole_number "$1" "$2" 3; SESSIONS=$2 ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 1; SIZE=$2 ;;
            --only)
                need_value "$1" $#
                [[ $2 =~ ^(nodes|limits|all)$ ]] || usage_error "--only takes nodes, limits or all"
                WHAT=$2 ;;
            *) read_common_option "$@" ;;
        esac
        shift 2
    done
}

has_shards() { local n; n=$(metric "$1" relay_limit_shards) && [[ $n -ge $2 ]]; }

# usage: start_nodes COUNT LIMIT; sets PIDS, SMTP and ADMIN. A budget that a busy machine does not let answer in time refuses nothing: smtp-source
# would end.
start_nodes() {
    local i seeds=() cluster=()
    PIDS=() SMTP=() ADMIN=()
    for ((i = 0; i < $1; i++)); do
        free_port; SMTP+=("$PORT")
        free_port; ADMIN+=("$PORT")
        free_port; cluster+=("127.0.0.1:$PORT")
        [[ $1 -eq 1 ]] || seeds+=("\"127.0.0.1:$PORT\"")
    done
    for ((i = 0; i < $1; i++)); do
        write_relay_settings "$WORK/node$i" "${SMTP[i]}" "${ADMIN[i]}" << JSON
{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$SINK_PORT" } ], "limits": [ $2 ], "onLimitUnavailable": "allow" }
JSON
        RELAY_OPTIONS=("--Node:Name=n$i" "--Cluster:Address=${cluster[i]}")
        local n
        for ((n = 0; n < ${#seeds[@]}; n++)); do
            RELAY_OPTIONS+=("--Cluster:Seeds:$n=${seeds[n]//\"/}")
        done
        start_relay "$WORK/node$i"
        PIDS+=("$RELAY_PID")
    done
    for ((i = 0; i < $1; i++)); do
        await_relay "${ADMIN[i]}"
        wait_for "$FORM_SECONDS" "a part of the budgets on each node" has_shards "${ADMIN[i]}" $((48 / $1))
    done
}

stop_nodes() {
    local i
    for i in "${ADMIN[@]}"; do
        wait_for "$QUEUE_EMPTY_SECONDS" "a queue to be empty" is_queue_empty "$i"
    done
    for i in "${PIDS[@]}"; do kill -TERM "$i"; done
    for i in "${PIDS[@]}"; do stop_process "$i"; done
    rm -rf -- "$WORK"/node?
}

# usage: sum NAME [LABEL]; of a figure over the nodes
sum() {
    local port total=0 answer
    for port in "${ADMIN[@]}"; do
        answer=$(http_get "$port" /metrics)
        total=$((total + $(awk -v name="$1" -v label="${2:-}" '
            index($1, name) == 1 && $1 ~ "^" name "({|$)" && index($0, label) { sub(/^[^{ ]*(\{.*\})? /, ""); n += $1 } END { printf "%d", n }' <<< "$answer")))
    done
    echo "$total"
}

cpu_ticks() {
    local pid total=0
    for pid in "${PIDS[@]}"; do total=$((total + $(awk '{ print $14 + $15 }' "/proc/$pid/stat"))); done
    echo "$total"
}

# usage: send MESSAGES. Always three clients, each to a node of its own where there are three. Sets ACCEPT and DELIVER, in seconds.
send() {
    local ports=("${SMTP[0]}" "${SMTP[1]:-${SMTP[0]}}" "${SMTP[2]:-${SMTP[0]}}")
    python3 "$BENCH/compare/round.py" --port "${ports[@]}" --sink "$WORK/sink.txt" --messages "$1" --sessions "$SESSIONS" --size "$SIZE" > "$WORK/round.txt" &
    TRACKED+=($!)
    wait $! || die "a round failed"
    forget_process $!
    read -r ACCEPT DELIVER < "$WORK/round.txt"
}

# usage: run_round NODES LIMIT-NAME. Prints a row, and adds its figures to a file of that name: accepted a second, delivered a second.
run_round() {
    local ticks sent hits misses
    start_nodes "$1" "${LIMITS[$2]}"
    send $((WARM_UP * $1))
    for port in "${ADMIN[@]}"; do
        wait_for "$QUEUE_EMPTY_SECONDS" "a queue to be empty" is_queue_empty "$port"
    done
    ticks=$(cpu_ticks)
    sent=$(sum relay_cluster_messages_total)
    hits=$(sum relay_limit_looks_total 'result="hit"')
    misses=$(sum relay_limit_looks_total 'result="miss"')
    send "$MESSAGES"
    ticks=$(($(cpu_ticks) - ticks))
    sent=$(($(sum relay_cluster_messages_total) - sent))
    hits=$(($(sum relay_limit_looks_total 'result="hit"') - hits))
    misses=$(($(sum relay_limit_looks_total 'result="miss"') - misses))
    awk -v n="$MESSAGES" -v a="$ACCEPT" -v d="$DELIVER" 'BEGIN { printf "%.1f %.1f\n", n / a, n / d }' >> "$WORK/results-$1-$2.txt"
    awk -v nodes="$1" -v limit="$2" -v n="$MESSAGES" -v a="$ACCEPT" -v d="$DELIVER" -v t="$ticks" -v hz="$TICKS" -v s="$sent" -v h="$hits" -v m="$misses" '
        BEGIN { printf "| %d | %s | %.0f | %.0f | %.0f | %s | %.4f |\n", nodes, limit, n / a, n / d, t / hz * 1e6 / n,
            h + m ? sprintf("%.2f %%", 100 * h / (h + m)) : "-", s / n }'
    stop_nodes
}

main() {
    local round ratio status=0
    read_options "$@"
    [[ $EUID -eq 0 ]] || die "smtp-sink lets only root give up its rights"
    need_commands awk python3 smtp-source smtp-sink
    clean_up_at_exit
    make_work_directory "$DATA"
    need_disk_space "$WORK" 4
    need_descriptors 4096
    build_relay
    free_port; SINK_PORT=$PORT
    start_smtp_sink "$SINK_PORT" "$WORK/sink.txt"
    print_machine
    echo "- three \`smtp-source -d -l $SIZE\`, $SESSIONS connections together, $MESSAGES messages a round"
    printf '\n| nodes | limit | accept/s | accept to delivered/s | CPU us a message | decided by leases | messages between nodes for a mail |\n|---|---|---|---|---|---|---|\n'
    if [[ $WHAT != limits ]]; then
        for ((round = 1; round <= ROUNDS; round++)); do
            if ((round % 2)); then
                run_round 1 none
                run_round 3 none
            else
                run_round 3 none
                run_round 1 none
            fi
        done
        ratio=$(awk -v three="$(median_of 2 < "$WORK/results-3-none.txt")" -v one="$(median_of 2 < "$WORK/results-1-none.txt")" 'BEGIN { printf "%.2f", three / one }')
        printf '\naccept to delivered, three nodes to one, medians: %s (at least %s)\n' "$ratio" "$RATIO_TARGET"
        awk -v r="$ratio" -v t="$RATIO_TARGET" 'BEGIN { exit !(r >= t) }' || status=1
    fi
    if [[ $WHAT != nodes ]]; then
        run_round 3 lease
        run_round 3 asked
    fi
    exit "$status"
}

main "$@"
