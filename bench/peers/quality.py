#!/usr/bin/env python3
"""The nine quality metrics as the reference code defines them, one json.loads a line: quality.py LOG"""
import json
import sys

KEYS = ("latency_ms", "cache_hit", "content_filtered", "disclaimer_present", "citation_count",
        "top_retrieval_score", "clinician_thumbs_up")
with open(sys.argv[1], "rb") as log:
    columns = list(zip(*(tuple(map(json.loads(line).get, KEYS)) for line in log)))
if not columns:
    print("{}")
    sys.exit(1)
latency, hit, filtered, disclaimer, citations, score, thumbs = columns
n = len(latency)
score = [s for s in score if s]
thumbs = [t for t in thumbs if t is not None]
print(json.dumps({
    "request_count": n,
    "avg_latency_ms": sum(latency) / n,
    "p95_latency_ms": sorted(latency)[int(0.95 * n)],
    "cache_hit_rate": sum(map(bool, hit)) / n,
    "content_filter_rate": sum(map(bool, filtered)) / n,
    "disclaimer_present_rate": sum(map(bool, disclaimer)) / n,
    "avg_citation_count": sum(citations) / n,
    "avg_top_retrieval_score": sum(score) / len(score) if score else None,
    "clinician_positive_rate": sum(map(bool, thumbs)) / len(thumbs) if thumbs else None,
}))
