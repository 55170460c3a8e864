#!/usr/bin/env python3
"""agree.py BUILD [SEED [RULES]] - does the SPL of a rule find what match finds?

Rules of every feature are made at random over a small world of fields and values, and events that hit and nearly
miss them; siem-rules match runs the rules, and spl.py the searches that siem-rules render makes of them: what each
finds must be the same, event by event, window by window and group by group.  Every feature has to be seen to hit
and to miss.  Prints each disagreement and, by feature, how often it has hit and missed; ends with 1 if there is a
disagreement or a feature that was not seen to do both.

agree.py BUILD --corpus DATA - the same with the public rules and real events of DATA.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import spl  # noqa: E402

os.environ['TZ'] = 'UTC'
time.tzset()

WORDS = ['abc', 'abd', 'ab', 'b', 'xabcx', 'a.c', 'a*c', 'a?c', 'C:\\dir\\f', 'tool -e x', 'tool /e x', 'tool –e x',
         'ABC', 'Äb', 'äB', 'say "hi"', 'per%cent', "it's", '', 'YWJj', 'dG9vbA==', '[x]', '$v `w`', '10.1.2.3',
         '10.2.0.1', '10.0.0.0/8', 'fe80::1', 'true', 'line\nbreak']
FIELDS = ['f', 'g', 'h', 'x-y', 'n', 'o.p']


def text(rng):
    return rng.choice(WORDS)


def plain(word):
    """A word as Sigma writes it, without wildcards."""
    return word.replace('\\', '\\\\').replace('*', '\\*').replace('?', '\\?')


def item(rng, used):
    """A member of a detection: key and value; used gets the features."""
    f = rng.choice(FIELDS)
    kind = rng.choice(['text', 'wild', 'one', 'contains', 'startswith', 'endswith', 'all', 'list', 'number', 'gt', 'gte',
                       'lt', 'lte', 'bool', 'null', 'empty', 'exists', 're', 're|i', 're|s', 'cased', 'cased|contains',
                       'cidr', 'cidr6', 'fieldref', 'ref|startswith', 'ref|endswith', 'ref|contains', 'windash', 'base64', 'base64offset', 'wide', 'hour', 'minute', 'day',
                       'month', 'year', 'week', 'neq', 'neqtext', 'startslist', 'login', 'expand'])
    used.append(kind)
    w = plain(text(rng))
    few = [plain(text(rng)) for _ in range(rng.randint(2, 3))]
    if kind in ('contains', 'startswith', 'endswith'):
        return f'{f}|{kind}', plain(rng.choice(['a', 'b', 'bc', 'ab', 'C:\\', 'x', '"', '.', '*', 'line\n']))
    if kind.startswith('ref|'):
        return f'x-y|field{kind}', rng.choice(['o.p', 'k'])    # fields of one value: Splunk has no way to ask it of several
    simple = {
        'text': (f, w), 'wild': (f, rng.choice(['a*', '*c', 'a*c', '*b*', '*', 'C:\\*', 'tool*x'])),
        'one': (f, rng.choice(['a?c', '?bc', 'ab?', 'a?', '??', 'x*b?x'])),
        'all': (f + '|contains|all', ['a', rng.choice(['b', 'c', 'x'])]), 'list': (f, few),
        'startslist': (f + '|startswith', few), 'number': ('n', rng.choice([1, 2, 3, -1, 2.5, 1e9 if 0 else 7])),
        'gt': ('n|gt', 2), 'gte': ('n|gte', 2), 'lt': ('n|lt', 2), 'lte': ('n|lte', 2.5),
        'bool': ('b', rng.choice([True, False])), 'null': (f, None), 'empty': (f, ''),
        'exists': (f + '|exists', rng.choice([True, False])),
        're': (f + '|re', rng.choice(['^a.c$', 'b+', '[A-Z]', 'a|x', '\\d', '"', 'C:\\\\d', '^$', 'n.b'])),
        're|i': (f + '|re|i', rng.choice(['^A.C$', 'ABC', '^tool'])), 're|s': (f + '|re|s', 'line.break'),
        'cased': (f + '|cased', rng.choice(['abc', 'ABC', 'Äb', 'a*'])),
        'cased|contains': (f + '|contains|cased', rng.choice(['ab', 'AB', 'hi'])),
        'cidr': ('ip|cidr', rng.choice(['10.1.0.0/16', '10.0.0.0/8', '10.2.0.1/32'])),
        'cidr6': ('ip|cidr', 'fe80::/10'), 'fieldref': ('f|fieldref', 'g'),
        'windash': (f + '|windash|contains', ' -e '), 'base64': (f + '|base64', rng.choice(['abc', 'tool'])),
        'base64offset': ('e|base64offset|contains', 'secret'), 'wide': ('e|wide|base64offset|contains', 'secret'),
        'hour': ('timestamp|hour|gte', 12), 'minute': ('timestamp|minute', [0, 1, 2, 3, 4, 5, 6, 7]), 'day': ('timestamp|day', 3),
        'month': ('timestamp|month', 3), 'year': ('timestamp|year|lt', 2026), 'week': ('timestamp|week', [10, 53]),
        'login': ('login|hour|lt', 12), 'neq': ('n|neq', 2), 'neqtext': (f + '|neq', w),
        'expand': (f + '|expand|contains', '%some%')}
    return simple[kind]


def detection(rng, used):
    """search identifiers, and a condition over them"""
    section, names = {}, []
    for i in range(rng.randint(1, 4)):
        name = rng.choice(['sel', 'filter']) + f'_{i}'
        shape = rng.random()
        if shape < 0.75:
            section[name] = dict(item(rng, used) for _ in range(rng.randint(1, 2)))
        elif shape < 0.9:
            section[name] = [dict([item(rng, used)]) for _ in range(2)]
            used.append('maps')
        else:
            section[name] = [rng.choice(['abc', 'hi', 'a?c', 'tool*x', 3, 'dir\\\\f', True])]
            used.append('keyword')
        names.append(name)
    shapes = ['{0}', 'not {0}', '{0} and {1}', '{0} or {1}', '{0} and not {1}', 'not ({0} or {1})', 'not ({0} and {1})',
              '({0} or {1}) and {2}', '{0} or {1} and not {2}', '1 of sel_*', 'all of them', '1 of them', 'not 1 of filter_*',
              'not (not {0} and {1})', 'all of sel_* and not 1 of filter_*']
    shape = rng.choice(shapes)
    for want, pattern in (('sel_', 'sel_*'), ('filter_', 'filter_*')):
        if pattern in shape and not any(n.startswith(want) for n in names):
            shape = 'all of them'
    used.append(shape)
    pick = [rng.choice(names) for _ in range(3)]
    section['condition'] = shape.format(*pick) if rng.random() < 0.95 else [shape.format(*pick), names[0]]
    return section


def event(rng, at):
    e = {'o': {'p': text(rng)}} if rng.random() < 0.5 else {}
    e = {'timestamp': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(at)), **e}
    for f in FIELDS[:4]:
        if rng.random() < 0.7:
            e[f] = text(rng)
        if rng.random() < 0.08 and f != 'x-y':
            e[f] = [text(rng) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.2 and 'f' in e and isinstance(e['f'], str):
        e['g'] = e['f']
    if rng.random() < 0.5 and 'x-y' in e and 'o' in e:
        e['x-y'] = rng.choice(['%s', 'x%s', '%sx', 'y%sz', 'x%%%s']) % e['o']['p']
    if rng.random() < 0.8:
        e['n'] = rng.choice([1, 2, 3, 2.5, -1, 7, 100])
    if rng.random() < 0.5:
        e['b'] = rng.choice([True, False])
    if rng.random() < 0.5:
        e['ip'] = rng.choice(['10.1.2.3', '10.2.0.1', '11.0.0.1', 'fe80::1', 'fec0::1', 'no'])
    if rng.random() < 0.4:
        e['e'] = rng.choice(['c2VjcmV0', 'AHNlY3JldA==', 'aHNlY3JldA', 'cwBlAGMAcgBlAHQA', 'bm90aGluZw=='])
    if rng.random() < 0.5:
        e['login'] = rng.choice(['2026-03-03T04:00:00Z', '2026-03-03T14:00:00.25Z', '2026-03-03T01:00:00-13:00', 'never'])
    if rng.random() < 0.7:
        e['user'] = rng.choice(['u1', 'u2', 'u3'])
    if rng.random() < 0.6:
        e['who'] = rng.choice(['u1', 'u2', 'u3'])
    e['k'] = rng.choice(['a', 'b', 'c', 'd', 'ab', 'bc', 'ac', 'abc'])  # of one rule, of several, of none
    if rng.random() < 0.8:
        e['bytes'] = rng.choice([1, 2, 5, 10, 20.5])
    return e


BOUNDS = [{'gt': 2}, {'gte': 2}, {'lt': 3}, {'lte': 2}, {'eq': 2}, {'neq': 2}, {'gt': 1, 'lte': 4}]


def correlation(rng, used, i):
    kind = rng.choice(['event_count', 'value_count', 'value_counts', 'temporal', 'temporal_text', 'temporal_bound',
                       'temporal_ordered', 'ordered_bound', 'value_sum', 'value_avg', 'value_percentile', 'chain'])
    used.append(kind)
    c = {'type': kind, 'rules': rng.sample(['a', 'b', 'c'], rng.randint(1, 3)), 'timespan': rng.choice(['5m', '90s', '1h', '1d', '1w', '1M', '1y'])}
    if rng.random() < 0.7:
        c['group-by'] = rng.choice([['user'], ['user', 'x-y'], ['o.p']])
    bound = rng.choice(BOUNDS)
    if kind == 'ordered_bound':
        c.update(type='temporal_ordered', rules=[rng.choice('abc') for _ in range(3)], condition=rng.choice([{'gte': 2}, {'gt': 2}, {'eq': 1}]))
    elif kind.startswith('temporal'):
        c['type'] = 'temporal_ordered' if kind == 'temporal_ordered' else 'temporal'
        if kind == 'temporal_text':
            del c['rules']
            c['condition'] = rng.choice(['a and not b', 'a or b and c', 'not (a or b) and c'])
        elif kind == 'temporal_bound':
            c['condition'] = rng.choice([{'gte': 2}, {'lt': 2}, {'eq': 1}])
        elif kind == 'temporal_ordered':
            c['rules'] = [rng.choice('abc') for _ in range(rng.randint(2, 3))]
    elif kind == 'event_count':
        c['condition'] = bound
    elif kind == 'value_counts':
        c.update(type='value_count', condition=dict(bound, field=['who', 'bytes']))
    elif kind == 'value_count':
        c['condition'] = dict(bound, field='who')
    else:
        c['condition'] = dict(rng.choice([{'gt': 5}, {'lte': 4}, {'gte': 2, 'lt': 9}]), field='bytes')
        if kind == 'value_percentile':
            c['condition']['percentile'] = rng.choice([50, 90, 99.9, 1, 100])
    if kind == 'chain':
        c.update(type=rng.choice(['event_count', 'temporal', 'temporal_ordered']), rules=[f'inner{i}', 'b'])
        c['group-by'] = ['user']
        c.pop('condition')
        if c['type'] == 'event_count':
            c['condition'] = rng.choice([{'gte': 2}, {'eq': 1}])
    if 'user' in c.get('group-by', []) and 'rules' in c and rng.random() < 0.5:
        rule = [r for r in c['rules'] if not r.startswith('inner')][-1:]
        if rule:
            c['aliases'] = {'user': {rule[0]: 'who'}}
            used.append('aliases')
            if kind.startswith('value_') and c['condition']['field'] == 'bytes':
                c['aliases']['bytes'] = {rule[0]: 'n'}
    return c


def inner(rng):
    kind = rng.choice(['event_count', 'value_count', 'temporal', 'temporal_ordered', 'text'])
    c = {'type': kind, 'rules': ['a', 'c'], 'timespan': rng.choice(['2m', '10m']), 'group-by': ['user']}
    if kind in ('event_count', 'value_count'):
        c['condition'] = {rng.choice(['gt', 'gte']): 2}
    if kind == 'value_count':
        c['condition']['field'] = 'bytes'
    if kind == 'text':
        c.update(type='temporal', condition='a or c')
        del c['rules']
    return c


def documents(rng, rules):
    """(documents, {id: features}) with base rules, plain rules, correlations and filters"""
    docs, features = [], {}
    for name, item_of in ('a', {'k|contains': 'a'}), ('b', {'k|re': 'b'}), ('c', {'k|endswith': 'c', 'n|neq': 100}):
        docs.append({'title': name, 'name': name, 'logsource': {'category': 'base'}, 'detection': {'s': item_of, 'condition': 's'}})
    docs.append({'title': 'ours', 'logsource': {'category': 'filtered'},
                 'filter': {'rules': 'any', 'u': {'user': 'u1'}, 'condition': 'not u'}})
    for i in range(rules):
        used, rid = [], f'{i:08x}-0000-4000-8000-000000000000'
        if rng.random() < 0.6:
            category = rng.choice(['test', 'test', 'filtered'])
            used += ['filter'] if category == 'filtered' else []
            docs.append({'title': str(i), 'id': rid, 'logsource': {'category': category}, 'detection': detection(rng, used)})
        else:
            c = correlation(rng, used, i)
            if 'chain' in used:
                docs.append({'title': 'inner', 'name': f'inner{i}', 'correlation': inner(rng)})
            docs.append({'title': str(i), 'id': rid, 'correlation': c})
        features[rid] = used
    return docs, features


def write(path, docs):
    with open(path, 'w', encoding='utf-8') as out:
        for doc in docs:
            out.write('---\n' + json.dumps(doc, ensure_ascii=False).replace('\u2013', '\u2013') + '\n')


def command(argv, allowed):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in allowed:
        sys.exit(f'{argv[1]} ended with {done.returncode}: {done.stderr.decode()[:2000]}')
    return done.stdout.decode()


def instant(textual):
    return spl.datetime.datetime.fromisoformat(textual.replace('Z', '+00:00')).timestamp()


def found_by_match(tool, rules, events, extra, allowed=(0, 1)):
    """{id: set of line numbers, or of (window start, group)}"""
    found = {}
    for line in command([tool, 'match', '-r', rules, *extra, events], allowed).splitlines():
        d = json.loads(line)
        if 'window' in d:
            what = (instant(d['window'][0]), tuple(sorted((k, spl.text(v)) for k, v in d['group'].items())), d['count'])
        else:
            what = d['lines'][0]
        found.setdefault(d['rule_id'], set()).add(what)
    return found


def found_by_search(query, rows, doc):
    left = spl.run(query, rows)
    if doc is None or 'correlation' not in doc:
        return {r['_line'] for r in left}
    groups = doc['correlation'].get('group-by', [])
    return {(r['_time'], tuple(sorted((g, spl.text(r[g])) for g in groups)), count_of(r)) for r in left}


COUNTS = ['event_count', 'value_count', 'rule_count', 'value_sum', 'value_avg', 'value_percentile']


def count_of(row):
    return next((row[name] for name in COUNTS if name in row), None)


def at_the_end(doc):
    """Is the count that of the whole window, and not that at the event which made it enough?"""
    condition = doc['correlation'].get('condition')
    kind = doc['correlation']['type']
    return kind.startswith('value_') and kind != 'value_count' or (
        kind != 'temporal_ordered' and isinstance(condition, dict) and bool({'lt', 'lte', 'eq', 'neq'} & set(condition)))


def rounded(found, doc):
    if doc is None or 'correlation' not in doc:
        return found
    return {w if isinstance(w, str) else w[:2] + (round(float(w[2]), 6),) if at_the_end(doc) else w[:2] for w in found}


def counted_too_far(matched, found, doc):
    """Windows in which match, at the event that was enough, counts more than search does of them as a whole."""
    if doc is None or doc.get('correlation', {}).get('type') not in ('event_count', 'value_count', 'temporal'):
        return []
    whole = {w[:2]: w[2] for w in found if w[2] is not None}
    return [w for w in matched if w[:2] in whole and float(w[2]) > float(whole[w[:2]])]


def compare(queries, matched, rows, docs, features):
    wrong, seen = 0, {}
    for rid, query in queries.items():
        want = rounded(matched.get(rid, set()), docs.get(rid))
        for absent in (None, False):
            spl.ABSENT = absent
            try:
                found = found_by_search(query, rows, docs.get(rid))
                got, further = rounded(found, docs.get(rid)), counted_too_far(matched.get(rid, ()), found, docs.get(rid))
            except spl.Wrong as why:
                got, further = {str(why)}, []
            if got != want or further:
                wrong += 1
                print(f'{rid}: match {sorted(want - got)[:3] or further[:3]} search {sorted(got - want, key=str)[:3]}\n  {query[:1500]}')
                print(f'  {json.dumps(docs.get(rid), ensure_ascii=False)}')
                break
        for feature in features.get(rid, []):
            hit, miss = seen.get(feature, (0, 0))
            seen[feature] = (hit + bool(want), miss + (len(want) < len(rows)))
    return wrong, seen


def random_rounds(tool, seed, rules):
    rng = random.Random(seed)
    docs, features = documents(rng, rules)
    with tempfile.TemporaryDirectory() as folder:
        path, pipeline, events = folder + '/rules.yml', folder + '/pipeline.yml', folder + '/events.jsonl'
        write(path, docs)
        write(pipeline, [{'vars': {'some': ['ab', 'x*b', 'hi']},
                          'transformations': [{'type': 'value_placeholders'}, {'type': 'field_name_mapping', 'mapping': {'h': ['h', 'g']}}]}])
        at = 1772500000
        lines = []
        for _ in range(150):
            at += rng.choice([1, 5, 20, 60, 300])
            lines.append(json.dumps(event(rng, at), ensure_ascii=False))
        open(events, 'w', encoding='utf-8').write('\n'.join(lines) + '\n')
        matched = found_by_match(tool, path, events, ['--pipeline', pipeline])
        got = json.loads(command([tool, 'render', '-f', 'json', '--pipeline', pipeline, path], (0, 2)))
    rows = [dict(spl.event_of(line), _line=i + 1) for i, line in enumerate(lines)]
    queries = {rid: got[rid]['query'] for rid in features if rid in got}
    if len(queries) < 0.9 * len(features):
        sys.exit(f'only {len(queries)} of {len(features)} rules are rendered')
    return compare(queries, matched, rows, {d.get('id'): d for d in docs}, features)


def near_miss(rng, e):
    """The event with three of its values changed a little, or gone."""
    e = dict(e)
    for key in rng.sample(sorted(e), min(3, len(e))):
        v = e[key]
        if not isinstance(v, str) or rng.random() < 0.2:
            e.pop(key)
        else:
            e[key] = rng.choice([v.upper(), v + ' x', 'x' + v, v[:-1], v[1:], v.replace('\\', '/'), v.replace('-', '/')])
    return e


def corpus(tool, data):
    with tempfile.TemporaryDirectory() as folder:
        events = folder + '/events.jsonl'
        records = [json.loads(line) for line in open(data + '/events.jsonl', encoding='utf-8')]
        real = [{k.replace(' ', ''): v for k, v in r['event'].items()} for r in records]
        lines = [json.dumps(e) for e in real + [near_miss(random.Random(i), e) for i, e in enumerate(real)]]
        open(events, 'w', encoding='utf-8').write('\n'.join(lines) + '\n')
        matched = found_by_match(tool, data + '/rules', events, [], (1, 2))
        got = json.loads(command([tool, 'render', '-f', 'json', '--pipeline', 'none', data + '/rules'], (0, 2)))
    rows = [dict(spl.event_of(line), _line=i + 1) for i, line in enumerate(lines)]
    wrong, _ = compare({rid: rule['query'] for rid, rule in got.items()}, matched, rows, {}, {})
    print(f'{len(got)} rules, {len(rows)} events, {sum(map(len, matched.values()))} detections, {wrong} disagreements')
    return 1 if wrong else 0


def main():
    tool = sys.argv[1] + '/siem-rules'
    if '--corpus' in sys.argv:
        return corpus(tool, sys.argv[sys.argv.index('--corpus') + 1].rstrip('/'))
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    wrong, seen = random_rounds(tool, seed, int(sys.argv[3]) if len(sys.argv) > 3 else 600)
    idle = [f for f, (hit, miss) in seen.items() if not hit or not miss]
    print(' '.join(f'{f.replace(" ", "_")}:{hit}/{miss}' for f, (hit, miss) in sorted(seen.items())))
    if idle:
        print(f'never seen to hit or to miss: {idle}')
    print(f'{wrong} disagreements')
    return 1 if wrong or idle else 0


if __name__ == '__main__':
    sys.exit(main())
