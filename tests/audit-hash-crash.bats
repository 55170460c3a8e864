#!/usr/bin/env bats
# The machine goes down while audit-hash appends, or a writer is killed: a part of what make check-crash does in full.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	sanitized && skip "slow, and a sanitizer makes calls of its own"
	strace -o /dev/null true 2>/dev/null || skip "no tracing here"
	dir=$BATS_TEST_TMPDIR
	[[ ! -w /dev/shm ]] || dir=$(mktemp -d /dev/shm/crash.XXXXXX)
}

teardown() {
	[[ -z ${dir:-} ]] || rm -rf "$dir"
}

@test "whatever of the unsynced writes and names a crash leaves, nothing acknowledged is lost and verify finds nothing" {
	run -0 python3 "$BATS_TEST_DIRNAME/crash/crash.py" "$BUILD" "$dir" --short
	[[ ${lines[-1]} == *' states tried, 0 violations' ]]
}

@test "eight writers, killed again and again beside a verifier: each acknowledged line once, no false alarm" {
	run -0 python3 "$BATS_TEST_DIRNAME/crash/writers.py" "$BUILD" "$dir" 8 1500
	[[ ${lines[-1]} == *' 0 violations' ]]
}

@test "seal, rotate, witness, rebuild and export can be cut short anywhere" {
	run -0 python3 "$BATS_TEST_DIRNAME/crash/verbs.py" "$BUILD" "$dir" --short
	[[ ${lines[-1]} == *' tried, 0 violations' ]]
}
