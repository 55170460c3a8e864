#!/bin/sh
# accounting.sh PATIENT [FILE...] - the disclosures of one patient's data that 45 CFR 164.528 has accounted for:
# when, to whom, what, and why.  Six years back unless SINCE says otherwise.
set -eu
NAME=accounting.sh ID=PATIENT
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
patient=$1
shift
[ -n "${SINCE-}" ] || since=$(echo "$until" | jq -c '[.[0] - 2192 * 86400, .[1]]')

# Not accounted for are disclosures for treatment, payment, operations, and to the patient (164.528(a)(1)).
# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	[entries($since; $until)
		| select(.patient_id == $patient and .recipient != null and done and (is_denial | not)
			and (.purpose | IN("TREAT", "ETREAT", "HPAYMT", "HOPERAT", "PATRQT") | not))]
	| ["timestamp", "recipient", "resource_type", "resource_id", "fields", "purpose", "event_id"],
	  (by_time(.t)[] | [.timestamp, .recipient, .resource_type, .resource_id, .phi_fields_accessed, .purpose, .event_id])
	| row' --arg patient "$patient" -- "$@"
