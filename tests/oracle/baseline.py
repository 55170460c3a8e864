#!/usr/bin/env python3
"""baseline.py [OPTIONS] BASELINE CURRENT <ROWS - are ROWS what quality-agg --baseline has to print?

An implementation of the page's "Did it regress?" from the two logs, by other means than the tool's:
tests are those of difference.py, values are lists, groups are dicts.  Options are the tool's (--by,
--every, --alpha, --min-n, --min-effect, --worse, --top), all as --name=value.  Prints what differs by more than
1e-6 relative (numbers), or at all (everything else), then the count of rows, and ends with 1 if any did.
"""
import datetime
import json
import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import difference as d

EPOCH = datetime.datetime(2000, 1, 3, tzinfo=datetime.timezone.utc)
FINISH = {"stop": "stop", "endturn": "stop", "stopsequence": "stop", "length": "length", "maxtokens": "length",
          "contentfilter": "content_filter", "safety": "content_filter", "refusal": "content_filter",
          "toolcalls": "tool_calls", "toolcall": "tool_calls", "tooluse": "tool_calls", "functioncall": "tool_calls",
          "error": "error"}


def finish(r):
    return FINISH.get(r["finish_reason"].lower().replace("_", "").replace("-", "").replace(" ", ""), "other")


# metric: kind, worse, min_effect, what a record gives (None: nothing)
METRICS = {
    "latency_ms": ("shift", "up", "5%", lambda r: r["latency_ms"]),
    "slow_rate": ("slow", "up", "0.02", lambda r: r["latency_ms"]),
    "prompt_tokens": ("shift", "none", "10%", lambda r: r["prompt_tokens"]),
    "completion_tokens": ("shift", "none", "10%", lambda r: r["completion_tokens"]),
    "total_tokens": ("shift", "up", "10%", lambda r: r["prompt_tokens"] + r["completion_tokens"]),
    "top_retrieval_score": ("shift", "down", "0.02", lambda r: r.get("top_retrieval_score")),
    "citation_count": ("mean", "down", "10%", lambda r: r["citation_count"]),
    "cache_hit_rate": ("rate", "down", "0.02", lambda r: r["cache_hit"]),
    "content_filter_rate": ("rate", "up", "0.02", lambda r: r["content_filtered"]),
    "disclaimer_present_rate": ("rate", "down", "0.02", lambda r: r["disclaimer_present"]),
    "clinician_positive_rate": ("rate", "down", "0.02", lambda r: r.get("clinician_thumbs_up")),
    "clinician_flagged_rate": ("rate", "up", "0.02", lambda r: r.get("clinician_flagged")),
    "truncated_rate": ("rate", "up", "0.02", lambda r: finish(r) == "length"),
    "error_rate": ("rate", "up", "0.02", lambda r: finish(r) == "error"),
    "finish_reason": ("mix", "none", "0.1", finish),
    "model": ("mix", "none", "0.1", lambda r: r["model_id"] + "@" + r["model_version"]),
}


def key_order(v):
    return (0, b"") if v is None else (1, b"") if v is False else (2, b"") if v is True else (3, v.encode())


def sorted_fast(b, c):
    """Mann-Whitney's p by ranks, as scipy does it, for lists too long for pairs."""
    everything = sorted(b + c)
    if everything[0] == everything[-1]:
        return 1.0
    first, count = {}, {}
    for i, v in enumerate(everything):
        first.setdefault(v, i)
        count[v] = count.get(v, 0) + 1
    n, m, total = len(b), len(c), len(b) + len(c)
    u = sum(first[v] + (count[v] + 1) / 2 for v in c) - m * (m + 1) / 2
    sd = math.sqrt(n * m / 12 * (total + 1 - sum(t**3 - t for t in count.values()) / (total * (total - 1))))
    return min(1.0, math.erfc((abs(u - n * m / 2) - 0.5) / sd / math.sqrt(2)))


def mean(v):
    return math.fsum(v) / len(v)


def critical_t(alpha, df):
    low, high = 0.0, 1.0
    while d.student(high, df) > alpha:
        low, high = high, high * 2
    for _ in range(60):
        mid = (low + high) / 2
        low, high = (mid, high) if d.student(mid, df) > alpha else (low, mid)
    return low


class Options:
    def __init__(self, args):
        self.by, self.every, self.alpha, self.min_n, self.top = [], 0, 0.05, 30, 0
        self.worse = {m: row[1] for m, row in METRICS.items()}
        self.min = {m: row[2] for m, row in METRICS.items()}
        self.files = []
        for a in args:
            name, _, value = a.partition("=")
            if name == "--by":
                self.by = value.split(",")
            elif name == "--every":
                self.every = int(value[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[value[-1]]
            elif name in ("--alpha", "--min-n", "--top"):
                setattr(self, name[2:].replace("-", "_"), float(value))
            elif name == "--worse":
                self.worse.update([value.split("=")])
            elif name == "--min-effect":
                self.min.update(x.split("=") for x in value.split(","))
            elif not name.startswith("--"):
                self.files.append(a)
        self.z = d.critical(self.alpha)


def groups(path, by):
    out = {}
    for line in open(path, encoding="utf-8"):
        r = json.loads(line)
        key = tuple(finish(r) if f == "finish_reason" else r.get(f) for f in by)
        out.setdefault(key, []).append(r)
    return out


def values(records, get):
    return [v for v in map(get, records) if v is not None]


def tested(row, o, kind):
    low = max(o.min_n, 2 if kind == "mean" else 1)
    return row["baseline_n"] >= low and row["current_n"] >= low


def compare(o, metric, b, c):
    kind, _, _, get = METRICS[metric]
    base, now = values(b, get), values(c, get)
    if not base and not now:
        return None
    row = {"metric": metric, "verdict": None, "test": {"slow": "z", "rate": "z", "shift": "mann-whitney",
           "mean": "welch", "mix": "g"}[kind], "worse": o.worse[metric], "baseline_n": len(base), "baseline": None,
           "current_n": len(now), "current": None, "effect": None, "low": None, "high": None, "min_effect": None,
           "p": None, "p_holm": None}
    if kind == "slow":
        kind = "rate"
        limit = sorted(base)[math.ceil(len(base) * 95 / 100) - 1] if base else math.nan
        base, now = [v > limit for v in base], [v > limit for v in now]
        no_limit = not base
    else:
        no_limit = False
    if kind == "shift":
        shown = lambda v: sorted(v)[math.ceil(len(v) / 2) - 1]
    elif kind != "mix":
        shown = mean
    if kind != "mix":
        row["baseline"] = shown(base) if base else None
        row["current"] = shown(now) if now and not no_limit else None
    limit = o.min[metric]
    if limit.endswith("%"):
        row["min_effect"] = None if row["baseline"] is None else float(limit[:-1]) * abs(row["baseline"]) / 100
    else:
        row["min_effect"] = float(limit)
    if not tested(row, o, kind):
        return row
    if kind == "rate":
        table = (sum(base), len(base), sum(now), len(now))
        row["effect"] = row["current"] - row["baseline"]
        row["low"], row["high"] = d.newcombe(*table, o.z)
        row["p"], exact = d.share_p(*table)
        row["test"] = "fisher" if exact else "z"
    elif kind == "shift":
        row["p"] = sorted_fast(base, now)
        row["effect"], row["low"], row["high"] = d.hodges_lehmann(base, now, o.z)
    elif kind == "mean":
        w = d.welch(base, now, o.alpha)
        row["effect"] = row["low"] = row["high"] = w[0]
        row["p"] = w[3]
        if len(set(base)) > 1 or len(set(now)) > 1:
            half = critical_t(o.alpha, w[2]) * w[1]
            row["low"], row["high"] = w[0] - half, w[0] + half
    else:
        names = sorted(set(base) | set(now), key=lambda n: n.encode())
        table = [[base.count(n), now.count(n)] for n in names]
        row["p"], row["effect"] = d.g_test(table), d.psi(table)
    return row


def drift(o, row, b, c):
    """S = max(0, S + (+-z) - 0.5) over the buckets; the largest S, and where the first run that reaches 8 began."""
    kind, _, _, get = METRICS[row["metric"]]
    row["cusum"] = row["cusum_since"] = None
    base = values(b, get)
    if kind in ("mix", "slow") or row["worse"] == "none" or not base or not values(c, get):
        return
    m0 = mean(base)
    if kind == "rate":
        s0 = math.sqrt(m0 * (1 - m0))
    else:
        s0 = math.sqrt(math.fsum((x - m0) ** 2 for x in base) / (len(base) - 1)) if len(base) > 1 else 0
    if s0 == 0 or len(set(base)) == 1:
        return
    buckets = {}
    for r in c:
        t = datetime.datetime.fromisoformat(r["timestamp"].replace("Z", "+00:00"))
        if get(r) is not None:
            buckets.setdefault(math.floor((t - EPOCH).total_seconds()) // o.every, []).append(get(r))
    order = sorted(buckets)
    z = [(mean(buckets[i]) - m0) / (s0 * math.sqrt(1 / len(buckets[i]) + 1 / len(base))) for i in order]
    most, since = d.cusum([x if row["worse"] == "up" else -x for x in z])
    row["cusum"] = most
    if since != -1:
        row["cusum_since"] = (EPOCH + datetime.timedelta(seconds=order[since] * o.every)).strftime("%Y-%m-%dT%H:%M:%SZ")


def verdict(row, alpha):
    """The page's table; the first case that fits."""
    sign = {"up": 1, "down": -1, "none": 0}[row["worse"]]
    if row["p"] is None:
        v = "UNDERPOWERED"
    elif row["p_holm"] <= alpha and abs(row["effect"]) >= row["min_effect"] and row["effect"] != 0:
        v = "SUSPECT" if sign == 0 else "REGRESSED" if row["effect"] * sign > 0 else "IMPROVED"
    elif row["p_holm"] <= alpha:
        v = "HELD" if sign == 0 or row["effect"] * sign < 0 else "SUSPECT"
    elif sign and row["low"] is not None and (row["high"] if sign > 0 else -row["low"]) >= row["min_effect"]:
        v = "UNDERPOWERED"
    else:
        v = "HELD"
    if (row.get("cusum") or 0) >= 8 and v in ("HELD", "UNDERPOWERED"):
        v = "SUSPECT"
    return v


def rows(o):
    base, now = (groups(f, o.by) for f in o.files)
    keys = set(base) | set(now)
    if o.top:
        keys = sorted(keys, key=lambda k: (-len(base.get(k, [])) - len(now.get(k, [])), list(map(key_order, k))))[:int(o.top)]
    out = []
    for k in sorted(keys, key=lambda k: list(map(key_order, k))):
        for metric in METRICS:
            row = compare(o, metric, base.get(k, []), now.get(k, []))
            if row is None:
                continue
            if o.every:
                drift(o, row, base.get(k, []), now.get(k, []))
            out.append(dict(zip(o.by, k)) | row)
    p = [r for r in out if r["p"] is not None]
    for r, adjusted in zip(p, d.holm([r["p"] for r in p])):
        r["p_holm"] = adjusted
    for r in out:
        r["verdict"] = verdict(r, o.alpha)
    return out


def same(name, got, want, row):
    if isinstance(want, float) and not isinstance(got, bool) and isinstance(got, (int, float)):
        # A difference of means may cancel: to 1e-9 of what it is made of.
        scale = max(abs(row["baseline"] or 0), abs(row["current"] or 0), abs(row["high"] or 0), abs(row["low"] or 0))
        if name in ("effect", "low", "high"):
            return abs(got - want) <= 1e-9 * scale or d.close(got, want)
        return d.close(got, want, 1e-6)
    return got == want and isinstance(got, bool) == isinstance(want, bool)


def main():
    o = Options(sys.argv[1:])
    got = [json.loads(line, object_pairs_hook=list) for line in sys.stdin]
    want = rows(o)
    wrong = 0
    if len(got) != len(want):
        print("%d rows instead of %d" % (len(got), len(want)))
        wrong = 1
    for g, w in zip(got, want):
        if [k for k, _ in g] != list(w):
            print("members %s instead of %s" % ([k for k, _ in g], list(w)))
            wrong += 1
            continue
        bad = [(k, v, w[k]) for k, v in g if not same(k, v, w[k], w)]
        if bad:
            print(w["metric"], [w[k] for k in o.by], "got, wanted:", bad)
            wrong += 1
    print("%d rows, %d wrong; %s" % (len(want), wrong, " ".join(
        "%s %d" % (v, sum(r["verdict"] == v for r in want)) for v in ("REGRESSED", "SUSPECT", "UNDERPOWERED", "HELD", "IMPROVED"))))
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
