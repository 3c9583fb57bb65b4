#!/usr/bin/env bash
# Restarts three nodes one after another, again and again, while smtp-source and careful clients send through HAProxy. The assertions are those of the
# test: no transaction fails but for a 421 before a mail, and all accepted mail arrives once. Needs the .NET SDK, haproxy and smtp-source of Debian's
# postfix package; no root, nothing but loopback.

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=10

usage() {
    cat << TEXT
usage: $0 [--rounds N]

  --rounds N    how often all three nodes are restarted (default $ROUNDS)

Ends with 1 when a transaction failed or mail is missing.
TEXT
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --rounds) need_value "$1" $#; whole_number "$1" "$2" 1; ROUNDS=$2; shift ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

PATH=$PATH:/usr/sbin:/sbin
need_commands dotnet haproxy smtp-source
dotnet build "$ROOT/tests/Relay.Node.Tests" -c Release -v q -clp:NoSummary
RELAY_REQUIRE_INTEROP=1 RELAY_ROLL_ROUNDS=$ROUNDS dotnet test "$ROOT/tests/Relay.Node.Tests" -c Release --no-build --nologo -v q \
    --logger "console;verbosity=detailed" --filter FullyQualifiedName~Nodes_that_are_restarted_one_after_another || die "a restart costs mail"
