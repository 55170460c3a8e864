#!/usr/bin/env bats
# What must be kept is here or in the archive.
bats_require_minimum_version 1.5.0
load helper

# Two closed segments and the live log; the upload plans name what is in the archive.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	audit-hash keygen log.example/a -o key
	local n
	for n in 1 2; do
		seq -f "$n %g" 500 | audit-hash append -q --key key log
		audit-hash seal -q --key key --compress gzip log >>plan
	done
	seq 100 | audit-hash append -q --key key log
	sed -n 's/.*--key \([^ ]*\) .*/bucket\/2026\/\1/p' plan >list
}

setup() {
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return
	manifests=(log-*.manifest)
	parts=(log-*.gz)
}

verify() {
	audit-verify --pubkey key.pub --retention 6y "$@"
}

@test "all here, or all in the archive: nothing to say" {
	run -0 --separate-stderr verify --archive list "${manifests[@]}" log
	: >none
	run -0 --separate-stderr verify --archive none "${manifests[@]}" log
	run -0 --separate-stderr verify --archive list --min-index 1001 log
	rm "${parts[@]}" "${manifests[@]}"
	run -0 --separate-stderr verify --archive - --min-index 1001 log <list
	[ -z "$stderr" ]
}

@test "a segment that is neither here nor there before its time is retention" {
	grep -v "${parts[0]}" list >l
	rm "${parts[0]}"
	run -1 --separate-stderr verify --archive l --min-index 501 "${manifests[1]}" log
	[[ ${lines[0]} == "${manifests[0]}: retention: entry 0-499, neither here nor in the archive"* ]]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
	rm "${manifests[0]}" # without its manifest, by the time of the heads
	run -1 --separate-stderr verify --archive l --min-index 500 "${manifests[1]}" log
	[[ ${lines[0]} == "log: retention: entry 0-499, neither here nor in the archive"* ]]
	run -1 --separate-stderr verify --format json --archive l --min-index 500 "${manifests[1]}" log
	jq -es '.[0] == {kind: "retention", file: "log", line: null, entry: 0, count: 500}' <<<"$output"
	run -0 audit-verify --pubkey key.pub --retention 0s --archive l --min-index 500 "${manifests[1]}" log
}

@test "a segment sealed over 90 days ago must be in the archive, though it is here" {
	grep -v "${parts[1]}" list >l
	run -0 verify --archive l "${manifests[@]}" log
	sed -i 's/"sealed_at": "[^"]*", "retain_until": "[^"]*"/"sealed_at": "2025-01-01T00:00:00Z", "retain_until": "2031-01-02T00:00:00Z"/' "${manifests[@]}"
	run -1 --separate-stderr verify --archive l "${parts[@]}" log
	[ "${lines[0]}" = "${manifests[1]}: retention: entry 500-1000, sealed over 90 days ago, and not in the archive" ]
	[ "${lines[1]}" = "TAMPERED: 1 findings" ]
}

@test "what a manifest speaks for need not be anywhere after its retain_until, if a signed time says so too" {
	: >empty
	sed -i 's/"sealed_at": "[^"]*", "retain_until": "[^"]*"/"sealed_at": "2015-01-01T00:00:00Z", "retain_until": "2021-01-01T00:00:00Z"/' "${manifests[0]}"
	run -0 verify --archive empty "${parts[0]}" "${manifests[1]}" log
	rm "${parts[0]}"
	run -0 verify --retention 0s --archive empty --min-index 500 "${manifests[1]}" log
	# the manifest's word alone, when the lines were signed today, is not enough
	run -1 --separate-stderr verify --archive empty --min-index 500 "${manifests[1]}" log
	[ "${lines[0]}" = "log: retention: entry 0-499, neither here nor in the archive, and not old enough to be gone" ]
}

@test "the archive is known by whole names, whatever is before the last slash" {
	: >empty
	rm "${parts[0]}" "${manifests[0]}"
	run -1 verify --archive empty --min-index 500 "${manifests[1]}" log
	printf 'x/log-000000000000-000000000499.gz\r\n' >l
	run -0 verify --archive l --min-index 500 "${manifests[1]}" log
	for name in xlog-000000000000-000000000499 log-000000000000-000000000499.manifest log-000000000000-000000000499x \
		log-00000000000-000000000499 log-000000000000-000000000498 log-000000000499-000000000000; do
		echo $name >l
		run -1 verify --archive l --min-index 500 "${manifests[1]}" log
	done
}

@test "--state knows what is not here as well" {
	run -0 verify --state state --archive list --min-index 1001 log
	run -0 --separate-stderr verify --state state --archive list --min-index 1001 log
	[ -z "$stderr" ]
	: >empty
	rm "${manifests[@]}"
	run -1 verify --state state --archive empty --min-index 1001 log
	[[ $output == *"log: retention: entry 0-1000, neither"* ]]
}

@test "--retention and --archive go together; a list that cannot be read" {
	run -2 --separate-stderr audit-verify --pubkey key.pub --archive list log
	[[ $stderr == *"--retention and --archive go together"* ]]
	run -2 --separate-stderr verify log
	[[ $stderr == *"--retention and --archive go together"* ]]
	run -2 --separate-stderr verify --archive none log
	[ "$output" = "cannot verify: none: No such file or directory" ]
	run -2 --separate-stderr verify --archive list --range 1,2 log
	[[ $stderr == *"do not go together"* ]]
}
