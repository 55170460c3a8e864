#!/usr/bin/env bats
# rebuild: a tree made anew; export: entries for other clients, and evidence for people; logs of others.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=key
	seq 600 | sed 's/.*/{"n": &}/' >in
	audit-hash append -q log <in && rm in # one batch, however slow the machine
}

# bare COMMAND: with nothing in PATH but a shell, coreutils and openssl.
bare() {
	if [ ! -d bare ]; then
		mkdir bare
		for tool in '[' base64 cat cut dirname echo head mktemp mv printf rm sha256sum tail wc openssl; do
			ln -s "$(type -P "$tool")" "bare/$tool"
		done
		ln -s "$(type -P dash || type -P sh)" bare/sh
	fi
	env -i PATH="$BATS_TEST_TMPDIR/bare" "$@"
}

@test "tiles that are lost or wrong are made anew, and nothing else" {
	cp -r log.tree kept
	rm log.tree/tile/0/001 && printf x | dd of=log.tree/tile/1/000.p/2 bs=1 seek=9 conv=notrunc status=none
	run -0 --separate-stderr audit-hash rebuild --pubkey key.pub log
	[ "$stderr" = "audit-hash: log.tree: 2 of 4 tiles made anew, and they lead to the head" ]
	[ -z "$output" ]
	diff -r kept log.tree
	run -0 --separate-stderr audit-hash rebuild -q log
	[ -z "$stderr" ]
	rm -r log.tree/tile
	run -0 audit-hash rebuild log
	diff -r kept log.tree
}

@test "a lost tree is made anew under a head from elsewhere, and the log goes on" {
	audit-hash checkpoint log >head
	rm -r log.tree
	run -2 --separate-stderr audit-hash rebuild log
	run -0 audit-hash rebuild --checkpoint head --pubkey key.pub log
	same head log.tree/checkpoint
	run -0 audit-verify --pubkey key.pub log
	echo more | audit-hash append -q log
	run -0 audit-verify --pubkey key.pub log
	run -2 --separate-stderr audit-hash rebuild --checkpoint head log
	[[ $stderr == *"[rollback]"* ]]
	rm log.tree/checkpoint # the last head listed will do
	run -0 audit-hash rebuild log
	run -0 audit-verify --pubkey key.pub log
	[[ $output == "ok: 601 entries"* ]]
}

@test "what does not lead to a signed head is refused, and nothing is changed" {
	cp -r log.tree kept
	rm -r log.tree/tile
	sed -i '100s/n/m/' log
	run -2 --separate-stderr audit-hash rebuild log
	[[ $stderr == *"log: its lines do not lead to its head: nothing was changed"*"[modified]" ]]
	[ ! -e log.tree/tile ]
	sed -i '100s/m/n/' log
	sed -i 2s/600/599/ log.tree/checkpoint
	run -2 --separate-stderr audit-hash rebuild --pubkey key.pub log
	[[ $stderr == *"[head-damaged]"* ]]
	run -2 audit-hash rebuild log
	[ ! -e log.tree/tile ]
	cp kept/checkpoint log.tree/
	audit-hash keygen -q example.com/log -o other
	run -2 audit-hash rebuild --pubkey other.pub log
	run -2 audit-hash rebuild --checkpoint nowhere log
	run -2 audit-hash rebuild
	run -2 audit-hash rebuild nowhere log
	run -0 audit-hash rebuild log
}

@test "a tree over several segments is made anew from them, or from the tiles of those that are gone" {
	audit-hash seal -q --compress gzip log >plan
	seq 300 | audit-hash append -q log
	rm -f log.tree/tile/1/000.p/2 # of an older head: not needed any more
	cp -r log.tree kept
	rm -r log.tree/tile
	run -2 audit-hash rebuild log
	run -0 audit-hash rebuild log-*.gz log
	diff -r kept log.tree
	rm log-*.gz log.tree/tile/1/000.p/3 log.tree/tile/0/003.p/*
	run -0 audit-hash rebuild log
	diff -r kept/tile log.tree/tile
	rm log.tree/hints log.tree/tile/1/000.p/3
	run -0 audit-hash rebuild log
	diff -r kept/tile log.tree/tile
	rm log.tree/tile/0/001 # its lines are gone
	run -2 audit-hash rebuild log
}

@test "entry bundles hold the lines, length before each, for every sealed entry" {
	printf '\n%065535d\n' 7 | audit-hash append -q log
	echo unsealed >>log
	run -0 --separate-stderr audit-hash export log
	[ -z "$output$stderr" ]
	(cd log.tree/tile/entries && find . -type f | sort) | tr '\n' ' ' | grep -qx './000 ./001 ./002.p/90 '
	cat log.tree/tile/entries/00[01] log.tree/tile/entries/002.p/90 | python3 -c '
import sys
data, out = sys.stdin.buffer.read(), []
while data:
    n = int.from_bytes(data[:2], "big")
    out.append(data[2:2 + n])
    data = data[2 + n:]
lines = open("log", "rb").read().split(b"\n")[:602]
assert out == lines, len(out)'
	run -0 audit-verify --pubkey key.pub --tree log.tree --bundles
	[[ $output == "ok: 602 entries,"* ]]
	seq 300 | audit-hash append -q log
	run -2 audit-verify --pubkey key.pub --tree log.tree --bundles
	audit-hash export log
	[ ! -e log.tree/tile/entries/002.p ]
	run -0 audit-verify --pubkey key.pub --tree log.tree --bundles
	run -0 audit-verify --pubkey key.pub log # they are no part of the tree that would disturb
}

@test "bundles are made of all segments, and of none that is not what was sealed" {
	audit-hash seal -q --compress zstd log >plan
	seq 300 | audit-hash append -q log
	run -2 --separate-stderr audit-hash export log
	[[ $stderr == *"[missing]" ]]
	run -0 audit-hash export log-*.zst log
	run -0 audit-verify --pubkey key.pub --tree log.tree --bundles
	sed -i '50s/9/8/' log
	run -2 --separate-stderr audit-hash export log-*.zst log
	[[ $stderr == "audit-hash: log: the line of entry 649 is not what was sealed"*"[modified]" ]]
}

@test "an evidence bundle is checked by openssl and coreutils alone" {
	run -0 --separate-stderr audit-hash export --evidence ev --range 250,259 --pubkey key.pub log
	[ -z "$output$stderr" ]
	[ "$(find ev -type f | sort | tr '\n' ' ')" = "ev/README ev/check.sh ev/head ev/key.pem ev/lines $(printf 'ev/proof/%s.tlog-proof ' $(seq 250 259))" ]
	sed -n 251,260p log | same - ev/lines
	same ev/head log.tree/checkpoint
	run -0 bare sh ev/check.sh
	[ "${lines[0]}" = "ok: entries 250 to 259 of 600, example.com/log" ]
	# Every command of the README, as it stands there.
	(cd ev && sed -n 's/^    //p' README | sed -n '/^tmp=/,$p' >../commands && bare sh ../commands) >said
	[ "$(cat said)" = $'Signature Verified Successfully\nok' ]
	sed -n 255p log >entry
	run -0 audit-verify --pubkey key.pub --proof ev/proof/254.tlog-proof --entry entry
	openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout >other.pem
	run -1 --separate-stderr bare sh ev/check.sh other.pem
	[ "$stderr" = "check.sh: head: the signature is not by this key" ]
	run -0 bare sh ev/check.sh ev/key.pem
	(cd / && bare sh "$BATS_TEST_TMPDIR/ev/check.sh")
}

@test "whatever is changed in an evidence bundle, its check fails" {
	audit-hash export --evidence good --range 3,5 --pubkey key.pub log
	try() {
		rm -rf ev && cp -r good ev && (cd ev && eval "$1")
		run -1 bare sh ev/check.sh
	}
	try "sed -i 2s/5/6/ lines"
	try "sed -i 2d lines"
	try "cat lines lines >l && mv l lines"
	try "sed -i 3s/A/B/ head; sed -i 3s/[0-9]/x/ head"
	try "sed -i 2s/600/700/ head"
	try "sed -i 3s/^./#/ proof/4.tlog-proof"
	try "sed -i 3d proof/4.tlog-proof"
	try "sed -i '3{p}' proof/4.tlog-proof"
	try "cp proof/3.tlog-proof proof/4.tlog-proof"
	try "sed -i '2s/4/3/' proof/4.tlog-proof"
	try "sed -i '5s/.\{10\}=\$/AAAAAAAAAA=/' head"
	# What no hash nor the signature covers is compared all the same.
	try "sed -i '6s/.\{10\}=\$/AAAAAAAAAA=/' head"
	try "echo >>head"
	try "head -c -1 head >h && mv h head"
	try "sed -i 1s/1/2/ proof/5.tlog-proof"
	try "sed -i '\$s/.\{10\}=\$/AAAAAAAAAA=/' proof/4.tlog-proof"
	try "echo >>proof/5.tlog-proof"
	try "echo >>key.pem"
	try "head -c -1 key.pem >k && mv k key.pem"
	rm -rf ev && cp -r good ev && : >ev/lines
	run ! bare sh ev/check.sh
}

@test "evidence of lines that are odd is checked as well" {
	printf 'a\0b\n\n \\n %%s $(x)\r\n\xff\xfe\n  two  \n' | audit-hash append -q log
	audit-hash export --evidence ev --range 600,604 --pubkey key.pub log
	run -0 bare sh ev/check.sh
	audit-hash append -q new <<<one # a tree of one entry has no step
	audit-hash export --evidence one --range 0,0 --pubkey key.pub new
	run -0 bare sh one/check.sh
}

@test "evidence from a segment, and after the key was rotated" {
	audit-hash seal -q --compress gzip log >plan
	audit-hash keygen -q example.com/log -o next
	audit-hash rotate -q --key key --new-key next log
	audit-hash export --evidence ev --range 598,601 --pubkey next.pub log-*.gz log
	run -0 bare sh ev/check.sh
	audit-hash export --evidence live --range 600,601 --pubkey next.pub log
	run -0 bare sh live/check.sh
	run -2 audit-hash export --evidence no --range 0,1 --pubkey key.pub log-*.gz log
	run -2 --separate-stderr audit-hash export --evidence no --range 0,1 --pubkey next.pub log
	[[ $stderr == *"entry 0 is in none of the files given [missing]" ]]
	[ ! -e no ]
}

@test "evidence is made whole or not at all" {
	mkdir there
	run -2 audit-hash export --evidence there --range 0,1 --pubkey key.pub log
	for range in 0,600 5,4 x 1 1,2,3 -1,2 ','; do
		run -2 audit-hash export --evidence ev "--range=$range" --pubkey key.pub log
	done
	run -2 audit-hash export --evidence ev log
	run -2 audit-hash export --range 0,1 log
	run -2 audit-hash export --pubkey key.pub log
	run -2 audit-hash export
	sed -i '300s/n/m/' log
	run -2 audit-hash export --evidence ev --range 290,310 --pubkey key.pub log
	[ ! -e ev ]
	[ -z "$(ls there)" ]
}

@test "a log of others is read by its bundles, entries with LF and all" {
	python3 - "$root/tests/oracle" <<-'END'
		import os, sys
		sys.path.insert(0, sys.argv[1])
		sys.dont_write_bytecode = True
		import tlog
		tlog.make_key("other.example/log", 7, "theirs")
		name, seed = tlog.read_key("theirs")
		entries = [b"", b"\n\n", b"\0" * 300, b"x" * 65535] + [b"entry\n%d" % i for i in range(400)]
		leaves = [tlog.leaf(e) for e in entries]
		for path, data in tlog.tiles(leaves).items():
		    tlog.write("their/" + path, data)
		def pack(part):
		    return b"".join(len(e).to_bytes(2, "big") + e for e in part)
		tlog.write("their/tile/entries/000", pack(entries[:256]))
		tlog.write("their/tile/entries/001.p/148", pack(entries[256:]))
		for n in (3, 300, 404):
		    tlog.write("their/checkpoint.%d" % n, tlog.head(name, seed, n, tlog.tree(leaves[:n]), 1764000000).encode())
		tlog.write("their/checkpoint", tlog.head(name, seed, 404, tlog.tree(leaves), 1764000000).encode())
	END
	verify=(audit-verify --pubkey theirs.pub --tree their --bundles)
	run -0 "${verify[@]}"
	[[ $output == "ok: 404 entries,"* ]]
	run -0 "${verify[@]}" --anchor their/checkpoint.3 --anchor their/checkpoint.300
	[[ $output == *"anchors 2" ]]
	run -0 "${verify[@]}" --checkpoint their/checkpoint.300
	[[ $output == "ok: 300 entries,"* ]]
	run -1 --separate-stderr "${verify[@]}" --checkpoint their/checkpoint.3 --anchor their/checkpoint
	[[ ${lines[0]} == "their/checkpoint: rollback: entry 3-403,"* ]]
	run -1 bash -c "sed 2s/3/4/ their/checkpoint.3 >bad && exec ${verify[*]} --checkpoint bad"
	[[ $output == "bad: head-damaged"* ]]
	run -2 "${verify[@]}" --anchor bad
	run -2 "${verify[@]}" --checkpoint nowhere
	run -2 audit-verify --pubkey key.pub --tree their --bundles
	run -2 audit-verify --pubkey theirs.pub --bundles
	run -2 "${verify[@]}" log
	run -2 audit-verify --pubkey theirs.pub --checkpoint their/checkpoint log

	printf X | dd of=their/tile/entries/001.p/148 bs=1 seek=3 conv=notrunc status=none
	run -1 --separate-stderr "${verify[@]}"
	[ "${lines[0]}" = "their/tile/entries/001.p/148: modified: entry 256" ]
	mv their/tile/entries/001.p/148 t && head -c -1 t >their/tile/entries/001.p/148
	run -1 --separate-stderr "${verify[@]}"
	[[ ${lines[1]} == "their/tile/entries/001.p/148: modified: entry 403" ]]
	rm their/tile/entries/000
	run -2 "${verify[@]}"
	[[ $output == *"cannot verify: their/tile/entries/000: No such file or directory" ]]
}

@test "every verb takes the tree from where --tree says, and shows its progress if asked to" {
	mkdir elsewhere && mv log.tree elsewhere/tree
	tree=(--tree elsewhere/tree)
	run -2 audit-hash prove 1 log
	run -0 --separate-stderr audit-hash prove "${tree[@]}" --progress --where '.n == 5' log
	[[ ${lines[1]} == "index 4" ]]
	run -0 audit-hash checkpoint "${tree[@]}" --old 5 log
	run -0 audit-hash rebuild "${tree[@]}" --progress log
	run -0 audit-hash export "${tree[@]}" --progress log
	[ -e elsewhere/tree/tile/entries/000 ]
	run -0 audit-hash export "${tree[@]}" --evidence ev --range 1,2 --pubkey key.pub log
	audit-hash keygen -q example.com/log -o next
	run -0 audit-hash rotate "${tree[@]}" --key key --new-key next log
	run -0 audit-hash seal "${tree[@]}" --progress --key next log
	run -0 audit-verify --pubkey next.pub "${tree[@]}" log-*[0-9] log
	[ ! -e log.tree ]
}

@test "what cannot be written whole is status 2: /dev/full, a closed directory, a full disk" {
	for verb in "prove 1 log" "checkpoint --old 5 log" "seal log"; do
		cp -r log.tree kept && cp log kept.log
		run -2 --separate-stderr bash -c "'$BUILD/audit-hash' $verb >/dev/full"
		[[ $stderr == *"No space left on device"* ]]
		rm -rf log* && cp -r kept log.tree && cp kept.log log && rm -r kept
	done
	run -2 audit-hash prove 1 -o nowhere/file log
	chmod 500 log.tree/tile
	run -2 unprivileged "$BUILD/audit-hash" export log
	chmod 700 log.tree/tile
	run -0 audit-verify --pubkey key.pub log
}
