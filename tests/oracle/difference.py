#!/usr/bin/env python3
"""difference.py [--scipy] <CASES - are the answers of test_difference those of the definitions?

One case a line, a JSON list: what, the input, our answers.  Definitions are written out here from the
page of the tool, by brute force where that is possible; with --scipy what scipy has is asked too.
Prints what differs by more than 1e-6 relative (1e-9 for those of simple formulas), then the count.
"""
import json
import math
import sys
from statistics import NormalDist

SCIPY = "--scipy" in sys.argv
if SCIPY:
    import numpy
    from scipy import stats


def critical(alpha):
    """The z with P(|Z| >= z) = alpha, by bisection on erfc."""
    low, high = 0.0, 40.0
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if math.erfc(mid / math.sqrt(2)) > alpha else (low, mid)
    return (low + high) / 2


def student(t, df):
    """P(|T| >= t): sin(y)^(df-1), y = s^4, by Simpson from 0 to atan(sqrt(df)/t), over that from 0 to pi/2."""
    def part(end):
        top = math.log(math.sin(end))
        # Where it has fallen by e^-60 is the beginning.
        begin = math.asin(math.exp(top - 60 / (df - 1))) ** 0.25 if df > 1 else 0.0
        def f(s):
            return math.exp((df - 1) * (math.log(math.sin(s**4)) - top)) * 4 * s**3 if s > 0 else 0.0
        n = 4000
        h = (end**0.25 - begin) / n
        total = f(begin) + f(end**0.25) + 4 * math.fsum(f(begin + i * h) for i in range(1, n, 2))
        total += 2 * math.fsum(f(begin + i * h) for i in range(2, n, 2))
        return total * h / 3 * math.exp((df - 1) * top)
    return part(math.atan2(math.sqrt(df), t)) / part(math.pi / 2)


def chi2(x, df):
    """P(X >= x) for a whole df: the finite sums of Abramowitz and Stegun 26.4.4 and 26.4.5."""
    h = x / 2
    if df % 2 == 0:
        return math.fsum(math.exp(-h + i * math.log(h) - math.lgamma(i + 1)) for i in range(int(df) // 2))
    return math.erfc(math.sqrt(h)) + math.fsum(
        math.exp(-h + (i - 0.5) * math.log(h) - math.lgamma(i + 0.5)) for i in range(1, int(df + 1) // 2))


def wilson(k, n, z):
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half)


def newcombe(kb, nb, kc, nc, z):
    (lb, ub), (lc, uc) = wilson(kb, nb, z), wilson(kc, nc, z)
    pb, pc = kb / nb, kc / nc
    d = pc - pb
    return (d - math.sqrt((pc - lc) ** 2 + (ub - pb) ** 2), d + math.sqrt((uc - pc) ** 2 + (pb - lb) ** 2))


def fisher(kb, nb, kc, nc):
    k = kb + kc
    tables = {x: math.comb(nc, x) * math.comb(nb, k - x) for x in range(max(0, k - nb), min(k, nc) + 1)}
    # Whole numbers: not likelier than ours times 1 + 1e-7.
    limit = tables[kc] * (10**7 + 1)
    return sum(w for w in tables.values() if w * 10**7 <= limit) / sum(tables.values())


def share_p(kb, nb, kc, nc):
    k, n = kb + kc, nb + nc
    if min(k, n - k) * min(nb, nc) < 5 * n:
        return fisher(kb, nb, kc, nc), True
    p = k / n
    z = (kc / nc - kb / nb) / math.sqrt(p * (1 - p) * (1 / nb + 1 / nc))
    return math.erfc(abs(z) / math.sqrt(2)), False


def mann_whitney(b, c):
    n, m = len(b), len(c)
    everything = sorted(b + c)
    if everything[0] == everything[-1]:
        return 1.0
    u = sum((y > x) + 0.5 * (y == x) for y in c for x in b)
    counts = {}
    for v in everything:
        counts[v] = counts.get(v, 0) + 1
    ties = sum(t**3 - t for t in counts.values())
    total = n + m
    sd = math.sqrt(n * m / 12 * ((total + 1) - ties / (total * (total - 1))))
    return min(1.0, math.erfc((abs(u - n * m / 2) - 0.5) / sd / math.sqrt(2)))


def hodges_lehmann(b, c, z):
    d = sorted(y - x for y in c for x in b)
    n, m, nm = len(b), len(c), len(d)
    k = max(1, math.floor(nm / 2 - z * math.sqrt(nm * (n + m + 1) / 12)))
    middle = d[nm // 2] if nm % 2 else (d[nm // 2 - 1] + d[nm // 2]) / 2
    return middle, d[k - 1], d[nm - k]


def welch(b, c, alpha):
    def mean(v):
        return math.fsum(v) / len(v)
    def variance(v):
        return math.fsum((x - mean(v)) ** 2 for x in v) / (len(v) - 1)
    vb, vc = variance(b) / len(b), variance(c) / len(c)
    effect = mean(c) - mean(b)
    if vb + vc == 0:
        return effect, effect, effect, float(effect == 0)
    se = math.sqrt(vb + vc)
    df = (vb + vc) ** 2 / (vb**2 / (len(b) - 1) + vc**2 / (len(c) - 1))
    return effect, se, df, student(abs(effect) / se, df)


def pooled(mix):
    """The categories that the G-test is of."""
    nb, nc = sum(b for b, c in mix), sum(c for b, c in mix)
    def rare(b, c):
        return min(nb, nc) * (b + c) < 5 * (nb + nc)
    keep = [x for x in mix if not rare(*x)]
    pool = [x for x in mix if rare(*x)]
    if not pool:
        return keep
    b, c = sum(x for x, _ in pool), sum(x for _, x in pool)
    if rare(b, c) and keep:
        other = min(keep, key=sum)  # min gives the first of equal ones
        at = keep.index(other)
        keep[at] = [other[0] + b, other[1] + c]
        return keep
    return keep + [[b, c]]


def g_test(mix):
    mix = pooled(mix)
    if len(mix) < 2:
        return 1.0
    nb, nc = sum(b for b, c in mix), sum(c for b, c in mix)
    g = 0
    for b, c in mix:
        for o, side in ((b, nb), (c, nc)):
            if o > 0:
                g += 2 * o * math.log(o * (nb + nc) / (side * (b + c)))
    return chi2(g, len(mix) - 1) if g > 0 else 1.0


def psi(mix):
    k = len(mix)
    nb, nc = sum(b for b, c in mix), sum(c for b, c in mix)
    total = 0
    for b, c in mix:
        q, p = (c + 0.5) / (nc + k / 2), (b + 0.5) / (nb + k / 2)
        total += (q - p) * math.log(q / p)
    return total


def holm(p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    out, most = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        most = max(most, min(1.0, (len(p) - rank) * p[i]))
        out[i] = most
    return out


def cusum(z):
    s, most, start, since = 0.0, 0.0, None, -1
    for i, x in enumerate(z):
        if s == 0:
            start = i
        s = max(0.0, s + x - 0.5)
        most = max(most, s)
        if s >= 8 and since == -1:
            since = start
    return most, since


def close(a, b, tolerance=1e-6):
    return abs(a - b) <= tolerance * max(abs(a), abs(b)) or max(abs(a), abs(b)) < 1e-300


def near(a, b, scale):
    """For differences, which may cancel: close, in terms of what they are made of."""
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), scale)


def check(case):
    """The names of what is not equal."""
    what, *rest = case
    wrong = []

    def expect(name, ok):
        if not ok:
            wrong.append(name)

    if what == "normal":
        z, p, alpha, c = rest
        expect("tail", close(p, math.erfc(z / math.sqrt(2)), 1e-12))
        expect("critical", close(c, critical(alpha), 1e-12) and (alpha < 1e-12 or near(c, -NormalDist().inv_cdf(alpha / 2), 1e-6)))
        if SCIPY:
            expect("scipy critical", close(c, -stats.norm.ppf(alpha / 2), 1e-11) or near(c, -stats.norm.ppf(alpha / 2), 1e-6))
    elif what == "student":
        t, df, p, alpha, c = rest
        expect("tail", close(p, student(t, df), 1e-8))
        expect("critical", close(student(c, df), alpha, 1e-8))
        if SCIPY:
            expect("scipy tail", close(p, 2 * stats.t.sf(t, df), 1e-9))
            expect("scipy critical", close(c, stats.t.isf(alpha / 2, df), 1e-7))
    elif what == "chi2":
        x, df, p = rest
        expect("tail", close(p, chi2(x, df), 1e-10))
        if SCIPY:
            expect("scipy tail", close(p, stats.chi2.sf(x, df), 1e-10))
    elif what == "share":
        kb, nb, kc, nc, alpha, low, high, dlow, dhigh, p, exact = rest
        z = critical(alpha)
        expect("wilson", all(map(lambda a, b: near(a, b, 1e-6), (low, high), wilson(kb, nb, z))))
        expect("ends", (low == 0) == (kb == 0) and (high == 1) == (kb == nb))
        expect("newcombe", all(map(lambda a, b: near(a, b, 1e-3), (dlow, dhigh), newcombe(kb, nb, kc, nc, z))))
        want, by_fisher = share_p(kb, nb, kc, nc)
        expect("test", exact == by_fisher)
        expect("p", close(p, want))
        if SCIPY and exact:
            expect("scipy fisher", close(p, stats.fisher_exact([[kb, nb - kb], [kc, nc - kc]])[1]))
        if SCIPY:
            ci = stats.binomtest(kb, nb).proportion_ci(1 - alpha, "wilson")
            expect("scipy wilson", near(low, ci.low, 1e-6) and near(high, ci.high, 1e-6))
    elif what == "values":
        b, c, alpha, p, effect, low, high, *mean = rest
        expect("mann-whitney", close(p, mann_whitney(b, c)))
        expect("hodges-lehmann", (effect, low, high) == hodges_lehmann(b, c, critical(alpha)))
        if SCIPY and b[0] < b[-1] and c[0] < c[-1]:
            expect("scipy mann-whitney", close(p, stats.mannwhitneyu(c, b, method="asymptotic").pvalue))
            expect("numpy median", effect == numpy.median(numpy.subtract.outer(c, b)))
        if mean:
            d, se, df, q = welch(b, c, alpha)
            scale = max(map(abs, b + c))
            tiny = se <= 1e-9 * scale
            expect("welch effect", near(mean[0], d, scale))
            if not tiny:
                expect("welch p", close(mean[3], q, 1e-6) or near(mean[0], 0, scale))
                half = (mean[2] - mean[1]) / 2
                expect("welch interval", close(student(half / se, df), alpha, 1e-6) and near((mean[1] + mean[2]) / 2, d, scale + half))
            elif max(b) == min(b) and max(c) == min(c):
                expect("welch constant", mean[3] == float(b[0] == c[0]))
            if SCIPY and not tiny and not near(mean[0], 0, scale):
                expect("scipy welch", close(mean[3], stats.ttest_ind(c, b, equal_var=False).pvalue))
    elif what == "mix":
        mix, p, effect = rest
        expect("g", close(p, g_test(mix)))
        expect("psi", near(effect, psi(mix), 1e-6))
        if SCIPY and len(pooled(mix)) > 1:
            table = numpy.array(pooled(mix)).T
            want = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
            expect("scipy g", close(p, want[1]))
    elif what == "holm":
        p, adjusted = rest
        expect("holm", all(map(lambda a, b: close(a, b, 1e-12), adjusted, holm(p))))
    elif what == "cusum":
        z, most, since = rest
        want, start = cusum(z)
        expect("cusum", near(most, want, 1e-6) and since == start)
    else:
        wrong.append("unknown")
    return wrong


def main():
    equal = differ = 0
    for line in sys.stdin:
        failed = check(json.loads(line))
        equal += not failed
        differ += bool(failed)
        if failed and differ <= 5:
            print(", ".join(failed), "of", line[:400].strip())
    print("%d equal, %d differ" % (equal, differ))


if __name__ == "__main__":
    main()
