#!/usr/bin/env bash
# Runs every scenario of `relay flood` against nodes of its own, in full or shortened, with the same targets.
# Needs the .NET SDK; no root, nothing but loopback (Linux, where all of 127.0.0.0/8 is).

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

PHASE_SECONDS=60
DISK_SECONDS=600
HTML=
SHORT=0
readonly SHORT_SCENARIOS=(all-nodes many-keys slowloris connection-churn)
readonly SHORT_OPTIONS=(--nodes 1 --warm-up 4 --seconds 2 --recovery 1 --legit-rate 50)

usage() {
    cat << TEXT
usage: $0 [option]...

  --seconds N   of the baseline and of the flood, each (default $PHASE_SECONDS)
  --disk N      the same of big-bodies and dead-destination, which fill the disk (default $DISK_SECONDS)
  --html DIR    write a page with plots for each scenario to this folder
  --short       ${SHORT_SCENARIOS[*]} with one node, seconds each: what must hold on a machine that is busy too
                (nobody refused, nothing lost, nobody over a limit, memory); targets of time are shown and not judged
  --data DIR    a folder on a disk (default $DATA)
  --relay DLL   use this relay.dll instead of building one

Ends with 1 when a target is missed.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 5; PHASE_SECONDS=$2; shift ;;
        --disk) need_value "$1" $#; whole_number "$1" "$2" 5; DISK_SECONDS=$2; shift ;;
        --html) need_value "$1" $#; HTML=$2; shift ;;
        --short) SHORT=1 ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

# usage: flood SCENARIO OPTION...; its report goes to standard output
flood() {
    local page=()
    [[ -z $HTML ]] || page=(--html "$HTML/$1.html")
    : > "$WORK/flood.log"
    start_process "$WORK/flood.log" dotnet "$RELAY_DLL" flood "$@" "${page[@]}" --data "$WORK"
    local status=0
    wait "$STARTED" || status=$?
    forget_process "$STARTED"
    cat -- "$WORK/flood.log"
    return "$status"
}

# Targets that a busy machine misses by itself.
readonly TIMED='^  FAIL  (goodput|p99|recovery):'

is_short_good() {
    grep -q '^  pass  refused:' "$WORK/flood.log" && ! grep '^  FAIL ' "$WORK/flood.log" | grep -vE "$TIMED"
}

main() {
    local scenario failed=()
    need_commands dotnet awk
    clean_up_at_exit
    build_relay
    make_work_directory "$DATA"
    print_machine
    [[ -z $HTML ]] || mkdir -p -- "$HTML"
    if [[ $SHORT -eq 1 ]]; then
        for scenario in "${SHORT_SCENARIOS[@]}"; do
            flood "$scenario" "${SHORT_OPTIONS[@]}" || is_short_good || failed+=("$scenario")
        done
    else
        for scenario in baseline pipelined-mail connection-churn slowloris all-nodes many-keys rcpt-harvest auth-guess node-kill; do
            flood "$scenario" --seconds "$PHASE_SECONDS" --warm-up 20 --recovery 20 || failed+=("$scenario")
        done
        for scenario in big-bodies dead-destination; do
            flood "$scenario" --seconds "$DISK_SECONDS" --warm-up 20 --recovery 20 || failed+=("$scenario")
        done
    fi
    [[ ${#failed[@]} -eq 0 ]] || die "missed a target: ${failed[*]}"
}

main
