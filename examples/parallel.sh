#!/bin/bash
# parallel.sh [OPTION...] -- LOG... - quality-agg over logs by GNU parallel: the bytes of one process.
# Options are those of quality-agg that say what to keep (--by, --every, --where ...) and what to print (--detail).
# Each core makes a state of a part of a log; the states merge.  With --sshlogin in $PARALLEL the parts go to
# other machines.  Exit status: that of quality-agg over all the logs.
set -eu

keep=() print=()
while (($# > 0)) && [[ $1 != -- ]]; do
	case $1 in
	--detail) print+=("$1") ;;
	--top | --max-bad) print+=("$1" "$2") && shift ;;
	*) keep+=("$1") ;;
	esac
	shift
done
(($# > 1)) || { echo "usage: parallel.sh [OPTION...] -- LOG..." >&2; exit 2; }
shift

states=$(mktemp)
trap 'rm -f "$states"' EXIT

# A part that has refused lines, or none at all, ends with 1, which is no failure: the merge knows of it.
# shellcheck disable=SC2016  # for the shell that parallel starts
part='quality-agg -j 1 --state-out - "$@" || [ $? -eq 1 ]'
run=(parallel --will-cite --quote --halt 'soon,fail=1')
each=(sh -c "$part" part ${keep[@]+"${keep[@]}"})
if (($# >= $(nproc))); then
	"${run[@]}" "${each[@]}" -- '{}' ::: "$@" >"$states" || exit 2
else
	for log; do # cut at line ends into a part for each core
		"${run[@]}" --pipepart --block -1 --arg-file "$log" "${each[@]}" >>"$states" || exit 2
	done
fi
quality-agg --merge ${print[@]+"${print[@]}"} "$states"
