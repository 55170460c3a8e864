#!/bin/bash
# kills.sh DIR - see run.sh.  Every other time the client under way survives its script.
set -eu
ship=$(cd "$(dirname "$0")/../.." && pwd)/examples/ship-cloudwatch.sh
cd "$1"
logs() { aws --endpoint-url "$ENDPOINT" --output json logs "$@"; }
python3 - >events <<'EOF'
import datetime, json
now = datetime.datetime.now(datetime.timezone.utc)
for i in range(6000):
    print(json.dumps({"event_id": "e%d" % i, "event_type": "phi_read", "user_id": "dr.lee", "user_role": "nurse", "patient_id": "P1",
                      "timestamp": (now - datetime.timedelta(hours=(i * 7) % 70, seconds=i)).isoformat(), "resource_type": "Patient",
                      "use_case": "care", "source_ip": "::1", "service_component": "gw", "request_id": "r-1"}))
EOF
audit-emit events >log
logs create-log-group --log-group-name kills
export SETTLE=0 CHUNK=70000 TRIES=3
RANDOM=${SEED:-1} kills=0 runs=0
while ((kills < ${KILLS:-100})); do
	runs=$((runs + 1))
	setsid "$ship" kills log state >said 2>&1 &
	pid=$!
	delay=$((RANDOM % 4000))
	sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
	if ((runs % 2)); then
		kill -KILL -- -$pid 2>/dev/null && kills=$((kills + 1))
	else
		kill -KILL $pid 2>/dev/null && kills=$((kills + 1))
	fi
	wait $pid 2>/dev/null || true
	if [ "$(cut -d ' ' -f 1 state/offset 2>/dev/null)" = "$(wc -c <log)" ] && [ ! -d state/plan ]; then
		# All is there, and kills are left: a new log goes on where this one ends.
		sed "s/\"e\([0-9]*\)\"/\"r$runs-\1\"/" events | audit-emit >>log
	fi
done
"$ship" kills log state
logs filter-log-events --log-group-name kills --query 'events[].message' | jq -r '.[]' | audit-emit --from cloudwatch -q | sort >there
sort log | cmp - there
[ "$(uniq -d there | wc -l)" = 0 ]
echo "ok - kills: $kills kills, $(wc -l <log) entries, each there once"
