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
