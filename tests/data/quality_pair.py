#!/usr/bin/env python3
"""quality_pair.py SEED LINES [key=value...] - two quality logs, BASELINE and CURRENT, in the present folder.

Every shape that a comparison has to bear, by chance: groups on one side only, tiny ones, constants, few and many
different values, ties, nulls, metrics that shift, drift or stay; changes=0 for none at all.
Prints the options of quality-agg that go with them, one a line.
"""
import datetime
import json
import random
import sys

seed, lines = int(sys.argv[1]), int(sys.argv[2])
chosen = dict(a.split("=") for a in sys.argv[3:])
r = random.Random(seed)
changes = chosen.get("changes", "1") == "1"
MODELS = [("m-a", "1"), ("m-a", "2"), ("m\u00fc", "v\"1,\""), ("z", "2026-01-01")]
REASONS = ["stop", "end_turn", "length", "max_tokens", "content_filter", "tool_use", "error", "odd", "Stop"]
START = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)


def share(v):
    return min(1.0, max(0.0, v))


def profile():
    return {
        "latency": r.choice(["many", "few", "one", "log"]), "median": r.choice([5, 620, 1e6]),
        "score": r.choice(["many", "few", "none", "one"]), "tokens": r.choice([3, 900]),
        "cache": r.choice([0, 0.3, 1]), "filter": r.choice([0, 0.01, 0.2]), "disclaimer": r.choice([0.9, 0.99, 1]),
        "citations": r.choice([0, 2, 9]), "thumbs": r.choice([None, 0.1, 0.8]), "flagged": r.choice([None, 0.02]),
        "reasons": r.choices(range(1, 30), k=len(REASONS)), "models": r.choices(range(0, 9), k=len(MODELS)),
        "drift": 0.0,
    }


def changed(p):
    q = dict(p)
    if changes:
        q["median"] *= r.choice([1, 1, 1.04, 1.2, 0.8])
        for name in ("cache", "filter", "disclaimer"):
            q[name] = share(q[name] + r.choice([0, 0, 0.01, 0.05, -0.05, 0.2]))
        q["citations"] += r.choice([0, 0, 1])
        q["tokens"] = int(q["tokens"] * r.choice([1, 1, 1.3]))
        if r.random() < 0.5:
            q["reasons"] = r.choices(range(1, 30), k=len(REASONS))
        if r.random() < 0.3:
            q["models"] = r.choices(range(0, 9), k=len(MODELS))
        q["drift"] = r.choice([0, 0, 1.0])
    return q


def latency(p, late):
    m = p["median"] * (1 + p["drift"] * late)
    return {"many": lambda: round(m * r.uniform(0.5, 2), 3), "few": lambda: float(round(m * r.choice([1, 2, 3]))),
            "one": lambda: m, "log": lambda: round(r.lognormvariate(0, 1) * m, 2)}[p["latency"]]()


def score(p):
    return {"many": lambda: round(r.random(), 4), "few": lambda: r.choice([0, 0.0, 0.5, 0.75, None]),
            "none": lambda: None, "one": lambda: 0.5}[p["score"]]()


def maybe(p):
    return None if p is None or r.random() < 0.4 else r.random() < p


def record(p, use, late):
    model = r.choices(MODELS, weights=[w + (i == 0) for i, w in enumerate(p["models"])])[0]
    t = START + datetime.timedelta(days=14 * late)
    d = {"timestamp": t.strftime("%Y-%m-%dT%H:%M:%SZ"), "model_id": model[0], "model_version": model[1], "use_case": use,
         "prompt_tokens": r.randint(1, p["tokens"]), "completion_tokens": r.randint(1, 5) * 10,
         "latency_ms": latency(p, late), "top_retrieval_score": score(p),
         "cache_hit": r.random() < p["cache"], "finish_reason": r.choices(REASONS, weights=p["reasons"])[0],
         "content_filtered": r.random() < p["filter"], "disclaimer_present": r.random() < p["disclaimer"],
         "citation_count": r.randint(0, p["citations"]), "clinician_thumbs_up": maybe(p["thumbs"]),
         "clinician_flagged": maybe(p["flagged"])}
    if r.random() < 0.1:
        d = {k: v for k, v in d.items() if v is not None}
    return d


def log(path, parts):
    with open(path, "w", encoding="utf-8") as f:
        for use, p, n in parts:
            for i in range(n):
                f.write(json.dumps(record(p, use, (i + 0.5) / n), ensure_ascii=False) + "\n")


by = chosen.get("by", r.choice(["", "use_case", "model_id,model_version", "use_case,cache_hit", "clinician_flagged", "finish_reason"]))
before, after = [], []
uses = ["summary", "triage", "q&a <b>"][: r.randint(1, 3)]
for use in uses:
    p = profile()
    n, m = (max(1, int(lines / len(uses) * r.choice([1, 1, 1, 0.5, 0.05]))) for _ in range(2))
    side = r.random() if len(uses) > 1 else 1
    before.append((use, p, n if side > 0.1 or use == uses[0] else 0))
    after.append((use, changed(p), m if not 0.1 < side < 0.2 or use == uses[0] else 0))
log("BASELINE", before)
log("CURRENT", after)
if by:
    print("--by=" + by)
if r.random() < 0.5:
    print("--every=" + r.choice(["1d", "12h", "36h"]))
if changes:
    if r.random() < 0.3:
        print("--alpha=%g" % r.choice([0.01, 0.1, 0.5, 0.001]))
    if r.random() < 0.3:
        print("--min-n=%d" % r.choice([1, 2, 5, 100]))
    if r.random() < 0.5:
        print("--min-effect=latency_ms=%g%%,cache_hit_rate=%g,finish_reason=0.01" % (r.choice([0, 1, 20]), r.choice([0, 0.1])))
        print("--min-effect=citation_count=0.2")
    if r.random() < 0.5:
        print("--worse=" + r.choice(["prompt_tokens=up", "latency_ms=down", "cache_hit_rate=none", "error_rate=down"]))
    if r.random() < 0.2:
        print("--top=1")
