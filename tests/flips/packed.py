#!/usr/bin/env python3
"""packed.py VERIFY DIR COUNT [SEED]: a flip in a compressed segment that changes what comes out is named.

DIR gets a key and a log in two segments made by tlog.py.  What comes out of a damaged segment is asked
of zlib (Python's) and of zstd(1); the first line that is not as it was must be in a finding, and of
zstd, which gives less than came out whole, none before it.
"""
import json
import os
import random
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
sys.dont_write_bytecode = True
import tlog  # noqa: E402

VERIFY, DIR, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
os.makedirs(DIR, exist_ok=True)
os.chdir(DIR)
N = 700


def out_gzip(data):
    got = b""
    while data:
        d = zlib.decompressobj(31)
        try:
            for i in range(len(data)):
                byte = d.decompress(data[i:i + 1], 1)
                while byte or d.unconsumed_tail:
                    got += byte
                    byte = d.decompress(d.unconsumed_tail, 1)
                if d.eof:
                    break
            if not d.eof:
                return got, False
        except zlib.error:
            return got, False
        data = d.unused_data + data[i + 1:]
    return got, True


def out_zstd(data):
    done = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=False)
    return done.stdout, done.returncode == 0


def verify(name):
    done = subprocess.run([VERIFY, "--pubkey", "key.pub", "--format", "json", "-j1", "--tree", "log.tree", name, "log"],
                          capture_output=True, check=False)
    return done.returncode, [json.loads(row) for row in done.stdout.splitlines()]


def main():
    tlog.make_key("log.example/a", 7, "key")
    first = [b'{"event_id": "%016x", "n": %d}' % (n * 0x9e3779b97f4a7c15 % 2**64, n) for n in range(N)]
    text = b"".join(line + b"\n" for line in first)
    tlog.write("plain", text)
    tlog.write("log", b"".join(b"live %d\n" % n for n in range(50)))
    with open("log", "rb") as f:
        tlog.write("all", text + f.read())
    tlog.seal("key", "all", "log.tree", 1764000000, None)
    tlog.hints("log.tree", ["plain", "log"])
    subprocess.run("gzip -c plain >s.gz && head -n 300 plain | zstd -qc >s.zst && "
                   "tail -n +301 plain | zstd -qc >>s.zst", shell=True, check=True)
    wrong = changed = 0
    for name, out in (("s.gz", out_gzip), ("s.zst", out_zstd)):
        with open(name, "rb") as f:
            good = f.read()
        for _ in range(COUNT):
            bad = bytearray(good)
            at = draw.randrange(len(bad))
            bad[at] ^= 1 << draw.randrange(8)
            tlog.write("x" + name, bytes(bad))
            got, whole = out(bytes(bad))
            code, rows = verify("x" + name)
            lines = got.split(b"\n")[:-1]
            same = next((i for i, (a, b) in enumerate(zip(lines, first)) if a != b), min(len(lines), N)) + 1
            if got == text and whole:
                if code != 0:
                    print(f"{name} byte {at}: all comes out, exit {code}")
                    wrong += 1
                continue
            changed += 1
            lines = [(r["line"], r["count"] or 1) for r in rows[:-1] if r["file"] == "x" + name and r["line"]]
            if out is out_gzip:
                named = any(line <= same < line + count for line, count in lines)
            else:  # zstd(1) keeps back what came out whole before a wrong checksum: we need not
                named = lines and all(line >= same for line, _ in lines)
            if code != 1 or not named:
                print(f"{name} byte {at}: line {same} is the first to differ, exit {code}: {rows[:3]}")
                wrong += 1
    print(f"{2 * COUNT} bits of compressed segments tried, {changed} change what comes out, {wrong} wrong answers")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
