#!/usr/bin/env bats
# seal: the log's segment closed for archival, its manifest under the signed head.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	audit-hash keygen -q example.com/log -o key
	export AUDIT_KEY_FILE=key
	seq 300 | audit-hash append -q log
}

# certificate NAME ALGORITHM...: a self-signed one in NAME.pem, its key in NAME.key.
certificate() {
	openssl req -x509 -newkey "$2" "${@:3}" -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$1" -days 3 2>/dev/null
}

one=log-000000000000-000000000299

@test "the segment gets its name, the log goes on with a line that holds the manifest's hash" {
	cp log before
	run -0 --separate-stderr audit-hash seal log
	[ -z "$stderr" ]
	same before $one
	[ "$(cat log)" = "{\"log_event\": \"seal\", \"first_entry\": 0, \"last_entry\": 299, \"manifest_sha256\": \"$(sha256sum <$one.manifest | cut -c 1-64)\"}" ]
	run -0 audit-verify --pubkey key.pub $one log
	seq 50 | audit-hash append -q log
	run -0 audit-verify --pubkey key.pub $one log
	audit-hash seal log >/dev/null
	[ -e log-000000000300-000000000350 ]
	[ "$(jq -r .last_entry log-000000000300-000000000350.manifest)" = 350 ]
	run -0 --separate-stderr audit-verify --pubkey key.pub $one log-000000000300-000000000350 log
	[[ $output == "ok: 352 entries,"* ]]
}

@test "the manifest is one line of JSON with these members, and they are true" {
	audit-hash seal log >/dev/null
	[ "$(wc -l <$one.manifest)" = 1 ]
	[ "$(jq -r 'keys_unsorted | join(" ")' $one.manifest)" = "manifest origin segment first_entry last_entry bytes sha256 head sealed_at retain_until compression encryption parts" ]
	[ "$(jq -r '.parts[0] | keys_unsorted | join(" ")' $one.manifest)" = "file bytes sha256" ]
	[ "$(jq -r '"\(.manifest) \(.origin) \(.segment) \(.first_entry) \(.last_entry) \(.compression) \(.encryption)"' $one.manifest)" = \
		"audit-hash/1 example.com/log $one 0 299 null null" ]
	[ "$(jq -r '"\(.bytes) \(.sha256)"' $one.manifest)" = "$(stat -c %s $one) $(sha256sum <$one | cut -c 1-64)" ]
	[ "$(jq -r '.parts[] | "\(.file) \(.bytes) \(.sha256)"' $one.manifest)" = "$one $(stat -c %s $one) $(sha256sum <$one | cut -c 1-64)" ]
	[ "$(jq -r '(.retain_until | fromdate) - (.sealed_at | fromdate)' $one.manifest)" = $((2192 * 86400)) ]
	jq -j .head $one.manifest >head
	[ "$(sed -n 2p head)" = 300 ]
	audit-hash checkpoint --old 300 log >body
	run -0 audit-verify --pubkey key.pub --proof body --anchor head
}

@test "a compressed segment comes out as it was, and the plain one goes" {
	for format in gzip zstd; do
		cp log plain
		audit-hash seal --compress $format log >/dev/null
		name=$(basename -s .manifest "$(ls -t ./*.manifest | head -n 1)")
		[ ! -e "$name" ]
		part=$name$([ $format = gzip ] && echo .gz || echo .zst)
		[ "$(jq -r "\"\(.compression) \(.sha256) \(.parts[0].file)\"" "$name.manifest")" = "$format $(sha256sum <plain | cut -c 1-64) $part" ]
		[ "$(jq -r '.parts[0].sha256' "$name.manifest")" = "$(sha256sum <"$part" | cut -c 1-64)" ]
		[ $format = zstd ] || zcat "$part" | same - plain
		segments+=("$part")
		run -0 audit-verify --pubkey key.pub "${segments[@]}" log
		seq 100 | audit-hash append -q log
	done
	run -2 audit-hash seal --compress xz log
}

@test "an encrypted segment is opened by any of its recipients with stock openssl" {
	certificate one rsa:2048
	certificate two ec -pkeyopt ec_paramgen_curve:P-256
	certificate other rsa:2048
	openssl x509 -in two.pem -outform DER -out two.der
	cp log plain
	audit-hash seal --compress gzip --encrypt-to one.pem --encrypt-to two.der log >/dev/null
	[ ! -e $one ]
	[ ! -e $one.gz ]
	for key in one two; do
		openssl cms -decrypt -inform DER -in $one.gz.cms.001 -inkey $key.key | zcat | same - plain
	done
	run ! openssl cms -decrypt -inform DER -in $one.gz.cms.001 -recip other.pem -inkey other.key -out /dev/null
	openssl cms -cmsout -print -inform DER -in $one.gz.cms.001 >print
	grep -q authEnvelopedData print
	grep -q aes-256-gcm print
	[ "$(jq -r '"\(.compression) \(.encryption) \(.parts[0].file)"' $one.manifest)" = "gzip cms $one.gz.cms.001" ]
	lacks 299 $one.gz.cms.001
	printf x | dd of=$one.gz.cms.001 bs=1 seek=900 conv=notrunc status=none
	run ! openssl cms -decrypt -inform DER -in $one.gz.cms.001 -inkey one.key -out /dev/null
}

@test "stdout is the upload plan: a script, a line a part, the manifest last" {
	certificate one ec -pkeyopt ec_paramgen_curve:P-256
	mkdir -p bin "dir of 'logs'"
	cat >bin/aws <<-'END'
		#!/bin/bash
		# What S3 would do with the checksum, and what is asked for.
		[ "$*" = "${*/--/--}" ] && declare -A o
		[ "$1 $2" = "s3api put-object" ] || exit 9
		shift 2
		while [ $# -gt 0 ]; do o[$1]=$2 && shift 2; done
		[ "$(openssl dgst -sha256 -binary "${o[--body]}" | base64)" = "${o[--checksum-sha256]}" ] || exit 8
		echo "${o[--bucket]}|${o[--key]}|${o[--checksum-algorithm]}|${o[--object-lock-mode]}|${o[--object-lock-retain-until-date]}"
	END
	chmod +x bin/aws
	seq 10 | audit-hash append -q "dir of 'logs'/it's"
	audit-hash seal --encrypt-to one.pem "dir of 'logs'/it's" >plan
	base="it's-000000000000-000000000009"
	until=$(jq -r .retain_until "dir of 'logs'/$base.manifest")
	PATH=$PWD/bin:$PATH BUCKET=b sh -eu plan >uploaded
	[ "$(cat uploaded)" = "b|$base.cms.001|SHA256|COMPLIANCE|$until"$'\n'"b|$base.manifest|SHA256|COMPLIANCE|$until" ]
	run ! env -u BUCKET PATH="$PWD/bin:$PATH" sh -eu plan
	audit-hash seal log >plan
	[ "$(cat plan)" = "$(printf 'aws s3api put-object --bucket "${BUCKET:?}" --key %s --body %s --checksum-algorithm SHA256 --checksum-sha256 %s --object-lock-mode COMPLIANCE --object-lock-retain-until-date %s\n' \
		$one $one "$(openssl dgst -sha256 -binary $one | base64)" "$(jq -r .retain_until $one.manifest)" \
		$one.manifest $one.manifest "$(openssl dgst -sha256 -binary $one.manifest | base64)" "$(jq -r .retain_until $one.manifest)")" ]
}

@test "where there is nothing to seal that is said, with status 0" {
	audit-hash seal log >/dev/null
	ls >names
	cp log kept
	run -0 --separate-stderr audit-hash seal log
	[ -z "$output" ]
	[ "$stderr" = "audit-hash: log: nothing to seal" ]
	run -0 --separate-stderr audit-hash seal -q --compress gzip log
	[ -z "$output$stderr" ]
	same log kept
	audit-hash append -q new </dev/null
	run -0 --separate-stderr audit-hash seal new
	[ "$stderr" = "audit-hash: new: nothing to seal" ]
}

# unchanged: neither the log nor its tree nor anything beside them is other than it was.
unchanged() {
	find log* -type f -exec sha256sum {} + | sort | same - state
}

@test "a bad certificate, no log, a wrong key or a name that is taken: status 2 and nothing changed" {
	find log* -type f -exec sha256sum {} + | sort >state
	certificate ed ed25519
	echo none >bad.pem
	for cert in ed.pem bad.pem key.pub nowhere log.tree; do
		run -2 --separate-stderr audit-hash seal --encrypt-to $cert log
		[ -z "$output" ]
		unchanged
	done
	audit-hash keygen -q example.com/log -o other
	run -2 audit-hash seal --key other log
	unchanged
	run -2 audit-hash seal nowhere
	run -2 audit-hash seal log.tree
	run -2 audit-hash seal
	ln -s log link
	run -2 audit-hash seal --tree log.tree link
	rm link
	unchanged
	: >$one
	run -2 --separate-stderr audit-hash seal log
	[[ $stderr == *"[segment-exists]" ]]
	rm $one
	: >$one.manifest
	run -2 --separate-stderr audit-hash seal log
	rm $one.manifest
	[ ! -e $one.gz ]
	run -0 audit-verify --pubkey key.pub log
}

@test "a log that can only be appended to is not sealed, and nothing changed" {
	find log* -type f -exec sha256sum {} + | sort >state
	chattr +a log 2>/dev/null || skip "no chattr +a here"
	run -2 --separate-stderr audit-hash seal log
	chattr -a log
	[[ $stderr == *"[append-only]" ]]
	unchanged
}

@test "what was written past the head is sealed first, and said in the segment" {
	printf 'past\ntorn' >>log
	audit-hash seal log >/dev/null
	segment=$(jq -r .segment ./*.manifest)
	[ "$segment" = log-000000000000-000000000301 ]
	[[ "$(tail -n 1 "$segment")" == '{"log_event": "recovery", "sealed_lines": 1, "torn_bytes": 4,'* ]]
	run -0 audit-verify --pubkey key.pub "$segment" log
}

@test "what a sealing that was cut short left is swept, or gone on with" {
	seq 5 >$one.zst # a part without manifest, from before the log grew
	seq 5 >$one.cms.001.tmp
	mv $one.zst log-000000000000-000000000123.zst
	cp -r . ../whole && mv ../whole .
	# The manifest is durable, the log not yet renamed.
	(cd whole && audit-hash seal --compress gzip --key ../key log >plan)
	[ ! -e whole/log-000000000000-000000000123.zst ]
	[ ! -e whole/$one.cms.001.tmp ]
	cp whole/$one.gz whole/$one.manifest .
	cp -r log log.tree $one.gz $one.manifest whole/ # and once more there
	seq 3 | audit-hash append -q log
	[ -e $one ]
	[ "$(wc -l <log)" = 4 ]
	run -0 audit-verify --pubkey key.pub $one log
	cd whole
	run -0 --separate-stderr audit-hash seal --key ../key --compress gzip log
	[ "$stderr" = "audit-hash: log: nothing to seal" ]
	[ "$output" = "$(cat plan)" ]
	[ ! -e $one ]
	run -0 audit-verify --pubkey ../key.pub $one.gz log
	cd ..
	run -0 --separate-stderr audit-hash seal log # the plain file that append left goes, its part is there
	[ ! -e $one ]
}

@test "what a sealing that was cut short leaves is no finding, before the log grows and after" {
	audit-hash seal --compress zstd log >/dev/null
	seq 500 | audit-hash append -q log
	local first=$one.zst next part how
	for how in '' '--compress gzip'; do
		cp -r . ../whole
		# shellcheck disable=SC2086  # words
		(cd ../whole && audit-hash seal $how log >/dev/null)
		for next in gz manifest; do
			cp ../whole/log-000000000300-*."$next" . 2>/dev/null || continue
			part=$(echo log-000000000300-*."$next")
			run -0 --separate-stderr audit-verify --pubkey key.pub "$first" "$part" log
			[ "$stderr" = "audit-verify: $part: its sealing is not finished, the log still holds its lines: not read" ]
			cp -r log log.tree ../
			[ "$next" = manifest ] || seq 3 | audit-hash append -q log
			run -0 audit-verify -q --pubkey key.pub "$first" "$part" log
			[ -z "$output" ]
			run -0 audit-verify -q --state state --pubkey key.pub "$first" "$part" log
			run -0 audit-verify -q --state state --pubkey key.pub "$first" "$part" log
			run -0 audit-verify -q --range 299,500 --pubkey key.pub "$first" "$part" log
			sed -i '7s/./x/' log # what the log itself holds is looked at
			run -1 --separate-stderr audit-verify --pubkey key.pub "$first" "$part" log
			rm -r log log.tree
			mv ../log ../log.tree .
			rm "$part" state
		done
		rm -r ../whole
	done
}

@test "what a sealing that was cut short leaves is passed over by rebuild, export and prove, with the tree or without" {
	local hash said
	cp -r . ../whole
	(cd ../whole && audit-hash seal --compress gzip log >/dev/null)
	cp ../whole/$one.gz .
	said="audit-hash: $one.gz: its sealing is not finished, the log still holds its lines: not read"
	hash=$(sed -n 7p log | tr -d '\n' | sha256sum | cut -d ' ' -f 1)
	audit-hash prove --hash "$hash" log >want
	run -0 --separate-stderr audit-hash prove --hash "$hash" $one.gz log
	[[ $stderr == "$said" && $output == "$(cat want)" ]]
	run -0 --separate-stderr audit-hash export $one.gz log
	[ "$stderr" = "$said" ]
	rm -r log.tree/tile
	run -0 --separate-stderr audit-hash rebuild $one.gz log
	[[ $stderr == "$said"* ]]
	run -0 audit-verify --pubkey key.pub log
	cd ../whole # and a finished one is read
	run -0 --separate-stderr audit-hash prove --hash "$hash" $one.gz log
	[ -z "$stderr" ]
	rm -r log.tree/tile
	run -0 audit-hash rebuild -q $one.gz log
	run -2 --separate-stderr audit-hash rebuild $one.manifest log
	[[ -z $output && $stderr == "audit-hash: $one.manifest: a manifest holds no lines: give the parts that it names" ]]
}

@test "the parts, the manifest and the new log have the old one's mode" {
	chmod 600 log
	audit-hash seal --compress gzip log >/dev/null
	[ "$(stat -c %a $one.gz $one.manifest log | sort -u)" = 600 ]
}

@test "a log that is appended to meanwhile loses and doubles no line" {
	for w in 1 2 3; do
		seq 100 | sed "s/^/$w-/" | while read -r line; do echo "$line" | audit-hash append -q log; done &
	done
	for _ in 1 2 3 4 5; do
		audit-hash seal -q --compress gzip log >>plan
		sleep 0.05
	done
	wait
	zcat log-*.gz | cat - log | grep -v log_event | sort >have
	{ seq 300; for w in 1 2 3; do seq 100 | sed "s/^/$w-/"; done; } | sort | same have -
	run -0 audit-verify --pubkey key.pub log-*.gz log
}
