load helper

# The makefile as the caller uses it: none of the variables of the make that runs this test, but for its build.
house() {
	local san=${BUILD#"$root/build"}
	san=${san#/san-}
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$root" --no-print-directory SAN="${san//-/,}" "$@"
}

tools=(audit-emit audit-hash audit-verify quality-agg siem-rules)

@test "make install puts tools, pages, rules, examples and completions under DESTDIR and PREFIX" {
	house install DESTDIR="$BATS_TEST_TMPDIR/root"
	cd "$BATS_TEST_TMPDIR/root/usr/local"
	for tool in "${tools[@]}"; do
		"bin/$tool" --version
		[ -s "share/man/man1/$tool.1" ]
		[ -s "share/bash-completion/completions/$tool" ]
		[ -s "share/zsh/site-functions/_$tool" ]
		[ -s "share/fish/vendor_completions.d/$tool.fish" ]
	done
	[ -s share/man/man5/audit-entry.5 ]
	[ -s share/man/man5/audit-log.5 ]
	[ -s share/man/man7/audit-tools.7 ]
	(cd "$root" && find rules -type f) | while read -r rule; do cmp "$root/$rule" "share/audit-tools/$rule"; done
	[ -x share/doc/audit-tools/examples/demo.sh ]
	[ -s share/doc/audit-tools/examples/events.jsonl ]
}

@test "installed modes do not depend on the umask" {
	(umask 077 && house install DESTDIR="$BATS_TEST_TMPDIR/root")
	cd "$BATS_TEST_TMPDIR/root/usr/local"
	[ "$(stat -c %a bin/audit-emit)" = 755 ]
	[ "$(stat -c %a share/man/man1/audit-emit.1)" = 644 ]
	[ -z "$(find . -type f ! -perm -444)" ]
}

@test "make uninstall removes what install put, and nothing else" {
	local dest=$BATS_TEST_TMPDIR/root
	mkdir -p "$dest/usr/local/bin" "$dest/usr/local/share/audit-tools/rules"
	echo mine >"$dest/usr/local/bin/mine"
	echo mine >"$dest/usr/local/share/audit-tools/rules/mine.yml"
	house install DESTDIR="$dest"
	house uninstall DESTDIR="$dest"
	run find "$dest" -type f -printf '%P\n'
	[ "$(sort <<<"$output")" = $'usr/local/bin/mine\nusr/local/share/audit-tools/rules/mine.yml' ]
	[ ! -e "$dest/usr/local/share/doc/audit-tools" ]
}

@test "make builds below build/ and nowhere else" {
	run -0 git -C "$root" status --porcelain --ignored=matching
	# Files that are neither tracked nor build/: only those being worked on, no objects.
	run ! grep -E '^(!!|\?\?) .*\.(o|d|a|tab)$' <<<"$output"
}

@test "the tree may lie in a path with a space" {
	mkdir "$BATS_TEST_TMPDIR/a tree"
	cd "$root" && cp -r Makefile .ci cmd lib man "$BATS_TEST_TMPDIR/a tree"
	house -C "$BATS_TEST_TMPDIR/a tree" SAN= build/lib/base/slice.o
	[ -s "$BATS_TEST_TMPDIR/a tree/build/lib/base/slice.o" ]
}
