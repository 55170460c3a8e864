#!/usr/bin/env bats
# audit-hash append, checkpoint and keygen: each promise of audit-hash(1) and audit-log(5).

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=$PWD/key
	tree=$root/tests/oracle/treecheck.py
}

teardown() {
	chattr -a "$BATS_TEST_TMPDIR/log" 2>/dev/null || true
}

size_of() {
	sed -n 2p "$1.tree/checkpoint"
}

root_of() {
	sed -n 3p "$1.tree/checkpoint"
}

# The time the cosignature of a head on stdin gives it.
times() {
	python3 -c '
import base64, sys
for line in sys.stdin.read().split("\n"):
    if line.startswith("\u2014 "):
        blob = base64.b64decode(line.split(" ")[2])
        if len(blob) == 76:
            print(int.from_bytes(blob[4:12], "big"))'
}

@test "keygen writes a secret key only its owner can read, and a public one, whatever the umask" {
	umask 0
	run -0 --separate-stderr audit-hash keygen example.com/other -o other
	[[ -z $output ]]
	[[ $(stat -c %a other) == 400 && $(stat -c %a other.pub) == 644 ]]
	[[ $(cat other) =~ ^PRIVATE\+KEY\+example\.com/other\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}$ ]]
	[[ $(cat other.pub) =~ ^example\.com/other\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}$ ]]
	[[ $(cut -d + -f 4 other) == "$(cut -d + -f 2 other.pub)" ]]
}

@test "keygen never overwrites a file, neither the key nor its .pub" {
	cp key before
	run -2 audit-hash keygen example.com/log -o key
	same key before
	rm -f key
	run -2 audit-hash keygen example.com/log -o key
	[[ ! -e key ]]
	ln -s elsewhere link
	run -2 audit-hash keygen example.com/log -o link
	[[ ! -e elsewhere && ! -e link.pub ]]
}

@test "keygen refuses what cannot be a key's name, and repeats none of it" {
	for name in '' 'a+b' 'secret name' $'a\tb' $'a\xff' $'a\xe2\x80\xa8b' cosignature/v1; do
		run -2 --separate-stderr audit-hash keygen "$name" -o bad
		# shellcheck disable=SC2154
		[[ $stderr == *'[key-name]'* && $stderr != *secret* && ! -e bad && ! -e bad.pub ]]
	done
	run -2 audit-hash keygen example.com/log
	run -2 audit-hash keygen -o bad
}

@test "a missing key is an error that says how to make one" {
	unset AUDIT_KEY_FILE
	run -2 --separate-stderr audit-hash append log </dev/null
	[[ $stderr == *'audit-hash keygen NAME -o FILE'* && ! -e log && ! -e log.tree ]]
	run -2 --separate-stderr audit-hash append --key nowhere log </dev/null
	[[ $stderr == *'audit-hash keygen NAME -o FILE'* ]]
	run -2 --separate-stderr audit-hash append --key key.pub log </dev/null
	[[ $stderr == *'[key-syntax]'* && ! -e log ]]
	sed 's/+A/+B/' key >bent
	run -2 --separate-stderr audit-hash append --key bent log </dev/null
	[[ $stderr == *'[key-'* && ! -e log ]]
}

@test "the key comes from --key FILE, a descriptor, or the file that AUDIT_KEY_FILE names" {
	echo one | audit-hash append log
	unset AUDIT_KEY_FILE
	echo two | audit-hash append --key key log
	echo three | audit-hash append --key fd:7 log 7<key
	[[ $(size_of log) == 3 ]]
	run -2 audit-hash append --key fd:9 log </dev/null
	run -2 audit-hash append --key fd:x log </dev/null
}

@test "append makes lines durable and copies each to stdout" {
	seq 300 >in
	audit-hash append log <in >out
	same in out
	same in log
	[[ $(size_of log) == 300 ]]
	python3 "$tree" log
}

@test "with -q nothing is copied" {
	run -0 --separate-stderr audit-hash append -q log <<<'a line'
	[[ -z $output && -z $stderr && $(cat log) == 'a line' ]]
}

@test "any bytes but LF are a record, an empty line too" {
	printf '\n\r\n\0\n\xff\xfe\n\xef\xbb\xbf{}\n\xe2\x80\xa8\n\v\f\n\n' >in
	audit-hash append log <in >out
	same in out
	same in log
	[[ $(size_of log) == 8 ]]
	python3 "$tree" log
}

@test "a last line without LF is taken, and completed" {
	printf 'one\ntwo' | audit-hash append log >out
	printf 'one\ntwo\n' | same - log
	same out log
}

@test "a line over 65,535 bytes is reported and skipped, the rest goes on, and the status is 1" {
	longest=$(head -c 65535 /dev/zero | tr '\0' x)
	printf '%s\nbefore\n%sx\nafter\n' "$longest" "$longest" >in
	run -1 --separate-stderr audit-hash append log <in
	[[ $stderr == 'audit-hash: <stdin>:3: '*'[line-length]' ]]
	printf '%s\nbefore\nafter\n' "$longest" | same - log
	python3 "$tree" log
}

@test "the root is that of RFC 6962 at the borders of tiles, however the lines came" {
	# Roots over "leaf 0", "leaf 1", ...; that of 70,000 confirmed by golang/mod sumdb/tlog.
	while read -r n want; do
		rm -rf log log.tree
		seq -f 'leaf %.0f' 0 $((n - 1)) >in
		{ head -n $((n / 3)) in; } | audit-hash append -q log
		tail -n +$((n / 3 + 1)) in | audit-hash append -q --batch $((n * 3)) log
		[[ $(size_of log) == "$n" && $(root_of log) == "$want" ]]
		python3 "$tree" log
	done <<-'END'
		1 G7l9zCFjXUfiZj79/QoXRobZjdcBNS3SzQbotD/T0wU=
		255 1xWSohnUBnZj7t4kf5tUw/ngKQaC1V3gm0lbB/HeQck=
		256 z17/2xHQknou31Ow5zx4N/ZZQU4AU32l2Q61xMSf8nQ=
		257 hVuTaqAMuYtRFEhCSa0514pr6TYj4mwB6OSH3AIYSlo=
		65535 tZJIDfIPDdRW4525zbCh+oXzYX7C0wz/xSdgw4d285M=
		65536 4QC6VNaakQEvwTt4kP6seNaZaglyaLb3NdFzEcdAKmA=
		65537 aJsidCyrKt6za6Yi/yc2M2RkhY9d5KLALzO/Fj59yl8=
		70000 2gUy/3su5W9AZxEPyWTp8ntZWflSe//z+lAap1hN6vM=
	END
	(cd log.tree/tile && find . -name '*.p' -exec ls -d {} +) | sort >partials
	printf './0/273.p\n./1/001.p\n./2/000.p\n' | same partials -
	ls log.tree/tile/0/273.p/112 log.tree/tile/1/001.p/17 log.tree/tile/2/000.p/1
}

@test "tiles beyond 256,000 lines lie in x-directories" {
	sanitized && skip "slow"
	seq 256257 | audit-hash append -q log
	[[ $(stat -c %s log.tree/tile/0/x001/000) == 8192 && -s log.tree/tile/0/x001/001.p/1 ]]
	python3 "$tree" log
}

@test "plain openssl accepts the head's first signature, and refuses it with a byte changed" {
	seq 10 | audit-hash append -q log
	audit-hash checkpoint log >note
	sed '/^$/,$d' note >body
	sed -n '5s/.* //p' note | base64 -d | tail -c 64 >sig
	{
		printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'
		cut -d + -f 3- key.pub | base64 -d | tail -c 32
	} >pub.der
	openssl pkey -pubin -inform DER -in pub.der -out pub.pem
	openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in body -sigfile sig
	for at in 0 20 30; do
		python3 - "$at" <<-'END'
			import sys
			b = bytearray(open("body", "rb").read())
			b[int(sys.argv[1])] ^= 1
			open("bent", "wb").write(b)
		END
		run ! openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in bent -sigfile sig
	done
	# The second signature is a cosignature/v1 by the same key, and gives the time.
	time=$(times <note)
	((time >= $(date +%s) - 60 && time <= $(date +%s)))
	sed -n '6s/.* //p' note | base64 -d | tail -c 64 >sig
	{ printf 'cosignature/v1\ntime %d\n' "$time"; cat body; } >cosigned
	openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in cosigned -sigfile sig
}

@test "a new log gets a head of size 0 before its first line" {
	seq 3 | audit-hash append -q log
	[[ $(sed -n 2p log.tree/checkpoints) == 0 ]]
	[[ $(sed -n 3p log.tree/checkpoints) == 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= ]]
	audit-hash append other </dev/null
	[[ -e other && ! -s other && $(size_of other) == 0 ]]
	echo one | audit-hash append other
	[[ $(size_of other) == 1 ]]
	python3 "$tree" other
}

@test "files are 0640 and directories 0750 whatever the umask; --mode is for new files only" {
	for mask in 0 0777; do
		(umask "$mask" && seq 300 | audit-hash append -q "log$mask")
		[[ $(find "log$mask" "log$mask.tree" -type f ! -perm 640) == '' ]]
		[[ $(find "log$mask.tree" -type d ! -perm 750) == '' ]]
	done
	seq 300 | audit-hash append -q --mode 0600 new
	[[ $(find new new.tree -type f ! -perm 600) == '' ]]
	echo more | audit-hash append -q --mode 0644 new
	[[ $(stat -c %a new new.tree/checkpoint | sort -u) == 600 ]]
	for mode in 0777 640x 0200 1640 '' 99; do
		run -2 audit-hash append --mode "$mode" new </dev/null
	done
}

@test "what root makes belongs to the owner of the directory it is in" {
	((EUID == 0)) || skip "not root"
	mkdir theirs
	chown 12345:23456 theirs
	seq 300 | audit-hash append -q theirs/log
	printf 'torn' >>theirs/log
	audit-hash append -q theirs/log </dev/null
	[[ $(find theirs ! -user 12345 -o ! -group 23456) == '' && -e theirs/log.torn-1092 ]]
	(cd theirs && seq 300 | audit-hash append -q --tree ../theirs/tree2 log2)
	[[ $(find theirs ! -user 12345 -o ! -group 23456) == '' ]]
}

@test "LOG must be a regular file: no directory, FIFO, device or symbolic link" {
	mkdir directory
	mkfifo fifo
	ln -s real link
	for bad in directory fifo link /dev/null nowhere/log ''; do
		run -2 --separate-stderr timeout 10 audit-hash append "$bad" <<<'a line'
		[[ $stderr == 'audit-hash: '* && ! -e $bad.tree ]]
	done
	[[ ! -e real ]]
	ln -s directory parent
	echo line | audit-hash append -q parent/log
	[[ -s directory/log && -d directory/log.tree ]]
}

@test "--tree puts the tree elsewhere" {
	seq 3 | audit-hash append -q --tree elsewhere log
	[[ ! -e log.tree ]]
	python3 "$tree" log elsewhere
	audit-hash checkpoint --tree elsewhere log | same - elsewhere/checkpoint
}

@test "a line is copied only after its sync, its tiles and its head's rename and sync" {
	command -v strace || skip "no strace"
	sanitized && skip "a sanitizer makes calls of its own"
	echo one | audit-hash append -q log
	echo two | strace -o trace -e trace=flock,write,fdatasync,fsync,rename,renameat,renameat2 \
		audit-hash append log || skip "no tracing here"
	awk '
		/LOCK_EX/ && !seen { got = got "lock "; seen = 1 }
		/LOCK_UN/ && !un { got = got "unlock "; un = 1 }
		/write\(1,/ { got = got "copy " }
		/write\([0-9]+, "two/ && !/write\(1,/ { got = got "log " }
		/fdatasync/ { got = got "sync " }
		/rename.*"2"/ { got = got "tile " }
		/write.*example.com/ && !head { got = got "head "; head = 1 }
		/ fsync|^fsync/ { got = got "fsync " }
		/rename.*"checkpoint"/ { got = got "rename " }
		END { print got }' trace >order
	[[ $(cat order) == 'lock log sync tile head fsync rename fsync unlock copy '* ]]
}

@test "nothing waits: a line of a live pipe comes back before the next is sent" {
	coproc live { exec audit-hash append log; }
	pid=$live_PID
	for i in 1 2 3; do
		echo "line $i" >&"${live[1]}"
		read -r -t 10 back <&"${live[0]}"
		[[ $back == "line $i" && $(size_of log) == "$i" ]]
	done
	kill "$pid"
	wait "$pid"
}

@test "while a run waits for input another can append, and both go on" {
	coproc live { exec audit-hash append log; }
	pid=$live_PID
	echo first >&"${live[1]}"
	read -r -t 10 _ <&"${live[0]}"
	echo second | timeout 10 audit-hash append -q log
	echo third >&"${live[1]}"
	read -r -t 10 _ <&"${live[0]}"
	kill "$pid"
	wait "$pid"
	printf 'first\nsecond\nthird\n' | same - log
	python3 "$tree" log
}

@test "the log is found anew by its name for every batch" {
	coproc live { exec audit-hash append log 2>err; }
	pid=$live_PID
	echo first >&"${live[1]}"
	read -r -t 10 _ <&"${live[0]}"
	cp log copy
	mv log old
	mv copy log
	echo second >&"${live[1]}"
	read -r -t 10 _ <&"${live[0]}"
	[[ $(cat old) == first && $(cat log) == $'first\nsecond' ]]
	mv log old
	echo third >&"${live[1]}"
	wait "$pid" && false
	[[ $(cat err) == *'[log-missing]' && ! -e log && $(cat old) == $'first\nsecond' ]]
}

@test "SIGTERM ends it as the end of input does, but for an unfinished line" {
	mkfifo pipe
	audit-hash append log <pipe >out &
	exec 7>pipe
	printf 'whole\nunfini' >&7
	for _ in {1..100}; do [[ -s out ]] && break || sleep 0.05; done
	kill %1
	wait %1
	exec 7>&-
	[[ $(cat log) == whole && $(cat out) == whole ]]
	python3 "$tree" log
}

@test "a closed stdout ends it as SIGPIPE does, after what was read is sealed" {
	seq 400000 >in
	set +o pipefail
	audit-hash append log <in 2>err | head -n 1 >/dev/null
	[[ ${PIPESTATUS[0]} == 141 && ! -s err ]]
	n=$(wc -l <log)
	(($(stat -c %s log) > 1250000)) # five reads of 256K, not only the batch whose copy failed
	((n < 400000))
	head -n "$n" in | same - log
	python3 "$tree" log
}

@test "a full stdout is status 2, and the lines are sealed all the same" {
	run -2 --separate-stderr bash -c 'echo line | audit-hash append log >/dev/full'
	[[ $stderr == *'<stdout>'* && $(size_of log) == 1 ]]
	for verb in 'checkpoint log' 'chain log' 'check list log' --help 'append --help' --version; do
		audit-hash chain log >list
		# shellcheck disable=SC2086
		run -2 bash -c "audit-hash $verb >/dev/full"
	done
}

@test "empty input signs the present head again, with the present time" {
	echo one | audit-hash append -q log
	cp log.tree/checkpoint before
	sleep 1.1
	run -0 audit-hash append log </dev/null
	[[ -z $output && $(size_of log) == 1 ]]
	same <(head -n 5 before) <(head -n 5 log.tree/checkpoint)
	(($(times <log.tree/checkpoint) > $(times <before)))
	[[ $(times <log.tree/checkpoints | tail -n 1) == "$(times <log.tree/checkpoint)" ]]
}

@test "a run lists at most one head a second, and always its last" {
	for i in {1..80}; do echo "$i"; sleep 0.02; done | audit-hash append -q log
	n=$(times <log.tree/checkpoints | wc -l)
	((n >= 2 && n <= 6))
	python3 "$tree" log
}

@test "--batch caps what goes into one head" {
	seq 1000 >in
	audit-hash append -q log <in
	ls log.tree/tile/0/003.p >widths
	[[ $(wc -l <widths) == 1 ]]
	audit-hash append -q --batch 100 small <in
	ls small.tree/tile/0/003.p >widths
	(($(wc -l <widths) > 5))
	[[ $(root_of log) == "$(root_of small)" ]]
	python3 "$tree" small
}

@test "complete lines past the head are sealed, and a recovery line says so" {
	echo one | audit-hash append -q log
	printf 'stray 1\nstray 2\n' >>log
	run -0 --separate-stderr audit-hash append log <<<'two'
	[[ $output == two && $stderr == *'2 lines'* ]]
	empty=$(printf '' | sha256sum | cut -d ' ' -f 1)
	printf '%s\n' one 'stray 1' 'stray 2' \
		"{\"log_event\": \"recovery\", \"sealed_lines\": 2, \"torn_bytes\": 0, \"torn_sha256\": \"$empty\"}" \
		two | same - log
	python3 "$tree" log
	ls
	[[ ! -e log.torn-0 ]]
}

@test "a torn tail is set aside whole, and a recovery line says so" {
	echo one | audit-hash append -q log
	printf 'stray\nto\0rn' >>log
	run -0 audit-hash append -q log </dev/null
	printf 'to\0rn' | same - log.torn-10
	digest=$(sha256sum <log.torn-10 | cut -d ' ' -f 1)
	printf '%s\n' one stray \
		"{\"log_event\": \"recovery\", \"sealed_lines\": 1, \"torn_bytes\": 5, \"torn_sha256\": \"$digest\"}" |
		same - log
	[[ $(stat -c %a log.torn-10) == 640 ]]
	python3 "$tree" log
	run -0 audit-hash append -q log <<<two
	[[ $(tail -n 1 log) == two && $(size_of log) == 4 ]]
}

@test "what a fragment is set aside under is never overwritten" {
	echo one | audit-hash append -q log
	echo 'of another day' >log.torn-4
	printf 'torn' >>log
	audit-hash append -q log </dev/null
	[[ $(cat log.torn-4) == 'of another day' && $(cat log.torn-4.2) == torn ]]
}

@test "in a log that can only be appended to a torn tail becomes an entry" {
	touch log
	chattr +a log 2>/dev/null || skip "no chattr +a here"
	echo one | audit-hash append -q log
	printf 'stray\ntorn' >>log
	audit-hash append -q log <<<two
	digest=$(printf torn | sha256sum | cut -d ' ' -f 1)
	printf '%s\n' one stray torn \
		"{\"log_event\": \"recovery\", \"sealed_lines\": 1, \"torn_bytes\": 4, \"torn_sha256\": \"$digest\"}" \
		two | same - log
	[[ ! -e log.torn-10 ]]
	python3 "$tree" log
}

@test "who writes past the lock meanwhile is noticed, and nothing is lost or acknowledged" {
	command -v strace || skip "no strace"
	sanitized && skip "a sanitizer makes calls of its own"
	echo one | audit-hash append -q log
	printf 'torn' >>log
	# The first sync is that of the fragment set aside.
	strace -o trace -e trace=fsync -e inject=fsync:delay_exit=1500000:when=1 \
		audit-hash append log <<<two >out 2>err &
	for _ in {1..200}; do [[ -e log.torn-4.tmp ]] && break || sleep 0.02; done
	[[ -e log.torn-4.tmp ]] || skip "no injection here"
	echo ' and whole' >>log
	wait $! && false
	[[ $(cat err) == *'[foreign-write]' && ! -s out ]]
	printf 'one\ntorn and whole\n' | same - log
	echo two | audit-hash append -q log
	[[ $(tail -n 1 log) == two && $(sed -n 2p log) == 'torn and whole' ]]
	python3 "$tree" log
	# The first write is that of the batch.
	strace -o trace -e trace=write -e inject=write:delay_enter=1500000:when=1 \
		audit-hash append log <<<three >out 2>err &
	sleep 0.7
	echo stranger >>log
	wait $! && false
	[[ $(cat err) == *'[foreign-write]' && ! -s out ]]
	echo four | audit-hash append -q log
	[[ $(tail -n 4 log | sed -n '1,2p;4p') == $'stranger\nthree\nfour' ]]
	python3 "$tree" log
}

@test "what a failed sync may have left in memory alone is written again before it is sealed" {
	command -v strace || skip "no strace"
	sanitized && skip "a sanitizer makes calls of its own"
	echo one | audit-hash append -q log
	echo two | strace -o trace -e trace=fdatasync -e inject=fdatasync:error=EIO audit-hash append log >out 2>err || :
	grep -q INJECTED trace || skip "no injection here"
	[[ ! -s out && $(cat err) == *'log: Input/output error' && $(cat log) == $'one\ntwo' ]]
	echo three | strace -o trace -e trace=pwrite64,fdatasync audit-hash append -q log
	awk '/pwrite64.*"two.*, 4, 4\) += 4/ { w = NR } /fdatasync/ { s = NR } END { exit !(w && s > w) }' trace
	[[ $(sed -n 2p log) == two && $(tail -n 1 log) == three ]]
	python3 "$tree" log
}

@test "an error that only the start of the writeback tells of ends it; where that cannot be asked for it goes on" {
	command -v strace || skip "no strace"
	sanitized && skip "a sanitizer makes calls of its own"
	echo one | audit-hash append -q log
	echo two | strace -o trace -e trace=sync_file_range -e inject=sync_file_range:error=EIO audit-hash append log >out 2>err || :
	grep -q INJECTED trace || skip "no injection here"
	[[ ! -s out && $(cat err) == *'log: Input/output error' && $(size_of log) == 1 ]]
	echo three | audit-hash append -q log
	echo four | strace -o trace -e trace=sync_file_range -e inject=sync_file_range:error=ENOSYS audit-hash append log >out
	[[ $(cat out) == four && $(tail -n 1 log) == four ]]
	python3 "$tree" log
}

@test "what OPENSSL_CONF names is not read where the key is" {
	command -v strace || skip "no strace"
	echo 'openssl_conf = all' >conf
	echo one | OPENSSL_CONF=$PWD/conf strace -f -o trace -e trace=open,openat audit-hash append -q log
	OPENSSL_CONF=$PWD/conf strace -f -o trace2 -e trace=open,openat audit-verify --pubkey key.pub log
	grep -q '"checkpoint' trace
	run -1 grep -E '"[^"]*(openssl.cnf|/conf)"' trace trace2
}

@test "very long and very many stray lines are sealed too" {
	seq 700 | audit-hash append -q log
	{ head -c 3000000 /dev/zero | tr '\0' y; echo; seq 1000; } >>log
	echo end | audit-hash append -q log
	[[ $(size_of log) == 1703 ]]
	python3 "$tree" log
}

# refused RULE [ARGS]: append says RULE and status 2, and changes nothing.
refused() {
	local rule=$1
	shift
	rm -rf kept kept.tree
	cp -r log.tree kept.tree
	[[ ! -e log ]] || cp log kept
	run -2 --separate-stderr audit-hash append "$@" log <<<'a line'
	[[ $stderr == *"[$rule]" && -z $output ]]
	[[ ! -e log ]] || same log kept
	same log.tree/checkpoint kept.tree/checkpoint
	diff -r log.tree/tile kept.tree/tile
}

@test "an absent, empty or shortened log is refused, and so is one whose last lines differ" {
	seq 1000 | audit-hash append -q log
	cp log whole
	: >log
	refused log-missing
	rm log
	refused log-missing
	[[ ! -e log ]]
	head -n 999 whole >log
	refused truncated
	head -c -1 whole >log
	refused truncated
	sed '1000s/.*/10zz/' whole >log
	refused modified
	sed '900s/9/8/' whole >log
	refused modified
	sed 1d whole >log
	refused truncated
	{ cat whole; echo more; } | sed 1d >log
	refused modified
	cp whole log
	run -0 audit-hash append -q log <<<'a line'
	python3 "$tree" log
}

@test "a last tile that is just full is looked at as well" {
	seq 512 | audit-hash append -q log
	cp log whole
	sed '512s/5/6/' whole >log
	refused modified
	sed '300s/3/4/' whole >log
	refused modified
	cp whole log
	run -0 audit-hash append -q log <<<'a line'
	python3 "$tree" log
}

@test "a changed old line does not find its way into the next head" {
	seq 1000 >in
	audit-hash append -q log <in
	sed -i '5s/5/6/' log
	run -0 audit-hash append -q log <<<more
	{ cat in; echo more; } | audit-hash append -q other
	[[ $(root_of log) == "$(root_of other)" ]]
}

@test "a log with lines and no head is refused; --adopt seals it" {
	seq 300 >log
	run -2 --separate-stderr audit-hash append log <<<more
	[[ $stderr == *'[no-head]' && ! -e log.tree ]]
	run -0 --separate-stderr audit-hash append --adopt log <<<more
	[[ $output == more && $(size_of log) == 301 && $(tail -n 1 log) == more ]]
	python3 "$tree" log
	{ echo short; head -c 65536 /dev/zero | tr '\0' x; echo; } >long
	run -2 --separate-stderr audit-hash append --adopt long </dev/null
	[[ $stderr == *'[line-length]' && ! -e long.tree/checkpoint ]]
}

@test "a head by another key, a damaged one, or none of a head's form is refused" {
	seq 300 | audit-hash append -q log
	audit-hash keygen -q example.com/log -o key2
	audit-hash keygen -q example.com/other -o key3
	refused key-other --key key2
	refused key-other --key key3
	cp log.tree/checkpoint head
	sed '2s/300/301/' head >log.tree/checkpoint
	refused head-damaged
	for line in 5 6; do
		python3 - "$line" <<-'END'
			import sys
			n = int(sys.argv[1]) - 1
			lines = open("head", encoding="utf-8").read().split("\n")
			at = lines[n].rindex(" ") + 60
			lines[n] = lines[n][:at] + ("A" if lines[n][at] != "A" else "B") + lines[n][at + 1 :]
			open("log.tree/checkpoint", "w", encoding="utf-8").write("\n".join(lines))
		END
		refused head-damaged
	done
	# The key of the last type 1 line under the origin's name is the log's.
	{ cat head; printf '\xe2\x80\x94 example.com/log %s\n' "$(head -c 68 /dev/zero | base64 -w 0)"; } >log.tree/checkpoint
	refused key-other
	head -n 4 head >log.tree/checkpoint
	refused note-syntax
	: >log.tree/checkpoint
	refused note-syntax
	head -c 2000000 /dev/zero >log.tree/checkpoint
	run -2 audit-hash append log </dev/null
	cp head log.tree/checkpoint
	run -0 audit-hash append -q log </dev/null
}

@test "signature lines of strangers are kept out of it" {
	seq 300 | audit-hash append -q log
	printf '\xe2\x80\x94 witness.example %s\n' "$(head -c 76 /dev/zero | base64 -w 0)" >>log.tree/checkpoint
	run -0 audit-hash append -q log <<<more
	[[ $(size_of log) == 301 ]]
}

@test "a head older than one listed is refused as a rollback, and so is a lost one" {
	echo one | audit-hash append -q log
	cp log.tree/checkpoint old
	echo two | audit-hash append -q log
	cp old log.tree/checkpoint
	refused rollback
	run -2 --separate-stderr audit-hash checkpoint log
	[[ $stderr == *'[rollback]' && -z $output ]]
	rm log.tree/checkpoint
	run -2 --separate-stderr audit-hash append log <<<'a line'
	[[ $stderr == *'[rollback]' ]]
	run -2 --separate-stderr audit-hash checkpoint log
	[[ $stderr == *'[head-missing]' ]]
}

@test "a longer head in the list is a rollback only if the log's key signed it, wherever it stands" {
	echo one | audit-hash append -q log
	python3 "$root/tests/oracle/tlog.py" key example.com/log 7 other
	python3 "$root/tests/oracle/tlog.py" claim other 9 claim
	cp log.tree/checkpoints before
	{ cat before claim/checkpoint; echo; cat claim/checkpoint; echo; } >log.tree/checkpoints
	run -0 audit-hash append -q log <<<two
	[[ $(size_of log) == 2 ]]
	tail -n 7 log.tree/checkpoints | head -n 6 | same - log.tree/checkpoint
	# Behind our own longer head, those of others do not hide it.
	cp log.tree/checkpoints longer
	awk 'BEGIN { RS = ""; ORS = "\n\n" } NR >= 3 && NR <= 4' before >log.tree/checkpoint
	{ cat longer claim/checkpoint; echo; printf 'junk\n\n\xe2\x80\x94 junk\n\n'; } >log.tree/checkpoints
	sed -i '${/^$/d}' log.tree/checkpoint
	[[ $(size_of log) == 1 ]]
	refused rollback
	audit-hash checkpoint log >/dev/null && false
	true
}

@test "a list that lags gets the missing head, and a torn one is dropped" {
	echo one | audit-hash append -q log
	cp log.tree/checkpoints short
	sleep 1.1
	echo two | audit-hash append -q log
	cp log.tree/checkpoint two
	{ cat short; head -c 100 two; } >log.tree/checkpoints
	sleep 1.1
	echo three | audit-hash append -q log
	{ cat short two; echo; cat log.tree/checkpoint; echo; } | same - log.tree/checkpoints
	rm log.tree/checkpoints
	echo four | audit-hash append -q log
	[[ $(size_of log) == 4 ]]
	tail -n 7 log.tree/checkpoints | head -n 6 | same - log.tree/checkpoint
}

@test "tiles of the right edge that are lost, short or wrong are made anew from the lines" {
	seq 66000 >in
	audit-hash append -q log <in
	cp -r log.tree kept.tree
	for damage in 'rm %' ': >%' 'truncate -s -1 %' 'head -c 32 /dev/zero >%' 'printf x >>%' 'sed -i s/././ %' \
		'tr "\0-\377" "\1-\377\0" <% >x; cp x %'; do
		for tile in 0/257.p/208 1/001.p/1 2/000.p/1; do
			rm -rf log.tree
			cp -r kept.tree log.tree
			cp in log
			bash -c "${damage//%/log.tree/tile/$tile}"
			run -0 audit-hash append -q log </dev/null
			diff -r kept.tree/tile log.tree/tile
		done
	done
	rm -rf log.tree/tile
	run -0 audit-hash append -q log </dev/null
	cmp log.tree/tile/2/000.p/1 kept.tree/tile/2/000.p/1
	# With lines that do not lead there either, nothing is sealed.
	rm -rf log.tree/tile
	sed -i 5s/5/6/ log
	run -2 --separate-stderr audit-hash append log <<<more
	[[ $stderr == *'[tile-damaged]' ]]
}

@test "hints that are lost, torn, stale or lies change nothing but time" {
	seq 1000 >in
	audit-hash append -q log <in
	cp log.tree/hints good
	[[ $(wc -l <good) == 4 && $(tail -n 1 good) == '0000000000000300 0000000000000b94' ]]
	printf '0000000000000000 0000000000000000\n0000000000000300 0000000000000001\n' >lies
	printf '0000000000000300 ffffffffffffffff\n' >far
	for bad in /dev/null lies far key; do
		cp "$bad" log.tree/hints
		chmod u+w log.tree/hints
		run -0 audit-hash append -q log </dev/null
		same good log.tree/hints
	done
	head -c 40 good >log.tree/hints
	run -0 audit-hash append -q log </dev/null
	same good log.tree/hints
	head -n 2 good >log.tree/hints
	run -0 audit-hash append -q log </dev/null
	same good log.tree/hints
	rm log.tree/hints
	echo more | audit-hash append -q log
	same good log.tree/hints
	python3 "$tree" log
}

@test "hints that lie do not have equal lines sealed twice" {
	{ yes hb || :; } | head -n 600 | audit-hash append -q --key key log
	printf '%016x %016x\n' 512 600 >log.tree/hints
	run -0 --separate-stderr audit-hash append --key key log <<<new
	[ -z "$stderr" ]
	[ "$(wc -l <log)" = 601 ]
	run -0 audit-verify --pubkey key.pub log
	run -0 python3 "$root/tests/oracle/tlog.py" check key.pub log
	echo hb >>log # and what does stand behind the end is taken in, once
	printf '%016x %016x\n' 512 600 >log.tree/hints
	run -0 --separate-stderr audit-hash append --key key log <<<newer
	[[ $stderr == *"took in 1 lines"* ]]
	run -0 audit-verify --pubkey key.pub log
}

@test "many writers at once lose nothing, double nothing, and fork nothing" {
	for w in 1 2 3 4 5; do
		for run in 1 2 3 4; do
			for i in {1..30}; do echo "writer $w run $run line $i"; done |
				audit-hash append --batch 200 log || echo "status $?" >>failed
		done >"out$w" &
	done
	wait
	[[ ! -e failed ]]
	[[ $(wc -l <log) == 600 && $(sort -u log | wc -l) == 600 ]]
	for w in 1 2 3 4 5; do grep "^writer $w " log | same - "out$w"; done
	python3 "$tree" log
}

@test "killed at any moment, no acknowledged line is lost and none is doubled" {
	command -v python3
	: >acked
	# At least 20 rounds, and on a busy machine until some of them came as far as to acknowledge.
	for round in {1..200}; do
		for i in {1..400}; do echo "round $round line $i"; done >in
		: >out # the kill may come before the shell empties it
		audit-hash append --batch 500 log <in >out 2>/dev/null &
		sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		# A line cut short by the kill was not acknowledged.
		[[ $(tail -c 1 out) == '' ]] || sed -i '$d' out
		cat out >>acked
		((round < 20)) || [[ ! -s acked ]] || break
	done
	run -0 audit-hash append -q log <<<last
	python3 "$tree" log
	[[ -s acked ]]
	grep '^round' log | sort >have
	[[ $(uniq -d have) == '' && $(comm -23 <(sort acked) have) == '' ]]
	[[ $(sort acked | uniq -d) == '' ]]
}

@test "checkpoint prints the present head, and only one that is listed" {
	seq 5 | audit-hash append -q log
	audit-hash checkpoint log >note
	same note log.tree/checkpoint
	cp log.tree/checkpoints all
	printf '' >log.tree/checkpoints
	audit-hash checkpoint log >note
	{ cat note; echo; } | same - log.tree/checkpoints
	audit-hash checkpoint log | same - note
	{ cat note; echo; } | same - log.tree/checkpoints
	audit-hash checkpoint -o file log
	same file note
	run -2 audit-hash checkpoint nowhere
	run -2 audit-hash checkpoint
}

@test "what cannot be read or written is status 2 and a message" {
	run -2 --separate-stderr bash -c 'audit-hash append log <.'
	[[ $stderr == *'<stdin>'* ]]
	run -2 --separate-stderr bash -c 'audit-hash append log <&-'
	[[ -n $stderr ]]
	echo line >log2.tree
	run -2 audit-hash append log2 <<<line
	run -2 audit-hash append
	run -2 audit-hash append a b
	((EUID != 0)) || return 0 # who may do anything is tested below
	echo line | audit-hash append -q log
	chmod 0400 log
	run -2 --separate-stderr audit-hash append log <<<line
	[[ $stderr == *'Permission denied'* ]]
}

@test "a line of 1 GB is refused in bounded memory" {
	sanitized && skip "slow"
	run -1 --separate-stderr bash -c \
		'head -c 1G /dev/zero | tr "\0" x | (ulimit -v 300000; audit-hash append log)'
	[[ $stderr == *'[line-length]' && $(size_of log) == 0 ]]
}

@test "options and verbs that are not there are refused by name" {
	for option in --omprogs --compress --nonsense; do
		run -2 --separate-stderr audit-hash append $option log
		[[ $stderr == *"$option"* ]]
	done
	for verb in nonsense ''; do
		run -2 audit-hash $verb log
	done
}

@test "no file is left behind in the tree but those the page names" {
	seq 1000 | audit-hash append -q --batch 300 log
	printf torn >>log
	seq 1000 | audit-hash append -q --batch 300 log
	(cd log.tree && find . -type f ! -path './tile/*') | sort >names
	printf './%s\n' checkpoint checkpoints hints lock | same names -
	[[ $(find . -name '*.tmp') == '' ]]
	# Of a tile that is full there is no partial one.
	for partial in log.tree/tile/*/*.p; do [[ ! -e ${partial%.p} ]]; done
}

@test "the examples of audit-hash(1) and audit-log(5) are what happens" {
	for page in audit-hash.1 audit-log.5; do
		mkdir "$page"
		(cd "$page" && unset AUDIT_KEY_FILE && python3 "$root/tests/transcript.py" "$root/man/$page")
	done
}

@test "who may only read gets a head that is listed, and no other" {
	((EUID == 0)) && command -v setpriv || skip "not root"
	chmod 755 "$BATS_TEST_TMPDIR"
	seq 3 | audit-hash append -q --mode 0644 log
	chmod 755 log.tree
	cat "$(command -v audit-hash)" >reader
	chmod 755 reader
	as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups ./reader)
	"${as_nobody[@]}" --version || skip "nobody cannot run it here"
	"${as_nobody[@]}" checkpoint log | same - log.tree/checkpoint
	run -2 --separate-stderr "${as_nobody[@]}" append --key key log </dev/null
	[[ $stderr == 'audit-hash: key: Permission denied' ]]
	cp key theirs
	chmod 444 theirs
	run -2 --separate-stderr "${as_nobody[@]}" append --key theirs log <<<'a line'
	[[ $stderr == 'audit-hash: log: Permission denied' ]]
	cp /dev/null log.tree/checkpoints
	run -2 --separate-stderr "${as_nobody[@]}" checkpoint log
	[[ -z $output && $stderr == *'Permission denied'* ]]
	python3 "$tree" --lax log
}

@test "where no head can be written no line is: a failing job does not fill the log" {
	((EUID != 0)) || command -v setpriv || skip "cannot become another user"
	audit-hash append -q --key key log <<<line
	as=()
	if ((EUID == 0)); then
		chmod 755 . && chmod a+r key && chmod 666 log && chmod -R a+rX log.tree
		cp "$(command -v audit-hash)" writer && chmod a+rx writer
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
		"${as[@]}" ./writer --version || skip "nobody cannot run it here"
	else
		ln -s "$(command -v audit-hash)" writer
		chmod a-w log.tree
	fi
	run -2 --separate-stderr "${as[@]}" ./writer append --key key log <<<another
	[[ $stderr == *"log.tree: Permission denied" && -z $output ]]
	[ "$(cat log)" = line ]
	chmod u+w log.tree
}
