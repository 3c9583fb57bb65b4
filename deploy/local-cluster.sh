#!/usr/bin/env bash
# Three nodes and HAProxy in front of them on this machine, to try a cluster out: mail to 127.0.0.1:2500 goes to all of them in turn.
# Linux only, because the nodes have loopback addresses of their own (127.0.0.11 to 127.0.0.13). Needs haproxy and the .NET SDK 10; no root.
# shellcheck disable=SC2317  # some functions are only called by their names

set -euo pipefail
shopt -s inherit_errexit

ROOT=$(dirname -- "$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)")
readonly ROOT
readonly NODES=(1 2 3)
readonly BALANCER_ADDRESS=127.0.0.2 # where HAProxy comes from: what it passes on must not look like a program of this machine
readonly START_SECONDS=60
readonly STOP_SECONDS=60 # DrainNotice, DrainTime and what closing takes
readonly POLL_SECONDS=0.1

STATE=${XDG_STATE_HOME:-$HOME/.local/state}/relay-local-cluster
POLICY=$ROOT/samples/first-minute.json
RELAY_DLL=
BALANCER_PORT=2500
SMTP_PORT=2525
API_PORT=8025
CLUSTER_PORT=4053

usage() {
    cat << TEXT
usage: $0 up [option]...        starts what does not run, and waits until it is ready
       $0 down [option]...      drains the nodes and stops everything; what is queued is kept
       $0 roll [option]...      restarts the nodes one after another, as an update does
       $0 status [option]...    tells what runs; ends with 1 when something does not

  --state DIR         where settings, data, logs and process ids are (default $STATE)
  --relay DLL         a relay.dll; without it the repository's is built
  --policy FILE       the policy that the cluster begins with (default $POLICY)
  --port N            HAProxy's port on 127.0.0.1 (default $BALANCER_PORT)
  --smtp-port N       the nodes' ports on 127.0.0.11 to 127.0.0.13: SMTP (default $SMTP_PORT),
  --api-port N        API, health and metrics (default $API_PORT),
  --cluster-port N    and between them (default $CLUSTER_PORT)
TEXT
}

note() { printf '%s\n' "$*" >&2; }

die() {
    note "error: $*"
    exit 1
}

usage_error() {
    note "error: $*"
    note "try: $0 --help"
    exit 2
}

port_number() { [[ $2 =~ ^[0-9]{1,5}$ && $((10#$2)) -ge 1 && $((10#$2)) -le 65535 ]] || usage_error "$1 takes a port from 1 to 65535, not '$2'"; }

read_options() {
    while [[ $# -gt 0 ]]; do
        [[ $# -ge 2 ]] || usage_error "$1 is no option, or lacks its value"
        case $1 in
            --state) STATE=$2 ;;
            --relay) RELAY_DLL=$2 ;;
            --policy) POLICY=$2 ;;
            --port) port_number "$1" "$2"; BALANCER_PORT=$2 ;;
            --smtp-port) port_number "$1" "$2"; SMTP_PORT=$2 ;;
            --api-port) port_number "$1" "$2"; API_PORT=$2 ;;
            --cluster-port) port_number "$1" "$2"; CLUSTER_PORT=$2 ;;
            *) usage_error "unknown option $1" ;;
        esac
        shift 2
    done
}

# HAProxy is in /usr/sbin, where not everybody looks.
need_programs() {
    PATH=$PATH:/usr/sbin:/sbin
    [[ $(uname -s) == Linux ]] || die "only Linux has 127.0.0.11 to 127.0.0.13 without further ado"
    command -v haproxy > /dev/null || die "haproxy is missing: install the distribution's package haproxy"
    command -v dotnet > /dev/null || die "dotnet is missing: install the .NET SDK 10"
}

node_address() { printf '127.0.0.1%s' "$1"; }

# usage: started_at PID; when the process began, in ticks since the machine's start. Fails when there is none, or only what is left of one.
started_at() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2> /dev/null) || return 1
    read -ra fields <<< "${stat##*) }"
    [[ ${fields[0]} != Z ]] && printf '%s' "${fields[19]}"
}

# usage: is_running NAME; true only for the process that we started: an id may be somebody else's by now.
is_running() {
    local pid started
    { read -r pid started < "$STATE/$1/pid"; } 2> /dev/null && [[ -n $started && $(started_at "$pid" || true) == "$started" ]]
}

is_stopped() { ! is_running "$1"; }

process_id() { cut -d ' ' -f 1 "$STATE/$1/pid"; }

# usage: start NAME COMMAND...
start() {
    local name=$1
    shift
    setsid "$@" >> "$STATE/$name/log" 2>&1 < /dev/null &
    printf '%s %s\n' "$!" "$(started_at "$!" || true)" > "$STATE/$name/pid"
}

# usage: ask_to_stop NAME
ask_to_stop() { ! is_running "$1" || kill -TERM "$(process_id "$1")" 2> /dev/null || true; }

# usage: await_stop NAME
await_stop() {
    if ! poll "$STOP_SECONDS" is_stopped "$1"; then
        note "$1 did not end within $STOP_SECONDS s: killed"
        kill -KILL "$(process_id "$1")" 2> /dev/null || true
    fi
    rm -f -- "$STATE/$1/pid"
}

# usage: poll SECONDS COMMAND...
poll() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        [[ ${EPOCHREALTIME/[.,]/} -lt $end ]] || return 1
        sleep "$POLL_SECONDS"
    done
}

# usage: is_ready N; asks the node's health, with nothing but bash.
is_ready() {
    local answer
    # shellcheck disable=SC2016  # expanded by the inner shell
    answer=$(timeout 5 bash -c 'exec 3<> "/dev/tcp/$1/$2" && printf "GET /health/ready HTTP/1.0\r\nHost: $1\r\n\r\n" >&3 && head -n 1 <&3' \
        _ "$(node_address "$1")" "$API_PORT" 2> /dev/null) || return 1
    [[ $answer == *" 200 "* ]]
}

is_listening() { (exec 3<> "/dev/tcp/127.0.0.1/$BALANCER_PORT") 2> /dev/null; }

is_ready_or_dead() { is_ready "$1" || is_stopped "node-$1"; }

is_listening_or_dead() { is_listening || is_stopped haproxy; }

# usage: await NAME CONDITION...; ends everything that was started when it does not come.
await() {
    local name=$1
    shift
    if ! poll "$START_SECONDS" "$@" || is_stopped "$name"; then
        tail -n 5 -- "$STATE/$name/log" >&2 || true
        stop_everything
        die "$name did not start: see $STATE/$name/log"
    fi
}

find_relay() {
    if [[ -z $RELAY_DLL ]]; then
        note "building"
        dotnet build "$ROOT/src/Relay.Node" -c Release -v quiet -nologo >&2 || die "the build failed"
        RELAY_DLL=$ROOT/src/Relay.Node/bin/Release/net10.0/relay.dll
    fi
    [[ -f $RELAY_DLL ]] || die "$RELAY_DLL is not there"
    RELAY_DLL=$(realpath -- "$RELAY_DLL")
}

write_settings() {
    local n seeds=()
    for n in "${NODES[@]}"; do
        seeds+=("\"$(node_address "$n"):$CLUSTER_PORT\"")
    done
    for n in "${NODES[@]}"; do
        mkdir -p -- "$STATE/node-$n"
        cat > "$STATE/node-$n/relay.json" << JSON
{
  "Node": { "Name": "node-$n", "HostName": "node-$n.relay.example", "DrainNotice": "1s" },
  "Listeners": [ { "Name": "public", "Address": "$(node_address "$n"):$SMTP_PORT", "ProxyProtocol": { "Trusted": ["$BALANCER_ADDRESS"] } } ],
  "Admin": { "Address": "$(node_address "$n"):$API_PORT" },
  "Cluster": { "Address": "$(node_address "$n"):$CLUSTER_PORT", "Seeds": [$(IFS=,; printf '%s' "${seeds[*]}")] },
  "Spool": { "QuotaBytes": "1 GiB" },
  "PolicyFile": "$STATE/policy.json"
}
JSON
    done
}

# The same as haproxy.cfg beside this script, for these addresses; it looks more often, so that a node's notice may be short.
write_balancer() {
    local n
    mkdir -p -- "$STATE/haproxy"
    {
        cat << CONFIG
global
    log stdout format raw local0 notice
    stats socket $STATE/haproxy/admin.sock mode 600 level admin

defaults
    mode tcp
    log global
    timeout connect 2s
    timeout client 6m
    timeout server 6m
    retries 3
    option redispatch 1

frontend smtp
    bind 127.0.0.1:$BALANCER_PORT
    default_backend nodes

backend nodes
    balance roundrobin
    source $BALANCER_ADDRESS
    option httpchk GET /health/ready
    http-check expect status 200
    default-server send-proxy-v2 check port $API_PORT inter 250ms fall 2 rise 1
CONFIG
        for n in "${NODES[@]}"; do
            printf '    server node-%s %s:%s\n' "$n" "$(node_address "$n")" "$SMTP_PORT"
        done
    } > "$STATE/haproxy/haproxy.cfg"
}

start_node() { is_running "node-$1" || start "node-$1" dotnet "$RELAY_DLL" run --config "$STATE/node-$1/relay.json"; }

up() {
    local n
    need_programs
    [[ -f $POLICY ]] || die "the policy $POLICY is not there"
    mkdir -p -- "$STATE"
    chmod 700 "$STATE"
    STATE=$(realpath -- "$STATE")
    find_relay
    cp -- "$POLICY" "$STATE/policy.json"
    write_settings
    write_balancer
    for n in "${NODES[@]}"; do
        start_node "$n"
    done
    for n in "${NODES[@]}"; do
        await "node-$n" is_ready_or_dead "$n"
    done
    is_running haproxy || start haproxy haproxy -db -f "$STATE/haproxy/haproxy.cfg"
    await haproxy is_listening_or_dead
    status
    cat << TEXT
Mail to 127.0.0.1:$BALANCER_PORT goes to the nodes in turn, and from them where $STATE/policy.json says.
Commands such as \`relay cluster status\` find a node by --config $STATE/node-1/relay.json
TEXT
}

stop_everything() {
    local n
    ask_to_stop haproxy
    for n in "${NODES[@]}"; do
        ask_to_stop "node-$n"
    done
    for n in "${NODES[@]}"; do
        await_stop "node-$n"
    done
    await_stop haproxy
}

down() {
    local n
    stop_everything
    for n in "${NODES[@]}"; do
        if [[ -f $STATE/node-$n/log ]]; then
            printf 'node-%s  %s\n' "$n" "$(tail -n 1 -- "$STATE/node-$n/log" | cut -d ' ' -f 3-)"
        fi
    done
}

# A balancer looks at health: no node is stopped before the one ahead of it is ready again.
roll() {
    local n
    need_programs
    find_relay
    STATE=$(realpath -- "$STATE") || die "nothing runs: use up"
    for n in "${NODES[@]}"; do
        is_running "node-$n" || die "node-$n does not run: use up"
    done
    for n in "${NODES[@]}"; do
        ask_to_stop "node-$n"
        await_stop "node-$n"
        start_node "$n"
        await "node-$n" is_ready_or_dead "$n"
        note "node-$n is ready again"
        sleep 0.5 # HAProxy looks every quarter of a second
    done
}

status() {
    local n name what missing=0
    for n in "${NODES[@]}"; do
        name=node-$n
        what="ready"
        if is_stopped "$name"; then
            what="does not run"; missing=1
        elif ! is_ready "$n"; then
            what="not ready"; missing=1
        fi
        printf '%-8s %-13s SMTP %s:%s  API http://%s:%s  log %s\n' "$name" "$what" \
            "$(node_address "$n")" "$SMTP_PORT" "$(node_address "$n")" "$API_PORT" "$STATE/$name/log"
    done
    what="running"
    if is_stopped haproxy; then
        what="does not run"; missing=1
    fi
    printf '%-8s %-13s SMTP 127.0.0.1:%s\n' haproxy "$what" "$BALANCER_PORT"
    return "$missing"
}

main() {
    local command=${1:-}
    case $command in
        up | down | roll | status) shift; read_options "$@"; "$command" ;;
        --help | -h) usage ;;
        *) usage_error "say up, down, roll or status" ;;
    esac
}

main "$@"
