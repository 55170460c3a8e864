#!/usr/bin/env python3
"""formats.py make SEED N                N events of every shape, one a line
formats.py combinations                 an event for each type and each set of optional members
formats.py check FORMAT NATIVE RECORDS  turn each record back into its entry, by code of our own

An independent reading of what audit-emit -f FORMAT writes: no member may be dropped, so the entry can be
rebuilt from the record, and the record carries the SHA-256 of the native line.  Besides, what the pages
promise of each format is held against every record.
"""
import datetime, hashlib, itertools, json, random, re, sys

TYPES = {"phi_read": ("read", []), "phi_write": ("write", []), "ai_inference_with_phi": ("infer", []),
         "phi_access_denied": ("deny", ["read", "write", "infer"]),
         "ai_injection_attempt": ("deny", ["read", "write", "infer"]),
         "ai_phi_output_detected": ("infer", ["deny"])}
ALWAYS = ["action", "ai_model_version", "event_id", "event_type", "patient_id", "phi_fields_accessed", "request_id",
          "resource_id", "resource_type", "service_component", "source_ip", "timestamp", "use_case", "user_id", "user_role"]
OPTIONAL = ["agent_id", "on_behalf_of", "ai_model_id", "ai_provider", "outcome", "purpose", "break_glass", "reason_code",
            "recipient", "session_id", "tenant"]
FHIR_TYPES = {"Patient", "Observation", "DocumentReference", "MedicationRequest", "Encounter"}
PURPOSES = {"TREAT", "ETREAT", "HPAYMT", "HOPERAT", "HRESCH", "PATRQT", "BTG"}


# ---- making events

class Maker:
    POOL = "abcXYZ._:/@+-#~='\\|$" + "éł患\u0301\U00010348"

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def token(self, n=128):  # "@_" begins no domain: these are no addresses
        text = "".join(self.rng.choice(self.POOL) for _ in range(self.rng.choice((1, 3, 7, 20, n))))
        return text.replace("@", "@_")[:n]

    def id(self):
        return self.rng.choice((self.token(), "a-%d.Z" % self.rng.randrange(10**6), "x" * 64, "x" * 65, "b[]\"".replace('[]"', "")))

    def label(self):
        return " ".join(self.token(4)[:13] for _ in range(self.rng.randint(1, 4)))

    def optional(self):
        rng, e = self.rng, {}
        for k in OPTIONAL:
            if rng.random() < 0.4:
                e[k] = self.id()
        if "outcome" in e:
            e["outcome"] = rng.choice(("success", "failure", "denied"))
        if "break_glass" in e:
            e["break_glass"] = rng.random() < 0.5
        if "purpose" in e and rng.random() < 0.7:
            e["purpose"] = rng.choice(sorted(PURPOSES))
        return e

    def event(self, kind):
        rng = self.rng
        derived, others = TYPES[kind]
        rt = rng.choice(sorted(FHIR_TYPES) + ["ai_prompt", "observation", "P\u00e1tient"])
        rid = rng.choice((self.id(), "17", rt + "/17", rt + "/", "Encounter/9", rt + "/a/b", None))
        e = {"event_id": self.id(), "event_type": kind, "action": rng.choice([derived] + others),
             "timestamp": "20%02d-%02d-%02dT23:59:59%sZ" % (rng.randint(0, 25), rng.randint(1, 12), rng.randint(1, 28),
                                                            rng.choice(("", ".5", ".000", ".1234567", ".123456789"))),
             "user_id": self.id(), "user_role": self.label(), "request_id": self.id(),
             "patient_id": rng.choice((self.id(), "P1", "Patient/9", "Patient/x y".replace(" ", ":"))),
             "resource_type": rt, "resource_id": rid, "use_case": self.label(),
             "source_ip": rng.choice(("::1", "10.2.3.4", "2001:DB8::A", "::ffff:1.2.3.4")),
             "service_component": self.label(), "ai_model_version": self.label(),
             "phi_fields_accessed": rng.choice((None, [], ["name"], ["a.b_1", "Observation.value[x]", "a.b_1"]))}
        if kind not in ("phi_read", "phi_write", "ai_inference_with_phi") and rng.random() < 0.5:
            e["patient_id"] = None
        if kind not in ("ai_inference_with_phi", "ai_phi_output_detected") and rng.random() < 0.5:
            e["ai_model_version"] = None
        e.update(self.optional())
        if kind == "phi_access_denied" and e.get("outcome") == "success":
            e["outcome"] = "denied"
        return e


def make(seed, n):
    maker = Maker(int(seed))
    for i, kind in zip(range(int(n)), itertools.cycle(TYPES)):
        print(json.dumps(maker.event(kind)))


def combinations():
    """Every type with every set of optional members; what may be null is so in turn."""
    maker = Maker(7)
    for kind, n in itertools.product(TYPES, range(1 << len(OPTIONAL))):
        e = {k: v for k, v in maker.event(kind).items() if k not in OPTIONAL}
        full = {}
        while len(full) < len(OPTIONAL):
            full.update(maker.optional())
        e.update({k: full[k] for i, k in enumerate(OPTIONAL) if n >> i & 1})
        if kind == "phi_access_denied" and e.get("outcome") == "success":
            e["outcome"] = "failure"
        print(json.dumps(e))


# ---- reading records back

def fhir_what(what, known):
    """(type, id) of a Reference, as exactly as it tells them; known: the type, if it is."""
    if "reference" in what:
        assert set(what) == {"reference"}
        kind, rid = what["reference"].split("/")
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", rid) and kind[0].isupper()
        return kind, {rid, what["reference"]}
    if "type" in what:
        assert re.fullmatch("[A-Z][A-Za-z]+", what["type"])
        kind = what["type"]
    else:
        kind = what["identifier"]["type"]["text"]
    value = what.get("identifier", {}).get("value")
    assert value is not None or kind not in FHIR_TYPES or what["display"] == kind
    return kind, {value}


def fhir(r, native, e):
    assert r["resourceType"] == "AuditEvent" and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", r["recorded"])
    agents = r["agent"]
    code = lambda a: a["type"]["coding"][0]["code"]
    assert [a["requestor"] for a in agents].count(True) == 1
    person = next(a for a in agents if a["requestor"])
    assert person["who"]["identifier"]["value"] == e.get("on_behalf_of", e["user_id"])
    net = [a for a in agents if "network" in a]
    assert len(net) == 1 and code(net[0]) in ("110152", "110153") and net[0]["network"]["type"] == "2"
    assert all(code(a) != "IRCP" or a["requestor"] for a in agents)
    client, server = (("110152", "110153") if r["action"] == "R" else ("110153", "110152"))
    alarm = e["event_type"] in ("ai_injection_attempt", "ai_phi_output_detected")
    assert r["type"]["code"] == ("110113" if alarm else "rest")
    assert alarm or r["action"] == {"read": "R", "write": "U", "infer": "E", "deny": "E"}[e["action"]]
    assert alarm is False or r["action"] == "E"
    if not alarm:
        assert code(net[0]) == client and sum(code(a) == server for a in agents) == 1
    interaction = {"read": "read", "write": "update", "infer": "operation"}.get(e["action"])
    assert [c["code"] for c in r.get("subtype", [])] == ([interaction] if interaction and not alarm else [])
    assert ("meta" in r) == (e["event_type"] == "ai_inference_with_phi")
    if "meta" in r:
        assert r["meta"]["security"][0]["code"] == "AIAST"
    wanted = {"success": "0", "failure": "4", "denied": "8"}.get(e.get("outcome"))
    if wanted is None:
        wanted = "8" if alarm or e["event_type"] == "phi_access_denied" else "0"
    assert r["outcome"] == wanted
    entity = {x["type"]["code"]: x for x in r["entity"]}
    assert set(entity) <= {"1", "2", "XrequestId"} and ("1" in entity) == (e["patient_id"] is not None)
    got = {k: None for k in ALWAYS}
    for d in entity["2"]["detail"]:
        assert set(d) == {"type", "valueString"} and d["valueString"]
        if d["type"] == "phi_fields_accessed":
            got[d["type"]] = (got[d["type"]] or []) + ([] if d["valueString"] == "[]" else [d["valueString"]])
        else:
            got[d["type"]] = d["valueString"]
    assert got.pop("integrity_hash") == hashlib.sha256(native.encode()).hexdigest()
    if "break_glass" in got:
        got["break_glass"] = {"true": True, "false": False}[got["break_glass"]]
    if "id" in r:
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", r["id"]) and got["event_id"] is None
        got["event_id"] = r["id"]
    got["timestamp"] = r["recorded"]
    purposes = [c["coding"][0]["code"] if "coding" in c else c["text"] for c in r.get("purposeOfEvent", [])]
    assert all(("coding" in c) == (p in PURPOSES) for c, p in zip(r.get("purposeOfEvent", []), purposes))
    if "purpose" in e:
        got["purpose"] = purposes.pop(0)
    assert purposes == (["BTG"] if e.get("break_glass") and e.get("purpose") != "BTG" else [])
    users = [a for a in agents if "role" in a and code(a) != "110150"]
    assert len(users) == 1
    got["user_id"], got["user_role"] = users[0]["who"]["identifier"]["value"], users[0]["role"][0]["text"]
    if "on_behalf_of" in e:
        got["on_behalf_of"] = person["who"]["identifier"]["value"]
    for a in agents:
        if code(a) == "110150":
            assert a["who"]["type"] == "Device"
            got["agent_id"] = a["who"]["identifier"]["value"]
    got["source_ip"] = net[0]["network"]["address"]
    got["service_component"] = r["source"]["observer"]["display"]
    assert sum(a["who"].get("identifier", {}).get("value") == e["service_component"] for a in agents) >= 1
    got["request_id"] = entity["XrequestId"]["what"]["identifier"]["value"]
    if "1" in entity:
        kind, ids = fhir_what(entity["1"]["what"], True)
        assert kind == "Patient" and e["patient_id"] in ids
        got["patient_id"] = e["patient_id"]
    kind, ids = fhir_what(entity["2"]["what"], e["resource_type"] in FHIR_TYPES)
    assert e["resource_id"] in ids
    got["resource_id"] = e["resource_id"]
    assert got.get("resource_type") in (None, kind)
    assert (got.get("resource_type") is None) == (kind in FHIR_TYPES)
    got["resource_type"] = kind
    return got


def ocsf(r, native, e):
    m, actor, un = r["metadata"], r["actor"], r.get("unmapped", {})
    assert (r["class_uid"], r["category_uid"], m["version"]) == (6003, 6, "1.8.0")
    assert r["type_uid"] == r["class_uid"] * 100 + r["activity_id"]
    assert r["activity_id"] == {"read": 2, "write": 3}.get(e["action"], 99)
    assert r["severity_id"] == {"phi_access_denied": 3, "ai_injection_attempt": 4, "ai_phi_output_detected": 5}.get(e["event_type"], 1)
    bad = e.get("outcome", "success" if e["event_type"].startswith("phi_") and e["action"] != "deny" and
                e["event_type"] != "phi_access_denied" or e["event_type"] == "ai_inference_with_phi" else "failure")
    assert r["status_id"] == (1 if bad == "success" else 2)
    profiles = m.get("profiles", [])
    assert profiles is not None and ("profiles" not in m or profiles)
    assert ("ai_model" in r) == ("ai_operation" in profiles) == ("ai_model_id" in e or e["ai_model_version"] is not None)
    assert ("action_id" in r) == ("disposition_id" in r) == ("security_control" in profiles)
    assert r["time"] == ms(e["timestamp"])
    got = {k: None for k in ALWAYS}
    got.update(un)
    got.update(event_id=m["uid"], event_type=m["event_code"], timestamp=m["original_time"], user_id=actor["user"]["uid"],
               user_role=actor["user"]["type"], service_component=actor["app_name"], action=r["api"]["operation"],
               request_id=r["api"]["request"]["uid"], source_ip=r["src_endpoint"]["ip"])
    assert m["correlation_uid"] == got["request_id"] and r["api"]["service"]["name"] == got["service_component"]
    for key, value in (("tenant", m.get("tenant_uid")), ("agent_id", actor.get("app_uid")),
                       ("on_behalf_of", actor.get("invoked_by")), ("session_id", actor.get("session", {}).get("uid"))):
        if value is not None:
            got[key] = value
    if "ai_model" in r:
        got["ai_model_version"] = r["ai_model"].get("version")
        if "ai_model_id" in e:
            got["ai_model_id"] = r["ai_model"]["name"]
        else:
            assert r["ai_model"]["name"] == e["ai_model_version"]
        if "ai_provider" in e:
            got["ai_provider"] = r["ai_model"]["ai_provider"]
        else:
            assert r["ai_model"]["ai_provider"] == "Unknown"
    if e["patient_id"] is not None:
        p = r["resources"].pop(0)
        assert p["type"] == "Patient"
        got["patient_id"] = p["uid"]
    (d,) = r["resources"]
    got["resource_type"], got["resource_id"] = d["type"], d.get("uid")
    assert r["raw_data"] == native
    assert r["raw_data_hash"] == {"algorithm": "SHA-256", "algorithm_id": 3, "value": hashlib.sha256(native.encode()).hexdigest()}
    return got


def ecs(r, native, e):
    v, labels = r["event"], r["labels"]
    got = {k: None for k in ALWAYS}
    assert all(isinstance(x, str) for x in labels.values())
    got.update(labels)
    if "phi_fields_accessed" in labels:
        text = labels["phi_fields_accessed"]
        got["phi_fields_accessed"] = text.split(",") if text else []
    if "break_glass" in labels:
        got["break_glass"] = {"true": True, "false": False}[labels["break_glass"]]
    got.update(event_id=v["id"], event_type=v["action"], timestamp=r["@timestamp"], user_id=r["user"]["id"],
               user_role=r["user"]["roles"][0], source_ip=r["source"]["ip"], service_component=r["service"]["name"],
               request_id=r["http"]["request"]["id"])
    ai = r.get("gen_ai", {})
    for key, value in (("on_behalf_of", r["user"].get("effective", {}).get("id")), ("tenant", r.get("organization", {}).get("id")),
                       ("agent_id", ai.get("agent", {}).get("id")), ("ai_provider", ai.get("system")),
                       ("ai_model_id", ai.get("request", {}).get("model")), ("reason_code", v.get("reason")),
                       ("ai_model_version", ai.get("response", {}).get("model"))):
        if value is not None:
            got[key] = value
    assert r["ecs"]["version"].startswith("9.") and v["kind"] == "event" and v["original"] == native
    assert v["hash"] == hashlib.sha256(native.encode()).hexdigest()
    assert e["user_id"] in r["related"]["user"] and e.get("on_behalf_of", e["user_id"]) in r["related"]["user"]
    assert r["related"]["ip"] == [e["source_ip"]]
    ended = e.get("outcome")
    assert ended is None or v["outcome"] == ("success" if ended == "success" else "failure")
    return got


def syslog(line, native, e):
    severity = {"phi_access_denied": 4, "ai_injection_attempt": 2, "ai_phi_output_detected": 2}.get(e["event_type"], 5)
    m = re.fullmatch(r'<(\d+)>1 (\S+) - audit-emit - (\S+) \[audit@32473 event_id="((?:[^"\\\]]|\\["\\\]])*)" '
                     r'integrity_hash="([0-9a-f]{64})"\] (.*)', line)
    assert m and int(m[1]) == 80 + severity and m[3] == e["event_type"] and m[6] == native
    assert m[2] == re.sub(r"(\.\d{6})\d+", r"\1", e["timestamp"])
    assert re.sub(r"\\(.)", r"\1", m[4]) == e["event_id"]
    assert m[5] == hashlib.sha256(native.encode()).hexdigest()
    return json.loads(m[6])


def cef_parse(line):
    head, extension = re.fullmatch(r"(CEF:0(?:\|(?:[^|\\]|\\.)*){6})\|(.*)", line).groups()
    pairs = re.findall(r"(?:^| )([A-Za-z0-9]+)=((?:[^=\\]|\\.)*?)(?=$| [A-Za-z0-9]+=)", extension)
    assert " ".join("%s=%s" % p for p in pairs) == extension
    assert len({k for k, _ in pairs}) == len(pairs)
    return head.split("|"), {k: re.sub(r"\\(.)", r"\1", v) for k, v in pairs}


def cef(line, native, e):
    head, x = cef_parse(line)
    assert head[4] == e["event_type"] and 0 <= int(head[6]) <= 10
    got = dict(json.loads(x["msg"]))
    assert x["msg"] == native and x["fileHash"] == hashlib.sha256(native.encode()).hexdigest()
    assert int(x["rt"]) == ms(e["timestamp"])
    six = ":" in e["source_ip"]
    assert ("c6a2" in x) == six and ("src" in x) != six and ("c6a2Label" in x) == six
    got["source_ip"] = x["c6a2" if six else "src"]
    places = {"event_id": "externalId", "user_id": "suser", "user_role": "spriv", "action": "act", "outcome": "outcome",
              "service_component": "deviceProcessName", "patient_id": "cs1", "ai_model_version": "cs2", "use_case": "cs3",
              "resource_type": "cs4", "resource_id": "cs5", "request_id": "cs6", "agent_id": "flexString1",
              "on_behalf_of": "flexString2"}
    for member, key in places.items():
        assert (key in x) == (e.get(member) is not None)
        if key in x:
            got[member] = x[key]
        if key in x and re.match("cs|flex", key):
            assert x[key + "Label"] == member
    return got


def ms(timestamp):
    m = re.fullmatch(r"(.{19})(?:\.(\d+))?Z", timestamp)
    t = datetime.datetime.strptime(m[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return (t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1) + \
        int(((m[2] or "") + "000")[:3])


def check(name, natives, records):
    back, n = globals()[name], 0
    with open(natives, encoding="ascii", newline="\n") as a, open(records, encoding="utf-8", newline="\n") as b:
        for native, record in itertools.zip_longest(a, b):
            native, record = native[:-1], record[:-1]
            e = json.loads(native)
            if name in ("fhir", "ocsf", "ecs"):
                r = json.loads(record)
                assert json.dumps(r) == record, "not what json.dumps writes"
                got = back(r, native, e)
            else:
                got = back(record, native, e)
            assert got == e, (got, e)
            n += 1
    print(n)


if __name__ == "__main__":
    {"make": make, "check": check, "combinations": combinations}[sys.argv[1]](*sys.argv[2:])
