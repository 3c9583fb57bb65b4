#!/usr/bin/env bash
# A node whose spool and log have a file system of 512 MB. First two senders flood it within their rate, one with the largest bodies, one with mail that
# nobody takes, beside a steady sender. Then forty networks fill it, until they are told 452. Then what was dead comes back and takes its mail.
# Nothing with a 250 may be missing, nobody is refused while the two flood, and the node is back to normal by itself.
# Needs the .NET SDK, python3 and root (for a mount of its own); nothing but loopback.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

FLOOD_SECONDS=600
FILL_MORE_SECONDS=20        # it is filled on for so long after the first 452
STEADY_PER_SECOND=20
readonly DISK_MEGABYTES=512
readonly LOG_QUOTA=$((32 << 20))
readonly SHARE=$((64 << 20))        # the default of a spool of this size
readonly FILL_NETWORKS=40
readonly FILL_OCTETS=$((1 << 20))
readonly FILL_SECONDS_MAX=300
readonly DRAIN_SECONDS=600
readonly AFTER_SECONDS=15
readonly WARM_UP_SECONDS=5
readonly RECOVERY_SECONDS=5

usage() {
    cat << TEXT
usage: $0 [option]...

  --seconds N   of the two floods, and as long before them without (default $FLOOD_SECONDS)
  --short       15 seconds of each
  --data DIR    a folder on a disk (default $DATA)
  --relay DLL   use this relay.dll instead of building one

Ends with 1 when something does not hold.
TEXT
}

# Nobody else sees the mount, and it ends with us.
if [[ -z ${RELAY_DISK_INSIDE:-} && " $* " != *" --help "* ]]; then
    exec unshare --mount --propagation private env RELAY_DISK_INSIDE=1 "${BASH_SOURCE[0]}" "$@"
fi

while [[ $# -gt 0 ]]; do
    case $1 in
        --seconds) need_value "$1" $#; whole_number "$1" "$2" 5; FLOOD_SECONDS=$2; shift ;;
        --short) FLOOD_SECONDS=15 ;;
        *) read_common_option "$@"; shift ;;
    esac
    shift
done

before_cleanup() {
    stop_everything
    umount "$WORK/disk" 2> /dev/null
}

mount_disk() {
    local image=$WORK/disk.img
    mkdir "$WORK/disk"
    truncate -s "${DISK_MEGABYTES}M" "$image"
    if ! { mkfs.ext4 -q -m 0 "$image" && mount -o loop "$image" "$WORK/disk"; } 2> /dev/null; then
        note "files cannot be mounted here: the disk is in memory"
        mount -t tmpfs -o "size=${DISK_MEGABYTES}m" relay "$WORK/disk"
    fi
}

prepare_relay() {
    write_relay_settings "$WORK/relay" "$RELAY_PORT" "$ADMIN_PORT" << JSON
{
  "acceptedDomains": ["relay.example", ".relay.example", "flood.example", ".flood.example"],
  "routes": [
    { "domain": "next.relay.example", "to": "smtp://127.0.0.1:$SINK_PORT" },
    { "domain": "fill.relay.example", "to": "smtp://127.0.0.1:$FILL_SINK_PORT" },
    { "domain": "flood.example", "to": "smtp://127.0.0.1:$FLOOD_SINK_PORT" },
    { "domain": "dead.flood.example", "to": "smtp://127.0.0.1:$DEAD_PORT" }
  ],
  "delivery": { "retry": "5s" }
}
JSON
    RELAY_OPTIONS=("--Node:DataDirectory=$WORK/disk/data" "--Log:Directory=$WORK/disk/log" "--Log:QuotaBytes=$LOG_QUOTA")
}

# usage: start_sink PORT [LEDGER]
start_sink() {
    start_process "$WORK/sink.log" dotnet "$RELAY_DLL" sink --listen "127.0.0.1:$1" ${2:+--ledger "$2"}
    wait_for "$START_SECONDS" "the sink on port $1" is_listening "$1"
}

# usage: start_load LEDGER NAME OPTION...
start_load() {
    local ledger=$1 name=$2
    shift 2
    start_process "$WORK/load-$name.log" python3 "$BENCH/ledger/load.py" --port "$RELAY_PORT" --ledger "$ledger" --run "$name" --large-share 0 "$@"
}

phase() {
    printf '%s %s\n' "${EPOCHREALTIME/,/.}" "$1" >> "$WORK/phases"
    note "$1"
}

# Each flood sees what both fill: their mail, of which the one that is delivered is gone soon.
# usage: start_flood SCENARIO SINK-OPTION...
start_flood() {
    local scenario=$1
    shift
    start_process "$WORK/flood-$scenario.log" dotnet "$RELAY_DLL" flood "$scenario" --target "127.0.0.1:$RELAY_PORT" --api "http://127.0.0.1:$ADMIN_PORT" \
        --seconds "$FLOOD_SECONDS" --warm-up "$WARM_UP_SECONDS" --recovery "$RECOVERY_SECONDS" --legit-rate 20 --legit-senders 10 \
        --spool-share "$((SHARE * 7 / 5))" "$@"
}

# Times are not judged: on a machine that is busy they say nothing, and flood.sh judges them.
is_flood_good() {
    local scenario missed=0
    for scenario in big-bodies dead-destination; do
        cat -- "$WORK/flood-$scenario.log"
        grep -q '^  pass  refused:' "$WORK/flood-$scenario.log" && ! grep '^  FAIL ' "$WORK/flood-$scenario.log" | grep -qvE '^  FAIL  (goodput|p99|recovery):' || missed=1
    done
    return "$missed"
}

has_refused_fill() { grep -q $'^[^\t]*\t4[0-9][0-9]\t' "$FILL_LEDGER"; }

is_drained() { is_queue_empty "$ADMIN_PORT"; }

is_normal() { [[ $(metric "$ADMIN_PORT" relay_pressure_level) == 0 ]]; }

# usage: compare SENT SINK
compare() {
    python3 "$BENCH/ledger/compare.py" --sent "$1" --sink "$2" --events "$WORK/events"
}

main() {
    local big dead fill steady watch good=1
    need_commands dotnet python3 awk mount
    clean_up_at_exit
    build_relay
    make_work_directory "$DATA"
    need_disk_space "$WORK" 4
    free_port; RELAY_PORT=$PORT
    free_port; ADMIN_PORT=$PORT
    free_port; SINK_PORT=$PORT
    free_port; FILL_SINK_PORT=$PORT
    free_port; FLOOD_SINK_PORT=$PORT
    free_port; DEAD_PORT=$PORT
    STEADY_LEDGER=$WORK/steady.tsv
    FILL_LEDGER=$WORK/fill.tsv
    touch "$STEADY_LEDGER" "$FILL_LEDGER" "$WORK/sink.tsv" "$WORK/fill-sink.tsv"
    printf '%s\tstart\tonly\n' "${EPOCHREALTIME/,/.}" > "$WORK/events"
    print_machine
    mount_disk
    echo "- the node's disk: $(df --output=fstype,size -B 1M -- "$WORK/disk" | awk 'END { print $1 ", " $2 " MiB" }')"
    prepare_relay
    start_relay "$WORK/relay"
    await_relay "$ADMIN_PORT"
    start_sink "$SINK_PORT" "$WORK/sink.tsv"
    start_process "$WORK/watch.log" python3 "$BENCH/disk/watch.py" --disk "$WORK/disk" --log "$WORK/disk/log" --admin "$ADMIN_PORT" --out "$WORK/samples"
    watch=$STARTED
    start_load "$STEADY_LEDGER" steady --connections 2 --per-second "$STEADY_PER_SECOND"
    steady=$STARTED

    phase flood
    start_flood big-bodies --sink "127.0.0.1:$FLOOD_SINK_PORT"; big=$STARTED
    start_flood dead-destination; dead=$STARTED
    wait "$big" || true
    wait "$dead" || true
    forget_process "$big"
    forget_process "$dead"
    is_flood_good || good=0

    phase fill
    start_load "$FILL_LEDGER" fill --connections 8 --networks "$FILL_NETWORKS" --octets "$FILL_OCTETS" --recipient sink@fill.relay.example
    fill=$STARTED
    wait_for "$FILL_SECONDS_MAX" "the first 452" has_refused_fill
    sleep "$FILL_MORE_SECONDS"
    stop_process "$fill" 60

    phase drain
    start_sink "$FILL_SINK_PORT" "$WORK/fill-sink.tsv"
    start_sink "$DEAD_PORT"
    start_sink "$FLOOD_SINK_PORT"
    wait_for "$DRAIN_SECONDS" "the queue to be empty" is_drained
    wait_for "$DRAIN_SECONDS" "pressure to be Normal" is_normal
    phase normal
    sleep "$AFTER_SECONDS"
    stop_process "$steady" 60
    wait_for "$DRAIN_SECONDS" "the queue to be empty" is_drained
    sleep 2 # one more sample
    stop_process "$watch"
    stop_process "$RELAY_PID"
    echo
    python3 "$BENCH/disk/judge.py" --samples "$WORK/samples" --phases "$WORK/phases" --steady "$STEADY_LEDGER" --fill "$FILL_LEDGER" \
        --share "$SHARE" --log-quota "$LOG_QUOTA" || good=0
    echo
    compare "$STEADY_LEDGER" "$WORK/sink.tsv" || good=0
    echo
    compare "$FILL_LEDGER" "$WORK/fill-sink.tsv" || good=0
    [[ $good -eq 1 ]] || die "something does not hold"
}

main
