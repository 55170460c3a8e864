#!/usr/bin/env python3
"""Write fold_table.c: simple case folding.

  python3 lib/sigma/fold.py > lib/sigma/fold_table.c

The mappings with status C and S of Unicode's CaseFolding.txt, derived from this Python's tables: full folding where
that is one character, else (status S) the lower case where that is one.  As runs of code points that are STEP apart
and fold by the same distance.  The table is kept in the tree, so that what matches does not depend on the machine.
"""
import unicodedata

runs = []
for c in range(0x80, 0x110000):
    if 0xd800 <= c < 0xe000:
        continue
    to = chr(c).casefold()
    if len(to) > 1:
        to = chr(c).lower()
    if len(to) > 1 or ord(to) == c:
        continue
    delta = ord(to) - c
    for run in runs[-1:]:
        step = run[2] or c - run[1]
        if run[3] == delta and c - run[1] == step <= 2:
            run[1], run[2] = c, step
            break
    else:
        runs.append([c, c, 0, delta])

print("/* Made by fold.py from Unicode %s: do not edit. */" % unicodedata.unidata_version)
print('#include "sigma/fold.h"\n')
print("/* clang-format off */")
print("const struct fold_run fold_runs[] = {")
for i in range(0, len(runs), 3):
    print("\t" + " ".join("{ 0x%05x, 0x%05x, %d, %d }," % (a, b, s or 1, d) for a, b, s, d in runs[i:i + 3]))
print("};\n")
print("const size_t fold_run_count = %d;" % len(runs))
