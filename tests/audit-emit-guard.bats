#!/usr/bin/env bats
# audit-emit(1) and audit-entry(5): what looks like health information, copies for others, growing files.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	all=(--event-id e-1 --event-type phi_read --timestamp 2026-01-05T08:00:00.000Z --user-id dr.lee
		--user-role physician --patient-id P1 --resource-type Patient --resource-id Patient/P1
		--use-case treatment --source-ip 10.0.0.7 --service-component gw --request-id r-1)
	fill=(--event-type phi_read --user-id dr.lee --user-role physician --patient-id P1 --resource-type Patient
		--use-case treatment --source-ip 10.0.0.7 --service-component gw)
	printf '%s\n' '0123456789abcdef0123456789abcdef' >key
}

teardown() {
	[[ -z ${pid-} ]] || kill "$pid" 2>/dev/null || true
}

# pseudonym ID: what openssl makes of it.
pseudonym() {
	printf %s "$1" | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef -r | cut -d' ' -f1
}

# until COMMAND...: wait for it to hold, at most ten seconds.
until_true() {
	for ((i = 0; i < 200; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	return 1
}

holds() {
	[[ $(wc -l <"$1") -ge $2 ]]
}

@test "every value of the corpus is refused by its rule, or passes" {
	run -0 python3 "$root/tests/phi/run.py" "$BUILD/audit-emit" "$root"/tests/phi/*.tsv
	# what the manual says is what was measured
	caught=${output##*$'\n'}
	run -0 bash -c "mandoc -Tascii '$root/man/audit-entry.5' | col -b | tr -s ' \n' ' '"
	[[ $output == *"${caught/,/ and}"* ]]
}

@test "the detectors agree with a naive implementation, near misses and all" {
	run -0 python3 "$root/tests/phi/naive.py" "$BUILD/audit-emit" 7 12000
	[[ $output == *", 0 disagreements" ]]
}

@test "ids as systems make them pass" {
	run -0 python3 - "$BUILD/audit-emit" <<'END'
import json, random, subprocess, sys
rng = random.Random(3)
def of(alphabet, n): return "".join(rng.choice(alphabet) for _ in range(n))
base36, crock = "0123456789abcdefghijklmnopqrstuvwxyz", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
url64 = base36 + base36[10:].upper() + "-_"
def uuid(): return "-".join(of(base36[:16], n) for n in (8, 4, 4, 4, 12))
makers = [uuid, lambda: "req-" + uuid(), lambda: of(crock, 26), lambda: of(base36[:16], 32), lambda: of(base36[:16], 64),
          lambda: of(url64, 32), lambda: of(url64, 43), lambda: of(base36, 12), lambda: of("0123456789", 10),
          lambda: of("123456789", 9), lambda: "00-%s-%s-01" % (of(base36[:16], 32), of(base36[:16], 16))]
base = {"event_type": "phi_read", "user_id": "u", "user_role": "r", "patient_id": "p", "resource_type": "Patient",
        "use_case": "c", "source_ip": "::1", "service_component": "c"}
ids = [makers[i % len(makers)]() for i in range(11000)]
run = subprocess.run([sys.argv[1], "-o", "/dev/null"], text=True, capture_output=True,
                     input="".join(json.dumps({**base, "request_id": i, "resource_id": i}) + "\n" for i in ids))
print(run.stderr)
sys.exit(run.returncode)
END
}

@test "--phi-allow switches one detector off, everywhere or in one member" {
	run -1 audit-emit -n "${all[@]}" --request-id 123-45-6789
	[[ $output == *'"request_id": looks like a social security number [phi-ssn]' ]]
	run -0 audit-emit -n "${all[@]}" --request-id 123-45-6789 --phi-allow phi-ssn
	run -0 audit-emit -n "${all[@]}" --request-id 123-45-6789 --phi-allow phi-ssn:request_id --phi-allow phi-date
	run -1 audit-emit -n "${all[@]}" --resource-id 123-45-6789 --phi-allow phi-ssn:request_id
	for bad in canary phi-ssn:canary canary:request_id kind char phi-ssn:; do
		run -2 audit-emit -n "${all[@]}" --phi-allow "$bad"
		[[ $output == *"--phi-allow: no such "* && $output != *canary* ]]
	done
	# grammar and hidden characters cannot be relaxed
	run -1 audit-emit -n "${all[@]}" --request-id 'a b' --phi-allow phi-ssn --phi-allow phi-blob
}

@test "--mrn-pattern finds a site's own record numbers, anywhere in a value, but not in patient_id" {
	run -0 audit-emit -n "${all[@]}" --request-id x-HN-004711
	run -1 audit-emit -n "${all[@]}" --request-id x-HN-004711 --mrn-pattern 'HN-[0-9]{6}'
	[[ $output == *'"request_id": looks like a medical record number [phi-mrn]' ]]
	run -0 audit-emit -n "${all[@]}" --patient-id HN-004711 --mrn-pattern 'HN-[0-9]{6}'
	run -1 audit-emit -n "${all[@]}" --session-id zz9 --mrn-pattern 'HN-[0-9]{6}' --mrn-pattern '^zz'
	run -0 audit-emit -n "${all[@]}" --session-id zz9 --mrn-pattern '^zz' --phi-allow phi-mrn:session_id
	run -0 audit-emit -n "${all[@]}" --mrn-pattern '[\1]{99}[[:digit:]{]'
	long=$(printf 'a%.0s' {1..257})
	for bad in '(canary)\1' 'canary{100}' 'canary{1,100}' '(canary' "$long"; do
		run -2 audit-emit -n "${all[@]}" --mrn-pattern "$bad"
		[[ $output == *"--mrn-pattern: not "* && $output != *canary* && $output != *aaaa* ]]
	done
}

@test "the last message counts refusals by rule" {
	for id in a@b.io 123-45-6789 'a b' 987-65-4321 c@d.io ok; do
		printf '{"request_id": "%s"}\n' "$id"
	done >events
	run -1 --separate-stderr audit-emit "${fill[@]}" --rejects rej events
	[[ ${stderr_lines[-1]} == "audit-emit: 2 written, 4 refused: phi-email 2, phi-ssn 1, kind 1" ]]
	[[ $(jq -r .rule rej | sort | uniq -c | tr -s ' \n' ' ') == " 1 kind 2 phi-email 1 phi-ssn " ]]
	! grep -qE 'b\.io|6789' rej
}

@test "help and manual name every detector" {
	run -0 audit-emit --help
	for rule in $(cut -f1 "$root/tests/phi/phi.tsv" | grep '^phi-' | sort -u); do
		[[ $output == *"$rule"* ]]
		grep -q "$rule" "$root/man/audit-entry.5"
	done
}

@test "--pseudonymize writes HMAC-SHA-256 of the id, the same as openssl's" {
	options=()
	for field in user_id patient_id resource_id request_id agent_id on_behalf_of recipient session_id; do
		options+=(--pseudonymize "$field=hmac:key" "--${field//_/-}" same)
	done
	run -0 audit-emit -n "${all[@]}" "${options[@]}"
	want=$(pseudonym same)
	[[ $(jq -r '[.user_id, .patient_id, .resource_id, .request_id, .agent_id, .on_behalf_of, .recipient, .session_id]
		| unique[]' <<<"$output") == "$want" ]]
	printf 'é\\x' >id
	run -0 audit-emit -n "${all[@]}" --user-id "$(cat id)" --pseudonymize user_id=hmac:key
	[[ $(jq -r .user_id <<<"$output") == "$(pseudonym "$(cat id)")" ]]
	# the hash of a copy is that of the copy's own line; event_id links it to the vault
	audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:key -f cloudwatch >record
	audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:key | tr -d '\n' | sha256sum | cut -d' ' -f1 >hash
	[[ $(jq -r .integrityHash record) == "$(cat hash)" && $(jq -r .eventID record) == e-1 ]]
	# a record read back is checked before it is copied
	audit-emit -n "${all[@]}" -f cloudwatch >record
	run -0 audit-emit --from cloudwatch --pseudonymize user_id=hmac:key record
	[[ $(jq -r .user_id <<<"$output") == "$(pseudonym dr.lee)" ]]
}

@test "--pseudonymize patient_id also takes the id of a Patient in resource_id" {
	run -0 audit-emit -n "${all[@]}" --pseudonymize patient_id=hmac:key
	[[ $(jq -r .patient_id <<<"$output") == "$(pseudonym P1)" ]]
	[[ $(jq -r .resource_id <<<"$output") == "Patient/$(pseudonym P1)" ]]
	run -0 audit-emit -n "${all[@]}" --resource-id P1 --pseudonymize patient_id=hmac:key
	[[ $(jq -r .resource_id <<<"$output") == "$(pseudonym P1)" ]]
	run -0 audit-emit -n "${all[@]}" --resource-type Observation --resource-id O1 --pseudonymize patient_id=hmac:key
	[[ $(jq -r .resource_id <<<"$output") == O1 ]]
	run -0 audit-emit -n "${fill[@]}" --request-id r --pseudonymize resource_id=hmac:key
	[[ $(jq -r .resource_id <<<"$output") == null ]]
}

@test "the guard judges the value before it is a pseudonym" {
	run -1 audit-emit -n "${all[@]}" --request-id 123-45-6789 --pseudonymize request_id=hmac:key
}

@test "a key of fewer than 32 bytes, less one LF, is none" {
	printf '%s\n' 0123456789abcdef0123456789abcde >short
	run -2 audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:short
	[[ $output == "audit-emit: short: a key has 32 bytes at least" ]]
	printf '%s' 0123456789abcdef0123456789abcdef >exact
	run -0 audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:exact
	[[ $(jq -r .user_id <<<"$output") == "$(pseudonym dr.lee)" ]]
	run -2 audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:/no/such
	for bad in canary user_id user_id=canary user_id=hmac: use_case=hmac:key event_id=hmac:key canary=hmac:key; do
		run -2 audit-emit -n "${all[@]}" --pseudonymize "$bad"
		[[ $output != *canary* ]]
	done
	run -2 audit-emit -n "${all[@]}" --pseudonymize user_id=hmac:key --pseudonymize user_id=hmac:key
}

@test "--drop leaves a member out, or makes it null" {
	run -0 audit-emit -n "${all[@]}" --session-id s --phi-fields-accessed a,b --drop session_id \
		--drop phi_fields_accessed --drop patient_id
	[[ $(jq -c '[has("session_id"), .phi_fields_accessed, .patient_id]' <<<"$output") == '[false,null,null]' ]]
	run -2 audit-emit -n "${all[@]}" --drop user_id
	[[ $output == *'field "user_id" is in every entry'* ]]
	run -2 audit-emit -n "${all[@]}" --drop canary
	[[ $output != *canary* ]]
}

@test "--drop patient_id leaves no patient's id in resource_id" {
	patient=("${all[@]}" --patient-id P77 --resource-type Patient)
	for id in P77 Patient/P77; do
		run -0 audit-emit -n "${patient[@]}" --resource-id "$id" --drop patient_id
		[[ $output != *P77* && $(jq -c '[has("resource_id"), .resource_id, .resource_type]' <<<"$output") == '[true,null,"Patient"]' ]]
		run -0 audit-emit -n "${patient[@]}" --resource-id "$id" --drop patient_id --pseudonymize resource_id=hmac:<(printf '%032d' 7)
		[[ $output != *P77* && $(jq -r '.resource_id | length' <<<"$output") -ge 64 ]]
	done
	run -0 audit-emit -n "${all[@]}" --resource-type Observation --resource-id O1 --drop patient_id
	[[ $(jq -r .resource_id <<<"$output") == O1 ]]
}

@test "--follow reads a file on as it grows, through rename, truncation and half lines" {
	printf '%s\n' '{"request_id":"r1"}' >log
	audit-emit "${fill[@]}" --follow log >out 2>err &
	pid=$!
	until_true holds out 1
	printf '{"request_id":' >>log
	sleep 0.2
	holds out 1 && ! holds out 2
	printf '"r2"}\n' >>log
	until_true holds out 2
	mv log log.1
	printf '%s\n' '{"request_id":"r3"}' >log
	until_true holds out 3
	printf '%s\n' '{"request_id":"r4"}' >>log.1
	until_true holds out 4
	printf '%s\n' '{"request_id":"a@b.io"}' >>log
	until_true holds err 1
	printf '%s\n' '{"x":1}' >log
	until_true holds err 2
	kill "$pid"
	wait "$pid" && false || [[ $? == 1 ]]
	[[ $(jq -r .request_id out | tr '\n' ' ') == "r1 r2 r3 r4 " ]]
	[[ $(head -2 err) == 'audit-emit: log:2: field "request_id": looks like an e-mail address [phi-email]
audit-emit: log:1: member 1: not in the schema [unknown-key]' ]]
}

# shift_up: rotate log, and what was rotated before, up by one.
shift_up() {
	for ((k = 9; k > 0; k--)); do
		[[ ! -e log.$k ]] || mv log.$k log.$((k + 1))
	done
	mv log log.1
}

# follow_stopped: follow log, which has the line r0, and stop the reader once that is out.
follow_stopped() {
	printf '%s\n' '{"request_id":"r0"}' >log
	audit-emit "${fill[@]}" --follow log >out 2>err &
	pid=$!
	until_true holds out 1
	kill -STOP "$pid"
}

@test "--follow misses no file that came and went while it was not looking" {
	follow_stopped
	exec 8>>log
	for i in 1 3 5 7 9; do
		printf '{"request_id":"r%d"}\n{"request_id":' "$i" >>log
		shift_up
		printf '"r%d"}\n' "$((i + 1))" >>log.1
		[[ $i != 5 ]] || mv log.1 'other name'
	done
	printf '%s\n' '{"request_id":"r11"}' >new
	mv new log
	kill -CONT "$pid"
	until_true holds out 12
	printf '%s\n' '{"request_id":"r12"}' >&8
	exec 8>&-
	until_true holds out 13
	kill "$pid"
	wait "$pid"
	[[ $(jq -r .request_id out | xargs) == "$(seq -f r%g 0 12 | xargs)" && ! -s err ]]
}

@test "--follow says so, and exits 2, when a file was gone before it could be read" {
	for how in 'rm log.1' 'mv log.1 away' 'mv log.2 log.1'; do
		rm -rf log* away
		mkdir away
		follow_stopped
		mv log log.2
		printf '%s\n' '{"request_id":"lost"}' >log
		mv log log.1
		$how
		printf '%s\n' '{"request_id":"r1"}' >log
		kill -CONT "$pid"
		until_true holds out 2
		kill "$pid"
		wait "$pid" && false || [[ $? == 2 ]]
		[[ $(jq -r .request_id out | xargs) == "r0 r1" && $(<err) == "audit-emit: log: 1 of that name gone before being read" ]]
	done
}

@test "--follow notices a file that was cut and has grown again, also with a hole where it was" {
	follow_stopped
	exec 8>log
	printf '%s\n' '{"request_id":"s1"}' '{"request_id":"s2"}' >&8
	kill -CONT "$pid"
	until_true holds out 3
	kill -STOP "$pid"
	truncate -s 0 log
	printf '%s\n' '{"request_id":"s3"}' >&8
	kill -CONT "$pid"
	until_true holds out 4
	truncate -s 0 log
	sleep 0.2
	printf '%s\n' '{"request_id":"s4"}' >&8
	exec 8>&-
	until_true holds out 5
	kill "$pid"
	wait "$pid"
	[[ $(jq -r .request_id out | xargs) == "r0 s1 s2 s3 s4" && ! -s err ]]
}

@test "--follow awaits a file, begins at its end if so asked, and wastes no time" {
	audit-emit "${fill[@]}" --follow log --follow-from end >out 2>err &
	pid=$!
	sleep 0.3
	printf '%s\n' '{"request_id":"r1"}' >log
	until_true holds out 1
	kill "$pid"
	wait "$pid"
	audit-emit "${fill[@]}" --follow log --follow-from end >out &
	pid=$!
	sleep 0.5
	read -ra before <"/proc/$pid/stat"
	sleep 1
	read -ra after <"/proc/$pid/stat"
	((after[13] + after[14] - before[13] - before[14] <= 1))
	printf '%s\n' '{"request_id":"r2"}' >>log
	until_true holds out 1
	kill "$pid"
	wait "$pid"
	[[ $(jq -r .request_id out) == r2 ]]
}

@test "--follow takes one regular file and nothing besides" {
	mkfifo pipe
	for bad in . pipe /dev/null; do
		run -2 audit-emit --follow "$bad"
		[[ $output == "audit-emit: $bad: not a regular file" ]]
	done
	: >log
	run -2 audit-emit --follow log log
	run -2 audit-emit --follow log --follow log
	run -2 audit-emit --follow log -o out
	run -2 audit-emit --follow log -n
	run -2 audit-emit --follow-from end log
	run -2 audit-emit --follow log --follow-from canary
	[[ $output != *canary* ]]
}
