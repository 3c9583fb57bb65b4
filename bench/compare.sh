#!/usr/bin/env bash
# Measures Relay, Postfix and, if wanted, Haraka in one run, each as a relay in front of Postfix's smtp-sink, with smtp-source as the client.
# Needs root (Postfix does), the .NET SDK, python3, and Debian's postfix package, which is installed when it is missing; for Haraka node and npm.
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
SECONDS_MIN=15
SESSIONS=50
SIZE=4096
SIDES=(postfix relay)
POSTFIX_EXTRA=()
ACCEPT_TARGET=15
DELIVER_TARGET=15
HARAKA_TARGET=7
readonly WARM_UP_MESSAGES=300   # the first estimate of a side's rate, for a warm-up of WARM_UP_SECONDS
readonly WARM_UP_SECONDS=3
readonly CALIBRATION_MARGIN=125 # per cent of the messages that the warm-up's rate promises for SECONDS_MIN
readonly TRIES_MAX=3            # a round that was too short is run again with more messages
readonly SYNC_CHECK_MESSAGES=100

usage() {
    cat << TEXT
usage: $0 [option]...

  --rounds N          rounds of each side, in turn (default $ROUNDS); medians are reported
  --seconds N         shortest accept phase of a round (default $SECONDS_MIN)
  --sessions N        connections of smtp-source (default $SESSIONS)
  --size N            octets of a message (default $SIZE)
  --quick             one round of 3 s each: does it work at all? Its figures mean little
  --only SIDE         postfix, haraka or relay: no ratios then
  --haraka            Haraka as well
  --postfix KEY=VALUE a further line for Postfix's main.cf, repeatable; as shipped without
  --data DIR          where both keep their data, a folder on a disk (default $DATA)
  --relay DLL         measure this relay.dll instead of building one

Ends with 1 when a ratio is under its target (accept $ACCEPT_TARGET, accept to delivered $DELIVER_TARGET; to Haraka $HARAKA_TARGET), or a side lost
something.
TEXT
}

read_options() {
    while [[ $# -gt 0 ]]; do
        case $1 in
            --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2; shift ;;
            --seconds) need_value "$1" $#; whole_number "$1" "$2" 1; SECONDS_MIN=$2; shift ;;
            --sessions) need_value "$1" $#; whole_number "$1" "$2" 1; SESSIONS=$2; shift ;;
            --size) need_value "$1" $#; whole_number "$1" "$2" 1; SIZE=$2; shift ;;
            --quick) ROUNDS=1; SECONDS_MIN=3 ;;
            --only)
                need_value "$1" $#
                [[ $2 =~ ^(postfix|haraka|relay)$ ]] || usage_error "--only takes postfix, haraka or relay"
                SIDES=("$2"); shift ;;
            --haraka) SIDES=(postfix haraka relay) ;;
            --postfix)
                need_value "$1" $#
                [[ $2 == *=* ]] || usage_error "--postfix takes KEY=VALUE"
                POSTFIX_EXTRA+=("$2"); shift ;;
            *) read_common_option "$@"; shift ;;
        esac
        shift
    done
}

install_postfix() {
    local missing=()
    command -v smtp-sink > /dev/null && command -v postfix > /dev/null || missing+=(postfix)
    command -v strace > /dev/null || missing+=(strace)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get > /dev/null || die "install ${missing[*]}: this script knows only Debian's way"
    note "installing ${missing[*]}"
    [[ " ${missing[*]} " != *' postfix '* ]] || debconf-set-selections <<< 'postfix postfix/main_mailer_type select No configuration'
    export DEBIAN_FRONTEND=noninteractive
    # A list of packages that is a little old, or no longer there, is brought up to date.
    if ! apt-get install -y --no-install-recommends "${missing[@]}" >&2; then
        apt-get update >&2
        apt-get install -y --no-install-recommends "${missing[@]}" >&2 || die "${missing[*]} cannot be installed"
    fi
    need_commands postfix postconf smtp-sink smtp-source
}

# --- Postfix: an instance of its own beside any other

# A relay on loopback that lets 50 sessions in.
write_postfix_configuration() {
    {
        cat << CF
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:$POSTFIX_SINK_PORT
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_recipient_rate_limit = 0
CF
        printf '%s\n' "${POSTFIX_EXTRA[@]/=/ = }"
    } | write_postfix_instance postfix-bench
}

is_postfix_queue_empty() {
    local queue=$POSTFIX_WORK/queue
    [[ -z $(find "$queue/maildrop" "$queue/incoming" "$queue/active" "$queue/deferred" -type f -print -quit) ]]
}

# --- Relay

prepare_relay() {
    write_relay_settings "$RELAY_WORK" "$RELAY_PORT" "$RELAY_ADMIN_PORT" << JSON
{
  "relay": { "networks": ["127.0.0.0/8"] },
  "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:$RELAY_SINK_PORT" } ]
}
JSON
}

is_relay_queue_empty() { is_queue_empty "$RELAY_ADMIN_PORT"; }

# --- all sides by one name

before_cleanup() { stop_postfix; }

start_side() {
    case $1 in
        postfix) start_postfix ;;
        haraka) start_haraka ;;
        relay)
            start_relay "$RELAY_WORK"
            await_relay "$RELAY_ADMIN_PORT" ;;
    esac
}

stop_side() {
    wait_for "$QUEUE_EMPTY_SECONDS" "the queue of $1 to be empty" "is_$1_queue_empty"
    case $1 in
        postfix) stop_postfix ;;
        haraka) stop_haraka ;;
        relay) stop_process "$RELAY_PID" ;;
    esac
}

# usage: port_of SIDE
port_of() {
    local name=${1^^}_PORT
    echo "${!name}"
}

# usage: processes_of SIDE
processes_of() {
    case $1 in
        postfix) postfix_master ;;
        haraka) haraka_processes ;;
        relay) echo "$RELAY_PID" ;;
    esac
}

# usage: send SIDE MESSAGES. Sets ACCEPT and DELIVER, in seconds. In the background, so that a signal is heard at once.
send() {
    local result=$WORK/round.txt errors=$WORK/round.err
    python3 "$BENCH/compare/round.py" --port "$(port_of "$1")" --sink "$WORK/sink-$1.txt" --messages "$2" \
        --sessions "$SESSIONS" --size "$SIZE" > "$result" 2> "$errors" &
    TRACKED+=($!)
    if ! wait $!; then
        cat -- "$errors" >&2
        die "a round of $1 failed"
    fi
    forget_process $!
    read -r ACCEPT DELIVER < "$result"
}

calculate() { awk "BEGIN { print ($1) }"; }

# usage: messages_for SECONDS; by the rate of the last send of $MESSAGES
messages_for() { calculate "int($MESSAGES / $ACCEPT * $1 * $CALIBRATION_MARGIN / 100) + $SESSIONS"; }

flushes() {
    local disk
    disk=$(disk_in_sys) && awk 'NF >= 16 { print $16 }' "$disk/stat"
}

# usage: run_round SIDE NUMBER. Appends to the side's results: accept rate, delivered rate, messages, seconds, device flushes.
run_round() {
    local side=$1 tries before after count=-
    start_side "$side"
    MESSAGES=$WARM_UP_MESSAGES
    send "$side" "$MESSAGES"
    MESSAGES=$(messages_for "$WARM_UP_SECONDS")
    send "$side" "$MESSAGES"
    for ((tries = 1; ; tries++)); do
        MESSAGES=$(messages_for "$SECONDS_MIN")
        wait_for "$QUEUE_EMPTY_SECONDS" "the queue of $side to be empty" "is_${side}_queue_empty"
        before=$(flushes) || before=
        send "$side" "$MESSAGES"
        after=$(flushes) || after=
        [[ $(calculate "$ACCEPT < $SECONDS_MIN") == 1 && $tries -lt $TRIES_MAX ]] || break
        note "$side took $MESSAGES messages in $ACCEPT s: again with more"
    done
    stop_side "$side"
    [[ -z $before || -z $after ]] || count=$((after - before))
    calculate "sprintf(\"%.1f %.1f %d %.2f %.2f %s\", $MESSAGES / $ACCEPT, $MESSAGES / $DELIVER, $MESSAGES, $ACCEPT, $DELIVER, \"$count\")" \
        | tee -a "$WORK/results-$side.txt" \
        | awk -v side="$side" -v n="$2" '{ printf "round %s %-8s accept %8s/s   to delivered %8s/s   (%s messages)\n", n, side, $1, $2, $3 }' >&2
}

# usage: median SIDE COLUMN
median() { median_of "$2" < "$WORK/results-$1.txt"; }

# --- is it durable? Not what the documentation says, but what the processes do.

is_traced() { grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"; }

# usage: count_syncs SIDE; prints how many fsync and fdatasync calls SYNC_CHECK_MESSAGES messages cost, or why that is not known.
count_syncs() {
    local side=$1 trace=$WORK/strace-$1.txt ids tracer
    command -v strace > /dev/null || { echo "not traced (no strace)"; return; }
    start_side "$side"
    # Before the first message: Postfix's master has not started an smtpd or a cleanup yet, and strace follows those it starts.
    read -r -d '' -a ids < <(processes_of "$side") || true
    start_process "$WORK/strace.log" strace -f -qq -e trace=fsync,fdatasync -o "$trace" "${ids[@]/#/--attach=}"
    tracer=$STARTED
    if poll 5 is_traced "${ids[-1]}"; then
        send "$side" "$SYNC_CHECK_MESSAGES"
        wait_for "$QUEUE_EMPTY_SECONDS" "the queue of $side to be empty" "is_${side}_queue_empty"
        stop_process "$tracer" 10
        awk -v messages="$SYNC_CHECK_MESSAGES" '
            / fsync\(/ { fsync++ } / fdatasync\(/ { fdatasync++ }
            END { printf "%d fsync and %d fdatasync calls for %d messages", fsync, fdatasync, messages }' "$trace"
    else
        stop_process "$tracer" 10
        printf 'not traced (strace may not attach)'
    fi
    stop_side "$side"
}

describe_durability() {
    local side=$1 calls=$2 column
    column=$(awk '$6 != "-" { flushes += $6; messages += $3 } END { if (messages) printf "; in the rounds the disk saw %d flushes for %d messages", flushes, messages }' \
        "$WORK/results-$side.txt")
    case $side in
        postfix) echo "- postfix: $(postconf -h -d mail_version), every message fsynced in a file of its own before 250 (as shipped): $calls$column" ;;
        haraka) echo "- haraka: $HARAKA_VERSION on node $(node --version), every message fsynced in a file of its own before 250 (as shipped): $calls$column" ;;
        relay) echo "- relay: every message in a log batch that is synced before 250 (default): $calls$column" ;;
    esac
}

print_results() {
    local side
    echo
    echo "\`smtp-source -d -s $SESSIONS -l $SIZE\`, $ROUNDS rounds a side in turn, accept phases of $SECONDS_MIN s or more."
    echo
    echo "| side | round | messages | accept s | accept/s | delivered s | accept to delivered/s | disk flushes |"
    echo "|---|---|---|---|---|---|---|---|"
    for side in "${SIDES[@]}"; do
        awk -v side="$side" '{ printf "| %s | %d | %d | %.1f | %.0f | %.1f | %.0f | %s |\n", side, NR, $3, $4, $1, $5, $2, $6 }' "$WORK/results-$side.txt"
        printf '| **%s** | **median** | | | **%.0f** | | **%.0f** | |\n' "$side" "$(median "$side" 1)" "$(median "$side" 2)"
    done
    echo
    if [[ ${#POSTFIX_EXTRA[@]} -gt 0 ]]; then
        echo "Postfix with ${POSTFIX_EXTRA[*]}, else as shipped."
        echo
    fi
}

# Prints the ratios of medians to another side; false when one is under its target.
# usage: print_ratios SIDE ACCEPT_TARGET DELIVER_TARGET
print_ratios() {
    local accept deliver
    accept=$(calculate "sprintf(\"%.1f\", $(median relay 1) / $(median "$1" 1))")
    deliver=$(calculate "sprintf(\"%.1f\", $(median relay 2) / $(median "$1" 2))")
    echo "| ratio of medians, Relay to ${1^} | measured | at least |"
    echo "|---|---|---|"
    echo "| accept | $accept | $2 |"
    echo "| accept to delivered | $deliver | $3 |"
    [[ $(calculate "$accept >= $2 && $deliver >= $3") == 1 ]]
}

main() {
    local side round status=0
    local -A syncs
    read_options "$@"
    [[ $EUID -eq 0 ]] || die "only root can start Postfix"
    need_commands python3 awk
    clean_up_at_exit
    install_postfix
    make_work_directory "$DATA"
    need_disk_space "$WORK" 4
    need_descriptors 4096
    POSTFIX_WORK=$WORK/postfix
    POSTFIX_CONF=$POSTFIX_WORK/conf
    RELAY_WORK=$WORK/relay
    free_port; POSTFIX_PORT=$PORT
    free_port; RELAY_PORT=$PORT
    free_port; RELAY_ADMIN_PORT=$PORT
    HARAKA_WORK=$WORK/haraka
    free_port; HARAKA_PORT=$PORT
    free_port; POSTFIX_SINK_PORT=$PORT
    free_port; HARAKA_SINK_PORT=$PORT
    free_port; RELAY_SINK_PORT=$PORT
    # One sink for each side, for the whole run, so that no kept connection is ever cut by us.
    for side in "${SIDES[@]}"; do
        if [[ $side == postfix ]]; then
            write_postfix_configuration
            start_smtp_sink "$POSTFIX_SINK_PORT" "$WORK/sink-postfix.txt"
        elif [[ $side == haraka ]]; then
            write_haraka_instance "$HARAKA_SINK_PORT"
            start_smtp_sink "$HARAKA_SINK_PORT" "$WORK/sink-haraka.txt"
        else
            build_relay
            prepare_relay
            start_smtp_sink "$RELAY_SINK_PORT" "$WORK/sink-relay.txt"
        fi
    done

    print_machine
    for ((round = 1; round <= ROUNDS; round++)); do
        for side in "${SIDES[@]}"; do
            run_round "$side" "$round"
        done
    done
    for side in "${SIDES[@]}"; do
        count_syncs "$side" > "$WORK/syncs-$side.txt"
        syncs[$side]=$(< "$WORK/syncs-$side.txt")
    done
    for side in "${SIDES[@]}"; do
        describe_durability "$side" "${syncs[$side]}"
    done
    print_results
    if [[ ${#SIDES[@]} -gt 1 ]]; then
        print_ratios postfix "$ACCEPT_TARGET" "$DELIVER_TARGET" || status=1
        [[ ${#SIDES[@]} -eq 2 ]] || print_ratios haraka "$HARAKA_TARGET" "$HARAKA_TARGET" || status=1
    fi
    exit "$status"
}

main "$@"
