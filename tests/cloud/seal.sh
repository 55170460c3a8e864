#!/bin/bash
# seal.sh DIR - see run.sh.  What audit-hash seal prints is run as it stands, by a shell, against a bucket with object
# lock: every object arrives whole, is locked until the manifest says, and cannot be deleted before; from the objects
# alone, by openssl and gzip, the segment is had back.
set -eu
cd "$1"
aws=$(command -v aws)
mkdir bin
# shellcheck disable=SC2016  # for the script
printf '#!/bin/sh\nexec "%s" --endpoint-url "$ENDPOINT" --output json "$@"\n' "$aws" >bin/aws
chmod +x bin/aws
export PATH="$PWD/bin:$PATH" BUCKET=sealed
n=0
check() {
	n=$((n + 1))
	"$@" || {
		echo "failed: $*"
		exit 1
	}
}
kept() { ! s3 delete-object "$@" >/dev/null 2>&1; }
s3() { aws s3api "$1" --bucket $BUCKET "${@:2}"; }

openssl req -x509 -newkey rsa:2048 -nodes -keyout cert.key -out cert.pem -subj /CN=compliance -days 3 2>openssl.log
audit-hash keygen -q example.com/log -o key
export AUDIT_KEY_FILE=key
aws s3api create-bucket --bucket $BUCKET --object-lock-enabled-for-bucket >/dev/null
mkdir 'a log'
for options in '' '--compress zstd' '--compress gzip --encrypt-to cert.pem'; do
	seq 1000 | audit-hash append -q 'a log/audit.jsonl'
	cp 'a log/audit.jsonl' plain
	# shellcheck disable=SC2086  # words
	audit-hash seal $options 'a log/audit.jsonl' >plan
	sh -eu plan >uploaded
	manifest=$(find 'a log' -name '*.manifest' -newer plain)
	until=$(jq -r .retain_until "$manifest")
	for object in $(jq -r '.parts[].file' "$manifest") "$(basename "$manifest")"; do
		s3 head-object --key "$object" >said
		check test "$(jq -r .ObjectLockMode said)" = COMPLIANCE
		check test "$(date -d "$(jq -r .ObjectLockRetainUntilDate said)" +%s)" = "$(date -d "$until" +%s)"
		s3 get-object --key "$object" got >/dev/null
		check cmp got "a log/$object"
		version=$(jq -r .VersionId said)
		check kept --key "$object" --version-id "$version"
		check s3 head-object --key "$object" --version-id "$version" >/dev/null
	done
done
# Six years later: the objects, and what compliance holds.
object=$(jq -r '.parts[0].file' "$manifest")
s3 get-object --key "$object" got >/dev/null
openssl cms -decrypt -inform DER -in got -inkey cert.key | gzip -dc >opened
check cmp opened plain
check test "$(sha256sum <opened | cut -c 1-64)" = "$(jq -r .sha256 "$manifest")"
echo "seal: $n checks"
