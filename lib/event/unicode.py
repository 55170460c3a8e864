#!/usr/bin/env python3
"""Write unicode_table.c: the code points outside ASCII that are letters or marks.

  python3 lib/event/unicode.py > lib/event/unicode_table.c

General categories L* and M* of the Unicode version that this Python's unicodedata has, as sorted
ranges.  The table is kept in the tree, so that what an entry may hold does not depend on the
machine it was built on, nor on its locale.
"""
import sys
import unicodedata

points = [c for c in range(0x80, 0x110000) if unicodedata.category(chr(c))[0] in "LM"]
ranges = []
for c in points:
    if ranges and ranges[-1][1] == c - 1:
        ranges[-1][1] = c
    else:
        ranges.append([c, c])

print("/* Made by unicode.py from Unicode %s: do not edit. */" % unicodedata.unidata_version)
print('#include "event/unicode.h"\n')
print("/* clang-format off */")
print("const struct unicode_range unicode_letters[] = {")
for i in range(0, len(ranges), 4):
    print("\t" + " ".join("{ 0x%05x, 0x%05x }," % tuple(r) for r in ranges[i:i + 4]))
print("};\n")
print("const size_t unicode_letters_count = %d;" % len(ranges))
sys.stdout.flush()
