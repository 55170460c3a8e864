#!/usr/bin/env bats
# rules/: the detections that belong to the tool.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "every rule fires at its hits, at none of its misses, and has both" {
	run -0 --separate-stderr siem-rules test
	[[ $output != *SKIP* && -z $stderr ]]
	[ "$(grep -c '^ok ' <<<"$output")" = $((2 * $(find "$root/rules" -maxdepth 1 -name '*.yml' | wc -l))) ]
	[ "$(grep -c 'hit.jsonl fires$' <<<"$output")" -ge 30 ]
}

@test "check has nothing to say about them, not even a warning" {
	run -0 --separate-stderr siem-rules check --fail-on warning
	[[ -z $output && -z $stderr ]]
}

@test "each says its level, what to do, what it may be instead, where it stands in ATLAS and OWASP's list, and why its threshold is what it is" {
	local file
	for file in "$root"/rules/*.yml; do
		case $file in
		*/after_hours_phi_access.yml | */ai_phi_output_detected.yml | */injection_attempt_spike.yml | */unusual_phi_access_volume.yml) continue ;;
		esac
		for member in '^level: ' '^response: ' '^falsepositives:' '^    - atlas\.aml\.t[0-9]{4}' '^    - owasp\.llm[0-9]{2}$' '^ *# [^ ]'; do
			grep -qE "$member" "$file" || {
				echo "$file has no $member" >&2
				return 1
			}
		done
		# Splunk may extract JSON null as text, so that no rule may ask for it.
		lacks 'exists' "$file"
		lacks ': null' "$file"
	done
}

@test "samples of audit entries are entries" {
	local file
	for file in $(grep -l 'service: audit$' "$root"/rules/*.yml); do
		cat "$root/rules/samples/$(basename "$file" .yml)".*.jsonl
	done | grep -v -e log_event -e '"ai_model_version": null.*"ai_phi_output_detected"' >entries
	[ "$(wc -l <entries)" -gt 500 ]
	run -0 --separate-stderr audit-emit -o again entries
	cmp entries again
}

@test "entries on their way into the log are searched, live" {
	audit-hash keygen -q clinic.example/audit -o key
	audit-emit "$root/examples/events.jsonl" >entries 2>err || true
	audit-hash append --key key log.jsonl <entries 2>err | siem-rules match -q >found || [ $? = 1 ]
	[[ $(jq -r 'select(.level == "critical") | .title' found | sort -u) == $'AI PHI Output Detected\nInjection Followed By PHI Output' ]]
}

@test "what audit-verify finds raises an alarm" {
	audit-hash keygen -q clinic.example/audit -o key
	audit-emit "$root/examples/events.jsonl" 2>err | audit-hash append --key key log.jsonl >out
	run -0 --separate-stderr bash -c 'audit-verify --pubkey key.pub --format json log.jsonl | siem-rules match'
	sed -i '5d; 9s/nurse/clerk/' log.jsonl
	run -1 --separate-stderr bash -c 'audit-verify --pubkey key.pub --format json log.jsonl | siem-rules match -q'
	[[ $(jq -r .title <<<"$output" | sort | uniq -c | tr -s ' ') == *' Audit Log Tampered With'*' 1 Audit Log Verdict: Tampered' ]]
}
