#!/bin/sh
# ship-cloudwatch.sh GROUP LOG STATE - ship what is new in LOG to the CloudWatch log group, each entry once.
# STATE is a folder of ours: how far we are, and what is on its way.  The script may be killed at any point and
# run again, by hand, cron or a timer.  The service has no idempotency, so the one request whose answer was not
# seen is looked up there, by eventID in its time span, before it is sent again; for the same reason the client
# must not retry by itself.  A run waits for what an earlier one left running.
# STATE/refused.* names the lines that were not sent (too old, for one), STATE/rejected.* the entries that the
# service dropped.  0: all is there; 1: all but those; 2: not yet, run it again.
# Environment: ENDPOINT (another URL), STREAM (a strftime pattern), CHUNK (bytes planned at once), SETTLE (seconds
# until what was sent can be found), TRIES, INTERVAL (seconds between two looks at LOG; none: end when it is shipped).
set -eu
[ $# -eq 3 ] || { echo "usage: ship-cloudwatch.sh GROUP LOG STATE" >&2; exit 2; }
group=$1 log=$2 state=$3
: "${STREAM:=ai-phi-audit-%Y-%m-%d}" "${CHUNK:=8388608}" "${SETTLE:=15}" "${TRIES:=5}" "${INTERVAL:=}"
export AWS_MAX_ATTEMPTS=1 AWS_PAGER='' LC_ALL=C
plan=$state/plan status=0 ended=
trap '[ -n "$ended" ] || exit 2' EXIT # whatever failed: it is not all there

die() {
	echo "ship-cloudwatch.sh: $*" >&2
	exit 2
}

logs() {
	aws ${ENDPOINT:+--endpoint-url "$ENDPOINT"} --output json logs "$@"
}

# keep FILE: make standard input FILE, durably and at once.
keep() {
	cat >"$1.tmp"
	sync "$1.tmp"
	mv "$1.tmp" "$1"
	sync "$state"
}

# What tells a log from its successor: its first line, which never changes and holds a random id.
mark_of() {
	head -n 1 "$1" | sha256sum | cut -d ' ' -f 1
}

# Which file is to be read on, from where: LOG, or what LOG was before it was sealed or rotated (LOG-*, LOG.*), while
# that has more.
source_find() {
	[ -r "$log" ] || die "$log: cannot be read"
	file=$log bytes=0 lines=0 mark=$(mark_of "$log")
	[ -s "$log" ] && [ -e "$state/offset" ] || return 0
	read -r bytes lines was <"$state/offset"
	if [ "$mark" != "$was" ]; then
		file=
		for old in "$log"-* "$log".*; do
			[ ! -f "$old" ] || [ "$(mark_of "$old")" != "$was" ] || file=$old
		done
		[ -n "$file" ] || die "what $log was is gone; remove $state/offset to begin it anew"
		if [ "$(wc -c <"$file")" -gt "$bytes" ]; then
			mark=$was
		else
			bytes=0 lines=0 file=$log
		fi
	fi
	[ "$(wc -c <"$file")" -ge "$bytes" ] || die "$file is shorter than what was shipped of it"
}

# Plan the requests for what is new: whole lines, and without the log's own, which are no entries.
plan_next() {
	source_find
	rm -rf "$plan.tmp"
	mkdir "$plan.tmp"
	tail -c "+$((bytes + 1))" "$file" | head -c "$CHUNK" >"$plan.tmp/raw"
	new=$(wc -l <"$plan.tmp/raw")
	[ "$new" -gt 0 ] || return 0
	head -n "$new" "$plan.tmp/raw" >"$plan.tmp/whole"
	sed 's/^{"log_event".*//' "$plan.tmp/whole" >"$plan.tmp/lines"
	: >"$plan.tmp/refusals"
	audit-emit -q -f put-log-events --log-group "$group" --log-stream "$STREAM" \
		--rejects "$plan.tmp/refusals" "$plan.tmp/lines" >"$plan.tmp/requests" 2>"$plan.tmp/said" ||
		[ $? -eq 1 ] || die "no plan: $(tail -n 1 "$plan.tmp/said")"
	jq -c --arg file "$file" --argjson lines "$lines" '.file = $file | .line += $lines' \
		"$plan.tmp/refusals" >"$plan.tmp/refused"
	echo "$((bytes + $(wc -c <"$plan.tmp/whole"))) $((lines + new)) $mark" >"$plan.tmp/end"
	echo 0 >"$plan.tmp/done"
	sync "$plan.tmp"/* "$plan.tmp"
	mv "$plan.tmp" "$plan"
	sync "$state"
}

# See to it that the log stream is there.
stream_make() {
	grep -qxF -- "$stream" "$state/streams" 2>/dev/null && return
	logs create-log-stream --log-group-name "$group" --log-stream-name "$stream" 2>"$plan/said" ||
		grep -q ResourceAlreadyExistsException "$plan/said" || die "$(tail -n 1 "$plan/said")"
	echo "$stream" >>"$state/streams"
}

# Leave in the request what of it is not at the service.  False if that cannot be told.
look_up() {
	sleep "$SETTLE"
	jq -r '.logEvents | .[0].timestamp, .[-1].timestamp + 1' "$plan/request" >"$plan/span" &&
		logs filter-log-events --log-group-name "$group" --log-stream-names "$stream" \
			--start-time "$(sed -n 1p "$plan/span")" --end-time "$(sed -n 2p "$plan/span")" \
			--query 'events[].message' >"$plan/there" 2>"$plan/said" &&
		jq -c --slurpfile there "$plan/there" '
			(reduce ($there[0][] | fromjson? | .eventID) as $id ({}; .[$id] = true)) as $seen
			| .logEvents |= map(select($seen[.message | fromjson.eventID] | not))' \
			"$plan/request" >"$plan/rest" && mv "$plan/rest" "$plan/request"
}

# request N: send the N-th request, which may have been sent before if it is the one under way.
request() {
	sed -n "$1p" "$plan/requests" >"$plan/request"
	stream=$(jq -r .logStreamName "$plan/request")
	stream_make
	unseen=$([ "$(cat "$plan/sending" 2>/dev/null)" != "$1" ] || echo yes)
	try=0
	while :; do
		if [ -z "$unseen" ] || look_up; then
			[ "$(jq '.logEvents | length' "$plan/request")" -gt 0 ] || return 0
			echo "$1" | keep "$plan/sending"
			unseen=yes
			logs put-log-events --cli-input-json "file://$plan/request" >"$plan/reply" 2>"$plan/said" && break
		fi
		try=$((try + 1))
		[ "$try" -lt "$TRIES" ] || die "request $1 was not answered: $(tail -n 1 "$plan/said")"
		sleep "$try"
	done
	[ -s "$plan/reply" ] || echo '{}' >"$plan/reply" # the client prints nothing for an empty one
	audit-emit -q --check-reply --requests "$plan/request" "$plan/reply" >"$plan/rejected.$1" || [ $? -eq 1 ] ||
		die "the answer to request $1 cannot be read"
}

# Send what is planned and not done.  What has no answer yet is request done + 1.
plan_send() {
	count=$(wc -l <"$plan/requests")
	n=$(cat "$plan/done")
	while [ "$n" -lt "$count" ]; do
		n=$((n + 1))
		request "$n"
		echo "$n" | keep "$plan/done"
	done
}

# All of the plan is at the service: put down what is not, and how far we are.
plan_end() {
	read -r end _ <"$plan/end"
	cat "$plan"/rejected.* 2>/dev/null >"$plan/dropped" || :
	for what in refused:refused dropped:rejected; do
		[ -s "$plan/${what%:*}" ] || continue
		keep "$state/${what#*:}.$end" <"$plan/${what%:*}"
		echo "ship-cloudwatch.sh: not shipped: see $state/${what#*:}.$end" >&2
		status=1
	done
	keep "$state/offset" <"$plan/end"
	rm -rf "$plan.old"
	mv "$plan" "$plan.old"
	rm -rf "$plan.old"
}

mkdir -p "$state"
exec 9>"$state/lock"
flock -w 600 9 || die "another run does not end"
while :; do
	[ -d "$plan" ] || plan_next
	if [ -d "$plan" ]; then
		plan_send
		plan_end
	elif [ -n "$INTERVAL" ]; then
		sleep "$INTERVAL"
	else
		ended=yes
		exit "$status"
	fi
done
