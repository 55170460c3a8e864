#!/bin/sh
# retention-setup.sh GROUP BUCKET KEY [READER...] - make the storage plan: six years, and nobody can shorten them.
# KEY is the ARN of a KMS key; each READER the ARN of a role that may read the bucket, as nobody else may.
#   the log group GROUP: 2,192 days, encrypted with KEY
#   the bucket BUCKET: Object Lock in compliance mode for 2,192 days, versions, encrypted with KEY, no public access,
#   no ACL, archived after 90 days, never expired
# May be run again: what is there is set anew.  Compliance mode cannot be undone, by anybody.  Then see that it is
# as planned, and goes on being so, with retention-audit.sh.  Environment: ENDPOINT (another URL), DAYS.
set -eu
[ $# -ge 3 ] || { echo "usage: retention-setup.sh GROUP BUCKET KEY [READER...]" >&2; exit 2; }
group=$1 bucket=$2 key=$3
shift 3
: "${DAYS:=2192}" "${AWS_DEFAULT_REGION:=us-east-1}"
export AWS_PAGER='' AWS_DEFAULT_REGION
trap '[ $? -eq 0 ] || exit 2' EXIT
said=$(mktemp)

api() {
	aws ${ENDPOINT:+--endpoint-url "$ENDPOINT"} --output json "$@"
}

# unless CODE COMMAND...: it may fail, if it is because of CODE.
unless() {
	code=$1
	shift
	api "$@" >/dev/null 2>"$said" || grep -q "$code" "$said" || { cat "$said" >&2; exit 2; }
}

put() {
	what=$1
	shift
	api s3api "put-$what" --bucket "$bucket" "$@"
}

unless ResourceAlreadyExistsException logs create-log-group --log-group-name "$group" --kms-key-id "$key"
api logs describe-log-groups --log-group-name-prefix "$group" | jq -e --arg group "$group" --arg key "$key" '
	any(.logGroups[]; .logGroupName == $group and .kmsKeyId == $key)' >/dev/null ||
	api logs associate-kms-key --log-group-name "$group" --kms-key-id "$key"
api logs put-retention-policy --log-group-name "$group" --retention-in-days "$DAYS"

if [ "$AWS_DEFAULT_REGION" = us-east-1 ]; then
	unless BucketAlreadyOwnedByYou s3api create-bucket --bucket "$bucket" --object-lock-enabled-for-bucket
else
	unless BucketAlreadyOwnedByYou s3api create-bucket --bucket "$bucket" --object-lock-enabled-for-bucket \
		--create-bucket-configuration "LocationConstraint=$AWS_DEFAULT_REGION"
fi
put public-access-block --public-access-block-configuration \
	BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
put bucket-ownership-controls --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'
put bucket-versioning --versioning-configuration Status=Enabled
put bucket-encryption --server-side-encryption-configuration "$(jq -cn --arg key "$key" '{Rules: [{
	ApplyServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: $key}, BucketKeyEnabled: true}]}')"
api s3api get-object-lock-configuration --bucket "$bucket" 2>"$said" | jq -e --argjson days "$DAYS" '
	.ObjectLockConfiguration.Rule.DefaultRetention | .Mode == "COMPLIANCE" and .Days == $days' >/dev/null ||
	put object-lock-configuration --object-lock-configuration "$(jq -cn --argjson days "$DAYS" '
		{ObjectLockEnabled: "Enabled", Rule: {DefaultRetention: {Mode: "COMPLIANCE", Days: $days}}}')"
put bucket-lifecycle-configuration --lifecycle-configuration '{"Rules": [{"ID": "archive", "Status": "Enabled",
	"Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "DEEP_ARCHIVE"}],
	"NoncurrentVersionTransitions": [{"NoncurrentDays": 90, "StorageClass": "DEEP_ARCHIVE"}]}]}'
put bucket-policy --policy "$(jq -cn --arg bucket "$bucket" '
	("arn:aws:s3:::" + $bucket) as $arn | {Version: "2012-10-17", Statement: ([
	{Sid: "OnlyEncrypted", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [$arn, $arn + "/*"],
		Condition: {Bool: {"aws:SecureTransport": "false"}}}]
	+ if $ARGS.positional == [] then [] else [
	{Sid: "OnlyReaders", Effect: "Deny", Principal: "*", Action: ["s3:GetObject", "s3:GetObjectVersion"],
		Resource: ($arn + "/*"), Condition: {ArnNotLike: {"aws:PrincipalArn": $ARGS.positional}}}] end)}' --args -- "$@")"
rm "$said"
