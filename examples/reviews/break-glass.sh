#!/bin/sh
# break-glass.sh [FILE...] - every emergency access, and whether it was followed up: reviewed within DAYS (7), late,
# still open, or overdue.  1: one is overdue, or has no reason.
#
# A follow-up is an entry of another user with use_case break_glass_review, resource_type AuditEvent, and the
# event_id of the access as resource_id.
set -eu
NAME=break-glass.sh ID=''
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
: "${DAYS:=7}"
days=$(count DAYS) || exit 2

# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	([entries($since; $until)
		| select(.break_glass == true or (.use_case == "break_glass_review" and .resource_type == "AuditEvent" and done))]
		| by_time(.t)) as $all
	| (reduce ($all[] | select(.use_case == "break_glass_review" and .resource_type == "AuditEvent" and done)) as $e
		({}; .[$e.resource_id // ""] += [$e])) as $reviews
	| [$all[] | select(.break_glass == true) | . as $e
		| (first($reviews[$e.event_id] // [] | .[] | select(.user_id != $e.user_id and .t >= $e.t)) // null) as $review
		| $e + {review: $review, status: (
			if $review != null then (if ($review.t | before($days * 86400)) <= $e.t then "reviewed" else "late" end)
			elif ($until | before($days * 86400)) <= $e.t then "open" else "overdue" end)}]
	| (["timestamp", "user_id", "patient_id", "reason_code", "event_id", "reviewed_at", "reviewer", "status"],
	  (.[] | [.timestamp, .user_id, .patient_id, .reason_code, .event_id, .review.timestamp, .review.user_id, .status])
	  | row),
	  if any(.[]; .status == "overdue" or .reason_code == null) then "" | halt_error(1) else empty end' \
	--argjson days "$days" -- "$@"
