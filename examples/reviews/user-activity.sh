#!/bin/sh
# user-activity.sh ID [FILE...] - all that one person, account or agent did, or had done for them.
set -eu
NAME=user-activity.sh ID=ID
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
id=$1
shift

# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	[entries($since; $until) | select(.user_id == $id or .on_behalf_of == $id or .agent_id == $id)]
	| ["timestamp", "event_type", "action", "outcome", "patient_id", "resource_type", "resource_id", "use_case",
		"source_ip", "event_id"] as $columns
	| $columns, (by_time(.t)[] | [.[$columns[]]])
	| row' --arg id "$id" -- "$@"
