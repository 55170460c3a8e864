#!/bin/bash
# run.sh BUILD [PEERS] - quality-agg by GNU parallel and by Spark gives the bytes of one process.
# LINES (200000) in 40 shards, cut anywhere between lines, some of them refused; times are printed, and judged nowhere.
# Spark is installed in PEERS (default build/peers), at the version below.
set -eu
cd "$(dirname "$0")/../.."
build=$PWD/${1:-build} peers=$PWD/${2:-build/peers}
work=$build/check-scale
lines=${LINES:-200000}
pip='pyspark==3.5.6'
passed=0 failed=0
PATH=$build:$PATH
export PATH

if [ "$(cat "$peers/spark.pip" 2>/dev/null)" != "$pip" ]; then
	echo "  PIP    $pip"
	mkdir -p "$peers"
	python3 -m venv "$peers/spark"
	"$peers/spark/bin/pip" install -q "$pip" || {
		echo 'check-scale: PyPI cannot be reached, or has not what was asked for: nothing was checked' >&2
		exit 2
	}
	echo "$pip" >"$peers/spark.pip"
fi

# timed COMMAND...: seconds to stderr's log, the command's output to got.
timed() {
	local start=$EPOCHREALTIME status=0
	"$@" >"$work/got" 2>"$work/err" || status=$?
	seconds=$(awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $start }")
	return $status
}

# check NAME WANT COMMAND...: the output is the file WANT, the status that of one process, which is 1.
check() {
	local name=$1 want=$2 status=0
	shift 2
	timed "$@" || status=$?
	if [ $status -eq 1 ] && cmp -s "$want" "$work/got"; then
		echo "ok - $name: $seconds s"
		passed=$((passed + 1))
	else
		cat "$work/err"
		echo "not ok - $name: status $status"
		failed=$((failed + 1))
	fi
}

rm -rf "$work"
mkdir -p "$work/shards"
"$build/bench/gen" quality -n "$lines" | awk 'NR % 10007 == 0 { print "{}" } 1' >"$work/log"
: >"$work/shards/empty"
split -n l/40 "$work/log" "$work/shards/s."
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$peers/spark/bin/python PYSPARK_DRIVER_PYTHON=$peers/spark/bin/python
spark=("$peers/spark/bin/python" examples/spark/quality_agg.py)
options=(--by 'model_id,use_case' --every 1d)

echo "$lines lines, $(stat -c %s "$work/log") bytes, $(find "$work/shards" -name 's.*' | wc -l) shards, $(nproc) cores"
quality-agg "${options[@]}" --detail "$work/log" >"$work/by" 2>/dev/null || [ $? -eq 1 ]
quality-agg "${options[@]}" --exact 1000 --detail "$work/log" >"$work/sketch" 2>/dev/null || [ $? -eq 1 ]
quality-agg "$work/log" >"$work/all" 2>/dev/null || [ $? -eq 1 ]
check 'one process, one core' "$work/all" quality-agg -j 1 "$work/log"
check 'one process, all cores' "$work/all" quality-agg "$work/log"
check 'GNU parallel, one log' "$work/all" examples/parallel.sh -- "$work/log"
check 'GNU parallel, shards, groups and days' "$work/by" \
	examples/parallel.sh "${options[@]}" --detail -- "$work"/shards/*
check 'GNU parallel, sketches' "$work/sketch" \
	examples/parallel.sh "${options[@]}" --exact 1000 --detail -- "$work"/shards/*
check 'Spark, shards' "$work/all" "${spark[@]}" "$work/shards/*"
check 'Spark, shards, groups and days' "$work/by" \
	"${spark[@]}" --print=--detail "$work/shards/*" "${options[@]}"
check 'Spark, lines, groups and days' "$work/by" \
	"${spark[@]}" --lines --print=--detail "$work/shards/*" "${options[@]}"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
