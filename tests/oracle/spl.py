#!/usr/bin/env python3
"""spl.py QUERY <EVENTS - run a search over events, JSON objects one a line, and print the rows that are left.

The part of SPL that siem-rules writes, from Splunk's manual and independent of the renderer; anything else is a syntax
error, also an AND beside an OR without parentheses between.  Commands: search, where, eval, bin, stats, eventstats,
streamstats, sort, rename, table, multisearch.

Fields are extracted as Splunk does it from JSON: nested ones under dotted names, lists as several values under their
name (and name{}), null as no field.  Comparisons and functions of an absent field give NULL, which is neither true
nor false; ABSENT=False makes it false, which must change nothing.  A keyword is looked for anywhere in a value.
An event's _time is its timestamp; TZ is the zone of the search's owner.
"""
import datetime
import ipaddress
import json
import math
import re
import sys
import time

ABSENT = None


class Wrong(Exception):
    """What a query cannot be."""


# --- text

def pieces(source, mark, brackets):
    """The parts between marks that stand outside of quotes and brackets."""
    parts, depth, at, quote, i = [], 0, 0, '', 0
    while i < len(source):
        c = source[i]
        if quote:
            if c == '\\' and quote == '"':
                i += 1
            elif c == quote:
                quote = ''
        elif c in '"\'':
            quote = c
        elif c in brackets:
            depth += 1 if c == brackets[0] else -1
        elif c == mark and depth == 0:
            parts.append(source[at:i].strip())
            at = i + 1
        i += 1
    if quote or depth:
        raise Wrong('quotes or brackets')
    return parts + [source[at:].strip()]


def split(text):
    """The commands of a pipeline."""
    return pieces(text, '|', '[]')


def cut(source, mark):
    """What stands in a list, without what is empty."""
    return [p for p in pieces(source, mark, '()') if p]


SEARCH = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[<>!]?=|[<>]|[(),]|[A-Za-z0-9_.*+-]+)', re.S)
EVAL = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'[^\']*\'|[<>!]?=|[<>]|[(),.*/+-]|\d+(?:\.\d+)?(?![\w])|[A-Za-z_]\w*)', re.S)


def tokens(pattern, text):
    out, at, text = [], 0, text.rstrip()
    while at < len(text):
        m = pattern.match(text, at)
        if not m:
            raise Wrong(f'cannot read {text[at:at + 30]!r}')
        out.append(m.group(1))
        at = m.end()
    return out


class Reader:
    def __init__(self, toks):
        self.toks, self.at = toks, 0

    def peek(self, ahead=0):
        return self.toks[self.at + ahead] if self.at + ahead < len(self.toks) else None

    def next(self, want=None):
        token = self.peek()
        if token is None or (want is not None and token != want):
            raise Wrong(f'{token!r} where {want!r} should stand')
        self.at += 1
        return token

    def end(self):
        if self.peek() is not None:
            raise Wrong(f'{self.peek()!r} behind the end')


def name_of(token):
    if token[0] == '"':
        return re.sub(r'\\(["\\])', r'\1', token[1:-1])
    if not re.fullmatch(r'[\w.]+', token):
        raise Wrong(f'name {token!r}')
    return token


# --- events

def flatten(value, name='', out=None):
    out = {} if out is None else out
    if isinstance(value, dict):
        for key, inner in value.items():
            flatten(inner, name + '.' + key if name else key, out)
    elif isinstance(value, list):
        for inner in value:
            flatten(inner, name, out)
            if not isinstance(inner, (dict, list)):
                flatten(inner, name + '{}', out)
    elif value is not None:
        text = ('true' if value else 'false') if isinstance(value, bool) else value
        out[name] = out[name] + [text] if isinstance(out.get(name), list) else [out[name], text] if name in out else text
    return out


def event_of(line):
    row = flatten(json.loads(line, parse_int=str, parse_float=str))
    row['_raw'] = [t for name, value in row.items() if not name.endswith('{}') for t in texts(value)]
    if 'timestamp' in row:
        row['_time'] = datetime.datetime.fromisoformat(row['timestamp'].replace('Z', '+00:00')).timestamp()
    return row


def texts(value):
    values = value if isinstance(value, list) else [value]
    return [text(v) for v in values if v is not None]


def text(v):
    if isinstance(v, bool):
        return 'true' if v else 'false'
    if isinstance(v, float):
        return str(int(v)) if v == int(v) else repr(v)
    return str(v)


def number(value):
    if isinstance(value, bool) or isinstance(value, list):
        return None
    try:
        n = float(value)
        return n if math.isfinite(n) else None
    except (TypeError, ValueError):
        return None


# --- search

def wildcard(token, inside=False):
    """A search value as a regular expression."""
    body, out, i = token[1:-1] if token[0] == '"' else token, '', 0
    while i < len(body):
        if body[i] == '\\' and i + 1 < len(body) and body[i + 1] in '\\"':
            i += 1
            out += re.escape(body[i])
        else:
            out += '.*' if body[i] == '*' else re.escape(body[i])
        i += 1
    regex = re.compile(out, re.I | re.S)
    return regex.search if inside else regex.fullmatch


def search_term(name, sign, token):
    if token[0] != '"' and not re.fullmatch(r'\*|true|false|-?\d+(\.\d+)?(e[+-]?\d+)?', token):
        raise Wrong(f'value {token!r}')
    bare = number(token) if token[0] != '"' else None
    if sign != '=':
        compare = {'>': float.__gt__, '>=': float.__ge__, '<': float.__lt__, '<=': float.__le__}[sign]
        limit = float(token)
        return lambda e: any(number(v) is not None and compare(number(v), limit) for v in texts(e.get(name)))
    if re.fullmatch(r'"[0-9a-fA-F.:]+/\d+"', token):
        net = ipaddress.ip_network(token[1:-1])
        return lambda e: any(in_network(v, net) for v in texts(e.get(name)))
    fits = wildcard(token)
    return lambda e: any(fits(v) or (bare is not None and number(v) == bare) for v in texts(e.get(name)))


def in_network(value, net):
    try:
        return ipaddress.ip_address(value) in net
    except ValueError:
        return False


def joined(parts, words):
    """One operator a level: which of AND and OR binds tighter is not for a query to ask."""
    if len(set(words)) > 1:
        raise Wrong('AND beside OR without parentheses')
    if not words:
        return parts[0]
    return (lambda e: any(p(e) for p in parts)) if words[0] == 'OR' else (lambda e: all(p(e) for p in parts))


def search_list(r):
    parts, words = [search_not(r)], []
    while r.peek() not in (None, ')'):
        words.append('OR' if r.peek() == 'OR' else 'AND')
        if r.peek() == 'OR':
            r.next()
        parts.append(search_not(r))
    return joined(parts, words)


def search_not(r):
    if r.peek() == 'NOT':
        r.next()
        inner = search_not(r)
        return lambda e: not inner(e)
    if r.peek() == '(':
        r.next()
        inner = search_list(r)
        r.next(')')
        return inner
    token = r.next()
    if r.peek() in ('=', '>', '>=', '<', '<='):
        return search_term(name_of(token), r.next(), r.next())
    if r.peek() == 'IN':
        r.next()
        r.next('(')
        parts = [search_term(name_of(token), '=', r.next())]
        while r.next() == ',':
            parts.append(search_term(name_of(token), '=', r.next()))
        return lambda e: any(p(e) for p in parts)
    if token == '*':
        return lambda e: True
    if token in ('AND', 'OR', 'NOT', 'IN') or token[0] in '(),=<>!':
        raise Wrong(f'{token!r} in a search')
    fits = wildcard(token, True)
    return lambda e: any(fits(v) for v in texts(e.get('_raw')))


# --- eval

def python_regex(pattern):
    pattern = re.sub(r'\\x\{([0-9a-f]+)\}', lambda m: re.escape(chr(int(m.group(1), 16))), pattern)
    return re.compile(pattern.replace('\\z', '\\Z'))


def strptime(value, form):
    try:
        return datetime.datetime.strptime(value, form).timestamp()
    except ValueError:
        return None


def substr(value, at, n):
    start = at - 1 if at > 0 else max(len(value) + at, 0)
    return value[start:] if n is None else value[start:start + int(n)]


FUNCTIONS = {
    'match': lambda v, p: any(python_regex(p).search(t) for t in texts(v)),
    'tonumber': number,
    'tostring': text,
    'lower': lambda v: [t.lower() for t in texts(v)] if isinstance(v, list) else text(v).lower(),
    'len': lambda v: float(len(text(v))) if plain(v) else None,
    'substr': lambda v, at, n=None: substr(text(v), int(at), n) if plain(v) else None,
    'split': lambda v, by: (text(v).split(text(by)) if text(by) else list(text(v))) if plain(v) and plain(by) else None,
    'mvcount': lambda v: float(len(v)) if isinstance(v, list) else 1.0,
    'strftime': lambda v, f: time.strftime(f, time.localtime(v)),
    'strptime': lambda v, f: strptime(text(v), f),
    'replace': lambda v, p, to: python_regex(p).sub(lambda m: re.sub(r'\\(\d)', lambda d: m.group(int(d.group(1))), to), text(v)),
    'ceiling': lambda v: float(math.ceil(v)),
    'cidrmatch': lambda net, v: any(in_network(t, ipaddress.ip_network(net)) for t in texts(v)),
}


def call(name, args):
    if name in ('isnull', 'isnotnull'):
        return lambda e: (args[0](e) is None) == (name == 'isnull')
    if name == 'if':
        return lambda e: args[1](e) if args[0](e) is True else args[2](e)
    if name == 'case':
        return lambda e: next((v(e) for c, v in zip(args[::2], args[1::2]) if c(e) is True), None)
    if name in ('null', 'true'):
        return lambda e: None if name == 'null' else True
    if name not in FUNCTIONS:
        raise Wrong(f'function {name}')

    def apply(e):
        values = [a(e) for a in args]
        if None in values:
            return ABSENT if name in ('match', 'cidrmatch') else None
        return FUNCTIONS[name](*values)
    return apply


def eval_atom(r):
    token = r.next()
    if token == '(':
        inner = eval_or(r)
        r.next(')')
        return inner
    if token[0] == '"':
        value = re.sub(r'\\(["\\])', r'\1', token[1:-1])
        return lambda e: value
    if token[0] == "'":
        return lambda e: e.get(token[1:-1])
    if token == '-' and re.fullmatch(r'\d+(\.\d+)?', r.peek() or ''):
        return (lambda value: lambda e: -value)(float(r.next()))
    if re.fullmatch(r'\d+(\.\d+)?', token):
        return lambda e: float(token)
    if not re.fullmatch(r'\w+', token) or token in ('AND', 'OR', 'NOT', 'XOR', 'IN', 'LIKE'):
        raise Wrong(f'{token!r} in an expression')
    if r.peek() != '(':
        return lambda e: e.get(token)
    r.next()
    args = []
    if r.peek() == ')':
        r.next()
        return call(token, args)
    args.append(eval_or(r))
    while r.next() == ',':
        args.append(eval_or(r))
    return call(token, args)


def eval_product(r):
    value = eval_atom(r)
    while r.peek() in ('*', '/'):
        sign, a, b = r.next(), value, eval_atom(r)
        value = (lambda a, b: lambda e: None if None in (a(e), b(e)) else a(e) * b(e))(a, b) if sign == '*' else \
            (lambda a, b: lambda e: None if None in (a(e), b(e)) else a(e) / b(e))(a, b)
    return value


def plain(value):
    """Has a function of a single value something to work on?"""
    return value is not None and not isinstance(value, list)


def eval_sum(r):
    """'.' joins texts, '+' and '-' are of numbers only here; they bind alike, from the left."""
    value = eval_product(r)
    while r.peek() in ('.', '+', '-'):
        sign, a, b = r.next(), value, eval_product(r)
        if sign == '.':
            value = (lambda a, b: lambda e: text(a(e)) + text(b(e)) if plain(a(e)) and plain(b(e)) else None)(a, b)
        else:
            value = (lambda a, b, by: lambda e: None if None in (number(a(e)), number(b(e))) else number(a(e)) + by * number(b(e)))(
                a, b, 1 if sign == '+' else -1)
    return value


def compare(sign, a, b):
    if a is None or b is None:
        return ABSENT
    if isinstance(a, list) or isinstance(b, list):
        return any(compare(sign, x, y) for x in texts(a) for y in texts(b))
    if number(a) is not None and number(b) is not None:
        a, b = number(a), number(b)
    else:
        a, b = text(a), text(b)
    return {'=': a == b, '!=': a != b, '>': a > b, '>=': a >= b, '<': a < b, '<=': a <= b}[sign]


def eval_compare(r):
    a = eval_sum(r)
    if r.peek() not in ('=', '!=', '>', '>=', '<', '<='):
        return a
    sign, b = r.next(), eval_sum(r)
    return lambda e: compare(sign, a(e), b(e))


def eval_not(r):
    if r.peek() == 'NOT':
        r.next()
        inner = eval_not(r)
        return lambda e: None if inner(e) is None else not inner(e)
    return eval_compare(r)


def eval_or(r):
    parts, words = [eval_not(r)], []
    while r.peek() in ('AND', 'OR'):
        words.append(r.next())
        parts.append(eval_not(r))
    if len(set(words)) > 1:
        raise Wrong('AND beside OR without parentheses')
    if not words:
        return parts[0]
    decides = words[0] == 'OR'

    def logic(e):
        values = [p(e) for p in parts]
        return decides if decides in values else None if None in values else not decides
    return logic


def expression(source):
    r = Reader(tokens(EVAL, source))
    value = eval_or(r)
    r.end()
    return value


# --- commands

def do_eval(rows, source):
    for part in cut(source, ','):
        name, value = re.fullmatch(r'(\w+)=(.*)', part, re.S).groups()
        value = expression(value)
        for row in rows:
            row[name] = value(row)
    return rows


def do_where(rows, source):
    held = expression(source)
    return [r for r in rows if held(r) is True]


def bucket(moment, span):
    """bin's: days and longer start at midnight of the owner's zone."""
    n, unit = re.fullmatch(r'(\d+)(s|m|h|d|w|mon)', span).groups()
    if unit == 'mon':
        t = time.localtime(moment)
        months = (t.tm_year * 12 + t.tm_mon - 1) // int(n) * int(n)
        return time.mktime((months // 12, months % 12 + 1, 1, 0, 0, 0, 0, 0, -1))
    width = int(n) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[unit]
    offset = time.localtime(moment).tm_gmtoff if unit in 'dw' else 0
    return (moment + offset) // width * width - offset


def do_bin(rows, source):
    m = re.fullmatch(r'_time span=(\w+)', source)
    if not m:
        raise Wrong(f'bin {source}')
    for row in rows:
        row['_time'] = bucket(row['_time'], m.group(1))
    return rows


def aggregates(source):
    """[(function, expression or None, name)], [group names]"""
    words = cut(source, ' ')
    by = words.index('by') if 'by' in words else len(words)
    names, calls, i = [name_of(w) for w in words[by + 1:]], [], 0
    while i < by:
        m = re.fullmatch(r'(count|dc|sum|avg|min|max|values)(?:\((.*)\))?', words[i], re.S)
        if not m or words[i + 1] != 'as' or (m.group(2) is None and m.group(1) != 'count'):
            raise Wrong(f'aggregate {words[i]}')
        inner = m.group(2)
        value = None
        if inner is not None and re.fullmatch(r'eval\(.*\)', inner, re.S):
            value = expression(inner[5:-1])
        elif inner is not None:
            if not re.fullmatch(r'[\w.]+', inner):
                raise Wrong(f'aggregate of {inner}')
            value = (lambda n: lambda e: e.get(n))(inner)
        calls.append((m.group(1), value, name_of(words[i + 2])))
        i += 3
    if not calls or (by < len(words) and not names):
        raise Wrong('stats without function or group')
    return calls, names


def aggregate(function, value, rows):
    if function == 'count':
        return len(rows) if value is None else sum(1 for r in rows if value(r) is True)
    found = [v for r in rows for v in (texts(value(r)) if value(r) is not None else [])]
    if function == 'dc':
        return len(set(found))
    if function == 'values':
        return sorted(set(found)) or None
    numbers = [number(v) for v in found if number(v) is not None]
    if not numbers:
        return None
    return {'sum': sum, 'min': min, 'max': max, 'avg': lambda n: sum(n) / len(n)}[function](numbers)


def keys_of(row, names):
    """A row counts under each of several values of a group."""
    keys = [()]
    for name in names:
        value = row.get(name)
        values = [] if value is None else value if isinstance(value, list) else [value]
        keys = [k + (v,) for k in keys for v in dict.fromkeys(values)]
    return keys


def do_stats(rows, source):
    calls, names = aggregates(source)
    groups = {}
    for row in rows:
        for key in keys_of(row, names):
            groups.setdefault(key, []).append(row)
    return [dict(zip(names, key), **{name: aggregate(f, v, members) for f, v, name in calls})
            for key, members in groups.items()]


def do_eventstats(rows, source):
    calls, names = aggregates(source)
    groups = {}
    for row in rows:
        for key in keys_of(row, names):
            groups.setdefault(key, []).append(row)
    made = {key: {name: aggregate(f, v, members) for f, v, name in calls} for key, members in groups.items()}
    for row in rows:
        keys = keys_of(row, names)
        for _, _, name in calls:
            row[name] = made[keys[0]][name] if keys else None
    return rows


def do_streamstats(rows, source):
    calls, names = aggregates(source)
    seen = {}
    for row in rows:
        keys = keys_of(row, names)
        for key in keys:
            seen.setdefault(key, []).append(row)
        for f, v, name in calls:
            row[name] = aggregate(f, v, seen[keys[0]]) if keys else None
    return rows


def do_sort(rows, source):
    name = re.fullmatch(r'0 (\w+)', source).group(1)
    return sorted(rows, key=lambda r: (r.get(name) is None, number(r.get(name)) or 0))


def do_rename(rows, source):
    for part in cut(source, ','):
        words = cut(part, ' ')
        if len(words) != 3 or words[1] != 'as':
            raise Wrong(f'rename {part}')
        old, new = name_of(words[0]), name_of(words[2])
        for row in rows:
            row[new] = row.pop(old, None)
    return rows


def do_table(rows, source):
    names = [name_of(part) for part in cut(source, ',')]
    return [{n: r.get(n) for n in names} for r in rows]


COMMANDS = {'where': do_where, 'eval': do_eval, 'bin': do_bin, 'stats': do_stats, 'eventstats': do_eventstats,
            'streamstats': do_streamstats, 'sort': do_sort, 'rename': do_rename, 'table': do_table}


def base(source, events):
    r = Reader(tokens(SEARCH, source))
    held = search_list(r)
    r.end()
    return [dict(e) for e in events if held(e)]


def multisearch(source, events):
    rows, at = [], 0
    searches = re.split(r' \] \[ search ', re.fullmatch(r'multisearch \[ search (.*) \]', source, re.S).group(1))
    if len(searches) < 2:
        raise Wrong('multisearch of one')
    for inner in searches:
        steps = split(inner)
        if any(s.split(' ', 1)[0] not in ('where', 'eval') for s in steps[1:]):
            raise Wrong('multisearch takes streaming commands only')
        rows += run(inner, events)
        at += 1
    return rows


def run(query, events):
    """The rows that a search leaves; events are left as they are."""
    steps = split(query)
    if steps[0] == '':
        if not steps[1].startswith('multisearch '):
            raise Wrong('no base search')
        rows, steps = multisearch(steps[1], events), steps[2:]
    else:
        rows, steps = base(steps[0], events), steps[1:]
    for step in steps:
        command, _, source = step.partition(' ')
        if command not in COMMANDS:
            raise Wrong(f'command {command}')
        rows = COMMANDS[command](rows, source.strip())
    return rows


def main():
    events = [event_of(line) for line in sys.stdin]
    try:
        rows = run(sys.argv[1], events)
    except Wrong as why:
        sys.exit(f'spl.py: {why}')
    for row in rows:
        print(json.dumps(row, sort_keys=True))


if __name__ == '__main__':
    main()
