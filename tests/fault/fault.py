#!/usr/bin/env python3
"""fault.py BUILD DIR: every call that can fail fails once, in every way, in every state of a log.

After each: no acknowledged line is lost, no line stands twice, and the next append works and leaves
a log that an independent tree finds whole.
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
sys.dont_write_bytecode = True
import treecheck  # noqa: E402

build, where = os.path.abspath(sys.argv[1]), sys.argv[2]
tool, log, key = build + "/audit-hash", "log", "key"
os.chdir(where)
subprocess.run([tool, "keygen", "example.com/log", "-q", "-o", key], check=True)
os.environ["AUDIT_KEY_FILE"] = os.path.abspath(key)


def run(lines, at=0, how="", count=None):
    env = dict(os.environ)
    if at or count:
        env.update(LD_PRELOAD=os.path.abspath("fail.so"), FAIL_AT=str(at), FAIL_HOW=how)
    if count:
        env["FAIL_COUNT"] = count
    done = subprocess.run([tool, "append", log], input=lines, env=env, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def fresh(state):
    for name in os.listdir("."):
        if name == log or name.startswith(log + "."):
            (shutil.rmtree if os.path.isdir(name) else os.remove)(name)
    if state == "new":
        return []
    old = [b"old %d" % i for i in range(254)]
    for name in ("log", "log.tree"):
        source = "base." + name
        if os.path.isdir(source):
            shutil.copytree(source, name)
        else:
            shutil.copy(source, name)
    if state == "residue":
        with open(log, "ab") as f:
            f.write(b"written past it\nand torn")
    return old


def judge(state, old, acked):
    code, out, err = run(b"next\n")
    if code != 0 or out != b"next\n":
        return "the next append ended with %d: %s" % (code, err)
    wrong = treecheck.check(log, log + ".tree", zero=state != "new")  # the list may lag
    if wrong:
        return wrong
    with open(log, "rb") as f:
        lines = f.read().split(b"\n")
    if lines[: len(old)] != old:
        return "old lines changed"
    for line in acked:
        if lines.count(line) != 1:
            return "acknowledged line stands %d times" % lines.count(line)
    for line in new:
        if lines.count(line) > 1:
            return "a line stands %d times" % lines.count(line)
    if state == "residue":
        if lines.count(b"written past it") != 1:
            return "a line written past the head was lost"
        if not os.path.exists("log.torn-%d" % torn_at):
            return "the torn tail was lost"
        with open("log.torn-%d" % torn_at, "rb") as f:
            if f.read() != b"and torn":
                return "the torn tail was changed"
        if not any(b'"torn_bytes": 8,' in line for line in lines):
            return "the torn tail was taken over in silence"
    return None


# A log to start from, its last tile two lines from full.
run(b"".join(b"old %d\n" % i for i in range(254)))
shutil.move("log", "base.log")
shutil.move("log.tree", "base.log.tree")
torn_at = os.path.getsize("base.log") + len("written past it\n")
new = [b"new %d" % i for i in range(4)]
batch = b"".join(line + b"\n" for line in new)
tried = failed = told = 0
sys.stdout = open(os.devnull, "w")  # treecheck's own words
for state in ("new", "sealed", "residue"):
    fresh(state)
    run(batch, 0, "", "count")
    with open("count") as f:
        calls = int(f.read())
    for how in ("eio", "enospc", "short", "kill"):
        for at in range(1, calls + 1):
            old = fresh(state)
            code, out, err = run(batch, at, how)
            acked = out.split(b"\n")[:-1]
            tried += 1
            told += code == 2
            if code == 0 and acked != new:
                wrong = "status 0, but only %d lines acknowledged" % len(acked)
            elif code not in (0, 2, -9):
                wrong = "status %d" % code
            else:
                wrong = judge(state, old, acked)
            if wrong:
                failed += 1
                print("%s, call %d %s: %s\n  %s" % (state, at, how, wrong, err), file=sys.stderr)
print("%d faults tried, %d of them told, %d not survived" % (tried, told, failed), file=sys.stderr)
sys.exit(failed > 0 or tried < 200 or told < 50)
