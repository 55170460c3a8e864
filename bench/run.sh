#!/bin/bash
# run.sh BUILD - ours against whatever peers are installed, in turn, medians; "ratio" is ours divided by the peer's
# (below 1 ours is the faster).  N=lines (1000000), ROUNDS=5; slow peers get a tenth of the lines, and so do we.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build}
n=${N:-1000000} rounds=${ROUNDS:-5}
few=$((n < 20000 ? n : n / 10))
dir=build/bench/data
peers=bench/peers
mkdir -p "$dir"
PATH=$PWD/$build:$PATH
export LC_ALL=C

have() {
	command -v "$1" >/dev/null
}

for peer in python3 jq mlr sigma; do
	have $peer || echo "bench: no $peer; its rows are left out" >&2
done

# log FILE OPTION...: made once.
log() {
	local file=$dir/$1
	shift
	[[ -s $file ]] || { "$build/bench/gen" "$@" >"$file.tmp" && mv "$file.tmp" "$file"; }
}

turns() {
	echo
	echo "$1"
	shift
	"$build/bench/turns" --rounds "$rounds" "$@" | sed 's/^/  /'
}

# DuckDB comes as a package of npm's; without npm or its registry the row is left out.
duckdb() {
	have node && have npm || return 1
	export NODE_PATH=$PWD/build/bench/npm/node_modules
	[[ -d $NODE_PATH/@duckdb/node-api ]] && return 0
	mkdir -p build/bench/npm
	npm install --silent --no-audit --no-fund --prefix build/bench/npm @duckdb/node-api >/dev/null 2>&1
	[[ -d $NODE_PATH/@duckdb/node-api ]]
}

# simdjson is Debian's libsimdjson-dev, version 3; without it the row is left out.
simdjson() {
	have c++ && [[ -e /usr/include/simdjson.h ]] || return 1
	[[ $build/bench/simdjson -nt bench/simdjson.cpp ]] ||
		c++ -O2 -std=c++17 -o "$build/bench/simdjson" bench/simdjson.cpp -lsimdjson -pthread
}

# agree NAME FILE FILE: the nine metrics, to 1e-12; a peer that computes something else is no peer.
agree() {
	have python3 || return 0
	python3 - "$@" <<'PYTHON' || exit 2
import json, math, sys
name, ours, theirs = sys.argv[1], *(json.load(open(p)) for p in sys.argv[2:])
if isinstance(theirs, list):
    theirs = theirs[0]
same = list(ours) == list(theirs) and all(
    (a is None and b in (None, "")) or (a is not None and b not in (None, "") and math.isclose(a, b, rel_tol=1e-12))
    for a, b in zip(ours.values(), theirs.values()))
sys.exit(0 if same else "bench: %s disagrees with quality-agg" % name)
PYTHON
}

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
echo "machine: ${cpu:-unknown}, $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -sr)"
echo "tools: $(quality-agg --version), $(openssl version | cut -d ' ' -f 1,2), $(jq --version), $(python3 --version)"
echo "lines: $n ($few where peers are slow); rounds: $rounds; files in the page cache"

log "quality-$n" quality -n "$n"
log "quality-$few" quality -n "$few"
log "audit-$n" audit --canonical -n "$n"
log "events-$few" audit -n "$few"
cat "$dir"/*-"$n" >/dev/null

q=$dir/quality-$n
quality-agg "$q" >"$dir/ours.json" || exit 2
{
	printf 'quality-agg\tquality-agg %s\n' "$q"
	printf 'quality-agg -j1\tquality-agg -j1 %s\n' "$q"
	if simdjson; then
		for t in 2 1; do
			"$build/bench/simdjson" "$q" $t >"$dir/peer.json" && agree simdjson "$dir/ours.json" "$dir/peer.json"
			printf 'simdjson on-demand, %d thread(s)\t%s/bench/simdjson %s %d\n' $t "$build" "$q" $t
		done
	else
		echo "bench: no simdjson (needs c++ and libsimdjson-dev); left out" >&2
	fi
	if duckdb; then
		for t in 2 1; do
			node "$peers/duckdb.js" "$q" $t >"$dir/peer.json" && agree DuckDB "$dir/ours.json" "$dir/peer.json"
			printf 'DuckDB, columns given, %d thread(s)\tnode %s/duckdb.js %s %d\n' $t "$peers" "$q" $t
		done
	else
		echo "bench: no DuckDB (needs node, npm and a registry); left out" >&2
	fi
} >"$dir/commands"
turns "nine metrics over $n lines, $(stat -c %s "$q") bytes" <"$dir/commands"

{
	printf 'quality-agg\tquality-agg %s\n' "$q"
	printf -- '--by, 140 groups\tquality-agg --by model_id,model_version,use_case,cache_hit,content_filtered %s\n' "$q"
	printf -- '--detail\tquality-agg --detail %s\n' "$q"
	printf -- '--every 1h\tquality-agg --every 1h %s\n' "$q"
	printf -- '--state-out\tquality-agg --state-out %s/state %s\n' "$dir" "$q"
	printf -- '--baseline, of as many lines\tquality-agg --baseline %s %s\n' "$q" "$q"
} >"$dir/commands"
turns "what else is asked of $n lines" <"$dir/commands"

where='.use_case == "discharge_letter" and .latency_ms > 500'
q=$dir/quality-$few
{
	printf "quality-agg --where\tquality-agg --where '%s' %s\n" "$where" "$q"
	have jq && printf "jq select alone\tjq -c 'select(%s)' %s\n" "$where" "$q"
} >"$dir/commands"
turns "$few lines through a jq program" <"$dir/commands"

q=$dir/quality-$few
quality-agg "$q" >"$dir/ours.json" || exit 2
{
	printf 'quality-agg\tquality-agg %s\n' "$q"
	if have python3; then
		python3 "$peers/quality.py" "$q" >"$dir/peer.json" && agree Python "$dir/ours.json" "$dir/peer.json"
		printf 'Python\tpython3 %s/quality.py %s\n' "$peers" "$q"
	fi
	if have jq; then
		jq -n -c -f "$peers/quality.jq" "$q" >"$dir/peer.json" && agree jq "$dir/ours.json" "$dir/peer.json"
		printf 'jq\tjq -n -c -f %s/quality.jq %s\n' "$peers" "$q"
	fi
	if have mlr; then
		mlr --ijsonl --ojson put -q -f "$peers/quality.mlr" "$q" >"$dir/peer.json" &&
			agree Miller "$dir/ours.json" "$dir/peer.json"
		printf 'Miller\tmlr --ijsonl --ojson put -q -f %s/quality.mlr %s\n' "$peers" "$q"
	fi
} >"$dir/commands"
turns "nine metrics over $few lines" <"$dir/commands"

# A log sealed once, to be verified many times.
a=$dir/audit-$n
if [[ ! -s $dir/sealed.jsonl.tree/checkpoint || ! -e $dir/sealed-$n ]]; then
	rm -rf "$dir"/sealed* "$dir"/key*
	audit-hash keygen -o "$dir/key" bench || exit 2
	audit-hash append -q --key "$dir/key" "$dir/sealed.jsonl" <"$a" && touch "$dir/sealed-$n" || exit 2
fi
s=$dir/sealed.jsonl
{
	printf 'audit-verify\taudit-verify --pubkey %s.pub %s\n' "$dir/key" "$s"
	printf 'audit-verify -j1\taudit-verify -j1 --pubkey %s.pub %s\n' "$dir/key" "$s"
	printf 'openssl dgst -sha256\topenssl dgst -sha256 %s\n' "$s"
	printf 'sha256sum\tsha256sum %s\n' "$s"
} >"$dir/commands"
turns "verify $n sealed lines, $(stat -c %s "$s") bytes" <"$dir/commands"

# Appending syncs log, head and folder once a MiB: so does the probe, and nothing else.
{
	printf 'audit-hash append\trm -rf %s/new*; audit-hash append -q --key %s %s/new.jsonl <%s\n' "$dir" "$dir/key" "$dir" "$a"
	printf 'the same syncs alone\trm -rf %s/new*; %s/bench/syncs %s/new.jsonl <%s\n' "$dir" "$build" "$dir" "$a"
	printf 'openssl dgst -sha256\topenssl dgst -sha256 %s\n' "$a"
} >"$dir/commands"
turns "append $n lines, durable (to compare with the sum of the two below it)" <"$dir/commands"
head -n $((20 * (rounds + 2))) "$a" >"$dir/few"
rm -rf "$dir"/new*
{
	printf 'audit-hash append\texec audit-hash append --key %s %s/new.jsonl\n' "$dir/key" "$dir"
	printf 'the same syncs alone\texec %s/bench/syncs --echo %s/new-probe\n' "$build" "$dir"
} >"$dir/commands"
turns "append 20 lines, each durable and answered before the next is written" --lines "$dir/few" <"$dir/commands"
head -n 1 "$a" >"$dir/one"
{
	twenty="1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"
	printf 'audit-hash append\tfor i in %s; do audit-hash append -q --key %s %s/new.jsonl <%s/one; done\n' \
		"$twenty" "$dir/key" "$dir" "$dir"
	printf 'the same syncs alone\tfor i in %s; do %s/bench/syncs --line %s/new-probe <%s/one; done\n' \
		"$twenty" "$build" "$dir" "$dir"
} >"$dir/commands"
turns "append 20 lines, a process for each" <"$dir/commands"
rm -rf "$dir"/new*

e=$dir/events-$few
audit-emit "$e" >"$dir/canonical" || exit 2
{
	printf 'audit-emit\taudit-emit %s\n' "$e"
	printf 'audit-emit -j1\taudit-emit -j1 %s\n' "$e"
	if have python3; then
		python3 "$peers/canon.py" "$e" | cmp -s - "$dir/canonical" || { echo "bench: canon.py disagrees" >&2; exit 2; }
		printf 'Python, canonical form only\tpython3 %s/canon.py %s\n' "$peers" "$e"
	fi
	have jq && printf 'jq -cS, key order only\tjq -cS . %s\n' "$e"
} >"$dir/commands"
turns "emit $few entries" <"$dir/commands"

{
	printf 'siem-rules render\tsiem-rules render rules\n'
	have sigma && printf 'pySigma\tsigma convert -t splunk -s --without-pipeline rules\n'
} >"$dir/commands"
turns "render rules/" <"$dir/commands"

echo
echo "the scanner alone, one core, every token of $few quality lines checked"
"$build/bench/json" "$q" "$rounds" | sed 's/^/  /'

# rsigma is built from its crate, once; without cargo or its registry the rows are left out.
rsigma() {
	have cargo || return 1
	[[ -x build/bench/rsigma/bin/rsigma ]] ||
		cargo install -q rsigma --version 0.23.0 --locked --root build/bench/rsigma >"$dir/rsigma.log" 2>&1
	[[ -x build/bench/rsigma/bin/rsigma ]]
}

# match_turns TITLE RULES EVENTS: events searched on one core, and what it takes to begin.
match_turns() {
	{
		printf 'siem-rules match -j1\tsiem-rules match -q -j1 -r %s -o /dev/null %s 2>/dev/null || :\n' "$2" "$3"
		printf 'siem-rules match -j1, no event\tsiem-rules match -q -j1 --allow-empty -r %s /dev/null 2>/dev/null || :\n' "$2"
		if rsigma; then
			printf '%s\tbuild/bench/rsigma/bin/rsigma engine eval -q -r %s <%s >/dev/null 2>&1 || :\n' \
				"$(build/bench/rsigma/bin/rsigma --version | head -n 1)" "$2" "$3"
			printf 'rsigma, no event\tbuild/bench/rsigma/bin/rsigma engine eval -q -r %s </dev/null >/dev/null 2>&1 || :\n' "$2"
		else
			echo "bench: no rsigma (needs cargo and its registry); left out" >&2
		fi
	} >"$dir/commands"
	turns "$1" <"$dir/commands"
}

head -n "$few" "$a" >"$dir/audit-few"
match_turns "rules/ over $few audit entries" rules "$dir/audit-few"

# DATA is the folder of the public rules and events (see make check-sigma).
if [[ -n ${DATA:-} && -e $DATA/events.jsonl ]]; then
	jq -c .event "$DATA/events.jsonl" >"$dir/events-real"
	for _ in $(seq 200); do cat "$dir/events-real"; done >"$dir/events-many"
	match_turns "$(find "$DATA/rules" -name '*.yml' | wc -l) public rules over $(wc -l <"$dir/events-many") real events" \
		"$DATA/rules" "$dir/events-many"
fi
