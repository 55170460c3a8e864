#!/usr/bin/env python3
"""The canonical form, one json.loads and json.dumps a line: canon.py LOG"""
import json
import sys

with open(sys.argv[1], "rb") as log:
    for line in log:
        sys.stdout.write(json.dumps(json.loads(line), sort_keys=True) + "\n")
