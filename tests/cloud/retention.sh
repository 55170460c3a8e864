#!/bin/bash
# retention.sh DIR - see run.sh.  The plan as retention-setup.sh makes it, then one fault after the other.
set -eu
examples=$(cd "$(dirname "$0")/../.." && pwd)/examples
cd "$1"
api() { aws --endpoint-url "$ENDPOINT" --output json "$@"; }
s3() { api s3api "$1" --bucket plan "${@:2}"; }
key=$(api kms create-key --query KeyMetadata.Arn --output text)
reader=arn:aws:iam::123456789012:role/auditor

setup() {
	"$examples/retention-setup.sh" /plan plan "$key" "$reader" >/dev/null
}

# audit STATUS [TEXT]: the audit's exit status, and what its only complaint begins with.
audit() {
	local status=0
	"$examples/retention-audit.sh" /plan plan "$reader" >said 2>err || status=$?
	if [ "$status" != "$1" ] || [ "$(grep -c '^SHORT' said)" != "${3:-$(($1 == 1))}" ] ||
		{ [ -n "${2:-}" ] && ! grep -qF "SHORT  $2" said; }; then
		echo "wanted $1 ${2:-}, got $status:"
		cat said err
		exit 1
	fi
	n=$((n + 1))
}

# What there is of nothing falls short in everything.
n=0
# moto takes every Deny of a policy for one without conditions: objects come and go, and are looked at, without it.
object() {
	s3 delete-bucket-policy
	s3 "$@" >/dev/null
}
setup
audit 0
setup
audit 0

api logs put-retention-policy --log-group-name /plan --retention-in-days 365
audit 1 'log retention: 365 days, not 2192'
api logs delete-retention-policy --log-group-name /plan
audit 0
api logs delete-log-group --log-group-name /plan
audit 1 'log group: does not exist'
api logs create-log-group --log-group-name /plan
audit 1 'log encryption: no KMS key'
api logs delete-log-group --log-group-name /plan # moto cannot associate a key
setup
s3 put-object-lock-configuration --object-lock-configuration \
	'{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2192}}}'
audit 1 'object lock: mode GOVERNANCE'
s3 put-object-lock-configuration --object-lock-configuration \
	'{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}'
audit 1 'object lock: 30 days, not 2192'
s3 put-object-lock-configuration --object-lock-configuration \
	'{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 6}}}'
audit 0
setup
s3 delete-bucket-lifecycle
audit 1 'lifecycle: nothing archives the whole bucket'
lifecycle() { s3 put-bucket-lifecycle-configuration --lifecycle-configuration "{\"Rules\": [$1]}"; }
lifecycle '{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 365, "StorageClass": "GLACIER"}]}'
audit 1 'lifecycle: archives after 365 days, not 90'
lifecycle '{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}'
audit 1 'lifecycle: nothing archives'
lifecycle '{"ID": "a", "Status": "Disabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}'
audit 1 'lifecycle: nothing archives'
lifecycle '{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 400}}'
audit 1 'lifecycle: expires objects after 400'
lifecycle '{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}'
audit 1 'lifecycle: expires old versions after 30 days'
setup
s3 delete-bucket-encryption
audit 1 'encryption: no KMS key'
setup
s3 put-public-access-block --public-access-block-configuration \
	BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=false,RestrictPublicBuckets=true
audit 1 'public access: BlockPublicPolicy is off'
s3 delete-public-access-block
audit 1 'public access: BlockPublicAcls is off' 4
policy() {
	s3 put-bucket-policy --policy "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": $1, \"Action\": $2, \"Resource\": \"arn:aws:s3:::plan/*\"}]}"
}
s3 delete-bucket-policy
policy '"*"' '"s3:GetObject"'
audit 1 'policy: lets * read' 5
setup
s3 delete-bucket-policy
policy '{"AWS": "arn:aws:iam::123456789012:role/other"}' '["s3:PutObject", "s3:Get*"]'
audit 1 'policy: lets arn:aws:iam::123456789012:role/other read'
policy "{\"AWS\": \"$reader\"}" '"s3:GetObject"'
audit 0
policy '{"AWS": "arn:aws:iam::123456789012:role/writer"}' '"s3:PutObject"'
audit 0
setup
export SAMPLE=0 # moto's GetObjectRetention answers 500: what single objects have is not tested here
echo hello >object
object put-object --key first --body object --checksum-algorithm SHA256
audit 0
object put-object --key first --body object --checksum-algorithm SHA256
audit 1 'overwritten objects: 1 objects have more than one version'
object delete-object --key first
audit 1 'delete markers: 1 objects were deleted'
# The bucket that nobody configured.
api s3api create-bucket --bucket bare >/dev/null
status=0
"$examples/retention-audit.sh" /plan bare >said || status=$?
[ "$status" = 1 ] && [ "$(grep -c ^SHORT said)" -ge 8 ]
status=0
ENDPOINT=http://127.0.0.1:9 "$examples/retention-audit.sh" /plan plan >said 2>&1 || status=$?
[ "$status" = 2 ]
echo "ok - retention: as planned, and $((n + 2)) audits of it"
