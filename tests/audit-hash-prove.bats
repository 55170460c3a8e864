#!/usr/bin/env bats
# prove, checkpoint --old and audit-verify --proof: one entry, or one head, shown without the log.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=key
}

# fill FROM TO: append the numbered entries.
fill() {
	seq "$1" "$2" | sed 's/.*/{"n": &, "patient": "p&"}/' | audit-hash append -q log
}

# line N: entry N (from 0) of the log.
line() {
	sed -n "$(($1 + 1))p" log
}

@test "an entry is proved by its number, and the proof checked without the log" {
	fill 1 700
	for n in 0 255 256 699; do
		audit-hash prove "$n" log >proof
		line "$n" >entry
		run -0 --separate-stderr audit-verify --pubkey key.pub --proof proof --entry entry
		[[ $output == "ok: entry $n of 700, root "*", example.com/log, key "* ]]
		leaf=$({ printf '\0' && printf %s "$(cat entry)"; } | sha256sum | cut -c 1-64)
		run -0 --separate-stderr audit-verify --pubkey key.pub --proof proof --leaf "$leaf"
	done
	rm log # nothing but the proof, the entry and the key is needed
	rm -r log.tree
	run -0 audit-verify -q --pubkey key.pub --proof proof --entry entry
	[ -z "$output" ]
}

@test "the LF of the entry shown is optional, and more than one line is none" {
	fill 1 3
	audit-hash prove 1 log >proof
	printf %s "$(line 1)" >entry
	run -0 audit-verify --pubkey key.pub --proof proof --entry entry
	printf '%s\n\n' "$(line 1)" >entry
	run -2 --separate-stderr audit-verify --pubkey key.pub --proof proof --entry entry
	[[ $output == "cannot verify: entry: not one line" ]]
	: >entry
	run -2 audit-verify --pubkey key.pub --proof proof --entry entry
}

@test "an entry is found by the hash of its line" {
	fill 1 300
	hash=$(line 290 | tr -d '\n' | sha256sum | cut -c 1-64)
	run -0 --separate-stderr audit-hash prove --hash "$hash" log
	[ "${lines[1]}" = "index 290" ]
	[ "$output" = "$(audit-hash prove 290 log)" ]
	run -0 audit-hash prove --hash "${hash^^}" log
	audit-hash seal -q --compress gzip log >plan
	run -2 audit-hash prove --hash "$hash" log
	run -0 --separate-stderr audit-hash prove --hash "$hash" log-*.gz log
	[ "${lines[1]}" = "index 290" ]
	head -c 70000 /dev/zero | tr '\0' x >>log # a line that no head can cover is none
	run -0 audit-hash prove --where '.log_event == "seal"' log
}

@test "an entry is found by a jq expression, the first of several is said to be that" {
	fill 1 300
	echo 'no JSON' | audit-hash append -q log
	run -0 --separate-stderr audit-hash prove --where '.patient == "p41"' log
	[ "${lines[1]}" = "index 40" ]
	[ -z "$stderr" ]
	run -0 --separate-stderr audit-hash prove --where '.n % 100 == 0' log
	[ "${lines[1]}" = "index 99" ]
	[ "$stderr" = "audit-hash: log: 3 lines match, this is the first" ]
	run -2 --separate-stderr audit-hash prove --where '.n ==' log
	[ -z "$output" ]
	[[ $stderr == *"[map]"* ]]
}

@test "what is not in the log is status 2 and nothing on stdout" {
	fill 1 5
	echo '{"n": 6}' >>log # written past the head: not sealed
	run -2 --separate-stderr audit-hash prove 5 log
	[ -z "$output" ]
	[ "$stderr" = "audit-hash: log: its head has 5 entries, and this is none of them [not-in-log]" ]
	for hash in "$(printf x | sha256sum | cut -c 1-64)" "$(printf '{"n": 6}' | sha256sum | cut -c 1-64)"; do
		run -2 --separate-stderr audit-hash prove --hash "$hash" log
		[ -z "$output" ]
		[ "$stderr" = "audit-hash: log: no such entry under its head [not-in-log]" ]
	done
	run -2 --separate-stderr audit-hash prove --where '.n == 6' log
	[ -z "$output" ]
	run -2 --separate-stderr audit-hash prove -o file --where false log
	[ ! -e file ]
}

@test "prove takes one of a number, a hash and an expression" {
	fill 1 2
	for args in "log" "x log" "-- -1 log" "01 log" "1 --hash $(printf '%064d' 0) log" "--hash 12 log" \
		"--hash $(printf '%064d' 0) --where . log" "1 log log" "--hash $(printf '%064d' 0)"; do
		# shellcheck disable=SC2086  # words
		run -2 --separate-stderr audit-hash prove $args
		[ -z "$output" ]
	done
	run -2 audit-hash prove 0 nowhere
	[[ $output == "audit-hash: nowhere.tree: No such file or directory" ]]
}

@test "a tile that is lost or wrong is named and no proof made of it" {
	fill 1 600
	cp log.tree/tile/0/001 kept
	rm log.tree/tile/0/001
	run -2 --separate-stderr audit-hash prove 300 log
	[[ $stderr == "audit-hash: log.tree/tile/0/001: missing"*"[tile-missing]" ]]
	[ -z "$output" ]
	run -0 --separate-stderr audit-hash prove 3 log
	printf x | dd of=kept conv=notrunc status=none
	cp kept log.tree/tile/0/001
	run -2 --separate-stderr audit-hash prove 300 log
	[[ $stderr == "audit-hash: log.tree/tile/0/001: not what"*"[tile-damaged]" ]]
}

@test "another entry than the one proved is status 1, another key or a malformed proof 2" {
	fill 1 20
	audit-hash prove 7 log >proof
	line 8 >entry
	run -1 --separate-stderr audit-verify --pubkey key.pub --proof proof --entry entry
	[ "${lines[0]}" = "proof: modified: entry 7" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	line 7 >entry
	audit-hash keygen -q example.com/log -o other
	run -2 --separate-stderr audit-verify --pubkey other.pub --proof proof --entry entry
	[ "$output" = "cannot verify: proof: the head has no signature by a known key" ]
	sed 's/^index 7/index 07/' proof >bad
	run -2 --separate-stderr audit-verify --pubkey key.pub --proof bad --entry entry
	[ "$output" = "cannot verify: bad: not a tlog-proof" ]
	sed 's/^20$/21/' proof >bad
	run -1 --separate-stderr audit-verify --pubkey key.pub --proof bad --entry entry
	[ "${lines[0]}" = "bad: head-damaged: the signature by a known key is not of this head" ]
	sed 's/^index 7/extra AAEC\nindex 7/' proof >extra
	run -0 --separate-stderr audit-verify --pubkey key.pub --proof extra --entry entry
	run -1 --separate-stderr audit-verify -f json --pubkey key.pub --proof proof --leaf "$(printf '%064d' 0)"
	[ "$(jq -c . <<<"${lines[0]}")" = '{"kind":"modified","file":"proof","line":null,"entry":7,"count":1}' ]
	[ "$(jq -r .verdict <<<"${lines[1]}")" = tampered ]
}

@test "any bit of a proof flipped is status 1 or 2" {
	fill 1 20
	audit-hash prove 7 log >proof
	line 7 >entry
	# Two signature lines stand for one key: what is flipped in the second is found as well.
	run -0 python3 "$root/tests/bits.py" proof "${PROOF_BITS:-23}" \
		"$BUILD/audit-verify" --pubkey key.pub --proof proof --entry entry
	echo "$output"
}

@test "a head is shown to go on from an older one" {
	fill 1 300
	audit-hash checkpoint log >old
	fill 301 700
	audit-hash checkpoint --old 300 log >body
	[ "$(head -n 1 body)" = "old 300" ]
	sed '1,/^$/d' body | same - log.tree/checkpoint
	run -0 --separate-stderr audit-verify --pubkey key.pub --proof body --anchor old
	[[ $output == "ok: 700 entries, the first 300 as they were, root "* ]]
	for n in 0 700; do
		audit-hash checkpoint --old "$n" log >body
		[ "$(sed '1d;/^$/q' body)" = "" ]
	done
	run -0 --separate-stderr audit-verify --pubkey key.pub --proof body --anchor log.tree/checkpoint
	run -2 --separate-stderr audit-verify --pubkey key.pub --proof body --anchor old
	[[ $output == *"not of the size from which the proof leads on" ]]
	run -2 --separate-stderr audit-hash checkpoint --old 701 log
	[ -z "$output" ]
	[[ $stderr == *"[rollback]" ]]
	run -2 audit-hash checkpoint --old x log
}

@test "a fork is status 1, and both signed heads are printed" {
	fill 1 300
	cp -r log.tree before.tree
	cp log before
	fill 301 400
	audit-hash checkpoint log >old
	seq 1 200 | audit-hash append -q --tree before.tree before
	audit-hash checkpoint --old 400 --tree before.tree before >body
	run -1 --separate-stderr audit-verify --pubkey key.pub --proof body --anchor old
	[[ ${lines[0]} == "body: fork: "* ]]
	audit-verify --pubkey key.pub --proof body --anchor old >out || true
	grep -qxF "$(tail -n 2 old | head -n 1)" out
	grep -qxF "$(tail -n 2 body | head -n 1)" out
	[ "$(tail -n 1 out)" = "TAMPERED: 1 findings" ]
	sed -i 's/^400$/401/' old
	run -2 audit-verify --pubkey key.pub --proof body --anchor old
}

@test "an older head counts by a key that is old, the newest does not" {
	fill 1 300
	audit-hash checkpoint log >old
	fill 301 310
	audit-hash checkpoint --old 300 log >body
	audit-hash keygen -q example.com/log -o other
	run -2 audit-verify --pubkey other.pub --old-pubkey key.pub --proof body --anchor old
}

@test "--proof goes with one of --entry, --leaf and --anchor, and no log" {
	fill 1 2
	audit-hash prove 0 log >proof
	line 0 >entry
	run -2 audit-verify --pubkey key.pub --proof proof
	run -2 audit-verify --pubkey key.pub --proof proof --entry entry --leaf "$(printf '%064d' 0)"
	run -2 audit-verify --pubkey key.pub --proof proof --entry entry log
	run -2 audit-verify --pubkey key.pub --entry entry log
	run -2 audit-verify --pubkey key.pub --proof proof --leaf 12
	run -2 audit-verify --proof proof --entry entry
	run -2 audit-verify --pubkey key.pub --proof nowhere --entry entry
	run -2 audit-verify --pubkey key.pub --proof proof --entry nowhere
}

@test "a proof by number reads a few tiles, however long the log is" {
	sanitized && skip "a sanitizer reads files of its own"
	strace -o /dev/null true 2>/dev/null || skip "no tracing here"
	seq 70000 | audit-hash append -q log
	rm log # and no line
	for n in 0 65535 69999; do
		strace -e trace=read,pread64 -o trace audit-hash prove $n log >proof
		[ "$(awk -F ' = ' '{ bytes += $NF } END { print bytes }' trace)" -lt 65536 ]
	done
}
