#!/usr/bin/env bats
# The reviews that rules ask for (audit-tools(7), REVIEWS).

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	reviews=$root/examples/reviews
	all=(accounting who-read user-activity break-glass unusual denied-bursts)
	fill=(--user-id ann --user-role nurse --patient-id P1 --resource-type Patient --use-case triage --source-ip ::1
		--service-component gw)
}

# ids SCRIPT: its argument, if it takes one.
ids() {
	case $1 in accounting | who-read | user-activity) echo P1 ;; esac
}

@test "every review finds what an independent implementation finds, planted cases and near misses" {
	run -0 python3 "$root/tests/oracle/reviews.py" "$reviews" 11 900
	[[ $output == *" 0 wrong" ]]
}

@test "a review reads a log as audit-hash keeps it, from files or standard input" {
	printf '{"request_id": "r1"}\n' | audit-emit "${fill[@]}" --event-type phi_read --event-id e1 \
		--timestamp 2026-03-01T00:00:00Z --phi-fields-accessed a,b.c --recipient 'x\y' >entries
	{ cat entries; echo '{"log_event": "recovery", "sealed_lines": 1, "torn_bytes": 4}'; } >log
	UNTIL=2026-03-02T00:00:00Z run -0 --separate-stderr "$reviews/accounting.sh" P1 log
	[[ ${lines[0]} == $'timestamp\trecipient\tresource_type\tresource_id\tfields\tpurpose\tevent_id' ]]
	[[ ${lines[1]} == $'2026-03-01T00:00:00Z\tx\\y\tPatient\t\ta,b.c\t\te1' && -z $stderr ]]
	UNTIL=2026-03-02T00:00:00Z run -0 "$reviews/who-read.sh" P1 <entries
	[[ ${lines[1]} == $'ann\t\t\tnurse\t1\t0\t0\t2026-03-01T00:00:00Z\t2026-03-01T00:00:00Z' ]]
}

@test "a last line without LF ends there, whatever FILE comes next" {
	for i in 1 2 3; do
		audit-emit -n "${fill[@]}" --event-type phi_read --request-id "r$i" --event-id "e$i" \
			--timestamp "2026-03-01T00:00:0${i}Z"
	done >log
	head -1 log | tr -d '\n' >'-a b'
	: >empty
	sed -n 2p log | tr -d '\n' >c
	{ echo '{"log_event": "rotate"}'; sed -n 3p log; } >d
	for name in "${all[@]}"; do
		mapfile -t id < <(ids "$name")
		run --separate-stderr "$reviews/$name.sh" "${id[@]}" log
		want=$status:$output
		run --separate-stderr "$reviews/$name.sh" "${id[@]}" '-a b' empty c d
		[[ $status:$output == "$want" && -z $stderr ]]
	done
	printf canary >c
	run -2 --separate-stderr "$reviews/who-read.sh" P1 '-a b' c d
	[[ $stderr == *"who-read.sh: a FILE's last line, which has no LF: no audit entry" && $stderr != *canary* ]]
}

@test "bounds are instants: offsets, fractions and spans are understood, what is none is refused" {
	for t in 2026-03-01T00:00:00Z 2026-03-01T00:00:00.5Z 2026-03-01T00:00:00.500000001Z; do
		audit-emit -n "${fill[@]}" --event-type phi_read --request-id r --event-id "$t" --timestamp "$t"
	done >log
	SINCE=2026-03-01T02:00:00.50+02:00 UNTIL=2026-02-28T19:00:00.500000001-05:00 run -0 "$reviews/user-activity.sh" ann log
	[[ ${#lines[@]} == 2 && ${lines[1]} == 2026-03-01T00:00:00.5Z* ]]
	audit-emit -n "${fill[@]}" --event-type phi_read --request-id r --event-id new >log
	for since in 1h 60m 3600s 1d 1w 1y; do
		SINCE=$since run -0 "$reviews/user-activity.sh" ann log
		[[ ${#lines[@]} == 2 ]]
	done
	for bad in canary 5x '1 day' 2026-03-01 2026-13-01T00:00:00Z '$(id)' 99999999999d; do
		SINCE=$bad run -2 "$reviews/user-activity.sh" ann log
		[[ $output == "user-activity.sh: SINCE is no time" ]]
	done
	COUNT=canary run -2 "$reviews/denied-bursts.sh" log
	WINDOW=canary run -2 "$reviews/denied-bursts.sh" log
	MIN=-1 run -2 "$reviews/unusual.sh" log
	DAYS=1e3 run -2 "$reviews/break-glass.sh" log
}

@test "a line that is no entry, or no entry at all, is status 2, and nothing of it is shown" {
	audit-emit -n "${fill[@]}" --event-type phi_read --request-id r >good
	for bad in '{"canary' '"canary"' '[]' '{"canary": 1}' '' 'canary'; do
		{ cat good; printf '%s\n' "$bad"; cat good; } >log
		for name in "${all[@]}"; do
			# shellcheck disable=SC2046
			run -2 --separate-stderr "$reviews/$name.sh" $(ids "$name") log
			[[ -z $output && $stderr == "$name.sh: log:2: no audit entry" ]]
		done
	done
	echo '{"log_event": "seal"}' >log
	for name in "${all[@]}"; do
		# shellcheck disable=SC2046
		run -2 --separate-stderr "$reviews/$name.sh" $(ids "$name") log
		[[ -z $output && $stderr == "$name.sh: no entry in the input" ]]
	done
	for name in accounting who-read user-activity; do
		run -2 "$reviews/$name.sh"
		[[ $output == "usage: $name.sh "* ]]
	done
}

@test "a FILE that cannot be read is named, the others are read, and the status is 2" {
	audit-emit -n "${fill[@]}" --event-type phi_read --request-id r >good
	for name in "${all[@]}"; do
		mapfile -t id < <(ids "$name")
		run --separate-stderr "$reviews/$name.sh" "${id[@]}" good
		want=$output
		run -2 --separate-stderr "$reviews/$name.sh" "${id[@]}" /no/such good .
		[[ $output == "$want" && $stderr == "$name.sh: /no/such: No such file or directory
$name.sh: .: Is a directory" ]]
		run -2 --separate-stderr "$reviews/$name.sh" "${id[@]}" /no/such <good
		[[ -z $output && $stderr == "$name.sh: /no/such: No such file or directory" ]]
		run --separate-stderr "$reviews/$name.sh" -- "${id[@]}" - <good
		[[ $output == "$want" && -z $stderr ]]
	done
}

@test "-h and --help say how a review is used" {
	for name in "${all[@]}"; do
		for h in -h --help; do
			run -0 --separate-stderr "$reviews/$name.sh" $h
			[[ $output == "usage: $name.sh "*"[FILE...] - "* && $output != *set* && -z $stderr ]]
		done
	done
	printf '{"request_id": "r1"}\n' | audit-emit "${fill[@]}" --patient-id=-h --event-type phi_read >log
	run -0 "$reviews/who-read.sh" -- -h log
	[[ ${lines[1]} == ann* ]]
}
