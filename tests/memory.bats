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
}

# clean KEYS STATUS COMMAND...: the command ends with STATUS, and nothing of the keys is in its memory then.
clean() {
	local keys=$1 status=$2
	shift 2
	run -"$status" --separate-stderr python3 "$root/tests/memory.py" "$keys" at-exit -- "$@"
	[[ -z $output ]]
}

@test "the search finds a key that is in use" {
	run -0 python3 "$root/tests/memory.py" key live -- audit-hash append -q --key key log
	[[ $output == *'0 seed'* ]]
}

@test "append leaves nothing of its key in memory, whether all went well or not" {
	seq 600 >in
	clean key 0 audit-hash append -q --key key log <in
	clean key 0 audit-hash append -q --omprog --key key log <in
	clean key 0 audit-hash append -q --key fd:7 log 7<key </dev/null
	: >log
	clean key 2 audit-hash append -q --key key log <in
	clean next 2 audit-hash append -q --key next log <in
	head -c 70000 /dev/zero >long
	clean key 1 audit-hash append -q --key key other <long
}

@test "keygen leaves nothing of the key it makes" {
	clean new 0 audit-hash keygen -q example.com/log -o made
	clean new 0 audit-hash keygen -q --witness example.com/log -o made2
}

@test "seal leaves nothing of its key" {
	seq 600 | audit-hash append -q --key key log
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
	clean key,next 0 audit-hash rotate -q --key key --new-key next log
	[[ ! -e key ]]
}
