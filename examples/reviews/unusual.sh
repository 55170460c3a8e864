#!/bin/sh
# unusual.sh [FILE...] - reads outside of what a user usually does: in SINCE to UNTIL (the last day), for a use case
# (KEY) that the user had in no read of the BASE days (30) before.  Users with fewer than MIN (20) reads there are
# not judged.  1: there is one.
set -eu
NAME=unusual.sh ID=''
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
: "${KEY:=use_case}" "${BASE:=30}" "${MIN:=20}"
base=$(count BASE) && min=$(count MIN) || exit 2
[ -n "${SINCE-}" ] || since=$(echo "$until" | jq -c '[.[0] - 86400, .[1]]')

# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	[entries($since | before($base * 86400); $until) | select(is_read)]
	| (reduce (.[] | select(.t < $since)) as $e ({};
		.[$e.user_id].n += 1 | .[$e.user_id].had[$e[$key] | cell] = true)) as $usual
	| [.[] | select(.t >= $since) | select($usual[.user_id].n >= $min and ($usual[.user_id].had[.[$key] | cell] | not))]
	| group_by([.user_id, (.[$key] | cell)])
	| map(by_time(.t)) | sort_by(.[0].t)
	| (["user_id", "value", "reads", "patients", "first", "last"],
	  (.[] | [.[0].user_id, .[0][$key], length, ([.[].patient_id | values] | unique | length), .[0].timestamp,
		.[-1].timestamp])
	  | row),
	  if length > 0 then "" | halt_error(1) else empty end' \
	--argjson base "$base" --argjson min "$min" --arg key "$KEY" -- "$@"
