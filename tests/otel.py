#!/usr/bin/env python3
"""otel.py SEED CALLS OTLP NATIVE - the same model calls as OTLP/JSON lines of a collector and as a quality log.

Old and new names, numbers as numbers and as strings, attributes in any order, spans and log records, and between
them what is no model call.
"""
import datetime
import json
import random
import sys

r = random.Random(int(sys.argv[1]))


def value(v):
    if isinstance(v, bool):
        return {"boolValue": v}
    if isinstance(v, int):
        return {"intValue": r.choice([str(v), v])}
    if isinstance(v, float):
        return {"doubleValue": v}
    if isinstance(v, str):
        return {"stringValue": v}
    if isinstance(v, list):
        return {"arrayValue": {"values": [value(x) for x in v]} if v else {}}
    return {"kvlistValue": {"values": [{"key": k, "value": value(x)} for k, x in v.items()]}}


def attributes(d):
    items = [{"key": k, "value": value(v)} if r.random() < 0.5 else {"value": value(v), "key": k} for k, v in d.items()]
    r.shuffle(items)
    return items


def call(i):
    start = 1767571200 * 10**9 + i * 1234567891 + r.randrange(10**9)
    ns = r.randrange(10**6, 10**10)
    docs = [{"id": "d%d" % k, "score": r.choice([0.5, round(r.random(), 4), 1])} for k in range(r.randrange(4))]
    t = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=start // 10**9)
    native = {
        "timestamp": t.strftime("%Y-%m-%dT%H:%M:%S.") + "%09dZ" % (start % 10**9),
        "model_id": r.choice(["gpt", "cl\u00e4ude \"x\""]), "model_version": r.choice(["1", "2"]),
        "use_case": r.choice(["a", "b"]), "prompt_tokens": r.randrange(5000), "completion_tokens": r.randrange(900),
        "latency_ms": ns / 1e6, "retrieved_document_ids": [d["id"] for d in docs],
        "top_retrieval_score": max((d["score"] for d in docs), default=None), "cache_hit": r.random() < 0.3,
        "finish_reason": r.choice(["stop", "end_turn", "MAX_TOKENS", "safety", "toolCalls", "odd"]),
        "content_filtered": r.random() < 0.1, "disclaimer_present": r.random() < 0.9,
        "citation_count": r.randrange(5), "clinician_thumbs_up": r.choice([None, True, False])}
    old, log = r.random() < 0.5, r.random() < 0.4
    a = {"gen_ai.operation.name": "chat", "gen_ai.request.model": native["model_id"],
         "gen_ai.response.model": native["model_version"],
         r.choice(["use_case", "gen_ai.prompt.name"]): native["use_case"],
         "gen_ai.usage.prompt_tokens" if old else "gen_ai.usage.input_tokens": native["prompt_tokens"],
         "gen_ai.usage.completion_tokens" if old else "gen_ai.usage.output_tokens": native["completion_tokens"],
         "gen_ai.response.finish_reasons": [native["finish_reason"], "other"],
         "gen_ai.retrieval.documents": json.dumps(docs) if r.random() < 0.5 else docs,
         "gen_ai.response.id": "x", "server.port": 443}
    for k in ("cache_hit", "content_filtered", "disclaimer_present", "citation_count", "clinician_thumbs_up"):
        if native[k] is not None:
            a[k] = native[k]
    if log:
        a["latency_ms"] = native["latency_ms"]
        record = {"timeUnixNano": str(start), "severityText": "INFO", "attributes": attributes(a),
                  "body": {"stringValue": "never read"}}
    else:
        record = {"traceId": "0", "name": "chat", "startTimeUnixNano": r.choice([str(start), start]),
                  "endTimeUnixNano": str(start + ns), "attributes": attributes(a), "status": {}}
    return log, record, native


def noise():
    return {"name": "GET /", "startTimeUnixNano": "1", "endTimeUnixNano": "2",
            "attributes": attributes({"http.request.method": "GET"})}


left = int(sys.argv[2])
with open(sys.argv[3], "w") as otlp, open(sys.argv[4], "w") as native:
    while left > 0:
        spans, logs = [noise()], [noise()]
        for _ in range(min(left, r.randint(1, 20))):
            log, record, line = call(left)
            (logs if log else spans).append(record)
            native.write(json.dumps(line) + "\n")
            left -= 1
        resource = {"attributes": attributes({"service.name": "rag"})}
        otlp.write(json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [
            {"scope": {"name": "s"}, "spans": spans}]}]}) + "\n")
        otlp.write(json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [
            {"scope": {}, "logRecords": logs}]}]}) + "\n")
    otlp.write('{"resourceMetrics":[{"scopeMetrics":[]}]}\n')
