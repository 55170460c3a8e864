#!/usr/bin/env python3
"""crash.py BUILD DIR [SITUATION...]: every state a crash of the machine can leave is tried.

Records the system calls of audit-hash append in a situation, works out all that a crash at any moment can leave on disk
(disk.py), and for each state, made anew in DIR: audit-verify has no finding; the next append works; after it no
acknowledged line is gone, none stands twice, the tree is that of the lines, and audit-verify says so.
Prints a line a situation, and ends with 1 if there was a violation.  --short: the situations that take few seconds.
"""
import collections
import hashlib
import multiprocessing
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "oracle")]
import disk  # noqa: E402
import situations  # noqa: E402
import treecheck  # noqa: E402


def run(args, cwd, text=b""):
    done = subprocess.run(args, cwd=cwd, input=text, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def calls(trace, left_out):
    """[(name, n, loading)]: the calls of a trace, the n-th of its name; is the dynamic loader still at work?

    It unmaps its cache last, and is known to crash itself where memory fails it.
    """
    seen, found, loading = collections.Counter(), [], True
    with open(trace, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"\d+ +(\w+)\(", line)
            if m and m.group(1) not in left_out:
                seen[m.group(1)] += 1
                found.append((m.group(1), seen[m.group(1)], loading))
                loading = loading and m.group(1) != "munmap"
    return found


def record(player, args, text, trace):
    """Run args under strace; play its calls; yield after each that matters."""
    code, out, err = run(["strace", "-f", "-y", "-xx", "-s", "100000000", "-o", trace, "-e",
                          "trace=" + ",".join(disk.TRACED)] + args, player.where, text)
    assert code == 0, (args, code, err)
    with open(trace, encoding="ascii") as f:
        for line in f:
            if player.play(line.rstrip("\n")):
                yield
    yield


def digest(image):
    h = hashlib.sha256()
    for path, content in sorted(image.items()):
        h.update(path.encode() + b"\0" + (b"d" if content is None else b"f%d\0" % len(content) + content) + b"\n")
    return h.digest()


def states(s, where):
    """{digest: (image, acknowledged)}, the longest acknowledgment that goes with an image."""
    found = {}
    player = disk.Player(where)
    for args, text in s.runs:
        player.fds = {}
        for _ in record(player, [s.tool, "append", "--key", "../key"] + args + ["log"], text, where + ".trace"):
            for image in player.disk.images():
                key = digest(image)
                if key not in found or len(found[key][1]) < len(player.acked):
                    found[key] = (image, player.acked)
    return list(found.values())


def materialise(image, where):
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where)
    for path in sorted(p for p, c in image.items() if c is None):
        os.makedirs(os.path.join(where, path), exist_ok=True)
    for path, content in image.items():
        if content is not None:
            with open(os.path.join(where, path), "wb") as f:
                f.write(content)


def segments(where):
    """The log's files, oldest first."""
    names = [n for n in os.listdir(where) if n == "log" or (n.startswith("log") and n[3:4] in "-." and
             n[4:5].isdigit() and not n.endswith((".manifest", ".tmp")))]
    return sorted(names, key=lambda n: (n == "log", n))


def verify(s, where, *operands):
    return run([s.verify, "--allow-empty", "--pubkey", "../key.pub", *operands], where)


def judge(s, image, acked, where):
    materialise(image, where)
    if segments(where) == ["log"] and os.path.exists(where + "/log.tree/checkpoint"):
        code, out, _ = verify(s, where, "log")
        if code == 1:
            return "verify before the next append: " + out.decode(errors="replace")
    return judge_next(s, acked, where)


def judge_next(s, acked, where):
    """The log as it is now: does the next append work, and is all there then?"""
    code, out, err = run([s.tool, "append", "--key", "../key"] + s.again + ["log"], where, b"next\n")
    if code != 0 or out != b"next\n":
        return "the next append: %d %s" % (code, err)
    data = b""
    for name in segments(where):
        with open(os.path.join(where, name), "rb") as f:
            data += f.read()
    lines = data.split(b"\n")
    if lines[:len(s.old)] != s.old:
        return "old lines changed"
    have, most = collections.Counter(lines), collections.Counter(s.old + s.new)
    for line, n in collections.Counter(s.old + acked.split(b"\n")[:-1]).items():
        if not n <= have[line] <= most[line]:
            return "an acknowledged line stands %d times" % have[line]
    for line in s.new:
        if have[line] > most[line]:
            return "a line stands %d times" % have[line]
    code, out, err = verify(s, where, *segments(where))
    if code != 0:
        return "verify: %d %s%s" % (code, out.decode(errors="replace"), err)
    with open(where + ".all", "wb") as f:
        f.write(data)
    wrong = treecheck.check(where + ".all", where + "/log.tree", lax=True, zero=False)
    if wrong:
        return wrong
    return s.extra(where, lines)


def work(job):
    s, part, where, number = job
    sys.stdout = open(os.devnull, "w", encoding="ascii")  # treecheck's own words
    wrong = []
    for image, acked in part:
        fault = judge(s, image, acked, "%s.%d" % (where, number))
        if fault:
            wrong.append((fault, image, acked))
    return wrong


def main():
    args = [a for a in sys.argv[1:] if a != "--short"]
    build, top, names = os.path.abspath(args[0]), os.path.abspath(args[1]), args[2:]
    violations = tried = 0
    subprocess.run([build + "/audit-hash", "keygen", "-q", "-o", top + "/key", "example.com/log"], check=True)
    if "--short" in sys.argv:
        names = situations.SHORT
    chosen = [s for s in situations.ALL if s.name in names or not names]
    for s in chosen:
        where = os.path.join(top, s.name)
        os.makedirs(where)
        s.prepare(build, where)
        todo = states(s, where)
        jobs = max(1, min(2 * os.cpu_count(), len(todo)))
        with multiprocessing.Pool(os.cpu_count()) as pool:
            wrong = sum(pool.map(work, [(s, todo[i::jobs], where, i) for i in range(jobs)], 1), [])
        tried += len(todo)
        violations += len(wrong)
        print("%-18s %7d states, %d violations" % (s.name, len(todo), len(wrong)), flush=True)
        for i, (fault, image, acked) in enumerate(wrong[:5]):
            kept = "%s/violation-%s-%d" % (top, s.name, i)
            materialise(image, kept)
            print("  %s (acknowledged %d bytes)\n  kept in %s" % (fault, len(acked), kept))
    print("%d states tried, %d violations" % (tried, violations))
    sys.exit(violations > 0 or tried < 100)


if __name__ == "__main__":
    main()
