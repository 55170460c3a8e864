#!/bin/sh
# gate.sh LOG - fail a deployment when the day's quality is outside fixed limits: 0 inside, 1 outside, 2 cannot tell.
set -eu
[ $# -eq 1 ] || { echo "usage: gate.sh LOG" >&2; exit 2; }
metrics=$(quality-agg "$1") || exit 2
printf '%s\n' "$metrics"
printf '%s\n' "$metrics" | jq -e '
	.request_count >= 100
	and .p95_latency_ms < 2500
	and .disclaimer_present_rate > 0.9
	and (.clinician_positive_rate == null or .clinician_positive_rate > 0.6)' >/dev/null
