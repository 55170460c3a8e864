#!/bin/sh
# gateway.sh [LOG...] - audit entries out of an application's own log, by a jq program.
set -eu
exec audit-emit --map-file "$(dirname "$0")/gateway.jq" "$@"
