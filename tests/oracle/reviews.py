#!/usr/bin/env python3
"""The reviews of examples/reviews, computed a second time: reviews.py DIR SEED ENTRIES.

Makes a log with every kind of near miss (times at the very borders, in several spellings; other users,
outcomes, purposes), runs each review over it with various bounds, and compares rows and exit status."""
import bisect
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

DIR, SEED, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
NS, DAY = 10**9, 86400 * 10**9
EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
TYPES = {"phi_read": "read", "phi_write": "write", "ai_inference_with_phi": "infer",
         "phi_access_denied": "deny", "ai_injection_attempt": "deny", "ai_phi_output_detected": "infer"}
rng = random.Random(SEED)


def spell(t, digits):
    """t, in ns since EPOCH, with that many digits of fraction if they say it exactly."""
    while t % 10 ** (9 - digits):
        digits += 1
    text = (EPOCH + datetime.timedelta(seconds=t // NS)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + (".%09d" % (t % NS))[:digits + 1] * (digits > 0) + "Z"


def entry(n, t, **members):
    kind = members.pop("event_type", None) or rng.choice(["phi_read"] * 4 + list(TYPES))
    e = {"event_id": "e%d" % n, "event_type": kind, "timestamp": spell(t, rng.choice((0, 1, 3, 9))),
         "user_id": rng.choice(("ann", "bob", "cy\\d", "ANN", "d'e")), "user_role": rng.choice(("nurse", "physician")),
         "patient_id": rng.choice(("P1", "P10", "p1", "P2")), "resource_type": rng.choice(("Observation", "AuditEvent")),
         "resource_id": rng.choice((None, "e%d" % rng.randrange(n + 1), "o1")), "action": TYPES[kind],
         "use_case": rng.choice(("triage", "triage", "coding", "break_glass_review", "billing")),
         "source_ip": rng.choice(("10.0.0.1", "10.0.0.2")), "service_component": "c", "request_id": "r%d" % n,
         "ai_model_version": "m", "phi_fields_accessed": rng.choice((None, [], ["name"], ["a.b", "name"]))}
    for key, values in (("agent_id", ("bot", "ann")), ("on_behalf_of", ("ann", "zoe")), ("recipient", ("payer", "cdc")),
                        ("purpose", ("TREAT", "HRESCH", "PUBHLTH", "HPAYMT")), ("break_glass", (True, False)),
                        ("reason_code", ("BTG",)), ("outcome", ("success", "failure", "denied"))):
        if rng.random() < 0.35:
            e[key] = rng.choice(values)
    if kind == "phi_access_denied" and e.get("outcome") == "success":
        del e["outcome"]
    e.update(members)
    return {**e, "_t": t}


def log():
    grid = (0, 0, 0, 1, 500 * 10**6, NS - 1)
    t = 0
    for n in range(COUNT):
        mode = rng.random()
        if mode < 0.5:
            t += rng.choice((0, 0, 1, 60 * NS, 119 * NS, 120 * NS, 600 * NS, 600 * NS + 1)) + rng.choice(grid)
        else:
            t += rng.choice((0, 10, 60, 600, 3600, 7200)) * NS
        more = {}
        if mode < 0.3:
            more = {"event_type": "phi_access_denied", "user_id": rng.choice(("ann", "bob"))}
        yield entry(n, max(0, t - rng.choice((0, 0, 0, 7 * DAY, 3600 * NS))), **more)


def planted(end):
    """Cases that stand exactly on a border, or one nanosecond beside it."""
    n = COUNT
    plain = {"outcome": "success", "break_glass": False, "recipient": None}

    def add(t, **members):
        nonlocal n
        n += 1
        e = entry(n, t, **{**plain, **members})
        return {k: v for k, v in e.items() if v is not None or k != "recipient"}

    # bursts: six denials, the sixth as long behind the first as the window is, or a nanosecond less
    for u, gap in enumerate((600 * NS, 600 * NS - 1, 600 * NS + 1, 0)):
        t = end - 9 * DAY + u * 3600 * NS
        for k in range(6):
            yield add(t + gap * (k == 5) + 60 * NS * k * (0 < k < 5), event_type="phi_access_denied",
                      user_id="burst%d" % u, outcome="denied")
    # three at one time: each has the others in its window, and the burst goes on
    for s in (0, 1, 2, 300, 301, 302, 603, 603, 603):
        yield add(end - 10 * DAY + s * NS, event_type="phi_access_denied", user_id="burst", outcome="denied")
    # emergency access at t, followed up at once, within the days, a nanosecond too late, by oneself, in vain
    for u, (gap, more) in enumerate(((0, {}), (-1, {}), (7 * DAY, {}), (7 * DAY + 1, {}), (DAY, {"user_id": "glass4"}),
                                     (DAY, {"outcome": "failure"}), (DAY, {"use_case": "review"}),
                                     (DAY, {"resource_type": "Patient"}))):
        e = add(end - 20 * DAY, event_type="phi_read", user_id="glass%d" % u, break_glass=True, reason_code="BTG")
        yield e
        yield add(end - 20 * DAY + gap, **{"event_type": "phi_write", "user_id": "chief", "use_case": "break_glass_review",
                                           "resource_type": "AuditEvent", "resource_id": e["event_id"], **more})
    yield add(end - 7 * DAY, event_type="phi_read", user_id="open", break_glass=True, reason_code="BTG")
    yield add(end - 7 * DAY - 1, event_type="phi_read", user_id="over", break_glass=True, reason_code="BTG")
    # twenty reads before, or nineteen; a use case that is new, or had a month ago to the nanosecond
    for u, (count, first) in enumerate(((20, 30 * DAY), (19, 30 * DAY), (21, 30 * DAY + 1), (20, 30 * DAY + 1))):
        for k in range(count):
            yield add(end - DAY - first if k == 0 else end - 2 * DAY, event_type="phi_read", user_id="chart%d" % u,
                      use_case="old" if k == 0 else "usual")
        for k, case in enumerate(("old", "usual", "new", "new")):
            yield add(end - DAY + k, event_type="phi_read", user_id="chart%d" % u, use_case=case)
        yield add(end - DAY - 1, event_type="phi_read", user_id="chart%d" % u, use_case="edge")


def done(e):
    return e.get("outcome") in (None, "success")


def is_read(e):
    return e["event_type"] in ("phi_read", "ai_inference_with_phi") and done(e)


def cell(v):
    return "" if v is None else ",".join(v) if isinstance(v, list) else str(v)


def rows(*columns):
    return ["\t".join(map(cell, c)) for c in columns]


def t_of(e):
    return e["_t"]


def bound(entries, since, until):
    return sorted((e for e in entries if since <= e["_t"] < until), key=t_of)


def accounting(entries, since, until, who):
    since = until - 2192 * DAY if since is None else since
    return [(e["timestamp"], e["recipient"], e["resource_type"], e["resource_id"], e["phi_fields_accessed"],
             e.get("purpose"), e["event_id"]) for e in bound(entries, since, until)
            if e["patient_id"] == who and e.get("recipient") and done(e) and e["event_type"] != "phi_access_denied"
            and e.get("purpose") not in ("TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT")], 0


def who_read(entries, since, until, who):
    groups = {}
    for e in bound(entries, -1 if since is None else since, until):
        if e["patient_id"] == who and (is_read(e) or e["event_type"] == "phi_access_denied"):
            groups.setdefault((e["user_id"], e.get("on_behalf_of"), e.get("agent_id"), e["user_role"]), []).append(e)
    return [key + (sum(map(is_read, g)), sum(e["event_type"] == "phi_access_denied" for e in g),
                   sum(bool(e.get("break_glass")) for e in g), g[0]["timestamp"], g[-1]["timestamp"])
            for key, g in groups.items()], 0


def user_activity(entries, since, until, who):
    names = ("timestamp", "event_type", "action", "outcome", "patient_id", "resource_type", "resource_id", "use_case",
             "source_ip", "event_id")
    return [tuple(e.get(n) for n in names) for e in bound(entries, -1 if since is None else since, until)
            if who in (e["user_id"], e.get("on_behalf_of"), e.get("agent_id"))], 0


def break_glass(entries, since, until, days):
    seen, out, bad = bound(entries, -1 if since is None else since, until), [], 0
    reviews = {}
    for e in seen:
        reviews.setdefault(e["resource_id"], []).append(e)
    for e in seen:
        if e.get("break_glass") is not True:
            continue
        review = next((r for r in reviews.get(e["event_id"], ()) if r["_t"] >= e["_t"] and r["user_id"] != e["user_id"] and done(r)
                       and r["use_case"] == "break_glass_review" and r["resource_type"] == "AuditEvent"), None)
        late = (review["_t"] if review else until) - e["_t"] > days * DAY
        status = ("late" if late else "reviewed") if review else ("overdue" if late else "open")
        bad |= status == "overdue" or e.get("reason_code") is None
        out.append((e["timestamp"], e["user_id"], e["patient_id"], e.get("reason_code"), e["event_id"],
                    review and review["timestamp"], review and review["user_id"], status))
    return out, int(bad)


def unusual(entries, since, until, key, base, least):
    since = until - DAY if since is None else since
    had, count, found = {}, {}, {}
    for e in bound(entries, since - base * DAY, since):
        if is_read(e):
            had.setdefault(e["user_id"], set()).add(cell(e.get(key)))
            count[e["user_id"]] = count.get(e["user_id"], 0) + 1
    for e in bound(entries, since, until):
        user = e["user_id"]
        if is_read(e) and count.get(user, 0) >= least and cell(e.get(key)) not in had[user]:
            found.setdefault((user, cell(e.get(key))), []).append(e)
    return [k + (len(g), len({e["patient_id"] for e in g}), g[0]["timestamp"], g[-1]["timestamp"])
            for k, g in found.items()], int(bool(found))


def denied_bursts(entries, since, until, most, window):
    users, out = {}, []
    for e in bound(entries, -1 if since is None else since, until):
        if e["event_type"] == "phi_access_denied":
            users.setdefault(e["user_id"], []).append(e)
    for user, d in users.items():
        burst = None
        for n, e in enumerate(d + [None]):
            lo = bisect.bisect_right(d, e["_t"] - window, key=t_of) if e else 0
            if e and bisect.bisect_right(d, e["_t"], key=t_of) - lo > most:
                burst = burst or [lo, 0]
                burst[1] = n
            elif burst:
                g = d[burst[0]:burst[1] + 1]
                out.append((user, g[0]["timestamp"], g[-1]["timestamp"], len(g), len({x["patient_id"] for x in g}),
                            len({x["source_ip"] for x in g})))
                burst = None
    return out, int(bool(out))


def run(script, args, path, since, until, **env):
    if since is not None:
        env["SINCE"] = spell(since, 0)
    zone = rng.choice(("Z", "+00:00"))
    env["UNTIL"] = spell(until, 0)[:-1] + zone
    got = subprocess.run([os.path.join(DIR, script + ".sh"), *args, path], capture_output=True, encoding="utf-8",
                         env={"PATH": os.environ["PATH"], **{k: str(v) for k, v in env.items()}}, check=False)
    return got.stdout.splitlines()[1:], got.returncode, got.stderr


def main():
    entries = list(log())
    end = max(40 * DAY, max(map(t_of, entries)) + 1)
    entries += planted(end)
    bad = checked = 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as out:
        for n, e in enumerate(entries):
            print(json.dumps({k: v for k, v in e.items() if k != "_t"}, sort_keys=True), file=out)
            if n % 100 == 0:
                print('{"log_event": "recovery", "sealed_lines": 1}', file=out)
        out.flush()
        marks = sorted(rng.choice(entries)["_t"] for _ in range(6))
        cases = []
        for since, until in ((None, end), (marks[0], marks[5]), (marks[2], marks[3] + DAY), (None, marks[4])):
            cases += [("accounting", ["P1"], accounting, ("P1",), {}), ("who-read", ["P1"], who_read, ("P1",), {}),
                      ("user-activity", ["ann"], user_activity, ("ann",), {}),
                      ("user-activity", ["cy\\d"], user_activity, ("cy\\d",), {}),
                      ("break-glass", [], break_glass, (7,), {}), ("break-glass", [], break_glass, (2,), {"DAYS": 2}),
                      ("unusual", [], unusual, ("use_case", 30, 20), {}),
                      ("unusual", [], unusual, ("recipient", 3, 2), {"KEY": "recipient", "BASE": 3, "MIN": 2}),
                      ("denied-bursts", [], denied_bursts, (5, 600 * NS), {}),
                      ("denied-bursts", [], denied_bursts, (2, 120 * NS), {"COUNT": 2, "WINDOW": "2m"})]
            for script, args, oracle, more, env in cases:
                want, status = oracle(entries, since, until, *more)
                got, code, err = run(script, args, out.name, since, until, **env)
                checked += 1
                want = rows(*want)
                exact = script in ("accounting", "user-activity", "break-glass")
                # else rows of one instant, or of as many reads, may stand in either order
                if (want != got if exact else sorted(want) != sorted(got)) or code != status or err:
                    bad += 1
                    print(script, env, since, until, "status", code, "for", status, err)
                    print("  only wanted:", sorted(set(want) - set(got))[:3], "only got:", sorted(set(got) - set(want))[:3])
            cases = []
    print("%d reviews of %d entries, %d wrong" % (checked, COUNT, bad))
    return 1 if bad else 0


sys.exit(main())
