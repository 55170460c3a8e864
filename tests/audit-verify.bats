#!/usr/bin/env bats
# The logs here are made by tests/oracle/tlog.py, which shares no code with the tools.
bats_require_minimum_version 1.5.0
load helper

# shellcheck disable=SC2154  # root is the helper's
tlog() {
	python3 "$root/tests/oracle/tlog.py" "$@"
}

# A key and a log of 1,000 entries, sealed; made once.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	tlog key log.example/a 7 key
	tlog key log.example/a 8 other
	seq -f '{"event_id": "%05g", "event_type": "phi_read"}' 1000 >log
	tlog seal key log
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/{key,key.pub,other.pub,log,log.tree} "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
}

verify() {
	audit-verify --pubkey key.pub "$@"
}

@test "an intact log is ok: entries, root, origin and key are said, exit 0" {
	run -0 --separate-stderr verify log
	id=$(cut -d+ -f2 key.pub)
	[ "$output" = "ok: 1000 entries, root $(tlog root log), log.example/a, key $id, anchors 0" ]
	[ -z "$stderr" ]
}

@test "as JSON the verdict is the last row, with the same in it" {
	run -0 --separate-stderr verify --format json log
	id=$(cut -d+ -f2 key.pub)
	[ "$output" = "{\"verdict\": \"ok\", \"entries\": 1000, \"root\": \"$(tlog root log)\", \"origin\": \"log.example/a\", \"key\": \"$id\", \"findings\": 0}" ]
	json=$output
	run -0 --separate-stderr verify -f json log
	[ "$output" = "$json" ]
	run -0 --separate-stderr verify -ftext log
	[[ $output == "ok: 1000 entries, "* ]]
}

@test "every single change of a line is named with its kind and line" {
	run -0 python3 "$root/tests/oracle/matrix.py" "$BUILD/audit-verify" matrix
	[ "$output" = "1111 changes tried" ]
}

@test "several changes are several findings, in the order of lines" {
	sed -i -e '10s/read/reaD/' -e '500,502d' -e '700i new' log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:10: modified: entry 9" ]
	[ "${lines[1]}" = "log:500: deleted: entry 499-501, 3 missing" ]
	[ "${lines[2]}" = "log:697: inserted: entry 699, 1 line stands before it" ]
	[ "${lines[3]}" = "TAMPERED: 3 findings" ]
	[ "${#lines[@]}" = 4 ]
}

@test "a JSON finding has kind, file, line from 1, entry from 0 and count" {
	sed -i '500,502d' log
	run -1 --separate-stderr verify --format json log
	[ "${lines[0]}" = '{"kind": "deleted", "file": "log", "line": 500, "entry": 499, "count": 3}' ]
	jq -es 'length == 2 and .[1].verdict == "tampered" and .[1].findings == 1' <<<"$output"
}

@test "a truncated log: until when the missing lines existed, by the signed time" {
	head -n 900 log >l && mv l log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:901: truncated: entry 900-999, 100 missing, existed until 2025-11-24T16:00:00Z" ]
	run -1 --separate-stderr verify --format json log
	jq -es '.[0].existed_until == "2025-11-24T16:00:00Z" and .[0].line == 901' <<<"$output"
	: >log
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log:1: truncated: entry 0-999, 1000 missing"* ]]
}

@test "a last line without its LF is torn" {
	truncate -s -1 log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:1000: torn: entry 999" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	head -n 499 "$BATS_FILE_TMPDIR/log" >log
	printf '{"event' >>log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:500: torn: entry 499" ]
	[[ ${lines[1]} == "log:501: truncated: entry 500-999, 500 missing"* ]]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
}

@test "an entry overwritten by a copy of another is modified, and the copy is named" {
	sed -i '5s/.*/{"event_id": "00700", "event_type": "phi_read"}/' log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:5: modified: entry 4, now a copy of entry 699" ]
	run -1 --separate-stderr verify --format json log
	[ "${lines[0]}" = '{"kind": "modified", "file": "log", "line": 5, "entry": 4, "count": 1, "copy_of": 699}' ]
}

@test "lines behind the head are unsealed, which is said and is no finding" {
	printf 'one\ntwo\n\nhalf' >>log
	run -0 --separate-stderr verify log
	[[ $output == "ok: 1000 entries, "* ]]
	[ "$stderr" = "audit-verify: log:1001: 4 unsealed lines" ]
	run -0 --separate-stderr verify -q log
	[ -z "$output$stderr" ]
}

@test "the last entry once more behind the head is duplicated, unless an append is under way" {
	tail -n 1 log >>log
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:1001: duplicated: entry 999" ]
	exec 9>log.tree/lock
	flock 9
	run -0 --separate-stderr verify log
	[ "$stderr" = "audit-verify: log:1001: 1 unsealed line" ]
	exec 9>&-
	run -1 verify log
}

@test "in a log that says the same twice in a row, the last entry once more behind the head is unsealed" {
	audit-hash keygen log.example/beats -o beats.key
	printf '%s\n' beat beat stop stop last | audit-hash append -q --key beats.key beats
	tail -n 1 beats >>beats
	run -0 --separate-stderr audit-verify --pubkey beats.key.pub beats
	[[ $output == "ok: 5 entries, "* ]]
	[ "$stderr" = "audit-verify: beats:6: 1 unsealed line" ]
}

@test "a log that grows while it is verified is never called corrupt" {
	local writer n=0
	audit-hash keygen log.example/live -o live.key
	seq 300 | audit-hash append -q --key live.key live
	for writer in 1 2 3; do
		for run in {1..12}; do
			seq -f "$writer $run %g" 37 | audit-hash append -q --key live.key live
		done &
	done
	while [ -n "$(jobs -rp)" ]; do
		run -0 audit-verify --pubkey live.key.pub live
		n=$((n + 1))
		jobs >/dev/null
	done
	wait
	run -0 audit-verify --pubkey live.key.pub live
	[[ $output == "ok: 1632 entries, "* ]]
	((n > 3))
}

@test "what audit-hash writes is what the oracle makes of the log" {
	audit-hash keygen log.example/oracle -o ours.key
	head -n 700 log | audit-hash append -q --key ours.key ours
	tail -n 300 log | audit-hash append -q --key ours.key ours
	run -0 tlog check ours.key.pub ours
	[ -z "$output" ]
}

@test "CR, NUL, invalid UTF-8, empty lines and a BOM are content" {
	printf '\xef\xbb\xbfa\r\n\n\0\n\xff\xfe\nb\xe2\x80\xa8c\n' >odd
	tlog seal key odd
	run -0 verify odd
	tr -d '\r' <odd >o && mv o odd
	run -1 --separate-stderr verify odd
	[ "${lines[0]}" = "odd:1: modified: entry 0" ]
}

@test "lines of any length are hashed" {
	head -c 65536 /dev/zero | tr '\0' x >long
	echo >>long
	head -c 1000000 /dev/zero | tr '\0' y >>long
	printf '\nshort\n' >>long
	tlog seal key long
	run -0 verify long
	sed -i 's/^x/z/' long
	run -1 --separate-stderr verify long
	[ "${lines[0]}" = "long:1: modified: entry 0" ]
}

@test "many equal lines" {
	yes '' | head -n 5000 >same
	tlog seal key same
	run -0 verify same
	sed -i '2500d' same
	run -1 --separate-stderr verify same
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
}

@test "the wrong key, or none: cannot verify, never tampered" {
	run -2 --separate-stderr audit-verify --pubkey other.pub log
	[ "$output" = "cannot verify: log.tree/checkpoint: the head has no signature by a known key" ]
	run -2 --separate-stderr audit-verify --pubkey other.pub --format json log
	jq -e '.verdict == "cannot-verify" and .entries == null and .root == null and .findings == 0' <<<"$output"
	run -2 --separate-stderr audit-verify log
	[[ $stderr == "audit-verify: no --pubkey"* ]]
	run -2 --separate-stderr audit-verify --pubkey none.pub log
	[ "$output" = "cannot verify: none.pub: No such file or directory" ]
	sed -i 5d log
	run -2 audit-verify --pubkey other.pub log
	[[ $output != *TAMPERED* ]]
}

@test "--pubkey repeats, and a file may hold several keys" {
	run -0 audit-verify --pubkey other.pub --pubkey key.pub log
	cat other.pub key.pub >both.pub
	run -0 audit-verify --pubkey both.pub log
}

@test "a key whose id is not its own, and what is no key, cannot verify" {
	sed 's/+\(.\)/+f/' key.pub >bad.pub
	run -2 --separate-stderr audit-verify --pubkey bad.pub log
	[ "$output" = "cannot verify: bad.pub: the id of a key is not that of its bytes" ]
	echo 'no key' >bad.pub
	run -2 audit-verify --pubkey bad.pub log
	: >bad.pub
	run -2 --separate-stderr audit-verify --pubkey bad.pub log
	[ "$output" = "cannot verify: bad.pub: no key in it" ]
}

@test "a head whose signature by a known key fails is head-damaged" {
	sed -i '2s/1000/1001/' log.tree/checkpoint
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log.tree/checkpoint: head-damaged: the signature by a known key is not of this head" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	run -1 --separate-stderr verify --format json log
	[ "${lines[0]}" = '{"kind": "head-damaged", "file": "log.tree/checkpoint", "line": null, "entry": null, "count": null}' ]
}

@test "a malformed or missing head, and one of another name, cannot verify" {
	head -c 60 log.tree/checkpoint >c && mv c log.tree/checkpoint
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree/checkpoint: the head is no signed note" ]
	: >log.tree/checkpoint
	run -2 verify log
	rm log.tree/checkpoint
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree/checkpoint: No such file or directory" ]
	[ "$stderr" = "audit-verify: log.tree/checkpoint: No such file or directory" ]
}

@test "a head that was put back is rollback" {
	cp log.tree/checkpoint old
	seq -f 'more %g' 50 >>log
	tlog seal key log --time 1764100000
	run -0 verify log
	cp old log.tree/checkpoint
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log.tree/checkpoint: rollback: entry 1000-1049, 50 sealed and not under this head, existed until 2025-11-25T19:46:40Z" ]
	run -1 --separate-stderr verify --format json log
	[ "${lines[0]}" = '{"kind": "rollback", "file": "log.tree/checkpoint", "line": null, "entry": 1000, "count": 50, "existed_until": "2025-11-25T19:46:40Z"}' ]
}

@test "a head or a list that never ends or blocks is refused" {
	rm log.tree/checkpoint
	mkfifo log.tree/checkpoint
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree/checkpoint: Invalid argument" ]
	rm log.tree/checkpoint
	cp "$BATS_FILE_TMPDIR/log.tree/checkpoint" log.tree
	ln -sf /dev/zero log.tree/checkpoints
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree/checkpoints: Invalid argument" ]
}

@test "a list of heads that lags, is torn or is absent is no finding" {
	cp log.tree/checkpoints old
	seq -f 'more %g' 50 >>log
	tlog seal key log
	cp old log.tree/checkpoints
	run -0 verify log
	head -c 100 log.tree/checkpoint >>log.tree/checkpoints
	run -0 verify log
	rm log.tree/checkpoints
	run -0 verify log
}

@test "a longer head in the list whose signature fails is head-damaged; a foreign one says nothing" {
	sed '2s/1000/2000/' log.tree/checkpoint >forged
	{ cat forged && echo; } >>log.tree/checkpoints
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log.tree/checkpoints: head-damaged: "* ]]
	cp "$BATS_FILE_TMPDIR/log.tree/checkpoints" log.tree/checkpoints
	seq 2000 >foreign
	tlog key log.example/foreign 9 foreignkey
	tlog seal foreignkey foreign
	cat foreign.tree/checkpoints >>log.tree/checkpoints
	run -0 verify log
}

@test "a signed head of the same size with another root is a fork" {
	sed 's/read/write/' log >twin
	tlog seal key twin
	cat twin.tree/checkpoint >>log.tree/checkpoints
	echo >>log.tree/checkpoints
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log.tree/checkpoints: fork: "* ]]
}

# Every tile of a log of 1,000 entries, and of one with a third level.
every_tile() {
	find "$1" -path '*/tile/*' -type f | sort
}

@test "a tile that is missing, short or all zero is made anew: said, exit 0" {
	local tile
	for tile in $(every_tile log.tree); do
		for damage in 'rm "$tile"' 'truncate -s 31 "$tile"' ': >"$tile"' 'head -c $(stat -c %s "$tile") /dev/zero >z; cp z "$tile"'; do
			cp "$tile" saved
			eval "$damage"
			run -0 --separate-stderr verify log
			[ "$stderr" = "audit-verify: log.tree: 1 tile missing, made anew from what is below" ]
			cp saved "$tile"
		done
	done
	rm -r log.tree/tile
	run -0 --separate-stderr verify log
	[ "$stderr" = "audit-verify: log.tree: 5 tiles missing, made anew from what is below" ]
}

@test "a tile with wrong bytes is tile-damaged, at every level, at the edge or not" {
	local tile entries
	seq 66000 >big
	tlog seal key big
	for tile in $(every_tile log.tree) big.tree/tile/{0/000,0/257.p/208,1/000,1/001.p/1,2/000.p/1}; do
		cp "$tile" saved
		printf 'X' | dd of="$tile" bs=1 seek=20 conv=notrunc status=none
		run -1 --separate-stderr verify "${tile%%.*}"
		[[ ${lines[0]} == "$tile: tile-damaged: entry "* ]]
		[ "${lines[1]}" = "TAMPERED: 1 findings" ]
		cp saved "$tile"
	done
	run -0 verify big
}

@test "a changed line is named with any one tile lost or wrong beside it" {
	local tile
	sed -i '300s/read/reaD/' log
	for tile in log.tree/tile/0/{000,002,003.p/232} log.tree/tile/1/000.p/3; do
		mv "$tile" saved
		run -1 --separate-stderr verify log
		[ "${lines[0]}" = "log:300: modified: entry 299" ]
		[ "${lines[1]}" = "TAMPERED: 1 findings" ]
		{ head -c 32 /dev/zero | tr '\0' '\1' && tail -c +33 saved; } >"$tile"
		run -1 --separate-stderr verify log
		[[ ${lines[0]} == "$tile: tile-damaged: entry "* ]]
		[ "${lines[1]}" = "log:300: modified: entry 299" ]
		[ "${lines[2]}" = "TAMPERED: 2 findings" ]
		cp saved "$tile"
	done
}

@test "a changed line whose own tile is lost: modified over that tile's range" {
	sed -i '300s/read/reaD/' log
	rm log.tree/tile/0/001
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:257: modified: entry 256-511, somewhere in this range: its tile is lost" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
}

@test "a deleted line shifts what a lost tile's lines are looked for in" {
	sed -i '100d' log
	rm log.tree/tile/0/001
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:100: deleted: entry 99, 1 missing" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	rm log.tree/tile/0/003.p/232
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:100: deleted: entry 99, 1 missing" ]
}

@test "a changed line under a lost tile at the right edge: modified over that tile's range" {
	sed -i '900s/read/reaD/' log
	rm log.tree/tile/0/003.p/232
	run -1 --separate-stderr verify log
	[ "${lines[0]}" = "log:769: modified: entry 768-999, somewhere in this range: its tile is lost" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	seq 100 >small
	tlog seal key small
	rm -r small.tree/tile
	run -0 verify small
	sed -i 7d small
	run -1 --separate-stderr verify small
	[ "${lines[0]}" = "small:1: modified: entry 0-99, somewhere in this range: its tile is lost" ]
}

@test "lost tiles of two levels are made anew from lines and tiles, if the lines allow" {
	seq 66000 >big
	tlog seal key big
	rm big.tree/tile/1/000 big.tree/tile/0/005
	run -0 --separate-stderr verify big
	[ "$stderr" = "audit-verify: big.tree: 2 tiles missing, made anew from what is below" ]
	sed -i '30000s/.*/x/' big
	run -1 --separate-stderr verify big
	[ "${lines[0]}" = "big:30000: modified: entry 29999" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	sed -i '1300s/.*/x/' big # in the lost tile, whose parent is lost
	run -2 --separate-stderr verify big
	[[ ${lines[-1]} == "cannot verify: big.tree: tiles are missing"* ]]
	rm -r big.tree/tile/1
	run -2 verify big
}

@test "tiles gone and lines changed: nothing leads to the head, cannot verify" {
	sed -i '900s/read/reaD/' log
	rm -r log.tree/tile
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree: tiles are missing, and the lines do not lead to the head" ]
}

@test "a head of more entries than there can be is no endless work" {
	local size
	for size in 9223372036854775807 1000000000000 72057594037927936; do
		tlog claim key "$size" log.tree
		run -2 timeout -s KILL 20 audit-verify --pubkey key.pub log
		[[ $output == *"tiles are missing, and the lines do not lead to the head" ]]
	done
}

@test "line and tiles changed alike, without the key, is tampering" {
	sed -i '900s/read/reaD/' log
	tlog seal key log # all tiles are those of the changed log now
	cp "$BATS_FILE_TMPDIR"/log.tree/checkpoint* log.tree
	run -1 --separate-stderr verify log
	[[ ${lines[0]} == "log.tree/tile/0/003.p/232: tile-damaged: entry 768-999"* ]]
	[[ ${lines[-1]} == TAMPERED:* ]]
}

@test "a partial tile may be missing where a wider one or the full one is" {
	cp log.tree/checkpoint head
	seq -f 'more %g' 100 >>log
	tlog seal key log
	rm log.tree/tile/0/003.p/232
	cp head log.tree/checkpoint
	rm log.tree/checkpoints
	run -0 --separate-stderr verify log
	[ "$stderr" = "audit-verify: log:1001: 100 unsealed lines" ]
}

@test "nothing checked is no success, unless --allow-empty" {
	: >none
	tlog seal key none
	run -2 --separate-stderr verify none
	[ "$output" = "cannot verify: no entry to check" ]
	run -0 --separate-stderr verify --allow-empty none
	[[ $output == "ok: 0 entries, root e3b0c442"* ]]
	echo unsealed >none
	run -2 verify none
}

@test "--tree names the tree" {
	mv log.tree elsewhere
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log.tree: No such file or directory" ]
	run -0 verify --tree elsewhere log
}

@test "-q says nothing of an intact log, and all of another" {
	run -0 --separate-stderr verify -q log
	[ -z "$output$stderr" ]
	run -0 --separate-stderr verify -q --format json log
	[ -z "$output" ]
	sed -i 5d log
	run -1 --separate-stderr verify -q log
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
}

@test "-o replaces its file at exit 1 and 2 too" {
	run -0 verify -o report log
	[ -z "$output" ]
	grep -q '^ok: ' report
	sed -i 5d log
	run -1 verify -o report log
	grep -q '^TAMPERED: ' report
	run -2 verify -o report nolog
	[ "$(cat report)" = "cannot verify: nolog: No such file or directory" ]
	run -2 verify -o nodir/report log
}

@test "any -j gives the same bytes" {
	sed -i -e 5d -e '600i new' log
	run -1 verify -j 1 log
	local one=$output
	for n in 2 3 8; do
		run -1 verify -j $n log
		[ "$output" = "$one" ]
	done
	run -2 verify -j 0 log
}

@test "--progress shows what is done, on stderr, and leaves nothing of it" {
	run -0 --separate-stderr verify --progress log
	[[ $output == ok:* ]]
}

@test "a log that cannot be read is named, exit 2" {
	run -2 --separate-stderr verify absent
	[ "$output" = "cannot verify: absent: No such file or directory" ]
	[ "$stderr" = "audit-verify: absent: No such file or directory" ]
	mkdir dir dir.tree
	run -2 --separate-stderr verify dir
	[ "$output" = "cannot verify: dir: Is a directory" ]
	mkfifo fifo
	run -2 --separate-stderr verify --tree log.tree fifo
	[ "$output" = "cannot verify: fifo: not a regular file" ]
	rm log.tree/tile/0/001
	mkdir log.tree/tile/0/001
	for changed in '' 5d; do
		sed -i "$changed" log
		run -2 --separate-stderr verify log
		[ "$output" = "cannot verify: log.tree/tile/0/001: Is a directory" ]
	done
	if [ "$(id -u)" != 0 ]; then
		chmod 0 log
		run -2 --separate-stderr verify log
		[ "$output" = "cannot verify: log: Permission denied" ]
	fi
}

@test "a full device is exit 2, a closed pipe is quiet" {
	run -2 --separate-stderr bash -c 'audit-verify --pubkey key.pub log >/dev/full'
	[[ $stderr == *"No space left on device" ]]
	run -2 bash -c 'audit-verify --pubkey key.pub -o /dev/full log'
	sed -i 1~2d log
	run --separate-stderr bash -c 'audit-verify --pubkey key.pub log | head -n 1; exit ${PIPESTATUS[0]}'
	[ -z "$stderr" ]
}

@test "a wrong format is refused without a word of it" {
	run -2 --separate-stderr verify -f json,text log
	[[ $stderr == *"--format: text, json, prometheus or nagios"* ]]
	[[ $stderr != *,text* ]]
	run -2 --separate-stderr verify --min-index=-1 log
	[[ $stderr == *"--min-index: not the number of an entry"* ]]
	run -2 --separate-stderr verify - -
	[[ $stderr == *"standard input can be one segment only"* ]]
	run -2 --separate-stderr verify -
	[[ $stderr == *"--tree"* ]]
}

@test "--help and --version" {
	run -0 --separate-stderr audit-verify --help
	for option in pubkey tree format allow-empty quiet output jobs progress; do
		[[ $output == *"--$option"* ]]
	done
	run -0 audit-verify --version
	[[ $output == "audit-verify "* ]]
}

@test "a path with odd bytes cannot break a line of the report" {
	local odd=$'a\nb\xff"'
	cp log "$odd"
	sed -i 5d "$odd"
	run -1 --separate-stderr verify --tree log.tree "$odd"
	[ "${lines[0]}" = 'a?b?":5: deleted: entry 4, 1 missing' ]
	run -1 --separate-stderr verify --format json --tree log.tree "$odd"
	jq -es '.[0].file == "a?b?\""' <<<"$output"
}

@test "a gigabyte in one line is hashed in bounded memory" {
	sanitized && skip "takes its time with sanitizers"
	printf 'a\n' >huge
	tlog seal key huge
	head -c 1G /dev/zero | tr '\0' x >huge
	run -1 --separate-stderr bash -c 'ulimit -v 400000; audit-verify --pubkey key.pub huge'
	[[ ${lines[0]} == "huge:1: torn: entry 0"* ]]
}
