#!/usr/bin/env python3
"""power.py [PAGE] - how likely a worsening is called REGRESSED: the table of quality-agg(1).

One group, ROWS comparisons of which one has changed, n lines on either side, the default alpha and min-effect.
Computed from the normal approximations of the tests at the first step of Holm's procedure; simulate.py sees
whether the tool agrees.  With PAGE, the lines of its table are checked, else they are printed.
"""
import math
import sys

ALPHA, ROWS, SIZES, SPREAD = 0.05, 16, (100, 300, 1000, 3000, 10000), 0.6
# What changes: metric, from, to; a latency is log-normal with a standard deviation of SPREAD in the logarithm.
CASES = (("disclaimer_present_rate", 0.95, 0.92), ("disclaimer_present_rate", 0.95, 0.90), ("cache_hit_rate", 0.5, 0.45),
         ("cache_hit_rate", 0.5, 0.40), ("latency_ms", 1.0, 1.1), ("latency_ms", 1.0, 1.2), ("latency_ms", 1.0, 1.5))


def below(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def critical(alpha):
    low, high = 0.0, 40.0
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if math.erfc(mid / math.sqrt(2)) > alpha else (low, mid)
    return low


Z = critical(ALPHA / ROWS)


def rate(p, q, n):
    """Pooled z test, and a difference of at least 0.02."""
    mean, d = (p + q) / 2, abs(q - p)
    threshold = max(Z * math.sqrt(2 * mean * (1 - mean) / n), 0.02)
    return below((d - threshold) / math.sqrt((p * (1 - p) + q * (1 - q)) / n))


def exceeds(ratio, d):
    """P(Y - X > d) of X log-normal with median 1 and Y the same times ratio: over the quantiles of X."""
    m, total = 4000, 0.0
    for i in range(m):
        x = math.exp(SPREAD * quantile((i + 0.5) / m))
        total += 1 - below(math.log((x + d) / ratio) / SPREAD) if x + d > 0 else 1
    return total / m


def quantile(p):
    low, high = -40.0, 40.0
    for _ in range(60):
        mid = (low + high) / 2
        low, high = (mid, high) if below(mid) < p else (low, mid)
    return low


def shift_of(ratio):
    """The d that Hodges and Lehmann's estimate tends to: half of the differences are above it."""
    low, high = 0.0, 2 * (ratio - 1) + 0.1
    for _ in range(30):
        mid = (low + high) / 2
        low, high = (mid, high) if exceeds(ratio, mid) > 0.5 else (low, mid)
    return low


def latency(ratio, n):
    """Noether's formula for the rank sum test; the estimate has as many standard errors as the test."""
    d = shift_of(ratio)
    errors = (below(math.log(ratio) / (SPREAD * math.sqrt(2))) - 0.5) * math.sqrt(12 * n * n / (2 * n + 1))
    return below(errors - max(Z, 0.05 / d * errors))


def power(case, n):
    metric, a, b = case
    return latency(b / a, n) if metric == "latency_ms" else rate(a, b, n)


def name(case):
    metric, a, b = case
    return "%s %s" % (metric, "+%.0f %%" % (100 * (b - a)) if metric == "latency_ms" else "%.0f to %.0f %%" % (100 * a, 100 * b))


def lines():
    for case in CASES:
        yield ".It %s Ta %s" % (name(case), " Ta ".join("%.0f" % (100 * power(case, n)) for n in SIZES))


if __name__ == "__main__":
    want = list(lines())
    if len(sys.argv) < 2:
        print("\n".join(want))
        sys.exit()
    page = open(sys.argv[1], encoding="utf-8").read().split("\n")
    missing = [w for w in want if w not in page]
    print("%d lines of the table, %d not on the page" % (len(want), len(missing)))
    print("\n".join(missing))
    sys.exit(bool(missing))
