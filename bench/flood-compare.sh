#!/usr/bin/env bash
# The same floods against Relay, Postfix and, when asked for, Haraka, each as one node on this machine in front of the flood tester's own sink, in turn.
# Postfix has its anvil limits set to what Relay's policy limits, and Haraka its limit plugin. Needs root (Postfix does), the .NET SDK, python3 and Debian's
# postfix package; with Haraka node, npm and Debian's redis-server package.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=postfix.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/postfix.sh"
# shellcheck source-path=SCRIPTDIR source=haraka.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/haraka.sh"

ROUNDS=3
PHASE_SECONDS=20
SCENARIOS=(pipelined-mail connection-churn slowloris big-bodies many-keys rcpt-harvest)
SIDES=(postfix relay)
readonly LIMIT_PER_MINUTE=150 # of one client's messages; the legitimate senders use four fifths of it
readonly CONNECTIONS_PER_MINUTE=600 CONNECTIONS=20
readonly LIMITS="$LIMIT_PER_MINUTE messages and $CONNECTIONS_PER_MINUTE connections a minute of one client, $CONNECTIONS at once"

usage() {
    cat << TEXT
usage: $0 [option]...

  --rounds N      rounds of each side and scenario, in turn (default $ROUNDS)
  --seconds N     of the baseline and of the flood, each (default $PHASE_SECONDS)
  --scenario NAME only this one
  --only SIDE     postfix, haraka or relay
  --haraka        Haraka as well
  --data DIR      where both keep their data, a folder on a disk (default $DATA)
  --relay DLL     use this relay.dll instead of building one

Prints a row for each scenario and side: medians, and in brackets the spread. Judges nothing: what Relay must hold is judged by flood.sh.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2; shift ;;
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 2; PHASE_SECONDS=$2; shift ;;
        --scenario) need_value "$1" $#; SCENARIOS=("$2"); shift ;;
        --only)
            need_value "$1" $#
            [[ $2 =~ ^(postfix|haraka|relay)$ ]] || usage_error "--only takes postfix, haraka or relay"
            SIDES=("$2"); shift ;;
        --haraka) SIDES=(postfix haraka relay) ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

# Clients on loopback other than 127.0.0.1 are strangers to it, as they are to the relay.
write_postfix_configuration() {
    write_postfix_instance postfix-flood << CF
mynetworks = 127.0.0.1/32
relay_domains = flood.example, dead.flood.example
relay_recipient_maps = inline:{user@flood.example=ok, user@dead.flood.example=ok}
transport_maps = inline:{flood.example=smtp:[127.0.0.1]:$SINK_PORT, dead.flood.example=smtp:[127.0.0.1]:$DEAD_PORT}
smtpd_relay_restrictions = reject_unauth_destination
message_size_limit = 36700160
smtpd_client_event_limit_exceptions =
smtpd_client_message_rate_limit = $LIMIT_PER_MINUTE
smtpd_client_connection_count_limit = $CONNECTIONS
smtpd_client_connection_rate_limit = $CONNECTIONS_PER_MINUTE
CF
}

before_cleanup() { stop_postfix; }

# usage: flood SIDE SCENARIO ROUND
flood() {
    local status=0 report=$WORK/$1-$2-$3.json where=(--nodes 1 --data "$WORK")
    case $1 in
        postfix)
            start_postfix
            where=(--target "127.0.0.1:$POSTFIX_PORT" --sink "127.0.0.1:$SINK_PORT") ;;
        haraka)
            start_haraka_counters
            start_haraka
            where=(--target "127.0.0.1:$HARAKA_PORT" --sink "127.0.0.1:$SINK_PORT") ;;
    esac
    : > "$WORK/errors.log"
    dotnet "$RELAY_DLL" flood "$2" "${where[@]}" --limit "$LIMIT_PER_MINUTE/min" --burst "$LIMIT_PER_MINUTE" --seconds "$PHASE_SECONDS" --json \
        > "$report" 2> "$WORK/errors.log" &
    TRACKED+=($!)
    wait $! || status=$? # 1 when a target is missed: the report is there all the same
    forget_process $!
    case $1 in
        postfix) stop_postfix ;;
        haraka) stop_haraka; stop_haraka_counters ;;
    esac
    [[ -s $report ]] || die "no report of $2 by $1 (status $status): $(tail -n 1 -- "$WORK/errors.log")"
    note "round $3 of $2, $1: done"
}

main() {
    local round scenario side
    [[ $EUID -eq 0 ]] || die "only root can start Postfix"
    need_commands dotnet python3 awk
    clean_up_at_exit
    build_relay
    make_work_directory "$DATA"
    POSTFIX_WORK=$WORK/postfix
    POSTFIX_CONF=$POSTFIX_WORK/conf
    free_port; POSTFIX_PORT=$PORT
    free_port; SINK_PORT=$PORT
    free_port; DEAD_PORT=$PORT
    HARAKA_WORK=$WORK/haraka
    free_port; HARAKA_PORT=$PORT
    print_machine
    for side in "${SIDES[@]}"; do
        case $side in
            postfix)
                need_commands postfix postconf
                write_postfix_configuration
                echo "- postfix: $(postconf -h -d mail_version), anvil limits set: $LIMITS" ;;
            haraka)
                write_haraka_instance "$SINK_PORT"
                write_haraka_limits "$SINK_PORT" "$DEAD_PORT" "$LIMIT_PER_MINUTE" "$CONNECTIONS_PER_MINUTE" "$CONNECTIONS"
                echo "- haraka: $HARAKA_VERSION on node $(node --version), limit plugin with Redis: $LIMITS" ;;
        esac
    done
    for scenario in "${SCENARIOS[@]}"; do
        for ((round = 1; round <= ROUNDS; round++)); do
            for side in "${SIDES[@]}"; do
                flood "$side" "$scenario" "$round"
            done
        done
    done
    echo
    echo "| scenario | side | goodput % | p99 baseline ms | p99 flood ms | times | refused or failed | attack/s made | admitted of one |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for scenario in "${SCENARIOS[@]}"; do
        for side in "${SIDES[@]}"; do
            python3 "$BENCH/flood/row.py" "$side" "$WORK/$side-$scenario-"*.json
        done
    done
}

main
