#!/usr/bin/env python3
"""simulate.py alarms|power TOOL N DIR [ONLY] - what quality-agg says of random logs of which the truth is known.

alarms: N pairs of logs without any change; how many have a row that is significant (p_holm <= alpha).  At most
alpha may, plus three standard errors.  power: N pairs for each line and some sizes of power.py; the share that
is called REGRESSED is as the table says, within three standard errors and the 5 points of its approximations.
"""
import json
import math
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import power

mode, tool, count, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
r = random.Random(2026)
HEAD = '{"timestamp":"2026-01-05T08:00:00Z","use_case":"u",'


def log(path, n, change):
    """n lines; change: metric to its value, where it is not the usual."""
    usual = {"disclaimer_present_rate": 0.95, "cache_hit_rate": 0.5, "latency_ms": 1.0}
    usual.update(change)
    with open(path, "w") as f:
        for _ in range(n):
            f.write('%s"model_id":"m","model_version":"%d","prompt_tokens":%d,"completion_tokens":%d,"latency_ms":%.3f,'
                    '"top_retrieval_score":%.3f,"cache_hit":%s,"finish_reason":"%s","content_filtered":%s,"disclaimer_present":%s,'
                    '"citation_count":%d,"clinician_thumbs_up":%s,"clinician_flagged":%s}\n' % (
                        HEAD, r.random() < 0.5, r.lognormvariate(6, 0.5), r.lognormvariate(5, 0.5),
                        600 * usual["latency_ms"] * r.lognormvariate(0, power.SPREAD), r.random(), flag(usual["cache_hit_rate"]),
                        r.choices(("stop", "length", "error"), (90, 8, 2))[0], flag(0.05), flag(usual["disclaimer_present_rate"]),
                        r.randint(0, 6), flag(0.8), flag(0.05)))


def flag(p):
    return "true" if r.random() < p else "false"


def rows(n, change):
    base, now = os.path.join(folder, "base"), os.path.join(folder, "now")
    log(base, n, {})
    log(now, n, change)
    out = subprocess.run([tool, "-q", "--baseline", base, now], capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def alarms():
    hits = each = total = regressed = 0
    for i in range(count):
        got = rows((40, 120, 300)[i % 3], {})
        assert len(got) == power.ROWS
        hits += any(x["p_holm"] is not None and x["p_holm"] <= power.ALPHA for x in got)
        regressed += any(x["verdict"] == "REGRESSED" for x in got)
        each += sum(x["p"] is not None and x["p"] <= power.ALPHA for x in got)
        total += sum(x["p"] is not None for x in got)
    limit = power.ALPHA + 3 * math.sqrt(power.ALPHA * (1 - power.ALPHA) / count)
    print("%d simulations without a change: %.2f %% with an alarm (REGRESSED %.2f %%), at most %.2f %% may; of single tests %.2f %%" % (
        count, 100 * hits / count, 100 * regressed / count, 100 * limit, 100 * each / total))
    return hits / count <= limit and each / total <= power.ALPHA + 0.005


def powers():
    worst, bad = 0.0, 0
    for case in power.CASES:
        metric, a, b = case
        for n in (300, 1000):
            got = sum(any(x["metric"] == metric and x["verdict"] == "REGRESSED" for x in rows(n, {metric: b})) for _ in range(count)) / count
            want = power.power(case, n)
            worst = max(worst, abs(got - want))
            ok = abs(got - want) <= 0.05 + 3 * math.sqrt(max(want * (1 - want), 0.01) / count)
            bad += not ok
            print("%-44s n=%-5d table %5.1f %%, tool %5.1f %%%s" % (power.name(case), n, 100 * want, 100 * got, "" if ok else "  DIFFERS"))
    print("%d figures, %d differ, the largest distance is %.1f points" % (2 * len(power.CASES), bad, 100 * worst))
    return bad == 0


sys.exit(0 if (alarms() if mode == "alarms" else powers()) else 1)
