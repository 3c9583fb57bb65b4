#!/usr/bin/env python3
"""Holds conversations with a relay, all alike, and says how they ended: usage: converse.py PORT KIND COUNT RECIPIENTS

KIND    accepted: recipients of relay.example, and the message; recipients: the same without the message; refused: recipients of
        victim.example; unknown: recipients of known.example that are not on its list; mail: a MAIL that is refused for its size;
        offend: one command that there is not, or the refusal of the connection; connection: nothing is said, the greeting is the refusal; greeting: only EHLO and QUIT
Prints the number of replies by their first three digits, as JSON.
"""
import collections
import json
import socket
import sys
import threading

THREADS = 4
BODY = b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 14 + b".\r\n"
DOMAINS = {"accepted": "relay.example", "recipients": "relay.example", "refused": "victim.example", "unknown": "known.example"}


class Conversation:
    def __init__(self, port, codes):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.codes = codes

    def replies(self, count):
        while count:
            line = self.file.readline()
            if not line:
                raise EOFError("closed")
            if line[3:4] == b" ":
                self.codes[line[:3].decode()] += 1
                count -= 1

    def say(self, text, count):
        self.socket.sendall(text)
        self.replies(count)

    def close(self):
        self.file.close()
        self.socket.close()


def hold(port, kind, recipients, codes):
    conversation = Conversation(port, codes)
    try:
        conversation.replies(1)
        if kind == "connection":
            return
        if kind == "offend":
            conversation.socket.sendall(b"NONSENSE\r\n")
            return
        conversation.say(b"EHLO bench.example\r\n", 1)
        if kind == "mail":
            conversation.say(b"MAIL FROM:<a@b.example> SIZE=99999999999\r\n", 1)
        elif kind != "greeting":
            domain = DOMAINS[kind].encode()
            batch = b"MAIL FROM:<a@b.example>\r\n" + b"".join(b"RCPT TO:<u%d@%s>\r\n" % (i, domain) for i in range(recipients))
            conversation.say(batch, 1 + recipients)
            if kind == "accepted":
                conversation.say(b"DATA\r\n", 1)
                conversation.say(BODY, 1)
        conversation.say(b"QUIT\r\n", 1)
    finally:
        conversation.close()


def main():
    port, kind, count, recipients = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    totals = collections.Counter()
    failures = []

    def work(share):
        codes = collections.Counter()
        try:
            for _ in range(share):
                hold(port, kind, recipients, codes)
        except (OSError, EOFError) as failure:
            failures.append(str(failure))
        totals.update(codes)

    threads = [threading.Thread(target=work, args=(count // THREADS,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"{kind}: {failures[0]}")
    print(json.dumps(totals, sort_keys=True))


main()
