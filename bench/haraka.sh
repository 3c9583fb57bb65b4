# shellcheck shell=bash
# A Haraka of the benchmark's own. Sourced after lib.sh, by whoever sets HARAKA_WORK (its folder) and HARAKA_PORT (where it listens on 127.0.0.1).
# Needs node and npm, with which the package is fetched.
# shellcheck disable=SC2153  # set by whoever sources this

readonly HARAKA_VERSION=3.3.4

# As many workers as the machine has processors, its own queue on disk, every message to one next hop; all else as shipped.
# usage: write_haraka_instance SINK_PORT
write_haraka_instance() {
    need_commands node npm
    mkdir -p -- "$HARAKA_WORK"
    note "fetching Haraka $HARAKA_VERSION"
    (cd -- "$HARAKA_WORK" && npm install --no-audit --no-fund --ignore-scripts "Haraka@$HARAKA_VERSION") > "$HARAKA_WORK/npm.log" 2>&1 \
        || die "Haraka cannot be fetched: $(tail -n 1 -- "$HARAKA_WORK/npm.log")"
    node "$HARAKA_WORK/node_modules/Haraka/bin/haraka" -i "$HARAKA_WORK" >> "$HARAKA_WORK/npm.log" 2>&1 || die "Haraka makes no folder of settings"
    mkdir -p -- "$HARAKA_WORK/plugins" "$HARAKA_WORK/queue"
    printf 'listen=127.0.0.1:%s\nnodes=cpus\n' "$HARAKA_PORT" > "$HARAKA_WORK/config/smtp.ini"
    printf '[main]\nlevel=notice\n' > "$HARAKA_WORK/config/log.ini"
    printf 'relay\nto_sink\n' > "$HARAKA_WORK/config/plugins"
    printf '[relay]\nacl=true\n' > "$HARAKA_WORK/config/relay.ini"
    echo 127.0.0.0/8 > "$HARAKA_WORK/config/relay_acl_allow"
    echo haraka.bench.relay.example > "$HARAKA_WORK/config/me"
    # Its own sink is on loopback, which it would not deliver to.
    printf 'local_mx_ok=true\n' > "$HARAKA_WORK/config/outbound.ini"
    echo "exports.hook_get_mx = (next) => next(OK, { exchange: '127.0.0.1', port: $1, priority: 0 })" > "$HARAKA_WORK/plugins/to_sink.js"
}

start_haraka() {
    start_process "$HARAKA_WORK/haraka.log" node "$HARAKA_WORK/node_modules/Haraka/bin/haraka" -c "$HARAKA_WORK"
    HARAKA_PID=$STARTED
    wait_for 60 "Haraka on port $HARAKA_PORT" is_listening "$HARAKA_PORT"
}

stop_haraka() { stop_process "$HARAKA_PID" 30; }

is_haraka_queue_empty() { [[ -z $(find "$HARAKA_WORK/queue" -type f -print -quit) ]]; }

# Its limit plugin, with what Postfix has in its anvil: recipients and connections a minute of one client, and connections at once. It counts in a Redis of
# the benchmark's own. It relays for nobody then, and takes mail for two recipients only; mail for one of them goes where nobody listens.
# usage: write_haraka_limits SINK_PORT DEAD_PORT RECIPIENTS_PER_MINUTE CONNECTIONS_PER_MINUTE CONNECTIONS
write_haraka_limits() {
    need_commands redis-server
    free_port; HARAKA_REDIS_PORT=$PORT
    printf 'redis\nto_sink\nlimit\n' > "$HARAKA_WORK/config/plugins"
    printf '[server]\nhost=127.0.0.1\nport=%s\n' "$HARAKA_REDIS_PORT" > "$HARAKA_WORK/config/redis.ini"
    cat > "$HARAKA_WORK/config/limit.ini" << INI
[redis]
host=127.0.0.1
port=$HARAKA_REDIS_PORT
[concurrency]
enabled=true
max=$5
[rate_conn]
enabled=true
default=$4/1m
[rate_rcpt_host]
enabled=true
default=$3/1m
INI
    cat > "$HARAKA_WORK/plugins/to_sink.js" << JS
const ports = { 'flood.example': $1, 'dead.flood.example': $2 }
exports.hook_rcpt = (next, connection, [to]) => {
    if (to.user !== 'user' || !Object.hasOwn(ports, to.host)) return next(DENY, 'no such user')
    connection.relaying = true // else it queues nothing
    next(OK)
}
exports.hook_get_mx = (next, hmail, domain) => next(OK, { exchange: '127.0.0.1', port: ports[domain], priority: 0 })
JS
}

start_haraka_counters() {
    start_process "$HARAKA_WORK/redis.log" redis-server --bind 127.0.0.1 --port "$HARAKA_REDIS_PORT" --save '' --appendonly no --dir "$HARAKA_WORK"
    HARAKA_REDIS_PID=$STARTED
    wait_for 10 "Redis on port $HARAKA_REDIS_PORT" is_listening "$HARAKA_REDIS_PORT"
}

stop_haraka_counters() { stop_process "$HARAKA_REDIS_PID" 10; }

# The master and its workers.
haraka_processes() {
    echo "$HARAKA_PID"
    cat "/proc/$HARAKA_PID/task/$HARAKA_PID/children"
}
