#!/usr/bin/env bats
# quality-agg --baseline and --fail-if: one test for each promise of its man page.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# many N [ARGUMENTS of line]: N times the same line.
many() {
	local n=$1 one
	shift
	one=$(line "$@")
	for ((; n > 0; n--)); do printf '%s\n' "$one"; done
}

# row METRIC [FILE]: the row of one metric as compact JSON.
row() {
	jq -c --arg m "$1" 'select(.metric == $m)' "${2:-rows}"
}

@test "rows are those of an independent implementation, member for member, over all shapes of logs" {
	local n=0 seed
	for seed in $(seq 1 25); do
		python3 "$root/tests/data/quality_pair.py" "$seed" 240 >options
		mapfile -t options <options
		status=0
		quality-agg "${options[@]}" --baseline BASELINE CURRENT >rows 2>err || status=$?
		python3 "$root/tests/oracle/baseline.py" "${options[@]}" BASELINE CURRENT <rows >answer || {
			echo "seed $seed ${options[*]}"
			head -c 2000 answer
			return 1
		}
		python3 - "$status" <<-'PY'
			import json, sys
			v = [json.loads(l)["verdict"] for l in open("rows")]
			want = 2 if set(v) == {"UNDERPOWERED"} else 1 if "REGRESSED" in v else 0
			sys.exit(want != int(sys.argv[1]))
		PY
		n=$((n + $(wc -l <rows)))
	done
	[ "$n" -gt 400 ]
}

@test "a row has the members of the page in their order, and is the same for any number of workers" {
	make_log 300 1 >a
	make_log 300 2 >b
	quality-agg --by use_case --baseline a b >rows || [ $? -eq 1 ]
	[ "$(head -1 rows | jq -r 'keys_unsorted | join(" ")')" = "use_case metric verdict test worse baseline_n baseline current_n current effect low high min_effect p p_holm" ]
	quality-agg --by use_case --every 7d -j 1 --baseline a b >rows || [ $? -eq 1 ]
	[ "$(head -1 rows | jq -r 'keys_unsorted | .[-2:] | join(" ")')" = "cusum cusum_since" ]
	for j in 2 5; do
		quality-agg --by use_case --every 7d -j "$j" --baseline a b >rows.j || [ $? -eq 1 ]
		same rows rows.j
	done
	[ "$(jq -r .metric rows | tr '\n' ' ')" = "latency_ms slow_rate prompt_tokens completion_tokens total_tokens top_retrieval_score citation_count cache_hit_rate content_filter_rate disclaimer_present_rate clinician_positive_rate truncated_rate error_rate finish_reason model " ]
}

@test "a rate that gets worse is REGRESSED and status 1, one that gets better IMPROVED and status 0" {
	{ many 180 disclaimer_present=true; many 20 disclaimer_present=false; } >good
	{ many 120 disclaimer_present=true; many 80 disclaimer_present=false; } >bad
	run -1 --separate-stderr quality-agg --baseline good bad
	printf '%s\n' "$output" >rows
	[ "$(row disclaimer_present_rate | jq -r .verdict)" = REGRESSED ]
	[ "$(jq -r 'select(.verdict != "HELD").metric' rows)" = disclaimer_present_rate ]
	[ "$stderr" = 'quality-agg: 1 of 14 comparisons: regressed' ]
	run -0 --separate-stderr quality-agg --baseline bad good
	[ "$(printf '%s\n' "$output" | row disclaimer_present_rate - | jq -r .verdict)" = IMPROVED ]
	run -0 --separate-stderr quality-agg --worse disclaimer_present_rate=none --baseline good bad
	[ "$(printf '%s\n' "$output" | row disclaimer_present_rate - | jq -r .verdict)" = SUSPECT ]
	run -0 quality-agg --min-effect disclaimer_present_rate=0.4 --baseline good bad
	[ "$(printf '%s\n' "$output" | row disclaimer_present_rate - | jq -r .verdict)" = SUSPECT ]
	run -0 quality-agg --worse disclaimer_present_rate=up --baseline good bad
	[ "$(printf '%s\n' "$output" | row disclaimer_present_rate - | jq -r .verdict)" = IMPROVED ]
}

@test "too few lines are UNDERPOWERED: status 2 if all are, or any with --require-power" {
	many 29 >a
	many 200 >b
	run -2 --separate-stderr quality-agg --baseline a b
	[ "$stderr" = 'quality-agg: too few lines for any verdict' ]
	[ "$(printf '%s\n' "$output" | jq -r .verdict | sort -u)" = UNDERPOWERED ]
	[ "$(printf '%s\n' "$output" | jq -c '[.effect, .low, .high, .p, .p_holm]' | sort -u)" = '[null,null,null,null,null]' ]
	[ "$(printf '%s\n' "$output" | row cache_hit_rate - | jq -c '[.test,.baseline,.current]')" = '["z",1,1]' ]
	run -0 quality-agg --min-n 29 --baseline a b --min-effect cache_hit_rate=1
	many 31 clinician_thumbs_up=true >c
	many 31 clinician_thumbs_up=true | sed 30,31s/thumbs_up.:.true/thumbs_up\":null/ >d
	run -0 quality-agg --min-effect cache_hit_rate=1,content_filter_rate=1 --baseline c c
	run -2 --separate-stderr quality-agg --require-power --baseline c c
	[[ $stderr == 'quality-agg: '*' of 15 comparisons: too few lines for a verdict' ]]
}

@test "groups of both sides are compared; one that is gone is UNDERPOWERED, never dropped" {
	{ many 40 'use_case="old"'; many 40; } >a
	{ many 40 'use_case="new"'; many 40; } >b
	quality-agg --by use_case --baseline a b >rows
	[ "$(jq -r .use_case rows | uniq -c | awk '{print $1 $2}' | tr '\n' ' ')" = "14new 14old 14summary " ]
	[ "$(row latency_ms | jq -c '[.use_case,.verdict,.baseline_n,.baseline,.current_n,.current,.min_effect]')" = '["new","UNDERPOWERED",0,null,40,620,null]
["old","UNDERPOWERED",40,620,0,null,31]
["summary","HELD",40,620,40,620,31]' ]
	quality-agg --by use_case --top 1 --baseline a b >rows
	[ "$(jq -r .use_case rows | uniq)" = summary ]
}

@test "what is kept for the rows alone gives the rows that keeping everything gives" {
	make_log 3000 1 >a
	make_log 2500 2 | sed 's/"citation_count": 1/"citation_count": 3/' >b
	quality-agg --by model_id --state-out a.state a >/dev/null
	quality-agg --by model_id --every 7d --state-out b.state b >/dev/null
	local all='.p95_latency_ms + .avg_latency_ms + .avg_citation_count + .avg_top_retrieval_score + .cache_hit_rate > 3000'
	for baseline in a a.state; do
		for options in '--by model_id b' '--by model_id --every 7d b' '--merge b.state'; do
			# shellcheck disable=SC2086
			quality-agg --baseline $baseline --fail-if "$all" $options >got 2>got.says || [ $? -eq 1 ]
			# shellcheck disable=SC2086
			quality-agg --baseline $baseline --fail-if "$all" --detail --state-out full $options >want 2>want.says || [ $? -eq 1 ]
			same want got
			same want.says got.says
			grep -q fail-if got.says
			# shellcheck disable=SC2086
			quality-agg --baseline $baseline $options >got 2>/dev/null || [ $? -eq 1 ]
			same want got
			[ -s got ]
		done
	done
}

@test "times limit the input, not the baseline" {
	many 50 'timestamp="2026-01-05T08:00:00Z"' >a
	many 50 'timestamp="2026-02-05T08:00:00Z"' >>a
	quality-agg --since 2026-02-01T00:00:00Z --baseline a a >rows
	[ "$(row latency_ms | jq -c '[.baseline_n,.current_n]')" = '[100,50]' ]
}

@test "a baseline that is forgotten, or is the input's standard input, is a usage error" {
	many 40 >a
	run -2 --separate-stderr quality-agg --require-power a
	[ "${stderr_lines[0]}" = 'quality-agg: option --require-power: needs --baseline' ]
	for option in '--alpha 0.01' '--min-n 5' '--min-effect latency_ms=3%' '--worse latency_ms=none'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr quality-agg $option --fail-if false a
		[ "${stderr_lines[0]}" = "quality-agg: option ${option% *}: needs --baseline" ]
	done
	for input in '' - 'a -'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr quality-agg --baseline - $input <a
		[ -z "$output" ]
		[ "${stderr_lines[0]}" = 'quality-agg: option --baseline: standard input is read already' ]
	done
}

@test "no line in the baseline is status 2, none in the input never 0" {
	: >empty
	many 40 >a
	run -2 --separate-stderr quality-agg --baseline empty a
	[ -z "$output" ]
	[ "$stderr" = 'quality-agg: no line in the baseline' ]
	run -2 --separate-stderr quality-agg --baseline nowhere a
	[ "$stderr" = 'quality-agg: nowhere: No such file or directory' ]
	run -2 --separate-stderr quality-agg --baseline a empty
	[ "$(printf '%s\n' "$output" | jq -r .verdict | sort -u)" = UNDERPOWERED ]
	[ "$stderr" = $'quality-agg: too few lines for any verdict\nquality-agg: no line to work on' ]
}

@test "refused lines of the baseline are named and counted apart, and make the status 1" {
	{ many 40; echo; } >a
	many 40 >b
	run -1 --separate-stderr quality-agg --min-effect cache_hit_rate=1 --baseline a b
	[ "${stderr_lines[0]}" = 'quality-agg: a:41: blank line [json-syntax]' ] || [[ ${stderr_lines[0]} == 'quality-agg: a:41: '* ]]
	[ "${stderr_lines[1]}" = 'quality-agg: baseline: 1 of 41 lines refused' ]
	run -0 quality-agg --max-bad 1 --baseline a b
}

@test "a slow drift that no test sees makes HELD SUSPECT, with the bucket where it began, and never status 1" {
	python3 - <<-'PY'
		import json, random
		r = random.Random(3)
		def put(f, day, level):
		    d = {"timestamp": "2026-01-%02dT08:00:00Z" % day, "model_id": "m", "model_version": "1", "use_case": "u",
		         "prompt_tokens": 10, "completion_tokens": 10, "latency_ms": round(r.gauss(level, 50), 3), "cache_hit": True,
		         "finish_reason": "stop", "content_filtered": False, "disclaimer_present": True, "citation_count": 1}
		    f.write(json.dumps(d) + "\n")
		with open("a", "w") as f:
		    for i in range(2000):
		        put(f, 1, 500)
		with open("b", "w") as f:
		    for day in range(1, 21):
		        for i in range(100):
		            put(f, day, 500 + max(0, day - 10) * 1.5)
	PY
	run -0 --separate-stderr quality-agg --every 1d --min-effect latency_ms=2%,slow_rate=1 --baseline a b
	printf '%s\n' "$output" >rows
	[ "$(row latency_ms | jq -c '[.verdict, .cusum >= 8, .cusum_since > "2026-01-09T00:00:00Z", .cusum_since < "2026-01-18T00:00:00Z"]')" = '["SUSPECT",true,true,true]' ]
	[ "$(row slow_rate | jq -c '[.cusum,.cusum_since]')" = '[null,null]' ]
	[ "$(row prompt_tokens | jq -c '[.cusum,.cusum_since]')" = '[null,null]' ]
	[ "$(row cache_hit_rate | jq -c '[.cusum,.cusum_since]')" = '[null,null]' ]
}

@test "--fail-if: status 1 if the program holds for any dictionary, 2 if it ends in an error or does not compile" {
	many 10 >a
	run -0 --separate-stderr quality-agg --fail-if '.cache_hit_rate < 0.5' a
	[ -z "$stderr" ]
	run -1 --separate-stderr quality-agg --fail-if '.cache_hit_rate > 0.5' a
	[ "$stderr" = 'quality-agg: option --fail-if: holds for 1 of 1' ]
	[[ $output == '{"request_count":10,'* ]]
	run -0 quality-agg --fail-if '.clinician_positive_rate != null and .clinician_positive_rate < 0.8' a
	run -1 quality-agg --fail-if '.clinician_positive_rate < 0.8' a
	run -0 quality-agg --fail-if 'empty' a
	run -1 quality-agg --fail-if 'false, 0' a
	run -2 --separate-stderr quality-agg --fail-if 'error("secret")' a
	[ "$stderr" = 'quality-agg: option --fail-if: ended in an error for 1 of 1 [map]' ]
	run -2 --separate-stderr quality-agg --fail-if '.x |' a
	[[ $stderr == 'quality-agg: --fail-if:'*'does not compile [map]' ]]
	run -1 quality-agg --detail --fail-if '.latency_ms.p50 > 600' a
	run -1 quality-agg --fail-if 'env | length == 0 | not' a || [ "$status" -eq 2 ]
	{ many 5; many 5 'use_case="b"' cache_hit=false; } >b
	run -1 --separate-stderr quality-agg --by use_case --fail-if '.cache_hit_rate < 0.5' b
	[ "$stderr" = 'quality-agg: option --fail-if: holds for 1 of 2' ]
	run -1 quality-agg --baseline a --fail-if '.request_count < 40' a --min-n 1
}

@test "options that are wrong end with 2 and name no value" {
	many 3 >a
	local o
	for o in --alpha=0 --alpha=1 --alpha=x --alpha=-1 --min-effect=latency=1 --min-effect=latency_ms=-1 \
		--min-effect=latency_ms=1%% --min-effect=finish_reason=5% --worse=latency_ms=secret --worse=latency_ms \
		--min-n=-1 --format=xml --color=secretly --min-effect=latency_ms=1e999 --min-effect=latency_ms=nan; do
		run -2 --separate-stderr quality-agg "$o" --baseline a a
		[ -z "$output" ]
		[[ $stderr == "quality-agg: option ${o%%=*}: "* ]]
		[[ $stderr != *secret* ]]
	done
}

@test "csv: the members as columns, read back by Python's csv as what the JSON says" {
	make_log 200 1 >a
	make_log 200 2 >b
	local o
	for o in "" "--detail" "--by model_id,model_version,cache_hit --every 7d" "--by model_version --baseline a"; do
		# shellcheck disable=SC2086  # words
		quality-agg $o -f json b >json || [ $? -eq 1 ]
		# shellcheck disable=SC2086
		quality-agg $o -f csv b >csv || [ $? -eq 1 ]
		python3 - <<-'PY'
			import csv, json, sys
			def flat(d, before=""):
			    out = {}
			    for k, v in d.items():
			        out.update(flat(v, k + ".") if isinstance(v, dict) else {before + k: v})
			    return out
			def text(v):
			    return "" if v is None else v if isinstance(v, str) else json.dumps(v)
			want = [flat(json.loads(l, parse_float=lambda s: s, parse_int=lambda s: s)) for l in open("json", encoding="utf-8")]
			got = list(csv.reader(open("csv", encoding="utf-8", newline="")))
			assert got[0] == list(want[0]), got[0]
			assert got[1:] == [[text(v) for v in w.values()] for w in want]
		PY
	done
	printf '%s\n' "$(line 'model_id="=1+1,\"a\"\nb"')" >c
	quality-agg --by model_id -f csv c | sed -n '2,3p' >got
	[ "$(head -1 got)" = '"=1+1,""a""' ]
	[ "$(sed -n 2p got)" = 'b",1,620,620,1,0,1,2,0.5,' ]
}

@test "the power table of the page is what the formulas say" {
	python3 "$root/tests/stats/power.py" "$root/man/quality-agg.1"
}

@test "a baseline that is a state gives the rows that its log gives; one by other fields is refused" {
	make_log 400 1 >a
	make_log 300 2 >b
	quality-agg --by use_case --every 1d --state-out a.state a >/dev/null
	quality-agg --by use_case --state-out b.state b >/dev/null
	quality-agg -q --by use_case --baseline a b >want || [ $? -eq 1 ]
	quality-agg -q --by use_case --baseline a.state b >got || [ $? -eq 1 ]
	same want got
	quality-agg -q --merge --baseline a.state b.state >got || [ $? -eq 1 ]
	same want got
	quality-agg -q --merge --baseline a b.state >got || [ $? -eq 1 ]
	same want got
	quality-agg -q --by use_case --baseline <(cat a.state) b >got || [ $? -eq 1 ]
	same want got
	quality-agg -q --by use_case --baseline <(printf qual; sleep 0.3; tail -c +5 a.state) b >got || [ $? -eq 1 ]
	same want got
	quality-agg -q --by use_case --baseline <(cat a) b >got || [ $? -eq 1 ]
	same want got
	for baseline in a a.state; do
		quality-agg -q --by use_case --baseline - b <"$baseline" >got || [ $? -eq 1 ]
		same want got
		mkfifo "$baseline.fifo"
		cat "$baseline" >"$baseline.fifo" &
		quality-agg -q --by use_case --baseline "$baseline.fifo" b >got || [ $? -eq 1 ]
		same want got
	done
	run -2 --separate-stderr quality-agg --by model_id --baseline a.state b
	[ -z "$output" ]
	[ "$stderr" = 'quality-agg: a.state: a state with another --by [state]' ]
	sed 2d a.state >damaged
	run -2 --separate-stderr quality-agg --by use_case --baseline damaged b
	[ -z "$output" ]
	[[ $stderr == 'quality-agg: damaged:'*'[state]' ]]
}

@test "beyond --exact, on either side, the test is on sketches and its result near the exact one" {
	make_log 900 1 | grep -v '1e+15\|1000000000000000' >a
	make_log 900 2 | grep -v '1e+15\|1000000000000000' >b
	quality-agg -q --baseline a b >exact || [ $? -eq 1 ]
	quality-agg -q --exact 100 --state-out s a >/dev/null
	quality-agg -q --exact 100 --baseline a b >both || [ $? -eq 1 ]
	quality-agg -q --baseline s b >one || [ $? -eq 1 ]
	for f in both one; do
		[ "$(row latency_ms "$f" | jq -r .test)" = mann-whitney-sketch ]
		python3 - "$f" <<-'PY'
			import json, sys
			want, got = ({r["metric"]: r for r in map(json.loads, open(f))} for f in ("exact", sys.argv[1]))
			for m in ("latency_ms", "prompt_tokens"):
			    a, b = want[m], got[m]
			    assert abs(a["p"] - b["p"]) < 0.05, (m, a["p"], b["p"])
			    assert abs(a["baseline"] - b["baseline"]) <= 0.0101 * a["baseline"]
			    for k in ("effect", "low", "high"):
			        assert abs(a[k] - b[k]) <= 0.02 * a["baseline"] + 1e-9, (m, k, a[k], b[k])
			assert want["cache_hit_rate"] == dict(got["cache_hit_rate"], p_holm=want["cache_hit_rate"]["p_holm"])
		PY
	done
}
