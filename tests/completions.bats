load helper

tools=(audit-emit audit-hash audit-verify quality-agg siem-rules)

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# complete_bash TOOL WORD...: what bash offers for the last word.
complete_bash() {
	local tool=$1
	shift
	"$BUILD/$tool" --dump-options | "$root/cmd/completions.sh" bash "$tool" >"$BATS_TEST_TMPDIR/$tool.bash"
	bash -c '
		source "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		"_${1//-/_}"
		printf "%s\n" "${COMPREPLY[@]}"' _ "$BATS_TEST_TMPDIR/$tool.bash" "$@"
}

@test "bash offers the long options of every tool without verbs" {
	for tool in audit-emit audit-verify quality-agg; do
		run -0 complete_bash "$tool" "$tool" --h
		[ "$output" = --help ]
		run -0 complete_bash "$tool" "$tool" --vers
		[ "$output" = --version ]
	done
}

@test "bash offers the verbs first and then the options of that verb" {
	run -0 complete_bash audit-hash audit-hash app
	[ "$output" = append ]
	run -0 complete_bash audit-hash audit-hash append --ke
	[ "$output" = --key ]
	run -0 complete_bash audit-hash audit-hash keygen --ke
	[ -z "$output" ]
	run -0 complete_bash siem-rules siem-rules ren
	[ "$output" = render ]
}

@test "bash offers files for an operand and for an option that takes one" {
	cd "$BATS_TEST_TMPDIR"
	touch some-file
	run -0 complete_bash quality-agg quality-agg some
	[ "$output" = some-file ]
	run -0 complete_bash quality-agg quality-agg -o some
	[ "$output" = some-file ]
	run -0 complete_bash quality-agg quality-agg --output = some
	[ "$output" = some-file ]
}

@test "every long option of every table is in the completion of every shell" {
	for tool in "${tools[@]}"; do
		for shell in bash zsh fish; do
			"$tool" --dump-options | "$root/cmd/completions.sh" "$shell" "$tool" >comp
			for long in $("$tool" --dump-options | cut -f 3 | sort -u); do
				grep -qE -- "(--|-l )$long( |=|\[|\"|\)|$|})" comp || {
					echo "$shell $tool lacks --$long"
					return 1
				}
			done
		done
	done
}

@test "zsh and fish read their completions, where they are installed" {
	command -v zsh >/dev/null || command -v fish >/dev/null || skip "neither zsh nor fish here"
	for tool in "${tools[@]}"; do
		"$tool" --dump-options | "$root/cmd/completions.sh" zsh "$tool" >"_$tool"
		"$tool" --dump-options | "$root/cmd/completions.sh" fish "$tool" >"$tool.fish"
		if command -v zsh >/dev/null; then zsh -n "_$tool"; fi
		if command -v fish >/dev/null; then fish --no-execute "$tool.fish"; fi
	done
}

@test "an empty option table makes no completion" {
	run -2 "$root/cmd/completions.sh" bash nothing </dev/null
}
