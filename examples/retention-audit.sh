#!/bin/sh
# retention-audit.sh GROUP BUCKET [READER...] - is the storage plan what is really configured?
# Reads back the log group's retention and key, and the bucket's lock, versions, lifecycle, encryption and readers, and
# says of each whether it is as planned.  With READERs (ARNs), others that a policy lets in are a shortfall, too.
# 0: all is; 1: something falls short, on a line each; 2: that cannot be told.
# Environment: ENDPOINT (another URL), DAYS (2192), ARCHIVE (90 days), SAMPLE (objects whose own lock is looked at).
# shellcheck disable=SC2016  # the programs are of jq
set -eu
[ $# -ge 2 ] || { echo "usage: retention-audit.sh GROUP BUCKET [READER...]" >&2; exit 2; }
group=$1 bucket=$2
shift 2
: "${DAYS:=2192}" "${ARCHIVE:=90}" "${SAMPLE:=20}"
export AWS_PAGER=''
work=$(mktemp -d)
ended=
trap 'rm -rf "$work"; [ -n "$ended" ] || exit 2' EXIT

# get NAME COMMAND...: what is configured, as JSON; {} if nothing is.
get() {
	name=$1
	shift
	if ! aws ${ENDPOINT:+--endpoint-url "$ENDPOINT"} --output json "$@" >"$work/$name" 2>"$work/said"; then
		grep -qE '\((NoSuch|ObjectLockConfigurationNotFound|ServerSideEncryptionConfigurationNotFound|OwnershipControlsNotFound)' \
			"$work/said" || { tail -n 1 "$work/said" >&2; exit 2; }
		echo '{}' >"$work/$name"
	fi
	[ -s "$work/$name" ] || echo '{}' >"$work/$name"
}

of_bucket() {
	get "$1" s3api "$2" --bucket "$bucket"
}

# check WHAT NAME PROGRAM: PROGRAM, in jq, yields what falls short; nothing if nothing does.
check() {
	jq -r --argjson days "$DAYS" --argjson archive "$ARCHIVE" --arg group "$group" --arg key "${key:-}" "$3" \
		"$work/$2" --args -- "$readers" >"$work/short"
	if [ -s "$work/short" ]; then
		sed "s/^/SHORT  $1: /" "$work/short"
		touch "$work/any"
	else
		echo "ok     $1"
	fi
}

readers=$*
get groups logs describe-log-groups --log-group-name-prefix "$group"
of_bucket versioning get-bucket-versioning
of_bucket lock get-object-lock-configuration
of_bucket lifecycle get-bucket-lifecycle-configuration
of_bucket encryption get-bucket-encryption
of_bucket public get-public-access-block
of_bucket acl get-bucket-acl
of_bucket policy get-bucket-policy
get versions s3api list-object-versions --bucket "$bucket"

# A group without retention keeps everything.
check 'log group' groups '.logGroups // [] | map(select(.logGroupName == $group)) | if . == [] then "does not exist" else empty end'
check 'log retention' groups '.logGroups[]? | select(.logGroupName == $group) | .retentionInDays
	| select(. != null and . < $days) | "\(.) days, not \($days)"'
check 'log encryption' groups '.logGroups[]? | select(.logGroupName == $group) | select(.kmsKeyId == null) | "no KMS key"'
check 'object lock' lock '.ObjectLockConfiguration
	| if .ObjectLockEnabled != "Enabled" then "off"
	elif .Rule.DefaultRetention == null then "no default retention"
	else .Rule.DefaultRetention
		| (select(.Mode != "COMPLIANCE") | "mode \(.Mode): who is allowed to can lift it"),
		([.Days // 0, (.Years // 0) * 365.25 | ceil] | max | select(. < $days) | "\(.) days, not \($days)") end'
check 'versioning' versioning 'select(.Status != "Enabled") | "not enabled"'
check 'lifecycle' lifecycle '[.Rules[]? | select(.Status == "Enabled")] as $rules
	| ($rules | map(select((.Filter // {} | .Prefix // "") == "" and (.Filter // {} | has("Tag") or has("And") | not) and (.Prefix // "") == "")
		| .Transitions[]? | select(.StorageClass | IN("GLACIER", "DEEP_ARCHIVE")) | .Days) | min) as $first
	| (if $first == null then "nothing archives the whole bucket" elif $first > $archive then "archives after \($first) days, not \($archive)" else empty end),
	($rules[] | .Expiration | select(. != null) | select(.ExpiredObjectDeleteMarker | not) | select((.Days // 0) < $days) | "expires objects after \(.Days // .Date)"),
	($rules[] | .NoncurrentVersionExpiration.NoncurrentDays | select(. != null and . < $days) | "expires old versions after \(.) days")'
check 'encryption' encryption '[.ServerSideEncryptionConfiguration.Rules[]?.ApplyServerSideEncryptionByDefault
	| select((.SSEAlgorithm // "" | startswith("aws:kms")) and .KMSMasterKeyID != null)] | select(. == []) | "no KMS key"'
check 'delete markers' versions '.DeleteMarkers // [] | length | select(. > 0) | "\(.) objects were deleted; their versions are still there"'
check 'overwritten objects' versions '[.Versions[]? | select(.IsLatest | not) | .Key] - [.DeleteMarkers[]?.Key] | unique | length
	| select(. > 0) | "\(.) objects have more than one version"'
check 'public access' public '.PublicAccessBlockConfiguration as $on
	| "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets" | select($on[.] != true) | "\(.) is off"'
check 'ACL' acl '.Owner.ID as $owner | .Grants[]? | select(.Grantee.ID != $owner) | "\(.Permission) for \(.Grantee.URI // .Grantee.ID // .Grantee.DisplayName)"'
check 'policy' policy '(.Policy // "{\"Statement\": []}" | fromjson) as $policy | ($ARGS.positional[0] | split(" ")) as $readers
	| $policy.Statement | if type == "array" then .[] else . end | select(.Effect == "Allow")
	| select([.Action, .NotAction] | flatten | map(select(. != null)) | any(. == "*" or test("^s3:(\\*|Get\\*|GetObject.*)$")))
	| (if .NotPrincipal != null then "everybody but some" else (.Principal | if type == "object" then .AWS // .Service // .Federated // "*" else . end) end
		| if type == "array" then .[] else . end)
	| select(. == "*" or . == "everybody but some" or ($readers != [] and (. as $who | $readers | index($who) | not))) | "lets \(.) read"'

# The lock that objects really have: the default is of no use to those that were there before it.
jq -r '.Versions[]? | [.Key, .VersionId] | @tsv' "$work/versions" | shuf -n "$SAMPLE" >"$work/sample"
: >"$work/unlocked"
while IFS='	' read -r object version; do
	get head s3api get-object-retention --bucket "$bucket" --key "$object" --version-id "$version"
	jq -r 'select(.Retention.Mode != "COMPLIANCE") | "a version"' "$work/head" >>"$work/unlocked"
done <"$work/sample"
jq -Rn '[inputs]' "$work/unlocked" >"$work/locks"
check 'locks of objects' locks 'length | select(. > 0) | "\(.) of the sample are not locked in compliance mode"'

ended=yes
[ ! -e "$work/any" ] || exit 1
