#!/usr/bin/env bats
# quality-agg -f: what the formats for people and for other programs promise.
load helper
load quality

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# hostile: two logs by groups whose names are meant to break out of every format.
hostile() {
	local name
	for name in '<script>alert(1)</script>' 'a\"b\\c' 'x\ny\tz' "q'&amp;--" '\u001b[31mred\u0007\u202e' '=1+1' '%s%n{{}}' ']]>'; do
		for _ in 1 2 3; do line "use_case=\"$name\"" "model_version=\"$name\""; done
	done >hostile
	make_log 400 5 | sed "s/\"use_case\": *\"summary\"/\"use_case\": \"<i>\"/" >plain
}

@test "table: each metric a line, groups as rows, courses over --every; the same bytes through a pipe whatever the environment" {
	make_log 300 4 >log
	quality-agg -f table log >got
	[ "$(wc -l <got)" -eq 10 ]
	[[ "$(sed -n 2p got)" =~ ^request_count\ +300$ ]]
	[[ "$(sed -n 5p got)" =~ ^cache_hit_rate\ +[0-9.]+\ %$ ]]
	quality-agg -f table --by model_id log >got
	[ "$(wc -l <got)" -eq 5 ]
	[[ "$(head -1 got)" =~ ^model_id\ +calls\ +latency ]]
	quality-agg -f table --every 7d log >got
	grep -q '^avg_latency_ms .*[▁▂▃▄▅▆▇█]' got
	COLUMNS=20 LANG=C TERM=xterm quality-agg -f table --every 7d log >again
	same got again
	quality-agg -f table --every 7d -o file log
	same got file
	! grep -q $'\e' got
	quality-agg -f table --color always --every 7d log | grep -q $'\e'
}

@test "table: on a terminal of any width no line is longer than that, and ASCII is enough" {
	make_log 300 4 | sed 's/m\\u00fc\|mü/mu/' >log
	make_log 300 5 | sed 's/m\\u00fc\|mü/mu/' >base
	local width
	for width in 40 80 200; do
		for o in "--every 2d --by model_id" "--by model_id,model_version" "--every 7d --by model_id --baseline base"; do
			python3 "$root/tests/terminal.py" "$width" quality-agg -f table $o log >got
			python3 - "$width" <<-'PY'
				import re, sys
				text = open("got", "rb").read()
				assert all(c < 0x80 for c in text), "not ASCII"
				text = re.sub(r"\x1b\[[0-9;]*m", "", text.decode())
				lines = text.replace("\r", "").split("\n")
				assert len(lines) > 4
				assert max(len(l) for l in lines) <= int(sys.argv[1]), max(lines, key=len)
			PY
		done
	done
	LC_ALL=C.UTF-8 python3 "$root/tests/terminal.py" 80 quality-agg -f table --every 7d log | grep -q '[▁▂▃▄▅▆▇█]'
	NO_COLOR=1 python3 "$root/tests/terminal.py" 80 quality-agg -f table log >got
	! grep -q $'\e' got
	python3 "$root/tests/terminal.py" 80 quality-agg -f table log | grep -q $'\e'
}

@test "table: verdicts are counted first, and what is regressed is red" {
	{ for _ in {1..200}; do line; done; } >good
	{ for _ in {1..200}; do line disclaimer_present=false; done; } >bad
	run -1 --separate-stderr quality-agg -f table --color always --baseline good bad
	[[ ${lines[0]} == *$'\e[31m1 REGRESSED\e[0m'* ]]
	[[ $output == *$'\e[31mREGRESSED\e[0m'*disclaimer_present_rate* ]]
}

@test "an axis of counts has whole numbers" {
	for day in 1 1 2; do
		line "timestamp=\"2026-01-0${day}T00:00:00Z\""
	done >few
	quality-agg --every 1d -f html few >page
	sed '/<\/figure>/q' page | grep -o 'x="48"[^>]*end">[^<]*' | sed 's/.*>//' >ticks
	same <(printf "%s\n" 0 1 2 3) ticks
}

@test "chart: a picture of each metric, with the band of the baseline; needs --every" {
	make_log 300 4 >log
	quality-agg -f chart --every 2d log >got
	[ "$(grep -c '2026-01-' got)" -eq 9 ]
	grep -q '[⠁-⣿]' got
	! grep -q '░' got
	quality-agg -f chart --every 2d --baseline log log >got || [ $? -le 2 ]
	grep -q '░' got
	run -2 --separate-stderr quality-agg -f chart log
	[ "${stderr_lines[0]}" = 'quality-agg: option --format chart: needs --every' ]
}

@test "html: one well-formed page without script or anything from elsewhere, and nothing hostile in it is alive" {
	hostile
	local o
	for o in "--by use_case,model_version" "--by use_case --every 1d" "--by use_case --every 1d --baseline plain" "--baseline plain --min-n 1"; do
		# shellcheck disable=SC2086  # words
		quality-agg -q -f html $o hostile >page || [ $? -le 2 ]
		python3 - <<-'PY'
			import html.parser, re
			text = open("page", encoding="utf-8").read()
			assert text.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
			assert not re.search(r"<script|javascript:|https?:|url\(|@import|<img|<iframe|\son[a-z]+=", text.replace("&lt;script", "")), "something alive"
			assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
			class P(html.parser.HTMLParser):
			    stack, ids, refs = [], set(), set()
			    void = {"meta", "br", "line", "rect", "path"}
			    def handle_starttag(self, tag, attrs):
			        a = dict(attrs)
			        if "id" in a:
			            assert a["id"] not in self.ids
			            self.ids.add(a["id"])
			        if "href" in a:
			            self.refs.add(a["href"][1:])
			        if tag not in self.void:
			            self.stack.append(tag)
			    def handle_startendtag(self, tag, attrs):
			        pass
			    def handle_endtag(self, tag):
			        assert self.stack.pop() == tag, tag
			p = P()
			p.feed(text)
			p.close()
			assert p.stack == [] and p.refs <= p.ids
			assert "nan" not in text.lower().replace("finance", "")
		PY
		grep -qF '&lt;script&gt;' page || [[ $o != *by* ]]
	done
}

@test "junit: what fails is what makes the status 1, and the XML is well-formed" {
	hostile
	{ for _ in {1..200}; do line; done; } >good
	{ for _ in {1..200}; do line disclaimer_present=false; done; } >bad
	run -1 quality-agg -q -f junit --baseline good bad -o junit.xml
	python3 - <<-'PY'
		import xml.etree.ElementTree as E
		r = E.parse("junit.xml").getroot()
		assert r.tag == "testsuites" and (r.get("tests"), r.get("failures"), r.get("skipped")) == ("14", "1", "0"), r.attrib
		f = r.findall(".//failure")
		assert len(f) == 1 and f[0].get("type") == "REGRESSED" and f[0].get("message").startswith("disclaimer_present_rate REGRESSED: 100.00 % before, 0.00 % now")
		assert len(r.findall(".//testcase")) == 14
	PY
	quality-agg -q -f junit --by use_case --baseline hostile --fail-if '.request_count > 2' hostile >junit.xml || [ $? -eq 2 ]
	python3 - <<-'PY'
		import xml.etree.ElementTree as E
		r = E.parse("junit.xml").getroot()
		s = r.findall("testsuite")
		assert len(s) == 9 and s[-1].get("failures") == "8" and "use_case=<script>alert(1)</script>" in [x.get("name") for x in s]
		assert int(r.get("tests")) == sum(int(x.get("tests")) for x in s) == len(r.findall(".//testcase"))
		assert int(r.get("skipped")) == len(r.findall(".//skipped"))
	PY
	run -2 --separate-stderr quality-agg -f junit good
	[ "${stderr_lines[0]}" = 'quality-agg: option --format junit: needs --baseline or --fail-if' ]
}

@test "prometheus: the names of the page, seconds and ratios, every value that of the dictionary" {
	hostile
	make_log 500 9 >log
	quality-agg -f prometheus --by model_id log >prom
	quality-agg --detail --by model_id log >json
	python3 - <<-'PY'
		import json, math, re
		want = {}
		def put(name, labels, v):
		    if v is not None:
		        want[name, tuple(sorted(labels.items()))] = v
		for line in open("json", encoding="utf-8"):
		    d = json.loads(line)
		    l = {"model_id": d["model_id"]}
		    put("aiq_requests", l, d["request_count"])
		    for q, p in (("0.5", "p50"), ("0.9", "p90"), ("0.95", "p95"), ("0.99", "p99")):
		        put("aiq_latency_seconds", dict(l, quantile=q), d["latency_ms"][p] / 1000)
		    put("aiq_latency_seconds_sum", l, d["latency_ms"]["mean"] * d["latency_ms"]["count"] / 1000)
		    put("aiq_latency_seconds_count", l, d["latency_ms"]["count"])
		    for name, m in (("cache_hit", "cache_hit_rate"), ("content_filter", "content_filter_rate"), ("disclaimer_present", "disclaimer_present_rate"), ("clinician_positive", "clinician_positive_rate")):
		        put("aiq_%s_ratio" % name, l, d[m])
		    put("aiq_citations_mean", l, d["avg_citation_count"])
		    put("aiq_retrieval_score_mean", l, d["avg_top_retrieval_score"])
		    t = __import__("datetime").datetime.fromisoformat(d["last_timestamp"].split(".")[0].rstrip("Z") + "+00:00").timestamp()
		    put("aiq_last_timestamp_seconds", l, t)
		got, typed = {}, {}
		for line in open("prom", encoding="utf-8"):
		    if line.startswith("#"):
		        m = re.match(r"# (HELP|TYPE) (\S+) (.*)", line)
		        typed.setdefault(m[2], []).append(m[1])
		        continue
		    m = re.fullmatch(r'([a-z_]+)\{(.*)\} (\S+)\n', line)
		    got[m[1], tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m[2])))] = float(m[3])
		assert set(typed) == {k[0].replace("_sum", "").replace("_count", "") for k in want} and all(v == ["HELP", "TYPE"] for v in typed.values())
		assert set(got) == set(want), set(got) ^ set(want)
		for k in want:
		    assert math.isclose(got[k], want[k], rel_tol=1e-9, abs_tol=1.0 if "timestamp" in k[0] else 0), (k, got[k], want[k])
	PY
	quality-agg -f prometheus --by use_case hostile >prom
	grep -qF 'aiq_requests{use_case="a\"b\\c"} 3' prom
	grep -qF 'aiq_requests{use_case="x\ny' prom
	! grep -qE 'aiq_clinician|r-1' prom
	quality-agg -q -f prometheus --by use_case --baseline hostile hostile >prom || [ $? -eq 2 ]
	grep -q '^aiq_verdict{use_case="=1+1",metric="latency_ms",verdict="UNDERPOWERED"} 1$' prom
	quality-agg -f prometheus --every 1d --by clinician_flagged log >prom
	[ "$(grep -c '^aiq_requests' prom)" -eq 1 ]
	grep -q '^aiq_requests 500$' prom
}

@test "otel: one OTLP/JSON request with the same numbers, times as strings of nanoseconds" {
	make_log 500 9 >log
	hostile
	quality-agg -f otel --by model_id,cache_hit log >otel
	quality-agg -f prometheus --by model_id,cache_hit log >prom
	[ "$(wc -l <otel)" -eq 1 ]
	python3 - <<-'PY'
		import json, re
		d = json.load(open("otel", encoding="utf-8"))
		(scope,) = d["resourceMetrics"][0]["scopeMetrics"]
		names = [m["name"] for m in scope["metrics"]]
		assert names == ["aiq.requests", "aiq.latency", "aiq.cache_hit.ratio", "aiq.content_filter.ratio", "aiq.disclaimer_present.ratio",
		                 "aiq.clinician_positive.ratio", "aiq.citations.mean", "aiq.retrieval_score.mean", "aiq.last_timestamp"], names
		prom = {}
		for line in open("prom", encoding="utf-8"):
		    if not line.startswith("#"):
		        k, v = line.rsplit(" ", 1)
		        prom[k] = float(v)
		n = 0
		for m in scope["metrics"]:
		    for p in m.get("gauge", m.get("summary"))["dataPoints"]:
		        a = {x["key"]: x["value"] for x in p["attributes"]}
		        assert list(a) == ["model_id", "cache_hit"] and isinstance(a["cache_hit"]["boolValue"], bool)
		        assert re.fullmatch(r"\d{19}", p["timeUnixNano"]) and re.fullmatch(r"\d{19}", p["startTimeUnixNano"])
		        labels = 'model_id="%s",cache_hit="%s"' % (a["model_id"]["stringValue"], str(a["cache_hit"]["boolValue"]).lower())
		        name = "aiq_" + m["name"][4:].replace(".", "_") + {"s": "_seconds"}.get(m["unit"], "")
		        if "quantileValues" in p:
		            for q in p["quantileValues"]:
		                assert prom['%s{%s,quantile="%s"}' % (name, labels, q["quantile"])] == q["value"]
		            assert prom["%s_count{%s}" % (name, labels)] == int(p["count"])
		        else:
		            v = float(p["asInt"]) if "asInt" in p else p["asDouble"]
		            assert prom["%s{%s}" % (name, labels)] == v
		        n += 1
		assert n > 50
	PY
	quality-agg -f otel --every 7d log | jq -e '.resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints | length > 3' >/dev/null
	quality-agg -q -f otel --baseline log log | jq -e '[.resourceMetrics[0].scopeMetrics[0].metrics[].name] | .[-2:] == ["aiq.verdict", "aiq.effect"]' >/dev/null
	quality-agg -f otel --by use_case hostile | jq -e . >/dev/null
}

@test "no line to show: each format says so without falling over" {
	: >none
	local f
	for f in json csv table html prometheus otel; do
		run -1 --separate-stderr quality-agg -f "$f" none
		[ "$stderr" = 'quality-agg: no line to work on' ]
	done
	run -1 quality-agg -f chart --every 1d none
	quality-agg -f html none | grep -q 'no line to show'
}

@test "--follow: a table that is renewed on a terminal; a signal ends it as an end of input, with what came" {
	make_log 40 1 >log
	quality-agg --follow log >got &
	pid=$!
	sleep 0.3
	make_log 60 2 >>log
	printf '{"torn' >>log
	sleep 0.7
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" -eq 0 ]
	[[ "$(sed -n 2p got)" =~ ^request_count\ +100$ ]]
	[ "$(wc -l <got)" -eq 10 ]
	make_log 40 1 >log
	python3 "$root/tests/terminal.py" 80 timeout -s TERM 3 quality-agg --follow log >screen &
	pid=$!
	sleep 1
	make_log 60 2 >>log
	wait $pid
	grep -q $'\e\\[Hmetric\\|\e\\[H\e\\[1mmetric' screen
	python3 - <<-'PY'
		import re
		n = re.findall(r"request_count +(?:\x1b\[1m)?(\d+)", open("screen").read())
		assert int(n[0]) <= 40 and n[-1] == "100" and len(n) >= 3, n
	PY
	quality-agg --follow log -f json --baseline log >got &
	pid=$!
	sleep 0.5
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$(jq -r .metric got | head -1)" = latency_ms ]
	run -2 --separate-stderr quality-agg --follow log log
	[ "${stderr_lines[0]}" = 'quality-agg: option --follow: takes no other FILE and no --merge' ]
	run -2 --separate-stderr timeout 20 quality-agg --follow .
	[ "${stderr_lines[0]}" = 'quality-agg: .: not a regular file' ]
}
