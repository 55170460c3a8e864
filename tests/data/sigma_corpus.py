#!/usr/bin/env python3
"""sigma_corpus.py BUILD DATA - render the public Sigma rules of DATA and compare with the expected SPL.

Equal after folding white space is asked of every rule whose expected text is right: no regular expression, no "?"
wildcard, no literal "*", no control character in a value.  Rules with a placeholder must be refused by name.
Everything else must be rendered.  Prints the counts and every difference; ends with 1 if there is any.
"""
import json
import re
import subprocess
import sys
import time

# Whose expected text is wrong: NOT over an OR without parentheses.
WRONG = {'proc_creation_win_regsvr32_flags_anomaly'}


def fold(text):
    return ' '.join(text.split())


def odd_value(text):
    """Does a rule's file have a value that search cannot say exactly?"""
    text = text.split('detection:', 1)[-1].split('condition:', 1)[0]
    text = re.sub(r'\\\\', '', text)
    return re.search(r'\?|\\\*|[^\x20-\x7e\s\u0080-\U0010ffff]|\\[nrtx]', text) is not None


def main():
    build, data = sys.argv[1], sys.argv[2].rstrip('/')
    started = time.monotonic()
    run = subprocess.run([build + '/siem-rules', 'render', '-f', 'json', '--pipeline', 'none', data + '/rules'],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    seconds = time.monotonic() - started
    got = json.loads(run.stdout)
    refused = {}
    for line in run.stderr.decode().splitlines():
        path, message = re.fullmatch(r'siem-rules: (.*?):\d+: (.*)', line).groups()
        refused[path[len(data + '/rules/'):]] = message
    count = dict.fromkeys(['equal', 'rendered otherwise, on purpose', 'refused placeholder', 'fieldref', 'different'], 0)
    for line in open(data + '/expected-spl.jsonl', encoding='utf-8'):
        want = json.loads(line)
        path, rule = want['path'], got.get(want['id'])
        name = path.rsplit('/', 1)[-1][:-4]
        if want.get('error') == 'SigmaPlaceholderError':
            good = rule is None and '[placeholder]' in refused.get(path, '')
            kind = 'refused placeholder' if good else 'different'
        elif 'error' in want:
            kind = 'fieldref' if rule is not None else 'different'
        elif rule is None:
            kind = 'different'
        elif fold(rule['query']) == fold(want['spl']):
            kind = 'equal'
        elif want['uses_re'] or name in WRONG or odd_value(open(f'{data}/rules/{path}', encoding='utf-8').read()):
            kind = 'rendered otherwise, on purpose'
            if '--show' in sys.argv:
                print(f"- {path}\n  want {fold(want['spl'])[:1500]}\n  got  {fold(rule['query'])[:1500]}")
        else:
            kind = 'different'
        count[kind] += 1
        if kind == 'different':
            print(f"{path}\n  want {fold(want.get('spl', want.get('error')))[:1500]}\n"
                  f"  got  {fold(rule['query'])[:1500] if rule else refused.get(path)}")
    for kind, n in count.items():
        print(f'{n:5d} {kind}')
    print(f'{sum(count.values()):5d} rules in {seconds:.2f} s')
    return 1 if count['different'] or count['equal'] == 0 else 0


sys.exit(main())
