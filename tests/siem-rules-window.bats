#!/usr/bin/env bats
# siem-rules match: what its page promises about correlations.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# correlation MEMBERS: r.yml, a base rule for events with k: x, and a correlation of it.
correlation() {
	printf '%s\n' 'title: base' 'name: base' 'logsource: {category: t}' 'detection:' '  s: {k: x}' '  condition: s' --- \
		'title: C' 'id: 00000000-0000-4000-8000-000000000001' "correlation: {rules: [base], $1}" 'level: high' >r.yml
}

# at TIME...: e.jsonl, an event at each of these times on one day.
at() {
	local t
	for t; do
		printf '{"timestamp": "2026-01-01T%sZ", "k": "x", "u": "a"}\n' "$t"
	done >e.jsonl
}

@test "random streams of every type come to what an independent account of them says" {
	sanitized && rounds=12 || rounds=40
	run -0 python3 "$root/tests/oracle/window.py" 1 "$rounds"
	[[ $output == *' 0 differences' ]]
}

@test "a count that can no longer meet its condition is given up, and no other" {
	run -0 python3 "$root/tests/oracle/window.py" edges
	[[ $output == *' 0 differences' ]]
}

@test "a row has window, group and count, and the event that completed it with --events" {
	correlation 'type: event_count, group-by: [u], timespan: 5m, condition: {gt: 1}'
	at 00:04:59 00:05:00 00:09:59.999 00:09:59.999
	run -1 --separate-stderr siem-rules match -r r.yml --events e.jsonl
	[ "$output" = '{"rule_id": "00000000-0000-4000-8000-000000000001", "title": "C", "level": "high", "lines": [2, 3], "window": ["2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"], "group": {"u": "a"}, "count": 2, "event": {"timestamp": "2026-01-01T00:09:59.999Z", "k": "x", "u": "a"}}' ]
	run -1 --separate-stderr siem-rules match -r r.yml --events --explain e.jsonl
	[ "$(jq -c 'keys_unsorted' <<<"$output")" = '["rule_id","title","level","lines","window","group","count","held","explain","event"]' ]
}

@test "what a window's end decides comes before the line that closed it, and has no event" {
	correlation 'type: event_count, timespan: 5m, condition: {eq: 1}, generate: true'
	at 00:01:00 00:05:59 00:06:00
	run -1 siem-rules match -r r.yml --events e.jsonl
	[ "$(jq -r .title <<<"$output" | paste -sd ' ')" = 'base base C base' ]
	[ "$(jq -c 'select(.title == "C") | [.lines, .count, has("event")]' <<<"$output")" = '[[1],1,false]' ]
}

@test "an event that fits several rules counts for all of them before it is asked what it completes" {
	local name
	{
		for name in a b; do
			printf '%s\n' "title: $name" "name: $name" 'logsource: {category: t}' "detection: {s: {k|contains: $name}, condition: s}" ---
		done
		printf '%s\n' 'title: text' 'correlation: {type: temporal, timespan: 1m, condition: a or b}' --- \
			'title: bound' 'correlation: {type: temporal, rules: [a, b], timespan: 1m, condition: {gte: 1}}' --- \
			'title: values' 'correlation: {type: value_count, rules: [a, b], timespan: 1m, aliases: {v: {a: x, b: y}}, condition: {gte: 1, field: v}}'
	} >r.yml
	printf '%s\n' '{"timestamp": "2026-01-01T00:00:00Z", "k": "ab", "x": 1, "y": 2}' >e.jsonl
	run -1 siem-rules match -r r.yml e.jsonl
	[ "$(jq -c '[.title, .lines, .count]' <<<"$output" | paste -sd ' ')" = '["text",[1],2] ["bound",[1],2] ["values",[1],2]' ]
	run -1 siem-rules match -r r.yml --sliding e.jsonl
	[ "$(jq -c '[.title, .lines, .count]' <<<"$output" | paste -sd ' ')" = '["text",[1],2] ["bound",[1],2] ["values",[1],2]' ]
	# However many windows it completes: 1,000 groups of 6 correlations.
	{
		sed '/^title: text/,$d' r.yml
		seq 6 | sed 's/.*/title: m&\ncorrelation: {type: temporal, timespan: 1m, group-by: [u], condition: a or b}\n---/'
	} >many.yml
	jq -c '.u = [range(1000)]' e.jsonl | siem-rules match -r many.yml -o out || [ $? = 1 ]
	[ "$(jq -c '[.title, .group, .lines]' out | sort -u | wc -l) $(wc -l <out)" = '6000 6000' ]
	# So says the search.
	for name in '.bound.query, "rule_count"' '.values.query, "value_count"'; do
		siem-rules render --pipeline none -f json r.yml | jq -r "$name" >query
		[ "$("$root/tests/oracle/spl.py" "$(head -1 query)" <e.jsonl | jq ".$(tail -1 query)")" = 2 ]
	done
}

@test "events for a closed window are left out and counted; --lateness says how long windows wait" {
	correlation 'type: event_count, timespan: 5m, condition: {gte: 3}'
	at 00:04:00 00:04:30 00:05:59 00:04:40
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl
	[[ $(jq -c .lines <<<"$output") == '[1,2,4]' && -z $stderr ]]
	at 00:04:00 00:04:30 00:06:00 00:04:40
	run -0 --separate-stderr siem-rules match -r r.yml e.jsonl
	[[ -z $output && $stderr == 'siem-rules: 1 late events' ]]
	run -1 --separate-stderr siem-rules match -r r.yml --lateness 2m e.jsonl
	[[ $(jq -c .lines <<<"$output") == '[1,2,4]' ]]
	run -2 siem-rules match -r r.yml --lateness soon e.jsonl
}

@test "with several files windows close at the end of the last, and rows have files" {
	correlation 'type: event_count, timespan: 5m, condition: {gte: 3}'
	at 00:04:00 09:00:00
	cp e.jsonl one.jsonl
	at 00:04:10 00:04:20
	run -1 --separate-stderr siem-rules match -r r.yml one.jsonl e.jsonl
	[ "$(jq -c '[.lines, .file, .files]' <<<"$output")" = '[[1,1,2],"e.jsonl",["one.jsonl","e.jsonl","e.jsonl"]]' ]
	[ "$(jq -c keys_unsorted <<<"$output")" = '["rule_id","title","level","lines","file","files","window","group","count"]' ]
	[ -z "$stderr" ]
}

@test "an event's time is in the first of timestamp, _time, @timestamp and time, or in --time-field" {
	correlation 'type: event_count, timespan: 5m, condition: {gte: 1}'
	printf '%s\n' '{"k": "x", "time": 1767225600, "@timestamp": "2026-01-02T00:00:00Z"}' '{"k": "x", "timestamp": "yesterday", "_time": 1767225600.9}' '{"k": "x"}' '{"k": "x", "at": {"t": "2026-03-01T00:00:00+01:00"}}' >e.jsonl
	run -1 --separate-stderr siem-rules match -r r.yml --lateness 2d e.jsonl
	[ "$(jq -c '.window[0]' <<<"$output" | paste -sd ' ')" = '"2026-01-02T00:00:00Z" "2026-01-01T00:00:00Z"' ]
	[ "$stderr" = 'siem-rules: 2 events without a time' ]
	run -1 --separate-stderr siem-rules match -r r.yml --time-field at.t e.jsonl
	[ "$(jq -c '.window[0]' <<<"$output")" = '"2026-02-28T23:00:00Z"' ]
}

@test "--sliding windows end at each event; what it cannot do is refused" {
	correlation 'type: event_count, timespan: 5m, condition: {gte: 2}'
	at 00:04:59 00:05:01 00:05:02 00:10:01 00:10:02 00:20:00 00:25:00
	run -1 --separate-stderr siem-rules match -r r.yml --sliding e.jsonl
	[ "$(jq -c '[.lines, .window[1]]' <<<"$output" | paste -sd ' ')" = '[[1,2],"2026-01-01T00:05:01Z"]' ]
	correlation 'type: event_count, timespan: 5m, condition: {lt: 2}'
	run -2 --separate-stderr siem-rules match -r r.yml --sliding e.jsonl
	[[ $stderr == *'[sliding]' ]]
}

@test "beyond --max-groups the group touched longest ago is dropped, and counted" {
	correlation 'type: event_count, timespan: 1d, group-by: [u], condition: {gte: 2}'
	printf '{"timestamp": "2026-01-01T00:00:00Z", "k": "x", "u": "%s"}\n' a b a c b a >e.jsonl
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl
	[ "$(jq -c .lines <<<"$output" | paste -sd ' ')" = '[1,3] [2,5]' ]
	run -1 --separate-stderr siem-rules match -r r.yml --max-groups 2 e.jsonl
	[[ $(jq -c .lines <<<"$output" | paste -sd ' ') == '[1,3]' && $stderr == 'siem-rules: '[0-9]' groups dropped' ]]
}

# strangers COUNT STEP: e.jsonl, so many events of users seen once, STEP seconds apart; with every third one of the user
# "hot", but in every other hundred.
strangers() {
	seq "$1" | awk -v step="$2" '{
		t = strftime("%Y-%m-%dT%H:%M:%SZ", 1767225600 + int(NR * step), 1)
		printf "{\"timestamp\": \"%s\", \"k\": \"x\", \"u\": \"u%d\"}\n", t, NR
		if (NR % 3 == 0 && int(NR / 100) % 2 == 0)
			printf "{\"timestamp\": \"%s\", \"k\": \"x\", \"u\": \"hot\"}\n", t
	}' >e.jsonl
}

@test "with --sliding and few groups those that come again are right, those still open are counted, past ones go" {
	correlation 'type: event_count, timespan: 1m, group-by: [u], condition: {gte: 3}'
	# All within one window: each that is new drives out one.
	strangers 90 0.001
	run -1 --separate-stderr siem-rules match -r r.yml --sliding --max-groups 5 e.jsonl
	[[ $(jq -c '[.lines, .group.u]' <<<"$output") == '[[4,8,12],"hot"]' && $stderr == 'siem-rules: 86 groups dropped' ]]
	# Some 16 in a window and its lateness: to drop others is no loss.
	strangers 3000 8
	siem-rules match -r r.yml --sliding -o all e.jsonl || [ $? = 1 ]
	[ "$(jq -c '[.group.u, (.lines | length)]' all | uniq -c | tr -s ' ')" = ' 15 ["hot",3]' ]
	run -1 --separate-stderr siem-rules match -r r.yml --sliding --max-groups 20 e.jsonl
	[[ $output == "$(<all)" && -z $stderr ]]
	# Without a limit those that are past do not stay either.
	sanitized || {
		strangers 100000 1
		[ "$( { command time -f %M siem-rules match -j 1 -q -r r.yml --sliding -o out e.jsonl; } 2>&1 | tail -1)" -lt 20000 ]
	}
}

@test "100,000 groups take the memory that the page says" {
	correlation 'type: event_count, timespan: 1d, group-by: [u], condition: {eq: 2}'
	seq 100000 | sed 's/.*/{"timestamp": "2026-01-01T00:00:00Z", "k": "x", "u": "user-&"}/' >e.jsonl
	sed -n 1~2p e.jsonl >again && cat again >>e.jsonl
	sanitized || ulimit -v 400000
	siem-rules match -j 1 -r r.yml -o out e.jsonl || [ $? = 1 ]
	[ "$(wc -l <out)" = 50000 ]
	[ "$(jq -r '.group.u' out | head -2 | paste -sd ' ')" = 'user-1 user-10001' ]
	sanitized || [ "$( { command time -f %M siem-rules match -j 1 -q -r r.yml -o out e.jsonl; } 2>&1 | tail -1)" -lt 60000 ]
}

@test "lines are the last 1,000 that contributed" {
	correlation 'type: event_count, timespan: 1d, condition: {eq: 2500}'
	seq 2500 | sed 's/.*/{"timestamp": "2026-01-01T00:00:00Z", "k": "x"}/' >e.jsonl
	run -1 siem-rules match -r r.yml e.jsonl
	[ "$(jq -c '[(.lines | length), .lines[0], .lines[-1], .count]' <<<"$output")" = '[1000,1501,2500,2500]' ]
}

@test "SIGINT ends standard input as its end does, but leaves open windows undecided and says so" {
	correlation 'type: event_count, timespan: 1d, condition: {eq: 2}'
	at 00:00:01 00:00:02
	mkfifo in
	(
		trap - INT
		exec siem-rules match -r r.yml <in >out 2>err 3>&-
	) &
	local fd pid=$!
	exec {fd}>in
	cat e.jsonl >&$fd
	sleep 0.5
	kill -INT $pid
	wait $pid && status=0 || status=$?
	exec {fd}>&-
	[[ $status == 0 && ! -s out && $(cat err) == 'siem-rules: 1 open windows' ]]
}

@test "correlations are chained: what is found is an event of the outer one" {
	{
		cat <<-'EOT'
			title: base
			name: base
			logsource: {category: t}
			detection:
			  s: {k: x}
			  condition: s
			---
			title: inner
			name: inner
			correlation: {type: event_count, rules: [base], group-by: [u], timespan: 1m, condition: {gte: 2}}
			---
			title: outer
			name: outer
			correlation: {type: value_count, rules: [inner], timespan: 1h, condition: {gte: 2, field: u}}
		EOT
	} >r.yml
	printf '{"timestamp": "2026-01-01T00:00:0%s", "k": "x", "u": "%s"}\n' 1Z a 2Z b 3Z a 4Z b >e.jsonl
	run -1 siem-rules match -r r.yml e.jsonl
	[ "$(jq -c '[.title, .lines, .count]' <<<"$output")" = '["outer",[3,4],2]' ]
}

@test "a value that an event has and one that a correlation tells on are the same value" {
	cat >mixed.yml <<'EOF'
title: A
name: a
id: 7ae31964-eba2-421b-9919-5c9af03af4f1
status: test
description: x
author: x
date: 2026-01-01
logsource: {product: clinical_ai, service: audit}
detection:
    s: {action: read}
    condition: s
level: low
---
title: B
name: b
id: 7ae31964-eba2-421b-9919-5c9af03af4f3
status: test
description: x
author: x
date: 2026-01-01
logsource: {product: clinical_ai, service: audit}
detection:
    s: {action: write}
    condition: s
level: low
---
title: I
name: i
id: 7ae31964-eba2-421b-9919-5c9af03af4f4
status: test
description: x
author: x
date: 2026-01-01
correlation: {type: event_count, rules: [a], group-by: [user_id], timespan: 1h, condition: {gte: 1}}
level: low
---
title: O
id: 7ae31964-eba2-421b-9919-5c9af03af4f2
status: test
description: x
author: x
date: 2026-01-01
correlation: {type: value_count, rules: [i, b], timespan: 1d, condition: {gte: 2, field: user_id}}
level: low
EOF
	printf '%s\n' '{"action":"read","user_id":"u\u0031","timestamp":"2026-01-05T00:00:00Z"}' \
		'{"action":"write","user_id":"u1","timestamp":"2026-01-05T00:00:10Z"}' >one.jsonl
	run -0 siem-rules match -r mixed.yml one.jsonl
	[ -z "$output" ]
	printf '%s\n' '{"action":"write","user_id":1,"timestamp":"2026-01-05T00:00:20Z"}' \
		'{"action":"read","user_id":1,"timestamp":"2026-01-05T00:00:30Z"}' >>one.jsonl
	run -1 --separate-stderr siem-rules match -r mixed.yml one.jsonl
	[ "$(jq -c '[.title, .count, .lines]' <<<"$output")" = '["O",2,[1,2,3]]' ]
}
