#!/usr/bin/env python3
"""verbs.py BUILD DIR [--short] [NAME...]: seal, rotate, witness, rebuild and export, cut short at any system call.

The calls of a run are listed with strace; then, one at a time, each fails with EIO, with ENOSPC, and the process is killed
in it.  For seal every state that a crash of the machine can leave of unsynced writes and names is tried as well
(disk.py).  After each: nothing sealed is gone, none stands twice, the next run works, and audit-verify has no finding; what
each verb promises besides is below.  Prints a line a verb, ends with 1 if there was a violation.
"""
import glob
import gzip
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import crash  # noqa: E402
import disk  # noqa: E402

HOW = {"EIO": "error=EIO", "ENOSPC": "error=ENOSPC", "kill": "signal=KILL"}
LEFT_OUT = ("execve", "exit_group", "exit", "rt_sigreturn", "brk")
OLD = [b"old %d" % i for i in range(300)]
build = top = ""


def text(lines):
    return b"".join(line + b"\n" for line in lines)


def tool(where, *args, stdin=b""):
    return crash.run([build + "/audit-hash", *args], where, stdin)


def must(where, *args, stdin=b""):
    code, out, err = tool(where, *args, stdin=stdin)
    assert code == 0, (args, err)
    return out


def prepare(where):
    must(where, "append", "-q", "--key", "../key", "log", stdin=text(OLD))


def pieces(where):
    """[(path for audit-verify or None, lines)] of the log's segments, oldest first, each once."""
    found = {}
    for name in sorted(glob.glob(where + "/log-*-*")):
        m = re.fullmatch(r"log-(\d{12})-(\d{12})(|\.gz|\.zst|\.gz\.cms\.001|\.cms\.001)", os.path.basename(name))
        manifest = m and os.path.exists("%s/log-%s-%s.manifest" % (where, m.group(1), m.group(2)))
        # A part without a manifest is what a sealing cut short left: its lines are in the log yet.
        if m and (manifest or m.group(3) == "") and (m.group(1), m.group(2)) not in found:
            found[m.group(1), m.group(2)] = name
    for name in [found[k] for k in sorted(found)] + [where + "/log"]:
        if ".cms." in name:
            data = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-in", name, "-inkey", top + "/cert.key"],
                                  capture_output=True, check=True).stdout
        else:
            with open(name, "rb") as f:
                data = f.read()
        if name.endswith(".zst"):
            data = subprocess.run(["zstd", "-dc", name], capture_output=True, check=True).stdout
        if ".gz" in name:
            data = gzip.decompress(data)
        yield name, data.split(b"\n")[:-1]


def verify(where, key="../key.pub"):
    """Any finding?  Encrypted segments are opened first: what they hold has to be what was sealed."""
    operands = []
    for name, lines in pieces(where):
        if ".cms." in name:
            name = where + "/opened-" + str(len(operands))
            with open(name, "wb") as f:
                f.write(text(lines))
        operands.append(name)
    code, out, err = crash.run([build + "/audit-verify", "--pubkey", key, "--tree", "log.tree", *operands], where)
    return None if code == 0 else "audit-verify: %d %r %s" % (code, out, err)


def all_once(where):
    have = [line for _, lines in pieces(where) for line in lines]
    for line in OLD + [b"next"]:
        if have.count(line) != 1:
            return "%r stands %d times" % (line, have.count(line))
    return None


def next_append(where, key="../key"):
    code, _, err = tool(where, "append", "-q", "--key", key, "log", stdin=b"next\n")
    return None if code == 0 else "the next append: %d %s" % (code, err)


class Seal:
    def __init__(self, name, *options, past=b""):
        self.name, self.options, self.past = name, list(options), past

    def prepare(self, where):
        prepare(where)
        with open(where + "/log", "ab") as f:
            f.write(self.past)

    def args(self):
        return ["seal", "--key", "../key"] + [o.replace("@", top) for o in self.options] + ["log"]

    def judge(self, where, code, out):
        if code == 0 and out.count(b"put-object") < 2:
            return "status 0 without a plan"
        return next_append(where) or all_once(where) or verify(where) or self.again(where)

    def again(self, where):
        """Another seal goes on, and leaves each segment once, as its manifest says, and nothing temporary."""
        code, _, err = tool(where, *self.args())
        if code != 0:
            return "the next seal: %d %s" % (code, err)
        for name in glob.glob(where + "/log-*.manifest"):
            with open(name, encoding="utf-8") as f:
                m = json.load(f)
            want = {p["file"] for p in m["parts"]} | {os.path.basename(name)}
            have = {os.path.basename(n) for n in glob.glob(where + "/" + m["segment"] + "*")}
            if have != want:
                return "%s: there are %s" % (m["segment"], sorted(have))
        if glob.glob(where + "/*.tmp"):
            return "a temporary file is left"
        return verify(where) or all_once(where)


class Rotate:
    name = "rotate"

    def prepare(self, where):
        prepare(where)
        shutil.copy(top + "/key", where + "/old")
        shutil.copy(top + "/new", where + "/new")

    def args(self):
        return ["rotate", "--key", "old", "--new-key", "new", "log"]

    def judge(self, where, code, _):
        whole = os.path.exists(where + "/old") and b"PRIVATE" in open(where + "/old", "rb").read()
        by_new = next_append(where, "new") is None
        if code == 0 and (whole or not by_new):
            return "status 0, but the old key is there or the new one does not sign"
        if not by_new:
            if not whole:
                return "the old key is gone, and the new one is not the log's"
            return next_append(where, "old") or all_once(where) or verify(where)
        return all_once(where) or verify(where, "../new.pub")


class Witness:
    name = "witness"

    def prepare(self, where):
        prepare(where)
        with open(where + "/ask", "wb") as f:
            f.write(must(where, "checkpoint", "--old", "0", "log"))
        must(where, "witness", "--key", "../w", "--pubkey", "../key.pub", "--state", "state", "--init", "ask")
        shutil.copy(where + "/state", where + "/state.before")
        must(where, "append", "-q", "--key", "../key", "log", stdin=b"more\n")
        with open(where + "/ask", "wb") as f:
            f.write(must(where, "checkpoint", "--old", "300", "log"))

    def args(self):
        return ["witness", "--key", "../w", "--pubkey", "../key.pub", "--state", "state", "ask"]

    def judge(self, where, code, out):
        with open(where + "/state", "rb") as f, open(where + "/state.before", "rb") as g:
            state, before = f.read(), g.read()
        with open(where + "/log.tree/checkpoint", "rb") as f:
            head = f.read()
        if state not in (before, head):
            return "the state is neither head"
        if (out or code == 0) and state != head:
            return "signed, and not remembered"
        if code == 0 and out.count(b"\n") != 1:
            return "status 0 without a cosignature"
        code, out, err = tool(where, "witness", "--key", "../w", "--pubkey", "../key.pub", "--state", "state", "ask")
        if state == before and (code != 0 or out.count(b"\n") != 1):
            return "the next one: %d %s" % (code, err)
        if state == head and (code != 2 or "--old 301" not in err):
            return "the next one: %d %s" % (code, err)
        return None


class Rebuild:
    name = "rebuild"

    def prepare(self, where):
        prepare(where)
        os.remove(where + "/log.tree/tile/0/000")
        shutil.rmtree(where + "/log.tree/tile/1")

    def args(self):
        return ["rebuild", "--pubkey", "../key.pub", "log"]

    def judge(self, where, code, _):
        if code == 0 and verify(where):
            return verify(where)
        code, _, err = tool(where, *self.args())
        if code != 0:
            return "the next rebuild: %d %s" % (code, err)
        return next_append(where) or all_once(where) or verify(where)


class Export:
    name = "export"
    evidence = False

    def prepare(self, where):
        prepare(where)

    def args(self):
        return ["export", "log"]

    def judge(self, where, code, _):
        args = [build + "/audit-verify", "--pubkey", "../key.pub", "--tree", "log.tree", "--bundles"]
        if code == 0 and crash.run(args, where)[0] != 0:
            return "status 0, and the bundles do not verify"
        code, _, err = tool(where, *self.args())
        if code != 0 or crash.run(args, where)[0] != 0:
            return "the next export: %d %s" % (code, err)
        if any(n.endswith(".tmp") for _, _, names in os.walk(where) for n in names):
            return "a temporary file is left"
        return next_append(where) or verify(where)


class Evidence(Export):
    name = "evidence"

    def args(self):
        return ["export", "--evidence", "ev", "--range", "3,4", "--pubkey", "../key.pub", "log"]

    def judge(self, where, code, _):
        if code == 0 and not os.path.exists(where + "/ev"):
            return "status 0, and no evidence"
        if code in (0, 2) and os.path.exists(where + "/ev") and crash.run(["sh", "ev/check.sh"], where)[0] != 0:
            return "there is evidence, and it does not check"
        return next_append(where) or verify(where)


VERBS = [Seal("seal"), Seal("seal gzip", "--compress", "gzip", past=b"past it\nand torn"), Seal("seal zstd", "--compress", "zstd"),
         Seal("seal cms", "--compress", "gzip", "--encrypt-to", "@/cert.pem"), Rotate(), Witness(), Rebuild(), Export(),
         Evidence()]


def calls(verb, base):
    where = base + ".run"
    shutil.copytree(base, where)
    code, out, err = crash.run(["strace", "-f", "-o", where + ".trace", build + "/audit-hash"] + verb.args(), where)
    assert code == 0, (verb.name, err)
    wrong = verb.judge(where, code, out)
    assert not wrong, (verb.name, wrong)
    return crash.calls(where + ".trace", LEFT_OUT)


def inject(verb, base, where, fault):
    name, nth, loading, how = fault
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(base, where)
    code, out, err = crash.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=%s:%s:when=%d" % (name, HOW[how], nth),
                                build + "/audit-hash"] + verb.args(), where)
    if code not in (0, 2, 127, -9, -6, 137, 134) and not (loading and code == -11):
        return 0, "status %d: %s" % (code, err)
    return code != 0, verb.judge(where, code, out)


def work(job):
    number, base, part, where = job
    wrong, told = [], 0
    for fault in part:
        said, bad = inject(VERBS[number], base, where, fault)
        told += said
        if bad:
            wrong.append((" ".join(map(str, fault)), bad))
    return told, wrong


def crash_states(verb, base):
    """Every image that a crash of the machine can leave of one run."""
    where = base + ".states"
    shutil.copytree(base, where)
    player, found = disk.Player(where), {}
    player.fds = {}
    for _ in crash.record(player, [build + "/audit-hash"] + verb.args(), b"", where + ".trace"):
        for image in player.disk.images():
            found[crash.digest(image)] = image
    return list(found.values())


def try_states(job):
    number, images, where = job
    wrong = []
    for image in images:
        crash.materialise(image, where)
        bad = VERBS[number].judge(where, None, b"")
        if bad:
            wrong.append(("a crash of the machine", bad))
    return 0, wrong


def main():
    global build, top
    short = "--short" in sys.argv
    args = [a for a in sys.argv[1:] if a != "--short"]
    build, top, names = os.path.abspath(args[0]), os.path.abspath(args[1]), args[2:]
    for name in ("key", "new"):
        must(top, "keygen", "-q", "example.com/log", "-o", name)
    must(top, "keygen", "-q", "--witness", "example.com/w", "-o", "w")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    "cert.key", "-out", "cert.pem", "-subj", "/CN=x", "-days", "3"], cwd=top, check=True, capture_output=True)
    tried = violations = 0
    for number, verb in enumerate(VERBS):
        if names and verb.name not in names:
            continue
        base = os.path.join(top, verb.name.replace(" ", "-"))
        os.makedirs(base)
        verb.prepare(base)
        todo = [c + (how,) for c in calls(verb, base) for how in HOW]
        if short:
            todo = todo[::61]
        images = crash_states(verb, base) if isinstance(verb, Seal) and not short else []
        jobs = 4 * os.cpu_count()
        with multiprocessing.Pool(os.cpu_count()) as pool:
            done = pool.map(work, [(number, base, todo[i::jobs], "%s.%d" % (base, i)) for i in range(jobs)], 1)
            done += pool.map(try_states, [(number, images[i::jobs], "%s.s%d" % (base, i)) for i in range(jobs)], 1)
        wrong = sum((d[1] for d in done), [])
        tried, violations = tried + len(todo) + len(images), violations + len(wrong)
        print("%-10s %4d faults, %4d told, %4d crash states, %d violations" % (
            verb.name, len(todo), sum(d[0] for d in done), len(images), len(wrong)), flush=True)
        for fault, bad in wrong[:10]:
            print("  %s: %s" % (fault, bad))
    print("%d tried, %d violations" % (tried, violations))
    sys.exit(violations > 0 or tried < 50)


if __name__ == "__main__":
    main()
