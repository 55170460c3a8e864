#!/usr/bin/env python3
"""detail.py LOG [BY [EVERY [TOP]]] - what quality-agg --detail prints of LOG, computed by other means.

BY: fields with commas, "" for none; EVERY: seconds, 0 for none.  Values are exact rationals until the last step.
"""
import datetime
import json
import math
import sys
from fractions import Fraction

Z = 1.959963984540054
FINISH = {"stop": "stop", "endturn": "stop", "stopsequence": "stop", "length": "length", "maxtokens": "length",
          "contentfilter": "content_filter", "safety": "content_filter", "refusal": "content_filter",
          "toolcalls": "tool_calls", "toolcall": "tool_calls", "tooluse": "tool_calls", "functioncall": "tool_calls",
          "error": "error"}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MONDAY = 946857600


def finish(text):
    return FINISH.get("".join(c for c in text.lower() if c.isalnum()), "other")


def nanoseconds(text):
    text = text.replace("Z", "+00:00")
    zone = text[-6:]
    seconds, _, fraction = text[:-6].partition(".")
    t = datetime.datetime.fromisoformat(seconds + zone) - EPOCH
    return (t.days * 86400 + t.seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)


def written(ns):
    t = EPOCH + datetime.timedelta(seconds=ns // 10**9)
    fraction = ("%09d" % (ns % 10**9)).rstrip("0")
    return t.strftime("%Y-%m-%dT%H:%M:%S") + ("." + fraction if fraction else "") + "Z"


def distribution(v):
    n, v = len(v), sorted(v)
    d = {"count": n, "mean": None, "stddev": None}
    if n:
        total = sum(map(Fraction, v))
        d["mean"] = float(total) / n
    if n > 1:
        mean = total / n
        d["stddev"] = math.sqrt(sum((Fraction(x) - mean) ** 2 for x in v) / (n - 1))
    for name, q in (("min", None), ("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("max", 100)):
        d[name] = None if not n else v[0] if q is None else v[-(-q * n // 100) - 1]
    d["quantiles"] = "exact"
    return d


def share(k, n):
    if n == 0:
        return {"count": 0, "true": k, "rate": None, "low": None, "high": None}
    p, z2 = k / n, Z * Z
    middle, half, scale = p + z2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)), 1 + z2 / n
    return {"count": n, "true": k, "rate": p, "low": 0 if k == 0 else (middle - half) / scale,
            "high": 1 if k == n else (middle + half) / scale}


def mean(v):
    return math.fsum(v) / len(v) if v else None


def describe(rows):
    n = len(rows)
    lat = sorted(r["latency_ms"] for r in rows)
    out = {"request_count": n, "avg_latency_ms": mean(lat), "p95_latency_ms": lat[n * 95 // 100]}
    for name, key in (("cache_hit_rate", "cache_hit"), ("content_filter_rate", "content_filtered"),
                      ("disclaimer_present_rate", "disclaimer_present")):
        out[name] = sum(r[key] for r in rows) / n
    out["avg_citation_count"] = mean([r["citation_count"] for r in rows])
    out["avg_top_retrieval_score"] = mean([r["top_retrieval_score"] for r in rows if r["top_retrieval_score"]])
    out["clinician_positive_rate"] = mean([r["clinician_thumbs_up"] for r in rows
                                           if r["clinician_thumbs_up"] is not None])
    out["latency_ms"] = distribution(lat)
    for key in ("prompt_tokens", "completion_tokens"):
        out[key] = distribution([r[key] for r in rows])
    out["total_tokens"] = distribution([r["prompt_tokens"] + r["completion_tokens"] for r in rows])
    for key in ("citation_count", "top_retrieval_score"):
        out[key] = distribution([r[key] for r in rows if r[key] is not None])
    out["retrieved_documents"] = distribution([len(r["retrieved_document_ids"]) for r in rows
                                               if r.get("retrieved_document_ids") is not None])
    for key in ("cache_hit", "content_filtered", "disclaimer_present", "clinician_thumbs_up", "clinician_flagged"):
        v = [r[key] for r in rows if r.get(key) is not None]
        out[key] = share(sum(v), len(v))
    reasons = [finish(r["finish_reason"]) for r in rows]
    out["finish_reason"] = {name: share(reasons.count(name), n)
                            for name in ("content_filter", "error", "length", "other", "stop", "tool_calls")}
    times = [nanoseconds(r["timestamp"]) for r in rows]
    out["first_timestamp"], out["last_timestamp"] = written(min(times)), written(max(times))
    return out


def order(v):
    return (0, b"") if v is None else (1 + v, b"") if isinstance(v, bool) else (3, v.encode())


def main():
    by = [f for f in (sys.argv[2:] + [""])[0].split(",") if f]
    every = int((sys.argv[3:] + ["0"])[0])
    top = int((sys.argv[4:] + ["0"])[0])
    groups = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        r = json.loads(line)
        key = tuple(finish(r[f]) if f == "finish_reason" else r.get(f) for f in by)
        bucket = (nanoseconds(r["timestamp"]) // 10**9 - MONDAY) // every if every else 0
        groups.setdefault(key, {}).setdefault(bucket, []).append(r)
    keys = sorted(groups, key=lambda k: [order(v) for v in k])
    if top:
        largest = sorted(keys, key=lambda k: -sum(map(len, groups[k].values())))[:top]
        keys = [k for k in keys if k in largest]
    for key in keys:
        for bucket in sorted(groups[key]):
            out = dict(zip(by, key))
            if every:
                out["time"] = written((MONDAY + bucket * every) * 10**9)
            # A name stands once: what a group is by has one value in it.
            out.update((k, v) for k, v in describe(groups[key][bucket]).items() if k not in by)
            print(json.dumps(out, ensure_ascii=False))


main()
