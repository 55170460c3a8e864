#!/usr/bin/env bats
# The table of audit-log(5), who can do what: each row is a test here, and is named by its number.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=$PWD/key
	seq 1000 | audit-hash append -q log
}

verify() {
	audit-verify --pubkey key.pub "$@" log
}

# again N: root puts lines 1 to N in place of the log, with line 5 another, and signs them if he has the key.
again() {
	rm -rf log log.tree
	seq "$1" | sed '5s/.*/forged/' | audit-hash append -q --key "${2:-key}" log
}

# see: what a witness elsewhere says of the log as it is now.
see() {
	audit-hash checkpoint --old "$(sed -n 2p state 2>/dev/null || echo 0)" log 2>/dev/null >body || audit-hash checkpoint --old 0 log >body
	audit-hash witness --key witness --pubkey key.pub --state state "$@" body
}

watch() {
	audit-hash keygen -q --witness example.com/witness -o witness
	see --init >cosigned
}

@test "T1 a user without rights reads and writes nothing" {
	((EUID == 0)) && command -v setpriv || skip "not root"
	chmod 755 .
	echo control >readable && chmod 644 readable
	as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	run -0 "${as_nobody[@]}" cat readable
	for file in log log.tree/checkpoint log.tree/checkpoints log.tree/tile/0/000 key; do
		run ! "${as_nobody[@]}" cat "$file"
		run ! "${as_nobody[@]}" sh -c "echo x >>'$file'"
	done
	run ! "${as_nobody[@]}" rm -f log key log.tree/checkpoint
	run -0 verify
}

@test "T2 who writes the log alone: every line changed, removed, added, moved or cut off is named" {
	cp log whole
	while IFS='|' read -r change want; do
		eval "$change" >log
		run -1 verify
		[[ $output == *"$want"* ]]
	done <<-'END'
		sed '400s/.*/forged/' whole|log:400: modified: entry 399
		sed 400d whole|log:400: deleted: entry 399
		sed '400i forged' whole|log:400: inserted: entry 399
		{ sed 400d whole; }; sed -n 400p whole|log:1000: moved: entry 399
		head -n 900 whole|log:901: truncated: entry 900-999
	END
}

@test "T3 who writes the log alone: lines added at its end are taken in by the next append, and a record says so" {
	printf 'forged 1\nforged 2\n' >>log
	run -0 verify
	[[ $output == *'ok: 1000 entries'* ]]
	run -0 --separate-stderr audit-hash append -q log </dev/null
	[[ $(tail -n 1 log) == '{"log_event": "recovery", "sealed_lines": 2, '* ]]
}

@test "T4 who writes the log alone: nothing is sealed on top of lines changed at its end" {
	sed -i '1000s/.*/forged/' log
	run -2 --separate-stderr audit-hash append log <<<more
	[[ $stderr == *'[modified]' ]]
}

@test "T5 who writes log and tree without the key: no other lines get a head, and tiles that lie are found" {
	cp -r . ../kept
	sed -i 's/^1000$/1001/' log.tree/checkpoint
	run -1 verify
	[[ $output == *'head-damaged'* ]]
	cp ../kept/log.tree/checkpoint log.tree
	printf 'x' | dd of=log.tree/tile/0/001 bs=1 seek=64 conv=notrunc 2>/dev/null
	run -1 verify
	[[ $output == *'tile-damaged'* ]]
	rm -rf log.tree
	cp -r ../kept/log.tree log.tree
	printf '0000000000000000 0000000000000000\n0000000000000300 0000000000000001\n' >log.tree/hints
	run -0 verify
	rm -r log.tree/tile
	run -0 verify
	audit-hash keygen -q example.com/log -o other
	again 1000 other
	run -2 verify
	[[ $output$stderr == *'cannot verify: '*'no signature by a known key'* ]]
	rm -rf ../kept
}

@test "T6 root without the key deletes it all: that it is gone is all that is found" {
	rm -rf log log.tree
	run -2 verify
}

@test "T7 root without the key goes back to an older state: found by a head kept elsewhere and by a witness, not on the host alone" {
	watch
	cp -r log log.tree ../
	seq 1001 1100 | audit-hash append -q log
	audit-hash checkpoint log >anchor
	see >cosigned
	rm -rf log log.tree
	mv ../log ../log.tree .
	run -0 verify
	run -1 verify --anchor anchor
	[[ $output == *rollback* ]]
	run -1 see
}

@test "T8 root without the key goes back, but leaves the list of heads: found on the host, and append refuses" {
	cp log.tree/checkpoint old
	seq 1001 1100 | audit-hash append -q log
	cp old log.tree/checkpoint
	run -1 verify
	[[ $output == *rollback* ]]
	run -2 --separate-stderr audit-hash append log <<<more
	[[ $stderr == *'[rollback]' ]]
}

@test "T9 root stops the log, and it says nothing any more: found by the head's age" {
	sleep 2
	run -1 verify --max-age 1s
	[[ $output == *stale* ]]
	audit-hash append -q log </dev/null
	run -0 verify --max-age 60s
}

@test "T10 root alters a line before it is sealed: nobody finds it" {
	echo 'what happened' | sed 's/.*/what did not happen/' | audit-hash append -q log
	run -0 verify
}

@test "T11 root with the key writes history anew: found by a head kept elsewhere, both heads shown, and by a witness, not on the host alone" {
	watch
	audit-hash checkpoint log >anchor
	again 1000
	run -0 verify
	run -1 --separate-stderr verify --anchor anchor
	[[ $output == *fork* ]]
	for head in anchor log.tree/checkpoint; do
		[[ $output$stderr == *"$(sed -n 3p "$head")"* ]]
	done
	run -1 see
	again 1200
	run -1 verify --anchor anchor
	run -1 see
}

@test "T12 root with the key writes anew only what came after the last head kept elsewhere: nobody finds it" {
	audit-hash checkpoint log >anchor
	cp -r log log.tree ../
	seq 1001 1100 | audit-hash append -q log
	rm -rf log log.tree
	mv ../log ../log.tree .
	seq 1001 1100 | sed s/1050/forged/ | audit-hash append -q log
	run -0 verify --anchor anchor
}

@test "T13 a thief of the key signs another log: a head of the true one shows the fork" {
	audit-hash checkpoint log >anchor
	mkdir thief
	cp log theirs
	(cd thief && seq 1000 | sed '5s/.*/forged/' | audit-hash append -q --key ../key log)
	run -1 audit-verify --pubkey key.pub --anchor anchor thief/log
	[[ $output == *fork* ]]
	same log theirs
	run -0 verify --anchor anchor
}

@test "T14 a thief of a key that was rotated out: what he signs is no head of the log any more" {
	cp key stolen
	audit-hash keygen -q example.com/log -o next
	audit-hash checkpoint log >anchor
	audit-hash rotate -q --key key --new-key next log
	[[ ! -e key ]]
	run -0 audit-verify --pubkey next.pub --old-pubkey key.pub --anchor anchor log
	run -2 --separate-stderr audit-hash append --key stolen log <<<forged
	[[ $stderr == *'[key-other]' ]]
	again 1000 stolen
	run -2 audit-verify --pubkey next.pub --old-pubkey key.pub log
}

@test "T15 a host put in another's place: without the key nothing verifies, with it a witness and a head kept elsewhere tell" {
	watch
	audit-hash checkpoint log >anchor
	rm -rf log log.tree
	audit-hash keygen -q example.com/log -o other
	seq 10 | audit-hash append -q --key other log
	run -2 verify
	rm -rf log log.tree
	seq 10 | audit-hash append -q log
	run -0 verify
	run -1 verify --anchor anchor
	run -1 see
}

@test "T16 a backup is restored and the log goes on: found by a head kept elsewhere and by a witness" {
	watch
	cp -r log log.tree ../
	seq 1001 1100 | audit-hash append -q log
	audit-hash checkpoint log >anchor
	see >cosigned
	rm -rf log log.tree
	mv ../log ../log.tree .
	seq 2001 2200 | audit-hash append -q log
	run -0 verify
	run -1 verify --anchor anchor
	[[ $output == *fork* ]]
	run -1 see
}

@test "T17 who has a tile and a guess of a line can tell whether the guess is right" {
	{ printf '\0'; printf 7; } | sha256sum | cut -c 1-64 >guess
	dd if=log.tree/tile/0/000 bs=32 skip=6 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n' >leaf
	[[ $(cat guess) == "$(cat leaf)" ]]
}

@test "the table of audit-log(5) has a row for each test here, and no other" {
	sed -n '/^\.Sh SECURITY/,$p' "$root/man/audit-log.5" | grep -o 'T[0-9]*$' >rows
	sed -n 's/^@test "\(T[0-9]*\) .*/\1/p' "$BATS_TEST_FILENAME" | same - rows
}
