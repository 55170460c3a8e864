#!/usr/bin/env bats
# Parts of a log: a range of entries, and what is new since the last run.
bats_require_minimum_version 1.5.0
load helper

# A log of 30,000 entries in three segments, made by the tools themselves.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	audit-hash keygen log.example/a -o key
	local s
	for s in 1 2 3; do
		seq -f "segment $s entry %g" 10000 | audit-hash append -q --key key log
		[ $s = 3 ] || mv log log-$s
	done
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	chmod u+w key
	cd "$BATS_TEST_TMPDIR" || return
}

verify() {
	audit-verify --pubkey key.pub "$@"
}

# The same answer with good hints, with none, and with every kind of bad ones.
whatever_hints() {
	local want want_status damage
	run --separate-stderr verify "$@"
	want=$output want_status=$status
	for damage in 'rm log.tree/hints' ': >log.tree/hints' 'sed -i "s/ 0000000000000/ 0000000000001/" log.tree/hints' \
		'sed -i "s/^00000000000/00000000001/" log.tree/hints' 'sed -i 20,60d log.tree/hints' 'head -c 4096 /dev/urandom >log.tree/hints'; do
		cp "$BATS_FILE_TMPDIR/log.tree/hints" log.tree/hints
		eval "$damage"
		run --separate-stderr verify "$@"
		[ "$output" = "$want" ]
		[ "$status" = "$want_status" ]
	done
	cp "$BATS_FILE_TMPDIR/log.tree/hints" log.tree/hints
	run --separate-stderr verify "$@"
}

@test "--range looks at its entries only, and says how many" {
	local range
	for range in 0,0 255,256 9990,10010 29999,29999 0,29999 10000,19999; do
		run -0 --separate-stderr verify --range $range log-1 log-2 log
		[[ $output == "ok: 30000 entries, "*", anchors 0, read $((${range#*,} - ${range%,*} + 1))" ]]
		[ -z "$stderr" ]
	done
	run -0 --separate-stderr verify --range 29000,29999 log # the others are not needed
	run -0 --separate-stderr verify --format json --tree log.tree --range 5,6 log-1
	jq -e '.read == 2 and .entries == 30000' <<<"$output"
}

@test "--range: ends behind the last entry, or is none" {
	run -2 --separate-stderr verify --range 0,30000 log-1 log-2 log
	[ "$output" = "cannot verify: log.tree/checkpoint: the range ends behind its last entry" ]
	for range in 5 5,4 -1,3 1,2,3 a,b '1,' ',2'; do
		run -2 --separate-stderr verify "--range=$range" log
		[[ $stderr == *"option --range: not two numbers"* ]]
	done
	run -2 --separate-stderr verify --range 1,2 --state s log
	[[ $stderr == *"do not go together"* ]]
}

@test "--range finds what is in it, and nothing else; the hints do not matter" {
	sed -i 500s/entry/Entry/ log-2
	whatever_hints --range 10400,10600 log-1 log-2 log
	[ "${lines[0]}" = "log-2:500: modified: entry 10499" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	whatever_hints --range 10500,10600 log-1 log-2 log
	[ "$status" = 0 ]
	whatever_hints --range 0,10498 log-1 log-2 log
	[ "$status" = 0 ]
	sed -i 3d log-2
	whatever_hints --range 12000,12001 log-1 log-2 log
	[ "$status" = 0 ]
	whatever_hints --range 10001,10003 log-1 log-2 log
	[ "${lines[0]}" = "log-2:3: deleted: entry 10002, 1 missing" ]
	sed -i 7000a\\new log-2
	whatever_hints --range 16999,17005 log-1 log-2 log
	[[ ${lines[0]} == "log-2:7001: inserted: entry 17001, 1 line"* ]]
	whatever_hints --range 17001,17005 log-1 log-2 log
	[ "$status" = 0 ]
}

@test "--range of a compressed segment is read from the start" {
	gzip log-1
	zstd -q --rm log-2
	run -0 --separate-stderr verify --range 15000,15001 log-1.gz log-2.zst log
	[[ $output == *", read 2" ]]
}

@test "--range names a wrong tile on its way, and no other" {
	printf X | dd of=log.tree/tile/0/041 conv=notrunc status=none # entries 10496-10751
	whatever_hints --range 10500,10501 log-1 log-2 log
	[ "${lines[0]}" = "log.tree/tile/0/041: tile-damaged: entry 10496-10751" ]
	whatever_hints --range 10752,10800 log-1 log-2 log
	[ "$status" = 0 ]
	rm log.tree/tile/0/041
	whatever_hints --range 10500,10501 log-1 log-2 log
	[ "$status" = 0 ]
}

@test "--range reads little beside its entries" {
	command -v strace || skip "no strace"
	! sanitized || skip "the leak sanitizer cannot work under strace"
	strace -f -o trace -e trace=read,pread64 audit-verify --pubkey key.pub --range 15000,15009 log-1 log-2 log
	[ "$(awk -F'= ' '{ n += $NF } END { print n }' trace)" -lt 1000000 ]
}

@test "--state: a full pass, then only what is new and what is due" {
	run -0 --separate-stderr verify --state state log-1 log-2 log
	[[ $output == *", read 30000" ]]
	[ -z "$stderr" ]
	[ "$(head -n 1 state)" = "audit-verify state 1" ]
	[ "$(tail -n 1 state)" = "sha256 $(head -n -1 state | sha256sum | cut -d ' ' -f 1)" ]
	run -0 --separate-stderr verify --state state log-1 log-2 log
	[[ $output == *", read 1072" ]] # 48 in the last tile, 4 tiles of 117 again
	seq 1000 | audit-hash append -q --key key log
	run -0 --separate-stderr verify --state state log-1 log-2 log
	[[ $output == "ok: 31000 entries, "*", read 2024" ]]
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[ -z "$output$stderr" ]
}

@test "--state: every old line is read again within 30 runs, and a finding is a full pass's" {
	local run=0 runs
	for line in 1 257 9999; do
		cp "$BATS_FILE_TMPDIR/log-2" log-2
		run -0 verify --state state log-1 log-2 log
		sed -i ${line}s/entry/Entry/ log-2
		cp state before
		for ((runs = 1; ; runs++)); do
			run --separate-stderr verify --state state log-1 log-2 log
			[ "$status" = 0 ] || break
			((runs < 30)) || return 1
			cp state before
		done
		[ "$status" = 1 ]
		[ "${lines[0]}" = "log-2:$line: modified: entry $((9999 + line))" ]
		[[ $stderr == "audit-verify: state: full pass: "* ]]
		same state before
		rm state
	done
}

@test "--state: a log that was cut is noticed at once" {
	run -0 verify --state state log-1 log-2 log
	sed -i '$d' log
	run -1 --separate-stderr verify --state state log-1 log-2 log
	[[ ${lines[0]} == "log:10000: truncated: entry 29999, 1 missing"* ]]
}

@test "--state that is damaged, of another version, log or history: a full pass, said with -q too" {
	local damage
	run -0 verify --state state log-1 log-2 log
	cp state good
	for damage in 's/run 1/run 2/' '$d' '2d' 's/size 30000/size 30001/' 's/^sha256 ./sha256 x/' '$a more'; do
		sed "$damage" good >state
		run -0 --separate-stderr verify -q --state state log-1 log-2 log
		[ "$stderr" = "audit-verify: state: full pass: the state is damaged" ]
		same state good
	done
	sed '1s/1/2/' good >state
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[ "$stderr" = "audit-verify: state: full pass: the state is of another version" ]
	reseal() {
		sed "$1" good | head -n -1 >state
		echo "sha256 $(sha256sum <state | cut -d ' ' -f 1)" >>state
	}
	reseal 's/^size .*/size 30001/'
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[ "$stderr" = "audit-verify: state: full pass: the head is shorter than the state's" ]
	reseal 's/^size .*/size 500/'
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[ "$stderr" = "audit-verify: state: full pass: the head does not go on from the state's" ]
	reseal 's/^origin .*/origin log.example\/b/'
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[ "$stderr" = "audit-verify: state: full pass: the state is of another log" ]
	cp good state
	rm log.tree/hints
	run -0 --separate-stderr verify -q --state state log-1 log-2 log
	[[ $stderr == "audit-verify: state: full pass: "* ]]
}

@test "--state is replaced only after ok, and a state that cannot be written is exit 2" {
	echo old >state
	sed -i 5d log-1
	run -1 --separate-stderr verify --state state log-1 log-2 log
	[ "$(cat state)" = old ]
	run -2 --separate-stderr verify --state state log
	[ "$(cat state)" = old ]
	cp "$BATS_FILE_TMPDIR/log-1" log-1
	run -2 --separate-stderr verify --state none/state log-1 log-2 log
	[[ $stderr == *"none/state: No such file or directory" ]]
	run -2 --separate-stderr verify --state . log-1 log-2 log
	[ "$output" = "cannot verify: .: Is a directory" ]
}
