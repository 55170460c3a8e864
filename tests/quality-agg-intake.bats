#!/usr/bin/env bats
# quality-agg: what is not a quality log yet: OTLP, jq programs.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# span ATTRIBUTES [MEMBERS]: an OTLP line with one span.
span() {
	printf '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"1767571200000000000","endTimeUnixNano":"1767571200250000000","attributes":[%s]%s}]}]}]}\n' "$1" "${2-}"
}
operation='{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}}'

@test "--from otel gives what a quality log of the same calls gives" {
	for seed in 1 2 3; do
		python3 "$root/tests/otel.py" $seed 150 otlp native
		for options in --detail '--detail --by model_id,finish_reason,clinician_thumbs_up --every 1m'; do
			# shellcheck disable=SC2086
			quality-agg $options native >want
			# shellcheck disable=SC2086
			quality-agg --from otel $options otlp >got
			same want got
		done
	done
}

@test "of a model call in OTLP only the time is required" {
	span "$operation" >otlp
	run -0 --separate-stderr quality-agg --from otel --by model_id,cache_hit otlp
	[ "$output" = '{"model_id":null,"cache_hit":null,"request_count":1,"avg_latency_ms":250,"p95_latency_ms":250,"cache_hit_rate":null,"content_filter_rate":null,"disclaimer_present_rate":null,"avg_citation_count":null,"avg_top_retrieval_score":null,"clinician_positive_rate":null}' ]
	[ -z "$stderr" ]
}

@test "an attribute of OTLP that holds nothing is null, and the records beside it count" {
	for value in '{}' '{"values":[]}' '{"values":[{}]}' null; do
		span "$operation,{\"key\":\"gen_ai.response.finish_reasons\",\"value\":{\"arrayValue\":$value}}" >otlp
		run -0 --separate-stderr quality-agg --from otel --by finish_reason otlp
		[[ $output = '{"finish_reason":null,"request_count":1,'* ]]
		[ -z "$stderr" ]
	done
}

@test "evaluations in OTLP count for their metric and are no requests" {
	evaluation() {
		printf '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767571200000000000",%s"attributes":[{"key":"gen_ai.evaluation.name","value":{"stringValue":"%s"}},{"key":"gen_ai.evaluation.score.value","value":{"doubleValue":%s}},{"key":"gen_ai.evaluation.explanation","value":{"stringValue":"free"}}%s]}]}]}]}\n' "$@"
	}
	{
		span "$operation" ',"events":[{"name":"gen_ai.evaluation.result","timeUnixNano":"1767571200000000001","attributes":[{"key":"gen_ai.evaluation.name","value":{"stringValue":"content_filtered"}},{"key":"gen_ai.evaluation.score.value","value":{"intValue":"1"}}]}]'
		evaluation '"eventName":"gen_ai.evaluation.result",' clinician_feedback 1.0 ''
		evaluation '' clinician_feedback 0 ',{"key":"event.name","value":{"stringValue":"gen_ai.evaluation.result"}}'
		evaluation '"eventName":"gen_ai.evaluation.result",' disclaimer_present 0.5 ''
		evaluation '"eventName":"gen_ai.evaluation.result",' relevance 0.5 ''
	} >otlp
	run -0 --separate-stderr quality-agg --from otel otlp
	[[ $output == '{"request_count":1,'*'"content_filter_rate":1,"disclaimer_present_rate":1,'*'"clinician_positive_rate":0.5}' ]]
	sed -n '2,$p' otlp >alone
	run -1 --separate-stderr quality-agg --from otel alone
	[ "$output" = '{}' ]
	[ "$stderr" = "quality-agg: no model call to work on" ]
}

@test "prompts and answers in OTLP refuse the record, not the batch, and are not printed" {
	for key in gen_ai.prompt gen_ai.completion gen_ai.input.messages gen_ai.output.messages gen_ai.system_instructions; do
		printf '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"1","attributes":[%s,{"key":"%s","value":{"stringValue":"SECRET"}}]},{"startTimeUnixNano":"1","attributes":[%s]}]}]}]}\n' \
			"$operation" "$key" "$operation" >otlp
		run -1 --separate-stderr quality-agg --from otel otlp
		[[ $output == '{"request_count":1,'* ]]
		[ "${stderr_lines[0]}" = "quality-agg: otlp:1: an attribute names content [content-key]" ]
		[ "${stderr_lines[1]}" = "quality-agg: 1 of 2 records refused" ]
	done
}

@test "wrong types in OTLP refuse the record by the field they are for" {
	span "$operation,{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{\"stringValue\":\"12\"}}" >otlp
	span "$operation,{\"key\":\"cache_hit\",\"value\":{\"intValue\":\"1\"}}" >>otlp
	span "$operation,{\"key\":\"gen_ai.retrieval.documents\",\"value\":{\"stringValue\":\"[1\"}}" >>otlp
	echo '{"resourceSpans":[{' >>otlp
	for time in '"soon"' '"-1"' 1.5 1e18 '"99999999999999999999"' '{}'; do
		span "$operation" | sed "s/\"startTimeUnixNano\":\"[0-9]*\"/\"startTimeUnixNano\":$time/" >wrong
		run -1 --separate-stderr quality-agg --from otel wrong
		[ "${stderr_lines[0]}" = 'quality-agg: wrong:1: field "timestamp": is not an RFC 3339 time with a zone [time]' ]
		span "$operation" | sed "s/\"endTimeUnixNano\":\"[0-9]*\"/\"endTimeUnixNano\":$time/" >wrong
		run -1 --separate-stderr quality-agg --from otel wrong
		[ "${stderr_lines[0]}" = 'quality-agg: wrong:1: field "latency_ms": is not a number [kind]' ]
	done
	span "$operation" | sed 's/"startTimeUnixNano":"[0-9]*"/"startTimeUnixNano":0/' >wrong
	run -1 --separate-stderr quality-agg --from otel wrong
	[ "${stderr_lines[0]}" = 'quality-agg: wrong:1: field "timestamp": is missing [missing]' ]
	run -1 --separate-stderr quality-agg --from otel otlp
	[ "$stderr" = 'quality-agg: otlp:1: field "prompt_tokens": is not a number [kind]
quality-agg: otlp:2: field "cache_hit": is not true or false [kind]
quality-agg: otlp:3: field "retrieved_document_ids": is not a list of strings [kind]
quality-agg: otlp:4: not valid JSON [json-syntax]
quality-agg: 4 of 4 records refused' ]
}

@test "--where counts the lines for which a jq program holds" {
	make_log 300 4 >log
	jq -c 'select(.use_case == "summary" and .latency_ms > 600)' log >some
	quality-agg some >want
	for j in 1 3; do
		quality-agg -j $j --where '.use_case == "summary" and .latency_ms > 600' log >got
		same want got
	done
	quality-agg --where '(.extra | length) == 1 and (.latency_ms|floor) % 2 == 1' log >got
	jq -c 'select((.latency_ms|floor) % 2 == 1)' log | quality-agg >want
	same want got
	run -1 --separate-stderr quality-agg --where false log
	[ "$output" = '{}' ]
	[ "$stderr" = "quality-agg: no accepted line is one that was asked for" ]
}

@test "a jq program that fails refuses the line, one that does not compile ends with status 2 before anything" {
	line >log
	line 'request_id="SECRET"' >>log
	run -1 --separate-stderr quality-agg --where '.request_id | if . == "r-1" then true else error end' log
	[[ $output == '{"request_count":1,'* ]]
	[ "$stderr" = 'quality-agg: log:2: the jq program failed [map]
quality-agg: 1 of 2 lines refused' ]
	for option in --where --map; do
		run -2 --separate-stderr quality-agg $option '.a |' log
		[ "$stderr" = "quality-agg: $option:1: the jq program does not compile [map]" ]
		[ -z "$output" ]
	done
}

@test "--map makes lines of what is none, each judged by itself" {
	line >log
	{ echo '{"a":1,"message":"SECRET"}'; echo '{"a":2}'; echo '[1]'; echo '{'; } >odd
	run -1 --separate-stderr quality-agg --map "$(cat log) as \$l | range(.a) | \$l, {}" odd
	[[ $output == '{"request_count":3,'* ]]
	[ "${stderr_lines[0]}" = 'quality-agg: odd:1: field "timestamp": is missing [missing]' ]
	[ "${stderr_lines[4]}" = 'quality-agg: odd:4: not valid JSON [json-syntax]' ]
	[ "${stderr_lines[5]}" = 'quality-agg: 5 of 8 lines refused' ]
	run -1 --separate-stderr quality-agg --map 'select(.a)' log
	[ "$stderr" = "quality-agg: no line to work on" ]
}
