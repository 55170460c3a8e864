#!/usr/bin/env bats
# The gates for CI in examples/: they are YAML, and the commands in them do what their comments say.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cat >evaluate.sh <<-'END'
		#!/bin/sh
		# 60 answers a use case; $1 of them without the disclaimer.
		for use in summary triage; do
			i=0
			while [ $i -lt 60 ]; do
				i=$((i + 1))
				[ $use = triage ] && [ $i -le "$(cat worse)" ] && d=false || d=true
				printf '{"timestamp":"2026-01-05T08:00:00Z","model_id":"m","model_version":"1","use_case":"%s","prompt_tokens":10,"completion_tokens":20,"latency_ms":%d,"cache_hit":true,"finish_reason":"stop","content_filtered":false,"disclaimer_present":%s,"citation_count":2}\n' $use $((600 + i)) $d
			done
		done
	END
	chmod +x evaluate.sh
	echo 0 >worse
}

# script FILE JOB-OR-STEP: the commands of a step named so (GitHub) or of a job's script (GitLab).
script() {
	python3 - "$1" "$2" <<-'PY'
		import re, sys
		lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
		def indent(l):
		    return len(l) - len(l.lstrip())
		if "github" in sys.argv[1]:
		    at = lines.index("      - name: " + sys.argv[2])
		    at = next(i for i in range(at, len(lines)) if lines[i].lstrip().startswith("run:"))
		    one = lines[at].split("run:", 1)[1].strip()
		    if one != "|":
		        print(one)
		    else:
		        for l in lines[at + 1:]:
		            if l.strip() and indent(l) <= indent(lines[at]):
		                break
		            print(l[10:])
		else:
		    at = lines.index("  script:", lines.index(sys.argv[2] + ":"))
		    for l in lines[at + 1:]:
		        if not l.startswith("    - "):
		            break
		        print(re.sub(r"^'(.*)'$", r"\1", l[6:]).replace("''", "'"))
	PY
}

@test "both are YAML" {
	run siem-rules check "$examples/github-actions.yml" "$examples/gitlab-ci.yml"
	[[ $output$stderr != *yaml* ]]
	printf 'a: [\n' >broken.yml
	run siem-rules check broken.yml
	[[ $output$stderr == *yaml* ]]
	if python3 -c 'import yaml' 2>/dev/null; then
		python3 -c 'import sys, yaml; [yaml.safe_load(open(f)) for f in sys.argv[1:]]' "$examples/github-actions.yml" "$examples/gitlab-ci.yml"
	fi
}

@test "GitHub: a pull request without a change passes, one that is worse fails with the case in the JUnit file" {
	git init -q --bare there.git
	git clone -q there.git here 2>/dev/null
	cp evaluate.sh worse here
	cd here
	local yml=$examples/github-actions.yml
	script "$yml" Evaluate >evaluate
	script "$yml" Compare >compare
	script "$yml" Report >report
	script "$yml" 'Keep the baseline' >keep
	bash -e evaluate
	bash -e keep
	[ "$(git log --oneline | wc -l)" -eq 1 ]
	[ -s quality/metrics.json ]
	bash -e compare
	echo 20 >worse
	bash -e evaluate
	run -1 bash -e compare
	grep -q '<testcase classname="use_case=triage" name="disclaimer_present_rate".*<failure type="REGRESSED"' junit.xml
	grep -q 'failures="2"' junit.xml
	bash -e report
	grep -q REGRESSED quality.html
}

@test "GitLab: a merge request without a change passes, one that is worse fails with the case in the JUnit file" {
	local yml=$examples/gitlab-ci.yml
	script "$yml" ai-quality-baseline >baseline
	script "$yml" ai-quality >compare
	bash -e baseline
	bash -e compare
	echo 20 >worse
	run -1 bash -e compare
	grep -q '<testcase classname="use_case=triage" name="disclaimer_present_rate".*<failure type="REGRESSED"' junit.xml
	grep -q REGRESSED quality.html
}
