#!/usr/bin/env python3
"""Run lists of values through audit-emit: run.py AUDIT-EMIT LIST...

A list is of lines RULE, FIELD, VALUE, WHY with tabs between; RULE is "-" for a value that must
pass.  Prints what is decided otherwise, then counts; status 1 if anything is."""
import json
import subprocess
import sys

BASE = {"event_type": "phi_read", "user_id": "u1", "user_role": "nurse", "patient_id": "p1",
        "resource_type": "Observation", "use_case": "triage", "source_ip": "10.0.0.1",
        "service_component": "rag", "request_id": "r1"}


def rows(names):
    for name in names:
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    yield line.rstrip("\n").split("\t")


def decide(tool, wanted):
    """The rule that each row's value is refused by, "-" for none."""
    text = "".join(json.dumps({**BASE, field: [value] if field == "phi_fields_accessed" else value})
                   + "\n" for _, field, value, _ in wanted)
    run = subprocess.run([tool], input=text, capture_output=True, encoding="utf-8", check=False)
    got = ["-"] * len(wanted)
    for message in run.stderr.splitlines():
        part = message.split(":")
        if len(part) > 3 and part[1] == " <stdin>":
            got[int(part[2]) - 1] = message[message.rindex("[") + 1:-1]
    return got


def main():
    wanted = list(rows(sys.argv[2:]))
    got = decide(sys.argv[1], wanted)
    bad = [(w, g) for w, g in zip(wanted, got) if w[0] != g]
    for (rule, field, value, why), g in bad:
        print(f"{field}: {value!r} ({why}): wanted {rule}, got {g}")
    phi = sum(w[0] != "-" for w in wanted)
    caught = sum(w[0] != "-" and g != "-" for w, g in zip(wanted, got))
    false = sum(w[0] == "-" and g != "-" for w, g in zip(wanted, got))
    print(f"{caught} of {phi} caught, {false} of {len(wanted) - phi} refused without cause")
    return 1 if bad else 0


sys.exit(main())
