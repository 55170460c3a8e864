#!/usr/bin/env python3
"""memory.py KEY[,KEY...] at-exit|live -- COMMAND...: is a secret key in the memory of COMMAND?

at-exit: all that the process can write to is read as it is about to end (strace holds it there).  live: it gets all of
standard input, which is then held open for it, and is read a second later: what it still needs must be found, which checks
the search, and nothing else.  A key is looked for as its file has it
(base64), as the 32 byte seed, and as what RFC 8032 makes of that: scalar, clamped or not, and prefix.  KEY hmac:FILE is one
for HMAC-SHA-256: its bytes, those xored with the pads of RFC 2104, and what SHA-256's state is behind these.  Keys are read
before the start, for the command may destroy them.  Prints what was found, a word a line; exits 0 whatever that is, 2 if the
memory could not be read, else with what the command ended with if that is not 0.
"""
import base64
import glob
import hashlib
import os
import struct
import subprocess
import sys
import time

PIECE = 8
EXIT_GROUP = {"x86_64": 231, "aarch64": 94}


def pad_state(block):
    """SHA-256's state behind one block (FIPS 180-4), as its eight words lie in memory."""
    primes = [n for n in range(2, 312) if all(n % d for d in range(2, n))]
    root = lambda n, k: max(r for r in range(int(n ** (1 / k) * 2**32) - 9, int(n ** (1 / k) * 2**32) + 9)
                            if r**k <= n << 32 * k) & 0xffffffff
    rot = lambda x, n: (x >> n | x << 32 - n) & 0xffffffff
    first = state = [root(p, 2) for p in primes[:8]]
    w = list(struct.unpack(">16I", block))
    for i in range(16, 64):
        s0 = rot(w[i - 15], 7) ^ rot(w[i - 15], 18) ^ w[i - 15] >> 3
        s1 = rot(w[i - 2], 17) ^ rot(w[i - 2], 19) ^ w[i - 2] >> 10
        w.append(w[i - 16] + s0 + w[i - 7] + s1 & 0xffffffff)
    for i in range(64):
        a, b, c, d, e, f, g, h = state
        t1 = h + (rot(e, 6) ^ rot(e, 11) ^ rot(e, 25)) + (e & f ^ ~e & g) + root(primes[i], 3) + w[i]
        t2 = (rot(a, 2) ^ rot(a, 13) ^ rot(a, 22)) + (a & b ^ a & c ^ b & c)
        state = [t1 + t2 & 0xffffffff, a, b, c, d + t1 & 0xffffffff, e, f, g]
    return struct.pack("=8I", *(x + y & 0xffffffff for x, y in zip(first, state)))


def hmac_needles(key):
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner, outer = (bytes(b ^ pad for b in block) for pad in (0x36, 0x5c))
    return {"key": key[:64], **({"end": key[-64:]} if len(key) > 64 else {}), "inner": inner[:len(key)],
            "outer": outer[:len(key)], "inner state": pad_state(inner), "outer state": pad_state(outer)}


def needles(text):
    data = text.strip().split("+", 4)[4]
    seed = base64.b64decode(data)[1:]
    wide = hashlib.sha512(seed).digest()
    clamped = bytearray(wide[:32])
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    return {"base64": data.encode()[4:], "seed": seed, "scalar": bytes(clamped), "hash": wide[:32], "prefix": wide[32:]}


def writable(pid):
    """Every piece of memory that the process can write to, one after another."""
    with open("/proc/%d/maps" % pid, encoding="ascii", errors="replace") as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            where, rights = line.split()[:2]
            if "r" not in rights or "w" not in rights:
                continue
            start, end = (int(x, 16) for x in where.split("-"))
            mem.seek(start)
            data = bytearray()
            while len(data) < end - start:
                try:
                    piece = mem.read(min(1 << 20, end - start - len(data)))
                except OSError:
                    break
                if not piece:
                    break
                data += piece
            yield bytes(data)


def ending_child(parent, name):
    """The child of strace that runs the command, once it is about to end."""
    want = str(EXIT_GROUP[os.uname().machine])
    for _ in range(3000):
        for children in glob.glob("/proc/%d/task/*/children" % parent):
            try:
                with open(children, encoding="ascii") as f:
                    for pid in f.read().split():
                        with open("/proc/%s/comm" % pid, encoding="utf-8") as comm, \
                                open("/proc/%s/syscall" % pid, encoding="ascii") as call:
                            if comm.read().strip() == name and call.read().split()[0] == want:
                                return int(pid)
            except OSError:
                pass  # one of strace's own, that is gone by now
        time.sleep(0.005)
    sys.exit(2)


def pieces(secret):
    """What is left of it in memory that was freed and partly used again: any run of 15 bytes holds one of these."""
    return [secret[i:i + PIECE] for i in range(0, len(secret) - PIECE + 1, PIECE)]


keys, when, command = sys.argv[1].split(","), sys.argv[2], sys.argv[4:]
secrets = {}
for i, key in enumerate(keys):
    if key.startswith("hmac:"):
        with open(key[5:], "rb") as f:
            secrets.update({"%d %s" % (i, k): v for k, v in hmac_needles(f.read().rstrip(b"\n")).items()})
    elif key != "new":
        with open(key, encoding="ascii") as f:
            secrets.update({"%d %s" % (i, k): v for k, v in needles(f.read()).items()})
if when == "live":
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, close_fds=False)
    process.stdin.write(sys.stdin.buffer.read())
    process.stdin.flush()
    time.sleep(1)
    pid = process.pid
else:
    process = subprocess.Popen(["strace", "-o", "/dev/null", "-e", "trace=exit_group", "-e",
                                "inject=exit_group:delay_enter=2000000"] + command, stdout=subprocess.DEVNULL, close_fds=False)
    pid = ending_child(process.pid, os.path.basename(command[0])[:15])
if "new" in keys:  # made by the command, and known only now
    with open(command[-1], encoding="ascii") as f:
        secrets.update(needles(f.read()))
found, size = set(), 0
for data in writable(pid):
    size += len(data)
    found |= {name for name, needle in secrets.items() if any(piece in data for piece in pieces(needle))}
if size < 100000:
    sys.exit(2)
if when == "live":
    process.stdin.close()
status = process.wait()
print("\n".join(sorted(found)))
sys.exit(status)
