#!/bin/sh
# nightly.sh PUBKEY LOG - for cron: silent when all is well, so that any mail is news.
# 1: the log was tampered with, 2: nobody can tell.  The head printed last night is kept to hold today's against.
set -eu
[ $# -eq 2 ] || { echo "usage: nightly.sh PUBKEY LOG" >&2; exit 2; }
pubkey=$1 log=$2
audit-verify -q --pubkey "$pubkey" "$log"
audit-hash checkpoint "$log" >"$log.head"
