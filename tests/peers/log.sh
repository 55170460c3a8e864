#!/bin/bash
# log.sh BUILD - what others' programs say of our logs, proofs and signatures, and we of theirs.
#
# A log of 70,000 lines is read by the client of Go's checksum database (Debian's
# golang-golang-x-mod-dev) and by the fsck of Tessera (from the Go module proxy, into build/peers; said
# and left out where that cannot be reached); our signature, wrapped anew, by signify (Debian's
# signify-openbsd); a log that Tessera made is read by audit-verify.  Every reader must refuse what was
# changed.  The last line is "N passed, N failed, N readers skipped".  Ends with 1 if something failed, with
# 3 if all is well but a reader was skipped; SKIP=ok in the environment says that this is known, and 0.
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
build=$(cd "${1:-build}" && pwd) || exit 2
export PATH="$build:$PATH" LC_ALL=C
peers=$root/build/peers
mkdir -p "$peers"
dir=$(mktemp -d "$peers/run.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
passed=0 failed=0 skipped=0

# expect STATUS WHAT COMMAND...
expect() {
	local want=$1 what=$2 got
	shift 2
	"$@" >out 2>&1
	got=$?
	[ "$want" = fails ] && [ "$got" != 0 ] && got=fails
	if [ "$got" = "$want" ]; then
		echo "ok - $what"
		passed=$((passed + 1))
	else
		echo "not ok - $what (ended with $got)"
		head -n 20 out | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}

skip() {
	echo "skipped: $1"
	skipped=$((skipped + 1))
}

# tampered WHAT FILE OFFSET COMMAND...: with one bit of FILE flipped the command fails.
tampered() {
	local what=$1 file=$2 at=$3 byte
	shift 3
	cp "$file" kept
	byte=$(od -An -tu1 -j "$at" -N 1 "$file")
	printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
	expect fails "$what" "$@"
	cp kept "$file"
}

audit-hash keygen -q example.com/log -o key
export AUDIT_KEY_FILE=$dir/key
seq 40000 | sed 's/.*/{"n": &, "event": "read"}/' | audit-hash append -q log
audit-hash checkpoint log >old
seq 40001 70000 | sed 's/.*/{"n": &, "event": "read"}/' | audit-hash append -q log
audit-hash export log
audit-hash prove 54321 log >proof
audit-hash checkpoint --old 40000 log >body

# Go's checksum database.
source=/usr/share/gocode/src/golang.org/x/mod
if [ -d $source ] && command -v go >/dev/null; then
	# As a module of its own, with Debian's source in place of what would be fetched.
	mkdir client && cp "$root/tests/peers/sumdb.go" client/main.go
	printf 'module client\n\ngo 1.18\n\nrequire golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n' >client/go.mod
	cp -r $source client/mod
	printf 'module golang.org/x/mod\n\ngo 1.18\n' >client/mod/go.mod
	expect 0 "Go's client is built" env -C client GOFLAGS=-mod=mod GOPROXY=off GOWORK=off go build -o ../sumdb .
	expect 0 "Go's client reads 70,000 entries, bundles and tiles" ./sumdb log log.tree key.pub
	cat out
	tampered "Go's client refuses an entry changed" log.tree/tile/entries/100 77 ./sumdb log log.tree key.pub
	tampered "Go's client refuses a head changed" log.tree/checkpoint 18 ./sumdb log log.tree key.pub
	tampered "Go's client refuses a tile of leaves changed" log.tree/tile/0/273.p/112 40 ./sumdb log log.tree key.pub
	expect 0 "Go's client takes our proof of an entry" ./sumdb proof proof key.pub "$(sed -n 54322p log)"
	expect fails "Go's client refuses it for another entry" ./sumdb proof proof key.pub "$(sed -n 54321p log)"
	expect 0 "Go's client takes our proof of growth" ./sumdb growth body key.pub old
	tampered "Go's client refuses it with a hash changed" body 20 ./sumdb growth body key.pub old
else
	skip "Go's client (apt-get install golang-go golang-golang-x-mod-dev)"
fi

# signify: the same signature, wrapped anew.
if command -v signify-openbsd >/dev/null; then
	head -n 3 log.tree/checkpoint >text
	number='auditlog' # 8 bytes of anything, the same in both
	{ echo 'untrusted comment: key'; { printf 'Ed%s' $number; cut -d + -f 3- key.pub | base64 -d | tail -c 32; } | base64 -w 0; echo; } >key.signify
	{ echo 'untrusted comment: signature'; { printf 'Ed%s' $number; sed -n '5s/.* //p' log.tree/checkpoint | base64 -d | tail -c 64; } | base64 -w 0; echo; } >text.sig
	expect 0 "signify takes our signature" signify-openbsd -V -p key.signify -x text.sig -m text
	tampered "signify refuses a text changed" text 17 signify-openbsd -V -p key.signify -x text.sig -m text
else
	skip "signify (apt-get install signify-openbsd)"
fi

# Tessera, pinned.
version=v1.0.2
fetch() {
	[ -x "$peers/$1" ] && return
	echo "  FETCH  tessera's $1 $version (some minutes)"
	GOBIN=$peers GOFLAGS="" timeout 900 go install "github.com/transparency-dev/tessera/$2@$version" >fetch.log 2>&1
}
if command -v go >/dev/null && fetch fsck cmd/fsck; then
	# It hangs on what it does not like, as often as it says so.
	fsck=(timeout 60 "$peers/fsck" --ui=false "--storage_url=file://$dir/log.tree/" "--public_key=$dir/key.pub" --origin=example.com/log)
	expect 0 "Tessera's fsck finds our log whole" "${fsck[@]}"
	tampered "Tessera's fsck refuses an entry changed" log.tree/tile/entries/100 77 "${fsck[@]}"
	tampered "Tessera's fsck refuses an inner tile changed" log.tree/tile/1/000 100 "${fsck[@]}"
else
	skip "Tessera's fsck (the Go module proxy cannot be reached, or go is too old: see its go.mod)"
fi
if command -v go >/dev/null && fetch posix-oneshot cmd/examples/posix-oneshot; then
	mkdir entries && for i in 1 2 3 4 5; do printf 'entry %s\nof two lines' $i >entries/$i; done
	audit-hash keygen -q tessera.example/log -o their
	expect 0 "Tessera makes a log with our key" "$peers/posix-oneshot" --storage_dir=made "--entries=entries/*" --private_key=their
	expect 0 "audit-verify reads Tessera's log" audit-verify --pubkey their.pub --tree made --bundles
	cat out
	tampered "audit-verify refuses an entry of it changed" "$(find made/tile/entries -type f | head -n 1)" 5 \
		audit-verify --pubkey their.pub --tree made --bundles
else
	skip "a log made by Tessera (the Go module proxy cannot be reached, or go is too old)"
fi

echo "$passed passed, $failed failed, $skipped readers skipped"
((failed == 0 && passed > 0)) || exit 1
((skipped == 0)) || [ "${SKIP:-}" = ok ] || exit 3
