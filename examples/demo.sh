#!/bin/bash
# demo.sh [DIR] - one day of a clinical AI platform through all five tools.  What it leaves in DIR (build/demo) the next
# run makes anew; other files there stay.
set -u
cd "$(dirname "$0")/.." || exit 2 # a folder with examples/: the tree, or where it is installed
dir=${1:-build/demo}
mkdir -p "$dir" && rm -rf "$dir"/{entries.jsonl,key,key.pub,audit.jsonl,audit.jsonl.tree} || exit 2
printf -v dir %q "$dir" # for the commands shown and run
[[ -t 1 && -z ${NO_COLOR:-} ]] && bold=$(printf '\033[1m') plain=$(printf '\033[0m') || bold='' plain=''

say() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# run WANTED COMMAND: show the command, what it says and its exit status; the demo ends if that is not WANTED.
run() {
	local wanted=$1 status
	printf '  $ %s\n' "$2"
	bash -c "$2" 2>&1 | fold -s -w 110 | sed 's/^/    /'
	status=${PIPESTATUS[0]}
	((status == 0)) || printf '    (exit status %d)\n' "$status"
	((status == wanted)) || {
		echo "demo: $wanted was expected here" >&2
		exit 1
	}
}

say "1. $(wc -l <examples/events.jsonl) events become audit entries.  Seven are wrong and stay out; what was in them is said nowhere."
run 1 "audit-emit examples/events.jsonl >$dir/entries.jsonl"
run 0 "head -n 1 $dir/entries.jsonl"

say "2. They are appended to a log with a signed Merkle tree beside it, under a key made for this demo."
run 0 "audit-hash keygen hospital.example/ai-audit -o $dir/key"
run 0 "audit-hash append -q --key $dir/key $dir/audit.jsonl <$dir/entries.jsonl"
run 0 "audit-hash checkpoint $dir/audit.jsonl"

say "3. Nobody has touched it."
run 0 "audit-verify --pubkey $dir/key.pub $dir/audit.jsonl"

say "4. Somebody has: the billing clerk's reads at night become a nurse's, and a read of the morning is gone."
run 0 "sed -i '/T22:/s/b.lindqvist/n.okafor/; 12d' $dir/audit.jsonl"
run 1 "audit-verify --pubkey $dir/key.pub $dir/audit.jsonl"

say "5. How the model did that day: the nine metrics."
run 0 "quality-agg examples/quality.jsonl"

say "6. What to watch for: four of the rules as Splunk searches, and what all rules find in that log."
[[ ! -d rules ]] || export SIEM_RULES_DIR=$PWD/rules # else the installed ones
run 0 "siem-rules render --comments | grep -A 1 --no-group-separator -e 'After Hours' -e 'PHI Output Detected' -e 'Attempt Spike' -e 'Access Volume'"
run 1 "siem-rules match $dir/audit.jsonl"

say "Done.  The files are in $dir; README.md and audit-tools(7) say more."
