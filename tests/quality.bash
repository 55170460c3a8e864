# What the tests of quality-agg share: lines, logs, and the metrics computed by other means.
# shellcheck shell=bash disable=SC2154  # output and stderr come from bats

# An accepted line; arguments replace or add members: line 'latency_ms=5' 'note=null'; NAME- removes one.
line() {
	local -A value=(
		[request_id]='"r-1"' [timestamp]='"2026-01-05T08:00:00Z"' [model_id]='"m"' [model_version]='"1"'
		[use_case]='"summary"' [prompt_tokens]=10 [completion_tokens]=20 [latency_ms]=620.0
		[retrieved_document_ids]='["a", "b"]' [top_retrieval_score]=0.5 [cache_hit]=true
		[finish_reason]='"stop"' [content_filtered]=false [disclaimer_present]=true [citation_count]=2
		[clinician_thumbs_up]=null [clinician_flagged]=null [clinician_flag_reason]=null)
	local -a order=(request_id timestamp model_id model_version use_case prompt_tokens completion_tokens latency_ms
		retrieved_document_ids top_retrieval_score cache_hit finish_reason content_filtered
		disclaimer_present citation_count clinician_thumbs_up clinician_flagged clinician_flag_reason)
	local argument key text=
	for argument; do
		key=${argument%%=*}
		if [[ $argument != *=* ]]; then
			unset "value[${argument%-}]"
			continue
		fi
		[[ -v value[$key] ]] || order+=("$key")
		value[$key]=${argument#*=}
	done
	for key in "${order[@]}"; do
		[[ ! -v value[$key] ]] || text+=", \"$key\": ${value[$key]}"
	done
	printf '{%s}\n' "${text#, }"
}

# make_log LINES SEED: accepted lines of all sizes of number, members in several orders.
make_log() {
	python3 - "$@" <<'EOF'
import json, random, sys
n, r = int(sys.argv[1]), random.Random(int(sys.argv[2]))
for i in range(n):
    big = r.random() < 0.01
    d = {"request_id": "r-%d" % i, "timestamp": "2026-01-%02dT%02d:00:00.%dZ" % (r.randint(1, 28), r.randint(0, 23), i),
         "model_id": "m\u00fc-%d" % r.randint(0, 3), "model_version": "v\"1\"", "use_case": "summary",
         "prompt_tokens": r.randint(0, 9000), "completion_tokens": r.randint(0, 900),
         "latency_ms": r.choice([1e15, 5e-324, 1e-300, 0, 0.1]) if big else round(r.lognormvariate(6.4, 0.6), 3),
         "retrieved_document_ids": ["d%d" % k for k in range(r.randint(0, 4))],
         "top_retrieval_score": r.choice([None, 0, 0.0, r.random(), -r.random(), 1e15 if big else 0.7]),
         "cache_hit": r.random() < 0.3, "finish_reason": r.choice(["stop", "length"]),
         "content_filtered": r.random() < 0.1, "disclaimer_present": r.random() < 0.9,
         "citation_count": r.choice([r.randint(0, 9), 3.0]),
         "clinician_thumbs_up": r.choice([None, None, True, False]), "extra": [{"a": {"b": [1, None]}}]}
    items = list(d.items())
    if r.random() < 0.2:
        r.shuffle(items)
    print(json.dumps(dict(items), ensure_ascii=r.random() < 0.5, separators=r.choice([(", ", ": "), (",", ":")])))
EOF
}

# reference <LOG: the dictionary as the reference code defines it; sums exact.
reference() {
	python3 -c '
import json, math, sys
rows = [json.loads(l) for l in sys.stdin.buffer]
n = len(rows)
def mean(v): return math.fsum(v) / len(v) if v else None
lat = sorted(float(r["latency_ms"]) for r in rows)
print(json.dumps({
    "request_count": n,
    "avg_latency_ms": mean(lat),
    "p95_latency_ms": lat[int(0.95 * n)],
    "cache_hit_rate": sum(1 for r in rows if r["cache_hit"]) / n,
    "content_filter_rate": sum(1 for r in rows if r["content_filtered"]) / n,
    "disclaimer_present_rate": sum(1 for r in rows if r["disclaimer_present"]) / n,
    "avg_citation_count": mean([r["citation_count"] for r in rows]),
    "avg_top_retrieval_score": mean([r["top_retrieval_score"] for r in rows if r["top_retrieval_score"]]),
    "clinician_positive_rate": mean([r["clinician_thumbs_up"] for r in rows if r["clinician_thumbs_up"] is not None]),
}))'
}

# agrees RESULT REFERENCE: the same members, order and doubles.
agrees() {
	python3 -c '
import json, sys
a, b = (json.loads(open(f).read(), parse_int=float, object_pairs_hook=list) for f in sys.argv[1:])
b = [(k, v if v is None else float(v)) for k, v in b]
a = [(k, v if v is None else float(v)) for k, v in a]
sys.exit(a != b and "%s\n%s" % (a, b))' "$1" "$2"
}

# refuses RULE TEXT [ARGUMENTS of line]: the line is refused so, and nothing else is said.
refuses() {
	local rule=$1 text=$2
	shift 2
	line "$@" >one
	run -1 --separate-stderr quality-agg one
	[ "$output" = '{}' ]
	[ "${stderr_lines[0]}" = "quality-agg: one:1: $text [$rule]" ] || {
		echo "$* gave: $stderr"
		return 1
	}
	[ "${stderr_lines[1]}" = "quality-agg: 1 of 1 lines refused" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

accepts() {
	line "$@" >one
	run -0 --separate-stderr quality-agg one
	[ -z "$stderr" ]
}
