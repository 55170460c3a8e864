#!/usr/bin/env python3
"""bits.py FILE STEP COMMAND...: flip every STEP-th bit of FILE, run COMMAND, put the file back.

Every run must end with 1 or 2 and say something.  Prints how many were tried and what they gave.
"""
import subprocess
import sys

path, step, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
with open(path, "rb") as f:
    data = f.read()
given = {}
for bit in range(0, 8 * len(data), step):
    bent = bytearray(data)
    bent[bit // 8] ^= 1 << bit % 8
    with open(path, "wb") as f:
        f.write(bent)
    done = subprocess.run(command, capture_output=True)
    given[done.returncode] = given.get(done.returncode, 0) + 1
    if done.returncode not in (1, 2) or not done.stdout + done.stderr:
        print("bit %d of byte %d: %d" % (bit % 8, bit // 8, done.returncode))
with open(path, "wb") as f:
    f.write(data)
print(sum(given.values()), "flips:", *("%d times %d" % (n, code) for code, n in sorted(given.items())))
sys.exit(not given or bool(set(given) - {1, 2}))
