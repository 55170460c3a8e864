#!/usr/bin/env bats
# siem-rules test: what its page promises about samples.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p rules
	cat >rules/one.yml <<-'EOT'
		title: One
		name: one
		logsource: {category: test}
		detection:
		    sel: {a: x, b: [1, 2]}
		    not_me: {c: true}
		    condition: sel and not not_me
	EOT
	cat >rules/many.yml <<-'EOT'
		title: Base
		name: base
		logsource: {category: test}
		detection:
		    s: {a: x}
		    condition: s
		---
		title: Many
		name: many_x
		correlation: {type: event_count, rules: [base], group-by: [u], timespan: 1m, condition: {gt: 1}}
	EOT
	echo '{"a": "x", "b": 1}' >rules/one.hit.jsonl
	echo '{"a": "x", "b": 1, "c": true}' >rules/one.miss.jsonl
	printf '{"a": "x", "u": "%s", "timestamp": "2026-01-01T00:00:%s"}\n' n 01Z o 02Z n 59.9Z >rules/many.hit.jsonl
	printf '{"a": "x", "u": "n", "timestamp": "2026-01-01T00:0%s"}\n' 0:59Z 1:00Z >rules/many.miss.jsonl
}

@test "hits must fire and misses must not; the report is TAP" {
	run -0 --separate-stderr siem-rules test rules
	[ "$output" = "$(printf '%s\n' 'ok 1 - rules/many.hit.jsonl fires' 'ok 2 - rules/many.miss.jsonl does not fire' \
		'ok 3 - rules/one.hit.jsonl fires' 'ok 4 - rules/one.miss.jsonl does not fire' 1..4)" ]
	[ -z "$stderr" ]
}

@test "each sample that is not as it should be is named with its line, and the status is 1" {
	echo '{"a": "y"}' >>rules/one.hit.jsonl
	echo '{"a": "x", "b": 2}' >>rules/one.miss.jsonl
	sed -i 2,3d rules/many.hit.jsonl
	echo '{"a": "x", "u": "n", "timestamp": "2026-01-01T00:01:01Z"}' >>rules/many.miss.jsonl
	run -1 --separate-stderr siem-rules test rules
	[ "$output" = "$(printf '%s\n' 'not ok 1 - rules/many.hit.jsonl fires' '# rules/many.hit.jsonl: does not fire' \
		'not ok 2 - rules/many.miss.jsonl does not fire' '# rules/many.miss.jsonl:3: fires' \
		'not ok 3 - rules/one.hit.jsonl fires' '# rules/one.hit.jsonl:2: does not fire' \
		'not ok 4 - rules/one.miss.jsonl does not fire' '# rules/one.miss.jsonl:2: fires' 1..4)" ]
}

@test "what only a window's end decides counts too" {
	sed -i 's/gt: 1/lt: 2/' rules/many.yml
	run -1 siem-rules test rules/many.yml
	[[ ${lines[0]} == 'ok 1 - '* && $output == *'# rules/many.miss.jsonl:'* ]]
	printf '{"a": "x", "u": "n", "timestamp": "2026-01-01T00:00:%s"}\n' 01Z 02Z >rules/many.miss.jsonl
	run -0 siem-rules test rules/many.yml
	head -1 rules/many.miss.jsonl >rules/many.hit.jsonl
	cp rules/many.hit.jsonl rules/many.miss.jsonl
	run -1 siem-rules test rules/many.yml
	[[ $output == *'# rules/many.miss.jsonl: fires when a window ends'* ]]
}

@test "a line that is no event, and a file without any, are failures" {
	echo 'x' >>rules/one.hit.jsonl
	: >rules/one.miss.jsonl
	run -1 --separate-stderr siem-rules test rules/one.yml
	[[ $output == *'# rules/one.hit.jsonl:2: not valid JSON [json-syntax]'* && $output == *'# rules/one.miss.jsonl: has no event'* ]]
}

@test "samples are beside the rule, in samples/ there, or under --samples; of several rules in a file by the rule's name" {
	mkdir rules/samples other
	mv rules/one.*.jsonl rules/samples/
	mv rules/many.hit.jsonl other/many_x.hit.jsonl
	rm rules/many.miss.jsonl
	run -0 siem-rules test --samples other rules
	[[ $output == *'ok 1 - other/many_x.hit.jsonl fires'* && $output == *'ok 2 - other/many.miss.jsonl # SKIP no such file'* && $output == *'ok 3 - rules/samples/one.hit.jsonl fires'* ]]
	sed 's/One/Two/; s/name: one/name: two/; s/a: x/a: y/' rules/one.yml >>two.yml
	{ cat rules/one.yml; echo ---; cat two.yml; } >both.yml
	echo '{"a": "y", "b": 1}' >two.hit.jsonl
	run -0 siem-rules test both.yml
	[[ $output == *'ok 3 - two.hit.jsonl fires'* ]]
}

@test "no sample at all, and a rule that cannot run, are 2; the other rules are tested" {
	run -2 --separate-stderr siem-rules test --samples /nowhere - <rules/one.yml
	[ "$stderr" = 'siem-rules: no sample to work on' ]
	sed 's/a: x/a|expand: "%x%"/; s/one/three/' rules/one.yml >rules/open.yml
	sed 's/a: x/a|what: x/; s/one/four/' rules/one.yml >rules/wrong.yml
	run -2 --separate-stderr siem-rules test rules
	[[ $stderr == *'rules/open.yml:5: '*'[placeholder]'* && $stderr == *'rules/wrong.yml:5: '*'[modifier-unknown]'* ]]
	[[ ${lines[3]} == 'ok 4 - '* ]]
}

@test "-f junit is well-formed XML with a case for each file" {
	echo '{"a": "<&\">"}' >>rules/one.hit.jsonl
	run -1 siem-rules test -f junit --coverage -o out.xml rules
	python3 - <<-'EOT'
		import xml.etree.ElementTree as tree
		suite = tree.parse('out.xml').getroot().find('testsuite')
		assert suite.get('tests') == '4' and suite.get('failures') == '1'
		assert [c.find('failure') is not None for c in suite.findall('testcase')] == [False, False, True, False]
		assert suite[-1].tag == 'system-out'
	EOT
	run -2 siem-rules test -f xml rules
}

@test "--coverage names what no sample has made true, or false, and correlations that never fire" {
	rm rules/one.miss.jsonl rules/many.hit.jsonl
	run -0 siem-rules test --coverage rules
	[[ $output == *'# coverage: rules/many.yml:8: correlation is never true in any sample'* ]]
	[[ $output == *'# coverage: rules/one.yml:1: identifier sel is never false in any sample'* ]]
	[[ $output == *'# coverage: rules/one.yml:1: field c is never true in any sample'* ]]
	printf '%s\n' '{"a": "x", "b": 3}' '{"a": "y", "b": 1}' '{"a": "x", "b": 1, "c": true}' >rules/one.miss.jsonl
	run -0 siem-rules test --coverage rules/one.yml
	[[ $output != *coverage* ]]
}

@test "--tz says in which zone parts of a time are" {
	sed -i 's/a: x/t|hour: 23/' rules/one.yml
	echo '{"t": "2026-07-01T21:30:00Z", "b": 1}' >rules/one.hit.jsonl
	run -1 siem-rules test rules/one.yml
	run -0 siem-rules test --tz Europe/Berlin rules/one.yml
	run -2 siem-rules test --tz Nowhere rules/one.yml
}

@test "--pipeline maps the fields of rules to those of samples, and fills in placeholders" {
	cat >p.yml <<-'EOT'
		vars: {name: x}
		transformations:
		    - {type: value_placeholders}
		    - {type: field_name_mapping, mapping: {z: 'a{}'}}
		    - {type: add_condition, conditions: {index: never}}
	EOT
	sed -i 's/{a: x,/{z|expand: "%name%",/' rules/one.yml
	run -2 --separate-stderr siem-rules test rules/one.yml
	[[ $stderr == 'siem-rules: rules/one.yml:5: '*' [placeholder]' ]]
	run -2 --separate-stderr siem-rules test --pipeline none rules/one.yml
	run -0 --separate-stderr siem-rules test --pipeline p.yml rules/one.yml
	[[ ${lines[0]} == 'ok 1 - rules/one.hit.jsonl fires' && -z $stderr ]]
	echo 'transformations: [{type: nonsense}]' >p.yml
	run -2 --separate-stderr siem-rules test --pipeline p.yml rules/one.yml
	[[ $stderr == 'siem-rules: p.yml:1: '* && -z $output ]]
}
