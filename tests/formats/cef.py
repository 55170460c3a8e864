#!/usr/bin/env python3
"""cef.py NATIVE RECORDS - does pycef find in each record the values of its entry?  (It leaves backslashes as they are.)"""
import hashlib, json, re, sys
import pycef

KEYS = {"event_id": "externalId", "user_id": "suser", "user_role": "spriv", "action": "act", "outcome": "outcome",
        "service_component": "deviceProcessName", "patient_id": "patient_id", "ai_model_version": "ai_model_version",
        "use_case": "use_case", "resource_type": "resource_type", "resource_id": "resource_id", "request_id": "request_id",
        "agent_id": "agent_id", "on_behalf_of": "on_behalf_of"}
n = 0
with open(sys.argv[1], encoding="utf-8") as natives, open(sys.argv[2], encoding="utf-8", newline="\n") as records:
    for native, record in zip(natives, records, strict=True):
        native, e = native.rstrip("\n"), json.loads(native)
        got = {k: re.sub(r"\\(.)", r"\1", v) for k, v in pycef.parse(record.rstrip("\n")).items()}
        for member, key in KEYS.items():
            assert got.get(key) == e.get(member), (member, got.get(key), e.get(member))
        assert got["Source IPv6 Address" if ":" in e["source_ip"] else "src"] == e["source_ip"]
        assert got["msg"] == native and got["fileHash"] == hashlib.sha256(native.encode()).hexdigest()
        assert got["DeviceEventClassID"] == e["event_type"] and int(got["rt"]) > 0
        n += 1
print("%d records" % n)
sys.exit(n == 0)
