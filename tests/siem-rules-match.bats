#!/usr/bin/env bats
# siem-rules match: what its page promises about searching.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# rule DETECTION...: r.yml, a rule whose detection section is these lines.
rule() {
	{
		printf '%s\n' 'title: T' 'id: 00000000-0000-4000-8000-000000000001' 'logsource: {category: test}' 'detection:'
		printf '    %s\n' "$@"
		printf '%s\n' 'level: high'
	} >r.yml
}

# events LINE...: e.jsonl.
events() {
	printf '%s\n' "$@" >e.jsonl
}

# hits LINES [OPTION...]: exactly these lines of e.jsonl fit r.yml.
hits() {
	local want=$1 status=0
	shift
	siem-rules match -r r.yml "$@" e.jsonl >out 2>err || status=$?
	[ "$(jq -r '.lines[0]' out | paste -sd ' ')" = "$want" ] || {
		echo "wanted lines $want, got $(cat out err)" >&2
		return 1
	}
	[ -z "$want" ] && [ "$status" = 0 ] || [ "$status" = 1 ]
}

@test "a detection is one object with rule_id, title, level and lines, in this order" {
	rule 's: {a: x}' 'condition: s'
	events '{"a": "y"}' '{"a": "X"}'
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl
	[ "$output" = '{"rule_id": "00000000-0000-4000-8000-000000000001", "title": "T", "level": "high", "lines": [2]}' ]
	[ -z "$stderr" ]
}

@test "text compares whole and without case, by simple folding" {
	rule 's: {a: straße}' 'condition: s'
	events '{"a": "STRAẞE"}' '{"a": "STRASSE"}' '{"a": "straßen"}' '{"a": "\u0073traße"}' '{"a": "ſtraße"}'
	hits '1 4 5'
	rule 's: {a|contains: ΣΊΣΥΦΟΣ}' 'condition: s'
	events '{"a": "xσίσυφοςx"}' '{"a": "σισυφος"}' '{"a": "ΣΊΣΥΦΟΣ"}'
	hits '1 3'
	rule 's: {a: ı}' 'condition: s'
	events '{"a": "I"}' '{"a": "i"}' '{"a": "ı"}' '{"a": "İ"}'
	hits 3
}

@test "cased compares by case; wildcards stand for any run and for one character" {
	rule 's: {a|contains|cased: Foo}' 'condition: s'
	events '{"a": "xFoox"}' '{"a": "xfoox"}' '{"a": "foo Foo"}'
	hits '1 3'
	rule "s: {a: 'b?d*'}" 'condition: s'
	events '{"a": "bäd"}' '{"a": "BADLY"}' '{"a": "bd"}' '{"a": "b😀dx"}' '{"a": "abad"}' '{"a": "bëëd"}'
	hits '1 2 4'
	rule "s: {a: 'x\\*y\\?z'}" 'condition: s'
	events '{"a": "x*y?z"}' '{"a": "xxyyz"}'
	hits 1
	rule "s: {a: '*'}" 'condition: s'
	events '{"a": ""}' '{"a": 1}' '{"a": false}' '{"a": null}' '{"b": 1}' '{"a": {}}' '{"a": []}'
	hits '1 2 3'
}

@test "startswith, endswith, contains and all" {
	rule "s: {a|startswith: 'C:\\Win', a|endswith: '.exe'}" 'condition: s'
	events '{"a": "c:\\windows\\x.EXE"}' '{"a": "xc:\\windows\\x.exe"}' '{"a": "c:\\windows\\x.exe "}'
	hits 1
	rule 's: {a|contains|all: [one, two, 3]}' 'condition: s'
	events '{"a": "2 TWO 3 oNe"}' '{"a": "one two"}' '{"a": ["one two", "3"]}'
	hits '1 3'
	rule 's: {a|contains: [a, bc, def]}' 'condition: s'
	events '{"a": "xAx"}' '{"a": "bc"}' '{"a": "xxdEf"}' '{"a": "b de"}'
	hits '1 2 3'
}

@test "numbers compare exactly, whatever their digits; gt and lt only between numbers" {
	rule 's: {a: 10}' 'condition: s'
	events '{"a": 10}' '{"a": "10"}' '{"a": 10.0}' '{"a": 1e1}' '{"a": "1.0E1"}' '{"a": "x10"}' '{"a": "10 "}' '{"a": 100}'
	hits '1 2 3 4 5'
	rule 's: {a: 9007199254740993}' 'condition: s'
	events '{"a": 9007199254740992}' '{"a": 9007199254740993}' '{"a": 9007199254740994}' '{"a": 9007199254740993.0000000000000001}'
	hits 2
	rule 's: {a|gte: 9223372036854775807}' 'condition: s'
	events '{"a": 9223372036854775806}' '{"a": 9223372036854775807}' '{"a": 9223372036854775808}' '{"a": "9223372036854775808"}' '{"a": null}' '{"a": true}' '{}'
	hits '2 3'
	rule 's: {a|lt: -0.5}' 'condition: s'
	events '{"a": -0.50}' '{"a": -0.51}' '{"a": -1e400}' '{"a": 0}' '{"a": -5e-1}'
	hits '2 3'
	rule "s: {a: '10'}" 'condition: s'
	events '{"a": 10}' '{"a": 10.0}' '{"a": "10"}'
	hits '1 3'
	rule 's: {a: 0}' 'condition: s'
	events '{"a": -0}' '{"a": 0.000e5}' '{"a": ""}'
	hits '1 2'
}

@test "booleans, null, the empty text, exists and neq" {
	rule 's: {a: true}' 'condition: s'
	events '{"a": true}' '{"a": "TRUE"}' '{"a": false}' '{"a": 1}'
	hits '1 2'
	rule 's: {a: null}' 'condition: s'
	events '{"a": null}' '{}' '{"a": ""}' '{"a": [1, null]}' '{"a": []}' '{"a": {}}'
	hits '1 2 4'
	rule "s: {a: ''}" 'condition: s'
	events '{"a": ""}' '{"a": null}' '{}'
	hits 1
	rule 's: {a|exists: true}' 'condition: s'
	events '{"a": null}' '{"a": []}' '{}' '{"b": 1}'
	hits '1 2'
	rule 's: {a|exists: false}' 'condition: s'
	hits '3 4'
	rule 's: {a|neq: x}' 'condition: s'
	events '{"a": "X"}' '{"a": "y"}' '{}' '{"a": null}'
	hits '2 3 4'
}

@test "networks, regular expressions and references to fields" {
	rule 's: {a|cidr: [10.0.0.0/9, "2001:db8::/33"]}' 'condition: s'
	events '{"a": "10.127.1.2"}' '{"a": "10.128.0.0"}' '{"a": "2001:DB8:7fff::1"}' '{"a": "2001:db8:8000::"}' '{"a": "10.1"}' '{"a": 10}'
	hits '1 3'
	rule "s: {a|re: '^fo+\\d\$'}" 'condition: s'
	events '{"a": "fooo1"}' '{"a": "FOO1"}' '{"a": "xfoo1"}' '{"a": "foo12"}'
	hits 1
	rule "s: {a|re|i: 'fo{2,}bar|quux'}" 'condition: s'
	events '{"a": "xFOOOBARx"}' '{"a": "fobar"}' '{"a": "QUUX"}'
	hits '1 3'
	rule 's: {a|fieldref: b.c}' 'condition: s'
	events '{"a": "x", "b": {"c": "x"}}' '{"a": "x", "b": {"c": "X"}}' '{"a": 1, "b": {"c": 1.0}}' '{"a": "x"}' '{"a": ["p", "q"], "b": [{"c": "q"}]}'
	hits '1 3 5'
	rule 's: {a|fieldref|startswith: b}' 'condition: s'
	events '{"a": "a*cd", "b": "a*c"}' '{"a": "abcd", "b": "a*c"}' '{"a": "xa*c", "b": "a*c"}' '{"a": "A*c", "b": "a*"}' '{"a": 123, "b": 12}' \
		'{"a": "x"}' '{"a": "x", "b": ""}' '{"b": ""}' '{"a": ["p", "qr"], "b": ["x", "q"]}' '{"a": "1.0", "b": 1}'
	hits '1 5 7 9 10'
	rule 's: {a|fieldref|endswith: b}' 'condition: s'
	events '{"a": "xa?", "b": "a?"}' '{"a": "xab", "b": "a?"}' '{"a": "a?x", "b": "a?"}' '{"a": "b", "b": "ab"}' '{"a": "ab", "b": "ab"}'
	hits '1 5'
	rule 's: {a|fieldref|contains: b}' 'condition: s'
	events '{"a": "x[a]y", "b": "[a]"}' '{"a": "a", "b": "[a]"}' '{"a": "xay", "b": "A"}' '{"a": "", "b": ""}' '{"a": null, "b": ""}'
	hits '1 4'
	rule 's: {a|fieldref|contains|neq: b}' 'condition: s'
	hits '2 3 5'
}

@test "a dotted field is the whole key, else what is below, through lists" {
	rule 's: {a.b.c: x}' 'condition: s'
	events '{"a": {"b": {"c": "x"}}}' '{"a.b.c": "x"}' '{"a": {"b.c": "x"}}' '{"a": [{"b": [[{"c": "y"}], {"c": "x"}]}]}' \
		'{"a.b.c": "y", "a": {"b": {"c": "x"}}}' '{"a": {"b": {"c": "x"}}, "a.b.c": "y"}' '{"a": {"b": {"c": "x"}, "b.c": 1}}' '{"a": "x", "b": "x", "c": "x"}'
	hits '1 2 3 4'
	rule 's: {a.b: null}' 'condition: s'
	events '{"a": {"b": 1}}' '{"a": {}}' '{"a": [{}, {"b": 1}]}' '{"a": {"b": 1}, "a.b": null}'
	hits '2 4'
}

@test "a keyword is looked for in all values at any depth, not in keys" {
	rule 's: [needle, 4711, "a?c*f"]' 'condition: s'
	events '{"needle": 1}' '{"x": {"y": ["xNEEDLEx"]}}' '{"x": 147110}' '{"x": "zABCdefz"}' '{"x": true}' '{"a?c*f": "acf"}'
	hits '2 3 4'
	rule "s: {'|all': [one, two]}" 'condition: s'
	events '{"a": "one", "b": ["TWO"]}' '{"a": "one one"}'
	hits 1
	rule "s: ['true']" 'condition: s'
	events '{"a": true}' '{"a": "untrue"}' '{"a": false}'
	hits '1 2'
}

@test "parts of a time are those of UTC, with --tz of a zone" {
	rule 's: {timestamp|hour|gte: 22}' 'condition: s'
	events '{"timestamp": "2026-07-01T21:59:59Z"}' '{"timestamp": "2026-07-01T22:00:00.5Z"}' '{"timestamp": "2026-07-01T20:30:00Z"}' '{"timestamp": "2026-07-02T00:30:00+02:00"}' '{"timestamp": 1782946800}' '{"timestamp": "22"}'
	hits '2 4'
	hits '1 3' --tz Europe/Berlin
	run -2 --separate-stderr siem-rules match -r r.yml --tz Mars/Olympus e.jsonl
	[[ $stderr == *'--tz takes the name of a time zone'* ]]
	run -2 siem-rules match -r r.yml --tz ../../../etc/passwd e.jsonl
	rule 's: {_time|week: 53}' 'condition: s'
	events '{"_time": 1609459200}' '{"_time": "2021-01-04T00:00:00Z"}' '{"_time": "2020-12-28T00:00:00Z"}' '{"_time": 1609027200.5}'
	hits '1 3'
	rule 's: {t|minute: 5, t|day: 29, t|month: 2, t|year: 2024}' 'condition: s'
	events '{"t": "2024-02-29T10:05:00Z"}' '{"t": "2024-02-28T10:05:00Z"}'
	hits 1
}

@test "a line that is no object is named, passed over, and makes the status 1; --strict stops there" {
	rule 's: {a: 1}' 'condition: s'
	events '{"a": 1}' '[1]' '{"a": 1, "a": 2}' '' 'secret' '{"a": 1}'
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl
	[ "$(jq -c .lines <<<"$output" | paste -sd ' ')" = '[1] [6]' ]
	[ "$stderr" = "$(printf 'siem-rules: e.jsonl:%s\n' '2: not a JSON object [json-object]' '3: a member is given twice [json-duplicate]' '4: not valid JSON [json-syntax]' '5: not valid JSON [json-syntax]')" ]
	run -1 --separate-stderr siem-rules match --strict -r r.yml e.jsonl
	[ "$(jq -c .lines <<<"$output" | paste -sd ' ')" = '[1]' ]
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "a line that is too long is refused; --max-line raises the limit" {
	rule 's: {a|endswith: yy}' 'condition: s'
	{
		printf '{"a": "'
		head -c 70000 /dev/zero | tr '\0' y
		printf '"}\n{"a": "yy"}\n'
	} >e.jsonl
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl
	[[ $stderr == 'siem-rules: e.jsonl:1: '*'[line-length]' && $(jq -c .lines <<<"$output") == '[2]' ]]
	hits '1 2' --max-line 1M
	run -2 siem-rules match -r r.yml --max-line 0 e.jsonl
}

@test "no event at all is 2, unless --allow-empty" {
	rule 's: {a: 1}' 'condition: s'
	: >e.jsonl
	run -2 --separate-stderr siem-rules match -r r.yml e.jsonl
	[ "$stderr" = 'siem-rules: no event to work on' ]
	run -0 siem-rules match -r r.yml --allow-empty e.jsonl
	[ -z "$output" ]
}

@test "an operand that is a rule file is refused before any work, with the hint -r" {
	rule 's: {a: 1}' 'condition: s'
	run -2 --separate-stderr siem-rules match r.yml
	[[ $stderr == *'-r'* && -z $output ]]
}

@test "files that cannot be read are named, and the others are searched" {
	rule 's: {a: 1}' 'condition: s'
	events '{"a": 1}'
	run -2 --separate-stderr siem-rules match -r r.yml missing.jsonl . e.jsonl
	[[ $stderr == *'missing.jsonl: No such file'* && $stderr == *'.: Is a directory'* ]]
	[ "$(jq -r .file <<<"$output")" = e.jsonl ]
}

@test "with several files lines count in each, and file says which" {
	rule 's: {a: 1}' 'condition: s'
	events '{"a": 1}'
	printf '{}\n{"a": 1}' >two.jsonl
	run -1 --separate-stderr siem-rules match -r r.yml e.jsonl - two.jsonl <e.jsonl
	[ "$(jq -c '[.file, .lines[0]]' <<<"$output" | paste -sd ' ')" = '["e.jsonl",1] ["<stdin>",1] ["two.jsonl",2]' ]
	[ "$(jq -c 'keys_unsorted' <<<"${lines[0]}")" = '["rule_id","title","level","lines","file"]' ]
}

@test "--events adds the event byte for byte, without white space around it" {
	rule 's: {a: 1}' 'condition: s'
	printf ' \t{"a" : 1.0,\t"b":"\\u0041"} \r\n' >e.jsonl
	run -1 siem-rules match -r r.yml --events e.jsonl
	[[ $output == *', "event": {"a" : 1.0,'$'\t''"b":"\u0041"}}' ]]
	run -1 siem-rules match -r r.yml --events --explain e.jsonl
	[ "$(jq -c 'keys_unsorted' <<<"$output")" = '["rule_id","title","level","lines","held","explain","event"]' ]
}

@test "--explain says which parts of a rule held, none cut short; all: for every rule and event" {
	rule 'sel_a: {x|contains: foo, y: 1}' 'sel_b: [{z: 1}, {z: 2}]' 'kw: [bar]' 'condition: 1 of sel_* or not kw'
	events '{"x": "FOO", "y": 1, "z": "bar"}' '{"x": "bar"}'
	run -1 siem-rules match -r r.yml --explain e.jsonl
	[ "${#lines[@]}" = 1 ]
	[ "$(jq -c '[.held, .explain.op, .explain.held, .explain.of[0].op, .explain.of[0].of[0].id, .explain.of[0].of[1].held, .explain.of[1].op, .explain.of[1].held]' <<<"$output")" = '[true,"or",true,"1 of sel_*","sel_a",false,"not",false]' ]
	[ "$(jq -c '[.. | objects | select(has("field")) | [.field, .held]]' <<<"$output")" = '[["x|contains",true],["y",true],["z",false],["z",false]]' ]
	[ "$(jq -c '[.. | objects | select(has("keyword")) | [.keyword, .held]]' <<<"$output")" = '[["bar",true]]' ]
	[ "$(jq -c '[.explain | .. | objects | select((has("held") and has("of")) | not)]' <<<"$output")" = '[]' ]
	run -1 siem-rules match -r r.yml --explain=all e.jsonl
	[ "$(jq -c .held <<<"$output" | paste -sd ' ')" = 'true false' ]
	sed -i 1d e.jsonl
	run -0 siem-rules match -r r.yml --explain=all e.jsonl
	run -2 siem-rules match -r r.yml --explain=some e.jsonl
}

@test "--logsource leaves rules that contradict it out" {
	for source in 'category: a' 'product: b' 'category: a, product: b, service: c' 'category: A'; do
		printf 'title: "%s"\nlogsource: {%s}\ndetection:\n  s: {a: 1}\n  condition: s\n---\n' "$source" "$source"
	done >r.yml
	events '{"a": 1}'
	titles() {
		siem-rules match -r r.yml "$@" e.jsonl | jq -r .title | paste -sd ';'
	}
	[ "$(titles)" = 'category: a;product: b;category: a, product: b, service: c;category: A' ]
	[ "$(titles --logsource category=a)" = 'category: a;product: b;category: a, product: b, service: c' ]
	[ "$(titles --logsource category=x,product=b)" = 'product: b' ]
	[ "$(titles --logsource product=z --logsource service=c,category=A)" = 'category: a;product: b;category: A' ]
	for bad in category category= '=x' color=x category=a,category=b '' 'category=a,'; do
		run -2 --separate-stderr siem-rules match -r r.yml --logsource "$bad" e.jsonl
		[[ $stderr == *'--logsource takes'* ]]
	done
	rule 's: {a: 1}' 'condition: s'
	run -2 --separate-stderr siem-rules match -r r.yml --logsource category=other e.jsonl
	[ "$stderr" = 'siem-rules: no rule to work on' ]
}

@test "a rule without logsource runs; one that check calls wrong or with a placeholder does not, and the others do" {
	events '{"a": 1}'
	printf '%s\n' 'title: no source' 'detection:' '  s: {a: 1}' '  condition: s' >r.yml
	hits 1
	printf '%s\n' 'title: bad' 'logsource: {category: x}' 'detection:' '  s: {a|what: 1}' '  condition: s' '---' \
		'title: open' 'logsource: {category: x}' 'detection:' '  s: {a|expand: "%x%"}' '  condition: s' '---' \
		'title: good' 'logsource: {category: x}' 'detection:' '  s: {a: 1}' '  condition: s' >r.yml
	run -2 --separate-stderr siem-rules match -r r.yml e.jsonl
	[ "$(jq -r .title <<<"$output")" = good ]
	[[ $stderr == *'r.yml:4: '*'[modifier-unknown]'* && $stderr == *'r.yml:10: '*'[placeholder]'* ]]
}

@test "--pipeline maps fields and logsources, passes conditions over, and ignores {} behind a name" {
	rule 's: {a: 1}' 'condition: s'
	cat >p.yml <<-'EOF'
		transformations:
		    - type: add_condition
		      conditions: {index: main}
		    - type: field_name_mapping
		      mapping: {a: 'b.c{}'}
		    - type: change_logsource
		      category: changed
	EOF
	events '{"a": 1}' '{"b": {"c": [2, 1]}}'
	hits 1
	hits 1 --pipeline none
	hits 2 --pipeline p.yml
	hits 2 --pipeline p.yml --logsource category=changed
	run -2 --separate-stderr siem-rules match -r r.yml --pipeline p.yml --logsource category=test e.jsonl
	[ "$stderr" = 'siem-rules: no rule to work on' ]
	run -2 siem-rules match -r r.yml --pipeline missing.yml e.jsonl
}

@test "a regular expression made to explode leaves its rule undecided, in bounded time" {
	rule "s: {a|re: '^(([a-z])+.)+[A-Z]([a-z])+\$'}" 'o: {b: 1}' 'condition: s or o'
	events "{\"a\": \"$(head -c 60000 /dev/zero | tr '\0' a)\"}" '{"a": "bB", "b": 1}' "{\"a\": \"$(head -c 60000 /dev/zero | tr '\0' a)\", \"b\": 1}"
	run -2 --separate-stderr timeout 20 siem-rules match -r r.yml e.jsonl
	[ "$(jq -c .lines <<<"$output" | paste -sd ' ')" = '[2] [3]' ]
	[ "$stderr" = 'siem-rules: e.jsonl:1: undecided for the rule at r.yml:1: a regular expression hit its limit [regex-limit]' ]
}

# stats TITLE: what the file stats says of the rule.
stats() {
	jq -e --arg title "$1" 'select(.title == $title)' stats
}

@test "--stats gives a correlation the time of its windows, an inner one's detections to the outer" {
	{
		printf '%s\n' 'title: base' 'name: base' 'logsource: {category: t}' 'detection:' '  s: {k: x}' '  condition: s'
		printf -- '---\ntitle: %s\nname: %s\ncorrelation: {rules: [%s], type: %s, group-by: [u], timespan: 1h, condition: {%s}}\n' \
			inner inner base event_count 'gte: 2' outer outer inner event_count 'gte: 3' idle idle outer event_count 'gte: 1' lone lone base event_count 'gte: 9'
	} >r.yml
	seq 20000 | sed 's/.*/{"timestamp": "2026-01-01T00:00:00Z", "k": "x", "u": "user-&"}/' >e.jsonl
	sed -n 1~2p e.jsonl >again && cat again >>e.jsonl
	# What slides never closes: all the time there is is that of what arrives.
	for how in '' --sliding; do
		run -0 siem-rules match -j 1 -r r.yml $how --stats stats e.jsonl
		stats inner | jq -e '[.evaluated, .matched] == [30000, 10000] and .seconds > 0'
		stats outer | jq -e '[.evaluated, .matched] == [10000, 0] and .seconds > 0'
		stats lone | jq -e '[.evaluated, .matched] == [30000, 0] and .seconds > 0'
		stats idle | jq -e '[.evaluated, .matched, .seconds] == [0, 0, 0]'
		jq -se '.[0].seconds >= ([.[1:][].seconds] | add)' stats
		jq -se '.[1:] | map(.seconds) | . == (sort | reverse)' stats
	done
}

@test "the time in --stats is not that of who reads the rows" {
	printf '%s\n' 'title: base' 'name: base' 'logsource: {category: t}' 'detection:' '  s: {k: x}' '  condition: s' --- \
		'title: each' 'correlation: {rules: [base], type: event_count, group-by: [u], timespan: 1h, condition: {eq: 1}}' >r.yml
	seq 2000 | sed 's/.*/{"timestamp": "2026-01-01T00:00:00Z", "k": "x", "u": "user-&"}/' >e.jsonl
	siem-rules match -j 1 -r r.yml --stats stats e.jsonl | {
		sleep 1
		cat >out
	}
	[ "$(wc -l <out)" = 2000 ]
	head -1 stats | jq -e '.seconds > 0.5'
	stats each | jq -e '.seconds > 0 and .seconds < 0.5'
}

@test "--stats says what was done, and then per rule, the slowest first" {
	rule 's: {a: 1}' 'condition: s'
	events '{"a": 1}' 'x' '{"a": 2}'
	run -1 --separate-stderr siem-rules match -r r.yml --stats stats e.jsonl
	[ "$(jq -c '[keys_unsorted, .events, .refused, .detections, .rules]' <(head -1 stats))" = '[["events","refused","detections","rules","seconds"],2,1,1,1]' ]
	[ "$(jq -c '[keys_unsorted, .evaluated, .matched]' <(tail -1 stats))" = '[["rule_id","title","evaluated","matched","seconds"],1,1]' ]
}

@test "output is in input order, whatever the number of workers" {
	rule 's: {n|endswith: 7}' 'condition: s'
	seq 200000 | sed 's/.*/{"n": &}/' >e.jsonl
	siem-rules match -j 1 -r r.yml e.jsonl >one || [ $? = 1 ]
	siem-rules match -j 4 -r r.yml -o four e.jsonl || [ $? = 1 ]
	cmp one four
	[ "$(wc -l <one)" = 20000 ]
}

@test "a detection is printed at once while input goes on" {
	rule 's: {a: 1}' 'condition: s'
	mkfifo in
	siem-rules match -r r.yml <in >out 3>&- &
	local fd
	exec {fd}>in
	echo '{"a": 1}' >&$fd
	for _ in $(seq 100); do
		[ -s out ] && break
		sleep 0.05
	done
	[ "$(jq -c .lines out)" = '[1]' ]
	exec {fd}>&-
	wait $! || [ $? = 1 ]
}

@test "output that cannot be written is 2" {
	rule 's: {a: 1}' 'condition: s'
	events '{"a": 1}'
	run -2 bash -c 'siem-rules match -r r.yml e.jsonl >/dev/full'
	run -2 siem-rules match -r r.yml --stats /nowhere/x e.jsonl
}

@test "a field is found by its name, whatever names stood in its place in lines before, refused ones too" {
	rule 's: {b: x}' 'condition: s'
	events '{"a": 1, "b": "x"}' '{"a": 1, "c": }' '{"a": 1, "c": "x"}' '{"a": 1, "b": }' \
		'{"a": 1, "b": "x"}' '{"c": 1, "b": "x"}' '{"a": 1, "\u0062": "x"}' '{"a": 1, "b": "x"}' \
		'{"a": 1}' '{"b": "x", "a": 1}' '{"a": 1, "a": 2}' '{"a": "x", "b": "y"}'
	hits '1 5 6 7 8 10'
}

# number DETECTION...: one more rule on standard output, with the next number as its title.
number() {
	printf '%s\n' --- "title: \"$((titles += 1))\"" 'logsource: {category: test}' 'detection:'
	printf '  %s\n' "$@"
}

@test "an OR that the index settles holds the same for all rules it is in, however it stands there" {
	local titles=0 s="s: {a: [x, 'y*', 3]}" t='t: {b|contains: [needle, ne]}' want event
	{
		number "$s" 'condition: s'
		number "$s" 'condition: not s'
		number "s: {a: [x, 'y*', 3], b|contains: [needle, ne]}" 'condition: s'
		number "$s" "$t" 'condition: not s and t'
		number "$s" "$t" 'condition: not (s or t)'
		number "$s" "$t" 'condition: s and not (s and t)'
		number "s: [{a: x}, {a: 'y*'}, {a: 3}, {c: 1, d: 2}]" 'condition: s'
		number "s: [{a: x}, {a: 'y*'}, {a: 3}, {c|gt: 1}]" 'condition: s'
		number "$s" "t: {c|re: '^1+$'}" 'condition: s or t'
		number "s: {a: [x, 'y*', 3, null]}" 'condition: s'
		number 's: {a|cased: [X, Y3]}' 'condition: s'
		number 'kw: [needle, hay]' 'condition: kw'
		number "$s" 'kw: [needle, hay]' 'condition: s and not kw'
		number "s: {a|all: [x, 'y*']}" 'condition: s'
	} >r.yml
	while read -r want event; do
		run -1 siem-rules match -r r.yml <<<"$event"
		[ "$(jq -r .title <<<"$output" | paste -sd ,)" = "$want" ] || {
			echo "$event fits $(jq -r .title <<<"$output" | paste -sd ,)" >&2
			return 1
		}
	done <<-'EOT'
		1,3,7,8,9,10,11,13 {"a": "X", "b": "none of"}
		1,3,7,8,9,10,12 {"a": ["q", "yes"], "b": ["x", "NEEDLE"]}
		1,6,7,8,9,10,13 {"a": "3", "c": 11, "b": "hey"}
		2,5,8,9 {"a": "q", "c": 11}
		2,4,10 {"b": "sneer"}
		1,6,7,8,9,10,13,14 {"a": ["x", "Yes"], "c": 1, "d": 2}
		2,5,7,9,10 {"c": 1, "d": 2}
		2,5,10 {}
	EOT
}

@test "what was found of a value does not hold of another field, kind or case" {
	rule 's: {a: 1}' 't: {b|cased: Up}' 'condition: s or t'
	events '{"a": 1}' '{"a": "1"}' '{"b": 1}' '{"a": true}' '{"a": 1.0}' '{"b": "up"}' '{"b": "Up"}' \
		'{"b": "up"}' '{"b": "\u0055p"}' '{"a": "Up"}' '{"a": 1}'
	hits '1 2 5 7 9 11'
}
