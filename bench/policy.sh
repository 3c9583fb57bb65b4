#!/usr/bin/env bash
# Changes the policy again and again while mail goes through three nodes, and measures how long a change takes to be in force on all of them. The
# claims are those of the test: 99 of 100 changes within 500 ms, and no mail that is judged by two versions, or by one that does not hold.
# Needs the .NET SDK; no root, nothing but loopback.

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

CHANGES=200
CLIENTS=4

usage() {
    cat << TEXT
usage: $0 [--changes N] [--clients N]

  --changes N   how often the policy is changed (default $CHANGES)
  --clients N   that send a mail every 25 ms, on each node (default $CLIENTS)

Ends with 1 when a claim does not hold.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --changes) need_value "$1" $#; whole_number "$1" "$2" 20; CHANGES=$2; shift ;;
        --clients) need_value "$1" $#; whole_number "$1" "$2" 1; CLIENTS=$2; shift ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

need_commands dotnet
clean_up_at_exit
make_work_directory "$DATA"
print_machine
dotnet build "$ROOT/tests/Relay.Node.Tests" -c Release -v q -clp:NoSummary
status=0
RELAY_POLICY_CHANGES=$CHANGES RELAY_POLICY_CLIENTS=$CLIENTS RELAY_POLICY_REPORT=$WORK/report dotnet test "$ROOT/tests/Relay.Node.Tests" \
    -c Release --no-build --nologo -v q --filter FullyQualifiedName~PolicyLoadTests || status=$?
echo
cat "$WORK/report" || die "the changes were not all made"
[[ $status -eq 0 ]] || die "a claim does not hold"
