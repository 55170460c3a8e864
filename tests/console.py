#!/usr/bin/env python3
"""console.py PAGE... - do the examples of README.md and the man pages really work?

Runs the "$ command" lines of the ```console blocks of a Markdown page, or of the literal displays in a man page's
EXAMPLES, in order, in one fresh folder a page in which examples/ and rules/ are the tree's.  A command must end with
0 or 1.  Where output follows it in the block, its stdout and stderr must be just that; "…" stands for anything, as
keys and times differ.  A line that ends in "\\" goes on.  Prints TAP; --update rewrites a Markdown page's output, but
for lines with "…".
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Names that the pages use for what their reader has.
NAMES = {"ai-quality.jsonl": "examples/quality.jsonl", "events.jsonl": "examples/events.jsonl",
         "gateway.jsonl": "examples/gateway.jsonl", "my-splunk.yml": "rules/pipelines/splunk.yml"}

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def man_text(line):
    for roff, text in (("\\e", "\\"), ("\\(aq", "'"), ("\\(dq", '"'), ("\\-", "-"), ("\\&", "")):
        line = line.replace(roff, text)
    return line


def displays(path):
    """The blocks, each as [first line number, lines]."""
    markdown = path.endswith(".md")
    start = "```console" if markdown else ".Bd -literal"
    end = "```" if markdown else ".Ed"
    section, block = "", None
    with open(path, encoding="utf-8") as page:
        for number, line in enumerate(page, 1):
            line = line.rstrip("\n")
            if line.startswith(".Sh "):
                section = line[4:]
            if not markdown and section == "EXAMPLES" and line.startswith(".Dl "):
                yield [number, [man_text(line[4:])]]
            elif block is not None and line == end:
                yield block
                block = None
            elif block is not None:
                block[1].append(line if markdown else man_text(line))
            elif line.startswith(start) and (markdown or section == "EXAMPLES"):
                block = [number + 1, []]


def commands(path):
    """(line number of the output, command, output lines) one after the other."""
    for first, lines in displays(path):
        if not any(line.startswith("$ ") for line in lines):    # no prompts: all of it is a script
            if path.endswith(".5"):     # or data, in a page about formats
                continue
            yield first + len(lines), "\n".join(lines), []
            continue
        i = 0
        while i < len(lines):
            if not lines[i].startswith("$ "):
                yield first + i, None, [lines[i]]
                i += 1
                continue
            command = lines[i][2:]
            while command.endswith("\\") and i + 1 < len(lines):
                i += 1
                command = command[:-1] + re.sub(r"^> ?", "", lines[i])
            i += 1
            begin = i
            while i < len(lines) and not lines[i].startswith("$ "):
                i += 1
            yield first + begin, command, lines[begin:i]


def run(page, folder):
    """The page's commands in one shell, so that what one sets the next has: [(status, output lines)]."""
    script = os.path.join(folder, ".session")
    with open(script, "w", encoding="utf-8") as session:
        for i, command in enumerate(page):
            if command is not None:
                session.write("{ %s\n} >.out%d 2>&1 </dev/null; echo $? >.status%d\n" % (command, i, i))
    env = dict(os.environ, LC_ALL="C", HOME=folder)
    subprocess.run(["bash", script], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=120)

    def text(name):
        path = os.path.join(folder, name)
        return open(path, encoding="utf-8", errors="replace").read() if os.path.exists(path) else ""
    return [(int(text(".status%d" % i) or "-1"), text(".out%d" % i).splitlines()) for i in range(len(page))]


def matches(wanted, got):
    pattern = re.escape("\n".join(wanted)).replace(re.escape("…"), ".*")
    return re.fullmatch(pattern, "\n".join(got), re.DOTALL) is not None


def main():
    paths = [a for a in sys.argv[1:] if a != "--update"]
    count = failed = 0
    for path in paths:
        edits, ran = [], 0
        with tempfile.TemporaryDirectory() as folder:
            for name in ("examples", "rules"):
                os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
            for name in NAMES:
                shutil.copy(os.path.join(ROOT, NAMES[name]), os.path.join(folder, name))
            page = list(commands(path))
            results = run([command for _, command, _ in page], folder)
            for (number, command, wanted), (status, got) in zip(page, results):
                count += 1
                where = "%s:%d" % (os.path.relpath(path, ROOT), number)
                if command is None:
                    failed += 1
                    print("not ok %d - %s: not a \"$ command\" line" % (count, where))
                    continue
                ran += 1
                edits.append((number, wanted, got))
                good = status in (0, 1) and (not wanted or matches(wanted, got))
                failed += not good
                print("%s %d - %s: %s" % ("ok" if good else "not ok", count, where, command.split("\n")[0]))
                if not good:
                    print("# status %d\n" % status + "\n".join("# " + line for line in got[:40]))
        if ran == 0 and not path.endswith(".5"):
            count, failed = count + 1, failed + 1
            print("not ok %d - %s has no example" % (count, os.path.relpath(path, ROOT)))
        if "--update" in sys.argv and path.endswith(".md"):
            with open(path, encoding="utf-8") as page:
                text = page.read().split("\n")
            for number, wanted, got in reversed(edits):
                if wanted and not matches(wanted, got):
                    text[number - 1:number - 1 + len(wanted)] = got
            with open(path, "w", encoding="utf-8") as page:
                page.write("\n".join(text))
    print("1..%d" % count)
    return 1 if failed else 0


sys.exit(main())
