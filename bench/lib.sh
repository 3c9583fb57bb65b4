# shellcheck shell=bash
# What the benchmark scripts share: processes that are always ended by id, polling instead of sleeping, ports, the relay under test.
# To be sourced. Sets BENCH (this folder), ROOT (the repository) and, by make_work_directory, WORK (a folder on a real disk).

BENCH=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname -- "$BENCH")
readonly BENCH ROOT

TRACKED=()              # ids of the processes that we started and have not yet ended
STARTED=                # id of the process that start_process started last
KEEP_WORK=0             # 1: leave WORK behind, for somebody will want to look
WORK=
DATA=/var/tmp           # where the data lies: --data
RELAY_DLL=${RELAY_DLL:-}    # what is measured: --relay
RELAY_PID=
RELAY_LOG=
RELAY_OPTIONS=()        # further options of `relay run`
RELAY_FILES=            # files that a relay may have open, when not as many as this shell
readonly POLL_SECONDS=0.05
readonly STOP_SECONDS=40        # the relay's own DrainTime is 30 s
readonly START_SECONDS=120
readonly QUEUE_EMPTY_SECONDS=120

note() { printf '%s\n' "$*" >&2; }

die() {
    KEEP_WORK=1
    note "error: $*"
    exit 1
}

# usage: need_value OPTION COUNT-OF-ARGUMENTS-LEFT
need_value() { [[ $2 -ge 2 ]] || usage_error "$1 needs a value"; }

usage_error() {
    note "error: $*"
    note "try: $0 --help"
    exit 2
}

# usage: whole_number OPTION VALUE MIN
whole_number() { [[ $2 =~ ^[0-9]{1,9}$ && $((10#$2)) -ge $3 ]] || usage_error "$1 takes a whole number from $3, not '$2'"; }

# usage: read_common_option "$@", where no option of the script's own stands. All but --help take a value. Sets DATA or RELAY_DLL; the script
# defines usage.
read_common_option() {
    case $1 in
        --data) need_value "$1" $#; DATA=$2 ;;
        --relay) need_value "$1" $#; RELAY_DLL=$(realpath -- "$2") ;;
        --help | -h) usage; exit 0 ;;
        *) usage_error "unknown option $1" ;;
    esac
}

need_commands() {
    local command
    for command in "$@"; do
        command -v "$command" > /dev/null || die "$command is missing"
    done
}

# usage: make_work_directory PARENT. Refuses a folder in memory: nothing is durable there.
make_work_directory() {
    local type
    mkdir -p -- "$1"
    type=$(stat -f -c %T -- "$1")
    [[ $type != tmpfs && $type != ramfs ]] || die "$1 is in memory ($type); name a folder on a disk with --data"
    WORK=$(mktemp -d -- "$1/relay-bench.XXXXXX")
    chmod 755 "$WORK" # Postfix's own user must get through
}

# usage: start_process LOG COMMAND...; both streams go to LOG, appended. Sets STARTED.
start_process() {
    local log=$1
    shift
    "$@" >> "$log" 2>&1 < /dev/null &
    STARTED=$!
    TRACKED+=("$STARTED")
}

is_running() { kill -0 "$1" 2> /dev/null; }

is_gone() { ! is_running "$1"; }

forget_process() {
    local id kept=()
    for id in "${TRACKED[@]}"; do
        [[ $id == "$1" ]] || kept+=("$id")
    done
    TRACKED=("${kept[@]}")
}

# usage: stop_process PID [SECONDS]. Asks, waits, then kills.
stop_process() {
    local seconds=${2:-$STOP_SECONDS}
    kill -TERM "$1" 2> /dev/null || true
    if ! poll "$seconds" is_gone "$1"; then
        note "process $1 did not end within $seconds s: killed"
        kill -KILL "$1" 2> /dev/null || true
    fi
    wait "$1" 2> /dev/null || true
    forget_process "$1"
}

# usage: kill_process PID. Kills at once; false when it was gone already.
kill_process() {
    kill -KILL "$1" 2> /dev/null || return 1
    wait "$1" 2> /dev/null || true
    forget_process "$1"
}

stop_everything() {
    local id
    for id in "${TRACKED[@]}"; do
        kill -TERM "$id" 2> /dev/null || true
    done
    for id in "${TRACKED[@]}"; do
        stop_process "$id" 10
    done
}

# Runs at every end of a script. A script that starts more than processes (Postfix) defines before_cleanup.
cleanup() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    if declare -F before_cleanup > /dev/null; then
        before_cleanup || true
    fi
    stop_everything
    if [[ -n $WORK ]]; then
        if [[ $KEEP_WORK -eq 1 ]]; then
            note "left behind: $WORK"
        else
            rm -rf -- "$WORK"
        fi
    fi
    exit "$status"
}

clean_up_at_exit() {
    trap cleanup EXIT
    trap 'note "interrupted"; exit 130' INT
    trap 'note "told to stop"; exit 143' TERM HUP
}

# usage: poll SECONDS COMMAND...; true as soon as the command is, false when the time is over.
poll() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        [[ ${EPOCHREALTIME/[.,]/} -lt $end ]] || return 1
        sleep "$POLL_SECONDS"
    done
}

# usage: wait_for SECONDS WHAT COMMAND...; ends the script when it does not come.
wait_for() {
    local seconds=$1 what=$2
    shift 2
    poll "$seconds" "$@" || die "waited $seconds s for $what"
}

is_listening() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

TAKEN_PORTS=()

# Sets PORT to one that nobody listens on, below those that outgoing connections use: a restarted server must get it again.
free_port() {
    local try taken
    for try in {1..200}; do
        PORT=$((20000 + RANDOM % 10000))
        for taken in "${TAKEN_PORTS[@]}"; do
            [[ $taken -ne $PORT ]] || continue 2
        done
        if ! is_listening "$PORT"; then
            TAKEN_PORTS+=("$PORT")
            return
        fi
    done
    die "no free port after $try tries"
}

# usage: http_get PORT PATH; prints head and body. Nothing but bash, and never longer than 5 s.
http_get() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    timeout 5 bash -c 'exec 3<> "/dev/tcp/127.0.0.1/$1" && printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" "$2" >&3 && cat <&3' \
        _ "$1" "$2" 2> /dev/null
}

# usage: metric ADMIN-PORT NAME; prints the value of the first series of that name, fails when there is none.
metric() {
    local answer
    answer=$(http_get "$1" /metrics) || return 1
    awk -v name="$2" '
        !found && ($1 == name || index($1, name "{") == 1) { sub(/^[^{ ]*(\{.*\})? /, ""); print $1 + 0; found = 1 }
        END { exit !found }' <<< "$answer"
}

is_ready() {
    local answer
    answer=$(http_get "$1" /health/ready) && [[ $answer == HTTP/1.?' 200 '* ]]
}

is_queue_empty() {
    local messages
    messages=$(metric "$1" relay_queue_messages) && [[ $messages == 0 ]]
}

# Builds the program, unless RELAY_DLL names one. Sets RELAY_DLL.
build_relay() {
    need_commands dotnet
    if [[ -z $RELAY_DLL ]]; then
        note "building src/Relay.Node (Release)"
        (cd -- "$ROOT" && dotnet build src/Relay.Node -c Release --nologo -v quiet >&2) || die "the relay does not build"
        RELAY_DLL=$ROOT/src/Relay.Node/bin/Release/net10.0/relay.dll
    fi
    [[ -f $RELAY_DLL ]] || die "there is no $RELAY_DLL"
}

# usage: start_smtp_sink PORT LOG. Postfix's sink, which counts what it takes in its log; as root only.
start_smtp_sink() {
    : > "$2"
    # -u: it does not run as root; -m: connections it serves at once; the number behind the port is the backlog.
    start_process "$2" smtp-sink -c -u nobody -m 1000 "127.0.0.1:$1" 1000
    wait_for 10 "smtp-sink on port $1" is_listening "$1"
}

# usage: median_of COLUMN < LINES
median_of() {
    awk -v column="$1" '{ print $column }' | sort -g \
        | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# usage: write_relay_settings FOLDER SMTP-PORT ADMIN-PORT < POLICY. Makes the folder; data goes to FOLDER/data. Everything else is default.
write_relay_settings() {
    mkdir -p -- "$1"
    cat > "$1/policy.json"
    cat > "$1/relay.json" << JSON
{
  "Node": { "Name": "bench", "HostName": "bench.relay.example", "DataDirectory": "data" },
  "Listeners": [ { "Name": "public", "Address": "127.0.0.1:$2" } ],
  "Admin": { "Address": "127.0.0.1:$3" },
  "PolicyFile": "policy.json"
}
JSON
}

# usage: start_relay FOLDER; does not wait. Sets RELAY_PID and RELAY_LOG.
start_relay() {
    RELAY_LOG=$1/relay.log
    start_process "$RELAY_LOG" ${RELAY_FILES:+prlimit "--nofile=$RELAY_FILES"} dotnet "$RELAY_DLL" run --config "$1/relay.json" "${RELAY_OPTIONS[@]}"
    RELAY_PID=$STARTED
}

relay_is_ready_or_gone() { is_ready "$1" || is_gone "$RELAY_PID"; }

# usage: await_relay ADMIN-PORT
await_relay() {
    wait_for "$START_SECONDS" "the relay to be ready (log: $RELAY_LOG)" relay_is_ready_or_gone "$1"
    is_running "$RELAY_PID" || relay_died
}

relay_died() {
    tail -n 20 -- "$RELAY_LOG" >&2 || true
    die "the relay ended by itself; the end of its log is above"
}

# usage: status_kilobytes PID FIELD, such as VmRSS or VmHWM
status_kilobytes() { awk -v field="$2:" '$1 == field { print $2; found = 1 } END { exit !found }' "/proc/$1/status"; }

# usage: need_descriptors COUNT; for this shell and all it starts
need_descriptors() {
    local hard
    hard=$(ulimit -Hn)
    if [[ $hard != unlimited && $hard -lt $1 ]]; then
        ulimit -Hn "$1" 2> /dev/null || die "$1 open files are needed, $hard are allowed (ulimit -Hn)"
    fi
    ulimit -Sn "$1" || die "$1 open files are needed (ulimit -n)"
}

# usage: need_disk_space FOLDER GIB
need_disk_space() {
    local free
    free=$(df --output=avail -B 1G -- "$1" | tail -n 1 | tr -d ' ')
    [[ $free -ge $2 ]] || die "$1 has $free GiB free, $2 are needed"
}

# Prints the facts that figures mean nothing without.
print_machine() {
    local processor memory
    processor=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
    memory=$(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)
    echo "- machine: $(nproc) cores, ${processor:-$(uname -m)}, $memory; load before the start: $(cut -d ' ' -f 1 /proc/loadavg)"
    echo "- kernel: $(uname -sr); $(. /etc/os-release && echo "${PRETTY_NAME:-unknown system}")"
    echo "- disk: $(df --output=fstype,source -- "$WORK" | awk 'END { print $1 " on " $2 }')$(mount_options)$(write_cache)"
    echo "- dotnet: SDK $(dotnet --version), runtime $(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" { v = $2 } END { print v }')"
    echo "- relay: $(git -C "$ROOT" describe --always --dirty 2> /dev/null || echo unknown)"
}

mount_options() {
    if command -v findmnt > /dev/null; then
        printf ', mounted %s' "$(findmnt -no OPTIONS -T "$WORK")"
    fi
}

# The folder in /sys of the disk (not the partition) that WORK is on; fails where there is none.
disk_in_sys() {
    local number path
    number=$(stat -c '%Hd:%Ld' -- "$WORK") || return 1
    path=$(readlink -f "/sys/dev/block/$number") || return 1
    [[ ! -e $path/partition ]] || path=$(dirname -- "$path")
    [[ -r $path/stat ]] && echo "$path"
}

write_cache() {
    local disk
    if disk=$(disk_in_sys) && [[ -r $disk/queue/write_cache ]]; then
        printf ', write cache: %s' "$(< "$disk/queue/write_cache")"
    fi
}
