#!/usr/bin/env bats
# quality-agg: which lines are accepted, and what is said of those that are not.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a required member that is absent or null is missing" {
	local name
	for name in timestamp model_id model_version use_case prompt_tokens completion_tokens latency_ms cache_hit \
		finish_reason content_filtered disclaimer_present citation_count; do
		refuses missing "field \"$name\": is missing" "$name-"
		refuses missing "field \"$name\": is missing" "$name=null"
	done
}

@test "a member that is not required may be absent or null" {
	local name
	for name in request_id retrieved_document_ids top_retrieval_score clinician_thumbs_up clinician_flagged \
		clinician_flag_reason; do
		accepts "$name-"
		accepts "$name=null"
	done
}

@test "a value of another kind is refused" {
	local name
	for name in prompt_tokens completion_tokens latency_ms top_retrieval_score citation_count; do
		refuses kind "field \"$name\": is not a number" "$name=\"5\""
		refuses kind "field \"$name\": is not a number" "$name=true"
		refuses kind "field \"$name\": is not a number" "$name=[1]"
	done
	for name in cache_hit content_filtered disclaimer_present clinician_thumbs_up clinician_flagged; do
		refuses kind "field \"$name\": is not true or false" "$name=1"
		refuses kind "field \"$name\": is not true or false" "$name=\"true\""
		refuses kind "field \"$name\": is not true or false" "$name={\"a\": true}"
	done
	for name in request_id timestamp model_id model_version use_case finish_reason clinician_flag_reason; do
		refuses kind "field \"$name\": is not a string" "$name=1"
		refuses kind "field \"$name\": is not a string" "$name=[\"a\"]"
	done
	name=retrieved_document_ids
	refuses kind "field \"$name\": is not a list of strings" "$name=\"a\""
	refuses kind "field \"$name\": is not a list of strings" "$name={\"a\": \"b\"}"
	refuses kind "field \"$name\": is not a list of strings" "$name=[\"a\", 1]"
	refuses kind "field \"$name\": is not a list of strings" "$name=[[\"a\"]]"
	accepts "$name=[]"
}

@test "counts are integral: 3.0 is, 3.5 is not" {
	local name
	for name in prompt_tokens completion_tokens citation_count; do
		accepts "$name=3.0"
		accepts "$name=3e2"
		accepts "$name=1000000000000000"
		accepts "$name=-0"
		refuses kind "field \"$name\": is not an integral number" "$name=3.5"
		refuses kind "field \"$name\": is not an integral number" "$name=1e-1"
		refuses range "field \"$name\": is out of range" "$name=1000000000000001"
		refuses range "field \"$name\": is out of range" "$name=-1"
		refuses range "field \"$name\": is out of range" "$name=1e400"
	done
	line citation_count=12e-1 citation_count=30e-1 | quality-agg | grep -q '"avg_citation_count":3,'
}

@test "numbers are 0 to 1e15, scores -1e15 to 1e15" {
	accepts latency_ms=0
	accepts latency_ms=1e15
	accepts top_retrieval_score=-1e15
	accepts top_retrieval_score=1e15
	refuses range 'field "latency_ms": is out of range' latency_ms=-0.001
	refuses range 'field "latency_ms": is out of range' latency_ms=1.0001e15
	refuses range 'field "latency_ms": is out of range' latency_ms=1e999
	refuses range 'field "top_retrieval_score": is out of range' top_retrieval_score=-1.1e15
	refuses range 'field "top_retrieval_score": is out of range' top_retrieval_score=1e16
}

@test "names have 1 to 128 characters, not bytes" {
	local name x wide
	x=$(printf 'x%.0s' $(seq 127))
	wide=$(printf 'é%.0s' $(seq 127))
	for name in model_id model_version use_case finish_reason; do
		accepts "$name=\"${x}y\""
		accepts "$name=\"${wide}y\""
		accepts "$name=\"${wide}\\u00e9\""
		refuses range "field \"$name\": is not 1 to 128 characters long" "$name=\"\""
		refuses range "field \"$name\": is not 1 to 128 characters long" "$name=\"${x}yz\""
		refuses range "field \"$name\": is not 1 to 128 characters long" "$name=\"${wide}\\u00e9y\""
	done
}

@test "a timestamp is RFC 3339 with a zone" {
	local t
	for t in 2026-01-05T08:00:00Z 2026-01-05T08:00:00.123456789+05:30 2024-02-29T23:59:59-00:00; do
		accepts "timestamp=\"$t\""
	done
	for t in "" 2026-01-05 2026-01-05T08:00:00 2026-02-29T08:00:00Z 2026-01-05T24:00:00Z 2026-01-05T08:00:60Z \
		2026-13-05T08:00:00Z 2026-01-05T08:00:00.Z "2026-01-05T08:00:00Z " 0000-01-01T00:00:00+00:01; do
		refuses time 'field "timestamp": is not an RFC 3339 time with a zone' "timestamp=\"$t\""
	done
}

@test "unknown members are ignored" {
	accepts 'extra={"a": [1, {"b": null}]}' context=1 texture=2 prompts=3 noted=4 nobody=5 Inputs=6 message=7
}

@test "a key that names content is refused at any depth, named by position" {
	local key
	for key in prompt response completion text note content messages input output body query Prompt NOTE userPrompt \
		HTTPBody raw-text raw_text text.v2 note2 "the query" modelOUTPUT contentText prompt_tokens_details; do
		refuses content-key 'member 19: key names content' "$key=1"
		refuses content-key 'member 20: key names content' 'a=[]' "b=[0, {\"c\": [{\"$key\": 1}]}]"
	done
	refuses content-key 'member 9: key names content' 'retrieved_document_ids=[{"text": "a"}]'
	# shellcheck disable=SC1003  # a backslash is meant
	refuses content-key 'member 19: key names content' '\u0074ext=1'
	accepts 'usage={"prompt_tokens": 1, "completion_tokens": 2, "content_filtered": 3}'
}

@test "a harmless key in one line does not make another harmless in the next" {
	for key in test text testy bodyx body b context content; do line "$key=1" "x={\"$key\": 1}"; done >log
	run -1 --separate-stderr quality-agg -j 1 log
	printf '%s\n' "$stderr" | sed -n 's/.*log:\([0-9]*\): member 19: .*/\1/p' >got
	printf '%s\n' 2 5 8 >want
	same want got
	[ "${stderr_lines[-1]}" = "quality-agg: 3 of 8 lines refused" ]
}

@test "a name spelt with escapes is the same name" {
	line latency_ms- | sed 's/}$/, "latency\\u005fms": 77}/' >log
	quality-agg log | grep -q '"avg_latency_ms":77,'
}

@test "what is wrong with the line comes first, then content keys, then fields in order" {
	line prompt=1 timestamp- 'cache_hit=2' >log
	run -1 --separate-stderr bash -c 'sed "s/}\$/, \"a\": 1, \"a\": 2}/" log | quality-agg'
	[[ ${stderr_lines[0]} == *"<stdin>:1: a member is given twice [json-duplicate]" ]]
	refuses content-key 'member 18: key names content' timestamp- cache_hit=2 prompt=1
	refuses missing 'field "timestamp": is missing' timestamp- request_id=\"\" cache_hit=2
	refuses kind 'field "request_id": is not a string' timestamp- request_id=1 cache_hit=2
}

@test "each line that is no JSON object is refused under its own rule" {
	{
		printf '%s\n' '' '   ' '[1]' '"a"' '{"a":1' '{"a":1}x'
		printf '\xef\xbb\xbf{}\n{"a":"\xff"}\n{"a":"\\ud800"}\n{"a":"\\u0000"}\n{"a":"\0"}\n'
		printf '%s\n' '{"a":1,"a":2}'
		printf '{"a":%s1%s}\n' "$(printf '[%.0s' $(seq 64))" "$(printf ']%.0s' $(seq 64))"
	} >log
	run -1 --separate-stderr quality-agg log
	[ "$output" = '{}' ]
	printf '%s\n' "$stderr" | sed -n 's/.*log:\([0-9]*\): .* \[\(.*\)\]$/\1 \2/p' >got
	printf '%s\n' '1 json-syntax' '2 json-syntax' '3 json-object' '4 json-object' '5 json-syntax' '6 json-syntax' \
		'7 json-syntax' '8 json-utf8' '9 json-surrogate' '10 json-nul' '11 json-nul' '12 json-duplicate' \
		'13 json-depth' >want
	same want got
	[ "${stderr_lines[-1]}" = "quality-agg: 13 of 13 lines refused" ]
}

@test "a refused value is never repeated" {
	for name in request_id timestamp model_id prompt_tokens latency_ms retrieved_document_ids cache_hit zebra_text; do
		line "$name={\"zebra\": \"zebra\"}"
		line "$name=\"zebra"
		line "$name=[\"zebra\", 12345678]"
	done >log
	line 'timestamp="zebra"' 'request_id="zebra"' >>log
	run -1 --separate-stderr quality-agg log
	[[ $stderr != *zebra* && $stderr != *12345678* && $output != *zebra* ]]
	[ "${#stderr_lines[@]}" -gt 20 ]
	run -2 --separate-stderr quality-agg --since=zebra log
	[[ $stderr != *zebra* ]]
	run -2 --separate-stderr quality-agg --zebra=giraffe log
	[[ $stderr != *giraffe* ]]
}

@test "the rest is aggregated, and the exit status is 1" {
	{ line latency_ms=1; echo; line latency_ms=3; echo; } >log
	run -1 --separate-stderr quality-agg log
	[[ $output == '{"request_count":2,"avg_latency_ms":2,'* ]]
	[ "${stderr_lines[-1]}" = "quality-agg: 2 of 4 lines refused" ]
}

@test "the first 100 refused lines are named, all are counted, in line order for any number of workers" {
	make_log 3000 5 | awk 'NR % 20 == 7 { print "{"; next } { print }' >log
	run -1 --separate-stderr quality-agg -j 1 log
	printf '%s\n' "$stderr" >want
	[ "$(grep -c 'json-syntax' want)" -eq 100 ]
	[ "${stderr_lines[99]}" = "quality-agg: log:1987: not valid JSON [json-syntax]" ]
	[ "${stderr_lines[100]}" = "quality-agg: 150 of 3000 lines refused" ]
	[ "${#stderr_lines[@]}" -eq 101 ]
	for j in 2 5; do
		run -1 --separate-stderr quality-agg -j "$j" log
		printf '%s\n' "$stderr" >got
		same want got
	done
	# The hundred are of all files together, and each counts its own lines.
	split -n l/3 log part.
	run -1 --separate-stderr quality-agg part.*
	[ "$(printf '%s\n' "$stderr" | grep -c 'json-syntax')" -eq 100 ]
	[[ ${stderr_lines[0]} == "quality-agg: part.aa:7: "* ]]
	[ "${stderr_lines[-1]}" = "quality-agg: 150 of 3000 lines refused" ]
}

@test "a refused line is named at once, not when the input ends" {
	mkfifo pipe
	quality-agg <pipe 2>err &
	pid=$!
	exec 9>pipe
	line >&9
	echo '{"latency_ms"' >&9
	for _ in $(seq 50); do
		[ ! -s err ] || break
		sleep 0.1
	done
	[ "$(cat err)" = "quality-agg: <stdin>:2: not valid JSON [json-syntax]" ]
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
}

@test "--max-bad N: up to N refused lines do not change the exit status" {
	{ line; echo; line; echo; } >log
	run -0 --separate-stderr quality-agg --max-bad 2 log
	[ "${stderr_lines[-1]}" = "quality-agg: 2 of 4 lines refused" ]
	run -1 quality-agg --max-bad 1 log
	run -1 quality-agg --max-bad 9 <<<''
}

@test "--strict stops at the first refused line, for any number of workers" {
	{ line latency_ms=1; line latency_ms=3; echo; line latency_ms=8; echo; } >log
	for j in 1 4; do
		run -1 --separate-stderr quality-agg --strict -j "$j" log log
		[[ $output == '{"request_count":2,"avg_latency_ms":2,'* ]]
		[ "${stderr_lines[0]}" = "quality-agg: log:3: not valid JSON [json-syntax]" ]
		[ "${stderr_lines[1]}" = "quality-agg: 1 of 3 lines refused" ]
		[ "${#stderr_lines[@]}" -eq 2 ]
	done
	run -1 --separate-stderr quality-agg --strict --max-bad 5 log
	line >good
	run -0 quality-agg --strict good
}

@test "--max-line: longer lines are refused, 65535 bytes by default" {
	line 'extra="'"$(head -c 65000 /dev/zero | tr '\0' x)"'"' >long
	n=$(($(wc -c <long) - 1))
	for extra in $((65535 - n)) $((65536 - n)); do
		sed "s/\"extra\": \"/&$(head -c "$extra" /dev/zero | tr '\0' y)/" long
	done >log
	run -1 --separate-stderr quality-agg log
	[[ $output == '{"request_count":1,'* ]]
	[ "${stderr_lines[0]}" = "quality-agg: log:2: line is longer than the limit [line-length]" ]
	run -0 quality-agg --max-line 65536 log
	run -0 quality-agg --max-line 64K log
	run -1 quality-agg --max-line 1K log
	run -2 quality-agg --max-line 0 log
	run -2 quality-agg --max-line 1x log
}

@test "lines outside the window are checked all the same" {
	{ line; line latency_ms=-1; } >log
	run -1 --separate-stderr quality-agg --until 2000-01-01T00:00:00Z log
	[ "$output" = '{}' ]
	[ "${stderr_lines[0]}" = 'quality-agg: log:2: field "latency_ms": is out of range [range]' ]
	[ "${stderr_lines[-1]}" = "quality-agg: 1 of 2 lines refused" ]
}

@test "an endless line is refused in bounded memory" {
	sanitized && skip "needs a limit on address space"
	{ line; head -c 1G /dev/zero | tr '\0' x; echo; line; } >big
	run -1 --separate-stderr bash -c 'ulimit -v 200000; quality-agg -j 2 big'
	[[ $output == '{"request_count":2,'* ]]
	[ "${stderr_lines[0]}" = "quality-agg: big:2: line is longer than the limit [line-length]" ]
	[ "${stderr_lines[1]}" = "quality-agg: 1 of 3 lines refused" ]
	rm big
}

@test "any bytes at all end in a message and a status" {
	for seed in 1 2 3; do
		python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(200000))' "$seed" >noise
		run -1 quality-agg -j 2 noise
		[ "${lines[0]}" = "{}" ] || [[ $output == *"lines refused" ]]
	done
}
