#!/bin/bash
# run.sh BUILD - crash.py, faults.py, verbs.py and writers.py in full.  In memory if there is room: nothing here tests the disk.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$PWD/${1:-build}
case $1 in /*) build=$1 ;; esac
[[ -w /dev/shm ]] && : "${TMPDIR:=/dev/shm}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/crash.XXXXXX") || exit 2
mkdir "$dir/crash" "$dir/faults" "$dir/verbs" "$dir/writers"
status=0
python3 tests/crash/crash.py "$build" "$dir/crash" || status=1
python3 tests/crash/faults.py "$build" "$dir/faults" || status=1
python3 tests/crash/verbs.py "$build" "$dir/verbs" || status=1
python3 tests/crash/writers.py "$build" "$dir/writers" 8 10000 || status=1
if ((status == 0)); then rm -rf "$dir"; else echo "kept: $dir" >&2; fi
exit $status
