#!/usr/bin/env bats
# examples/ship-cloudwatch.sh, against a stand-in for the aws client (make check-cloud has the real one).

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin there
	ln -s "$root/tests/oracle/aws.py" bin/aws
	export PATH="$PWD/bin:$PATH" AWS_STORE=$PWD/there SETTLE=0 CHUNK=70000
	ship=("$examples/ship-cloudwatch.sh" /audit/phi log state)
	python3 - >events <<'EOF'
import datetime, json
now = datetime.datetime.now(datetime.timezone.utc)
for i in range(60):
    print(json.dumps({"event_id": "e%d" % i, "event_type": "phi_read", "user_id": "dr.lee", "user_role": "nurse", "patient_id": "P1",
                      "timestamp": (now - datetime.timedelta(hours=(i * 7) % 26, seconds=i)).isoformat(), "resource_type": "Patient",
                      "use_case": "care", "source_ip": "::1", "service_component": "gw", "request_id": "r-1"}))
EOF
	audit-emit events >log
}

# there: the ids of all entries at the endpoint, sorted.
there() {
	cat there/* | jq -r '.message | fromjson.eventID' | sort
}

# all: the endpoint has each entry of the log once.
all() {
	[ "$(there)" = "$(jq -r .event_id log | sort)" ]
	cat there/* | jq -r .message | audit-emit --from cloudwatch | sort | cmp - <(sort log)
}

@test "ship-cloudwatch.sh ships each entry once, and a second run only what is new" {
	run -0 "${ship[@]}"
	[ -z "$output" ]
	all
	cat there/* | wc -l >before
	run -0 "${ship[@]}"
	[ "$(cat there/* | wc -l)" = "$(<before)" ]
	sed 's/e1"/f1"/;1q' events | audit-emit >>log
	head -c 100 log >>log # a line that is being written
	run -0 "${ship[@]}"
	[ "$(cat there/* | wc -l)" = 61 ]
}

@test "ship-cloudwatch.sh: answers get lost, requests get lost, it is killed: each entry is there once" {
	# The stand-in kills the script that called it, or all of the script's processes, too.
	for death in one all; do
		rm -rf there/* state
		tries=0
		until CHUNK=7000 FAULTS=0.3 DEATH=$death TRIES=3 setsid -w "${ship[@]}" >said 2>&1; do
			tries=$((tries + 1))
			((tries < 200)) || return 1
		done
		((tries > 1))
		all
	done
}

@test "ship-cloudwatch.sh names what was refused here, and what the service dropped, and goes on" {
	{ head -2 log; sed -n 3p log | sed 's/"20[0-9-]*T/"2020-01-01T/'; echo '{"log_event": "seal"}'; sed -n 4,9p log; } >other
	mv other log
	export TOO_OLD
	TOO_OLD=$(jq -r 'select(.timestamp > "2021") | "\(.timestamp) \(.event_id)"' log | sort | head -1 | cut -d ' ' -f 2)
	run -1 "${ship[@]}"
	[[ $output == *"not shipped: see state/refused."*"not shipped: see state/rejected."* ]]
	[ "$(jq -c '[.file, .line, .rule]' state/refused.*)" = '["log",3,"time-window"]' ]
	[ "$(jq -c '[.reason, .event_id]' state/rejected.*)" = "[\"too-old\",\"$TOO_OLD\"]" ]
	[ "$(there | wc -l)" = 7 ]
	run -0 "${ship[@]}"
}

@test "ship-cloudwatch.sh goes on in what the log was before it was rotated, then in the new one" {
	cp log whole
	head -20 whole >log
	run -0 "${ship[@]}"
	sed -n 21,30p whole >>log
	mv log log-000000000000-000000000029
	sed -n 31,60p whole >log
	run -0 "${ship[@]}"
	mv whole log
	all
}

@test "ship-cloudwatch.sh: a log that is gone, shorter or unreadable, or an endpoint without answers, is exit 2" {
	run -2 "$examples/ship-cloudwatch.sh"
	[[ $output == "usage: ship-cloudwatch.sh "* ]]
	run -2 "$examples/ship-cloudwatch.sh" g nowhere state
	FAULTS=1 TRIES=2 run -2 "${ship[@]}"
	rm -rf state there/*
	run -0 "${ship[@]}"
	head -1 log >less
	cat less >log
	run -2 "${ship[@]}"
	[[ $output == *"log is shorter than what was shipped of it"* ]]
	audit-emit events | sed -n 2p >log
	run -2 "${ship[@]}"
	[[ $output == *"what log was is gone"* ]]
}

@test "the scripts of the storage plan say how to be called" {
	for script in retention-setup.sh retention-audit.sh retention-azure.sh; do
		run -2 "$examples/$script"
		[[ $output == "usage: $script "* ]]
	done
}
