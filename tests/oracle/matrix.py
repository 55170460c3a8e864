#!/usr/bin/env python3
"""matrix.py VERIFY DIR: every single change of a 1,000-line log must be named, with at most two findings.

DIR gets a key and a sealed log made by tlog.py; VERIFY is audit-verify.  Prints what went wrong,
and the number of changes tried; exit 1 if any went wrong.
"""
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import tlog  # noqa: E402

VERIFY, DIR = sys.argv[1:]
AT = (1, 2, 255, 256, 257, 511, 512, 999, 1000)
N = 1000
LOG = f"{DIR}/changed"


def run(lines):
    with open(LOG, "wb") as f:
        f.write(b"".join(line + b"\n" for line in lines))
    out = subprocess.run([VERIFY, "--pubkey", f"{DIR}/key.pub", "--tree", f"{DIR}/log.tree",
                          "--format", "json", "-j1", LOG], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    rows = [json.loads(row) for row in out.stdout.splitlines()]
    return out.returncode, rows[:-1], rows[-1]


def changes(lines):
    """(what, file, {acceptable (kind, line, entry)}), one of which must be among the findings."""
    for k in AT:
        i = k - 1
        head, this, rest = lines[:i], lines[i], lines[k:]
        flipped = bytes([this[0] ^ 1]) + this[1:]
        yield f"modify {k}", head + [flipped] + rest, {("modified", k, i)}
        yield f"lengthen {k}", head + [this + b" "] + rest, {("modified", k, i)}
        yield f"empty {k}", head + [b""] + rest, {("modified", k, i)}
        yield (f"delete {k}", head + rest,
               {("truncated" if k == N else "deleted", k, i)})
        yield f"insert at {k}", head + [b"new"] + [this] + rest, {("inserted", k, i)}
        yield f"insert an empty line at {k}", head + [b"", this] + rest, {("inserted", k, i)}
        yield (f"duplicate {k}", head + [this, this] + rest,
               {("duplicated", k, i), ("duplicated", k + 1, i)})
        if k != 500:
            copied = lines[:500] + [this] + lines[500:]
            yield f"copy {k} behind 500", copied, {("duplicated", 501, i)}
        for other in {k + 1, k - 1, 1, 300, N} - {k, 0, N + 1}:
            swapped = list(lines)
            swapped[i], swapped[other - 1] = swapped[other - 1], swapped[i]
            yield (f"swap {k} and {other}", swapped,
                   {("moved", k, other - 1), ("moved", other, i)})
    for k in range(N):
        yield f"cut after {k}", lines[:k], {("truncated", k + 1, k)}


def main():
    os.makedirs(DIR, exist_ok=True)
    lines = [b'{"event_id": "%032x", "n": %d}' % (n * 0x9e3779b97f4a7c15, n) for n in range(N)]
    with open(f"{DIR}/log", "wb") as f:
        f.write(b"".join(line + b"\n" for line in lines))
    tlog.make_key("log.example/matrix", 3, f"{DIR}/key")
    tlog.seal(f"{DIR}/key", f"{DIR}/log", f"{DIR}/log.tree", 1764000000, None)
    status, rows, verdict = run(lines)
    failed = (status, rows, verdict["verdict"]) != (0, [], "ok")
    tried = 0
    for what, changed, wanted in changes(lines):
        status, rows, verdict = run(changed)
        found = {(row["kind"], row["line"], row["entry"]) for row in rows}
        tried += 1
        if (status != 1 or verdict["verdict"] != "tampered" or not 1 <= len(rows) <= 2 or
                verdict["findings"] != len(rows) or not found & wanted):
            failed = True
            print(f"{what}: status {status}, {rows}")
    print(f"{tried} changes tried")
    sys.exit(1 if failed else 0)


main()
