#!/usr/bin/env python3
"""Damage every member of an event in every way, and look for the damaged value wherever it might be.

  leak.py TOOL DIR

Runs TOOL in DIR over lines that must all be refused, and with options that must be; fails with a
message if one is not, or if a byte sequence of theirs (CANARY, or the digits of DIGITS) is on
stdout, on stderr, in the rejects file, or in any other file that is left in DIR.
"""
import json
import os
import subprocess
import sys

TOOL, DIR = os.path.abspath(sys.argv[1]), sys.argv[2]
CANARY, DIGITS = "QzCanary7xK", 987654321987654
TRACES = (CANARY.encode(), CANARY.lower().encode(), CANARY.upper().encode(), str(DIGITS).encode())

ALWAYS = ["event_id", "event_type", "timestamp", "user_id", "user_role", "patient_id", "resource_type",
          "resource_id", "action", "use_case", "source_ip", "service_component", "request_id",
          "ai_model_version", "phi_fields_accessed"]
OPTIONAL = ["agent_id", "on_behalf_of", "ai_model_id", "ai_provider", "outcome", "purpose",
            "break_glass", "reason_code", "recipient", "session_id", "tenant"]
NULLABLE = {"patient_id", "resource_id", "ai_model_version", "phi_fields_accessed"}
GOOD = {"event_id": "e-1", "event_type": "phi_access_denied", "timestamp": "2026-01-05T08:00:00Z",
        "user_id": "dr.lee", "user_role": "nurse", "patient_id": "P1", "resource_type": "Patient",
        "resource_id": None, "action": "deny", "use_case": "triage", "source_ip": "10.0.0.7",
        "service_component": "gw", "request_id": "r-1", "ai_model_version": None,
        "phi_fields_accessed": ["name"]}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def raw(entry, name, text):
    """entry as JSON with text, which need be no JSON, as the value of name."""
    members = ["%s: %s" % (json.dumps(k), json.dumps(v)) for k, v in entry.items() if k != name]
    members.insert(len(members) // 2, '"%s": %s' % (name, text))
    return "{" + ", ".join(members) + "}"


def values():
    """JSON texts that no member may have."""
    yield '"%s !%%"' % CANARY
    yield '"%s; %s"' % (CANARY, CANARY)
    yield '"%s"' % (CANARY * 20)
    yield '"%s a b c d e f"' % CANARY
    yield str(DIGITS)
    yield "-%d.5e3" % DIGITS
    yield '["%s!", %d]' % (CANARY, DIGITS)
    yield '[["%s"]]' % CANARY
    yield '{"%s": "%s"}' % (CANARY, CANARY)
    yield '{"prompt": "%s"}' % CANARY
    for hidden in ("\\u0007", "\\u200b", "\\u202e", "\\ufeff", "\\n", "\\u2066", "\\u00ad", "\u200d"):
        yield '"%s%s"' % (CANARY, hidden)
        yield '"%s%s%s"' % (hidden, CANARY, CANARY)
    yield '"%s\\ud800"' % CANARY
    yield '"%s\\u0000"' % CANARY
    yield '"%s\\x"' % CANARY
    yield '"%s\tx"' % CANARY
    yield '"%s' % CANARY
    yield CANARY
    yield "'%s'" % CANARY
    yield '"%s" "%s"' % (CANARY, CANARY)
    yield "[" * 70 + '"%s"' % CANARY + "]" * 70


def lines():
    for name in ALWAYS + OPTIONAL:
        for value in values():
            yield raw(GOOD, name, value).encode()
            yield raw({k: v for k, v in GOOD.items() if k != name}, camel(name), value).encode()
        yield raw(GOOD, name, '"%s"' % CANARY).encode() + b"\xff"
        yield raw(GOOD, name, '"').encode() + CANARY.encode() + b'\xc0\xaf"}'
        twice = dict(GOOD, **{name: CANARY})
        yield (json.dumps(twice)[:-1] + ', "%s": "%s"}' % (name, CANARY)).encode()
        if name in GOOD and name not in NULLABLE | {"event_id", "timestamp", "action"}:
            yield json.dumps({k: v for k, v in dict(GOOD, tenant=CANARY).items() if k != name}).encode()
            yield json.dumps(dict(GOOD, tenant=CANARY, **{name: None})).encode()
    for name in ("event_type", "timestamp", "action", "source_ip", "outcome", "break_glass"):
        yield raw(GOOD, name, '"%s"' % CANARY).encode()
    for key in (CANARY, "prompt", CANARY + "_text", "phi_fields", "eventID", "a" * 60000):
        yield json.dumps(dict(GOOD, **{key: CANARY})).encode()
        yield json.dumps(dict(GOOD, **{key: {"x": [CANARY, {CANARY: DIGITS}]}})).encode()
    yield json.dumps(dict(GOOD, tenant=CANARY, outcome="success")).encode()
    yield json.dumps(dict(GOOD, tenant=CANARY, event_type="phi_read")).encode()
    yield json.dumps(dict(GOOD, phi_fields_accessed=[CANARY] * 257)).encode()
    yield json.dumps([CANARY]).encode()
    yield ('"%s"' % CANARY).encode()
    yield (CANARY * 7000).encode()
    yield b"\xef\xbb\xbf" + json.dumps(dict(GOOD, tenant=CANARY)).encode()


def records():
    """Cloudwatch records, each with one thing wrong."""
    good = run(["-f", "cloudwatch"], json.dumps(dict(GOOD, tenant="t")).encode() + b"\n", 0)[0]
    record = json.loads(good)
    for key in list(record):
        yield json.dumps(dict(record, **{key: CANARY})).encode()
        yield json.dumps(dict(record, **{key: {"userId": CANARY, "role": [DIGITS]}})).encode()
        if isinstance(record[key], dict):
            for inner in record[key]:
                for bad in (CANARY, CANARY + " !", DIGITS, {CANARY: 1}):
                    changed = dict(record, **{key: dict(record[key], **{inner: bad})})
                    yield json.dumps(changed).encode()
            yield json.dumps(dict(record, **{key: dict(record[key], **{CANARY: 1})})).encode()
    yield json.dumps(dict(record, **{CANARY: 1})).encode()


def fail(why, what=b""):
    sys.exit("%s: %r" % (why, what[:300]))


def look(where, data):
    for trace in TRACES:
        if trace in data:
            at = data.index(trace)
            fail("a refused value is in " + where, data[max(0, at - 100):at + 100])


def run(args, stdin, status):
    """Run the tool; it must end with status, and show nothing of a refused value."""
    done = subprocess.run([TOOL] + args, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=DIR)
    if done.returncode != status:
        fail("status %d, not %d, with %r" % (done.returncode, status, args), done.stderr)
    look("stdout", done.stdout)
    look("stderr", done.stderr)
    for name in os.listdir(DIR):
        with open(os.path.join(DIR, name), "rb") as f:
            if name not in ("vocab", "program"):
                look("file " + name, f.read())
    return done.stdout, done.stderr


def all_refused(args, bad):
    stdout, stderr = run(args + ["--rejects", "rejects"], b"".join(b + b"\n" for b in bad), 1)
    told = stderr.decode().splitlines()[:-1]  # less the summary
    for i, message in enumerate(told, 1):
        if not message.startswith("audit-emit: <stdin>:%d: " % i):
            fail("line %d was not refused: %r" % (i, message), bad[i - 1])
    if stdout or len(told) != len(bad):
        fail("%d of %d refused with %r" % (len(told), len(bad), args), stdout)
    with open(os.path.join(DIR, "rejects"), "rb") as f:
        rejects = [json.loads(line) for line in f]
    for i, (reject, message) in enumerate(zip(rejects, told), 1):
        if list(reject) != ["file", "line", "field", "rule", "bytes"]:
            fail("members of a reject", repr(reject).encode())
        if reject["line"] != i or reject["bytes"] != len(bad[i - 1]) or reject["file"] != "<stdin>":
            fail("a reject is wrong", repr(reject).encode())
        if not message.endswith(" [%s]" % reject["rule"]):
            fail("message and reject differ", message.encode())
    if len(rejects) != len(bad):
        fail("%d rejects for %d lines" % (len(rejects), len(bad)))
    return len(bad)


def options():
    base = ["-n", "--rejects", "rejects"]
    good = dict(GOOD, phi_fields_accessed="name", tenant="t")
    count = 0
    for name in ALWAYS + OPTIONAL:
        for bad in (CANARY + " ;!", CANARY * 20, CANARY + "\u200b", CANARY + "\x07", CANARY + "&"):
            args = list(base)
            for k, v in dict(good, **{name: bad}).items():
                if v is not None:
                    args += ["--%s=%s" % (k.replace("_", "-"), v)]
            run(args, b"", 1)
            run(args[1:], b"{}\n", 1)
            apart = [word for arg in args[3:] for word in arg.split("=", 1)]
            run(base + apart, b"", 1)
            run(base[1:] + apart, b"{}\n", 1)
            count += 4
    for bad in ("--%s" % CANARY, "--phi-allow=" + CANARY, "--format=" + CANARY, "--from=" + CANARY,
                "--jobs=" + CANARY, "--max-line=" + CANARY, "--color=" + CANARY, "--quiet=" + CANARY,
                "--vocab=" + CANARY, "--vocab=%s=vocab" % CANARY, "--vocab=user_role=vocab",
                "--map=" + CANARY, "--map=.%s.%s | %s(" % (CANARY, CANARY, CANARY),
                "--map-file=program", "-j" + CANARY, "-f" + CANARY):
        if bad == "--" + CANARY:
            # A mistyped option is named; it is the value behind "=" that is not.
            bad = "--no-such-option=" + CANARY
        run([bad], json.dumps(GOOD).encode(), 2)
        count += 1
    event = json.dumps(dict(GOOD, x=CANARY, n=DIGITS)).encode() + b"\n"
    for program in ("error", "error(.x)", ".x.y", ".x", ".n", "{user_id: .x}", '{(.x): 1}', ".x | test(\"(\")",
                    ".n + .x", "[.x]", ".x, .n, {prompt: .x}", ". + {tenant: \"t\"}", ".x | fromjson",
                    "{event_type: .x} | tojson | fromjson", ".x | @base64d", ".[.x].y[.n].z.q"):
        run(["--map", program, "--rejects", "rejects"], event, 1)
        count += 1
    run(["--map", ".", "--rejects", "rejects"], ("{%s" % CANARY).encode(), 1)
    return count


def main():
    with open(os.path.join(DIR, "vocab"), "w", encoding="utf-8") as f:
        f.write("nurse\n%s; %s\n" % (CANARY, CANARY))
    with open(os.path.join(DIR, "program"), "w", encoding="utf-8") as f:
        f.write(".a\n| %s(\"%s\"" % (CANARY, CANARY))
    bad = list(lines())
    count = all_refused([], bad)
    count += all_refused(["-j4", "-f", "cloudwatch"], bad)
    count += all_refused(["--from", "cloudwatch"], list(records()))
    for one in bad[::37]:  # alone, as the unfinished last line, under --strict
        run(["--strict", "-o", "out", "--rejects", "rejects"], one, 1)
        count += 1
    count += options()
    left = sorted(os.listdir(DIR))
    if left != ["out", "program", "rejects", "vocab"]:
        fail("files left", repr(left).encode())
    print("%d refusals, none shows a byte of what was refused" % count)


main()
