#!/usr/bin/env bats
# Older heads, cosignatures and time stamps: what was kept elsewhere must agree with what is there now.
bats_require_minimum_version 1.5.0
load helper

# shellcheck disable=SC2154  # root is the helper's
tlog() {
	python3 "$root/tests/oracle/tlog.py" "$@"
}

# A log of 1,000 entries with heads of 300, 600 and 1,000, and another history of it by the same key.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	tlog key log.example/a 7 key
	tlog key log.example/a 8 other
	seq -f 'entry %g' 1000 >log
	sed 100s/entry/Entry/ log >twin
	local n
	for n in 300 600 1000; do
		tlog seal key log --size $n --time $((1764000000 + n))
		cp log.tree/checkpoint head-$n
		tlog seal key twin --size $n --time $((1764000000 + n))
		cp twin.tree/checkpoint twin-$n
	done
	cat >ca.cnf <<-'CNF'
		[req]
		distinguished_name = dn
		[dn]
		[ca]
		basicConstraints = critical,CA:TRUE
		[tsa]
		extendedKeyUsage = critical,timeStamping
		[stamp]
		serial = serial
		signer_digest = sha256
		default_policy = 1.2.3.4
		digests = sha256
		accuracy = secs:1
	CNF
	echo 01 >serial
	openssl req -x509 -newkey ed25519 -nodes -keyout ca.key -subj /CN=ca -days 30 -out ca.pem -config ca.cnf -extensions ca 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -keyout tsa.key -subj /CN=tsa -out tsa.csr -config ca.cnf 2>/dev/null
	openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 1 -days 30 -out tsa.pem -extfile ca.cnf -extensions tsa 2>/dev/null
	stamp head-1000 new.tsr && stamp head-300 old.tsr && stamp twin-600 twin.tsr && stamp ca.cnf none.tsr
}

# stamp FILE TOKEN
stamp() {
	openssl ts -query -data "$1" -sha256 -cert -out q.tsq 2>/dev/null &&
		openssl ts -reply -config ca.cnf -section stamp -queryfile q.tsq -signer tsa.pem -inkey tsa.key -out "$2" 2>/dev/null
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
}

verify() {
	audit-verify --pubkey key.pub "$@"
}

@test "heads of before, and the present one, are anchors that agree" {
	run -0 --separate-stderr verify --anchor head-300 --anchor head-600 --anchor head-1000 log
	[[ $output == "ok: 1000 entries, "*", anchors 3" ]]
	run -0 verify log
	[[ $output == *", anchors 0" ]]
}

@test "an anchor of another history is a fork, and both notes are printed" {
	local n
	for n in 300 600 1000; do
		run -1 --separate-stderr verify --anchor twin-$n log
		[[ ${lines[0]} == "twin-$n: fork: a signed head "* ]]
		[ "${lines[-1]}" = "TAMPERED: 1 findings" ]
		[[ $output == *"$(cat twin-$n)"*"$(cat head-1000)"* ]]
	done
	run -1 --separate-stderr verify --format json --anchor twin-300 log
	jq -es --rawfile ours head-1000 --rawfile theirs twin-300 \
		'.[0].kind == "fork" and .[0].file == "twin-300" and .[0].line == null and .[0].head == $ours and .[0].other_head == $theirs' <<<"$output"
}

@test "a directory that was rolled back is found by a newer anchor" {
	tlog seal key log --size 600 --time 1764000600
	cp head-600 log.tree/checkpoint
	cat head-600 >log.tree/checkpoints
	head -n 600 log >l && mv l log
	run -0 verify log
	run -1 --separate-stderr verify --anchor head-1000 log
	[[ ${lines[0]} == "head-1000: rollback: entry 600-999, 400 sealed and not under this head, existed until 2025-11-24T16:16:40Z" ]]
	[[ $output == *"$(cat head-1000)"*"$(cat head-600)"* ]]
}

@test "an anchor that is damaged, foreign or by an unknown key cannot verify" {
	sed '2s/300/301/' head-300 >bad
	run -2 --separate-stderr verify --anchor bad log
	[ "$output" = "cannot verify: bad: a known key's signature in it is wrong" ]
	echo junk >bad
	run -2 --separate-stderr verify --anchor bad log
	[ "$output" = "cannot verify: bad: neither a signed head nor a time stamp" ]
	seq 5 >foreign
	tlog key log.example/b 9 foreign.key
	tlog seal foreign.key foreign
	run -2 --separate-stderr verify --pubkey foreign.key.pub --anchor foreign.tree/checkpoint log
	[ "$output" = "cannot verify: foreign.tree/checkpoint: a head of another log" ]
	cp log second
	tlog seal other second --size 300
	run -2 --separate-stderr verify --anchor second.tree/checkpoint log
	[ "$output" = "cannot verify: second.tree/checkpoint: no signature by a known key" ]
	run -0 verify --old-pubkey other.pub --anchor second.tree/checkpoint log
	run -2 --separate-stderr verify --anchor absent log
	[ "$output" = "cannot verify: absent: No such file or directory" ]
}

@test "an older head in checkpoints that this one did not come from is a fork" {
	{ cat twin-300 && echo && cat log.tree/checkpoints; } >c && mv c log.tree/checkpoints
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log.tree/checkpoints: fork: "* ]]
	[[ $output == *"$(cat twin-300)"*"$(cat head-1000)"* ]]
	{ sed 2s/300/299/ head-300 && echo && cat head-1000 && echo; } >log.tree/checkpoints
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log.tree/checkpoints: head-damaged: "* ]]
}

@test "a witness's cosignature counts by its type 4 key, and is a time" {
	audit-hash keygen --witness witness.example/w -o w
	cp log.tree/checkpoint head
	{ echo old 0 && echo && cat head; } >body
	run -0 --separate-stderr audit-hash witness --key w --pubkey key.pub --state w.state --init body
	{ cat head && printf '%s\n' "$output"; } >cosigned
	run -0 verify --pubkey w.pub --anchor cosigned log
	[[ $output == *", anchors 1" ]]
	run -1 verify --max-age 1h log
	run -0 verify --pubkey w.pub --max-age 1h --anchor cosigned log
	# unknown witnesses say nothing, a known one that is wrong says that the anchor is damaged
	run -0 verify --anchor cosigned log
	run -1 verify --max-age 1h --anchor cosigned log
	sed '$s/.\{8\}$/AAAAAA==/' cosigned >bent
	run -2 verify --pubkey w.pub --anchor bent log
}

@test "a time stamp of the newest head, of one in checkpoints or of another anchor agrees" {
	run -0 --separate-stderr verify --tsa-ca ca.pem --anchor new.tsr log
	[[ $output == *", anchors 1" ]]
	run -0 verify --tsa-ca ca.pem --anchor old.tsr --anchor new.tsr log
	[[ $output == *", anchors 2" ]]
	cat head-1000 >log.tree/checkpoints
	echo >>log.tree/checkpoints
	run -2 --separate-stderr verify --tsa-ca ca.pem --anchor old.tsr log
	[ "$output" = "cannot verify: old.tsr: a time stamp of no head that is known here" ]
	run -0 verify --tsa-ca ca.pem --anchor old.tsr --anchor head-300 log
	run -0 verify --tsa-ca ca.pem --max-age 1h --anchor new.tsr log
	openssl ts -reply -in new.tsr -token_out -out token
	run -0 verify --tsa-ca ca.pem --anchor token log
}

@test "a time stamp of a fork proves it; one that proves nothing cannot verify" {
	run -1 --separate-stderr verify --tsa-ca ca.pem --anchor twin.tsr --anchor twin-600 log
	[[ ${lines[0]} == "twin.tsr: fork: "* ]]
	run -2 --separate-stderr verify --anchor new.tsr log
	[ "$output" = "cannot verify: new.tsr: a time stamp, which needs --tsa-ca" ]
	run -2 --separate-stderr verify --tsa-ca ca.pem --anchor none.tsr log
	[ "$output" = "cannot verify: none.tsr: a time stamp of no head that is known here" ]
	openssl req -x509 -newkey ed25519 -nodes -keyout x.key -subj /CN=x -days 30 -out x.pem -config ca.cnf -extensions ca 2>/dev/null
	run -2 --separate-stderr verify --tsa-ca x.pem --anchor new.tsr log
	[ "$output" = "cannot verify: new.tsr: a time stamp that no authority of --tsa-ca has signed" ]
	run -2 --separate-stderr verify --tsa-ca head-300 --anchor new.tsr log
	[ "$output" = "cannot verify: head-300: no certificate in it" ]
	head -c -1 new.tsr >cut.tsr
	run -2 --separate-stderr verify --tsa-ca ca.pem --anchor cut.tsr log
	[ "$output" = "cannot verify: cut.tsr: neither a signed head nor a time stamp" ]
}

@test "--max-age: the newest head must not be older, by a signed time" {
	run -1 --separate-stderr verify --max-age 1d log
	[ "${lines[0]}" = "log.tree/checkpoint: stale: the newest head is older than --max-age allows" ]
	run -1 --separate-stderr verify --max-age 1d --format json log
	[ "${lines[0]}" = '{"kind": "stale", "file": "log.tree/checkpoint", "line": null, "entry": null, "count": null}' ]
	run -0 verify --max-age 100y log
	head -n 5 log.tree/checkpoint >c && mv c log.tree/checkpoint # no cosignature: no time
	run -0 verify log
	run -2 --separate-stderr verify --max-age 100y log
	[ "$output" = "cannot verify: log.tree/checkpoint: no signed time of the head is known" ]
	run -2 --separate-stderr verify --max-age 1x log
	[[ $stderr == *"--max-age: not a span of time"* ]]
}
