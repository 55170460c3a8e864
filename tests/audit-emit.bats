#!/usr/bin/env bats
# audit-emit(1) and audit-entry(5): one test a promise.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	good='{"event_id":"e-1","event_type":"phi_read","timestamp":"2026-01-05T08:00:00.000Z","user_id":"dr.lee","user_role":"physician","patient_id":"P1","resource_type":"Patient","resource_id":null,"use_case":"treatment","source_ip":"10.0.0.7","service_component":"gw","request_id":"r-1","ai_model_version":null,"phi_fields_accessed":["name"]}'
	native='{"action": "read", "ai_model_version": null, "event_id": "e-1", "event_type": "phi_read", "patient_id": "P1", "phi_fields_accessed": ["name"], "request_id": "r-1", "resource_id": null, "resource_type": "Patient", "service_component": "gw", "source_ip": "10.0.0.7", "timestamp": "2026-01-05T08:00:00.000Z", "use_case": "treatment", "user_id": "dr.lee", "user_role": "physician"}'
	all=(--event-id e-1 --event-type phi_read --timestamp 2026-01-05T08:00:00.000Z --user-id dr.lee
		--user-role physician --patient-id P1 --resource-type Patient --use-case treatment
		--source-ip 10.0.0.7 --service-component gw --request-id r-1 --phi-fields-accessed name)
}

# with MEMBER VALUE...: the good event with these members (values as JSON) set.
with() {
	python3 -c '
import json, sys
e = json.loads(sys.argv[1])
for k, v in zip(sys.argv[2::2], sys.argv[3::2]):
    e[k] = json.loads(v)
print(json.dumps(e))' "$good" "$@"
}

# without MEMBER...: the good event without these.
without() {
	python3 -c '
import json, sys
e = json.loads(sys.argv[1])
for k in sys.argv[2:]:
    del e[k]
print(json.dumps(e))' "$good" "$@"
}

# emits LINE INPUT [OPTION...]: INPUT gives exactly LINE and nothing is said.
emits() {
	local line=$1 input=$2
	shift 2
	run -0 --separate-stderr audit-emit "$@" <<<"$input"
	[[ $output == "$line" && -z $stderr ]]
}

# refuses RULE PLACE INPUT [OPTION...]: INPUT is refused so, and nothing is emitted.
refuses() {
	local rule=$1 place=$2 input=$3
	shift 3
	run -1 --separate-stderr audit-emit -q "$@" <<<"$input"
	[[ -z $output && $stderr == "audit-emit: <stdin>:1: $place"*" [$rule]" ]] || {
		echo "$stderr"
		return 1
	}
}

# peers: entries of many shapes, and what Python makes of them, in events and wanted.
peers() {
	python3 - "$1" <<'EOF'
import json, random, sys
rng = random.Random(int(sys.argv[1]))
types = {"phi_read": "read", "phi_write": "write", "ai_inference_with_phi": "infer",
         "phi_access_denied": "deny", "ai_injection_attempt": "deny", "ai_phi_output_detected": "infer"}
pool = "abcXYZ019._:/@+-#~='\\|$" + "\u00e9\u0142\u60a3\u0301\U00010348\U0001d7c2"[:5]
def token(n=128):  # "@_" begins no domain: these are no addresses
    return "".join(rng.choice(pool) for _ in range(rng.choice((1, 2, 7, 20, n)))).replace("@", "@_")[:n]
def label(): return " ".join(token(4)[:13] for _ in range(rng.randint(1, 4)))
def maybe(v): return v if rng.random() < 0.6 else None
def path(): return rng.choice(("name", "Observation.value[x]", "a.b_1.c", "x" * 128))
with open("events", "w", encoding="utf-8") as events, open("wanted", "w") as wanted:
    for i in range(2000):
        t = rng.choice(list(types))
        e = {"event_id": token(), "event_type": t, "timestamp": "2026-%02d-%02dT23:59:59%sZ" % (
                 rng.randint(1, 12), rng.randint(1, 28), rng.choice(("", ".5", ".000", ".123456789"))),
             "user_id": token(), "user_role": label(), "patient_id": token(),
             "resource_type": token(64)[:64], "resource_id": maybe(token()), "action": types[t],
             "use_case": label(), "source_ip": rng.choice(("::1", "10.2.3.4", "2001:DB8::A", "::ffff:1.2.3.4")),
             "service_component": label(), "request_id": token(), "ai_model_version": label(),
             "phi_fields_accessed": maybe([path() for _ in range(rng.choice((0, 1, 3, 256)))])}
        for k in ("agent_id", "on_behalf_of", "ai_model_id", "ai_provider", "purpose", "reason_code",
                  "recipient", "session_id", "tenant"):
            if rng.random() < 0.3:
                e[k] = token()
        if rng.random() < 0.3:
            e["break_glass"] = rng.random() < 0.5
        if rng.random() < 0.3:
            e["outcome"] = rng.choice(("failure", "denied"))
        members = list(e.items())
        rng.shuffle(members)
        e = dict(members)
        style = rng.randrange(4)
        key = (lambda k: "".join(p.capitalize() if n else p for n, p in enumerate(k.split("_")))) if style == 3 else str
        if len(json.dumps(e, ensure_ascii=False).encode()) > 65535:
            continue
        print(json.dumps({key(k): v for k, v in e.items()}, ensure_ascii=style < 2,
                         separators=((",", ":") if style == 1 else None)), file=events)
        print(json.dumps(e, sort_keys=True), file=wanted)
EOF
}

@test "a line is json.dumps(entry, sort_keys=True), whatever the event's order, spacing and spelling" {
	for seed in 1 2; do
		peers $seed
		run -0 --separate-stderr audit-emit -o got events
		[[ -z $stderr ]]
		same got wanted
	done
	[[ $(wc -l <got) -gt 1500 ]]
}

@test "any number of workers gives the same bytes" {
	peers 3
	for _ in 1 2 3 4; do cat events; done >many
	for jobs in 1 2 5; do
		audit-emit -j $jobs many >got.$jobs
		audit-emit -j $jobs -f cloudwatch <many >cw.$jobs
	done
	same got.1 got.2
	same got.1 got.5
	same cw.1 cw.2
	same cw.1 cw.5
}

@test "integrityHash is the SHA-256 of the native line, and the record is json.dumps(record)" {
	peers 4
	audit-emit -f cloudwatch events >records
	python3 - <<'EOF'
import hashlib, json
order = ["eventType", "eventTime", "userIdentity", "requestParameters", "sourceIPAddress", "userAgent",
         "requestID", "aiContext", "eventID", "additionalEventData", "integrityHash"]
inner = {"userIdentity": ["userId", "role"], "aiContext": ["modelVersion", "phiFieldsAccessed"],
         "requestParameters": ["patientId", "resourceType", "resourceId", "action", "useCase"]}
extra = ["agent_id", "on_behalf_of", "ai_model_id", "ai_provider", "outcome", "purpose", "break_glass",
         "reason_code", "recipient", "session_id", "tenant"]
n = 0
for native, text in zip(open("wanted"), open("records")):
    e, r = json.loads(native), json.loads(text)
    assert text == json.dumps(r) + "\n"
    given = {k: e[k] for k in extra if k in e}
    assert list(r) == [k for k in order if k != "additionalEventData" or given]
    assert all(list(r[k]) == inner[k] for k in inner)
    assert r.get("additionalEventData", {}) == given
    assert r["integrityHash"] == hashlib.sha256(native.rstrip("\n").encode()).hexdigest()
    p = r["requestParameters"]
    assert (r["eventType"], r["eventTime"], r["eventID"], r["requestID"]) == (
        e["event_type"], e["timestamp"], e["event_id"], e["request_id"])
    assert (r["userIdentity"]["userId"], r["userIdentity"]["role"]) == (e["user_id"], e["user_role"])
    assert (p["patientId"], p["resourceType"], p["resourceId"], p["action"], p["useCase"]) == (
        e["patient_id"], e["resource_type"], e["resource_id"], e["action"], e["use_case"])
    assert (r["sourceIPAddress"], r["userAgent"]) == (e["source_ip"], e["service_component"])
    assert (r["aiContext"]["modelVersion"], r["aiContext"]["phiFieldsAccessed"]) == (
        e["ai_model_version"], e["phi_fields_accessed"])
    n += 1
assert n > 1500
EOF
	sum=$(head -1 wanted | tr -d '\n' | sha256sum)
	[[ $(head -1 records) == *"${sum%% *}\"}" ]]
}

@test "cloudwatch records read back, in any order and spacing, give the native bytes" {
	peers 5
	audit-emit -f cloudwatch -o records events
	audit-emit --from cloudwatch records | cmp - wanted
	python3 -c '
import json, random
rng = random.Random(6)
def shuffled(o):
    if not isinstance(o, dict):
        return o
    m = list(o.items())
    rng.shuffle(m)
    return {k: shuffled(v) for k, v in m}
for line in open("records"):
    print(json.dumps(shuffled(json.loads(line)), ensure_ascii=False, separators=(" ,  ", ":")))' >shuffled
	audit-emit --from cloudwatch <shuffled | cmp - wanted
	audit-emit --from cloudwatch -f cloudwatch <shuffled | cmp - records
}

@test "a cloudwatch record with any value changed is refused" {
	audit-emit -f cloudwatch <<<"$(with tenant '"t"' break_glass true)" >record
	python3 - <<'EOF'
import json, subprocess
r = json.load(open("record"))
new = {"eventType": "ai_injection_attempt", "eventTime": "2026-01-05T08:00:01Z", "sourceIPAddress": "10.0.0.8",
       "phiFieldsAccessed": ["mrn"], "break_glass": False, "action": "write", "integrityHash": "0" * 64,
       "modelVersion": "m", "resourceId": "x"}
def refused(r, rule):
    p = subprocess.run(["audit-emit", "-q", "--from", "cloudwatch"], input=json.dumps(r).encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert p.returncode == 1 and not p.stdout, (r, p)
    assert p.stderr.decode().endswith("[%s]\n" % rule), (r, p.stderr)
for k, v in r.items():
    for inner in (v if isinstance(v, dict) else [None]):
        changed = json.loads(json.dumps(r))
        at, key = (changed[k], inner) if inner else (changed, k)
        at[key] = new.get(key, "other")
        refused(changed, "contradiction" if key == "action" else "hash-mismatch")
refused(dict(r, integrityHash=r["integrityHash"].upper()), "hash-mismatch")
refused(dict(r, integrityHash=None), "hash-mismatch")
EOF
}

@test "nothing is filled into a cloudwatch record, but an absent action is derived" {
	audit-emit -f cloudwatch <<<"$good" >record
	python3 - <<'EOF'
import json, subprocess
r = json.load(open("record"))
fields = {"eventType": "event_type", "eventTime": "timestamp", "eventID": "event_id", "requestID": "request_id",
          "userId": "user_id", "role": "user_role", "patientId": "patient_id", "resourceType": "resource_type",
          "resourceId": "resource_id", "useCase": "use_case", "sourceIPAddress": "source_ip",
          "userAgent": "service_component", "modelVersion": "ai_model_version",
          "phiFieldsAccessed": "phi_fields_accessed", "integrityHash": "integrityHash"}
def run(r):
    return subprocess.run(["audit-emit", "-q", "--from", "cloudwatch"], input=json.dumps(r).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
seen = 0
for k, v in r.items():
    for inner in (v if isinstance(v, dict) else [None]):
        less = json.loads(json.dumps(r))
        at, key = (less[k], inner) if inner else (less, k)
        del at[key]
        p = run(less)
        if key == "action":
            assert p.returncode == 0 and p.stdout == run(r).stdout != b"", p
        else:
            want = 'audit-emit: <stdin>:1: field "%s": missing [missing]\n' % fields[key]
            assert p.returncode == 1 and p.stderr.decode() == want, (key, p)
            seen += 1
assert seen == 15
EOF
	run -2 --separate-stderr audit-emit --from cloudwatch --user-id x record
	[[ $stderr == *"option --from: nothing is filled into records of this format"* ]]
}

@test "unknown members of a cloudwatch record are refused, at every level" {
	audit-emit -f cloudwatch <<<"$(with tenant '"t"')" >record
	refuses unknown-key "member 12: " "$(jq -c '.eventVersion = "1"' record)" --from cloudwatch
	refuses unknown-key "member 3: " "$(jq -c '.userIdentity.arn = "1"' record)" --from cloudwatch
	refuses unknown-key "member 10: " "$(jq -c '.additionalEventData.user_id = "1"' record)" --from cloudwatch
	refuses unknown-key "member 10: " "$(jq -c '.additionalEventData.agentId = "1"' record)" --from cloudwatch
	refuses content-key "member 3: " "$(jq -c '.userIdentity.prompt = "1"' record)" --from cloudwatch
	refuses unknown-key "member 1: " "$good" --from cloudwatch
	refuses kind 'field "user_id": ' "$(jq -c '.userIdentity = "x"' record)" --from cloudwatch
}

@test "the reference logger's own records are refused as missing" {
	refuses missing 'field "event_id": ' '{"eventType":"phi_read","eventTime":"2026-01-05T08:00:00Z","userIdentity":{"userId":"u","role":"r"},"requestParameters":{"patientId":"P","resourceType":"Patient","action":"read","useCase":"c"},"sourceIPAddress":"::1","userAgent":"gw","requestID":"r","aiContext":{"modelVersion":null,"phiFieldsAccessed":null},"integrityHash":"00"}' --from cloudwatch
}

@test "what is absent is filled in: id, time, action, nulls" {
	run -0 --separate-stderr audit-emit <<<"$(without event_id timestamp resource_id ai_model_version phi_fields_accessed)"
	python3 - "$output" <<'EOF'
import datetime, json, re, sys, uuid
e = json.loads(sys.argv[1])
u = uuid.UUID(e["event_id"])
assert str(u) == e["event_id"] and u.version == 4 and u.variant == uuid.RFC_4122
assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", e["timestamp"])
t = datetime.datetime.strptime(e["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
assert abs((datetime.datetime.utcnow() - t).total_seconds()) < 30
assert e["action"] == "read" and len(e) == 15
assert e["resource_id"] is e["ai_model_version"] is e["phi_fields_accessed"] is None
assert sys.argv[1] == json.dumps(e, sort_keys=True)
EOF
}

@test "no two generated ids are the same" {
	without event_id >one
	for _ in {1..11}; do
		cat one one >two
		mv two one
	done
	audit-emit one | grep -o '"event_id": "[^"]*"' | sort | uniq -d >twice
	[[ ! -s twice && $(wc -l <one) == 2048 ]]
}

@test "-n makes one entry of the options" {
	run -0 --separate-stderr audit-emit -n "${all[@]}"
	[[ $output == "$native" && -z $stderr ]]
	run -0 --separate-stderr audit-emit --null-input "${all[@]}" --agent-id a --on-behalf-of b --ai-model-id c \
		--ai-provider d --outcome failure --purpose TREAT --break-glass --reason-code e --recipient f \
		--session-id g --tenant h --resource-id i --ai-model-version j --action read
	[[ $(jq -c '[.agent_id,.on_behalf_of,.ai_model_id,.ai_provider,.outcome,.purpose,.break_glass,.reason_code,.recipient,.session_id,.tenant,.resource_id,.ai_model_version,.action]' <<<"$output") == \
		'["a","b","c","d","failure","TREAT",true,"e","f","g","h","i","j","read"]' ]]
}

@test "-n refuses what a line would be refused for, and reads nothing" {
	run -1 --separate-stderr audit-emit -n "${all[@]}" --user-id 'BAD VALUE'
	[[ $stderr == 'audit-emit: field "user_id": not of its kind [kind]' && -z $output ]]
	run -1 --separate-stderr audit-emit -n
	[[ $stderr == 'audit-emit: field "event_type": missing [missing]' ]]
	run -2 audit-emit -n "${all[@]}" /dev/null
	run -2 audit-emit -n "${all[@]}" -
	run -2 audit-emit -n "${all[@]}" --map .
	run -2 audit-emit -n "${all[@]}" --from cloudwatch
}

@test "--break-glass takes true or false, and is true without a value" {
	for given in "--break-glass" "--break-glass=true" "--break-glass true"; do
		# shellcheck disable=SC2086
		run -0 audit-emit $given <<<"$good"
		[[ $output == *'"break_glass": true'* ]]
	done
	run -0 audit-emit --break-glass false <<<"$good"
	[[ $output == *'"break_glass": false'* ]]
	refuses kind 'field "break_glass": ' "$good" --break-glass=maybe
	refuses kind 'field "break_glass": ' "$good" --break-glass 'QzCanary7xK 1'
	run -0 audit-emit --break-glass --reason-code R <<<"$good"
	[[ $output == *'"break_glass": true'*'"reason_code": "R"'* ]]
	printf '%s\n' "$good" >events
	run -0 audit-emit --break-glass events
	[[ $output == *'"break_glass": true'* ]]
}

@test "--phi-fields-accessed takes a list; an empty one means nothing was read" {
	run -0 audit-emit --phi-fields-accessed a,b.c,a <<<"$(without phi_fields_accessed)"
	[[ $output == *'"phi_fields_accessed": ["a", "b.c", "a"]'* ]]
	run -0 audit-emit --phi-fields-accessed '' <<<"$(without phi_fields_accessed)"
	[[ $output == *'"phi_fields_accessed": []'* ]]
	refuses kind 'field "phi_fields_accessed": ' "$(without phi_fields_accessed)" --phi-fields-accessed a,,b
}

@test "options fill what a line lacks; a line's own value wins, null too" {
	run -0 audit-emit --user-id other --tenant t <<<"$good"
	[[ $output == *'"user_id": "dr.lee"'* && $output == *'"tenant": "t"'* ]]
	run -0 audit-emit --user-id other <<<"$(without user_id)"
	[[ $output == *'"user_id": "other"'* ]]
	run -0 audit-emit --resource-id R <<<"$good"
	[[ $output == *'"resource_id": null'* ]]
	run -0 audit-emit --timestamp 2026-01-05T09:00:00+01:00 <<<"$(without timestamp)"
	[[ $output == *'"timestamp": "2026-01-05T08:00:00Z"'* ]]
	refuses kind 'field "user_id": ' "$(without user_id)" --user-id 'a b'
}

@test "every member may be given in camelCase, and no other spelling" {
	camel=$(jq -c 'with_entries(.key |= gsub("_(?<x>.)"; .x | ascii_upcase))' <<<"$good")
	[[ $camel == *phiFieldsAccessed* ]]
	emits "$native" "$camel"
	refuses unknown-key "member 15: " "$(with User_id '"x"')"
	refuses unknown-key "member 15: " "$(with userID '"x"')"
	refuses unknown-key "member 15: " "$(with user-id '"x"')"
}

@test "a member given twice is refused, also in two spellings or with escapes" {
	for again in '"user_id"' '"userId"' '"\u0075ser_id"' '"user\u0049d"'; do
		refuses json-duplicate "" "${good%\}},$again:\"x\"}"
	done
	refuses json-duplicate "" '{"userId":"a","user_id":"a"}'
}

@test "each required member is missed, absent or null" {
	for field in event_type user_id user_role patient_id resource_type use_case source_ip service_component request_id; do
		refuses missing "field \"$field\": " "$(without $field)"
		refuses missing "field \"$field\": " "$(with $field null)"
	done
	for type in phi_write ai_inference_with_phi; do
		refuses missing 'field "patient_id": ' "$(with event_type "\"$type\"" ai_model_version '"m"' patient_id null)"
	done
	for type in phi_access_denied ai_injection_attempt ai_phi_output_detected; do
		run -0 audit-emit <<<"$(with event_type "\"$type\"" ai_model_version '"m"' patient_id null)"
	done
	for type in ai_inference_with_phi ai_phi_output_detected; do
		refuses missing 'field "ai_model_version": ' "$(with event_type "\"$type\"")"
	done
}

@test "no member is made of a number, and each has its kind" {
	for field in event_id timestamp user_id user_role patient_id resource_type resource_id action use_case source_ip \
		service_component request_id ai_model_version phi_fields_accessed agent_id on_behalf_of ai_model_id \
		ai_provider outcome purpose break_glass reason_code recipient session_id tenant event_type; do
		for bad in 12345 '{}' '[1]' 1e3; do
			refuses kind "field \"$field\": " "$(with $field "$bad")"
		done
	done
	refuses kind 'field "tenant": ' "$(with tenant null)"
	refuses kind 'field "user_id": ' "$(with user_id '""')"
	refuses kind 'field "user_id": ' "$(with user_id true)"
	refuses kind 'field "resource_type": ' "$(with resource_type '"a b"')"
	refuses kind 'field "user_role": ' "$(with user_role '"a b c d e"')"
	refuses kind 'field "source_ip": ' "$(with source_ip '"10.0.0.7:80"')"
	refuses kind 'field "source_ip": ' "$(with source_ip '"fe80::1%eth0"')"
	refuses kind 'field "phi_fields_accessed": ' "$(with phi_fields_accessed '"name"')"
	refuses kind 'field "phi_fields_accessed": ' "$(with phi_fields_accessed "[$(printf '"a",%.0s' {1..256})\"a\"]")"
	refuses enum 'field "action": ' "$(with action '"reads"')"
	refuses enum 'field "outcome": ' "$(with outcome '"SUCCESS"')"
	refuses enum 'field "event_type": ' "$(with event_type '"phi_delete"')"
}

@test "times are RFC 3339, converted to Z with the fraction given" {
	while read -r given wanted; do
		run -0 audit-emit <<<"$(with timestamp "\"$given\"")"
		[[ $output == *"\"timestamp\": \"$wanted\""* ]]
	done <<-EOF
		2026-01-05T08:00:00Z 2026-01-05T08:00:00Z
		2026-01-05T08:00:00.500+05:30 2026-01-05T02:30:00.500Z
		2026-12-31T23:30:00.123456789-01:00 2027-01-01T00:30:00.123456789Z
		2026-01-05t08:00:00z 2026-01-05T08:00:00Z
	EOF
	for bad in 2026-01-05T08:00:00 2026-01-05T24:00:00Z 2026-01-05T08:00:60Z 9999-12-31T23:59:59-01:00 2026-01-05 \
		2026-02-30T08:00:00Z 2026-01-05T08:00:00.0123456789Z 1767600000 ""; do
		refuses time 'field "timestamp": ' "$(with timestamp "\"$bad\"")"
	done
}

@test "actions and event types go together as the table says" {
	python3 - "$good" <<'EOF'
import json, subprocess, sys
allowed = {"phi_read": "read", "phi_write": "write", "ai_inference_with_phi": "infer",
           "phi_access_denied": "deny read write infer", "ai_injection_attempt": "deny read write infer",
           "ai_phi_output_detected": "infer deny"}
lines, wanted = [], []
for t, ok in allowed.items():
    for a in (None, "read", "write", "infer", "deny"):
        for o in (None, "success", "failure", "denied"):
            e = dict(json.loads(sys.argv[1]), event_type=t, ai_model_version="m")
            if a: e["action"] = a
            if o: e["outcome"] = o
            lines.append(json.dumps(e))
            good = (a is None or a in ok.split()) and not (t == "phi_access_denied" and o == "success")
            if good: wanted.append(json.dumps(dict(e, action=a or ok.split()[0]), sort_keys=True))
p = subprocess.run(["audit-emit", "-q"], input="\n".join(lines).encode(), stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE)
assert p.stdout.decode().splitlines() == wanted
assert p.stderr.count(b"[contradiction]") == len(lines) - len(wanted) == p.stderr.count(b"\n")
EOF
}

@test "content keys are told at any depth, by place, before unknown keys" {
	refuses content-key "member 15: " "$(with prompt '"x"')"
	refuses content-key "member 16: " "$(with foo 1 llmResponse 2)"
	refuses content-key "member 15: " "$(with foo '[{"bar": {"clinical-notes": 1}}]')"
	refuses content-key "member 4: " "$(with user_id '{"HTTPBody": 1}')"
	for key in response completion text note content messages input output body query rawPromptText USER_QUERY; do
		refuses content-key "member 15: " "$(with $key null)"
	done
	for key in context notebook x inputs_ok; do
		[[ $key == inputs_ok ]] || refuses unknown-key "member 15: " "$(with $key null)"
	done
}

@test "hidden characters are refused in every member" {
	for field in event_id user_id user_role patient_id resource_type resource_id use_case service_component request_id \
		ai_model_version agent_id purpose tenant; do
		for hidden in '\u0007' '\u200b' '\u202e' '\ufeff' '\u0085' '\u2060'; do
			refuses char "field \"$field\": " "$(with $field "\"a${hidden}b\"")"
		done
	done
	refuses char 'field "phi_fields_accessed": ' "$(with phi_fields_accessed '["na\u200bme"]')"
	refuses char 'field "source_ip": ' "$(with source_ip '"10.0.0.7\n"')"
	refuses kind 'field "user_id": ' "$(with user_id '"a b\u200b"')"
}

@test "letters and marks of any script are kept as given, other characters are not let in" {
	run -0 audit-emit <<<"$(with user_id '"m\u00fcller/\u60a3\u8005.e\u0301"' use_case '"\u0442\u0435\u0441\u0442 a"')"
	[[ $output == *'"user_id": "m\u00fcller/\u60a3\u8005.e\u0301"'* && $output == *'"use_case": "\u0442\u0435\u0441\u0442 a"'* ]]
	for bad in '\u00a0' '\u0663' '\u2167' '\ud83d\ude00' '\u2028' '\u00d7' ';' '?' '%' '"'; do
		refuses kind 'field "user_id": ' "$(with user_id "\"a${bad/\"/\\\"}b\"")"
	done
}

@test "--vocab accepts only what its file lists" {
	printf 'physician\nnurse practitioner\n\n' >roles
	emits "$native" "$good" --vocab user_role=roles
	run -0 audit-emit --vocab user_role=roles <<<"$(with user_role '"nurse practitioner"')"
	refuses enum 'field "user_role": ' "$(with user_role '"nurse"')" --vocab user_role=roles
	printf 'nurse' >others
	run -0 audit-emit --vocab user_role=roles --vocab user_role=others <<<"$(with user_role '"nurse"')"
	run -2 audit-emit --vocab user_role=/no/such <<<"$good"
	run -2 audit-emit --vocab no_such=roles <<<"$good"
	run -2 audit-emit --vocab timestamp=roles <<<"$good"
	run -2 audit-emit --vocab roles <<<"$good"
	: >empty
	run -2 audit-emit --vocab user_role=empty <<<"$good"
	printf 'nurse\nDr. X; canary\n' >bad
	run -2 --separate-stderr audit-emit --vocab user_role=bad <<<"$good"
	[[ $stderr == 'audit-emit: bad:2: no value that field "user_role" could have' ]]
}

@test "a bad line is reported, counted and skipped, the rest goes on, exit 1" {
	printf '%s\n' "$good" '{"x' "$good" "$(with foo 1)" "$good" >events
	run -1 --separate-stderr audit-emit events
	[[ $output == "$native"$'\n'"$native"$'\n'"$native" ]]
	[[ ${stderr_lines[0]} == "audit-emit: events:2: "*" [json-syntax]" ]]
	[[ ${stderr_lines[1]} == "audit-emit: events:4: member 15: "*" [unknown-key]" ]]
	[[ ${stderr_lines[2]} == "audit-emit: 3 written, 2 refused: json-syntax 1, unknown-key 1" && ${#stderr_lines[@]} == 3 ]]
	run -1 --separate-stderr audit-emit -q events
	[[ ${#stderr_lines[@]} == 2 ]]
}

@test "--strict stops at the first refusal; what came before stands" {
	for _ in {1..3000}; do printf '%s\n' "$good"; done >many
	{
		cat many
		echo '{'
		cat many
		echo '}'
	} >events
	for jobs in 1 3; do
		run -1 --separate-stderr audit-emit -j $jobs --strict --rejects rejects events
		[[ ${#lines[@]} == 3000 && ${lines[2999]} == "$native" ]]
		[[ ${stderr_lines[0]} == "audit-emit: events:3001: "* && ${#stderr_lines[@]} == 2 ]]
		[[ $(wc -l <rejects) == 1 ]]
	done
	run -1 --separate-stderr audit-emit --strict --map '., {}, .' <<<"$good"
	[[ $output == "$native" && ${#stderr_lines[@]} == 2 ]]
}

@test "--rejects gets a line a refusal: file, line, field, rule, bytes" {
	printf '%s\n' "$good" "$(with user_id '"a b"')" '[1]' "$(with prompt 1)" "$(with zzz 1)" >events
	head -c 70000 /dev/zero | tr '\0' x >>events
	: >"--old"
	echo old >rejects
	run -1 audit-emit --rejects rejects events
	[[ $(jq -c '[.file,.line,.field,.rule,.bytes]' rejects) == \
"[\"events\",2,\"user_id\",\"kind\",$(sed -n 2p events | tr -d '\n' | wc -c)]
[\"events\",3,null,\"json-object\",3]
[\"events\",4,\"member 15\",\"content-key\",$(sed -n 4p events | tr -d '\n' | wc -c)]
[\"events\",5,\"member 15\",\"unknown-key\",$(sed -n 5p events | tr -d '\n' | wc -c)]
[\"events\",6,null,\"line-length\",70000]" ]]
	[[ $(head -1 rejects) == '{"file": "events", "line": 2, "field": "user_id", "rule": "kind", "bytes": '*'}' ]]
	run -0 audit-emit --rejects rejects <<<"$good"
	[[ ! -s rejects ]]
	run -1 audit-emit -n --rejects rejects
	[[ $(<rejects) == '{"file": null, "line": 0, "field": "event_type", "rule": "missing", "bytes": 0}' ]]
	run -2 audit-emit --rejects events events
	[[ $(head -1 events) == "$good" ]]
	run -2 audit-emit --rejects /no/such/dir/file events
	run -2 --separate-stderr audit-emit --rejects /dev/full <<<'{'
	(umask 077 && audit-emit -q --rejects private <<<'{' || true) 2>/dev/null
	[[ $(stat -c %a private) == 600 ]]
}

@test "a refused value is on no output, whatever is damaged and whatever option is used" {
	mkdir dir
	python3 "$root/tests/leak.py" "$BUILD/audit-emit" dir
}

@test "a refused value reaches no write(2) of any kind" {
	command -v strace >/dev/null || skip "no strace"
	sanitized && skip "ptrace and the leak sanitizer exclude each other"
	with user_id '"QzCanary7xK; ward 9"' >events
	strace -f -e trace=write,pwrite64,writev,sendto,openat,execve -s 100000 -o trace \
		"$BUILD/audit-emit" --rejects rejects -o out --map . events || true
	grep -q 'write(2' trace
	lacks QzCanary7xK trace rejects
}

@test "--map runs a jq program on each line: none, one or many events" {
	printf '%s\n' '{"kind":"noise"}' '{"kind":"access","who":["a","b"]}' >app
	prog='select(.kind == "access") | {event_type: "phi_read", user_id: .who[], user_role: "nurse", patient_id: "P",
		resource_type: "Patient", use_case: "c", source_ip: "::1", service_component: "gw", request_id: "r"}'
	run -0 --separate-stderr audit-emit --map "$prog" app
	[[ ${#lines[@]} == 2 && ${lines[0]} == *'"user_id": "a"'* && ${lines[1]} == *'"user_id": "b"'* && -z $stderr ]]
	printf '%s' "$prog" >prog.jq
	run -0 audit-emit --map-file prog.jq app
	[[ ${#lines[@]} == 2 ]]
	run -1 --separate-stderr audit-emit --map empty app
	[[ $stderr == "audit-emit: no entry in the input" ]]
	run -2 audit-emit --map . --map-file prog.jq app
	run -2 audit-emit --map-file /no/such app
}

@test "--map: each yielded value is judged by itself and named by the input's line" {
	run -1 --separate-stderr audit-emit --map '., (.user_id = 5), 7, .' <<<$'\n'"$good"
	[[ ${#lines[@]} == 2 ]]
	[[ ${stderr_lines[0]} == 'audit-emit: <stdin>:2: field "user_id": '*'[kind]' ]]
	[[ ${stderr_lines[1]} == 'audit-emit: <stdin>:2: '*'[json-object]' ]]
	[[ ${stderr_lines[2]} == 'audit-emit: 2 written, 2 refused: kind 1, json-object 1' ]]
}

@test "--map: what was yielded before a run-time error stands" {
	run -1 --separate-stderr audit-emit --map '., error("canary")' <<<"$good"
	[[ $output == "$native" && ${stderr_lines[0]} == "audit-emit: <stdin>:1: "*" [map]" ]]
	lacks canary <(echo "$stderr")
	refuses map "" '{"n": 9007199254740993}' --map .
	refuses json-syntax "" '{"n": 1' --map .
	refuses json-object "" '[1]' --map '.[]'
	refuses json-duplicate "" '{"a":1,"a":2}' --map .
}

@test "--map: a program that does not compile, or reaches out, is exit 2 and names its line" {
	run -2 --separate-stderr audit-emit --map $'.a |\n ! canary' <<<"$good"
	[[ $stderr == "audit-emit: --map:2: "*" [map]" ]]
	printf '.a |\n\n canary(' >prog.jq
	run -2 --separate-stderr audit-emit --map-file prog.jq <<<"$good"
	[[ $stderr == "audit-emit: prog.jq:3: "*" [map]" ]]
	# shellcheck disable=SC2016
	for prog in debug stderr input inputs env '$ENV' halt halt_error 'import "a" as a; .' 'include "a"; .' \
		modulemeta input_filename get_search_list; do
		run --separate-stderr audit-emit --map "$prog" <<<"$good"
		[[ $status == 2 || $status == 1 ]]
		[[ -z $output && $stderr == *"[map]"* ]]
	done
}

@test "--max-line raises the limit of a map's input, to 16 MiB, and of nothing else" {
	python3 -c '
import json, sys
e = json.loads(sys.argv[1])
print(json.dumps(dict(e, junk="x" * 100000)))' "$good" >big
	refuses line-length "" "$(<big)" --map 'del(.junk)'
	emits "$native" "$(<big)" --map 'del(.junk)' --max-line 1M
	run -2 audit-emit --max-line 1M big
	run -2 audit-emit --map . --max-line 17M big
	run -2 audit-emit --map . --max-line 0 big
	run -2 audit-emit --map . --max-line x big
}

@test "a line of 65,535 bytes is read, one of 65,536 is not" {
	pad=$((65535 - ${#good}))
	emits "$native" "$good$(printf '%*s' $pad '')"
	refuses line-length "" "$good$(printf '%*s' $((pad + 1)) '')"
}

@test "lines of white space are skipped; nothing at all is said, exit 1" {
	emits "$native" $'\n  \t\r\n'"$good"$'\n\n'
	run -1 --separate-stderr audit-emit </dev/null
	[[ -z $output && $stderr == "audit-emit: no entry in the input" ]]
	run -1 --separate-stderr audit-emit -q <<<$'  \n\t'
	[[ $stderr == "audit-emit: no entry in the input" ]]
	refuses json-syntax "" $'\f'
}

@test "a last line without LF is an event" {
	printf %s "$good" >events
	run -0 audit-emit events
	[[ $output == "$native" ]]
}

@test "NUL, BOM, bad UTF-8, CR LF and deep nesting are told apart" {
	printf '%s\r\n' "$good" >events
	run -0 audit-emit events
	printf '\0\n{"a":"\0"}\n' >events
	run -1 --separate-stderr audit-emit events
	[[ ${stderr_lines[0]} == *":1: "*"[json-"* && ${stderr_lines[1]} == *":2: "*"[json-"* ]]
	printf '\xef\xbb\xbf%s\n' "$good" >events
	run -1 --separate-stderr audit-emit events
	[[ $stderr == *"[json-syntax]"* ]]
	printf '{"user_id":"\xff"}\n' >events
	run -1 --separate-stderr audit-emit events
	[[ $stderr == *"[json-utf8]"* ]]
	refuses json-nul "" '{"user_id":"\u0000"}'
	refuses json-surrogate "" '{"user_id":"\udc00"}'
	refuses json-depth "" "{\"x\":$(printf '[%.0s' {1..64})$(printf ']%.0s' {1..64})}"
	refuses unknown-key "member 1: " "{\"x\":$(printf '[%.0s' {1..63})$(printf ']%.0s' {1..63})}"
}

@test "a FILE that cannot be read is named, the others are processed, exit 2" {
	printf '%s\n' "$good" >events
	run -2 --separate-stderr audit-emit no-such . events
	[[ $output == "$native" ]]
	[[ ${stderr_lines[0]} == "audit-emit: no-such: No such file or directory" ]]
	[[ ${stderr_lines[1]} == "audit-emit: .: Is a directory" ]]
	echo '{' >>events
	run -2 audit-emit no-such events
	run -0 --separate-stderr audit-emit - <<<"$good"
	[[ $output == "$native" ]]
}

@test "full and closed outputs are noticed" {
	run -2 --separate-stderr bash -c 'audit-emit >/dev/full <<<"$1"' _ "$good"
	[[ $stderr == *"No space left on device"* ]]
	run -2 bash -c 'audit-emit -n "$@" >/dev/full' _ "${all[@]}"
	run -2 bash -c 'audit-emit >&- <<<"$1"' _ "$good"
	run -2 bash -c 'audit-emit -o /dev/full <<<"$1"' _ "$good"
	run -2 bash -c 'audit-emit 2>/dev/full <<<"{"'
	run bash -c 'yes "$1" | head -20000 | audit-emit | head -1; echo "${PIPESTATUS[2]}"' _ "$good"
	[[ ${lines[0]} == "$native" && ${lines[1]} == 141 ]]
}

@test "-o keeps the old file if nothing could be read" {
	echo old >out
	run -2 audit-emit -o out none
	[[ $(cat out) == old ]]
}

@test "-o replaces a file when the output is complete, and leaves nothing else behind" {
	echo old >out
	chmod 640 out
	printf '%s\n' "$good" >events
	run -0 audit-emit -o out events
	[[ $(<out) == "$native" && $(stat -c %a out) == 640 ]]
	run -2 audit-emit -o /no/such/out events
	run -1 audit-emit --output new --from cloudwatch events
	[[ -e new && $(ls) == $'events\nnew\nout' ]]
}

@test "--rejects takes no file that is read, or that entries or messages go to" {
	for use in 'audit-emit --rejects both both' 'audit-emit --rejects both <both' \
		'audit-emit --rejects both -o both other' 'audit-emit --rejects both other >>both' \
		'audit-emit --rejects /dev/stderr other 2>>both'; do
		printf '%s\n{}\n' "$good" | tee both >other
		run -2 bash -c "$use"
		[[ $(head -1 both) == "$good" ]]
	done
	run -2 audit-emit --rejects new -o new other
	[[ ! -s new ]]
	printf '{}\n' | run -1 audit-emit --rejects /dev/stdout
}

@test "a live pipeline lives: entries and rejects come out before the input ends" {
	mkfifo in
	audit-emit --rejects rejects <in >out 2>/dev/null 3>&- &
	exec 7>in
	printf '%s\n{\n' "$good" >&7
	for _ in {1..100}; do
		[[ -s out && -s rejects ]] && break
		sleep 0.05
	done
	[[ $(<out) == "$native" && $(wc -l <rejects) == 1 ]]
	exec 7>&-
	wait $! || [[ $? == 1 ]]
}

@test "SIGTERM ends a stream as its end does, without the unfinished line" {
	mkfifo in
	audit-emit <in >out 3>&- &
	pid=$!
	exec 7>in
	printf '%s\n%s' "$good" "$good" >&7
	for _ in {1..100}; do
		[[ -s out ]] && break
		sleep 0.05
	done
	kill -TERM $pid
	wait $pid
	exec 7>&-
	[[ $(<out) == "$native" ]]
}

@test "a line of 1 GB is refused in bounded memory" {
	sanitized && skip "sanitizers take memory of their own"
	(
		ulimit -v 400000
		{
			head -c 1G /dev/zero | tr '\0' x
			printf '\n%s\n' "$good"
		} | audit-emit >out 2>err
	) || [[ $? == 1 ]]
	[[ $(<out) == "$native" ]]
	[[ $(head -1 err) == "audit-emit: <stdin>:1: "*" [line-length]" ]]
}

@test "a map that wants more memory than there is ends it as any lack of memory does" {
	sanitized && skip "sanitizers take memory of their own"
	for jobs in 1 2; do
		run -2 --separate-stderr bash -c 'ulimit -v 400000; audit-emit -j "$1" --map "\"x\" * 1000000000"' - $jobs <<<'{}'
		[[ -z $output && $stderr == "out of memory" ]]
	done
}

@test "options that are not there are refused by name, without their value" {
	for option in phi-deny no-such; do
		run -2 --separate-stderr audit-emit --$option=canary
		[[ $stderr == *"--$option"* && $stderr != *canary* ]]
	done
	run -2 --separate-stderr audit-emit -f fhir-canary
	[[ $stderr != *canary* ]]
	run -2 audit-emit --from no-such
}

@test "help, version, quiet, color and progress are as in every tool" {
	run -0 --separate-stderr audit-emit --help
	[[ $output == usage:* && -z $stderr ]]
	for field in event-id phi-fields-accessed tenant break-glass on-behalf-of; do
		[[ $output == *"--$field"* ]]
	done
	run -0 audit-emit -V
	[[ $output == "audit-emit "* ]]
	run -0 audit-emit --color=never <<<"$good"
	run -2 audit-emit --color=canary <<<"$good"
	run -0 --separate-stderr audit-emit --progress <<<"$good"
	[[ $output == "$native" && $stderr == *MB* ]]
	run -2 audit-emit -j 0 <<<"$good"
}

@test "golden pairs: NAME.in gives NAME.want" {
	count=0
	for in in "$root"/tests/golden/audit-emit/*.in; do
		options=()
		case ${in##*/} in
		from-cloudwatch*) options=(--from cloudwatch) ;;
		to-cloudwatch*) options=(-f cloudwatch) ;;
		esac
		{ audit-emit "${options[@]}" 2>err <"$in" || true; } >got
		cat err >>got
		same got "${in%.in}.want"
		count=$((count + 1))
	done
	((count > 0))
}

@test "the examples of the man page work" {
	cp "$root/examples/events.jsonl" .
	audit-emit events.jsonl >log 2>err || [[ $? == 1 ]]
	hash=$(head -1 log | tr -d '\n' | sha256sum)
	audit-emit -f cloudwatch log >records
	[[ $(head -1 records | jq -r .integrityHash) == "${hash%% *}" ]]
	audit-emit --from cloudwatch records | cmp - log
	echo '{"kind":"access","who":"u","role":"nurse","patient":"P","why":"c","from":"::1","id":"r"}' >gateway.jsonl
	for n in 1 2 3 4; do
		sed -n '/^\.Bd -literal/,/^\.Ed/p' "$root/man/audit-emit.1" |
			awk -v n=$n '/^\.Bd/ { k++; next } /^\.Ed/ { next } k == n' | sed 's/\\e/\\/g' >example.sh
		[[ -s example.sh ]]
		run -0 bash -c 'audit-emit() { command audit-emit "$@" || [[ $? == 1 ]]; }; . ./example.sh' 3>&-
		[[ -n $output || -s records ]]
	done
}

@test "the entry that audit-entry(5) shows is one, in canonical form" {
	entry=$(sed -n '/^\.Bd -literal/,/^\.Ed/p' "$root/man/audit-entry.5" | grep -v '^\.' | tr '\n' ' ')
	emits "${entry% }" "$entry"
}
