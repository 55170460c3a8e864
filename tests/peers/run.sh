#!/bin/bash
# run.sh BUILD - what those for whom quality-agg's output is made say of it: promtool, a real node_exporter that
# exposes the file, and the JSON reader of OpenTelemetry's protocol.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1 failed=0 exporter=
work=$(mktemp -d)
trap '[[ -z $exporter ]] || kill "$exporter"; rm -rf "$work"' EXIT

say() {
	printf '  PEERS  %s: %s\n' "$1" "$3"
	[[ $2 -eq 0 ]] || failed=$((failed + 1))
}

"$build/bench/gen" quality -n 5000 -s 1 >"$work/base"
"$build/bench/gen" quality -n 5000 -s 2 | sed 's/"use_case": "coding_assist"/"use_case": "a\\"b\\\\c\\nd \\u0001 ü"/' >"$work/now"
agg() {
	local status=0
	"$build/quality-agg" -q "$@" || status=$?
	((status <= 1))
}

mkdir "$work/text"
for o in "" "--by use_case" "--by model_id,cache_hit,clinician_flagged" "--by use_case --every 1d" "--by use_case --baseline $work/base"; do
	# shellcheck disable=SC2086  # words
	agg -f prometheus $o "$work/now" -o "$work/text/aiq.prom" || exit 2
	promtool check metrics <"$work/text/aiq.prom" >"$work/said" 2>&1
	status=$?
	[[ ! -s $work/said && $status -eq 0 && -s $work/text/aiq.prom ]]
	say "promtool, options ${o:-none}" $? "status $status, $(wc -l <"$work/said") remarks on $(wc -l <"$work/text/aiq.prom") lines"
done

node=$(command -v prometheus-node-exporter || command -v node_exporter)
port=$((20000 + $$ % 20000))
"$node" --collector.disable-defaults --collector.textfile --collector.textfile.directory="$work/text" \
	--web.listen-address="127.0.0.1:$port" >"$work/node.log" 2>&1 &
exporter=$!
for _ in {1..50}; do
	python3 -c "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen('http://127.0.0.1:$port/metrics').read().decode())" >"$work/exposed" 2>/dev/null && break
	sleep 0.2
done
grep -q '^node_textfile_scrape_error 0$' "$work/exposed" && python3 - "$work/text/aiq.prom" "$work/exposed" >"$work/said" <<'PY'
import re, sys
def read(path):
    out = {}
    for line in open(path, encoding="utf-8"):
        m = re.match(r"(aiq_\w+)(?:\{(.*)\})? (\S+)$", line)
        if m:
            out[m[1], tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m[2] or "")))] = float(m[3])
    return out
a, b = map(read, sys.argv[1:])
print("%d samples, %d exposed, %d with another value" % (len(a), len(b), sum(a[k] != b.get(k) for k in a)))
sys.exit(a != b or not a)
PY
say 'node_exporter' $? "$(cat "$work/said")"
if grep -qE '(request|user|patient)_id' "$work/exposed"; then
	say 'labels' 1 'an id is one'
fi

agg -f otel --by use_case --every 1d --baseline "$work/base" "$work/now" -o "$work/otlp.json" || exit 2
if [[ ! -x build/peers/otel/bin/python3 ]]; then
	python3 -m venv build/peers/otel
	if ! build/peers/otel/bin/pip install -q --disable-pip-version-check 'opentelemetry-proto==1.29.0' >"$work/pip" 2>&1; then
		cat "$work/pip" >&2
		echo 'check-peers: PyPI cannot be reached: OpenTelemetry was not asked' >"$work/said"
		rm -rf build/peers/otel
	fi
fi
[[ -x build/peers/otel/bin/python3 ]] && build/peers/otel/bin/python3 - "$work/otlp.json" >"$work/said" <<'PY'
import sys
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
r = json_format.Parse(open(sys.argv[1], encoding="utf-8").read(), ExportMetricsServiceRequest())
metrics = r.resource_metrics[0].scope_metrics[0].metrics
points = sum(len(m.gauge.data_points) + len(m.summary.data_points) for m in metrics)
print("%d metrics, %d points read by the protocol's own definition" % (len(metrics), points))
sys.exit(points == 0)
PY
say 'OTLP/JSON' $? "$(tail -1 "$work/said")"
((failed == 0))
