#!/usr/bin/env bash
# Hammers one key of a limit on three nodes at once, kills one, starts it again, and holds every window against rate, burst and leases. The
# claims are those of the test: never above, at least 98 % of the rate without faults, 85 % with a node dead. Needs the .NET SDK; no root,
# nothing but loopback.

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

PHASE_SECONDS=60
RATE=1200/min
BURST=40

usage() {
    cat << TEXT
usage: $0 [--seconds N] [--rate RATE] [--burst N]

  --seconds N   of each phase: no faults, a node dead; half of it with the node back (default $PHASE_SECONDS)
  --rate RATE   of the limit, as a policy has it (default $RATE)
  --burst N     of it (default $BURST)

Ends with 1 when the limit does not hold.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 30; PHASE_SECONDS=$2; shift ;;
        --rate) need_value "$1" $#; RATE=$2; shift ;;
        --burst) need_value "$1" $#; whole_number "$1" "$2" 1; BURST=$2; shift ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

need_commands dotnet
dotnet build "$ROOT/tests/Relay.Node.Tests" -c Release -v q -clp:NoSummary
RELAY_LIMIT_SECONDS=$PHASE_SECONDS RELAY_LIMIT_RATE=$RATE RELAY_LIMIT_BURST=$BURST dotnet test "$ROOT/tests/Relay.Node.Tests" \
    -c Release --no-build --nologo -v q --filter FullyQualifiedName~LimitClusterTests || die "the limit does not hold"
