load helper

@test "the examples of every man page work as they stand" {
	for page in "$root"/man/*.[157]; do
		run -0 python3 "$root/tests/console.py" "$page"
	done
}

@test "the entry that audit-entry(5) shows is one, byte for byte" {
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$root/man/audit-entry.5" | grep -v '^\.' | paste -sd ' ' >"$BATS_TEST_TMPDIR/entry"
	run -0 --separate-stderr audit-emit "$BATS_TEST_TMPDIR/entry"
	[ "$output" = "$(cat "$BATS_TEST_TMPDIR/entry")" ]
}

@test "the table of options, --help, man page and completions are one set; the pages are clean" {
	command -v mandoc >/dev/null || skip "mandoc is not installed; make lint checks this"
	run -0 "$root/tests/lint/man.sh" "${BUILD#"$root/"}"
}
