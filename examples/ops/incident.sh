#!/bin/bash
# incident.sh [-o DIR] [-a ANCHOR]... PUBKEY [SEGMENT...] LOG - from the alarm to bounded damage to evidence.
#
# Changes nothing of the log.  Makes DIR/incident-TIME (DIR: the current one) with
#   findings.txt, findings.jsonl   what audit-verify says, for people and for programs
#   bounds                         the first and last entry touched, and what is known to be as it was sealed
#   heads/                         the signed heads as they stand, and the anchors given
#   before/, after/                the entries next to the damage, provable with openssl and coreutils alone (check.sh)
#   lines                          what stands in place of the entries touched
#   SHA256SUMS                     of all of it, and of the log's files as they are
# and prints its name.  Ends as audit-verify does: 0 intact (nothing is kept), 1 tampered with, 2 no one can tell.
set -u -o pipefail
dir=. anchors=() options=()
while getopts o:a: option; do
	case $option in
	o) dir=$OPTARG ;;
	a) anchors+=("$OPTARG") options+=(--anchor "$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($# >= 2)) || { echo 'usage: incident.sh [-o DIR] [-a ANCHOR]... PUBKEY [SEGMENT...] LOG' >&2; exit 2; }
pubkey=$1
shift
files=("$@") log=${!#}

umask 077
out=$dir/incident-$(date -u +%Y%m%dT%H%M%SZ).$$
mkdir "$out" "$out/heads" || exit 2
audit-verify --pubkey "$pubkey" "${options[@]}" "${files[@]}" >"$out/findings.txt" 2>&1
status=$?
if ((status == 0)); then
	rm -r "$out"
	exit 0
fi
audit-verify --pubkey "$pubkey" "${options[@]}" --format json "${files[@]}" >"$out/findings.jsonl" 2>/dev/null
cp -p "$log.tree/checkpoint" "$log.tree/checkpoints" "${anchors[@]}" "$out/heads" 2>/dev/null
cp -p "$pubkey" "$out/heads/pubkey"

# bundle NAME ENTRY: one entry as evidence, if it can still be proved.
bundle() {
	audit-hash export -q --evidence "$out/$1" --range "$2,$2" --pubkey "$pubkey" "${files[@]}" 2>"$out/$1.err"
	if [[ -d $out/$1 ]]; then rm -f "$out/$1.err"; fi
}

# The first and last entry touched, if entries are; and how many there are in all.
read -r first last entries < <(jq -rs '
	(map(select(.kind and .entry != null) | [.entry, .entry + ([.count // 1, 1] | max) - 1])) as $touched
	| (map(.entries // empty) | last // 0) as $entries
	| if $touched == [] then "- - \($entries)"
	  else "\($touched | map(.[0]) | min) \($touched | map(.[1]) | max) \($entries)" end' "$out/findings.jsonl")
{
	if [[ ${first:--} == - ]]; then
		echo "no entry is known to be touched; $entries entries are under the head"
	else
		echo "first entry touched: $first"
		echo "last entry touched: $last"
		((first == 0)) || echo "as sealed: entries 0 to $((first - 1))"
		((last + 1 >= entries)) || echo "as sealed: entries $((last + 1)) to $((entries - 1))"
	fi
	tail -n 1 "$out/findings.txt"
} >"$out/bounds"
if [[ ${first:--} != - ]]; then
	((first == 0)) || bundle before $((first - 1))
	((last + 1 >= entries)) || bundle after $((last + 1))
	jq -r 'select(.kind and .line != null) | [.file, .line, ([.count // 1, 1] | max)] | @tsv' "$out/findings.jsonl" |
		while IFS=$'\t' read -r file line count; do
			[[ -f $file ]] || continue
			echo "$file, $count lines from $line:"
			tail -n +"$line" "$file" | head -n "$((count < 1000 ? count : 1000))"
		done >"$out/lines"
fi
(
	cd "$out" && find . -type f ! -name 'SHA256SUMS*' -exec sha256sum {} +
) >"$out/SHA256SUMS.tmp" && sha256sum "${files[@]}" >>"$out/SHA256SUMS.tmp" && mv "$out/SHA256SUMS.tmp" "$out/SHA256SUMS"
cat "$out/bounds" >&2
echo "$out"
exit "$status"
