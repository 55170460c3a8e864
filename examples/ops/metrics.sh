#!/bin/sh
# metrics.sh DIR PUBKEY LOG: verify, and leave the outcome for node_exporter --collector.textfile.directory=DIR.
# The file is replaced at every outcome: an old "ok" never stands.  Ends as audit-verify does.
set -u
exec audit-verify --pubkey "$2" --format prometheus -o "$1/audit-log.prom" "$3"
