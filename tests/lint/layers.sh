#!/bin/bash
# layers.sh - are the #include lines those of the picture in STYLE.md and audit-tools(7)?
# Prints FILE:LINE: what is wrong, and ends with 1 if anything is.
set -u
cd "$(dirname "$0")/../.." || exit 2
status=0

complain() {
	echo "$1: $2" >&2
	status=1
}

# may FOLDER: the folders of lib/ that it may include from.
may() {
	case $1 in
	base) echo base ;;
	json | log | stat | term) echo "base $1" ;;
	event | sigma) echo "base json $1" ;;
	cmd) echo "base json log stat term event sigma" ;;
	tests | bench) echo "base json log stat term event sigma cmd tests" ;;
	*) echo ;;
	esac
}

# owners HEADER: a pattern of the files that may include it; empty for any.
owners() {
	case $1 in
	jq.h | jv.h | jv_*.h) echo 'lib/json/*' ;;
	yaml.h | pcre2*.h) echo 'lib/sigma/*' ;;
	openssl/*) echo 'lib/base/digest*.c|lib/log/*|tests/unit/test_recipients.c' ;;
	zlib.h | zstd.h) echo 'lib/log/*|tests/fuzz/fault.c' ;; # which makes their allocations fail
	esac
}

while IFS=: read -r file line text; do
	header=$(sed -E 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/' <<<"$text")
	case $file in
	lib/*) folder=${file#lib/} folder=${folder%%/*} ;;
	*) folder=${file%%/*} ;;
	esac
	pattern=$(owners "$header")
	if [[ -n $pattern ]]; then
		ok=no
		IFS='|' read -ra globs <<<"$pattern"
		for glob in "${globs[@]}"; do
			# shellcheck disable=SC2053  # a pattern is meant
			[[ $file == $glob ]] && ok=yes
		done
		[[ $ok == yes ]] || complain "$file:$line" "only $pattern may include <$header>"
	fi
	[[ $text == *'"'* ]] || continue
	[[ -e lib/$header || -e $(dirname "$file")/$header || ($folder == tests && -e $header) ]] ||
		complain "$file:$line" "$header is not there, neither below lib/ nor beside the file"
	case $header in
	*.c) complain "$file:$line" "includes a .c file" ;;
	../*) complain "$file:$line" "includes upwards; name it from lib/" ;;
	*/*)
		case " $(may "$folder") " in
		*" ${header%%/*} "*) ;;
		*) [[ -e $(dirname "$file")/$header || ($folder == tests && -e $header) ]] || complain "$file:$line" "$folder may not include $header" ;;
		esac
		;;
	esac
done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' -r lib cmd tests bench --include='*.[ch]' 2>/dev/null)

# A folder of lib/ that is in no picture; a tool that includes another tool's folder.
for folder in lib/*/; do
	folder=${folder#lib/} folder=${folder%/}
	[[ -n $(may "$folder") ]] || complain "lib/$folder" "is in no layer"
done

# The library neither prints nor exits: base/tool*.c, base/mem.c, base/progress.c (and base/digest.c
# when there is no SHA-256) alone may.
while IFS=: read -r file line text; do
	case $file in
	lib/base/tool*.c | lib/base/mem.c | lib/base/progress.c | lib/base/digest.c) ;;
	*) complain "$file:$line" "the library neither prints nor exits" ;;
	esac
done < <(grep -nE '(^|[^a-z_>.])(printf|fprintf|puts|perror|exit|_exit|abort|warn|warn_at|warn_errno|note|note_at|die|die_usage)[[:space:]]*\(' -r lib --include='*.c' |
	grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)')

exit $status
