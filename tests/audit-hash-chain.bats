#!/usr/bin/env bats
# audit-hash chain and check: the hash chain for pipes.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# The list as the man page defines it, made by Python.
oracle() {
	python3 -c '
import hashlib, sys
link, data = bytes(32), sys.stdin.buffer.read().split(b"\n")
if data[-1] == b"": data.pop()
for n, line in enumerate(data, 1):
    h = hashlib.sha256(line).digest()
    link = hashlib.sha256(link + h).digest()
    print("%d  %s  %s" % (n, h.hex(), link.hex()))'
}

@test "chain lists index, hash and link of every line" {
	printf 'one\n\n\0\r\n\xff\nlast' >in
	audit-hash chain <in >list
	oracle <in | same - list
	audit-hash chain in | same - list
	audit-hash chain - <in | same - list
	audit-hash chain -o file in
	same file list
	[[ $(audit-hash chain </dev/null) == '' ]]
	seq 5000 >in
	audit-hash chain in | same - <(oracle <in)
}

@test "--from continues a list and prints only the continuation" {
	seq 10 >in
	audit-hash chain in >whole
	head -n 4 in | audit-hash chain >first
	tail -n +5 in | audit-hash chain --from first >rest
	cat first rest | same - whole
	audit-hash check <(cat first rest) in
}

@test "--from refuses a list that is malformed, empty, torn, or whose links do not follow" {
	seq 10 | audit-hash chain >list
	: >empty
	head -c -1 list >torn
	sed 3d list >gap
	sed '1s/^1/x/' list >letters
	sed '5s/  /   /' list >blanks
	tr a-f A-F <list >upper
	sed '4s/.$/x/' list >digit
	for bad in empty torn gap letters blanks upper digit /dev/null .; do
		run -2 --separate-stderr bash -c "echo eleven | audit-hash chain --from '$bad'"
		[[ -z $output && $stderr == "audit-hash: $bad:"* ]]
		run -2 bash -c "seq 10 | audit-hash check '$bad'"
	done
	python3 - <<-'END'
		lines = open("list").read().split("\n")
		lines[4] = lines[4][:-1] + ("0" if lines[4][-1] != "0" else "1")
		open("bent", "w").write("\n".join(lines))
	END
	run -2 --separate-stderr bash -c "echo eleven | audit-hash chain --from bent"
	[[ $stderr == *'bent:5: '*'[list-link]' && -z $output ]]
	run -2 audit-hash chain --from nowhere </dev/null
	run -2 audit-hash chain --from - </dev/null
}

@test "chain stops at a line over 65,535 bytes" {
	longest=$(head -c 65535 /dev/zero | tr '\0' x)
	printf 'one\n%s\n%sx\nfour\n' "$longest" "$longest" >in
	run -2 --separate-stderr audit-hash chain in
	[[ $stderr == 'audit-hash: in:3: '*'[line-length]' ]]
	[[ $output == "$(head -n 2 in | oracle)" ]]
	run -2 audit-hash chain -o file in
	[[ ! -e file ]]
}

@test "chain passes each line on before it waits for the next" {
	coproc live { exec audit-hash chain; }
	pid=$live_PID
	echo one >&"${live[1]}"
	read -r -t 10 line <&"${live[0]}"
	[[ $line == "$(echo one | oracle)" ]]
	kill "$pid"
	wait "$pid"
}

@test "check says ok of the lines that were listed" {
	seq 1000 >in
	audit-hash chain in >list
	run -0 --separate-stderr audit-hash check list in
	[[ $output == 'ok: 1000 entries' && -z $stderr ]]
	run -0 bash -c 'audit-hash check list <in'
	run -0 --separate-stderr audit-hash check -q list in
	[[ -z $output ]]
	run -0 bash -c 'audit-hash check - in <list'
	audit-hash check -o verdict list in
	[[ $(cat verdict) == 'ok: 1000 entries' ]]
}

@test "check names the first and every further bad line" {
	seq 10 >in
	audit-hash chain in >list
	sed -e '1s/1/x/' -e '7s/7/x/' -e '10s/0/x/' in >bent
	run -1 --separate-stderr audit-hash check list bent
	printf '%s\n' 'bent:1: modified: entry 0' 'bent:7: modified: entry 6' \
		'bent:10: modified: entry 9' 'TAMPERED: 3 findings' | same - <(echo "$output")
	run -1 audit-hash check -q list bent
	[[ $output == *TAMPERED* ]]
}

@test "check names what was cut off and what was added" {
	seq 10 >in
	audit-hash chain in >list
	run -1 bash -c 'head -n 7 in | audit-hash check list'
	[[ $output == $'<stdin>:8: truncated: entry 7-9\nTAMPERED: 1 findings' ]]
	run -1 bash -c 'head -n 9 in | audit-hash check list'
	[[ $output == $'<stdin>:10: truncated: entry 9\nTAMPERED: 1 findings' ]]
	run -1 audit-hash check list /dev/null
	[[ $output == $'/dev/null:1: truncated: entry 0-9\nTAMPERED: 1 findings' ]]
	run -1 bash -c 'seq 12 | audit-hash check list'
	[[ $output == $'<stdin>:11: inserted: entry 10\nTAMPERED: 1 findings' ]]
}

@test "check calls a line modified whose link is wrong, and goes on from the listed one" {
	seq 10 >in
	audit-hash chain in >list
	python3 - <<-'END'
		lines = open("list").read().split("\n")
		lines[4] = lines[4][:-1] + ("0" if lines[4][-1] != "0" else "1")
		open("list", "w").write("\n".join(lines))
	END
	run -1 audit-hash check list in
	[[ $output == $'in:5: modified: entry 4\nin:6: modified: entry 5\nTAMPERED: 2 findings' ]]
}

@test "check hashes lines of any length in bounded memory" {
	for n in 65535 65536 262144 262145 3000000; do
		{ echo one; head -c "$n" /dev/zero | tr '\0' y; echo; echo three; } >in
		oracle <in >list
		run -0 audit-hash check list in
		sed 's/y$/z/' in >bent
		run -1 audit-hash check list bent
		[[ $output == $'bent:2: modified: entry 1\nTAMPERED: 1 findings' ]]
	done
	sanitized && return
	head -c 400M /dev/zero | tr "\0" x >in
	oracle <in >list
	(ulimit -v 200000; audit-hash check list in)
	rm in
}

@test "an empty LIST is no proof: status 2" {
	run -2 --separate-stderr audit-hash check /dev/null /dev/null
	[[ $stderr == *'[list-syntax]' && -z $output ]]
	run -2 --separate-stderr audit-hash check /dev/null <<<line
	[[ $stderr == *'[list-syntax]' && -z $output ]]
}

@test "usage, and what cannot be read, is status 2" {
	seq 3 | audit-hash chain >list
	run -2 audit-hash check
	run -2 audit-hash check a b c
	run -2 audit-hash chain a b
	run -2 audit-hash check - -
	run -2 --separate-stderr audit-hash check list nowhere
	[[ $stderr == *nowhere* ]]
	run -2 --separate-stderr audit-hash check nowhere list
	[[ $stderr == *nowhere* ]]
	run -2 audit-hash chain .
	run -2 audit-hash check list .
	run -2 bash -c 'seq 3 | audit-hash chain >/dev/full'
	run -2 bash -c 'seq 3 | audit-hash check list >/dev/full'
	set +o pipefail
	seq 100000 | audit-hash chain 2>err | head -n 1
	[[ ${PIPESTATUS[1]} == 141 && ! -s err ]]
}
