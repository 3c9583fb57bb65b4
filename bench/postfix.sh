# shellcheck shell=bash
# A Postfix of the benchmark's own beside any other of the machine. Sourced after lib.sh, by whoever sets POSTFIX_WORK (its folder), POSTFIX_CONF (its
# settings) and POSTFIX_PORT (where it listens on 127.0.0.1). Needs root.
# shellcheck disable=SC2153  # set by whoever sources this

# usage: write_postfix_instance NAME < SETTINGS; as shipped, but for these lines of main.cf, and kept away from the machine's own Postfix.
write_postfix_instance() {
    local shipped=/usr/share/postfix default_queue
    [[ -r $shipped/master.cf.dist ]] || die "there is no $shipped/master.cf.dist"
    mkdir -p -- "$POSTFIX_CONF" "$POSTFIX_WORK/queue" "$POSTFIX_WORK/lib"
    chown postfix: "$POSTFIX_WORK/lib"
    # The instance's master.cf without chroot, for the folder has none of what a chroot needs, and with one listener on loopback.
    cp -- "$shipped/master.cf.dist" "$POSTFIX_CONF/master.cf"
    {
        cat << CF
compatibility_level = 3.6
queue_directory = $POSTFIX_WORK/queue
data_directory = $POSTFIX_WORK/lib
maillog_file = $POSTFIX_WORK/postfix.log
maillog_file_prefixes = $POSTFIX_WORK
syslog_name = $1
myhostname = postfix.bench.relay.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_tls_security_level = none
smtpd_tls_security_level = none
default_process_limit = 100
CF
        cat
    } > "$POSTFIX_CONF/main.cf"
    postconf -c "$POSTFIX_CONF" -F '*/*/chroot=n'
    postconf -c "$POSTFIX_CONF" -MX smtp/inet
    postconf -c "$POSTFIX_CONF" -M "127.0.0.1:$POSTFIX_PORT/inet=127.0.0.1:$POSTFIX_PORT inet n - n - - smtpd"
    default_queue=$(postconf -h -d queue_directory)
    [[ $(postconf -c "$POSTFIX_CONF" -h queue_directory) != "$default_queue" ]] || die "the instance would use the machine's own queue"
}

start_postfix() {
    postfix -c "$POSTFIX_CONF" start > "$POSTFIX_WORK/start.log" 2>&1 || {
        cat -- "$POSTFIX_WORK/start.log" >&2
        die "Postfix does not start"
    }
    wait_for 30 "Postfix on port $POSTFIX_PORT" is_listening "$POSTFIX_PORT"
}

postfix_master() { tr -d ' ' < "$POSTFIX_WORK/queue/pid/master.pid"; }

# Stopping is the master's business: it ends the processes that it started.
stop_postfix() {
    local master
    [[ -n ${POSTFIX_WORK:-} && -f $POSTFIX_WORK/queue/pid/master.pid ]] || return 0
    master=$(postfix_master)
    if is_running "$master"; then
        postfix -c "$POSTFIX_CONF" stop > /dev/null 2>&1 || postfix -c "$POSTFIX_CONF" abort > /dev/null 2>&1 || true
        poll 30 is_gone "$master" || note "Postfix's master $master does not end"
    fi
}
