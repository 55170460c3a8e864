#!/usr/bin/env python3
"""spl.py QUERY <EVENTS - run a search over events, JSON objects one a line, and print the rows that are left.

The part of SPL that siem-rules writes, from Splunk's manual and independent of the renderer: search terms, eval,
where, bin, stats count and dc, table.  Comparisons with an absent field give NULL, which is neither true nor false.
An event's _time is its timestamp; TZ is the zone of the search's owner.
"""
import datetime
import ipaddress
import json
import re
import sys
import time

TOKENS = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'[^\']*\'|[<>!]?=|[<>]|[(),|\[\]]|[^\s"\'()<>=!,|\[\]]+)')


def tokens(text):
    out, at = [], 0
    text = text.rstrip()
    while at < len(text):
        m = TOKENS.match(text, at)
        if not m:
            sys.exit(f'spl.py: cannot read {text[at:at + 30]!r}')
        out.append(m.group(1))
        at = m.end()
    return out


def plain(token):
    return re.sub(r'\\(.)', r'\1', token[1:-1], flags=re.S) if token[0] == '"' else token


def unescape_eval(token):
    """A string of eval: \\" and \\\\ are escapes, any other backslash stands for itself."""
    return re.sub(r'\\(["\\])', r'\1', token[1:-1])


class Parser:
    def __init__(self, toks):
        self.toks, self.at = toks, 0

    def peek(self, ahead=0):
        return self.toks[self.at + ahead] if self.at + ahead < len(self.toks) else None

    def next(self, want=None):
        token = self.peek()
        if token is None or (want is not None and token != want):
            sys.exit(f'spl.py: {token!r} where {want!r} should stand')
        self.at += 1
        return token


def wildcard(token):
    """A search value as a regular expression."""
    body = token[1:-1] if token[0] == '"' else token
    out, i = '', 0
    while i < len(body):
        if body[i] == '\\' and i + 1 < len(body) and body[i + 1] in '\\"':
            i += 1
            out += re.escape(body[i])
        else:
            out += '.*' if body[i] == '*' else re.escape(body[i])
        i += 1
    return re.compile(out, re.I | re.S)


def texts(value):
    values = value if isinstance(value, list) else [value]
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in values if v is not None]


def search_term(event, field, sign, token):
    have = texts(event.get(field))
    if sign == '=':
        if re.fullmatch(r'"\d+\.\d+\.\d+\.\d+/\d+"', token):
            return any(ipaddress.ip_address(h) in ipaddress.ip_network(token[1:-1]) for h in have)
        return any(wildcard(token).fullmatch(h) for h in have)
    compare = {'>': float.__gt__, '>=': float.__ge__, '<': float.__lt__, '<=': float.__le__}[sign]
    return any(compare(float(h), float(token)) for h in have)


def search_or(p, event):
    held = search_and(p, event)
    while p.peek() == 'OR':
        p.next()
        held = search_and(p, event) or held
    return held


def search_and(p, event):
    held = search_not(p, event)
    while p.peek() not in (None, ')', 'OR'):
        held = search_not(p, event) and held
    return held


def search_not(p, event):
    if p.peek() == 'NOT':
        p.next()
        return not search_not(p, event)
    if p.peek() == '(':
        p.next()
        held = search_or(p, event)
        p.next(')')
        return held
    token = p.next()
    if p.peek() in ('=', '>', '>=', '<', '<='):
        return search_term(event, plain(token), p.next(), p.next())
    if p.peek() == 'IN':
        p.next()
        p.next('(')
        held = False
        while True:
            held = search_term(event, plain(token), '=', p.next()) or held
            if p.next() == ')':
                return held
    if token == '*':
        return True
    return any(wildcard('"*' + plain(token) + '*"').fullmatch(v) for value in event.values() for v in texts(value))


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def call(name, args):
    if name == 'isnotnull':
        return args[0] is not None
    if name == 'isnull':
        return args[0] is None
    if None in args:
        return None
    if name == 'match':
        return any(re.search(args[1].replace('\\z', '\\Z'), v) for v in texts(args[0]))
    if name == 'tonumber':
        return number(args[0])
    if name == 'lower':
        return str(args[0]).lower()
    if name == 'strftime':
        return time.strftime(args[1], time.localtime(args[0]))
    sys.exit(f'spl.py: no function {name}')


def atom(p, row):
    token = p.next()
    if token == '(':
        value = where_or(p, row)
        p.next(')')
        return value
    if token[0] == '"':
        return unescape_eval(token)
    if token[0] == "'":
        return row.get(token[1:-1])
    if re.fullmatch(r'-?\d+(\.\d+)?', token):
        return float(token)
    if p.peek() == '(':
        p.next()
        args = [where_or(p, row)]
        while p.next() == ',':
            args.append(where_or(p, row))
        return call(token, args)
    return row.get(token)


def where_compare(p, row):
    a = atom(p, row)
    if p.peek() not in ('=', '!=', '>', '>=', '<', '<='):
        return a
    sign, b = p.next(), atom(p, row)
    if a is None or b is None:
        return None
    if number(a) is not None and number(b) is not None:
        a, b = number(a), number(b)
    else:
        a, b = str(a), str(b)
    return {'=': a == b, '!=': a != b, '>': a > b, '>=': a >= b, '<': a < b, '<=': a <= b}[sign]


def where_not(p, row):
    if p.peek() == 'NOT':
        p.next()
        value = where_not(p, row)
        return None if value is None else not value
    return where_compare(p, row)


def where_list(p, row, word, part, decides):
    values = [part(p, row)]
    while p.peek() == word:
        p.next()
        values.append(part(p, row))
    if len(values) == 1:
        return values[0]
    return decides if decides in values else None if None in values else not decides


def where_and(p, row):
    return where_list(p, row, 'AND', where_not, False)


def where_or(p, row):
    return where_list(p, row, 'OR', where_and, True)


def seconds(span):
    return int(span[:-1]) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[span[-1]]


def bucket(moment, span):
    """bin's: days and longer start at midnight of the owner's zone."""
    offset = time.localtime(moment).tm_gmtoff if span[-1] in 'dw' else 0
    return (moment + offset) // seconds(span) * seconds(span) - offset


def stats(toks, rows):
    by = [plain(t) for t in toks[toks.index('by') + 1:]]
    field = toks[toks.index('(') + 1] if toks[0] == 'dc' else None
    name, groups = toks[toks.index('as') + 1], {}
    for row in rows:
        key = tuple(row.get(b) for b in by)
        if None not in key:
            groups.setdefault(key, []).append(row.get(field) if field else 1)
    return [dict(zip(by, key), **{name: len({v for v in values if v is not None}) if field else len(values)})
            for key, values in groups.items()]


def run(query, events):
    toks = tokens(query)
    cuts = [i for i, t in enumerate(toks) if t == '|'] + [len(toks)]
    base = toks[:cuts[0]]
    rows = [e for e in events if search_or(Parser(base), e)]
    for start, end in zip(cuts, cuts[1:]):
        command, args = toks[start + 1], toks[start + 2:end]
        if command == 'where':
            rows = [r for r in rows if where_or(Parser(args), r) is True]
        elif command == 'eval':
            p = Parser(args)
            while True:
                name, _, at = p.next(), p.next('='), p.at
                for row in rows:
                    p.at = at
                    row[name] = where_compare(p, row)
                if p.peek() != ',':
                    break
                p.next()
        elif command == 'bin':
            for row in rows:
                row['_time'] = bucket(row['_time'], args[3])
        elif command == 'stats':
            rows = stats(args, rows)
        elif command == 'table':
            rows = [{plain(t): r.get(plain(t)) for t in args if t != ','} for r in rows]
        else:
            sys.exit(f'spl.py: no command {command}')
    return rows


def main():
    events = [json.loads(line) for line in sys.stdin]
    for event in events:
        event['_time'] = datetime.datetime.fromisoformat(event['timestamp'].replace('Z', '+00:00')).timestamp()
    for row in run(sys.argv[1], events):
        print(json.dumps(row, sort_keys=True))


main()
