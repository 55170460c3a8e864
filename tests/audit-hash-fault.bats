#!/usr/bin/env bats
# Every call of append that can fail fails once, in a new log, a sealed one, and one with residue.

load helper

@test "whichever write, sync or rename fails, no acknowledged line is lost and the next append works" {
	sanitized && skip "a preloaded library and a sanitizer do not go together"
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -shared -fPIC -o "$BATS_TEST_TMPDIR/fail.so" \
		"$BATS_TEST_DIRNAME/fault/fail.c" -ldl
	python3 "$BATS_TEST_DIRNAME/fault/fault.py" "$BUILD" "$BATS_TEST_TMPDIR"
}
