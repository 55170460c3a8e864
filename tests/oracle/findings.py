#!/usr/bin/env python3
"""findings.py <SARIF - the list of findings of siem-rules-check(7), from what check --format sarif says of itself."""
import json
import sys


def mdoc(text):
    return text.replace('\\', '\\e').replace('-', '\\-') if text.startswith('-') else text.replace('\\', '\\e')


for rule in json.load(sys.stdin)['runs'][0]['tool']['driver']['rules']:
    print(f".It Li {rule['id']} Pq {rule['defaultConfiguration']['level']}")
    print(mdoc(rule['shortDescription']['text']))
    print(mdoc(rule['help']['text']))
