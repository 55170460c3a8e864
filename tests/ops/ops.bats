#!/usr/bin/env bats
# What is in examples/ops, against the real programs: rsyslogd, logrotate, systemd, promtool, node_exporter, cron's lines.

# shellcheck disable=SC2030,SC2031,SC2154  # bats runs each test in a shell of its own, and sets some variables
bats_require_minimum_version 1.5.0

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH="$BUILD:/usr/sbin:/sbin:$PATH" LC_ALL=C
	ops=$root/examples/ops
	cd "$BATS_TEST_TMPDIR" || return 1
	here=$PWD
	audit-hash keygen -q example.com/log -o key
}

# put FILE: an example with this test's paths in place of the system's.
put() {
	sed -e "s,/usr/local/bin/,$BUILD/,g; s,/usr/local/share/doc/audit-tools/examples,$root/examples,g" \
		-e "s,/etc/audit-log,$here,g; s,/var/log/audit-log,$here,g; s,/run/audit-log.sock,$here/socket,g" \
		-e "s,/var/spool/rsyslog,$here/spool,g" "$ops/$1" >"$1"
}

seal() {
	audit-hash append -q --key key audit.jsonl
}

verify() {
	audit-verify --pubkey key.pub "$@" audit.jsonl
}

@test "rsyslogd hands over by the rule, killed and restarted: what it was told OK for is sealed, once a hand-over" {
	put rsyslog.conf
	run -0 python3 "$BATS_TEST_DIRNAME/rsyslog.py" "$here" "${OPS_LINES:-10000}"
	echo "$output" >&3
	[[ ${lines[-1]} == *' 0 violations' ]]
	run -0 verify
}

@test "logrotate rotates and packs while a writer runs, and all segments verify as one" {
	put logrotate.conf
	chmod 644 logrotate.conf
	coproc live { exec audit-hash append --key key audit.jsonl; }
	pid=$live_PID
	for round in 1 2 3 4; do
		for i in 1 2 3; do
			echo "round $round line $i" >&"${live[1]}"
			read -r -t 10 back <&"${live[0]}"
			[[ $back == "round $round line $i" ]]
		done
		logrotate --force --state "$here/state" logrotate.conf
		sleep 1.1 # the names hold seconds
	done
	echo end >&"${live[1]}"
	read -r -t 10 back <&"${live[0]}"
	kill "$pid"
	wait "$pid"
	packed=(audit.jsonl-*.gz)
	[[ ${#packed[@]} == 4 && $(cat audit.jsonl) == end ]]
	run -0 verify audit.jsonl-*.gz
	[[ $output == 'ok: 13 entries, '* ]]
}

@test "the crontab's lines are silent when all is well, and only then" {
	put audit-verify.cron
	seq 10 | seal
	grep -c '^[0-9]' audit-verify.cron | grep -qx 2
	# The sixth field is the user, the rest is for sh.
	grep '^[0-9]' audit-verify.cron | cut -d ' ' -f 7- >commands
	while read -r command; do
		run -0 sh -c "$command"
		[[ -z $output ]]
	done <commands
	sed -i s/5/6/ audit.jsonl
	run -1 sh -c "$(head -n 1 commands)"
	[[ $output == *'audit.jsonl:5: modified: entry 4'* ]]
	rm -r audit.jsonl.tree
	run -2 sh -c "$(head -n 1 commands)"
	[[ -n $output ]]
}

@test "systemd takes the units, and the service's command does what it says" {
	for unit in audit-verify.service audit-verify.timer audit-incident.service; do
		put "$unit"
		sed -i 's/^User=.*/User=root/' "$unit"
	done
	mkdir -p man/man1
	cp "$root"/man/*.1 man/man1
	export MANPATH=$here/man
	run -0 systemd-analyze verify "./audit-verify.service" "./audit-verify.timer" "./audit-incident.service"
	[[ -z $output ]]
	run -0 systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' audit-verify.timer)"
	seq 10 | seal
	command=$(sed -n 's/^ExecStart=//p' audit-verify.service)
	run -0 sh -c "$command"
	[[ -z $output ]]
	sed -i s/5/6/ audit.jsonl
	run -1 sh -c "$command"
	mkdir incidents
	command=$(sed -n "s,/var/lib/audit-incident,$here/incidents,; s/^ExecStart=//p" audit-incident.service)
	run -1 sh -c "$command"
	[[ -d $(ls -d incidents/incident-*) ]]
}

@test "promtool takes the metrics and the alerts, and node_exporter serves them at every outcome" {
	run -0 promtool check rules "$ops/alerts.yml"
	mkdir text
	port=$((20000 + RANDOM % 20000))
	prometheus-node-exporter --collector.disable-defaults --collector.textfile --collector.textfile.directory="$here/text" \
		--web.listen-address="127.0.0.1:$port" >exporter.log 2>&1 3>&- &
	exporter=$!
	seq 10 | seal
	for want in 0 1 2; do
		case $want in
		1) sed -i s/5/6/ audit.jsonl ;;
		2) mv audit.jsonl.tree/checkpoint kept ;;
		esac
		run -"$want" "$ops/metrics.sh" "$here/text" key.pub audit.jsonl
		promtool check metrics <text/audit-log.prom
		for _ in {1..50}; do
			python3 -c "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())" \
				"http://127.0.0.1:$port/metrics" >served 2>/dev/null && break || sleep 0.1
		done
		grep -qx "audit_log_verify_status{log=\"audit.jsonl\"} $want" served
		grep -q '^node_textfile_scrape_error 0' served
		if ((want == 1)); then grep -q '^audit_log_findings{kind="modified",log="audit.jsonl"} 1' served; fi
	done
	kill "$exporter"
	wait "$exporter" || :
}

@test "incident.sh: from the alarm to the bounds of the damage to evidence that openssl alone checks" {
	seq 1000 | seal
	audit-hash checkpoint audit.jsonl >anchor
	run -0 "$ops/incident.sh" -a anchor key.pub audit.jsonl
	[[ -z $output && -z $(ls -d incident-* 2>/dev/null) ]]
	sed -i '400s/.*/forged/; 500s/.*/forged/' audit.jsonl
	run -1 --separate-stderr "$ops/incident.sh" -a anchor key.pub audit.jsonl
	out=$output
	[[ -d $out && $stderr == *'first entry touched: 399'*'last entry touched: 499'*'entries 0 to 398'*'entries 500 to 999'* ]]
	[[ $(grep -c modified "$out/findings.txt") == 2 && $(grep -c forged "$out/lines") == 2 ]]
	(cd "$out" && grep ' \./' SHA256SUMS | sha256sum -c --quiet)
	for side in before after; do
		ls "$out/$side"
		run -0 env PATH=/usr/bin:/bin sh -c "cd '$out/$side' && sh ./check.sh"
	done
	rm audit.jsonl.tree/checkpoint
	run -2 "$ops/incident.sh" key.pub audit.jsonl
}
