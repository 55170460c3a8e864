#!/usr/bin/env bats
# Segments that audit-hash seal closed, given by their manifests.
bats_require_minimum_version 1.5.0
load helper

# Three closed segments (plain, compressed, encrypted) and the live log.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	audit-hash keygen log.example/a -o key
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout cert.key -subj /CN=c -days 30 -out cert.pem 2>/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -keyout cert.key -subj /CN=c -days 30 -out cert.pem 2>/dev/null
	local how
	for how in '' '--compress zstd' "--encrypt-to cert.pem"; do
		seq -f "$how entry %g" 1000 | audit-hash append -q --key key log
		# shellcheck disable=SC2086  # words
		audit-hash seal -q --key key $how log >>plan
	done
	seq 100 | audit-hash append -q --key key log
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
	plain=$(echo log-*-000000000999) zstd=$(echo log-*.zst) cms=$(echo log-*.cms.001)
	manifests=(log-*.manifest)
}

verify() {
	audit-verify --pubkey key.pub "$@"
}

@test "manifests stand for their segments: read, or encrypted and there" {
	run -0 --separate-stderr verify "${manifests[@]}" log
	[[ $output == "ok: 3103 entries, "* ]]
	[ -z "$stderr" ]
	cd /
	run -0 audit-verify --pubkey "$BATS_TEST_TMPDIR/key.pub" "${manifests[@]/#/$BATS_TEST_TMPDIR/}" "$BATS_TEST_TMPDIR/log"
}

@test "a sealed segment is read however much the lines of the live log are like its own" {
	seq 20 | audit-hash append -q --key key same
	audit-hash seal -q --key key same >>plan
	seq 20 | audit-hash append -q --key key same
	run -0 --separate-stderr verify same-*.manifest same
	[[ $output == "ok: 41 entries, "* && -z $stderr ]]
	audit-hash seal -q --compress gzip --key key same >>plan
	seq 20 | audit-hash append -q --key key same
	run -0 --separate-stderr verify same-*.manifest same
	[[ $output == "ok: 62 entries, "* && -z $stderr ]]
	run -0 --separate-stderr verify same-*19 same-*.gz same
	[[ $output == "ok: 62 entries, "* && -z $stderr ]]
}

@test "manifests and anchors are checked by the lines where tiles are missing, in any kind of run" {
	local log=m.log how args tile
	for how in '' '--compress zstd'; do
		seq 700 | audit-hash append -q --key key $log
		audit-hash checkpoint -o "anchor$how" $log
		# shellcheck disable=SC2086  # words
		audit-hash seal -q --key key $how $log >>plan
	done
	seq 100 | audit-hash append -q --key key $log
	args=(--anchor anchor --anchor "anchor--compress zstd" m.log-*.manifest m.log)
	verify --state state "${args[@]}"
	for tile in 002 005.p/222 00*; do
		(cd $log.tree/tile/0 && rm -r $tile)
		run -0 --separate-stderr verify "${args[@]}"
		[[ $output == "ok: 1502 entries, "*", anchors 2" && $stderr != *"not compared"* ]]
		run -0 verify --state state "${args[@]}"
		run -0 verify --range 3,5 "${args[@]}"
		run -0 env TMPDIR=/nowhere "$BUILD/audit-verify" --pubkey key.pub "${args[@]}"
	done
	sed -i 's/"sha256": "./&0/; s/\("sha256": ".\)0./\10/' m.log-*-000000000699.manifest
	run -1 verify "${args[@]}"
	[[ $output == *"manifest-damaged: entry 0-699, not the one that the log names"* ]]
}

@test "a missing part is not given" {
	rm "$cms"
	run -2 --separate-stderr verify "${manifests[@]}" log
	[ "${lines[0]}" = "cannot verify: $cms: a part not given" ]
	run -2 verify "${manifests[@]:0:2}" log
	rm "$plain"
	run -2 --separate-stderr verify "${manifests[@]}" log
	[ "${lines[0]}" = "cannot verify: $plain: a part not given" ]
}

@test "a part that is not as its manifest says is part-damaged, and its lines are named" {
	sed -i 5s/entry/Entry/ "$plain"
	run -1 --separate-stderr verify "${manifests[@]}" log
	[ "${lines[0]}" = "$plain: part-damaged: entry 0-999, not of the bytes that the manifest says" ]
	[ "${lines[1]}" = "$plain:5: modified: entry 4" ]
	[ "${lines[2]}" = "TAMPERED: 2 findings" ]
	cp "$BATS_FILE_TMPDIR/$plain" .
	printf x >>"$zstd"
	run -1 --separate-stderr verify --format json "${manifests[@]}" log
	jq -es --arg zstd "$zstd" '.[0] == {kind: "part-damaged", file: $zstd, line: null, entry: 1000, count: 1001}' <<<"$output"
	cp "$BATS_FILE_TMPDIR/$zstd" .
	printf '\0' | dd of="$cms" bs=1 seek=500 conv=notrunc status=none
	run -2 --separate-stderr verify "${manifests[@]}" log # nor can it be said to be there
	[[ ${lines[0]} == "$cms: part-damaged: "* ]]
}

@test "a manifest that is not the one the log names is manifest-damaged" {
	local damage
	for damage in 's/"sealed_at": "2/"sealed_at": "3/' 's/$/ /' 's/{/[/' 's/audit-hash\/1/audit-hash\/2/'; do
		cp "$BATS_FILE_TMPDIR/${manifests[0]}" .
		sed -i "$damage" "${manifests[0]}"
		run --separate-stderr verify "${manifests[@]}" log
		[[ $status == [12] ]]
		[[ ${lines[0]} == "${manifests[0]}: manifest-damaged: "* ]]
	done
	: >"${manifests[0]}"
	run --separate-stderr verify "${manifests[@]}" log
	[[ $status == [12] && ${lines[0]} == "${manifests[0]}: manifest-damaged: "* ]]
}

@test "--state passes over what is encrypted" {
	run -0 verify --state state "${manifests[@]}" log
	local i
	for i in {1..30}; do
		run -0 --separate-stderr verify --state state "${manifests[1]}" "${manifests[2]}" --min-index 1000 log
		[ -z "$stderr" ]
	done
}
