#!/bin/bash
# run.sh [STEP...] - all that can be said about the tree without running the tools.
# Binding on Debian 12, where the versions of compilers, formatter and analysers are fixed; elsewhere
# those steps only advise, and layers, shape and man stay binding.  LINT_STRICT=1 binds everywhere.
set -u
cd "$(dirname "$0")/../.." || exit 2
out=build/lint
mkdir -p "$out"
make=${MAKE:-make}
jobs=$(nproc)

warnings='-Werror -Wconversion -Wsign-conversion -Wcast-qual -Wdouble-promotion
	-Wnull-dereference -Walloca -Wold-style-definition -Wmissing-declarations -Wredundant-decls
	-Wnested-externs -Winit-self -Wimplicit-fallthrough'
gcc_warnings='-Wformat-signedness -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wcast-align=strict -Wtrampolines
	-Wjump-misses-init -Wstack-usage=200000 -Wunused-macros'
clang_warnings='-Wcast-align -Wassign-enum -Wextra-semi-stmt -Wmissing-variable-declarations
	-Wshorten-64-to-32 -Wunreachable-code
	-Wno-sign-conversion -Wno-format-nonliteral'

c_files() {
	find lib cmd tests bench -name '*.[ch]' 2>/dev/null | sort
}

# compile NAME TARGET CC FLAGS: sources compiled in a folder of their own; a second run only does what changed.
compile() {
	local name=$1 target=$2 cc=$3
	shift 3
	local flags=$*
	# MAKEFLAGS would bring in the caller's SAN and CFLAGS.
	env -u MAKEFLAGS -u MFLAGS "$make" --no-print-directory -k -j"$jobs" "$target" B="build/lint/$name" CC="$cc" \
		CFLAGS=-O2 SAN= LINT_FLAGS="${flags//[$'\n\t']/ }"
}

step_layers() { tests/lint/layers.sh; }
step_shape() { tests/lint/shape.sh; }
step_man() { tests/lint/man.sh; }

step_format() {
	local version
	version=$(clang-format --version | grep -o '[0-9]*' | head -1)
	if [[ $version != 14 ]]; then
		echo "clang-format $version formats otherwise than 14; nothing checked"
		return 0
	fi
	c_files | xargs -P "$jobs" -n 8 clang-format --dry-run -Werror
}

step_shell() {
	local files
	mapfile -t files < <({
		git ls-files -co --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print
	} | grep -vE '\.bats$|/samples/' | xargs grep -lE '^#!.*\b(ba)?sh\b' 2>/dev/null)
	shellcheck -x tests/helper.bash "${files[@]}" || return 1
	files=(tests/*.bats)
	[[ ! -e ${files[0]} ]] || shellcheck -s bash -S warning -e SC2030,SC2031,SC2034,SC2154,SC2238,SC2314,SC2317 "${files[@]}"
}

step_gcc() {
	# shellcheck disable=SC2086  # words
	compile gcc objects gcc $warnings $gcc_warnings
}

step_clang() {
	# shellcheck disable=SC2086
	compile clang objects clang $warnings $clang_warnings
}

step_analyzer() {
	compile analyzer objects-tools gcc -Werror -fanalyzer -Wno-analyzer-too-complex
}

step_cppcheck() {
	mkdir -p "$out/cppcheck"
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=toomanyconfigs --suppress=normalCheckLevelMaxBranches --library=tests/lint/cppcheck.cfg --cppcheck-build-dir="$out/cppcheck" \
		-j "$jobs" -D_GNU_SOURCE -D__GNUC__=12 -D__x86_64__=1 -DVERSION='""' -DDATADIR='""' -Ilib lib cmd
}

binding() {
	[[ ${LINT_STRICT:-} ]] && return 0
	case $1 in
	layers | shape | man) return 0 ;;
	esac
	# shellcheck disable=SC1091
	[[ $(. /etc/os-release 2>/dev/null && echo "${ID:-}${VERSION_ID:-}") == debian12 ]]
}

(($# > 0)) || set -- layers shape format shell gcc clang analyzer cppcheck man
failed=0
for step in "$@"; do
	begin=$SECONDS
	if "step_$step" >"$out/$step.log" 2>&1; then
		verdict=ok
	elif binding "$step"; then
		verdict=FAILED failed=$((failed + 1))
	else
		verdict='not clean (advice only here)'
	fi
	printf '  LINT   %-9s %s (%d s)\n' "$step" "$verdict" $((SECONDS - begin))
	if [[ $verdict != ok ]]; then
		grep -v '^  CC ' "$out/$step.log" | head -n 60 >&2
	fi
done
((failed == 0))
