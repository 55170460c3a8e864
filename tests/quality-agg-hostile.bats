#!/usr/bin/env bats
# quality-agg: logs that are broken, or meant to break it.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a hostile log: what is wrong is counted and named by line and rule, never echoed, the rest computed" {
	{
		line
		line | head -c 60; echo                             # 2: cut short
		line 'latency_ms="SECRET"'                          # 3
		line 'latency_ms=1e400'                             # 4
		line 'latency_ms=-0'                                # 5: is 0
		line 'prompt_tokens=99999999999999999999999999'     # 6
		line 'prompt_tokens=1.5'                            # 7
		line 'timestamp="0000-01-01T00:00:00Z"'             # 8: first of all
		line 'timestamp="2026-02-30T00:00:00Z"'             # 9
		line 'cache_hit=1'                                  # 10
		line | sed 's/"cache_hit": true/&, "cache_hit": true/' # 11
		line 'note="SECRET"'                                # 12
		printf '{"a":"\xff"}\n'                             # 13
		printf '{"a":"\\ud800"}\n'                          # 14
		printf '{"a":"\\u0000"}\n'                          # 15
		printf '\xef\xbb\xbf{}\n'                           # 16
		echo '[]'                                           # 17
		echo                                                # 18
		printf '%065d\n' 0 | tr 0 '['                       # 19
		line "use_case=\"$(printf '%066000d' 0)\""          # 20
		line 'use_case=""'                                  # 21
		line 'timestamp="9999-12-31T23:59:59.999999999Z"'
		line 'timestamp="2026-01-05T00:00:00+14:00"'
		printf '{"a":1'                                     # 24: torn
	} >log
	run -1 --separate-stderr quality-agg --detail log
	[[ $output == '{"request_count":5,"avg_latency_ms":496,'* ]]
	[[ $output == *'"min":0,'*'"first_timestamp":"0000-01-01T00:00:00Z","last_timestamp":"9999-12-31T23:59:59.999999999Z"}' ]]
	[[ $stderr != *SECRET* ]]
	printf '%s\n' "${stderr_lines[@]}" | sed -nE 's/^quality-agg: log:([0-9]+): .*\[(.*)\]$/\1 \2/p' >got
	cat >want <<'EOF'
2 json-syntax
3 kind
4 range
6 range
7 kind
9 time
10 kind
11 json-duplicate
12 content-key
13 json-utf8
14 json-surrogate
15 json-nul
16 json-syntax
17 json-object
18 json-syntax
19 json-depth
20 line-length
21 range
24 json-syntax
EOF
	same want got
	[ "${stderr_lines[-1]}" = "quality-agg: 19 of 24 lines refused" ]
	for j in 1 3; do
		run -1 --separate-stderr quality-agg -j $j --detail log
		[ "$(printf '%s\n' "${stderr_lines[@]}" | grep -c ':')" -eq 20 ]
	done
	run -0 --separate-stderr quality-agg --max-bad 19 log
	run -1 --separate-stderr quality-agg --max-bad 18 log
}

@test "--strict stops at the first refused line, --max-bad does not" {
	{ line; line; echo; line; } >log
	run -1 --separate-stderr quality-agg --strict log
	[[ $output == '{"request_count":2,'* ]]
	run -0 --separate-stderr quality-agg --max-bad 1 log
	[[ $output == '{"request_count":3,'* ]]
	[ "${stderr_lines[-1]}" = "quality-agg: 1 of 4 lines refused" ]
}

@test "times out of order, before 1970 and at both ends of the calendar have their span" {
	{
		line 'timestamp="9999-12-31T23:59:59Z"'
		line 'timestamp="1969-12-31T23:59:59.5Z"'
		line 'timestamp="0000-01-01T00:00:00Z"'
		line 'timestamp="1970-01-01T00:00:00Z"'
	} >log
	run -0 --separate-stderr quality-agg --every 1d log
	[ "$(printf '%s\n' "$output" | cut -d, -f1)" = '{"time":"0000-01-01T00:00:00Z"
{"time":"1969-12-31T00:00:00Z"
{"time":"1970-01-01T00:00:00Z"
{"time":"9999-12-31T00:00:00Z"' ]
}

@test "memory is that of the values: a log twice as long with --exact needs no more" {
	make_log 2000 8 >some
	for i in {1..20}; do cat some; done >log
	peak() { /usr/bin/env time -f '%M' "$@" 2>&1 >/dev/null | tail -n 1; }
	command -v time >/dev/null || skip "no time(1)"
	peak quality-agg -q -j 2 --detail --exact 1000 log >one
	cat log log log >longer
	peak quality-agg -q -j 2 --detail --exact 1000 longer >three
	[ "$(cat three)" -lt "$(($(cat one) + 2048))" ]
	[ "$(cat three)" -lt 32768 ]
}
