#!/usr/bin/env bats
# quality-agg: groups, spans of time and details.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "--by gives one object for each group, keys first, null < false < true < strings by bytes" {
	line 'clinician_thumbs_up=true' 'use_case="b"' >log
	line 'clinician_thumbs_up=null' 'use_case="a"' >>log
	line 'clinician_thumbs_up=false' 'use_case="Z"' >>log
	line 'clinician_thumbs_up=true' 'use_case="a"' >>log
	line 'clinician_thumbs_up=true' 'use_case="\u00e9"' >>log
	run -0 --separate-stderr quality-agg --by clinician_thumbs_up,use_case log
	[ "$(printf '%s\n' "$output" | grep -o '^{.*"request_count":1,')" = '{"clinician_thumbs_up":null,"use_case":"a","request_count":1,
{"clinician_thumbs_up":false,"use_case":"Z","request_count":1,
{"clinician_thumbs_up":true,"use_case":"a","request_count":1,
{"clinician_thumbs_up":true,"use_case":"b","request_count":1,
{"clinician_thumbs_up":true,"use_case":"é","request_count":1,' ]
}

@test "--every puts lines into spans that begin at multiples from a Monday, before it too" {
	line 'timestamp="2026-01-05T00:00:00Z"' >log
	line 'timestamp="2026-01-11T23:59:59.9Z"' >>log
	line 'timestamp="2026-01-04T23:59:59Z"' >>log
	line 'timestamp="1999-12-31T23:00:00-02:00"' >>log
	run -0 --separate-stderr quality-agg --every 7d log
	[ "$(printf '%s\n' "$output" | cut -d, -f1,2)" = '{"time":"1999-12-27T00:00:00Z","request_count":1
{"time":"2025-12-29T00:00:00Z","request_count":1
{"time":"2026-01-05T00:00:00Z","request_count":2' ]
}
