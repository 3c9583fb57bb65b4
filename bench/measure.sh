# shellcheck shell=bash disable=SC2034 # results are for whoever sources it
# What the scripts share that hold the memory of a relay against a bound. To be sourced behind lib.sh.

readonly SETTLED_KB=1024        # memory is settled when it has changed by no more than this...
SETTLED_SECONDS=5               # ...for so long
readonly SETTLE_SECONDS=90
FAULTS=0                        # figures over their bound so far

has_changed() {
    local change
    change=$(($(status_kilobytes "$RELAY_PID" VmRSS) - $1))
    [[ ${change#-} -gt $SETTLED_KB ]]
}

# Waits until the memory stands still. Sets RSS, in KB.
settle() {
    local end=$((SECONDS + SETTLE_SECONDS))
    RSS=$(status_kilobytes "$RELAY_PID" VmRSS)
    while poll "$SETTLED_SECONDS" has_changed "$RSS"; do
        RSS=$(status_kilobytes "$RELAY_PID" VmRSS)
        [[ $SECONDS -lt $end ]] || { note "memory does not settle within $SETTLE_SECONDS s"; return; }
    done
    RSS=$(status_kilobytes "$RELAY_PID" VmRSS)
}

# The same after a full collection. Sets COLLECTED, in KB, or nothing where no collection could be had.
settle_collected() {
    COLLECTED=
    if python3 "$BENCH/memory/collect_garbage.py" "$RELAY_PID" >&2; then
        settle
        COLLECTED=$RSS
    fi
}

# /proc counts in KiB; bounds are in KB and MB of 1000, the stricter reading.
megabytes() { awk "BEGIN { printf \"%.1f\", $1 * 1.024 / 1000 }"; }

# usage: judge WHAT VALUE BOUND UNIT
judge() { judge_by '>' over '' "$@"; }

# usage: judge_least WHAT VALUE BOUND UNIT; the bound is the least that is right
judge_least() { judge_by '<' under 'at least ' "$@"; }

# usage: judge_by WRONG-WHEN WORD PREFIX WHAT VALUE BOUND UNIT. A figure that is none is a fault.
judge_by() {
    local verdict=ok
    if [[ ! $5 =~ ^-?[0-9]+(\.[0-9]+)?$ ]]; then
        verdict='**missing**'
    elif [[ $(awk "BEGIN { print ($5 $1 $6) }") == 1 ]]; then
        verdict="**$2**"
    fi
    [[ $verdict == ok ]] || FAULTS=$((FAULTS + 1))
    echo "| $4 | $5 $7 | $3$6 $7 | $verdict |"
}
