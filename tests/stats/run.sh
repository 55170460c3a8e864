#!/bin/bash
# run.sh BUILD - the statistics of quality-agg --baseline against scipy, over thousands of random cases.
#   ROUNDS  of each pure test (default 3000)      LOGS  pairs of logs (default 300)
#   SIMULATIONS  without any change (default 2000) and POWER  for each figure of the man page (default 300)
# Debian's python3-scipy is for Debian's python3.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$PWD/$1 python=/usr/bin/python3 failed=0
[[ $1 != /* ]] || build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

said() {
	local name=$1 status=$2
	printf '  STATS  %s: %s\n' "$name" "$(tail -1 "$work/out")"
	((status == 0)) && return
	failed=$((failed + 1))
	head -c 3000 "$work/out" >&2
}

for seed in 11 12; do
	"$build/tests/unit/test_difference" $((${ROUNDS:-3000} / 2)) $seed |
		"$python" -W ignore tests/oracle/difference.py --scipy >"$work/out"
	grep -q ' equal, 0 differ$' "$work/out"
	said "pure tests, seed $seed" $?
done

rows=0 wrong=0
for ((seed = 1000; seed < 1000 + ${LOGS:-300}; seed++)); do
	(cd "$work" && python3 "$OLDPWD/tests/data/quality_pair.py" "$seed" $((20 + seed % 7 * 60))) >"$work/options"
	mapfile -t options <"$work/options"
	"$build/quality-agg" "${options[@]}" --baseline "$work/BASELINE" "$work/CURRENT" >"$work/rows" 2>/dev/null
	"$python" tests/oracle/baseline.py "${options[@]}" "$work/BASELINE" "$work/CURRENT" <"$work/rows" >"$work/answer" || {
		wrong=$((wrong + 1))
		echo "seed $seed ${options[*]}" >&2
		head -c 1000 "$work/answer" >&2
	}
	rows=$((rows + $(wc -l <"$work/rows")))
done
echo "$rows rows of ${LOGS:-300} pairs of logs, $wrong pairs wrong" >"$work/out"
said 'rows of --baseline' $wrong

python3 tests/stats/simulate.py alarms "$build/quality-agg" "${SIMULATIONS:-2000}" "$work" >"$work/out"
said 'false alarms' $?
python3 tests/stats/simulate.py power "$build/quality-agg" "${POWER:-300}" "$work" man/quality-agg.1 >"$work/out"
said 'power table' $?
((failed == 0))
