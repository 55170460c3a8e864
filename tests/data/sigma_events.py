#!/usr/bin/env python3
"""sigma_events.py BUILD DATA - search the real events of DATA with all its rules: exactly the listed ones fire.

DATA/events.jsonl has {"event": ..., "matches": [ids]} a line; ids may be of rules that DATA/rules has.  Ends with 1 if any
rule is missed or fires besides.
"""
import collections
import json
import subprocess
import sys
import tempfile


def main():
    build, data = sys.argv[1], sys.argv[2].rstrip('/')
    want = []
    with tempfile.NamedTemporaryFile('w', suffix='.jsonl') as events:
        for line in open(data + '/events.jsonl', encoding='utf-8'):
            row = json.loads(line)
            want.append(collections.Counter(row['matches']))
            events.write(json.dumps(row['event']) + '\n')
        events.flush()
        run = subprocess.run([build + '/siem-rules', 'match', '-r', data + '/rules', events.name],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    got = [collections.Counter() for _ in want]
    for line in run.stdout.decode().splitlines():
        row = json.loads(line)
        got[row['lines'][0] - 1][row['rule_id']] += 1
    missed = sum((w - g).total() for w, g in zip(want, got))
    false = sum((g - w).total() for w, g in zip(want, got))
    for i, (w, g) in enumerate(zip(want, got), 1):
        for name in w - g:
            print(f'event {i}: {name} is missed')
        for name in g - w:
            print(f'event {i}: {name} fires besides')
    print(f'{len(want):5d} events, {sum(w.total() for w in want)} detections due, '
          f'{missed} missed, {false} false')
    return 1 if missed or false or not want else 0


sys.exit(main())
