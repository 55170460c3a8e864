#!/usr/bin/env python3
"""writers.py BUILD DIR WRITERS LINES: writers append at once, are killed at random, and go on; a verifier runs in a loop.

Each writer sends its lines to audit-hash append, a few at a time, and notes what comes back.  When its process is
killed (SIGKILL, after a random time) it starts another with the first line that did not come back: as a sender does, so
that a line may stand twice only if it was not acknowledged in the run that wrote it first.  To tell these apart every
attempt is in the line.  At the end: every acknowledged attempt stands once, no attempt stands twice, nothing else is in
the log but recovery lines, and no run of audit-verify had a finding.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

build, top, writers, count = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.chdir(top)
subprocess.run([build + "/audit-hash", "keygen", "-q", "-o", "key", "example.com/log"], check=True)
append = [build + "/audit-hash", "append", "--key", "key", "--batch", "400", "log"]
subprocess.run(append, stdin=subprocess.DEVNULL, check=True)
done = threading.Event()
kills = collections.Counter()
acked = [[] for _ in range(writers)]
faults = []


def writer(w):
    draw = random.Random(w)
    sent = attempt = 0
    while sent < count:
        attempt += 1
        process = subprocess.Popen(append, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        batch = b"".join(b"writer %d line %d attempt %d\n" % (w, i, attempt) for i in range(sent, count))
        timer = threading.Timer(draw.uniform(0.002, 0.04 + count / 100000), process.send_signal, (signal.SIGKILL,))
        timer.start()
        out, err = process.communicate(batch)
        timer.cancel()
        got = out.split(b"\n")[:-1]  # a line cut short by the kill was not acknowledged
        acked[w] += got
        sent += len(got)
        if process.returncode == -signal.SIGKILL:
            kills["kills"] += 1
        elif process.returncode != 0:
            faults.append("writer %d: status %d: %s" % (w, process.returncode, err.decode()))
            return


def verifier():
    while not done.is_set():
        p = subprocess.run([build + "/audit-verify", "--allow-empty", "--pubkey", "key.pub", "log"], capture_output=True,
                           check=False)
        kills["verified"] += 1
        if p.returncode != 0:
            faults.append("verify: status %d: %s%s" % (p.returncode, p.stdout.decode(), p.stderr.decode()))
        time.sleep(0.02)


watch = threading.Thread(target=verifier)
watch.start()
threads = [threading.Thread(target=writer, args=(w,)) for w in range(writers)]
for t in threads:
    t.start()
for t in threads:
    t.join()
done.set()
watch.join()
subprocess.run(append, stdin=subprocess.DEVNULL, check=True)
p = subprocess.run([build + "/audit-verify", "--pubkey", "key.pub", "log"], capture_output=True, check=False)
if p.returncode != 0:
    faults.append("verify at the end: %d: %s" % (p.returncode, p.stdout.decode()))
with open("log", "rb") as f:
    lines = f.read().split(b"\n")[:-1]
stand = collections.Counter(line for line in lines if not line.startswith(b'{"log_event": "recovery"'))
for line, n in stand.items():
    if n > 1:
        faults.append("%s stands %d times" % (line.decode(), n))
    if not line.startswith(b"writer "):
        faults.append("a line that no one wrote")
total = 0
for mine in acked:
    total += len(mine)
    faults += ["%s was acknowledged and is gone" % line.decode() for line in mine if stand[line] != 1]
if total != writers * count:
    faults.append("%d lines acknowledged, not %d" % (total, writers * count))
if kills["kills"] == 0:
    faults.append("no one was killed")
for fault in faults[:20]:
    print(fault)
print("%d writers, %d lines acknowledged, %d in the log, %d kills, %d runs of audit-verify, %d violations"
      % (writers, total, len(lines), kills["kills"], kills["verified"], len(faults)))
sys.exit(len(faults) > 0)
