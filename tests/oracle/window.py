#!/usr/bin/env python3
"""window.py SEED [ROUNDS] | edges - do correlations come to what an independent account of them says?

Makes random streams of events (late ones, at the edges of buckets, without time, with lists) and random correlations of
every type, chained, with aliases and conditions; runs "siem-rules match" and compares all rows with those computed here, the
plain way: every bucket is a list of events, looked at anew whenever one is added.  "edges": all conditions on counts at
and beside the counts that there are, so that one which can no longer hold is told from one that can.  Prints the first
difference and ends with 1.
"""
import calendar
import datetime
import itertools
import json
import math
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}
COMPARE = {'gt': lambda a, b: a > b, 'gte': lambda a, b: a >= b, 'lt': lambda a, b: a < b,
           'lte': lambda a, b: a <= b, 'eq': lambda a, b: a == b, 'neq': lambda a, b: a != b}
KINDS = ['login', 'read', 'deny']


def seconds(text):
    return Fraction((datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) - EPOCH) // datetime.timedelta(microseconds=1),
                    1000000)


def stamp(s):
    s = Fraction(s)
    whole = EPOCH + datetime.timedelta(seconds=math.floor(s))
    text = whole.strftime('%Y-%m-%dT%H:%M:%S')
    part = s - math.floor(s)
    return text + ('.%09d' % (part * 10**9)).rstrip('0').rstrip('.') + 'Z'


def bucket(span, t):
    n, unit = int(span[:-1]), span[-1]
    if unit in UNITS:
        width = n * UNITS[unit]
        start = math.floor(t / width) * width
        return start, start + width
    n *= 12 if unit == 'y' else 1
    day = EPOCH + datetime.timedelta(seconds=math.floor(t))
    k = ((day.year - 1970) * 12 + day.month - 1) // n

    def month(i):
        return calendar.timegm((1970 + i // 12, i % 12 + 1, 1, 0, 0, 0))
    return month(k * n), month((k + 1) * n)


def values_of(event, field):
    v = event.get(field)
    return [x for x in (v if isinstance(v, list) else [v]) if x is not None]


def product(lists):
    if not lists:
        return [()]
    return [(x,) + rest for x in lists[0] for rest in product(lists[1:])]


def number(v):
    if isinstance(v, bool):
        return None
    try:
        return Fraction(str(v))
    except ValueError:
        return None


class Correlation:
    def __init__(self, order, doc):
        self.order, self.doc, self.c = order, doc, doc['correlation']
        self.rules = self.c['rules']
        self.type = self.c['type']
        condition = self.c.get('condition')
        self.text = condition if isinstance(condition, str) else None
        self.bounds = {k: v for k, v in (condition or {}).items() if k in COMPARE} if not self.text else {}
        field = condition.get('field') if isinstance(condition, dict) else None
        self.fields = field if isinstance(field, list) else [field] if field else []
        self.percentile = condition.get('percentile', 50) if isinstance(condition, dict) else 50
        self.group_by = self.c.get('group-by', [])
        self.at_event = self.type in ('event_count', 'value_count', 'temporal', 'temporal_ordered') and \
            all(k in ('gt', 'gte') for k in self.bounds) and not (self.text and 'not' in self.text)
        self.windows = {}       # (start, end) -> {group: [contributions]}
        self.fired = set()

    def names(self, rule, field):
        return self.c.get('aliases', {}).get(field, {}).get(rule, field)

    def groups(self, rule, event):
        lists = [values_of(event, self.names(rule, f)) for f in self.group_by]
        return list(dict.fromkeys(json.dumps(dict(zip(self.group_by, g))) for g in product(lists)))

    def tuples(self, rule, event):
        return product([values_of(event, self.names(rule, f)) for f in self.fields])

    def value(self, rows):
        """rows: (time, line, rule, tuples) in the order they came."""
        lines = {r[1] if r[4] is None else r[4] for r in rows}
        if self.type == 'event_count':
            return len(lines)
        if self.type == 'value_count':
            return len({json.dumps(t) for r in rows for t in r[3]})
        if self.type == 'temporal':
            return len({r[2] for r in rows})
        if self.type == 'temporal_ordered':
            at, step = None, 0
            for r in sorted(rows, key=lambda r: (r[0], r[1])):
                if step < len(self.rules) and r[2] == self.rules[step] and (at is None or at < (r[0], r[1])):
                    at, step = (r[0], r[1]), step + 1
            return step
        first = {}
        for r in rows:
            first.setdefault(r[1] if r[4] is None else r[4], r[3])
        numbers = sorted(n for tuples in first.values() for (v,) in tuples for n in [number(v)] if n is not None)
        if not numbers:
            return None
        if self.type == 'value_sum':
            return sum(numbers)
        if self.type == 'value_avg':
            return sum(numbers) / len(numbers)
        return numbers[max(1, math.ceil(Fraction(str(self.percentile)) * len(numbers) / 100)) - 1]

    def holds(self, rows):
        v = self.value(rows)
        if v is None:
            return False
        if self.text:
            seen = {r[2] for r in rows}
            return bool(eval(self.text, {}, {r: r in seen for r in self.rules}))
        if not self.bounds:
            return v == len(self.rules)
        return all(COMPARE[k](v, Fraction(str(b))) for k, b in self.bounds.items())

    def useful(self, tuples):
        if self.type in ('value_sum', 'value_avg', 'value_percentile'):
            return any(number(v) is not None for (v,) in tuples)
        return not self.fields or bool(tuples)


class Engine:
    def __init__(self, docs, lateness):
        self.plain = [d for d in docs if 'detection' in d]
        self.correlations = [Correlation(i, d) for i, d in enumerate(docs) if 'correlation' in d]
        self.lateness, self.now, self.rows = lateness, None, []
        self.untimed = self.late = self.chained = 0

    def row(self, c, window, group, rows):
        v = c.value(rows)
        self.found.append((window[0] if not self.at_event else 0, c.order, group, {
            'rule_id': c.doc['id'], 'lines': sorted({r[1] for r in rows})[-1000:],
            'window': [stamp(window[0]), stamp(window[1])], 'group': json.loads(group), 'count': v}))

    def feed(self, rule, event, t, line, inner=None):
        for c in self.correlations:
            if rule not in c.rules:
                continue
            window = bucket(c.c['timespan'], t)
            for group in c.groups(rule, event):
                tuples = c.tuples(rule, event) if c.fields else []
                if not c.useful(tuples):
                    continue
                if self.closed is not None and window[1] + self.lateness <= self.closed and window not in c.windows:
                    self.late += inner is not None
                    self.is_late = self.is_late or inner is None
                    continue
                if (window, group) in c.fired:
                    continue
                rows = c.windows.setdefault(window, {}).setdefault(group, [])
                rows.append((t, line, rule, tuples, inner))
                if c.at_event and c.holds(rows):
                    what = c, window, group
                    if inner is None:
                        self.ripe.append(what)
                    else:
                        self.pick(what)

    def pick(self, what):
        """An event counts as a whole: only when all rules that it fits have been taken is it asked what is complete."""
        c, window, group = what
        if (window, group) not in c.fired:
            c.fired.add((window, group))
            self.row(c, window, group, c.windows[window][group])
            self.tell(c, group, c.windows[window][group])

    def tell(self, c, group, rows):
        """A detection is an event for the correlations that rest on c."""
        self.chained += 1
        t, line = max(r[0] for r in rows if r[1] == rows[-1][1]), rows[-1][1]
        self.feed(c.doc['name'], json.loads(group), t, line, ('chained', self.chained))

    def close(self, until):
        self.found, self.at_event = [], False
        for c in self.correlations:     # inner ones come first
            for window in sorted(w for w in c.windows if until is None or w[1] + self.lateness <= until):
                for group, rows in sorted(c.windows[window].items()):
                    if not c.at_event and c.holds(rows):
                        self.row(c, window, group, rows)
                        self.tell(c, group, rows)
        for c in self.correlations:
            c.windows = {w: g for w, g in c.windows.items() if until is not None and w[1] + self.lateness > until}
        self.rows += [f[3] for f in sorted(self.found, key=lambda f: f[:3])]

    def event(self, event, line):
        t = event.get('timestamp')
        t = seconds(t) if isinstance(t, str) else Fraction(str(event['_time'])) if '_time' in event else None
        if t is None:
            self.untimed += 1
            return
        if self.now is None or t > self.now:
            self.close(t)
            self.now = t
        self.closed = self.now
        self.found, self.at_event, self.is_late, self.ripe = [], True, False, []
        for doc in self.plain:
            if doc['name'] in values_of(event, 'kind'):
                self.feed(doc['name'], event, t, line)
        for what in self.ripe:
            self.pick(what)
        self.late += self.is_late
        self.rows += [f[3] for f in sorted(self.found, key=lambda f: f[1])]

    closed, is_late = None, False


def slide(docs, events, lateness):
    """Windows (t - span, t], each time the condition becomes true."""
    state, rows, now = {}, [], None
    cs = [Correlation(i, d) for i, d in enumerate(docs) if 'correlation' in d]
    for line, event in enumerate(events, 1):
        if not isinstance(event.get('timestamp'), str):
            continue
        t = seconds(event['timestamp'])
        now = t if now is None or t > now else now
        for c in cs:
            fits = [d['name'] for d in docs if d['name'] in values_of(event, 'kind') and d['name'] in c.rules]
            groups = {}
            for kind, group in [(k, g) for k in fits for g in c.groups(k, event)] if t >= now - lateness else []:
                tuples = c.tuples(kind, event) if c.fields else []
                if not c.useful(tuples):
                    continue
                groups[group] = kept = state.setdefault((c.order, group), [[], False])
                kept[0].append((t, line, kind, tuples, None))
            for group, kept in groups.items():
                span = int(c.c['timespan'][:-1]) * UNITS[c.c['timespan'][-1]]
                inside = [r for r in kept[0] if t - span < r[0] <= t]
                held = c.holds(inside)
                if held and (not kept[1] or {r[1] for r in inside} == {line}):
                    rows.append({'rule_id': c.doc['id'], 'lines': sorted({r[1] for r in inside})[-1000:],
                                 'window': [stamp(t - span), stamp(t)], 'group': json.loads(group),
                                 'count': c.value(inside)})
                kept[1] = held
    return rows


def random_docs(rng, sliding):
    docs = [{'title': k, 'name': k, 'logsource': {'category': 't'},
             'detection': {'s': {'kind': k}, 'condition': 's'}} for k in KINDS]
    for i in range(rng.randint(1, 5)):
        kind = rng.choice(['event_count', 'value_count', 'temporal', 'temporal_ordered'] +
                          ([] if sliding else ['value_sum', 'value_avg', 'value_percentile']))
        c = {'type': kind, 'rules': rng.sample(KINDS, rng.randint(1 if kind[0] != 't' else 2, 3)),
             'timespan': rng.choice(['7s', '10s', '1m', '2m'] + ([] if sliding else ['1h', '1d', '1w', '1M', '2M', '1y'])),
             'group-by': rng.choice([['user'], ['user', 'ip'], ['tags'], ['tags', 'user']])}
        if rng.random() < 0.2:
            del c['group-by']
        elif rng.random() < 0.3:
            c['aliases'] = {'who': {k: rng.choice(['user', 'ip']) for k in c['rules']}}
            c['group-by'] = ['who']
        bounds = rng.choice([['gt'], ['gte']] + ([] if sliding else [['lt'], ['lte'], ['eq'], ['neq'], ['gte', 'lte'], ['gt', 'neq']]))
        most = {'value_sum': 60, 'value_avg': 10, 'value_percentile': 10, 'temporal': 3, 'temporal_ordered': 3}.get(kind, 6)
        condition = {b: rng.randint(1 if kind[0] != 'v' else 2, most) for b in bounds}
        if kind.startswith('value'):
            condition['field'] = rng.choice(['n', ['n', 'ip']]) if kind == 'value_count' else 'n'
        if kind == 'value_percentile':
            condition['percentile'] = rng.choice([1, 25, 50, 90, 99.9, 100])
        if kind.startswith('temporal') and rng.random() < 0.6:
            condition = rng.choice(['%s and not %s', '%s or %s']) % tuple(c['rules'][:2]) \
                if kind == 'temporal' and not sliding and rng.random() < 0.4 else None
        if condition is not None:
            c['condition'] = condition
        docs.append({'title': 'c%d' % i, 'id': '00000000-0000-4000-8000-%012d' % i, 'name': 'c%d' % i, 'correlation': c})
    if not sliding and rng.random() < 0.5:
        inner = docs[-1]
        if 'aliases' not in inner['correlation']:
            c = {'type': rng.choice(['event_count', 'temporal']), 'rules': [inner['name']] + rng.sample(KINDS, rng.randint(0, 1)), 'timespan': rng.choice(['1m', '1h', '1M']),
                 'condition': {rng.choice(['gte', 'gt', 'lt'] if rng.random() < 0.5 else ['gte']): rng.randint(1, 3)},
                 'group-by': inner['correlation'].get('group-by', [])[:1]}
            inner['correlation']['generate'] = True
            if not c['group-by']:
                del c['group-by']
            docs.append({'title': 'outer', 'id': '00000000-0000-4000-8000-%012d' % 99, 'name': 'outer', 'correlation': c})
    return docs


def random_events(rng, n, sliding):
    t = seconds('2024-02-28T23:58:00Z')
    step = rng.choice([0, 1, 3, 20, 400, 40000])
    for _ in range(n):
        t += rng.choice([0, 1, 2, 5, 10, 60]) * rng.randint(0, 1) * step if not sliding else rng.choice([0, 0, 1, 3, 7, 10, Fraction(1, 4)])
        at = t - (rng.choice([1, 5, 30, 59, 60, 61, 120, 4000]) if rng.random() < 0.15 else 0)
        if rng.random() < 0.05:
            at = math.floor(at / 60) * 60       # the very edge of a bucket
        event = {'timestamp': stamp(at), 'kind': rng.choice(KINDS + ['other']), 'user': rng.choice(['ann', 'bob', 'Bob', 1, '1']),
                 'ip': rng.choice(['10.0.0.1', '10.0.0.2']), 'n': rng.choice([0, 1, 2, 2.5, 3, 7, '4', 10]),
                 'tags': rng.choice([['x'], ['x', 'y'], [], 'z', None, ['y', 'y']])}
        if rng.random() < 0.2:
            event['kind'] = rng.sample(KINDS, 2)    # an event of two rules
        for key in ('user', 'n', 'timestamp'):
            if rng.random() < 0.05:
                del event[key]
        if not sliding and 'timestamp' in event and rng.random() < 0.1:
            event['_time'] = float(seconds(event.pop('timestamp')))
        yield event


def random_round(seed):
    rng, sliding = random.Random(seed), seed % 4 == 3
    docs, lateness = random_docs(rng, sliding), rng.choice([0, 10, 60, 60, 3600])
    events = list(random_events(rng, rng.choice([5, 60, 400]), sliding))
    return compare(seed, docs, events, lateness, sliding, rng.choice([1, 2]))


def edges():
    """Counts from 0 to 5 in two windows, by every comparison alone and with another, at, between and beyond them."""
    docs = [{'title': 'x', 'name': 'x', 'logsource': {'category': 't'}, 'detection': {'s': {'kind': 'x'}, 'condition': 's'}}]
    numbers = [-1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 4, 5, 6]
    conditions = [{how: n} for how in COMPARE for n in numbers]
    conditions += [{a: m, b: n} for a, b in itertools.combinations(COMPARE, 2) for m in (1, 2.5, 3) for n in (2, 3, 3.5, 5)]
    for i, (condition, kind) in enumerate(itertools.product(conditions, ('event_count', 'value_count'))):
        if kind == 'value_count':
            condition = {**condition, 'field': 'n'}
        docs.append({'title': 'c', 'name': 'c%d' % i, 'id': '00000000-0000-4000-8000-%012d' % i, 'correlation': {
            'type': kind, 'rules': ['x'], 'timespan': '1m', 'group-by': ['user'], 'condition': condition}})
    users = [u for u in 'abcde' for _ in range(' abcde'.index(u))]
    events = [{'timestamp': stamp(60 * window + k), 'kind': 'x', 'user': u, 'n': n}
              for window in (10, 11) for k, (u, n) in enumerate(zip(users, [1, 1, 2, 1, 2, 1, 3, 2, 3, 1, 4, 4, 1, 2, 3]))]
    return compare('edges', docs, events, 0, False, 1)


def compare(seed, docs, events, lateness, sliding, jobs):
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as rules, tempfile.NamedTemporaryFile('w', suffix='.jsonl') as log:
        rules.write('\n---\n'.join(map(json.dumps, docs)))
        rules.flush()
        log.write(''.join(json.dumps(e) + '\n' for e in events))
        log.flush()
        run = subprocess.run(['siem-rules', 'match', '-j', str(jobs), '-r', rules.name, '--lateness', '%ds' % lateness] +
                             ['--sliding'] * sliding + [log.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f'seed {seed}: status {run.returncode}: {run.stderr.decode()}\n' + '\n---\n'.join(map(json.dumps, docs)))
    got = [json.loads(line, parse_float=Fraction) for line in run.stdout.decode().splitlines()]
    got = [g for g in got if 'count' in g]      # not the plain rules that no correlation refers to
    referred = {r for d in docs if 'correlation' in d and not d['correlation'].get('generate') for r in d['correlation']['rules']}
    engine = Engine(docs, lateness)
    names = {d.get('id'): d['name'] for d in docs}
    if sliding:
        want = slide(docs, events, lateness)
    else:
        for line, event in enumerate(events, 1):
            engine.event(event, line)
        engine.close(None)
        want = engine.rows
    want = [w for w in want if names[w['rule_id']] not in referred]
    for i in range(max(len(want), len(got))):
        g = {k: got[i].get(k) for k in ('rule_id', 'lines', 'window', 'group', 'count')} if i < len(got) else None
        w = want[i] if i < len(want) else None
        if g and w and g['count'] != w['count'] and abs(g['count'] - w['count']) < Fraction(1, 10**12):
            w['count'] = g['count']     # an average has no end
        if g != w:
            print(f'seed {seed} (sliding {sliding}, lateness {lateness}): row {i}\n want {w}\n got  {g}')
            print('\n---\n'.join(map(json.dumps, docs[3:])))
            return False, 0
    if not sliding:
        for what, n in (('late events', engine.late), ('events without a time', engine.untimed)):
            if (f'siem-rules: {n} {what}\n' in run.stderr.decode()) != (n > 0):
                print(f'seed {seed}: {n} {what}, but: {run.stderr.decode()}')
                return False, 0
    return True, len(want)


def main():
    if sys.argv[1] == 'edges':
        good, n = edges()
        if good:
            print(f'{n} rows, 0 differences')
        return 0 if good and n > 0 else 1
    first, rounds, rows = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1, 0
    for seed in range(first, first + rounds):
        good, n = random_round(seed)
        rows += n
        if not good:
            return 1
    print(f'{rounds} streams, {rows} rows, 0 differences')
    return 0 if rows > 0 else 1


sys.exit(main())
