# What every bats file loads first: where things are, and the tools under test in PATH.
# shellcheck shell=bash disable=SC2034  # the variables are for the tests
bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
# BUILD chooses the build under test: build, or a sanitizer build below it.
case ${BUILD:=build} in
/*) ;;
*) BUILD=$root/$BUILD ;;
esac
export BUILD PATH="$BUILD:$PATH" LC_ALL=C
examples=$root/examples

# Nothing of the caller's may steer a tool or a library; the rules are the tree's own, not the installed.
unset AUDIT_KEY_FILE NO_COLOR XDG_CONFIG_HOME
export HOME=$BATS_TEST_TMPDIR TMPDIR=$BATS_TEST_TMPDIR SIEM_RULES_DIR=$root/rules

# Is this a build with sanitizers (which need address space and time)?
sanitized() {
	[[ $BUILD == */san-* ]]
}

# same FILE FILE: equal bytes, and the difference when not.
same() {
	cmp -s "$1" "$2" || {
		diff -u "$1" "$2" | head -40
		return 1
	}
}

# lacks TEXT FILE...: TEXT is in none of the files (and there is at least one).
lacks() {
	local text=$1
	shift
	(($# > 0)) || return 1
	! grep -qaF -- "$text" "$@"
}

# unprivileged COMMAND: run it without root's power to read and write everything.
unprivileged() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}
