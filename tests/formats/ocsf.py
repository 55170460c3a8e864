#!/usr/bin/env python3
"""ocsf.py RECORDS - is each a valid API Activity by the schema of OCSF 1.8.0, as the package ocsf-json-schema ships it?

Read from the schema: names, types, what is required, enums, at_least_one, arrays, and which attributes are a
profile's and so need it in metadata.profiles.  Besides: type_uid = class_uid * 100 + activity_id.
"""
import copy, json, os, sys
import ocsf_json_schema

with open(os.path.join(os.path.dirname(ocsf_json_schema.__file__), "ocsf", "1.8.0.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)
CLASS = SCHEMA["classes"]["api_activity"]
TYPES = SCHEMA["dictionary"]["types"]["attributes"]
PYTHON = {"string_t": str, "integer_t": int, "long_t": int, "boolean_t": bool, "float_t": float}


def base(name):
    while name not in PYTHON:
        name = TYPES[name]["type"]
    return PYTHON[name]


def wrong_value(at, a, value):
    if a["type"] == "object_t":
        if a["object_type"] == "object":
            return [] if isinstance(value, dict) else [at + ": no object"]
        return wrong_object(at, SCHEMA["objects"][a["object_type"]], value, None)
    if a["type"] == "json_t":
        return []
    if type(value) is not base(a["type"]):
        return [at + ": not a " + a["type"]]
    if "enum" in a and str(value) not in a["enum"]:
        return [at + ": not in the enum"]
    return []


def wrong_object(at, schema, o, profiles):
    if not isinstance(o, dict):
        return [at + ": no object"]
    found, attributes = [], schema["attributes"]
    for name, value in o.items():
        here, a = at + "." + name, attributes.get(name)
        if a is None:
            found.append(here + ": no such attribute")
            continue
        if "@deprecated" in a and name != "invoked_by":
            found.append(here + ": deprecated")
        if profiles is not None and a.get("profiles") and not set(a["profiles"]) & profiles:
            found.append(here + ": its profile is not named")
        if a.get("is_array"):
            found += [here + ": no array"] if not isinstance(value, list) or not value else \
                [w for v in value for w in wrong_value(here, a, v)]
        else:
            found += wrong_value(here, a, value)
    for name, a in attributes.items():
        needed = a["requirement"] == "required" and not (a.get("profiles") and not set(a["profiles"]) & (profiles or set()))
        if needed and name not in o:
            found.append(at + "." + name + ": missing")
    for rule, names in (schema.get("constraints") or {}).items():
        n = sum(name in o for name in names)
        if n == 0 or (rule == "just_one" and n > 1):
            found.append(at + ": " + rule)
    return found


def wrong(r):
    profiles = set(r["metadata"].get("profiles", []))
    found = wrong_object("event", CLASS, r, profiles)
    if not profiles <= set(CLASS["profiles"]):
        found.append("no such profile")
    if r["metadata"]["version"] != SCHEMA["version"] or r["class_uid"] != CLASS["uid"]:
        found.append("version or class")
    if r["type_uid"] != r["class_uid"] * 100 + r["activity_id"]:
        found.append("type_uid")
    for sibling, key in (("activity_name", "activity_id"), ("severity", "severity_id"), ("status", "status_id"),
                         ("action", "action_id"), ("disposition", "disposition_id"), ("type_name", "type_uid")):
        caption = CLASS["attributes"][key]["enum"].get(str(r.get(key)), {}).get("caption")
        if key in r and r[key] != 99 and r[sibling] != caption:
            found.append(sibling)
    for profile, name in (("ai_operation", "ai_model"), ("security_control", "action_id")):
        if (profile in profiles) != (name in r):
            found.append(profile)
    return found


def main(path):
    with open(path, encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    modelled = next(r for r in records if "ai_model" in r)

    def planted(change):
        r = copy.deepcopy(modelled)
        change(r)
        return wrong(r)

    faults = [lambda r: r.update(activity_id=5), lambda r: r.update(type_uid=600301), lambda r: r.pop("time"),
              lambda r: r.update(time="now"), lambda r: r["ai_model"].pop("ai_provider"), lambda r: r["metadata"].pop("profiles"),
              lambda r: r["metadata"].pop("product"), lambda r: r.update(extra=1), lambda r: r["src_endpoint"].clear(),
              lambda r: r.update(severity_id=9), lambda r: r["actor"].clear(), lambda r: r["api"].pop("operation"),
              lambda r: r["resources"].append({"type": "x"}), lambda r: r["raw_data_hash"].pop("value")]
    for i, fault in enumerate(faults):
        if not planted(fault):
            sys.exit("planted fault %d was not found" % i)
    bad = 0
    for i, r in enumerate(records, 1):
        found = wrong(r)
        if found:
            bad += 1
            if bad <= 10:
                print("record %d: %s" % (i, "; ".join(found)))
    print("%d records, %d invalid; %d planted faults found" % (len(records), bad, len(faults)))
    sys.exit(bad != 0 or not records)


main(sys.argv[1])
