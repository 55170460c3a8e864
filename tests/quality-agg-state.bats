#!/usr/bin/env bats
# quality-agg: states, which are what merges.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# merged_in_trees PARTS SEED OPTIONS...: the parts of log, merged in a random tree, give the bytes of one run.
merged_in_trees() {
	local parts=$1
	RANDOM=$2
	shift 2
	rm -f part.* node.*
	split -n "l/$parts" log part.
	local -a nodes=()
	local part k tree=0
	for part in part.*; do
		quality-agg "$@" --state-out "$part.state" "$part" >/dev/null 2>&1 || [ $? -eq 1 ]
		nodes+=("$part.state")
	done
	while ((${#nodes[@]} > 1)); do
		local -a some=()
		for ((k = 2 + RANDOM % 3; k > 0 && ${#nodes[@]} > 0; k--)); do
			local at=$((RANDOM % ${#nodes[@]}))
			some+=("${nodes[at]}")
			nodes=("${nodes[@]:0:at}" "${nodes[@]:at+1}")
		done
		if ((RANDOM % 2)); then
			cat "${some[@]}" | quality-agg --merge --state-out - >node.$tree 2>/dev/null || [ $? -eq 1 ]
		else
			quality-agg --merge --state-out node.$tree "${some[@]}" >/dev/null 2>&1 || [ $? -eq 1 ]
		fi
		nodes+=(node.$((tree++)))
	done
	same whole.state "${nodes[0]}"
	quality-agg --merge --detail "${nodes[0]}" >got 2>err || [ $? -eq 1 ]
	same whole got
}

@test "a log cut into parts and merged in random trees gives the bytes of one run" {
	make_log 600 11 >log
	echo '{}' >>log
	for options in '' '--by model_id,clinician_thumbs_up --every 7d' '--exact 300 --by finish_reason'; do
		# shellcheck disable=SC2086  # they are words
		quality-agg $options --detail --state-out whole.state log >whole 2>/dev/null || [ $? -eq 1 ]
		for parts in 2 7 40; do
			# shellcheck disable=SC2086
			merged_in_trees "$parts" "$parts" $options
		done
	done
}

@test "a state is ASCII, the same for every -j, order and cut, and says how many lines were refused" {
	make_log 3000 5 >log
	echo '{}' >>log
	run -1 quality-agg --state-out one -j 1 log
	shuf --random-source=log log >other
	run -1 quality-agg --state-out two -j 5 other
	same one two
	[ -z "$(tr -d '\n -~' <one)" ]
	[ "$(head -n 1 one)" = "quality-agg state 1" ]
	run -1 --separate-stderr quality-agg --merge one
	[ "$stderr" = "quality-agg: 1 of 3001 lines refused" ]
	run -0 --separate-stderr quality-agg --merge --max-bad 1 one
}

@test "--state-out - puts the state on stdout instead, -o FILE gets the result all the same" {
	line >log
	quality-agg --state-out state log >want
	quality-agg --state-out - log >got
	same state got
	quality-agg --state-out - -o result log >got
	same state got
	same want result
}

@test "--state-out and -o that name the same file, by whatever name, are a usage error" {
	line >log
	echo old >there
	ln there hard
	ln -s there soft
	mkdir dir
	for two in 'new new' 'new ./new' 'dir/new dir/../dir/new' 'there there' 'there hard' 'soft there' '- -'; do
		# shellcheck disable=SC2086
		set -- $two
		run -2 --separate-stderr quality-agg --state-out "$1" -o "$2" log
		[ "${stderr_lines[0]}" = 'quality-agg: options --state-out and --output name the same file' ]
		[ ! -e new ]
	done
	[ "$(cat there)" = old ]
	quality-agg --state-out /dev/null -o /dev/null log
	for option in -o --state-out; do
		run -2 --separate-stderr quality-agg $option '' log
		[[ ${stderr_lines[0]} = 'quality-agg: option --'*': an empty name' ]]
	done
}

@test "a state that is read as a log is called one" {
	line >log
	quality-agg --state-out state log >/dev/null
	run -1 --separate-stderr quality-agg state
	[ "${stderr_lines[0]}" = 'quality-agg: state:1: is the first line of a state, which --merge reads [json-syntax]' ]
	[ "${stderr_lines[1]}" = 'quality-agg: state:2: not valid JSON [json-syntax]' ]
}

@test "a state that is damaged, foreign or of another version is named by line, with status 2 and no output" {
	line >log
	quality-agg --state-out good log >/dev/null
	sed 's/^exact 10000000$/exact 10000001/' good >bad
	run -2 --separate-stderr quality-agg --merge good bad
	[ -z "$output" ]
	[[ $stderr == "quality-agg: bad:"*": has a checksum that is not that of the state [state]" ]]
	head -c 150 good >bad
	run -2 --separate-stderr quality-agg --merge bad
	[ -z "$output" ]
	[[ $stderr == "quality-agg: bad:"*" is cut short [state]" ]]
	sed '1s/1$/2/' good >bad
	run -2 --separate-stderr quality-agg --merge bad
	[[ $stderr == "quality-agg: bad:1: begins a state of another version [state]" ]]
	run -2 --separate-stderr quality-agg --merge log
	[[ $stderr == "quality-agg: log:1: begins no state [state]" ]]
	[ -z "$output" ]
}

@test "states of other --by, --every or --exact do not merge" {
	line >log
	quality-agg --state-out a log >/dev/null
	for options in '--by model_id' '--every 1h' '--exact 5'; do
		# shellcheck disable=SC2086
		quality-agg $options --state-out b log >/dev/null
		run -2 --separate-stderr quality-agg --merge a b
		[ -z "$output" ]
		[[ $stderr == "quality-agg: b:"*" ends a state with another ${options%% *} [state]" ]]
	done
	run -2 --separate-stderr quality-agg --merge --exact 5 a
	for option in '--by model_id' '--every 1h' '--since 1h' '--until 1h' '--window 1h'; do
		# shellcheck disable=SC2086
		run -2 quality-agg --merge $option a
	done
}

@test "a thousand mutations of a state never crash the reader" {
	make_log 40 3 >log
	quality-agg --by model_id --state-out good log >/dev/null
	python3 - <<'EOF'
import random, subprocess, sys
r, good, bad = random.Random(1), open("good", "rb").read(), 0
batch = []
for i in range(1000):
    b = bytearray(good)
    for _ in range(r.randint(1, 3)):
        at, how = r.randrange(len(b)), r.randrange(4)
        if how == 0: b[at] = r.randrange(256)
        elif how == 1: del b[at:at + r.randint(1, 40)]
        elif how == 2: b[at:at] = bytes(r.randrange(256) for _ in range(r.randint(1, 9)))
        else: b[at:at] = b[r.randrange(len(b)):][:r.randint(1, 200)]
    if bytes(b) == good: continue
    open("m%d" % i, "wb").write(b)
    batch.append("m%d" % i)
for at in range(0, len(batch), 100):
    p = subprocess.run(["quality-agg", "--merge"] + batch[at:at + 100], capture_output=True)
    if p.returncode != 2 or p.stdout or len(p.stderr.splitlines()) != len(batch[at:at + 100]):
        sys.exit("%d %s" % (p.returncode, p.stderr.decode()))
EOF
}
