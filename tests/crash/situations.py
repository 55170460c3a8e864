"""situations.py - in which a machine may crash: a log to begin with, and appends to it."""
import hashlib
import os
import shutil
import subprocess


def lines(word, n, width=0):
    return [(b"%s %d" % (word, i)).ljust(width, b".") for i in range(n)]


def text(some):
    return b"".join(line + b"\n" for line in some)


class Situation:
    """old: lines sealed before.  runs: the options and lines of each append.  again: options of the one after the crash.

    same: all lines are alike.
    """

    def __init__(self, name, old=0, runs=(2,), width=0, options=(), again=(), change=None, extra=None, same=False):
        self.name, self.again = name, list(again)
        self.old = lines(b"old", old)
        self.change, self.checks = change, extra
        new = [lines(b"new%d" % i, n, width) for i, n in enumerate(runs)]
        if same:
            self.old, new = [b"same"] * old, [[b"same".ljust(width, b".")] * n for n in runs]
        self.runs = [(list(options), text(some)) for some in new]
        self.new = b"".join(t for _, t in self.runs).split(b"\n")[:-1]

    def append(self, where, batch, *options):
        subprocess.run([self.tool, "append", "-q", "--key", "../key", *options, "log"], cwd=where, input=text(batch),
                       check=True)

    def prepare(self, build, where):
        self.tool, self.verify = build + "/audit-hash", build + "/audit-verify"
        if self.old:
            self.append(where, self.old)
        if self.change:
            self.change(self, where)

    def extra(self, where, have):
        return self.checks(where, have) if self.checks else None


def write_past(_, where):
    with open(where + "/log", "ab") as f:
        f.write(b"written past it\nand torn")


def rename(_, where):
    os.rename(where + "/log", where + "/log.1")


def write_past_and_rename(s, where):
    write_past(s, where)
    rename(s, where)


def adopt(s, where):
    with open(where + "/log", "wb") as f:
        f.write(text(lines(b"plain", 20)) + b"torn")


def lose_edge(_, where):
    shutil.rmtree(where + "/log.tree/tile/0/001.p")
    os.remove(where + "/log.tree/hints")


def lose_tiles(_, where):
    shutil.rmtree(where + "/log.tree/tile")


def manifest(_, where, renamed=False):
    """What sealing leaves if it is cut short behind the manifest."""
    with open(where + "/log", "rb") as f:
        data = f.read()
    with open(where + "/log.tree/checkpoint", encoding="utf-8") as f:
        head = f.read()
    name = "log-%012d-%012d" % (0, data.count(b"\n") - 1)
    sha = hashlib.sha256(data).hexdigest()
    with open(where + "/" + name + ".manifest", "w", encoding="utf-8") as f:
        f.write('{"manifest": "audit-hash/1", "origin": "example.com/log", "segment": "%s", "first_entry": 0, '
                '"last_entry": %d, "bytes": %d, "sha256": "%s", "head": "%s", "sealed_at": "2026-11-24T12:00:00Z", '
                '"retain_until": "2032-11-24T12:00:00Z", "compression": null, "encryption": null, '
                '"parts": [{"file": "%s", "bytes": %d, "sha256": "%s"}]}\n'
                % (name, data.count(b"\n") - 1, len(data), sha, head.replace("\n", "\\n"), name, len(data), sha))
    if renamed:
        os.rename(where + "/log", where + "/" + name)


def manifest_renamed(s, where):
    manifest(s, where, True)


def manifest_and_past(s, where):
    manifest(s, where)
    write_past(s, where)


def seal_line(_where, have):
    at = [i for i, line in enumerate(have) if line.startswith(b'{"log_event": "seal", ')]
    return None if at == [5] else "the seal line stands at %r" % at


def kept_torn(where, have):
    """The fragment written past the head is somewhere, whole, and said."""
    torn = [n for n in os.listdir(where) if n.startswith("log.torn-") and not n.endswith(".tmp")]
    texts = []
    for name in torn:
        with open(os.path.join(where, name), "rb") as f:
            texts.append(f.read())
    if b"and torn" not in texts:
        return "the torn tail is lost"
    if have.count(b"written past it") != 1:
        return "a line written past the head stands %d times" % have.count(b"written past it")
    if not any(b'"torn_bytes": 8,' in line for line in have):
        return "the torn tail was taken over in silence"
    return None


ALL = [
    Situation("new"),
    Situation("sealed", old=5),
    Situation("three-sectors", old=5, runs=(4,), width=400),
    Situation("two-runs", old=5, runs=(1, 1)),
    Situation("empty-input", old=5, runs=(0, 1)),
    Situation("alike", old=2, runs=(1, 2), same=True),
    Situation("alike-new", runs=(1, 1), same=True),
    Situation("growing", old=254, runs=(4,)),
    Situation("tile-just-full", old=254, runs=(2,)),
    Situation("residue", old=5, runs=(1,), change=write_past, extra=kept_torn),
    Situation("residue-crossing", old=61, runs=(2,), width=200, change=write_past, extra=kept_torn),
    Situation("rename", old=5, change=rename),
    Situation("rename-grow", old=254, runs=(4,), change=rename),
    Situation("rename-residue", old=5, change=write_past_and_rename, extra=kept_torn),
    Situation("adopt", options=("--adopt",), again=("--adopt",), change=adopt),
    Situation("lost-edge", old=260, runs=(1,), change=lose_edge),
    Situation("lost-tiles", old=260, runs=(1,), change=lose_tiles),
    Situation("manifest", old=5, change=manifest, extra=seal_line),
    Situation("manifest-renamed", old=5, change=manifest_renamed, extra=seal_line),
]

SHORT = ("sealed", "three-sectors", "empty-input", "alike", "residue", "residue-crossing", "rename", "rename-residue",
         "manifest", "manifest-renamed")

# For faults.py --short: with every call that these make, all are made.
FAULTS = ("new", "residue", "manifest")
