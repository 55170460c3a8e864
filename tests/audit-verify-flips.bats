#!/usr/bin/env bats
# One bit changed, anywhere: a small sample of what make check-flips does.
bats_require_minimum_version 1.5.0
load helper

@test "any bit of head, tiles, manifests, compressed segments is noticed; hints never make it better" {
	[ -x "$BUILD/tests/flips/flips" ] || skip "not built"
	# shellcheck disable=SC2154  # root is the helper's
	run -0 "$root/tests/flips/run.sh" "$BUILD" 900 300 100 30 15
	[[ $output == *" bits of the head tried, 0 unnoticed"*"300 bits of "*" tried, 0 unnoticed"* ]]
	[[ $output == *"100 bits of 2 files tried, 0 unnoticed"*"30 changes of the hints tried, 0 wrong answers"* ]]
	[[ $output == *", 0 wrong answers" ]]
}
