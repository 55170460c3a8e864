#!/bin/bash
# man.sh [BUILD] - is what the option tables, --help, the man pages and the completions say one set?
# Are the pages clean mdoc, with EXIT STATUS and EXAMPLES?
set -u
cd "$(dirname "$0")/../.." || exit 2
build=${1:-build}
status=0

complain() {
	echo "$*" >&2
	status=1
}

# The options a page documents: one a line, "-x" or "--long", from the .It lines.
documented() {
	sed -nE '/^\.It/{s/^\.It//;s/Fl +-/\n--/g;s/Fl +/\n-/g;p}' "$1" | grep -oE '^--?[A-Za-z0-9][A-Za-z0-9-]*' | sort -u
}

tabled() {
	awk -F '\t' '$3 != "" { print "--" $3 } $2 != "" { print "-" $2 }' "$1" | sort -u
}

check_tool() {
	local tool=$1 page=man/$1.1 table=$build/lint-$1.tab verb
	"$build/$tool" --dump-options >"$table" || {
		complain "$tool: --dump-options failed"
		return
	}
	[[ -s $table ]] || complain "$tool: empty option table"
	[[ -e $page ]] || {
		complain "$page: missing"
		return
	}
	while read -r line; do
		complain "$page: ${line/</only in the table:}"
	done < <(diff <(tabled "$table") <(documented "$page") | sed -nE 's/^< /only in the table: /p;s/^> /only in the page: /p')
	for verb in $(cut -f 1 "$table" | sort -u) ''; do
		# shellcheck disable=SC2086  # an empty verb is no word
		"$build/$tool" $verb --help >"$table.help" || complain "$tool $verb --help fails"
		while read -r long; do
			grep -qwF -- "--$long" "$table.help" || complain "$tool $verb --help lacks --$long"
		done < <(awk -F '\t' -v verb="$verb" '$1 == verb { print $3 }' "$table")
		[[ -z $verb ]] || grep -qw -- "$verb" "$page" || complain "$page lacks the verb $verb"
	done
	for shell in bash zsh fish; do
		cmd/completions.sh "$shell" "$tool" <"$table" >"$table.comp" || complain "$tool: no $shell completion"
		[[ $shell != bash ]] || bash -n "$table.comp" || complain "$tool: broken bash completion"
		while read -r long; do
			grep -qE -- "(--|-l )$long\b" "$table.comp" || complain "$tool: $shell completion lacks --$long"
		done < <(cut -f 3 "$table" | sort -u)
	done
	rm -f "$table" "$table.help" "$table.comp"
}

for main in cmd/*.c cmd/*/main.c; do
	[[ -e $main ]] || continue
	tool=${main#cmd/} tool=${tool%/main.c}
	check_tool "${tool%.c}"
done

for page in man/*.[1-9]; do
	[[ -e $page ]] || { complain "no man page at all"; break; }
	# "-Wwarning" leaves style remarks out; a reference to a page that is not installed here is no fault.
	mandoc -Tlint -Wwarning "$page" >&2 || status=1
	for section in 'EXAMPLES' 'SEE ALSO'; do
		grep -q "^\.Sh $section" "$page" || complain "$page: no $section"
	done
	[[ $page == *.[57] ]] || grep -q '^\.Sh EXIT STATUS' "$page" || complain "$page: no EXIT STATUS"
done
for page in audit-entry.5 audit-log.5 audit-tools.7; do
	[[ -e man/$page ]] || complain "man/$page: missing"
done
exit $status
