#!/usr/bin/env bats
# audit-hash append --omprog: rsyslog's confirmMessages protocol.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=$PWD/key
	tree=$root/tests/oracle/treecheck.py
}

size_of() {
	sed -n 2p "$1.tree/checkpoint"
}

# ask LINE ANSWER: one step of the conversation.
ask() {
	echo "$1" >&"${live[1]}"
	read -r -t 10 back <&"${live[0]}"
	[[ $back == "$2" ]]
}

@test "OK at the start, and OK for a record once it is sealed" {
	coproc live { exec audit-hash append --omprog log; }
	pid=$live_PID
	read -r -t 10 back <&"${live[0]}"
	[[ $back == OK && $(size_of log) == 0 ]]
	for i in 1 2 3; do
		ask "record $i" OK
		[[ $(size_of log) == "$i" ]]
	done
	ask 'BEGIN TRANSACTION' OK # without a mark every line is a record
	[[ $(size_of log) == 4 ]]
	kill "$pid"
	wait "$pid"
	[[ $(tail -n 1 log) == 'BEGIN TRANSACTION' ]]
	printf 'a\nb\nc\n' | audit-hash append -q --omprog log >out
	printf 'OK\nOK\nOK\nOK\n' | same - out
	python3 "$tree" log
}

@test "in a transaction a record is deferred, and all are sealed when the commit is answered" {
	coproc live { exec audit-hash append --omprog=TRANSACTION log; }
	pid=$live_PID
	read -r -t 10 back <&"${live[0]}"
	[[ $back == OK ]]
	ask 'BEGIN TRANSACTION' OK
	for i in 1 2 3; do ask "record $i" DEFER_COMMIT; done
	[[ $(size_of log) == 0 ]]
	ask 'COMMIT TRANSACTION' OK
	[[ $(size_of log) == 3 ]]
	ask 'BEGIN TRANSACTION' OK
	ask 'COMMIT TRANSACTION' OK
	ask 'outside of one' OK
	ask 'BEGIN TRANSACTIONS' OK # no mark
	[[ $(size_of log) == 5 ]]
	ask 'BEGIN TRANSACTION' OK
	ask 'not committed' DEFER_COMMIT
	eval "exec ${live[1]}>&-"
	wait "$pid"
	[[ $(tail -n 1 log) == 'not committed' ]] # it was handed over: better twice than never
	python3 "$tree" log
}

@test "a transaction larger than a batch is sealed in parts, and answered once" {
	{ echo BEGIN x; seq 1000; echo COMMIT x; } | audit-hash append --omprog=x --batch 100 log >out
	{ printf 'OK\nOK\n'; for ((i = 0; i < 1000; i++)); do echo DEFER_COMMIT; done; echo OK; } | same - out
	[[ $(size_of log) == 1000 ]]
}

@test "a line too long becomes a record that says so, and is answered OK" {
	long=$(head -c 70000 /dev/zero | tr '\0' x)
	run -1 --separate-stderr audit-hash append --omprog log <<<"before
$long
after"
	[[ $output == $'OK\nOK\nOK\nOK' && $stderr == *'<stdin>:2: '*'[line-length]' ]]
	printf 'before\n{"log_event": "refused", "line_bytes": 70000, "line_sha256": "%s"}\nafter\n' \
		"$(printf %s "$long" | sha256sum | cut -d ' ' -f 1)" | same - log
	for n in 65535 65536 400000 1000000; do
		line=$(head -c $n /dev/zero | tr '\0' y)
		printf 'BEGIN x\n%s\nCOMMIT x\n' "$line" >in
		audit-hash append --omprog=x log <in >out 2>/dev/null || :
		printf 'OK\nOK\nDEFER_COMMIT\nOK\n' | same - out
		if ((n > 65535)); then
			tail -n 1 log | grep -F "\"line_bytes\": $n, \"line_sha256\": \"$(printf %s "$line" | sha256sum | cut -c 1-64)\"}"
		else
			[[ $(tail -n 1 log) == "$line" ]]
		fi
	done
	python3 "$tree" log
}

@test "a log that cannot be appended to is never answered OK" {
	echo one | audit-hash append -q log
	: >log
	run -2 --separate-stderr audit-hash append --omprog log <<<two
	[[ -z $output && $stderr == *'[log-missing]' ]]
	run -2 audit-hash append --omprog= log <<<two
}
