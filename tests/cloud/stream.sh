#!/bin/bash
# stream.sh DIR - see run.sh.
set -eu
cd "$(dirname "$0")/../.."
oracle=$PWD/tests/oracle/requests.py
cd "$1"
logs() { aws --endpoint-url "$ENDPOINT" --output json logs "$@"; }
python3 "$oracle" make 7 "${STREAM_SIZE:-large}" >events
audit-emit -f put-log-events --log-group stream --log-stream one -o requests events 2>said || [ $? = 1 ]
python3 "$oracle" check events requests said
logs create-log-group --log-group-name stream
logs create-log-stream --log-group-name stream --log-stream-name one
n=0
while IFS= read -r request; do
	n=$((n + 1))
	printf '%s\n' "$request" >request
	logs put-log-events --cli-input-json file://request >reply
	[ -s reply ] || echo '{}' >reply
	cat reply >>replies
done <requests
audit-emit --check-reply --requests requests replies
# And all of it is there.
jq -r '.logEvents[].message' requests | sort >sent
logs filter-log-events --log-group-name stream --query 'events[].message' | jq -r '.[]' | sort >there
cmp sent there
echo "ok - stream: $n requests of $(wc -l <sent) entries, accepted"
