#!/bin/bash
# seal.sh KEY LOG [EVENTS...] - events in, durable and sealed entries out: the pipeline of a service's audit log.
# What is refused is named on stderr, and the refusals (never the values) are kept beside the log,
# a file for each run.
# 1: something was refused, the rest is sealed; 2: something is not sealed.
set -u -o pipefail
(($# >= 2)) || { echo "usage: seal.sh KEY LOG [EVENTS...]" >&2; exit 2; }
key=$1 log=$2
shift 2
audit-emit --rejects "$log.rejects-$(date -u +%Y%m%dT%H%M%SZ).$$" "$@" | audit-hash append -q --key "$key" "$log"
