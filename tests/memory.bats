#!/usr/bin/env bats
# Secrets are wiped after use: what a process can write to is searched as it ends.

# shellcheck disable=SC2030,SC2031,SC2094,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	((EUID == 0)) || skip "not root: the memory of others cannot be read"
	sanitized && skip "a sanitizer keeps what is freed"
	strace -o /dev/null -e inject=exit_group:delay_enter=1 true 2>/dev/null || skip "no injection here"
	audit-hash keygen -q example.com/log -o key
	audit-hash keygen -q example.com/log -o next
	audit-hash keygen -q --witness example.com/witness -o witness
	openssl rand -base64 30 >pseudonym
}

# live KEY COMMAND...: of the key nothing but what is still to be used is in the memory of the command, which has read
# all of standard input and waits for more.  Prints what that is.
live() {
	local key=$1
	shift
	run -0 --separate-stderr python3 "$root/tests/memory.py" "$key" live -- "$@"
}

# clean KEYS STATUS COMMAND...: the command ends with STATUS, and nothing of the keys is in its memory then.
clean() {
	local keys=$1 status=$2
	shift 2
	run -"$status" --separate-stderr python3 "$root/tests/memory.py" "$keys" at-exit -- "$@"
	[[ -z $output ]]
}

@test "the search finds a key that is in use, and beside it no trace of its file or of signing" {
	live key audit-hash append -q --key key log < <(seq 600)
	[[ $output == '0 seed' ]]
	live key audit-hash append -q --omprog --key fd:7 log < <(seq 600) 7<key
	[[ $output == '0 seed' ]]
	live hmac:pseudonym audit-emit -q --pseudonymize patient_id=hmac:pseudonym < <(head -n 2 "$examples/events.jsonl")
	[[ $output == '0 key' ]]
}

@test "append leaves nothing of its key in memory, whether all went well or not" {
	seq 600 >in
	clean key 0 audit-hash append -q --key key log <in
	clean key 0 audit-hash append -q --omprog --key key log <in
	clean key 0 audit-hash append -q --key fd:7 log 7<key </dev/null
	AUDIT_KEY_FILE=key clean key 0 audit-hash append -q log <in
	: >log
	clean key 2 audit-hash append -q --key key log <in
	clean next 2 audit-hash append -q --key next log <in
	head -c 70000 /dev/zero >long
	clean key 1 audit-hash append -q --key key other <long
}

@test "what is refused as a key leaves nothing in memory either" {
	sed 's/+[0-9a-f]\{8\}+/+00000000+/' key >other-id
	clean key,other-id 2 audit-hash append -q --key other-id log </dev/null
	{ cat key; echo; } >two-lines
	clean key 2 audit-hash append -q --key two-lines log </dev/null
	clean witness 2 audit-hash append -q --key witness log </dev/null
	{ cat key; head -c 5000 /dev/zero; } >long
	clean key 2 audit-hash append -q --key long log </dev/null
}

@test "keygen leaves nothing of the key it makes" {
	clean new 0 audit-hash keygen -q example.com/log -o made
	clean new 0 audit-hash keygen -q --witness example.com/log -o made2
}

@test "seal leaves nothing of its key" {
	seq 600 | audit-hash append -q --key key log
	clean key 2 audit-hash seal -q --key key --encrypt-to key.pub log
	clean next 2 audit-hash seal -q --key next log
	clean key 0 audit-hash seal -q --key key log
}

@test "witness leaves nothing of its key" {
	seq 600 | audit-hash append -q --key key log
	audit-hash checkpoint --old 0 log >body
	clean witness 0 audit-hash witness --key witness --pubkey key.pub --state state --init body
	clean witness 2 audit-hash witness --key witness --pubkey key.pub --state state --init body
}

@test "rotate leaves nothing of either key" {
	seq 600 | audit-hash append -q --key key log
	clean key,witness 2 audit-hash rotate -q --key key --new-key witness log
	clean key,next 2 audit-hash rotate -q --key next --new-key key log
	clean key,next 0 audit-hash rotate -q --key key --new-key next log
	[[ ! -e key ]]
}

@test "audit-emit leaves nothing of the key of a pseudonym" {
	clean hmac:pseudonym 1 audit-emit -q -o out --pseudonymize patient_id=hmac:pseudonym "$examples/events.jsonl"
	clean hmac:pseudonym 1 audit-emit -q -o out -j 2 --strict --pseudonymize patient_id=hmac:pseudonym \
		--pseudonymize user_id=hmac:pseudonym "$examples/events.jsonl"
	head -c 20 pseudonym >short
	clean hmac:short 2 audit-emit -q --pseudonymize patient_id=hmac:short "$examples/events.jsonl"
	head -c 100000 /dev/urandom | base64 -w 0 | head -c 90000 >long
	clean hmac:long 2 audit-emit -q --pseudonymize patient_id=hmac:long "$examples/events.jsonl"
}
