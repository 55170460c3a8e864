#!/bin/bash
# shape.sh - files under 500 lines, functions under 100; prints the median and the 90th percentile.
# Relies on the house style: a function's name starts a line, its brace is "{" alone, "}" alone ends it.
set -u
cd "$(dirname "$0")/../.." || exit 2
mapfile -t files < <(find lib cmd tests bench -name '*.[ch]' 2>/dev/null | sort)
awk -v max_file=500 -v max_function=100 '
	FNR == 1 { inside = 0 }
	/^[a-z_A-Z].*\(/ && !/;$/ && !inside { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	/^{$/ && !inside { inside = 1; start = FNR }
	/^}$/ && inside {
		inside = 0
		if (FILENAME ~ /^(lib|cmd)\//)
			print FNR - start + 1 >lengths
		if (FNR - start + 1 > max_function) {
			printf "%s:%d: %s has %d lines; %d at most\n", FILENAME, start, name, FNR - start + 1, max_function
			bad = 1
		}
	}
	{ lines[FILENAME] = FNR }
	length($0) > 120 { printf "%s:%d: %d columns\n", FILENAME, FNR, length($0); bad = 1 }
	END {
		for (file in lines)
			if (lines[file] >= max_file) {
				printf "%s: %d lines; under %d wanted\n", file, lines[file], max_file
				bad = 1
			}
		exit bad
	}' lengths="${tmp:=$(mktemp)}" "${files[@]}" >&2
status=$?
sort -n "$tmp" | awk '{ n[NR] = $1 } END { if (NR) printf "shape: %d functions, median %d lines, p90 %d\n", NR, n[int((NR + 1) / 2)], n[int(NR * 0.9) ? int(NR * 0.9) : 1] }'
rm -f "$tmp"
exit $status
