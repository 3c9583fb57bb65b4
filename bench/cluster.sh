#!/usr/bin/env bash
# Kills and pauses one process of three while mail goes through all of them, and cuts the network between them, again and again. The assertions
# are those of the tests: nothing accepted is lost, no living node is interrupted, the cluster is whole 30 s after the fault's end.
# Needs the .NET SDK; no root, nothing but loopback.

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=10
FAULT_SECONDS=30

usage() {
    cat << TEXT
usage: $0 [--rounds N] [--seconds N]

  --rounds N    how often each fault is brought about (default $ROUNDS)
  --seconds N   how long a node is gone at the least (default $FAULT_SECONDS)

Ends with 1 at the first round that does not hold.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2; shift ;;
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 0; FAULT_SECONDS=$2; shift ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

need_commands dotnet
dotnet build "$ROOT/tests/Relay.Node.Tests" -c Release -v q -clp:NoSummary
for ((round = 1; round <= ROUNDS; round++)); do
    began=$SECONDS
    RELAY_FAULT_SECONDS=$FAULT_SECONDS dotnet test "$ROOT/tests/Relay.Node.Tests" -c Release --no-build --nologo -v q \
        --filter 'FullyQualifiedName~ClusterFaultTests|FullyQualifiedName~PartitionTests' || die "round $round does not hold"
    echo "round $round of $ROUNDS holds ($((SECONDS - began)) s)"
done
