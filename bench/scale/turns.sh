# shellcheck shell=bash
# Two nodes that deliver the same mail in turns, one with dead destinations beside it and one without. Sourced by scale.sh, whose nodes these are.
# shellcheck disable=SC2317  # some functions are only called by their names
# shellcheck disable=SC2153  # set by scale.sh: MESSAGES, DRAIN_SECONDS

readonly TURN_MS=300    # for which one of a pair runs while the other stands still

is_drained() { is_gone "${SINK_PIDS[$1]}" || is_gone "${RELAY_PIDS[$1]}"; }

# usage: freeze NODE, thaw NODE; the relay and its sink
freeze() { kill -STOP "${RELAY_PIDS[$1]}" "${SINK_PIDS[$1]}" 2> /dev/null || true; }

thaw() { kill -CONT "${RELAY_PIDS[$1]}" "${SINK_PIDS[$1]}" 2> /dev/null || true; }

# What stands still would not end when told to.
before_cleanup() {
    local node
    for node in "${!RELAY_PIDS[@]}"; do
        thaw "$node"
    done
}

# usage: start_side NODE; all live messages to a sink that ends with the last of them. The sink says nothing until the first turn, so that
# nothing is delivered before the clock runs, however late the relay is seen to be ready.
start_side() {
    restore_data "$1"
    start_process "$WORK/$1.sink" dotnet "$RELAY_DLL" sink --listen "127.0.0.1:${SINK_PORTS[$1]}" --count "$((MESSAGES / 2))"
    SINK_PIDS[$1]=$STARTED
    wait_for "$START_SECONDS" "the sink" is_listening "${SINK_PORTS[$1]}"
    kill -STOP "$STARTED"
    start_node "$1"
    RELAY_PIDS[$1]=$RELAY_PID
    freeze "$1"
    RAN_MS[$1]=0
}

# usage: take_turn NODE; true when its sink has everything
take_turn() {
    local start now drained=1
    start=$(milliseconds_now)
    thaw "$1"
    until is_drained "$1"; do
        now=$(milliseconds_now)
        [[ $now -lt $((start + TURN_MS)) ]] || { drained=0; break; }
        sleep "$POLL_SECONDS"
    done
    freeze "$1"
    now=$(milliseconds_now)
    RAN_MS[$1]=$((RAN_MS[$1] + now - start))
    [[ ${RAN_MS[$1]} -lt $((DRAIN_SECONDS * 1000)) ]] || die "waited $DRAIN_SECONDS s for $((MESSAGES / 2)) messages at the sink of $1"
    [[ $drained -eq 1 ]]
}

# usage: end_side NODE QUEUED-AFTERWARDS; the relay stands still afterwards.
end_side() {
    RELAY_LOG=$WORK/$1/relay.log
    is_running "${RELAY_PIDS[$1]}" || relay_died
    wait "${SINK_PIDS[$1]}" || die "the sink: $(tail -n 3 -- "$WORK/$1.sink")"
    forget_process "${SINK_PIDS[$1]}"
    thaw "$1"
    wait_for "$STOP_SECONDS" "the queue to hold $2 messages" has_queued "$1" "$2"
    freeze "$1"
}

# usage: drain_pair NODE NODE, in the order in which they take turns: a machine that others use too is as slow for one as for the other, which it
# would not be for one after the other. Leaves the time of each in RAN_MS, and both relays standing still.
drain_pair() {
    local node
    local -A left=([alone]=0 [among]=$((MESSAGES - MESSAGES / 2)))
    start_side "$1"
    start_side "$2"
    while [[ ${#left[@]} -gt 0 ]]; do
        for node in "$@"; do
            if [[ -n ${left[$node]:-} ]] && take_turn "$node"; then
                end_side "$node" "${left[$node]}"
                unset "left[$node]"
            fi
        done
    done
}
