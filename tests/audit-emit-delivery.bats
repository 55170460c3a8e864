#!/usr/bin/env bats
# audit-emit(1): requests for CloudWatch Logs, and what the service answers to them.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	send=(audit-emit -f put-log-events --log-group /audit/phi)
}

# event ID [SECONDS]: an event of so many seconds from now.
event() {
	printf '{"event_id":"%s","event_type":"phi_read","timestamp":"%s","user_id":"dr.lee","user_role":"nurse","patient_id":"P1","resource_type":"Patient","use_case":"care","source_ip":"::1","service_component":"gw","request_id":"r-1"}\n' \
		"$1" "$(date -u -d "${2:-0} seconds" +%Y-%m-%dT%H:%M:%S.%NZ)"
}

@test "a request has the group, a stream of the day, and the events in the order of their time" {
	{ event b -10; event c -5; event a -20; event d -5; } >events
	run -0 --separate-stderr "${send[@]}" --log-stream 'h-%Y' events
	[ -z "$stderr" ]
	[ "$(jq -c '[.logGroupName, .logStreamName]' <<<"$output")" = "[\"/audit/phi\",\"h-$(date -u +%Y)\"]" ]
	[ "$(jq -r '[.logEvents[].message | fromjson.eventID] | join(" ")' <<<"$output")" = "a b c d" ]
	jq -r '.logEvents[].message' <<<"$output" >messages
	audit-emit -f cloudwatch events | sort | cmp - <(sort messages)
	# To the millisecond, rounded down.
	jq -r '.logEvents[] | [.timestamp, (.message | fromjson.eventTime)] | join(" ")' <<<"$output" | while read -r ms time; do
		[ "$ms" = "$(date -u -d "$time" +%s%N | sed 's/......$//')" ]
	done
}

@test "what the service would drop is refused, with its line, and at once" {
	{ event a -1209660; event b; event c 7260; event d -1209500; event e 7100; } >events
	run -1 --separate-stderr "${send[@]}" --log-stream all events
	[ "$(jq -r '[.logEvents[].message | fromjson.eventID] | join(" ")' <<<"$output" | xargs)" = "b d e" ]
	[[ $stderr == *'audit-emit: events:1: field "timestamp": more than 14 days old, or more than 2 hours ahead [time-window]'* ]]
	[[ $stderr == *'events:3: field "timestamp": '*'[time-window]'* ]]
	[[ $stderr == *"3 written, 2 refused"* ]]
}

@test "every request of a hostile stream obeys every limit, nothing is lost or doubled, what is refused is named" {
	python3 "$root/tests/oracle/requests.py" make 1 small >events
	run -1 --separate-stderr "${send[@]}" --log-stream one -o requests events
	echo "$stderr" >said
	run -0 python3 "$root/tests/oracle/requests.py" check events requests said
	echo "$output"
	run -1 --separate-stderr "${send[@]}" --log-stream 's-%d-%H-%M' -j 2 -o requests events
	echo "$stderr" >said
	run -0 python3 "$root/tests/oracle/requests.py" check events requests said
}

@test "of more than 32 streams the one opened first is written first" {
	for i in $(seq 1 40); do event "e$i" -$((i * 60)); done >events
	"${send[@]}" --log-stream '%Y-%d-%H-%M' events >requests
	[ "$(wc -l <requests)" = 40 ]
	[ "$(jq -r '.logEvents[0].message | fromjson.eventID' requests | xargs)" = "$(seq -f 'e%g' 1 40 | xargs)" ]
	# The 33rd stream comes before the second event of the first.
	{ head -33 events; event late -60; } | "${send[@]}" --log-stream '%Y-%d-%H-%M' >requests
	[ "$(jq -r 'select(.logEvents | length > 1) | .logEvents | length' requests)" = "" ]
	{ head -32 events; sed -n 1p events; } | "${send[@]}" --log-stream '%Y-%d-%H-%M' >requests
	[ "$(jq -r '.logEvents | length' requests | xargs | cut -c 1-3)" = "2 1" ]
}

@test "an open request is written after --batch-wait, while the input waits" {
	{ event a; sleep 2.2; event b; } | "${send[@]}" --batch-wait 1s | while read -r line; do
		echo "$(date +%s%N) $line"
	done >got
	[ "$(wc -l <got)" = 2 ]
	read -r first _ <got
	read -r second _ < <(tail -1 got)
	# The first was not held until the second event, nor the second until its wait was over.
	((second - first > 800000000 && second - first < 2000000000))
	{ event a; sleep 0.2; event b; } | "${send[@]}" --batch-wait 1h >got
	[ "$(wc -l <got)" = 1 ]
	{ event a; sleep 0.4; event b; } | "${send[@]}" --batch-wait 0s >got
	[ "$(wc -l <got)" = 2 ]
}

@test "SIGTERM writes what is open" {
	mkfifo pipe
	"${send[@]}" --batch-wait 1h <pipe >got &
	pid=$!
	exec 9>pipe
	event a >&9
	sleep 0.4
	[ ! -s got ]
	kill -TERM $pid
	wait $pid
	exec 9>&-
	[ "$(jq '.logEvents | length' got)" = 1 ]
}

@test "-n makes a request of one event" {
	run -0 "${send[@]}" -n --event-type phi_read --user-id u --user-role r --patient-id P --resource-type Patient \
		--use-case c --source-ip ::1 --service-component g --request-id q
	[ "$(jq '.logEvents | length' <<<"$output")" = 1 ]
}

@test "no group, an illegal group or stream, or a wait that is no span, is a usage error" {
	run -2 audit-emit -f put-log-events
	run -2 audit-emit --log-group g
	for name in '' 'a b' 'a:b' é "$(printf '%513s' '' | tr ' ' a)"; do run -2 audit-emit -f put-log-events --log-group "$name"; done
	for name in '' '%H:%M' 'a*' $'a\n' $'\xff' "$(printf '%513s' '' | tr ' ' a)"; do
		run -2 "${send[@]}" --log-stream "$name"
	done
	run -2 "${send[@]}" --batch-wait soon
	run -0 "${send[@]}" --log-group "$(printf '%512s' '' | tr ' ' a)" --log-stream 'a/b é%%' <<<"$(event a)"
	[[ $output == *'"logStreamName": "a/b \u00e9%"'* ]]
}

@test "the stream's name is of the entry's time in UTC, whatever TZ says" {
	event a >events
	want=$(jq -r .timestamp events | cut -c 1-13)
	for zone in UTC Asia/Tokyo America/New_York; do
		[ "$(TZ=$zone "${send[@]}" --log-stream '%Y-%m-%dT%H' events | jq -r .logStreamName)" = "$want" ]
		[ "$(TZ=$zone "${send[@]}" --log-stream '%s' events | jq -r '.logStreamName == (.logEvents[0].timestamp / 1000 | floor | tostring)')" = true ]
	done
}

@test "syslog: --framing octet counts the bytes of a message, lf ends it" {
	event é >events
	audit-emit -f syslog events >lf
	audit-emit -f syslog --framing lf events | cmp - lf
	{ printf '%d ' "$(($(wc -c <lf) - 1))"; head -c -1 lf; } >want
	audit-emit -f syslog --framing octet events | cmp - want
	cat events events events | audit-emit -f syslog --framing octet | cmp - <(cat want want want)
	run -2 audit-emit -f cef --framing octet events
	run -2 audit-emit -f syslog --framing crlf events
}

@test "a full disk or a closed pipe is not success" {
	for i in $(seq 1 300); do event "e$i"; done >events
	run -2 --separate-stderr bash -c '"$@" events >/dev/full' _ "${send[@]}"
	[[ $stderr == *"No space left on device"* ]]
	run -141 bash -c '"$@" --log-stream "%s" --batch-wait 0s events | true; exit ${PIPESTATUS[0]}' _ "${send[@]}"
}

# ---- --check-reply

requests() {
	for i in 1 2 3 4; do event "e$i" -$((100 - i)); done >events
	"${send[@]}" --log-stream a events >one
	{ event x1 -3; event x2 -2; } | "${send[@]}" --log-stream b >two
	cat one two >requests
	record() { sed -n "$1p" records; }
	audit-emit events >natives
}

checks() {
	run "-$1" --separate-stderr audit-emit --check-reply --requests requests
}

@test "--check-reply: replies that reject nothing are exit 0, and nothing is said" {
	requests
	checks 0 <<<'{"nextSequenceToken": "1"} {}'
	[[ -z $output && -z $stderr ]]
	checks 0 <<<'{"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 0, "expiredLogEventEndIndex": 0, "tooNewLogEventStartIndex": 4}}{}'
	[[ -z $output && -z $stderr ]]
}

@test "--check-reply names each rejected entry, in order, with the first reason that holds" {
	requests
	checks 1 <<'EOF'
{
    "nextSequenceToken": "x",
    "rejectedLogEventsInfo": {
        "tooNewLogEventStartIndex": 3,
        "expiredLogEventEndIndex": 2,
        "tooOldLogEventEndIndex": 1
    }
}{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":1}}
EOF
	[ "$(jq -c '[.request, .index, .reason, .event_id]' <<<"$output" | xargs)" = \
		"[1,0,too-old,e1] [1,1,expired,e2] [1,3,too-new,e4] [2,1,too-new,x2]" ]
	first=$(head -1 <<<"$output")
	[ "$first" = "{\"request\": 1, \"index\": 0, \"reason\": \"too-old\", \"event_id\": \"e1\", \"timestamp\": \"$(jq -r .timestamp <(head -1 events))\", \"integrity_hash\": \"$(head -1 natives | tr -d '\n' | sha256sum | cut -d ' ' -f 1)\"}" ]
}

@test "--check-reply: replies may be in several files, and spaced in any way" {
	requests
	printf ' \r\n\t{ "rejectedLogEventsInfo" :\n{} }\n\n' >r1
	echo '{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":2}}' >r2
	run -1 --separate-stderr audit-emit --check-reply --requests requests r1 r2
	[ "$(wc -l <<<"$output")" = 2 ]
	run -1 audit-emit --check-reply --requests requests -o names r1 r2
	[ "$(wc -l <names)" = 2 ]
}

@test "--check-reply: what cannot be told is exit 2" {
	requests
	while read -r reply; do
		checks 2 <<<"$reply"
		[[ -n $stderr && $stderr != *secret* ]] || echo "$reply: $stderr"
	done <<'EOF'

{}
{}{}{}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":3}}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":-1}}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1.5}}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":"1"}}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":null}}
{}{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1,"tooOldLogEventEndIndex":1}}
{}{"rejectedLogEventsInfo":[]}
{}{"rejectedLogEventsInfo":
{}{"secret":
{}{]
{}[]
{},{}
{}{"message":"secret","__type":"ResourceNotFoundException"}
secret
EOF
	run -2 audit-emit --check-reply --requests nowhere <<<'{}{}'
	run -2 audit-emit --check-reply --requests requests nowhere
	run -2 audit-emit --check-reply <<<'{}'
	run -2 audit-emit --requests requests <<<'{}'
	run -2 audit-emit --check-reply --requests requests --strict <<<'{}'
	for bad in '{}' '{"logEvents":1}' '{"logEvents":[1]}' '{"logEvents":[{"message":1}]}' '{"logEvents":[]' '{"logEvents":[]} x' ''; do
		echo "$bad" >requests
		checks 2 <<<'{}'
	done
}

@test "--check-reply: a rejected entity is told on stderr and is no rejected entry" {
	requests
	checks 0 <<<'{"rejectedEntityInfo":{"errorType":"secret"}}{}'
	[ -z "$output" ]
	[[ $stderr == "audit-emit: <stdin>: reply 1: the entity was rejected, the events were not" ]]
}

@test "--check-reply: an event that is no record of ours is named by its place" {
	echo '{"logEvents":[{"timestamp":1,"message":"hello"},{"message":"{\"eventID\":7}"}]}' >requests
	checks 1 <<<'{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":0}}'
	[ "$output" = '{"request": 1, "index": 0, "reason": "too-new", "event_id": null, "timestamp": null, "integrity_hash": null}
{"request": 1, "index": 1, "reason": "too-new", "event_id": null, "timestamp": null, "integrity_hash": null}' ]
}
