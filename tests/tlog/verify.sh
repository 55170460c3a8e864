#!/bin/sh
# verify.sh BUILD DIR - does audit-verify verify the published log of transparency-dev/tessera, whose testdata/log DIR is, and
# do its 16 heads lead to one another?  The leaves and the key are those of that log's build_log.sh.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx' >"$work/key.pub"
printf '%s\n' one two three four five six seven eit nain ten ileven twelf threeten fourten fivten >"$work/lines"
build=$1 dir=$2
set --
for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	set -- "$@" --anchor "$dir/checkpoint.$n"
done
"$build/audit-verify" --pubkey "$work/key.pub" --tree "$dir" "$@" "$work/lines" >"$work/out"
cat "$work/out"
grep -q '^ok: 15 entries, .*, anchors 16$' "$work/out"
