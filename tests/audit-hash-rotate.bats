#!/usr/bin/env bats
# rotate: another key takes over under one head that both sign, and the old one is destroyed.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	audit-hash keygen -q example.com/log -o old
	audit-hash keygen -q example.com/log -o new
	seq 300 | audit-hash append -q --key old log
	audit-hash checkpoint log >anchor
}

@test "the head is signed by both keys, the log says which is next, and the old secret is gone" {
	ln old kept # the bytes, not the name, have to go
	run -0 --separate-stderr audit-hash rotate --key old --new-key new log
	[ -z "$output$stderr" ]
	[ ! -e old ]
	[ "$(tr -d '\0' <kept | wc -c)" = 0 ]
	[ -s kept ]
	[ "$(tail -n 1 log)" = "{\"log_event\": \"rotate\", \"new_key\": \"$(cat new.pub)\"}" ]
	[ "$(grep -c '^—' log.tree/checkpoint)" = 4 ]
	for pub in old new; do
		id=$(cut -d + -f 2 $pub.pub)
		ids=$(sed -n 's/^— .* //p' log.tree/checkpoint | while read -r blob; do
			base64 -d <<<"$blob" | head -c 4 | od -An -tx1 | tr -d ' \n'; echo; done)
		grep -qx "$id" <<<"$ids"
	done
	[ "$(sed -n 's/^— .* //p' log.tree/checkpoint | sed -n 3p | base64 -d | head -c 4 | od -An -tx1 | tr -d ' \n')" = \
		"$(cut -d + -f 2 new.pub)" ]
	same <(tail -n "$(wc -l <log.tree/checkpoint)" <(head -n -1 log.tree/checkpoints)) log.tree/checkpoint
}

@test "from there on the new key is the log's, and the old one neither signs nor vouches" {
	cp old stolen
	audit-hash rotate --key old --new-key new log
	run -2 --separate-stderr audit-hash append --key stolen log <<<x
	[[ $stderr == *"[key-other]"* ]]
	[[ "$(tail -n 1 log)" == *rotate* ]]
	run -0 audit-verify --pubkey new.pub log
	run -2 audit-verify --pubkey old.pub log
	seq 5 | audit-hash append -q --key new log
	[ "$(grep -c '^—' log.tree/checkpoint)" = 2 ]
	run -0 audit-verify --pubkey new.pub log
	run -2 audit-hash rotate --key stolen --new-key new log
	[ -e stolen ]
}

@test "an older head by the old key is an anchor with --old-pubkey, and is none without" {
	audit-hash rotate --key old --new-key new log
	seq 400 | audit-hash append -q --key new log
	audit-hash checkpoint --old 300 log >body
	run -2 audit-verify --pubkey new.pub --proof body --anchor anchor
	run -0 audit-verify --pubkey new.pub --old-pubkey old.pub --proof body --anchor anchor
	run -2 audit-verify --pubkey old.pub --old-pubkey new.pub --proof body --anchor anchor
}

@test "a longer head that the old key signed is a rollback only if that key is given" {
	cp -r log.tree before && cp log before.log
	seq 301 350 | audit-hash append -q --key old log
	cp log.tree/checkpoints longer
	rm -r log.tree && mv before log.tree && mv before.log log
	audit-hash rotate --key old --new-key new log
	{ cat longer log.tree/checkpoints; } >list && mv list log.tree/checkpoints
	run -0 audit-verify --pubkey new.pub log
	run -1 --separate-stderr audit-verify --pubkey new.pub --old-pubkey old.pub log
	[[ ${lines[0]} == "log.tree/checkpoint: rollback: entry 301-349, "* ]]
}

@test "another name, the same key, a wrong key or no log: status 2 and nothing destroyed" {
	cp log kept
	audit-hash keygen -q example.com/else -o else
	audit-hash keygen -q --witness example.com/log -o w
	run -2 --separate-stderr audit-hash rotate --key old --new-key else log
	[[ $stderr == *"[key-name]" ]]
	run -2 --separate-stderr audit-hash rotate --key old --new-key old log
	[[ $stderr == *"[key-other]" ]]
	run -2 audit-hash rotate --key old --new-key w log
	run -2 --separate-stderr audit-hash rotate --key new --new-key old log
	[[ $stderr == *"[key-other]" ]]
	run -2 audit-hash rotate --key old --new-key nowhere log
	run -2 audit-hash rotate --key old log
	run -2 audit-hash rotate --new-key new log
	run -2 audit-hash rotate --key old --new-key new
	run -2 --separate-stderr audit-hash rotate --key old --new-key new nowhere
	[[ $stderr == "audit-hash: nowhere.tree/checkpoint: No such file or directory" ]]
	[ ! -e nowhere ]
	[ ! -e nowhere.tree ]
	[ -e old ]
	[ -e new ]
	same log kept
	same log.tree/checkpoint anchor
}

@test "a key from a descriptor cannot be destroyed, which is said" {
	run -0 --separate-stderr bash -c "'$BUILD/audit-hash' rotate --key fd:5 --new-key new log 5<old"
	[[ $stderr == "audit-hash: fd:5: destroy this key"* ]]
	run -0 audit-verify --pubkey new.pub log
}

@test "while the head is not durable the old key stays" {
	printf x | dd of=log bs=1 seek=0 conv=notrunc status=none
	truncate -s -3 log
	run -2 audit-hash rotate --key old --new-key new log
	[ -s old ]
	run -0 grep -q PRIVATE old
}
