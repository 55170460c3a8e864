#!/usr/bin/env bats
# audit-hash append over segments: the log is renamed, packed, sealed, and goes on.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=$PWD/key
	tree=$root/tests/oracle/treecheck.py
}

size_of() {
	sed -n 2p "$1.tree/checkpoint"
}

# whole SEGMENT...: are these, one after another, what log's tree says?
whole() {
	cat "$@" >all
	python3 "$tree" all log.tree
}

recovery() {
	printf '{"log_event": "recovery", "sealed_lines": %d, "torn_bytes": %d, "torn_sha256": "%s"}\n' "$1" "$2" \
		"$(printf %s "${3:-}" | sha256sum | cut -d ' ' -f 1)"
}

@test "a log that was renamed goes on in a new file, beside any name of a segment" {
	n=0
	for name in log-20261124 log.1 log-x log.2026-11-25; do
		seq "$n" $((n + 299)) | audit-hash append -q log
		n=$((n + 300))
		mv log "$name"
	done
	echo end | audit-hash append -q log
	[[ $(cat log) == end && $(size_of log) == 1201 ]]
	whole log-20261124 log.1 log-x log.2026-11-25 log
	grep ' 0000000000000000$' log.tree/hints | cut -c 1-16 >starts
	printf '%016x\n' 0 300 600 900 1200 | same - starts
}

@test "a writer that runs on follows the rename" {
	coproc live { exec audit-hash append log; }
	pid=$live_PID
	for i in 1 2 3 4; do
		echo "line $i" >&"${live[1]}"
		read -r -t 10 back <&"${live[0]}"
		[[ $back == "line $i" ]]
		mv log "log.$i"
	done
	kill "$pid"
	wait "$pid"
	[[ $(cat log.4) == 'line 4' && ! -e log ]]
	whole log.1 log.2 log.3 log.4
}

@test "an absent or empty log is refused if no segment ends with the last sealed line; --new-segment overrides" {
	seq 300 | audit-hash append -q log
	cp -r log.tree kept
	for change in 'mv log old' 'mv log log.manifest' 'mv log log-1-2.cms.001' 'mv log log-1.tmp' 'mv log log.x' \
		'cp log log.1; : >log' 'sed "300s/3/4/" log >log.1; rm log' 'head -n 299 log >log.1; rm log'; do
		rm -rf log* old
		cp -r kept log.tree
		seq 300 >log
		eval "$change"
		if [[ $change == cp* ]]; then
			run -0 audit-hash append -q log <<<more
			continue
		fi
		run -2 --separate-stderr audit-hash append log <<<more
		[[ $stderr == *'[log-missing]' && ! -s log ]]
		run -0 audit-hash append -q --new-segment log <<<more
		[[ $(cat log) == more && $(size_of log) == 301 ]]
	done
	seq 300 >all
	echo more >>all
	python3 "$tree" all log.tree
}

@test "without hints the first entry of a segment is found from the tiles" {
	for first in 1 255 256 257 300 512; do
		rm -rf log*
		seq "$first" | audit-hash append -q log
		mv log log.1
		for more in 1 2 255 256 300; do
			seq "$more" | audit-hash append -q log
			cp log.tree/hints hints
			rm log.tree/hints
			echo next | audit-hash append -q log
			rm log.tree/hints
			printf 'stray\ntorn' >>log
			audit-hash append -q log </dev/null
			printf 'junk' >log.tree/hints
			audit-hash append -q log </dev/null
			whole log.1 log
			grep "^$(printf %016x "$first") 0000000000000000" log.tree/hints
		done
	done
}

@test "the last segment may be packed by gzip or zstd, in any number of members" {
	command -v zstd gzip
	n=0
	for pack in 'gzip -c' 'zstd -qc'; do
		seq "$n" $((n + 9999)) | audit-hash append -q log
		n=$((n + 10000))
		head -c 20000 log >front
		tail -c +20001 log >back
		{ $pack front; $pack back; } >"log.$n.${pack:0:1}"
		mv log "plain$n"
		run -2 --separate-stderr audit-hash append log <<<more
		[[ $stderr == *'[log-missing]' ]]
		mv "log.$n.g" "log.$n.gz" 2>/dev/null || mv "log.$n.z" "log.$n.zst"
		for name in "log.$n".*; do
			head -c -3 "$name" >cut
			mv "$name" kept
			mv cut "$name"
			run -2 audit-hash append log <<<more
			mv kept "$name"
		done
	done
	echo end | audit-hash append -q log
	whole plain10000 plain20000 log
}

@test "hints that end before the log's segment lead no append astray" {
	audit-hash keygen -q -o cut.key log.example/cut
	seq -f 'one %09g' 600 | audit-hash append -q --key cut.key cut
	mv cut cut-1
	seq -f 'two %09g' 700 | audit-hash append -q --key cut.key cut
	mv cut-1 away
	cp cut.tree/hints hints
	local records
	for records in 0 1 2 3; do
		head -n $records hints >cut.tree/hints
		echo more | audit-hash append -q --key cut.key cut
		run -0 audit-verify --pubkey key.pub --pubkey cut.key.pub away cut
		sed -i '$d' cut
		run -2 audit-hash append -q --key cut.key cut </dev/null
		echo more >>cut
	done
}

@test "equal lines without hints: the end is found all the same" {
	{ yes hb || :; } | head -n 400 | audit-hash append -q log
	mv log log.1
	{ yes hb || :; } | head -n 100 | audit-hash append -q log
	rm log.tree/hints
	echo new | audit-hash append -q log
	[[ $(wc -l <log) == 101 ]]
	whole log.1 log
}

@test "a segment's edge tiles may be lost, and lines of the tile be in two files" {
	seq 300 | audit-hash append -q log
	mv log log.1
	# The segment before has the lines.
	rm -rf log.tree/tile/0/001.p log.tree/tile/1
	seq 301 310 | audit-hash append -q log
	whole log.1 log
	# And from here on the tiles have them: the segment can go.
	mv log.1 elsewhere
	rm -rf log.tree/tile/0/001.p/54 log.tree/tile/1
	echo more | audit-hash append -q log
	mv log.tree/tile/0/001.p/44 .
	rm log.tree/tile/0/001.p/*
	cp 44 log.tree/tile/0/001.p
	echo more | audit-hash append -q log
	whole elsewhere log
}

@test "what a killed writer left behind before the rename is taken in where it stands" {
	seq 300 | audit-hash append -q log
	printf 'stray\ntorn' >>log
	mv log log.1
	echo next | audit-hash append -q log
	{ recovery 1 4 torn; echo next; } | same - log
	[[ $(tail -n 1 log.1) == stray && $(cat log.torn-1098) == torn ]]
	whole log.1 log
}

@test "a crash after the first write to a new segment: all of it is residue" {
	seq 300 | audit-hash append -q log
	mv log log.1
	printf 'stray 1\nstray 2\n' >log
	for hints in keep drop; do
		rm -rf try
		mkdir try
		cp -r log log.1 log.tree try
		[[ $hints == keep ]] || rm try/log.tree/hints
		(
			cd try
			run -0 audit-hash append -q log <<<next
			{ printf 'stray 1\nstray 2\n'; recovery 2 0; echo next; } | same - log
			whole log.1 log
		)
	done
	# But with hints that say the log holds the last line, it is damage.
	mv log.1 log
	cp log log.1
	sed -i '300s/3/4/' log
	run -2 --separate-stderr audit-hash append log <<<more
	[[ $stderr == *'[modified]' ]]
}
