#!/bin/sh
# denied-bursts.sh [FILE...] - users who were denied more than COUNT (5) times within WINDOW (10m).  1: there is one.
set -eu
NAME=denied-bursts.sh ID=''
# shellcheck source-path=SCRIPTDIR source=review.sh disable=SC2034
. "$(dirname "$0")/review.sh"
: "${COUNT:=5}" "${WINDOW:=10m}"
most=$(count COUNT) && window=$(span WINDOW) || exit 2

# Along a user's denials, in order of time: $from is the first within the window that ends at the present one, .to
# the last with the same time.  A hot one goes on with the burst, or begins one where its window begins.
# shellcheck disable=SC2016,SC2154  # they are jq's
review '
	[entries($since; $until) | select(is_denial)]
	| group_by(.user_id)
	| map(by_time(.t) | . as $d
		| reduce range(length) as $i ({from: 0, to: 0, bursts: [], hot: false};
			until($d[.from].t > ($d[$i].t | before($window)); .from += 1)
			| .to = ([.to, $i] | max)
			| until($d[.to + 1].t != $d[$i].t; .to += 1)
			| if .to - .from + 1 > $most then
				(if .hot then .bursts[-1].last = $i else .bursts += [{first: .from, last: $i}] end) | .hot = true
			  else .hot = false end)
		| .bursts[] | $d[.first:.last + 1])
	| sort_by(.[0].t)
	| (["user_id", "first", "last", "count", "patients", "sources"],
	  (.[] | [.[0].user_id, .[0].timestamp, .[-1].timestamp, length, ([.[].patient_id | values] | unique | length),
		([.[].source_ip] | unique | length)])
	  | row),
	  if length > 0 then "" | halt_error(1) else empty end' \
	--argjson most "$most" --argjson window "$window" -- "$@"
