#!/bin/sh
# run.sh BUILD - what others say of what siem-rules writes: Splunk's AppInspect of an app, Microsoft's SARIF validator
# of findings.  Both are fetched into build/siem-peers, in the versions named here.
set -eu
build=$1
peers=build/siem-peers
appinspect=4.3.1 multitool=5.7.0

unreached() {
	echo "check-siem: $1 cannot be reached, or has not what was asked for: nothing was checked" >&2
	exit 2
}

[ -x $peers/bin/splunk-appinspect ] || {
	python3 -m venv $peers
	$peers/bin/pip install -q "splunk-appinspect==$appinspect" || unreached PyPI
}
[ -x $peers/npm/node_modules/.bin/sarif-multitool ] || {
	mkdir -p $peers/npm
	(cd $peers/npm && npm install --loglevel=error --no-audit --no-fund "@microsoft/sarif-multitool@$multitool") ||
		unreached 'the registry of npm'
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

"$build/siem-rules" render --splunk-app "$work/clinical_ai" rules
"$build/siem-rules" render --pipeline none --splunk-app "$work/golden" tests/golden/spl/converter_faults.yml \
	tests/golden/spl/control_characters.yml tests/golden/spl/escaping.yml
for app in clinical_ai golden; do
	$peers/bin/splunk-appinspect inspect "$work/$app" --mode precert --data-format json --output-file "$work/$app.json" >"$work/log" 2>&1 || {
		cat "$work/log"
		status=1
	}
	jq -r '.summary | "  PEER   AppInspect: \(.error) errors, \(.failure) failures, \(.warning) warnings, \(.success) good"' "$work/$app.json"
	jq -e '.summary | .error + .failure + .warning == 0 and .success > 50' "$work/$app.json" >"$work/log" || {
		jq -r '.reports[].groups[].checks[] | select(.result | IN("error", "failure", "warning")) | .name, .messages[].message' "$work/$app.json"
		status=1
	}
done

"$build/siem-rules" check --format sarif -o "$work/found.sarif" tests/golden/check || [ $? = 1 ]
"$build/siem-rules" check --format sarif -o "$work/none.sarif" rules
for log in found none; do
	$peers/npm/node_modules/.bin/sarif-multitool validate "$work/$log.sarif" --output "$work/$log.report" >"$work/log" 2>&1 || status=1
	if grep -E '\): (error|warning) ' "$work/log" | grep -v SARIF2005; then status=1; fi
	grep -q 'Analysis completed successfully' "$work/log" || {
		cat "$work/log"
		status=1
	}
	echo "  PEER   sarif-multitool: $log.sarif, $(jq '.runs[0].results | length' "$work/$log.sarif") results: valid"
done
exit $status
