#!/usr/bin/env python3
"""faults.py BUILD DIR [SITUATION...]: every system call that audit-hash append makes fails once.

In each situation the calls of a run are listed with strace; then, one at a time, each fails with EIO, with ENOSPC, and
the process is killed in it.  After each the judgment of crash.py: nothing acknowledged is gone, nothing stands twice, the
next append works, audit-verify has no finding; and status 0 means that every line was acknowledged.
"""
import multiprocessing
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import crash  # noqa: E402
import situations  # noqa: E402

HOW = {"EIO": "error=EIO", "ENOSPC": "error=ENOSPC", "kill": "signal=KILL"}
# A process that cannot be started, or may not end, says nothing about a log; brk(2) never returns an error number.
LEFT_OUT = ("execve", "exit_group", "exit", "rt_sigreturn", "brk")


def calls(s, base, where):
    """[(run, name, n, loading)]: every call of the situation's appends."""
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(base, where)
    found = []
    for number, (args, text) in enumerate(s.runs):
        code, _, err = crash.run(["strace", "-f", "-o", where + ".trace", s.tool, "append", "--key", "../key"] + args +
                                 ["log"], where, text)
        assert code == 0, err
        found += [(number,) + c for c in crash.calls(where + ".trace", LEFT_OUT)]
    return found


def inject(s, base, where, fault):
    number, name, nth, loading, how = fault
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(base, where)
    acked = b""
    for i, (args, text) in enumerate(s.runs):
        command = [s.tool, "append", "--key", "../key"] + args + ["log"]
        if i == number:
            command = ["strace", "-f", "-o", "/dev/null", "-e", "inject=%s:%s:when=%d" % (name, HOW[how], nth)] + command
        code, out, err = crash.run(command, where, text)
        acked += out[:out.rfind(b"\n") + 1]
        if code == 0 and out != text:
            return 0, "status 0, and not all was acknowledged"
        if code not in (0, 2, 127, -9, -6, 137, 134) and not (loading and code == -11):
            return 0, "status %d: %s" % (code, err)
        if i == number:
            told = code != 0
    return told, crash.judge_next(s, acked, where)


def work(job):
    s, base, part, where = job
    sys.stdout = open(os.devnull, "w", encoding="ascii")
    wrong, told = [], 0
    for fault in part:
        said, bad = inject(s, base, where, fault)
        told += said
        if bad:
            wrong.append((fault, bad))
    return told, wrong


def main():
    build, top, names = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    tried = told = violations = 0
    subprocess.run([build + "/audit-hash", "keygen", "-q", "-o", top + "/key", "example.com/log"], check=True)
    for s in [s for s in situations.ALL if s.name in names or not names]:
        base = os.path.join(top, s.name)
        os.makedirs(base)
        s.prepare(build, base)
        todo = [c + (how,) for c in calls(s, base, base + ".run") for how in HOW]
        jobs = 4 * os.cpu_count()
        with multiprocessing.Pool(os.cpu_count()) as pool:
            done = pool.map(work, [(s, base, todo[i::jobs], "%s.%d" % (base, i)) for i in range(jobs)], 1)
        said, wrong = sum(d[0] for d in done), sum((d[1] for d in done), [])
        tried, told, violations = tried + len(todo), told + said, violations + len(wrong)
        print("%-18s %5d faults, %5d told, %d violations" % (s.name, len(todo), said, len(wrong)), flush=True)
        for fault, bad in wrong[:10]:
            print("  run %d, %s number %d, %s: %s" % (*fault[:3], fault[4], bad))
    print("%d faults tried, %d told, %d violations" % (tried, told, violations))
    sys.exit(violations > 0 or told < 100)


if __name__ == "__main__":
    main()
