#!/usr/bin/env python3
"""treecheck.py LOG [TREE]: is the log what its head and tiles say?  An RFC 6962 tree of our own.

Prints "SIZE ROOT" and exits 0, or says what is wrong and exits 1.  With --lax tiles may be missing
(a crash loses what was not synced), and lines may follow the head.
"""
import base64
import hashlib
import os
import re
import sys


def sha(data):
    return hashlib.sha256(data).digest()


def root(hashes):
    """MTH of RFC 6962 section 2.1 over leaf hashes, without recursion over every leaf."""
    if not hashes:
        return sha(b"")
    stack = []  # (leaves, hash) of perfect subtrees
    for h in hashes:
        n = 1
        while stack and stack[-1][0] == n:
            h = sha(b"\1" + stack.pop()[1] + h)
            n *= 2
        stack.append((n, h))
    h = stack.pop()[1]
    while stack:
        h = sha(b"\1" + stack.pop()[1] + h)
    return h


def tile_path(level, index):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    return "tile/%d/%s" % (level, "/".join(groups))


def tiles(leaves):
    """Every tile that C2SP wants for these leaves: path -> bytes."""
    level, row, want = 0, leaves, {}
    while row:
        for i in range(0, len(row), 256):
            part = row[i : i + 256]
            path = tile_path(level, i // 256)
            if len(part) < 256:
                path += ".p/%d" % len(part)
            want[path] = b"".join(part)
        row = [root(row[i : i + 256]) for i in range(0, len(row) - 255, 256)]
        level += 1
    return want


def heads(text):
    """The whole heads of a checkpoints file, each as (size, root, text)."""
    found = []
    for m in re.finditer(r"([^\n]+\n(\d+)\n([^\n]+)\n\n(?:\u2014 [^\n]+\n)+)\n", text):
        found.append((int(m.group(2)), base64.b64decode(m.group(3)), m.group(1)))
    return found


def residue(got, content):
    """May a crash have left that of a tile?  It is short, or zeros stand in it."""
    return len(got) < len(content) or len(got) == len(content) and all(
        got[i:i + 32] in (content[i:i + 32], bytes(32)) for i in range(0, len(got), 32))


def check(log, tree, lax=False, zero=True):
    with open(tree + "/checkpoint", encoding="utf-8", newline="") as f:
        head = f.read()
    size, want = int(head.split("\n")[1]), base64.b64decode(head.split("\n")[2])
    with open(log, "rb") as f:
        data = f.read()
    lines = data.split(b"\n")
    if not lax and lines[-1] != b"":
        return "the log is torn"
    lines.pop()
    if len(lines) < size or (not lax and len(lines) != size):
        return "%d lines, head says %d" % (len(lines), size)
    leaves = [sha(b"\0" + line) for line in lines[:size]]
    if root(leaves) != want:
        return "root differs"
    for path, content in tiles(leaves).items():
        try:
            with open(tree + "/" + path, "rb") as f:
                got = f.read()
        except FileNotFoundError:
            if not lax:
                return path + " is missing"
            continue
        if got != content and not (lax and residue(got, content)):
            return path + " differs"
    with open(tree + "/checkpoints", encoding="utf-8", newline="") as f:
        listed = heads(f.read())
    before = -1
    for n, r, text in listed:
        if n < before or n > size or root(leaves[:n]) != r:
            return "a listed head of size %d is wrong" % n
        before = n
    if not lax and listed[-1][2] != head:
        return "the head is not the last one listed"
    if not lax and zero and listed[0][0] != 0:
        return "the first head listed is not of size 0"
    print(size, base64.b64encode(want).decode())
    return None


if __name__ == "__main__":
    args = [a for a in sys.argv[1:] if a != "--lax"]
    wrong = check(args[0], args[1] if len(args) > 1 else args[0] + ".tree", "--lax" in sys.argv)
    if wrong:
        print(wrong)
        sys.exit(1)
