#!/bin/bash
# run.sh BUILD LINES TILES MANIFESTS HINTS PACKED [SEED] - a log of LINES lines in three segments, and so many bits of its
# tiles and manifests (0: every bit), changes of its hints and bits of compressed segments; and the whole head.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) lines=$2 tiles=$3 manifests=$4 hints=$5 packed=$6 seed=${7:-1}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$build/audit-hash" keygen -q log.example/flips -o key
for s in 1 2 3; do
	seq -f "segment $s: entry %g of a log whose bits are changed" $((lines / 3)) |
		"$build/audit-hash" append -q --key key log
	((s == 3)) || "$build/audit-hash" seal -q --key key log >plan
done
status=0
"$build/tests/flips/flips" . head || status=1
"$build/tests/flips/flips" . tiles "$tiles" "$seed" || status=1
"$build/tests/flips/flips" . manifests "$manifests" "$seed" || status=1
"$build/tests/flips/flips" . hints "$hints" "$seed" || status=1
python3 "$here/packed.py" "$build/audit-verify" "$dir/packed" "$packed" "$seed" || status=1
exit $status
