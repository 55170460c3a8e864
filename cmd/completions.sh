#!/bin/sh
# completions.sh SHELL TOOL <TABLE - the completion of TOOL for bash, zsh or fish, made from its option table.
# TABLE is what TOOL --dump-options prints: verb, letter, long name, argument, help, a tab between them; verb is
# empty for a tool without verbs, letter for a long option only, argument for an option without one; "[X]" is an
# optional argument, and "A|B" a choice.
set -eu
exec awk -F '\t' -v shell="$1" -v tool="$2" '
function words(choice)      # "a|b|c" and WHEN as words; "" for anything else
{
	if (choice == "WHEN") return "auto always never"
	if (choice !~ /^[a-z0-9-]+(\|[a-z0-9-]+)+$/) return ""
	gsub(/\|/, " ", choice)
	return choice
}
function file(choice)       # does the argument name a file?
{
	return choice ~ /FILE|DIR|LIST|KEY|LOG|RULE|PATH|CERT/
}
function quoted(s)          # for the inside of single quotes
{
	gsub(/\047/, "\047\\\047\047", s)
	return s
}
{
	n++
	verb[n] = $1; letter[n] = $2; name[n] = $3; arg[n] = $4; help[n] = $5
	if (!($1 in seen)) { seen[$1] = 1; order[++verbs] = $1 }
}
function bash_options(v,    i, s)
{
	for (i = 1; i <= n; i++)
		if (verb[i] == v) {
			s = s " --" name[i]
			if (letter[i] != "") s = s " -" letter[i]
		}
	return substr(s, 2)
}
function bash(    i, k, f, done, list)
{
	f = "_" tool; gsub(/-/, "_", f)
	printf "# bash completion for %s, made from its option table\n%s()\n{\n", tool, f
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb options"
	print "\tif [[ $cur == \"=\" ]]; then cur=; elif [[ $prev == \"=\" ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi"
	if (!("" in seen) || verbs > 1) print "\tverb=${COMP_WORDS[1]}"
	print "\tcase $verb:$prev in"
	for (i = 1; i <= n; i++) {
		if (arg[i] == "" || arg[i] ~ /^\[/) continue
		list = words(arg[i])
		printf "\t%s:--%s", verb[i], name[i]
		if (letter[i] != "") printf " | %s:-%s", verb[i], letter[i]
		if (list != "") printf ") mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\") && return ;;\n", list
		else if (file(arg[i])) printf ") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") && return ;;\n"
		else printf ") return ;;\n"
	}
	print "\tesac\n\tcase $verb in"
	for (k = 1; k <= verbs; k++)
		if (order[k] != "") printf "\t%s) options=\"%s\" ;;\n", order[k], bash_options(order[k])
	list = bash_options("")
	if (verbs > 1 || !("" in seen)) {
		if (list == "") list = "--help --version"
		for (k = 1; k <= verbs; k++) if (order[k] != "") list = list " " order[k]
		printf "\t*) ((COMP_CWORD == 1)) && mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\") && return ;;\n", list
	} else
		printf "\t*) options=\"%s\" ;;\n", list
	print "\tesac"
	print "\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")"
	printf "\telse\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\tfi\n}\ncomplete -o filenames -F %s %s\n", f, tool
}
function zsh_spec(i,    h, a, s)
{
	h = help[i]
	gsub(/\\/, "\\\\", h); gsub(/\[/, "\\[", h); gsub(/\]/, "\\]", h); gsub(/:/, "\\:", h)
	h = quoted(h)
	if (arg[i] != "") {
		a = arg[i]
		gsub(/[][]/, "", a)
		s = (arg[i] ~ /^\[/ ? "::" : ":") tolower(a) ":"
		if (words(arg[i]) != "") s = (arg[i] ~ /^\[/ ? "::" : ":") "value:(" words(arg[i]) ")"
		else if (file(arg[i])) s = s "_files"
	}
	a = arg[i] == "" ? "" : "="
	if (letter[i] == "") return "\047*--" name[i] a "[" h "]" s "\047"
	return "\047*\047{-" letter[i] (a == "" ? "" : "+") ",--" name[i] a "}\047[" h "]" s "\047"
}
function zsh_options(v, indent,    i)
{
	printf "%s_arguments -s -S", indent
	for (i = 1; i <= n; i++)
		if (verb[i] == v) printf " \\\n%s\t%s", indent, zsh_spec(i)
	printf " \\\n%s\t\047*:file:_files\047\n", indent
}
function zsh(    k)
{
	printf "#compdef %s\n# zsh completion for %s, made from its option table\n", tool, tool
	if (verbs == 1 && order[1] == "") { zsh_options("", ""); return }
	printf "if ((CURRENT == 2)); then\n\tlocal -a verbs\n\tverbs=("
	for (k = 1; k <= verbs; k++) if (order[k] != "") printf " %s", order[k]
	printf " --help --version)\n\t_describe -V verb verbs\n\treturn\nfi\nlocal verb=$words[2]\nshift words\n((CURRENT--))\ncase $verb in\n"
	for (k = 1; k <= verbs; k++) if (order[k] != "") {
		printf "%s)\n", order[k]
		zsh_options(order[k], "\t")
		print "\t;;"
	}
	print "*) _files ;;\nesac"
}
function fish(    i, k, s, list)
{
	printf "# fish completion for %s, made from its option table\n", tool
	for (k = 1; k <= verbs; k++) list = list (order[k] == "" ? "" : " " order[k])
	for (k = 1; k <= verbs; k++)
		if (order[k] != "")
			printf "complete -c %s -f -n \047not __fish_seen_subcommand_from%s\047 -a %s\n", tool, list, order[k]
	for (i = 1; i <= n; i++) {
		s = "complete -c " tool
		if (verb[i] != "") s = s " -n \047__fish_seen_subcommand_from " verb[i] "\047"
		else if (list != "") s = s " -n \047not __fish_seen_subcommand_from" list "\047"
		if (letter[i] != "") s = s " -s " letter[i]
		s = s " -l " name[i]
		if (words(arg[i]) != "") s = s " -x -a \047" words(arg[i]) "\047"
		else if (file(arg[i])) s = s " -r -F"
		else if (arg[i] != "" && arg[i] !~ /^\[/) s = s " -x"
		printf "%s -d \047%s\047\n", s, quoted(help[i])
	}
}
END {
	if (n == 0) { print "completions.sh: empty option table" >"/dev/stderr"; exit 2 }
	if (shell == "bash") bash()
	else if (shell == "zsh") zsh()
	else if (shell == "fish") fish()
	else exit 2
}'
