#!/usr/bin/env bats
# quality-agg: groups, spans of time and details.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "--by gives one object for each group, keys first, null < false < true < strings by bytes" {
	line 'clinician_thumbs_up=true' 'use_case="b"' >log
	line 'clinician_thumbs_up=null' 'use_case="a"' >>log
	line 'clinician_thumbs_up=false' 'use_case="Z"' >>log
	line 'clinician_thumbs_up=true' 'use_case="a"' >>log
	line 'clinician_thumbs_up=true' 'use_case="\u00e9"' >>log
	run -0 --separate-stderr quality-agg --by clinician_thumbs_up,use_case log
	[ "$(printf '%s\n' "$output" | grep -o '^{.*"request_count":1,')" = '{"clinician_thumbs_up":null,"use_case":"a","request_count":1,
{"clinician_thumbs_up":false,"use_case":"Z","request_count":1,
{"clinician_thumbs_up":true,"use_case":"a","request_count":1,
{"clinician_thumbs_up":true,"use_case":"b","request_count":1,
{"clinician_thumbs_up":true,"use_case":"é","request_count":1,' ]
}

@test "--every puts lines into spans that begin at multiples from a Monday, before it too" {
	line 'timestamp="2026-01-05T00:00:00Z"' >log
	line 'timestamp="2026-01-11T23:59:59.9Z"' >>log
	line 'timestamp="2026-01-04T23:59:59Z"' >>log
	line 'timestamp="1999-12-31T23:00:00-02:00"' >>log
	run -0 --separate-stderr quality-agg --every 7d log
	[ "$(printf '%s\n' "$output" | cut -d, -f1,2)" = '{"time":"1999-12-27T00:00:00Z","request_count":1
{"time":"2025-12-29T00:00:00Z","request_count":1
{"time":"2026-01-05T00:00:00Z","request_count":2' ]
}

@test "a span of time that begins before year 0 has a year with a sign, in every format" {
	line 'timestamp="0000-01-01T00:00:00Z"' >log
	run -0 quality-agg --every 7d log
	[ "$(jq -r .time <<<"$output")" = '-000001-12-27T00:00:00Z' ]
	run -0 quality-agg --every 5h log
	[ "$(jq -r .time <<<"$output")" = '-000001-12-31T22:00:00Z' ]
	run -0 quality-agg --every 9223372036854775807s log
	[[ $(jq -r .time <<<"$output") =~ ^-2922770[0-9]{5}-[01][0-9]-[0-3][0-9]T ]]
	run -0 quality-agg --every 5h -f chart log
	[[ $output = *'-000001-12-31 22:00'* ]]
}

# same_but_for_rounding RESULT WANT: the same members in the same order; numbers to 1e-12.
same_but_for_rounding() {
	python3 - "$@" <<'EOF'
import json, math, sys
def same(a, b):
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, tuple):
        return a[0] == b[0] and same(a[1], b[1])
    if isinstance(a, (int, float)) and not isinstance(a, bool) and a is not None and b is not None:
        return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-300)
    return a == b
got, want = ([json.loads(l, object_pairs_hook=list) for l in open(f)] for f in sys.argv[1:])
if len(got) != len(want):
    sys.exit("%d lines, not %d" % (len(got), len(want)))
for g, w in zip(got, want):
    for x, y in zip(g, w):
        if not same(x, y):
            sys.exit("%s\n%s" % (x, y))
    if len(g) != len(w):
        sys.exit("members: %d, not %d" % (len(g), len(w)))
EOF
}

# varied LINES SEED: lines with every finish reason, null and missing members, times around a Monday and year.
varied() {
	python3 - "$@" <<'EOF'
import json, random, sys
n, r = int(sys.argv[1]), random.Random(int(sys.argv[2]))
reasons = ["stop", "END_TURN", "stop-sequence", "Length", "maxTokens", "content_filter", "SAFETY", "refusal", "tool calls",
           "tool_call", "tool_use", "functionCall", "error", "??", "stopped"]
for i in range(n):
    d = {"timestamp": "%s-%02d-%02dT%02d:%02d:59%s%s" % (r.choice(["1999", "2000", "2026"]), r.randint(1, 12),
             r.randint(1, 28), r.randint(0, 23), r.randint(0, 59), r.choice(["", ".5", ".000000001", ".120"]),
             r.choice(["Z", "+02:00", "-11:30"])),
         "model_id": r.choice(["a", "b\u00fc", "b", "B"]), "model_version": r.choice(["1", "10", "2"]),
         "use_case": "u", "prompt_tokens": r.randint(0, 9000), "completion_tokens": r.choice([0, 7, 7.0, 1000000]),
         "latency_ms": r.choice([0.1, 1e15, 999999999999999.9, 1e-300, 5e-324, 3, r.random() * 1000, round(r.random(), 3)]),
         "cache_hit": r.random() < 0.3, "finish_reason": r.choice(reasons), "content_filtered": r.random() < 0.02,
         "disclaimer_present": True, "citation_count": r.choice([1, 2, 1000000000000000])}
    d["top_retrieval_score"] = r.choice([None, 0, -0.0, r.random(), -1e15, 1e-5])
    if r.random() < 0.8: d["retrieved_document_ids"] = r.choice([None, [], ["x"] * r.randint(1, 9)])
    if r.random() < 0.9: d["clinician_thumbs_up"] = r.choice([None, True, False])
    if r.random() < 0.2: d["clinician_flagged"] = r.choice([None, True, False])
    d.setdefault("clinician_thumbs_up", None)
    print(json.dumps(d))
EOF
}

@test "--detail, --by, --every and --top give what another program computes from exact rationals" {
	for n in 1 2 3 30 700; do
		varied "$n" "$n" >log
		quality-agg --detail log >got
		python3 "$root/tests/oracle/detail.py" log >want
		same_but_for_rounding got want
		quality-agg --detail --by finish_reason,clinician_thumbs_up,model_id --every 1y --top 5 log >got
		python3 "$root/tests/oracle/detail.py" log finish_reason,clinician_thumbs_up,model_id $((366 * 86400)) 5 >want
		same_but_for_rounding got want
		quality-agg --detail --by cache_hit,clinician_flagged --every 12h log >got
		python3 "$root/tests/oracle/detail.py" log cache_hit,clinician_flagged 43200 >want
		same_but_for_rounding got want
	done
}

@test "the bytes of groups and details do not depend on -j, nor on file or pipe" {
	varied 3000 9 >log
	for options in '--detail' '--detail --by model_id,finish_reason --every 1d --top 3' '--detail --exact 100 --by model_id'; do
		# shellcheck disable=SC2086
		quality-agg -q -j 1 $options log >want
		for j in 2 7; do
			# shellcheck disable=SC2086
			quality-agg -q -j $j $options log >got
			same want got
			# shellcheck disable=SC2002,SC2086
			cat log | quality-agg -q -j $j $options >got
			same want got
		done
	done
}

@test "beyond --exact the quantiles of every group are a sketch's, within 1 %, and said to be" {
	make_log 2000 4 >log
	quality-agg --detail --by model_id log >want
	run -0 --separate-stderr quality-agg --detail --by model_id --exact 1999 log
	printf '%s\n' "$output" >got
	[[ $stderr == *"quality-agg: latency_ms: more than 1999 values: quantiles are estimated within 1 %"* ]]
	[[ $stderr != *top_retrieval_score* ]] # there are fewer
	python3 - <<'EOF'
import json, sys
for a, b in zip(open("got"), open("want")):
    a, b = json.loads(a), json.loads(b)
    if a["latency_ms"]["quantiles"] != "ddsketch" or b["latency_ms"]["quantiles"] != "exact" or \
       a["top_retrieval_score"] != b["top_retrieval_score"]:
        sys.exit("quantiles")
    for m in "latency_ms", "prompt_tokens", "total_tokens":
        for k, v in b[m].items():
            exact = k in ("count", "mean", "stddev", "min", "max")
            if k != "quantiles" and abs(a[m][k] - v) > (0 if exact else 0.01 * abs(v)):
                sys.exit("%s %s %s %s" % (m, k, a[m][k], v))
EOF
}

@test "what --by, --every, --top and the times cannot be is said, with status 2" {
	line >log
	for by in request_id timestamp clinician_flag_reason latency_ms '' model_id,model_id 'model_id,' nonsense; do
		run -2 --separate-stderr quality-agg --by "$by" log
		[[ ${stderr_lines[0]} == 'quality-agg: option --by: '* ]]
	done
	for every in 0s x '' 5; do
		run -2 quality-agg --every "$every" log
	done
	run -2 quality-agg --top 0 log
	run -2 quality-agg --window 1h --since 2h log
	run -2 quality-agg --window 0h log
}

@test "65,536 groups are counted, one more ends it with status 2 and no output" {
	line >one
	python3 - <<'EOF'
one = open("one").read()
with open("many", "w") as f:
    for i in range(65536):
        f.write(one.replace('"m"', '"m%d"' % i))
EOF
	quality-agg --by model_id many >got
	[ "$(wc -l <got)" -eq 65536 ]
	line 'model_id="other"' >>many
	for j in 1 4; do
		run -2 --separate-stderr quality-agg -j $j --by model_id many
		[ -z "$output" ]
		[ "$stderr" = "quality-agg: more than 65536 groups, or 1048576 groups and spans of time" ]
	done
}

@test "no line gives {} without groups, nothing with them, and status 1" {
	: >empty
	for options in '' '--detail' '--top 3'; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr quality-agg $options empty
		[ "$output" = '{}' ]
	done
	for options in '--by model_id' '--every 1h'; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr quality-agg $options empty
		[ -z "$output" ]
		[ "$stderr" = "quality-agg: no line to work on" ]
	done
}
