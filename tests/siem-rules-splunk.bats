#!/usr/bin/env bats
# siem-rules(1): what render makes for Splunk besides queries.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >rules.yml <<-'EOF'
		title: "One [two]\nthree"
		id: 00000000-0000-4000-8000-000000000001
		description: |
		    first line

		    third line ends in a backslash \
		response: call
		logsource:
		    category: test
		detection:
		    s:
		        x: 1
		    condition: s
		level: low
		tags:
		    - attack.t1
		---
		title: One two three
		id: 00000000-0000-4000-8000-000000000002
		logsource: {category: test}
		detection: {s: {x: '[]'}, condition: s}
		---
		title: One twothree
		id: 00000000-0000-4000-8000-000000000003
		logsource: {category: test}
		detection: {s: {x: 2}, condition: s}
		---
		title: default
		name: base
		logsource: {category: test}
		detection: {s: {x: 3}, condition: s}
		---
		title: Burst
		name: burst
		level: critical
		correlation: {type: event_count, rules: [base], timespan: 7m, group-by: [user, c-ip], condition: {gt: 5}, generate: true}
		---
		title: Bursts
		correlation: {type: event_count, rules: [burst], timespan: 2h, group-by: [user], condition: {gt: 5}, generate: true}
	EOF
}

# setting STANZA KEY: its value in conf.
setting() {
	awk -v name="[$1]" -v key="$2" '$0 == name { on = 1; next } /^\[/ { on = 0 }
		on && index($0, key " = ") == 1 { print substr($0, length(key) + 4) }' conf
}

@test "what the SPL of a rule finds is what match finds, for every feature, hit and near miss" {
	run -0 "$root/tests/oracle/agree.py" "$BUILD" 1 600
	[[ ${lines[-1]} == '0 disagreements' ]]
}

@test "a stanza is called as the title, without brackets and line breaks; a second of one title gets its id" {
	siem-rules render --pipeline none -f savedsearches rules.yml >conf
	[[ $(grep '^\[' conf) == $'[One twothree]\n[One two three]\n[One twothree - 00000000-0000-4000-8000-000000000003]\n[default - 2]\n[Burst]\n[Bursts]' ]]
}

@test "a line break in a value is a space, a backslash and a line feed, and no line goes on that should not" {
	siem-rules render --pipeline none -f savedsearches rules.yml >conf
	[[ $(sed -n 2,6p conf) == $'description = first line \\\n \\\nthird line ends in a backslash \\\nResponse: call \\\nTags: attack.t1' ]]
}

@test "an alert runs at least once a timespan, and looks back over timespans and run period" {
	siem-rules render --pipeline none -f savedsearches rules.yml >conf
	[[ $(setting Burst cron_schedule) == '*/5 * * * *' && $(setting Burst dispatch.earliest_time) == '-12m@m' ]]
	[[ $(setting Bursts cron_schedule) == '*/5 * * * *' && $(setting Bursts dispatch.earliest_time) == '-132m@m' ]]
	[[ $(setting 'One two three' cron_schedule) == '*/5 * * * *' && $(setting 'One two three' dispatch.earliest_time) == '-5m@m' ]]
	local span want
	while read -r span want; do
		sed "s/timespan: 7m/timespan: $span/" rules.yml | siem-rules render --pipeline none -f savedsearches - >conf
		[[ "$(setting Burst cron_schedule) $(setting Burst dispatch.earliest_time)" == "$want" ]] || { echo "$span: $(setting Burst cron_schedule) $(setting Burst dispatch.earliest_time)"; return 1; }
	done <<-'EOF'
		30s * * * * * -2m@m
		60s * * * * * -2m@m
		61s * * * * * -3m@m
		119s * * * * * -3m@m
		150s */2 * * * * -5m@m
		3m */3 * * * * -6m@m
		299s */4 * * * * -9m@m
		5m */5 * * * * -10m@m
		599s */5 * * * * -15m@m
		59m */30 * * * * -89m@m
		1h 0 * * * * -120m@m
		1M 0 * * * * -44700m@m
	EOF
}

@test "what only the end of a window decides is asked of buckets that are over and were seen whole" {
	local condition over='| where _time>=relative_time(now(), "-12m@m") AND relative_time(_time, "+7m")<=relative_time(now(), "@m")'
	for condition in '{lt: 3}' '{gt: 3, lte: 9}' '{eq: 2}' '{neq: 2}'; do
		sed "/timespan: 7m/s/{gt: 5}/$condition/" rules.yml | siem-rules render --pipeline none -f savedsearches - >conf || true
		[[ "$(setting Burst search)" == *"$over" ]]
	done
	sed '/timespan: 7m/s/7m/2y/; s/{gt: 5}, generate: true}$/{lt: 5}, generate: true}/' rules.yml | siem-rules render --pipeline none -f savedsearches - >conf || true
	[[ "$(setting Burst search)" == *'relative_time(_time, "+24mon")<='* ]]
	siem-rules render --pipeline none -f savedsearches rules.yml >conf
	[[ "$(setting Burst search)" != *relative_time* && "$(setting 'One twothree' search)" != *relative_time* ]]
}

@test "an alert is raised by any row, with the level as severity 1 to 5, and kept quiet by group" {
	siem-rules render --pipeline none -f savedsearches rules.yml >conf
	[[ $(setting Burst counttype) == 'number of events' && $(setting Burst relation) == 'greater than' && $(setting Burst quantity) == 0 ]]
	[[ $(setting Burst alert.severity) == 5 && $(setting 'One twothree' alert.severity) == 2 && $(setting 'One two three' alert.severity) == 3 ]]
	[[ $(setting Burst alert.suppress) == 1 && $(setting Burst alert.suppress.fields) == 'user,"c-ip"' && $(setting Burst alert.suppress.period) == 12m ]]
	[[ $(setting 'One two three' alert.suppress) == 0 ]]
}

@test "--splunk-app makes a folder that is an app" {
	run -0 --separate-stderr siem-rules render --pipeline none --splunk-app made/ rules.yml
	[[ -z $output && -z $stderr ]]
	"$root/tests/oracle/appcheck.py" made
	siem-rules render --pipeline none -f savedsearches rules.yml | cmp - made/default/savedsearches.conf
	siem-rules render --splunk-app ours
	"$root/tests/oracle/appcheck.py" ours
}

@test "--splunk-app makes all or nothing, and replaces nothing" {
	run -0 siem-rules render --pipeline none --splunk-app made rules.yml
	run -2 --separate-stderr siem-rules render --pipeline none --splunk-app made rules.yml
	[[ $stderr == 'siem-rules: made: File exists' ]]
	sed 's/{x: 3}/{x|expand: "%a%"}/' rules.yml >broken.yml
	run -2 --separate-stderr siem-rules render --pipeline none --splunk-app other broken.yml
	[[ ! -e other && $stderr == *'[placeholder]' ]]
	run -2 --separate-stderr siem-rules render --pipeline none --splunk-app no/where rules.yml
	[[ $stderr == 'siem-rules: no/where: No such file or directory' ]]
	local name
	for name in .hidden 1st 'a b' a.b ''; do
		run -2 --separate-stderr siem-rules render --pipeline none --splunk-app "$name" rules.yml
		[[ $stderr == *'the name of an app is'* ]]
	done
	run -2 siem-rules render --pipeline none --splunk-app x -o y rules.yml
	run -2 siem-rules render --pipeline none --splunk-app x -f json rules.yml
	[[ $(ls -A -I 'separate*') == $'broken.yml\nmade\nrules.yml' ]]
}

@test "a name that quotes of where may not hold in is refused, and search has it in its own" {
	local name
	for name in "a'b" 'a"b' 'a\b' 'a[b' 'a]b' 'a`b'; do
		printf 'title: t\nlogsource: {category: x}\ndetection:\n  s: {%s: x}\n  condition: s\n' "$(jq -cn --arg n "$name" '$n')" >name.yml
		run -0 --separate-stderr siem-rules render --pipeline none name.yml
		[[ $output == "$(jq -cn --arg n "$name" '$n')=\"x\"" ]]
		sed -i 's/": x/|re": x/' name.yml
		run -2 --separate-stderr siem-rules render --pipeline none name.yml
		[[ -z $output && $stderr == 'siem-rules: name.yml:4: '*' [field-name]' ]]
	done
}
