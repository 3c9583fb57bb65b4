#!/usr/bin/env bash
# Hammers one key of a limit through HAProxy on three nodes, kills the one where its budget lives, starts it again, and holds every window against
# rate, burst and leases. Then invents a million keys. The claims are those of the tests: never above, at least 98 % of the rate without faults, 85 %
# with a node dead; bounded memory, and nobody's limit reset. Needs the .NET SDK and haproxy; no root, nothing but loopback.

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

PHASE_SECONDS=60
RATE=1200/min
BURST=40
KEYS=1000000

usage() {
    cat << TEXT
usage: $0 [--seconds N] [--rate RATE] [--burst N] [--keys N]

  --seconds N   of each phase: no faults, a node dead; a third of it with the node back (default $PHASE_SECONDS)
  --rate RATE   of the limit, as a policy has it (default $RATE)
  --burst N     of it (default $BURST)
  --keys N      invented keys (default $KEYS)

Ends with 1 when the limit does not hold.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 30; PHASE_SECONDS=$2; shift ;;
        --rate) need_value "$1" $#; RATE=$2; shift ;;
        --burst) need_value "$1" $#; whole_number "$1" "$2" 1; BURST=$2; shift ;;
        --keys) need_value "$1" $#; whole_number "$1" "$2" 200; KEYS=$2; shift ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

PATH=$PATH:/usr/sbin:/sbin
need_commands dotnet haproxy
dotnet build "$ROOT/tests/Relay.Node.Tests" -c Release -v q -clp:NoSummary
# usage: holds TEST WHAT
holds() {
    dotnet test "$ROOT/tests/Relay.Node.Tests" -c Release --no-build --nologo -v q --logger "console;verbosity=detailed" --filter "FullyQualifiedName~$1" \
        || die "$2"
}

RELAY_REQUIRE_INTEROP=1 RELAY_LIMIT_SECONDS=$PHASE_SECONDS RELAY_LIMIT_RATE=$RATE RELAY_LIMIT_BURST=$BURST holds LimitClusterTests "the limit does not hold"
RELAY_LIMIT_KEYS=$KEYS holds LimitBoundsTests "invented keys are not bounded"
