# What all tools promise about inputs and outputs that are broken: no success that is none, no silence, no
# unbounded memory.  Each test goes over every tool and verb that it concerns.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$examples/events.jsonl" "$examples/quality.jsonl" .
	audit-emit -q events.jsonl >entries.jsonl 2>/dev/null || [ $? = 1 ]
	audit-hash keygen test/log -o key
	audit-hash append -q --key key log.jsonl <entries.jsonl
	audit-hash chain <entries.jsonl >list
	printf 'title: x\nlogsource: {category: c}\ndetection: {a: {b: c}, condition: nothing}\n' >bad.yml
	# Every way of printing something, one a line; each succeeds or answers 1 when its stdout is fine.
	printers=(
		"audit-emit entries.jsonl"
		"audit-emit -f cloudwatch entries.jsonl"
		"audit-emit --map . entries.jsonl"
		"audit-hash append --key key other.jsonl <entries.jsonl"
		"audit-hash chain entries.jsonl"
		"audit-hash check list events.jsonl"
		"audit-hash checkpoint log.jsonl"
		"audit-verify --pubkey key.pub log.jsonl"
		"audit-verify --format json --pubkey key.pub log.jsonl"
		"quality-agg quality.jsonl"
		"siem-rules render $root/rules"
		"siem-rules render -f json $root/rules"
		"siem-rules render -f table $root/rules"
		"siem-rules list $root/rules"
		"siem-rules check bad.yml"
	)
	for tool in audit-emit audit-hash audit-verify quality-agg siem-rules; do
		printers+=("$tool --help" "$tool --version" "$tool --dump-options")
		for verb in $("$tool" --dump-options | cut -f 1 | sort -u); do
			printers+=("$tool $verb --help")
		done
	done
}

# peak COMMAND: run it with bash; its status is the result, and the file "peak" gets its largest resident KiB.
peak() {
	python3 -c '
import resource, subprocess, sys
code = subprocess.run(["bash", "-c", "set -o pipefail; " + sys.argv[1]]).returncode
with open("peak", "w") as f:
    f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code if code >= 0 else 128 - code)' "$1"
}

@test "every printer works here (so that the tests below show something)" {
	for command in "${printers[@]}"; do
		run --separate-stderr bash -c "$command"
		[ "$status" -le 1 ] && [ -n "$output" ] || {
			echo "$command: status $status: $stderr"
			return 1
		}
	done
}

@test "a full disk behind stdout is exit 2 and a message, in every tool and verb that prints" {
	for command in "${printers[@]}"; do
		rm -rf other.jsonl*
		run --separate-stderr bash -c "$command >/dev/full"
		# shellcheck disable=SC2154
		[ "$status" = 2 ] && [[ $stderr == *"No space left on device"* ]] || {
			echo "$command: status $status: $stderr"
			return 1
		}
	done
}

@test "a full disk behind stderr is exit 2 where there was something to say" {
	for command in "audit-emit events.jsonl" "quality-agg nosuchfile" "siem-rules render bad.yml"; do
		run --separate-stderr bash -c "$command 2>/dev/full"
		[ "$status" = 2 ] || {
			echo "$command: status $status"
			return 1
		}
	done
}

@test "a closed pipe ends every printer quietly" {
	for command in "${printers[@]}"; do
		rm -rf other.jsonl*
		{
			sleep 0.05
			echo 0 >status
			bash -c "exec $command" 2>err || echo $? >status
		} | true
		[ "$(cat status)" = 141 ] && [ ! -s err ] || {
			echo "$command: status $(cat status): $(cat err)"
			return 1
		}
	done
}

@test "closed standard descriptors are errors, never some other file" {
	for command in "${printers[@]}"; do
		rm -rf other.jsonl*
		run --separate-stderr bash -c "$command >&-"
		[ "$status" = 2 ] || {
			echo "$command: status $status: $stderr"
			return 1
		}
	done
	run -2 --separate-stderr bash -c 'audit-emit <&-'
	run -2 --separate-stderr bash -c 'quality-agg <&-'
	run -2 --separate-stderr bash -c 'audit-hash append --key key new.jsonl <&-'
}

@test "a line of a gigabyte is named and refused in bounded memory" {
	local size=1G limit=100000
	if sanitized; then size=64M limit=1500000; fi
	for command in "audit-emit" "audit-emit --map ." "quality-agg" "audit-hash append --key key new.jsonl"; do
		run --separate-stderr peak "{ head -c $size /dev/zero | tr '\\0' x; echo; } | $command >out"
		[ "$status" = 1 ] && ! grep -qv '^{}$' out && [[ $stderr == *"<stdin>:1: "*"[line-length]"* ]] &&
			[ "$(cat peak)" -lt "$limit" ] || {
			echo "$command: status $status, $(cat peak) KiB: ${stderr:0:300}"
			return 1
		}
	done
	# A list of hashes must not lose a line: chain stops at one.
	run --separate-stderr peak "{ head -c $size /dev/zero | tr '\\0' x; echo; } | audit-hash chain >out"
	[ "$status" = 2 ]
	[ "$(cat peak)" -lt "$limit" ]
	# What verifies hashes lines of any length.
	{
		truncate -s "$size" long
		echo
		cat log.jsonl
	} >>long
	run --separate-stderr peak "audit-verify --tree log.jsonl.tree --pubkey key.pub long"
	[ "$status" = 1 ]
	[[ $output == "long:1: inserted: "* ]]
	[ "$(cat peak)" -lt "$limit" ]
	# No rule is that long.
	run --separate-stderr peak "head -c $size /dev/zero | tr '\\0' x | siem-rules render -"
	[ "$status" = 2 ]
	[ "$(cat peak)" -lt "$limit" ]
}

@test "empty input is said, and is success only where nothing was to be done" {
	: >empty
	run -1 --separate-stderr audit-emit empty
	[ -z "$output" ] && [ -n "$stderr" ]
	run -1 --separate-stderr quality-agg empty
	[ "$output" = '{}' ]
	run -0 --separate-stderr audit-hash append --key key new.jsonl <empty
	[ -z "$output" ]
	run -2 --separate-stderr audit-verify --pubkey key.pub new.jsonl
	[ -n "$stderr$output" ]
	run -2 --separate-stderr audit-hash check empty entries.jsonl
	[ -n "$stderr" ]
	for verb in render check; do
		run -2 --separate-stderr siem-rules $verb empty
		[ -z "$output" ] && [ -n "$stderr" ]
	done
	run -2 --separate-stderr audit-verify --pubkey empty log.jsonl
	[ -n "$stderr$output" ]
}

@test "a directory in place of a file is named, exit 2" {
	mkdir folder
	for command in "audit-emit folder" "quality-agg folder" "audit-hash append --key key folder" \
		"audit-hash append --key folder log.jsonl" "audit-hash chain folder" "audit-hash check folder" \
		"audit-verify --pubkey key.pub folder" "audit-verify --pubkey folder log.jsonl" \
		"audit-emit --map-file folder events.jsonl" "siem-rules render --pipeline folder $root/rules"; do
		run --separate-stderr bash -c "$command </dev/null"
		[ "$status" = 2 ] && [[ $stderr$output == *folder* ]] || {
			echo "$command: status $status: $stderr"
			return 1
		}
	done
}

@test "an unreadable or absent file is named, the others are processed, exit 2" {
	cp entries.jsonl secret
	chmod 000 secret
	unprivileged true 2>/dev/null || skip "cannot drop root's power to read here"
	if unprivileged cat secret 2>/dev/null; then skip "still root's power to read"; fi
	for name in secret absent; do
		run -2 --separate-stderr unprivileged audit-emit $name entries.jsonl
		[ "$output" = "$(cat entries.jsonl)" ]
		[[ $stderr == *"$name: "* ]]
		run -2 --separate-stderr unprivileged quality-agg $name quality.jsonl
		[ "$output" = "$(quality-agg quality.jsonl)" ]
		[[ $stderr == *"$name: "* ]]
		run -2 --separate-stderr unprivileged siem-rules render $name "$root/rules"
		[ "$output" = "$(siem-rules render "$root/rules")" ]
		[[ $stderr == *"$name: "* ]]
		run -2 --separate-stderr unprivileged audit-hash append --key $name log.jsonl
		run -2 --separate-stderr unprivileged audit-verify --pubkey key.pub --tree log.jsonl.tree $name
		run -2 --separate-stderr unprivileged audit-verify --pubkey $name log.jsonl
	done
}

@test "NUL, BOM and invalid UTF-8 are refused by what parses, and the next line goes on" {
	local good
	good=$(head -n 1 entries.jsonl)
	for bad in 'x\0y' '\xef\xbb\xbf{}' '{"a": "\xff"}' '{"a": "\xc0\x80"}' '{"a": "\xed\xa0\x80"}' '{"a": "\\u0000"}'; do
		{
			printf '%b\n' "$bad"
			printf '%s\n' "$good"
		} >in
		run -1 --separate-stderr audit-emit in
		[ "$output" = "$good" ]
		[[ $stderr == *"audit-emit: in:1: "*"[json-"* ]]
		{
			printf '%b\n' "$bad"
			cat quality.jsonl
		} >in
		run -1 --separate-stderr quality-agg in
		[ "$output" = "$(quality-agg quality.jsonl)" ]
		[[ $stderr == *"quality-agg: in:1: "*"[json-"* ]]
	done
	for bad in 'title: x\0y' 'title: "\xff"'; do
		printf '%b\n' "$bad" >in.yml
		run -2 --separate-stderr siem-rules render in.yml
		[[ $stderr == *"in.yml:1:"* ]]
		run -1 --separate-stderr siem-rules check in.yml
		[[ $output == *"in.yml:1:"*": error: "* ]]
	done
}

@test "to audit-hash and audit-verify any bytes but LF are a record" {
	printf 'a\0b\n\xef\xbb\xbf\n\xff\xfe\n\n\r\n' >in
	run -0 --separate-stderr bash -c 'audit-hash append --key key any.jsonl <in | cmp - in'
	cmp in any.jsonl
	run -0 --separate-stderr audit-verify --pubkey key.pub any.jsonl
	[[ $output == "ok: 5 entries, "* ]]
	run -0 bash -c 'audit-hash chain <in >l && audit-hash check l in'
}

@test "no tool answers with a byte of a hostile value" {
	printf '{"event_type": "SECRET-VALUE"}\nSECRET-VALUE\n{"SECRET-VALUE": 1}\n' >in
	for command in "audit-emit in" "audit-emit --map . in" "audit-emit --map SECRET-VALUE in" "quality-agg in" \
		"audit-emit --SECRET-VALUE" "audit-emit --event-type=SECRET-VALUE -n" "quality-agg --since=SECRET-VALUE" \
		"audit-hash append --key in log.jsonl </dev/null" "audit-verify --pubkey in log.jsonl"; do
		run --separate-stderr bash -c "$command"
		[ "$status" -ge 1 ]
		[[ ${output}${stderr} != *SECRET-VALUE* || $command == *--SECRET-VALUE ]] || {
			echo "$command: $stderr"
			return 1
		}
	done
}

# waits_for_fifo COMMAND...: it waits for a FIFO that nobody opens, dies of one SIGTERM, and says nothing (but a verdict).
waits_for_fifo() {
	local pid i
	"$@" >out 2>err </dev/null 3>&- &
	pid=$!
	for ((i = 0; i < 40; i++)); do
		[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "$* " && $(cut -d ' ' -f 3 "/proc/$pid/stat") == S ]] && break
		sleep 0.05
	done
	kill -0 "$pid"
	kill -TERM "$pid"
	for ((i = 0; i < 40; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	((i < 40)) || { kill -KILL "$pid" && echo "still waits: $*" && return 1; }
	wait "$pid" && false
	(($? == 143)) || { echo "not of the signal: $*" && return 1; }
	[[ ! -s out && ! -s err ]] || [[ $1 == audit-verify && $(cat out) == "cannot verify: "* ]] || { echo "$*: $(cat out err)" && return 1; }
}

@test "one SIGTERM ends the wait for a FIFO that nobody opens, whatever it was to be" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo fifo
	waits_for_fifo audit-emit fifo
	waits_for_fifo audit-emit -o fifo
	waits_for_fifo audit-hash append --key fifo log
	waits_for_fifo audit-hash check list fifo
	waits_for_fifo audit-hash rebuild --pubkey fifo log.jsonl
	waits_for_fifo audit-verify --pubkey fifo log
	waits_for_fifo quality-agg fifo
	waits_for_fifo quality-agg --baseline fifo fifo
	waits_for_fifo siem-rules render fifo
	waits_for_fifo siem-rules match -r fifo
	[[ $(echo fifo*) == fifo && ! -e log && ! -e log.tree ]]
}

@test "a FIFO whose writer comes late is read to its end, and one that is written to waits for its reader" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo fifo
	audit-hash chain fifo >late 3>&- &
	sleep 0.2
	printf 'one\ntwo\n' >fifo
	wait $!
	printf 'one\ntwo\n' | audit-hash chain - | cmp - late
}
