# The scripts in examples/, as a stranger runs them.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the demo goes through all five tools and ends well" {
	run -0 "$examples/demo.sh" "$BATS_TEST_TMPDIR/demo"
	[[ $output == *"events.jsonl:9: "*"[content-key]"* ]]
	[[ $output == *"ok: 60 entries, root "* ]]
	[[ $output == *"audit.jsonl:12: deleted: entry 11"* ]]
	[[ $output == *": modified: entry "* ]]
	[[ $output == *"TAMPERED: "* ]]
	[[ $output == *'"request_count":160,"avg_latency_ms":'* ]]
	for index in injection_attempt phi_output_detected; do
		[[ $output == *"event_type=\"ai_$index\""* ]]
	done
	for threshold in 10 200 5; do
		[[ $output == *"event_count > $threshold"* ]]
	done
	[[ $output == *"Done."* ]]
	# Its secret key is of no use to anybody, and still nobody else can read it.
	[ "$(stat -c %a demo/key)" = 400 ]
}

@test "the demo makes its own files anew and leaves all others, in a folder of any name" {
	mkdir "$BATS_TEST_TMPDIR/my files"
	echo mine >"$BATS_TEST_TMPDIR/my files/letter"
	for _ in 1 2; do run -0 "$examples/demo.sh" "$BATS_TEST_TMPDIR/my files"; done
	[ "$(<"$BATS_TEST_TMPDIR/my files/letter")" = mine ]
}

@test "nothing of the seven refused events is in the demo's output or files" {
	"$examples/demo.sh" "$BATS_TEST_TMPDIR/demo" >out 2>&1
	for text in "Ms Example" "Jane Q. Example" "Made-Up" "Marvin"; do
		grep -q "$text" "$examples/events.jsonl"
		run ! grep -rqF "$text" out demo
	done
}

@test "seal.sh seals what is right, names what is wrong, and keeps the refusals without the values" {
	audit-hash keygen example/log -o key
	run -1 --separate-stderr "$examples/seal.sh" key audit.jsonl "$examples/events.jsonl"
	[ "$(wc -l <audit.jsonl)" = 60 ]
	cat audit.jsonl.rejects-* >kept
	[ "$(wc -l <kept)" = 7 ]
	run ! grep -q 'Example' kept
	run -0 audit-verify --pubkey key.pub audit.jsonl
}

@test "a script that is called without what it needs says how to call it" {
	for script in gate.sh nightly.sh seal.sh; do
		run -2 "$examples/$script"
		[[ $output == "usage: $script "* ]]
	done
}

@test "nightly.sh is silent on a good log, and names the damage on a bad one" {
	audit-hash keygen example/log -o key
	audit-hash append -q --key key audit.jsonl <"$examples/quality.jsonl"
	run -0 --separate-stderr "$examples/nightly.sh" key.pub audit.jsonl
	[ -z "$output$stderr" ]
	run -0 audit-hash checkpoint audit.jsonl
	[ "$output" = "$(cat audit.jsonl.head)" ]
	sed -i 3d audit.jsonl
	run -1 --separate-stderr "$examples/nightly.sh" key.pub audit.jsonl
	[[ $output == *"audit.jsonl:3: deleted: entry 2"* ]]
}

@test "gate.sh lets the sample log pass, and no log with fewer calls" {
	run -0 "$examples/gate.sh" "$examples/quality.jsonl"
	head -n 50 "$examples/quality.jsonl" >few
	run -1 "$examples/gate.sh" few
	run -2 "$examples/gate.sh" absent
}

@test "gateway.sh maps an application's log to entries" {
	run -0 --separate-stderr "$examples/gateway.sh" "$examples/gateway.jsonl"
	[ -z "$stderr" ]
	[ "$(wc -l <<<"$output")" = 12 ]
	[ "$(head -n 1 <<<"$output" | jq -r '.event_type + " " + .user_id + " " + .ai_model_version')" = \
		"$(head -n 1 "$examples/gateway.jsonl" | jq -r '"ai_inference_with_phi " + .auth.sub + " " + .model.id + "@" + .model.version')" ]
}

@test "the maps make entries of other programs' logs, and take nothing of what was said" {
	maps=$examples/maps
	run -1 --separate-stderr audit-emit --map-file "$maps/nginx.jq" "$maps/nginx.jsonl"
	[ "$(jq -c '[.event_type, .action, .resource_type, .resource_id, .patient_id, .timestamp]' <<<"$output")" = '["phi_read","read","Patient","pat-012451","pat-012451","2026-03-09T07:15:02Z"]
["phi_read","read","Observation",null,"pat-012451","2026-03-09T07:15:03Z"]
["phi_write","write","Observation",null,"pat-012451","2026-03-09T07:16:40Z"]
["phi_access_denied","read","Patient","pat-220917","pat-220917","2026-03-09T07:17:11Z"]' ]
	[[ ${stderr_lines[0]} == *'nginx.jsonl:6: field "patient_id": '*'[phi-ssn]' ]]
	run -0 --separate-stderr audit-emit --map-file "$maps/litellm.jq" "$maps/litellm.jsonl"
	[ "$(jq -c '[.user_id, .agent_id, .on_behalf_of, .outcome, .tenant, .ai_model_id, .timestamp]' <<<"$output")" = '["n.okafor",null,null,"success","cardiology","clinical-summary","2026-03-09T07:15:02.117Z"]
["dr.lee","triage-agent","dr.lee","failure",null,"triage","2026-03-09T07:16:40.500Z"]' ]
	[[ $output != *"never looked at"* ]]
	run -0 --separate-stderr audit-emit --map-file "$maps/otel-genai.jq" "$maps/otel-genai.jsonl"
	[ "$(jq -c '[.event_id, .ai_provider, .ai_model_version, .phi_fields_accessed, .session_id, .timestamp]' <<<"$output")" = '["5b8efff798038103d269b633813fc601-eee19b7ec3c1b171","aws.bedrock","claude-sonnet-4-5-20250929",["Condition.code","Observation.valueQuantity"],null,"2026-03-09T07:15:02.117000001Z"]
["5b8efff798038103d269b633813fc603-eee19b7ec3c1b173","openai","gpt-4o-2024-08-06",null,"conv-77","2026-03-09T07:15:02.117000003Z"]' ]
	[[ $output != *"never looked at"* ]]
	jq -cR '{line: .}' "$maps/hapi-fhir.log" >lines
	run -0 --separate-stderr audit-emit --map-file "$maps/hapi-fhir.jq" lines
	[ "$(jq -c '[.event_type, .user_id, .patient_id, .resource_id, .request_id, .timestamp]' <<<"$output")" = '["phi_read","n.okafor","pat-012451","pat-012451","HxA8mR2kQz","2026-03-09T07:15:02.117Z"]
["phi_read","n.okafor","pat-012451",null,"b81JkW0pTe","2026-03-09T07:15:03.020Z"]
["phi_write","svc-intake","pat-012451",null,"Zr4vYd9uLs","2026-03-09T07:16:40.991Z"]' ]
}
