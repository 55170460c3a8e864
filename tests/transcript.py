#!/usr/bin/env python3
"""transcript.py PAGE: run the examples of a manual page and compare what they print.

In the section EXAMPLES every literal block is a transcript: a line "$ COMMAND" and the lines that
it prints, in one shell, in an empty directory (the present one).  Exits 1 where they differ.
"""
import re
import subprocess
import sys


def unescape(line):
    line = line.replace("\\&", "").replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
    return line


def commands(page):
    """[(command, [expected lines])] of the page's examples."""
    text = open(page, encoding="utf-8").read()
    examples = re.search(r"^\.Sh EXAMPLES\n(.*?)(?=^\.Sh )", text, re.M | re.S)
    found = []
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", examples.group(1), re.M | re.S):
        for line in map(unescape, block.splitlines()):
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return found


def main():
    found = commands(sys.argv[1])
    mark = "=== next command ==="
    script = "".join("%s\necho '%s'\n" % (command, mark) for command, _ in found)
    done = subprocess.run(["sh"], input=script.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    got = done.stdout.decode("utf-8", "replace").split(mark + "\n")
    wrong = 0
    for (command, want), text in zip(found, got):
        if text.rstrip("\n") != "\n".join(want):
            wrong += 1
            print("$ %s\nprinted:\n%s\nbut the page says:\n%s" % (command, text, "\n".join(want)))
    if not found or len(got) != len(found) + 1:
        print("%d commands, %d outputs" % (len(found), len(got) - 1))
        wrong += 1
    sys.exit(wrong > 0)


main()
