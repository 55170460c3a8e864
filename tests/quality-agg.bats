#!/usr/bin/env bats
# quality-agg: one test for each promise of its man page; what it accepts is in quality-agg-input.bats.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "golden pairs: output, messages and exit status" {
	local want n=0
	for want in "$root"/tests/golden/quality-agg/*.want; do
		{
			status=0
			quality-agg <"${want%.want}.in" 2>err || status=$?
			cat err
			echo "exit $status"
		} >got
		same "$want" got
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

@test "the examples of the page work" {
	{ line; line "timestamp=\"$(date -u +%FT%TZ -d '1 hour ago')\""; } >ai-quality.jsonl
	gzip -k ai-quality.jsonl
	sed -nE 's/\\e$/\\/; s/\\\(dq/"/g; s/^(\.Dl )?\$ //p; s/^    -/-/p' "$root/man/quality-agg.1" >examples
	[ "$(grep -c '^quality-agg\||' examples)" -eq 8 ]
	run -0 --separate-stderr bash -eo pipefail examples
	[ -z "$stderr" ]
	[ "$(printf '%s\n' "$output" | grep -o '"request_count":2,' | wc -l)" -eq 3 ]
	[ "${lines[2]}" = true ]
	[[ ${lines[3]} == '{"model_id":"m","request_count":4,'*'"last_timestamp":'* ]]
	grep -q '"request_count":1,' monday.json
}

@test "the dictionary equals the reference at every size, the sums correctly rounded" {
	make_log 4097 7 >all
	for n in 1 2 19 20 21 100 4097; do
		head -n "$n" all >log
		quality-agg log >got
		reference <log >want
		agrees got want
	done
}

@test "any number of workers gives the same bytes, from a file and from a pipe" {
	make_log 5000 3 >log
	quality-agg -j 1 log >want
	for j in 2 3 8; do
		quality-agg -j "$j" log >got
		same want got
		# shellcheck disable=SC2002  # a pipe is the point
		cat log | quality-agg --jobs="$j" >got
		same want got
	done
	{ head -c 100000 log; sleep 0.2; tail -c +100001 log; } | quality-agg - >got
	same want got
}

@test "the order of lines and their split over files do not matter" {
	make_log 3000 4 >log
	quality-agg log >want
	sort -R --random-source=/dev/zero log >shuffled
	quality-agg shuffled >got
	same want got
	split -n l/7 log part.
	quality-agg part.* >got
	same want got
	quality-agg part.a[a-c] - part.a[e-g] <part.ad >got
	same want got
}

@test "the last line needs no LF, and CR LF is white space" {
	line >log
	quality-agg log >want
	printf %s "$(line)" | quality-agg >got
	same want got
	sed 's/$/\r/' log | quality-agg >got
	same want got
}

@test "p95 is the element at floor(95 n / 100): of 1 to 20 it is 20" {
	for i in $(seq 20); do line "latency_ms=$i"; done >log
	quality-agg log | grep -q '"p95_latency_ms":20,'
}

@test "a score of 0 does not count, and no score at all is null" {
	{ line top_retrieval_score=0; line top_retrieval_score=-0.0; line top_retrieval_score=null; line top_retrieval_score-; } >log
	quality-agg log | grep -q '"avg_top_retrieval_score":null,'
	line top_retrieval_score=-0.25 >>log
	quality-agg log | grep -q '"avg_top_retrieval_score":-0.25,'
}

@test "the clinician's rate is over answers given, null without any" {
	{ line; line clinician_thumbs_up-; } >log
	quality-agg log | grep -q '"clinician_positive_rate":null}'
	{ line clinician_thumbs_up=true; line clinician_thumbs_up=false; line clinician_thumbs_up=true; line clinician_thumbs_up=true; } >>log
	quality-agg log | grep -q '"clinician_positive_rate":0.75}'
}

@test "numbers are written as JSON.stringify writes them" {
	line latency_ms=620.0 citation_count=0 >log
	quality-agg log | grep -q '"avg_latency_ms":620,"p95_latency_ms":620,.*"avg_citation_count":0,'
	line latency_ms=1e-7 >log
	quality-agg log | grep -q '"p95_latency_ms":1e-7,'
	line latency_ms=1000000000000000.0 >log
	quality-agg log | grep -q '"p95_latency_ms":1000000000000000,'
}

@test "no line prints {} and ends with 1, said once" {
	run -1 --separate-stderr quality-agg </dev/null
	[ "$output" = '{}' ]
	[ "$stderr" = "quality-agg: no line to work on" ]
}

@test "--since and --until: from, and up to but not with" {
	for h in 00 01 02 03; do line "timestamp=\"2026-01-05T$h:00:00.5Z\"" "latency_ms=$h"; done | sed 's/: 0\([1-3]\),/: \1,/; s/: 00,/: 0,/' >log
	run -0 quality-agg --since 2026-01-05T01:00:00.5Z --until 2026-01-05T03:00:00.5Z log
	[[ $output == '{"request_count":2,"avg_latency_ms":1.5,'* ]]
	run -0 quality-agg --since 2026-01-05T03:30:00.5+02:00 --until 2026-01-05T03:00:00.500000001Z log
	[[ $output == '{"request_count":2,"avg_latency_ms":2.5,'* ]]
	run -0 quality-agg --since 100y log
	[[ $output == '{"request_count":4,'* ]]
	run -1 --separate-stderr quality-agg --until 2026-01-05T00:00:00Z log
	[ "$output" = '{}' ]
	[ "$stderr" = "quality-agg: no accepted line is within the time asked for" ]
}

@test "--window: the last D up to --until, by default up to now" {
	for t in 2026-01-04T12:00:00Z 2026-01-04T12:00:00.001Z 2026-01-05T11:59:59Z 2026-01-05T12:00:00Z; do
		line "timestamp=\"$t\""
	done >log
	run -0 quality-agg --window 24h --until 2026-01-05T12:00:00Z log
	[[ $output == '{"request_count":3,'* ]]
	run -0 quality-agg --window P1D --until 2026-01-05T12:00:00.001Z log
	[[ $output == '{"request_count":3,'* ]]
	run -1 quality-agg --window 1s log
	{ line "timestamp=\"$(date -u +%FT%TZ -d '2 hours ago')\""; line "timestamp=\"$(date -u +%FT%TZ -d 'next year')\""; } >>log
	run -0 quality-agg --window 3h log
	[[ $output == '{"request_count":1,'* ]]
	run -0 quality-agg --since 3h log
	[[ $output == '{"request_count":2,'* ]]
}

@test "--window with --since, or a zero or unreadable duration, is a usage error" {
	line >log
	for options in '--window 24h --since 1d' '--window 0s' '--window 24' '--window x' '--window PT0H' '--since x' \
		'--until 2026-01-05' '--window 9223372036854775808s'; do
		# shellcheck disable=SC2086  # several words
		run -2 --separate-stderr quality-agg $options log
		[ -z "$output" ]
		[[ $stderr == "quality-agg: option"* ]]
	done
}

@test "--exact N: beyond N values p95 is within 1 %, which is said, and the same for any cut" {
	make_log 5000 6 >log
	quality-agg --exact 5000 log >exact 2>err
	[ ! -s err ]
	run -0 --separate-stderr quality-agg --exact 4999 -j 1 log
	printf '%s\n' "$output" >rough
	[ "$stderr" = "quality-agg: latency_ms: more than 4999 values: quantiles are estimated within 1 %" ]
	python3 -c '
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
x, y = a.pop("p95_latency_ms"), b.pop("p95_latency_ms")
sys.exit(not (a == b and x != y and abs(x - y) <= 0.01 * x))' exact rough
	for n in 4999 100 0; do
		for j in 1 2 4; do
			quality-agg --quiet --exact "$n" -j "$j" log >got
			same rough got
		done
	done
	split -n l/5 log part.
	quality-agg -q --exact 10 part.* >got
	same rough got
}

@test "-o FILE replaces FILE when all is done, and keeps it where nothing is" {
	make_log 100 1 >log
	quality-agg log >want
	echo old >out
	quality-agg -o out log
	same want out
	quality-agg --output=new log
	same want new
	run -2 --separate-stderr quality-agg -o no/such/file log
	[[ $stderr == "quality-agg: no/such/file: "* ]]
	# Cut short by a signal, the old file stays.
	mkfifo pipe
	quality-agg -o out pipe &
	pid=$!
	exec 9>pipe
	cat log >&9
	sleep 0.3
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	exec 9>&-
	[ "$status" -eq 143 ]
	same want out
	[ "$(find . -name '*out*' | wc -l)" -eq 1 ]
}

@test "SIGTERM ends stdin as the end of input does" {
	make_log 50 1 >log
	quality-agg log >want
	mkfifo pipe
	quality-agg <pipe >got &
	pid=$!
	exec 9>pipe
	cat log >&9
	printf '{"unfinished' >&9
	sleep 0.3
	kill -TERM "$pid"
	wait "$pid"
	exec 9>&-
	same want got
}

@test "a file that cannot be read is named, the others are aggregated, and the exit status is 2" {
	line >log
	mkdir dir
	run -2 --separate-stderr quality-agg absent log dir log
	[[ $output == '{"request_count":2,'* ]]
	[ "${stderr_lines[0]}" = "quality-agg: absent: No such file or directory" ]
	[ "${stderr_lines[1]}" = "quality-agg: dir: Is a directory" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "a failed write is trouble, a closed pipe is silent" {
	make_log 10 1 >log
	run -2 --separate-stderr bash -c 'quality-agg log >/dev/full'
	[[ $stderr == "quality-agg: <stdout>: No space left on device" ]]
	run -2 bash -c 'quality-agg --help >/dev/full'
	run -2 bash -c 'quality-agg --version >/dev/full'
	run -2 bash -c 'echo | quality-agg 2>/dev/full'
	run --separate-stderr bash -c 'set -o pipefail; { sleep 0.3; cat log; } | quality-agg | true'
	[ "$status" -eq 141 ]
	[ -z "$stderr" ]
}

@test "-q says errors only, --progress says how far it is" {
	make_log 200 1 >log
	run -0 --separate-stderr quality-agg -q --exact 5 log
	[ -z "$stderr" ]
	run -0 --separate-stderr quality-agg --progress log
	[[ $stderr == *MB* ]]
	echo >>log
	run -1 --separate-stderr quality-agg -q log
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "options that do not exist are named and refused" {
	line >log
	for option in --group --each --verbose; do
		run -2 --separate-stderr quality-agg "$option" log
		[[ ${stderr_lines[0]} == "quality-agg: unknown option $option" ]]
	done
	run -2 --separate-stderr quality-agg --max log
	[[ ${stderr_lines[0]} == "quality-agg: ambiguous option --max" ]]
	run -2 quality-agg -j 0 log
	run -2 quality-agg -j 257 log
	run -2 quality-agg --exact -1 log
	run -2 quality-agg --max-bad x log
}

@test "-o keeps the old file if nothing could be read" {
	cd "$BATS_TEST_TMPDIR"
	echo old >out
	run -2 quality-agg -o out none
	[[ $(cat out) == old ]]
}
