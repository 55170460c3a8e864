#!/usr/bin/env bats
# The formats of audit-emit(1) and audit-entry(5), read back by an oracle of our own.

load helper

setup_file() {
	python3 "$BATS_TEST_DIRNAME/oracle/formats.py" make 1 1200 >"$BATS_FILE_TMPDIR/events"
	BUILD=${BUILD:-build}
	PATH="$(cd "$BATS_TEST_DIRNAME/.." && cd "$BUILD" && pwd):$PATH" audit-emit -q -o "$BATS_FILE_TMPDIR/native" \
		"$BATS_FILE_TMPDIR/events"
	[ "$(wc -l <"$BATS_FILE_TMPDIR/native")" = 1200 ]
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	events=$BATS_FILE_TMPDIR/events native=$BATS_FILE_TMPDIR/native
	good=(-n --event-id e-1 --event-type phi_read --timestamp 2026-01-05T08:00:00.5Z --user-id dr.lee
		--user-role physician --patient-id P1 --resource-type Observation --resource-id 7 --use-case treatment
		--source-ip 10.0.0.7 --service-component gw --request-id r-1)
}

# rebuilds FORMAT: every record of the format gives its entry back, and says what the pages say.
rebuilds() {
	run -0 --separate-stderr audit-emit -f "$1" -o records "$events"
	[[ -z $output && -z $stderr ]]
	run -0 python3 "$root/tests/oracle/formats.py" check "$1" "$native" records
	[ "$output" = 1200 ]
	audit-emit -j 3 -f "$1" "$events" | cmp - records
}

@test "fhir: the entry can be rebuilt from its AuditEvent, with one requestor, and ids only where they are legal" {
	rebuilds fhir
}

@test "ocsf: the entry can be rebuilt from its event, which has the profiles of its attributes" {
	rebuilds ocsf
}

@test "ecs: the entry can be rebuilt from its document" {
	rebuilds ecs
}

@test "syslog: the header and the structured data tell what the line tells" {
	rebuilds syslog
}

@test "cef: the entry can be rebuilt from its extension, and each custom key has its label" {
	rebuilds cef
}

@test "fhir: an AI agent, the person it acted for and the account it used are agents of their own" {
	audit-emit "${good[@]}" -f fhir --agent-id bot-1 --on-behalf-of dr.who >record
	run -0 jq -r '.agent[] | [.requestor, .who.identifier.value // .who.display, .type.coding[0].code] | join(" ")' record
	[ "$output" = "true dr.who IRCP
false dr.lee AGNT
false bot-1 110150
false 10.0.0.7 110152
false gw 110153" ]
	run -0 jq -c '[.agent[] | select(.network).network.address]' record
	[ "$output" = '["10.0.0.7"]' ]
}

@test "fhir: what is no legal id, or no resource type, is an identifier; a type is not prefixed twice" {
	what() {
		audit-emit "${good[@]}" -f fhir --resource-type "$1" --resource-id "$2" | jq -c '.entity[1].what'
	}
	[ "$(what Observation 7)" = '{"reference":"Observation/7"}' ]
	[ "$(what Observation Observation/7)" = '{"reference":"Observation/7"}' ]
	[ "$(what Observation a_b)" = '{"type":"Observation","identifier":{"value":"a_b"}}' ]
	[ "$(what Observation Encounter/7)" = '{"type":"Observation","identifier":{"value":"Encounter/7"}}' ]
	[ "$(what ai_prompt 7)" = '{"identifier":{"type":{"text":"ai_prompt"},"value":"7"}}' ]
}

@test "ocsf: the model's name is its version if it has no id, and its provider Unknown if that is not told" {
	audit-emit "${good[@]}" -f ocsf --ai-model-version v2 >record
	[ "$(jq -c .ai_model record)" = '{"name":"v2","ai_provider":"Unknown","version":"v2"}' ]
	audit-emit "${good[@]}" -f ocsf --ai-provider acme >record
	[ "$(jq -c '[.ai_model, .metadata.profiles, .unmapped.ai_provider]' record)" = '[null,null,"acme"]' ]
	audit-emit "${good[@]}" -f ocsf --agent-id bot-1 --on-behalf-of dr.who >record
	[ "$(jq -c '[.actor.app_uid, .actor.invoked_by, .actor.user.uid]' record)" = '["bot-1","dr.who","dr.lee"]' ]
}

@test "syslog: a value's quote, backslash and bracket are escaped, and a time has six digits of fraction" {
	run -0 audit-emit "${good[@]}" -f syslog --event-id 'a\b' --timestamp 2026-01-05T08:00:00.123456789Z
	[[ $output == '<85>1 2026-01-05T08:00:00.123456Z - audit-emit - phi_read [audit@32473 event_id="a\\b" integrity_hash="'* ]]
	[[ $output == *'"] {"action": "read", '* ]]
}

@test "golden records, byte for byte" {
	for format in cloudwatch fhir ocsf ecs syslog cef; do
		audit-emit -f $format "$root/tests/golden/audit-emit/to-cloudwatch.in" >got
		same got "$root/tests/golden/audit-emit/to-$format.want"
	done
}
