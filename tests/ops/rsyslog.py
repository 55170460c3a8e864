#!/usr/bin/env python3
"""rsyslog.py DIR LINES: rsyslogd with DIR/rsyslog.conf and append --omprog, both killed at random.

Between the two stands a witness (this file again, as the rule's binary): it passes on what rsyslogd says and what
audit-hash answers, and notes each record handed over, and each that was answered for good.  At the end every record that
was answered stands in the log as often as that or more, none more often than it was handed over, and nothing else does.
"""
import collections
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time


def witness(notes, command):
    """Between rsyslogd and audit-hash."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open("%s.pid" % notes, "w", encoding="ascii") as f:
        f.write(str(child.pid))
    out = open("%s.%d.%d" % (notes, os.getpid(), time.monotonic_ns()), "w", encoding="utf-8", buffering=1)
    waiting = []

    def answer():
        line = child.stdout.readline()
        if not line.endswith(b"\n"):
            sys.exit(2)
        return line

    def say(line):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    say(answer())
    for line in sys.stdin.buffer:
        mark = line in (b"BEGIN TRANSACTION\n", b"COMMIT TRANSACTION\n")
        if not mark:
            out.write(json.dumps(["given", line.decode().rstrip("\n")]) + "\n")
            waiting.append(line.decode().rstrip("\n"))
        child.stdin.write(line)
        child.stdin.flush()
        reply = answer()
        if reply == b"OK\n" and waiting:
            out.write("".join(json.dumps(["sealed", w]) + "\n" for w in waiting))
            waiting = []
        say(reply)
    child.stdin.close()
    sys.exit(child.wait())


def send(path, lines):
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.sendall("".join(line + "\n" for line in lines).encode())
    except OSError:
        pass  # killed: what did not arrive is sent again


def main(top, count):
    draw = random.Random(1)
    os.chdir(top)
    os.makedirs("spool", exist_ok=True)
    with open("rsyslog.conf", encoding="utf-8") as f:
        conf = f.read()
    notes = top + "/notes"
    start = conf.index('binary="') + len('binary="')
    conf = conf[:start] + "/usr/bin/python3 %s --witness %s " % (os.path.abspath(__file__), notes) + conf[start:]
    with open("run.conf", "w", encoding="utf-8") as f:
        f.write(conf)

    def daemon():
        p = subprocess.Popen(["rsyslogd", "-n", "-f", top + "/run.conf", "-i", top + "/pid"],
                             stdout=subprocess.DEVNULL, stderr=open("rsyslogd.err", "ab"))
        for _ in range(200):
            if os.path.exists("socket"):
                break
            time.sleep(0.05)
        return p

    def log():
        try:
            with open("audit.jsonl", encoding="utf-8", errors="replace") as f:
                return [line for line in f.read().split("\n")[:-1] if not line.startswith('{"log_event": "recovery"')]
        except FileNotFoundError:
            return []

    p, kills, step = daemon(), collections.Counter(), max(1, count // 10)
    todo = ['{"n": %d}' % i for i in range(count)]
    everything = set(todo)
    deadline = time.time() + 240
    while todo and time.time() < deadline:
        if sum(kills.values()) >= 12:
            # What is still in the queue is not sent again.
            before = -1
            while before != len(log()) and time.time() < deadline:
                before = len(log())
                time.sleep(2)
            todo = [line for line in todo if line not in set(log())]
            send("socket", todo)
            continue
        send("socket", todo[:step])
        todo = todo[step:] + todo[:step]
        time.sleep(draw.uniform(0.05, 0.4))
        if sum(kills.values()) % 3 == 2:
            try:
                with open(notes + ".pid", encoding="ascii") as f:
                    os.kill(int(f.read()), signal.SIGKILL)
                kills["audit-hash"] += 1
            except (FileNotFoundError, ProcessLookupError, ValueError):
                time.sleep(0.2)
        else:
            p.send_signal(draw.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
            p.wait()
            kills["rsyslogd"] += 1
            if os.path.exists("socket"):
                os.remove("socket")
            p = daemon()
        have = set(log())
        todo = [line for line in todo if line not in have]
    p.terminate()
    p.wait()
    time.sleep(0.5)
    given, sealed = collections.Counter(), collections.Counter()
    for name in os.listdir("."):
        if name.startswith("notes.") and name != "notes.pid":
            with open(name, encoding="utf-8") as f:
                for line in f.read().split("\n")[:-1]:
                    what, record = json.loads(line)
                    (given if what == "given" else sealed)[record] += 1
    stand = collections.Counter(log())
    faults = ["%s was answered %d times and stands %d times" % (r, n, stand[r]) for r, n in sealed.items() if stand[r] < n]
    faults += ["%s was handed over %d times and stands %d times" % (r, given[r], n) for r, n in stand.items() if n > given[r]]
    faults += ["a record that no one sent: %r" % r for r in stand if r not in everything]
    faults += ["%s is not in the log" % r for r in everything if not stand[r]]
    if kills["rsyslogd"] < 3 or kills["audit-hash"] < 1:
        faults.append("too few kills")
    for fault in faults[:20]:
        print(fault)
    print("%d records, %d handed over, %d answered, %d in the log, rsyslogd killed %d times, audit-hash %d times, %d violations"
          % (count, sum(given.values()), sum(sealed.values()), sum(stand.values()), kills["rsyslogd"], kills["audit-hash"],
             len(faults)))
    sys.exit(len(faults) > 0)


if sys.argv[1] == "--witness":
    witness(sys.argv[2], sys.argv[3:])
else:
    main(os.path.abspath(sys.argv[1]), int(sys.argv[2]))
