#!/usr/bin/env bats
# witness and its key: another host remembers the log's last head, and cosigns only what goes on from it.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	audit-hash keygen -q example.com/log -o key
	audit-hash keygen -q --witness example.com/witness/w1 -o w
	seq 300 | audit-hash append -q --key key log
	audit-hash checkpoint --old 0 log >first
}

# witness [ARGUMENT...]: ask, about what is on standard input.
witness() {
	audit-hash witness --key w --pubkey key.pub --state state "$@"
}

grow() {
	seq "$1" | audit-hash append -q --key key log
}

# refused STATUS RULE BODY [ARGUMENT...]: that is the answer, and the state is as it was.
refused() {
	cp state kept 2>/dev/null || rm -f kept
	run "-$1" --separate-stderr witness "${@:4}" "$3"
	[ -z "$output" ]
	[[ $stderr == *"[$2]"* ]]
	if [ -e kept ]; then same kept state; else [ ! -e state ]; fi
}

@test "a witness's key is of type 4, signs no log and its public key is no log's" {
	[[ $(cut -d + -f 3- w.pub | base64 -d | head -c 1 | od -An -tu1) -eq 4 ]]
	[[ $(stat -c %a w) == 400 ]]
	run -2 --separate-stderr audit-hash append --key w other <<<x
	[[ $stderr == *"[key-alg]"* ]]
	run -2 audit-verify --pubkey w.pub log
	[[ $output == *"no signature by a known key" ]]
}

@test "the head seen first is cosigned, kept to the byte, and the cosignature is right" {
	run -0 --separate-stderr witness --init first
	[ "${#lines[@]}" = 1 ]
	same state log.tree/checkpoint
	[[ $output == "— example.com/witness/w1 "* ]]
	[ "$(stat -c %a state)" = 640 ]
	{ cat log.tree/checkpoint; echo "$output"; } >cosigned
	run -0 python3 - "$root/tests/oracle" <<-'END'
		import base64, sys
		sys.path.insert(0, sys.argv[1])
		sys.dont_write_bytecode = True
		import tlog
		note = open("cosigned", encoding="utf-8").read()
		text = note[: note.rindex("\n\n") + 1]
		name, hexid, data = open("w.pub").read().strip().split("+", 2)
		pub = base64.b64decode(data)[1:]
		blob = base64.b64decode(note.splitlines()[-1].split(" ")[2])
		time = int.from_bytes(blob[4:12], "big")
		assert blob[:4] == tlog.key_id(name, 4, pub) == bytes.fromhex(hexid)
		assert tlog.verify(pub, f"cosignature/v1\ntime {time}\n{text}".encode(), blob[12:])
		assert not tlog.verify(pub, f"cosignature/v1\ntime {time + 1}\n{text}".encode(), blob[12:])
	END
}

@test "what goes on from the last head is cosigned, from nothing else" {
	witness --init <first
	grow 500
	audit-hash checkpoint --old 300 log >body
	audit-hash checkpoint --old 299 log >wrong
	refused 2 old wrong
	[[ $stderr == *"300 entries: ask with --old 300 [old]" ]]
	refused 2 old first
	run -0 witness body
	same state log.tree/checkpoint
	refused 2 old body # once more: it has 800 by now
	audit-hash checkpoint --old 800 log >body
	run -0 --separate-stderr witness <body # the same head again
	[ -z "$stderr" ]
}

@test "a smaller head is a rollback, another of the same size or a proof that does not lead a fork" {
	cp -r log.tree before.tree && cp log before
	witness --init <first
	grow 100
	audit-hash checkpoint --old 300 log | witness
	refused 1 rollback first
	grep -qxF -- "$(tail -n 1 first)" <<<"$stderr"
	grep -qxF -- "$(tail -n 1 state)" <<<"$stderr"
	[ "$(grep -c '^example.com/log$' <<<"$stderr")" = 2 ]

	seq 1000 1099 | audit-hash append -q --key key --tree before.tree before
	audit-hash checkpoint --old 400 --tree before.tree before >fork
	refused 1 fork fork
	grep -qxF -- "$(tail -n 2 fork | head -n 1)" <<<"$stderr"
	seq 7 | audit-hash append -q --key key --tree before.tree before
	audit-hash checkpoint --old 400 --tree before.tree before >fork
	refused 1 fork fork
	grep -qxF -- "$(tail -n 1 state)" <<<"$stderr"
}

@test "without a state only --init begins, and never over one" {
	refused 2 state-missing first
	audit-hash checkpoint --old 300 log >body
	refused 2 old body --init
	run -0 witness --init first
	refused 2 state-exists first --init
}

@test "unknown keys, bad signatures and malformed bodies are status 2" {
	witness --init <first
	grow 5
	audit-hash checkpoint --old 300 log >body
	audit-hash keygen -q example.com/log -o other
	seq 400 | audit-hash append -q --key other else
	audit-hash checkpoint --old 300 else >unknown
	refused 2 key-unknown unknown
	audit-hash keygen -q example.com/else -o named
	cat named.pub >>key.pub
	seq 400 | audit-hash append -q --key named third
	audit-hash checkpoint --old 300 third >origin
	refused 2 origin origin
	sed 's/^305$/306/' body >bad
	refused 2 head-damaged bad
	for change in 's/^old 300/old 0300/' 's/^old/new/' '2s/^/x/' '1,/^$/d' '/^—/d'; do
		sed "$change" body >bad
		run -2 --separate-stderr witness bad
		[ -z "$output" ]
	done
	: >bad
	refused 2 proof-syntax bad
	run -0 witness body
}

@test "a damaged state is status 2 and stays as it is" {
	witness --init <first
	grow 5
	audit-hash checkpoint --old 300 log >body
	cp state good
	for change in '2s/.*/299/' '3s/A/B/;3s/a/b/;3s/[0-9]/x/' '1s/^/x/' '/^—/d' '5d'; do
		sed "$change" good >state
		refused 2 state-damaged body
	done
	: >state
	refused 2 state-damaged body
	rm state && ln -s good state
	run -2 --separate-stderr witness body
	rm state && mkdir state
	run -2 --separate-stderr witness body
	rmdir state && mkfifo state
	run -2 timeout 10 "$BUILD/audit-hash" witness --key w --pubkey key.pub --state state body
}

@test "of many asked at once with one head one is answered first, and none twice" {
	witness --init <first
	grow 50
	audit-hash checkpoint --old 300 log >body
	for i in $(seq 12); do
		witness body >"out.$i" 2>"err.$i" &
	done
	wait
	[ "$(cat out.* | wc -l)" = 1 ]
	[ "$(cat err.* | grep -c '\[old\]')" = 11 ]
	same state log.tree/checkpoint
}

@test "a state that cannot be written is status 2 and nothing is signed" {
	mkdir dir && chmod 500 dir
	run -2 --separate-stderr unprivileged "$BUILD/audit-hash" witness --key w --pubkey key.pub --state dir/state --init first
	[ -z "$output" ]
	chmod 700 dir
	run -2 audit-hash witness --key w --pubkey key.pub --state nowhere/state --init first
	run -2 audit-hash witness --key w --state state --init first
	run -2 audit-hash witness --key w --pubkey key.pub --init first
	run -2 audit-hash witness --pubkey key.pub --state state --init first
	run -2 audit-hash witness --key w --pubkey nowhere --state state --init first
	run -2 witness --init nowhere
	run -2 bash -c "'$BUILD/audit-hash' witness --key w --pubkey key.pub --state state --init first >/dev/full"
}
