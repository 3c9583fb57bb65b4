#!/usr/bin/env bash
# Measures what a refusal costs the relay beside an acceptance: microseconds of its own CPU time, user and system, whatever the client needs.
# Needs the .NET SDK, python3, and smtp-sink of Debian's postfix package.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=3
COUNT=4000
RECIPIENTS=5 # as many as errors for which no reply waits
TICKS=$(getconf CLK_TCK) # of CPU time, a second
readonly TICKS RECIPIENTS
declare -A PORTS ADMIN_PORTS PIDS
FAULTS=0

usage() {
    cat << TEXT
usage: $0 [option]...

  --relay DLL       the relay.dll to measure, instead of building it
  --rounds N        rounds of each kind, in turn (default $ROUNDS)
  --count N         conversations of a round (default $COUNT)
  --data DIR        where the relay keeps its data, a folder on a disk (default $DATA)

Each conversation has a connection of its own: EHLO, what its kind says, QUIT. Prints the median of each kind, and of a single recipient: a
fifth of what a conversation with $RECIPIENTS costs more than one with none. Ends with 1 when a refusal costs no less than an acceptance.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2 ;;
            --count) need_value "$1" $#; whole_number "$1" "$2" 100; COUNT=$2 ;;
            *) read_common_option "$@" ;;
        esac
        shift 2
    done
}

# usage: start_side NAME < POLICY
start_side() {
    free_port; PORTS[$1]=$PORT
    free_port; ADMIN_PORTS[$1]=$PORT
    write_relay_settings "$WORK/$1" "${PORTS[$1]}" "${ADMIN_PORTS[$1]}"
    start_relay "$WORK/$1"
    PIDS[$1]=$RELAY_PID
    await_relay "${ADMIN_PORTS[$1]}"
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/${PIDS[$1]}/stat"; }

# usage: run_round NAME SIDE KIND RECIPIENTS EXPECTED; adds the microseconds of a conversation to NAME's figures
run_round() {
    local before after told
    before=$(cpu_ticks "$2")
    told=$(python3 "$BENCH/refusals/converse.py" "${PORTS[$2]}" "$3" "$COUNT" "$4") || die "$1 failed; the end of $WORK/$2/relay.log may say why"
    wait_for "$QUEUE_EMPTY_SECONDS" "the queue to be empty" is_queue_empty "${ADMIN_PORTS[$2]}"
    after=$(cpu_ticks "$2")
    [[ $told == *"\"$5\":"* ]] || die "$1: no $5 among the replies: $told"
    awk -v c=$((after - before)) -v n=$((COUNT / 4 * 4)) -v hz="$TICKS" 'BEGIN { printf "%.1f\n", c / hz * 1e6 / n }' >> "$WORK/$1.txt"
}

figure() { median_of 1 < "$WORK/$1.txt"; }

# usage: single NAME; microseconds of one of its RCPT commands
single() { awk -v many="$(figure "$1")" -v none="$(figure greeting)" -v n="$RECIPIENTS" 'BEGIN { printf "%.1f\n", (many - none) / n }'; }

# usage: judge WHAT REFUSED ACCEPTED
judge() {
    local verdict=ok
    if [[ $(awk "BEGIN { print ($2 >= $3) }") == 1 ]]; then
        verdict='**no less**'
        FAULTS=$((FAULTS + 1))
    fi
    echo "| $1 | $2 | $3 | $verdict |"
}

main() {
    local round sink
    read_options "$@"
    [[ $EUID -eq 0 ]] || die "smtp-sink lets only root give up its rights"
    need_commands awk python3 smtp-sink
    clean_up_at_exit
    make_work_directory "$DATA"
    need_disk_space "$WORK" 1
    build_relay
    free_port; sink=$PORT
    start_smtp_sink "$sink" "$WORK/sink.txt"
    mkdir -p -- "$WORK/open"
    echo someone@known.example > "$WORK/open/users.txt"
    start_side open << JSON
{
  "acceptedDomains": ["relay.example", "known.example"], "recipients": { "known.example": "file:users.txt" }, "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$sink" } ],
  "connections": { "ratePerClient": "10000000/min" }, "relay": { "never": ["192.0.2.0/24"] }, "penalty": { "refusals": 1000000, "per": "1m", "for": "1m" }
}
JSON
    start_side closed << JSON
{ "acceptedDomains": ["relay.example"], "connections": { "ratePerClient": "1/d" }, "relay": { "never": ["192.0.2.0/24"] } }
JSON
    start_side penalty << JSON
{ "acceptedDomains": ["relay.example"], "relay": { "never": ["192.0.2.0/24"] }, "penalty": { "refusals": 1, "per": "1d", "for": "1d" } }
JSON
    python3 "$BENCH/refusals/converse.py" "${PORTS[closed]}" connection 4 0 > /dev/null # whoever comes first is let in
    python3 "$BENCH/refusals/converse.py" "${PORTS[penalty]}" offend 4 0 > /dev/null
    print_machine
    for ((round = 0; round <= ROUNDS; round++)); do
        run_round greeting open greeting 0 221
        run_round accepted-mail open accepted 1 250
        run_round refused-mail open refused 1 550
        run_round unknown-mail open unknown 1 550
        run_round accepted-many open accepted "$RECIPIENTS" 250
        run_round accepted-recipients open recipients "$RECIPIENTS" 250
        run_round refused-recipients open refused "$RECIPIENTS" 550
        run_round refused-sender open mail 0 552
        run_round refused-connection closed connection 0 421
        run_round penalised-connection penalty connection 0 421
        [[ $round -gt 0 ]] || rm -- "$WORK"/*-*.txt "$WORK/greeting.txt" # the first round warms up
    done
    cat << TABLE

| a conversation of | microseconds of CPU |
|---|---|
| EHLO and QUIT alone | $(figure greeting) |
| a message to one recipient, accepted, stored and delivered | $(figure accepted-mail) |
| a message to one recipient, refused at RCPT (relaying denied) | $(figure refused-mail) |
| a message to one recipient, refused at RCPT (unknown by a list) | $(figure unknown-mail) |
| a message to $RECIPIENTS recipients, accepted, stored and delivered | $(figure accepted-many) |
| $RECIPIENTS recipients, accepted, and no message | $(figure accepted-recipients) |
| $RECIPIENTS recipients, refused (relaying denied) | $(figure refused-recipients) |
| a MAIL, refused for its size | $(figure refused-sender) |
| a connection, refused by \`connections.ratePerClient\` | $(figure refused-connection) |
| a connection, refused by \`penalty\` | $(figure penalised-connection) |

| | refused | accepted | |
|---|---|---|---|
TABLE
    judge "one message" "$(figure refused-mail)" "$(figure accepted-mail)"
    judge "one message to an unknown recipient" "$(figure unknown-mail)" "$(figure accepted-mail)"
    judge "one recipient of $RECIPIENTS, with its part of the message" "$(single refused-recipients)" "$(single accepted-many)"
    echo "| one RCPT of $RECIPIENTS, no message behind it | $(single refused-recipients) | $(single accepted-recipients) | not judged |"
    judge "a MAIL" "$(figure refused-sender)" "$(figure accepted-mail)"
    judge "a connection" "$(figure refused-connection)" "$(figure greeting)"
    judge "a connection under a penalty" "$(figure penalised-connection)" "$(figure greeting)"
    [[ $FAULTS -eq 0 ]]
}

main "$@"
