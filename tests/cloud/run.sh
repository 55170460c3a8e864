#!/bin/bash
# run.sh BUILD [PEERS] [PART...] - delivery and storage, with the aws client against a moto server of our own on the
# loopback.  moto is installed in PEERS (default build/peers), at the version below.
#   stream      a hostile stream of entries: the client validates each planned request, the server accepts each
#   kills       ship-cloudwatch.sh is killed at KILLS (100) random moments: the server has each entry once
#   seal        the upload plan of audit-hash seal, run against a bucket with object lock
#   retention   the storage plan as it is made, and each planted shortfall, to retention-audit.sh
set -eu
cd "$(dirname "$0")/../.."
build=$PWD/${1:-build} peers=$PWD/${2:-build/peers} here=$PWD/tests/cloud
shift $(($# < 2 ? $# : 2))
(($# > 0)) || set -- stream kills retention seal
pip='moto[server]==5.2.5'
export PATH="$build:$PATH" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
export AWS_PAGER='' AWS_MAX_ATTEMPTS=1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null LC_ALL=C
work=$(mktemp -d)
passed=0 failed=0 server=

stop() {
	[ -z "$server" ] || kill "$server"
	rm -rf "$work"
}
trap stop EXIT

fetch() {
	mkdir -p "$peers"
	[ "$(cat "$peers/cloud.pip" 2>/dev/null)" != "$pip" ] || return 0
	echo "  PIP    $pip"
	python3 -m venv "$peers/moto"
	"$peers/moto/bin/pip" install -q "$pip" || {
		echo 'check-cloud: PyPI cannot be reached, or has not what was asked for: nothing was checked' >&2
		exit 2
	}
	echo "$pip" >"$peers/cloud.pip"
}

# A server on a free port, with nothing in it; ENDPOINT is its URL.
start() {
	local port
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	export ENDPOINT=http://127.0.0.1:$port
	"$peers/moto/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/server" 2>&1 &
	server=$!
	for _ in $(seq 300); do
		curl -fso /dev/null "$ENDPOINT/moto-api/data.json" && return
		sleep 0.1
	done
	cat "$work/server" >&2
	exit 2
}

verdict() {
	if "$here/$1.sh" "$work/$1"; then
		passed=$((passed + 1))
	else
		echo "not ok - $1"
		failed=$((failed + 1))
	fi
}

fetch
start
for part; do
	mkdir "$work/$part"
	verdict "$part"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
