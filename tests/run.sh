#!/bin/bash
# run.sh BUILD [PROGRAM...] - every test against the tools in BUILD; the last line is "N passed, N failed".
# Each unit test, each fuzz harness over its corpus, each bats file; several at a time.  A test
# program that dies counts as a failure even if all it printed before was "ok".
# TESTS="a.bats test_b" runs only these.
set -u
cd "$(dirname "$0")/.." || exit 2
export BUILD=$PWD/${1:-build}
shift
log=$BUILD/test-logs
rm -rf "$log"
mkdir -p "$log"
export log
# shellcheck disable=SC2317  # called through xargs
run_one() {
	local what=$1 name status
	name=$(basename "$what")
	case $what in
	*.bats) timeout -k 10 900 bats --tap "$what" ;;
	*/fuzz_*) timeout -k 10 300 "$what" "tests/fuzz/corpus/${name#fuzz_}" ;;
	*) timeout -k 10 300 "$what" ;;
	esac >"$log/$name.tap" 2>&1 </dev/null
	status=$?
	if ((status != 0)) && ! grep -q '^not ok' "$log/$name.tap"; then
		echo "not ok 999 - $name ended with status $status" >>"$log/$name.tap"
	fi
	if ! grep -qE '^(not )?ok ' "$log/$name.tap"; then
		echo "not ok 999 - $name tested nothing" >>"$log/$name.tap"
	fi
	if grep -q '^not ok' "$log/$name.tap"; then
		{
			echo "--- $name"
			grep -vE '^ok ' "$log/$name.tap" | tail -n 80
		} >&2
	fi
	printf '  %-6s %s: %s ok, %s not ok\n' TEST "$name" "$(grep -c '^ok ' "$log/$name.tap")" \
		"$(grep -c '^not ok' "$log/$name.tap")"
}
export -f run_one

# A sanitizer's own exit status must not look like one of the tools' answers.
export ASAN_OPTIONS=exitcode=99:${ASAN_OPTIONS:-} LSAN_OPTIONS=exitcode=99:${LSAN_OPTIONS:-}
export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1:${UBSAN_OPTIONS:-}
export TSAN_OPTIONS=exitcode=99:halt_on_error=1:${TSAN_OPTIONS:-}

# shellcheck disable=SC2016  # $1 is for the bash that xargs starts
{
	(($# == 0)) || printf '%s\n' "$@"
	find tests -maxdepth 1 -name '*.bats' | sort
} | while read -r what; do
	case " ${TESTS:-$(basename "$what")} " in
	*" $(basename "$what") "*) printf '%s\0' "$what" ;;
	esac
done | xargs -0 -r -n 1 -P "$(nproc)" bash -c 'run_one "$1"' _

passed=$(cat "$log"/*.tap 2>/dev/null | grep '^ok ' | grep -vcE '^ok [0-9]+ .*# skip')
failed=$(cat "$log"/*.tap 2>/dev/null | grep -c '^not ok')
grep -hE '^ok [0-9]+ .*# skip' "$log"/*.tap 2>/dev/null | sed 's/^ok [0-9]*/  skipped:/'
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
