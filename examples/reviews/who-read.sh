#!/bin/sh
# who-read.sh PATIENT [FILE...] - everyone who read one patient's data, or was denied it; most reads first.
set -eu
NAME=who-read.sh ID=PATIENT
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
patient=$1
shift

# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	[entries($since; $until) | select(.patient_id == $patient and (is_read or is_denial))]
	| ["user_id", "on_behalf_of", "agent_id", "user_role", "reads", "denied", "break_glass", "first", "last"],
	  (group_by([.user_id, .on_behalf_of, .agent_id, .user_role])
		| map(by_time(.t) | {who: .[0], reads: (map(select(is_read)) | length), first: .[0], last: .[-1],
			denied: (map(select(is_denial)) | length), glass: (map(select(.break_glass)) | length)})
		| sort_by([-.reads, .first.t])[]
		| [.who.user_id, .who.on_behalf_of, .who.agent_id, .who.user_role, .reads, .denied, .glass,
			.first.timestamp, .last.timestamp])
	| row' --arg patient "$patient" -- "$@"
