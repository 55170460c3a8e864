#!/usr/bin/env bats
# A log of three segments: plain, compressed, damaged, missing, or on standard input.
bats_require_minimum_version 1.5.0
load helper

# shellcheck disable=SC2154  # root is the helper's
tlog() {
	python3 "$root/tests/oracle/tlog.py" "$@"
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	tlog key log.example/a 7 key
	seq -f 'first segment %g' 1000 >log-1
	seq -f 'second segment %g' 700 >log-2
	seq -f 'the live log %g' 300 >log
	cat log-1 log-2 log >all
	tlog seal key all log.tree
	tlog hints log.tree log-1 log-2 log
	gzip -k log-1
	zstd -qk log-2
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/{key.pub,all,log,log-1,log-2,log-1.gz,log-2.zst,log.tree} "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
}

verify() {
	audit-verify --pubkey key.pub "$@"
}

@test "segments are read as one log: plain, gzip and zstd" {
	run -0 --separate-stderr verify log-1 log-2 log
	[[ $output == "ok: 2000 entries, root $(tlog root all), log.example/a, key "*", anchors 0" ]]
	ok=$output
	run -0 verify log-1.gz log-2.zst log
	[ "$output" = "$ok" ]
	run -0 verify -j1 log-1.gz log-2 log
	[ "$output" = "$ok" ]
}

@test "all members of a gzip file and all frames of a zstd file are read" {
	{ head -n 400 log-1 | gzip && tail -n +401 log-1 | gzip -1; } >m.gz
	{ head -n 300 log-2 | zstd -q && printf '\x50\x2a\x4d\x18\x04\0\0\0skip' && tail -n +301 log-2 | zstd -q --check; } >f.zst
	run -0 verify m.gz f.zst log
}

@test "standard input is a segment, or the whole log with its tree given" {
	run -0 --separate-stderr verify --tree log.tree - <all
	[ -z "$stderr" ]
	run -0 bash -c 'cat all | audit-verify --pubkey key.pub --tree log.tree -'
	run -0 bash -c 'zstd -dc log-2.zst | audit-verify --pubkey key.pub log-1 - log'
	run -0 bash -c 'cat log-2.zst | audit-verify --pubkey key.pub log-1 - log'
	run -1 bash -c 'sed 7d all | audit-verify --pubkey key.pub --tree log.tree -'
	[ "${lines[0]}" = "<stdin>:7: deleted: entry 6, 1 missing" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
}

@test "a finding names the segment, the line in it and the entry of the log" {
	sed -i 5s/seg/SEG/ log-2
	sed -i 7d log
	run -1 --separate-stderr verify log-1 log-2 log
	[ "${lines[0]}" = "log-2:5: modified: entry 1004" ]
	[ "${lines[1]}" = "log:7: deleted: entry 1706, 1 missing" ]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
	run -1 --separate-stderr verify --format json log-1 log-2 log
	[ "${lines[0]}" = '{"kind": "modified", "file": "log-2", "line": 5, "entry": 1004, "count": 1}' ]
	gzip log-2
	run -1 verify log-1 log-2.gz log
	[ "${lines[0]}" = "log-2.gz:5: modified: entry 1004" ]
}

@test "a run of changes over a border is cut there; what is missing at a border is the earlier one's" {
	sed -i '998,$s/seg/SEG/' log-1
	sed -i '1,2s/seg/SEG/' log-2
	run -1 --separate-stderr verify log-1 log-2 log
	[ "${lines[0]}" = "log-1:998: modified: entry 997-999" ]
	[ "${lines[1]}" = "log-2:1: modified: entry 1000-1001" ]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
	cp "$BATS_FILE_TMPDIR"/log-? .
	sed -i '991,$d' log-1
	sed -i 1,4d log-2
	run -1 --separate-stderr verify log-1 log-2 log
	[ "${lines[0]}" = "log-1:991: deleted: entry 990-1003, 14 missing" ]
	[ "${#lines[@]}" = 2 ]
}

@test "the last line of any segment without its LF is torn" {
	truncate -s -1 log-1
	truncate -s -3 log-2
	run -1 --separate-stderr verify log-1 log-2 log
	[ "${lines[0]}" = "log-1:1000: torn: entry 999" ]
	[ "${lines[1]}" = "log-2:700: torn: entry 1699" ]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
}

@test "bytes behind the compressed ones are trailing" {
	echo junk >>log-2.zst
	printf 'x' >>log-1.gz
	run -1 --separate-stderr verify log-1.gz log-2.zst log
	[ "${lines[0]}" = "log-1.gz:1001: trailing: 1 byte behind the compressed data" ]
	[ "${lines[1]}" = "log-2.zst:701: trailing: 5 bytes behind the compressed data" ]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
}

@test "compressed data that breaks is unreadable at the first line that did not come out whole" {
	local size n
	for f in log-1.gz log-2.zst; do
		size=$(stat -c %s $f)
		head -c $((size / 2)) $f >cut.${f##*.}
		n=$({ gzip -dcf cut.gz || :; } 2>/dev/null | wc -l)
		[ $f = log-1.gz ] || n=$({ zstd -qdc cut.zst || :; } 2>/dev/null | wc -l)
		if [ $f = log-1.gz ]; then
			run -1 --separate-stderr verify cut.gz log-2 log
			[ "${lines[0]}" = "cut.gz:$((n + 1)): unreadable: entry $n-999, the compressed data is damaged from here on" ]
		else
			run -1 --separate-stderr verify log-1 cut.zst log
			[ "${lines[0]}" = "cut.zst:$((n + 1)): unreadable: entry $((1000 + n))-1699, the compressed data is damaged from here on" ]
		fi
		[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	done
	: >empty.gz
	run -1 --separate-stderr verify empty.gz log-2 log
	[[ ${lines[0]} == "empty.gz:1: unreadable: entry 0-999, "* ]]
	head -c -4 log-1.gz >tail.gz # all lines come out, the length is gone
	run -1 --separate-stderr verify tail.gz log-2 log
	[ "${lines[0]}" = "tail.gz:1001: unreadable: the compressed data is damaged from here on" ]
}

@test "a zstd window over 32 MiB cannot be verified, and how to is said" {
	cat log-2 | zstd -q --long=26 >wide.zst
	run -2 --separate-stderr verify log-1 wide.zst log
	[ "$output" = "cannot verify: wide.zst: a zstd window over 32 MiB: zstd -dc | audit-verify … -" ]
	run -0 bash -c 'zstd --long=26 -dc wide.zst | audit-verify --pubkey key.pub log-1 - log'
	cat log-2 | zstd -q --long=25 >good.zst
	run -0 verify log-1 good.zst log
}

@test "whole segments that are missing are not given: cannot verify, never tampered" {
	run -2 --separate-stderr verify log
	[ "$output" = "cannot verify: log: entry 0-1699 not given: no segment here holds it" ]
	run -2 --separate-stderr verify log-1 log
	[ "$output" = "cannot verify: log: entry 1000-1699 not given: no segment here holds it" ]
	run -2 --separate-stderr verify --tree log.tree log-1 log-2
	[ "$output" = "cannot verify: log-2: entry 1700-1999 not given: no segment here holds it" ]
	sed -i 5d log
	run -2 --separate-stderr verify log-1 log # and a finding is said all the same
	[ "${lines[0]}" = "log:5: deleted: entry 1704, 1 missing" ]
	[[ ${lines[1]} == "cannot verify: "* ]]
}

@test "a whole segment that is missing within standard input is not given either" {
	run -2 --separate-stderr bash -c 'cat log-1 log | audit-verify --pubkey key.pub --tree log.tree -'
	[ "$output" = "cannot verify: <stdin>: entry 1000-1699 not given: no segment here holds it" ]
	run -2 --separate-stderr verify --tree log.tree - < <(cat log-1 log)
	cat log-1 log >two
	run -2 --separate-stderr verify --tree log.tree - <two
	run -0 bash -c 'cat log-1 log-2 log | audit-verify --pubkey key.pub --tree log.tree -'
	run -1 --separate-stderr bash -c 'sed 1001d all | audit-verify --pubkey key.pub --tree log.tree -'
	[ "${lines[0]}" = "<stdin>:1001: deleted: entry 1000, 1 missing" ]
	run -1 --separate-stderr bash -c 'sed 1000,1700d all | audit-verify --pubkey key.pub --tree log.tree -'
	[ "${lines[0]}" = "<stdin>:1000: deleted: entry 999-1699, 701 missing" ]
	run -1 --separate-stderr verify --tree log.tree two # a file is one segment
	rm log.tree/hints
	run -1 --separate-stderr bash -c 'cat log-1 log | audit-verify --pubkey key.pub --tree log.tree -'
}

@test "lines not sealed yet behind a rotation do not stand in for the segment that is not given" {
	mv log log-3
	printf 'the next log %d\n' 1 2 >log
	run -2 --separate-stderr verify log-1 log-2 log
	[ "$output" = "cannot verify: log: entry 1700-1999 not given: no segment here holds it" ]
	[[ $stderr == *"log:1: 2 unsealed lines"* ]]
	run -2 --separate-stderr verify log
	[[ $output == "cannot verify: log: entry 0-1999 not given"* ]]
	gzip log-3
	run -2 verify log-1 log-2 log
	run -0 verify log-1 log-2 log-3.gz log
	run -2 --separate-stderr verify --range 1700,1710 log-1 log-2 log
	[ "$output" = "cannot verify: log: entry 1700-1999 not given: no segment here holds it" ]
	mv log.tree/hints .
	run -2 --separate-stderr verify log-1 log-2 log
	[[ $output == "cannot verify: log: entry 1700-1999 missing, and without hints"* ]]
	mv hints log.tree/
	# but no other file speaks for lines that were replaced
	rm log-3.gz
	echo other >log-3
	run -1 --separate-stderr verify log-1 log-2 log
	[ "${lines[0]}" = "log:1: modified: entry 1700-1701" ]
}

@test "without hints a missing run at a border cannot be told from a segment not given" {
	local damage
	for damage in 'rm log.tree/hints' ': >log.tree/hints' 'truncate -s -1 log.tree/hints' 'sed -i 3s/0/1/ log.tree/hints' 'sed -i 2d log.tree/hints' 'echo x >log.tree/hints'; do
		cp "$BATS_FILE_TMPDIR/log.tree/hints" log.tree/hints
		eval "$damage"
		run -2 --separate-stderr verify log-1 log
		[[ $output == "cannot verify: log: entry 1000-1699 missing, and without hints"* ]]
		run -2 verify log
		run -0 verify log-1 log-2 log
		sed -n '1,500p' "$BATS_FILE_TMPDIR/log-2" >part
		run -2 verify log-1 part log
		sed 5d "$BATS_FILE_TMPDIR/log-2" >part
		run -1 verify log-1 part log
	done
}

@test "--min-index: entries before it are gone by retention" {
	run -0 --separate-stderr verify --min-index 1000 log-2 log
	[[ $output == "ok: 2000 entries, "* ]]
	run -0 verify --min-index 1700 log
	run -0 verify --min-index 1000 log-1 log-2 log
	run -2 verify --min-index 999 log
	run -2 verify --min-index 1000 log
	sed -i 3d log-2
	run -1 verify --min-index 1000 log-2 log
	[ "${lines[0]}" = "log-2:3: deleted: entry 1002, 1 missing" ]
	run -2 --separate-stderr verify --min-index 2000 --tree log.tree /dev/null
}

@test "an emptied log with nothing beside it is truncated" {
	mkdir alone
	cp -r log.tree alone/all.tree
	cp all alone/all
	tlog hints alone/all.tree all
	: >alone/all
	run -1 --separate-stderr verify alone/all
	[[ ${lines[0]} == "alone/all:1: truncated: entry 0-1999, 2000 missing"* ]]
	cp all alone/all-20260101
	run -2 verify alone/all
}

@test "the first record of a live log may look compressed" {
	printf '\x1f\x8b\x08\0 a record\n\x28\xb5\x2f\xfd another\n' >odd
	tlog seal key odd 2>/dev/null || python3 "$root/tests/oracle/tlog.py" seal "$BATS_FILE_TMPDIR/key" odd
	run -0 verify odd
}

@test "Prometheus gets every kind, and nothing but the status when it could not be verified" {
	sed -i 5d log-2
	run -1 --separate-stderr verify -q --format prometheus log-1 log-2 log
	grep -qxF 'audit_log_verify_status{log="log"} 1' <<<"$output"
	grep -qxF 'audit_log_entries{log="log"} 2000' <<<"$output"
	grep -qxF 'audit_log_findings{kind="deleted",log="log"} 1' <<<"$output"
	grep -qxF 'audit_log_findings{kind="stale",log="log"} 0' <<<"$output"
	grep -qxF 'audit_log_head_timestamp_seconds{log="log"} 1764000000' <<<"$output"
	[ "$(grep -c '^audit_log_findings{' <<<"$output")" = 17 ]
	if command -v promtool; then promtool check metrics <<<"$output"; fi
	run -2 --separate-stderr verify --format prometheus log
	[ "$(grep -v '^#' <<<"$output")" = 'audit_log_verify_status{log="log"} 2' ]
}

@test "Nagios gets one line and its own exit statuses" {
	run -0 --separate-stderr verify -q --format nagios log-1 log-2 log
	[[ $output == "AUDITLOG OK - 2000 entries, root "*" | entries=2000 findings=0" ]]
	sed 5d log >'a|b'
	run -2 --separate-stderr verify --format nagios --tree log.tree log-1 log-2 'a|b'
	[ "$output" = "AUDITLOG CRITICAL - 1 finding: a/b:5: deleted: entry 1704, 1 missing | entries=2000 findings=1" ]
	run -3 --separate-stderr verify --format nagios log
	[ "$output" = "AUDITLOG UNKNOWN - log: entry 0-1699 not given: no segment here holds it" ]
	run -3 --separate-stderr verify -f nagios
	[ "$output" = "AUDITLOG UNKNOWN - no log given" ]
	run -3 --separate-stderr verify --form=nagios --no-such log
	[[ $output == "AUDITLOG UNKNOWN - unknown option --no-such" ]]
}

@test "-o replaces its file at 1 and 2 too" {
	echo 'ok: old' >report
	run -1 verify -o report log-1 <(:) 2>/dev/null || run -2 verify -o report log
	[[ $(tail -n 1 report) == "cannot verify: "* ]]
	sed -i 5d log
	run -1 verify -o report log-1 log-2 log
	[ "$(tail -n 1 report)" = "TAMPERED: 1 findings" ]
}

@test "thousands of segments take neither more memory nor more files than there are" {
	local i n=1200
	mkdir many
	for ((i = 1; i <= n; i++)); do echo "line $i" >many/$i; done
	gzip many/{1..300}
	seq -f 'line %g' $n >lines
	python3 "$root/tests/oracle/tlog.py" seal "$BATS_FILE_TMPDIR/key" lines many.tree
	run -0 bash -c 'ulimit -Sn 256; [[ $BUILD == *san-* ]] || ulimit -v 300000
		audit-verify -j1 --pubkey key.pub --tree many.tree many/{1..300}.gz many/{301..1200}'
	[[ $output == "ok: 1200 entries, "* ]]
}
