# shellcheck shell=sh disable=SC2034,SC2154,SC2017  # variables of the scripts that source this
# What every review does first; a script sets NAME, and ID to what its first operand names, if that is no FILE, and
# sources this.  "-h" and "--help" print what the script says of itself; behind "--" they are operands.
#
# SINCE and UNTIL bound the entries to those from SINCE up to, not at, UNTIL (default: now).  Each is an
# RFC 3339 time, or a span such as 90s, 15m, 24h, 30d or 6y: that long ago.

here=$(dirname "$0")

fail() {
	echo "$NAME: $1" >&2
	exit 2
}

# usage: the comment at the head of the script.
usage() {
	sed -n '1d; /^#/!q; s/^# \{0,1\}//; 2s/^/usage: /; p' "$0"
}

# seconds SPAN: a span as seconds.
seconds() {
	case $1 in
	*[!0-9smhdwy]* | [!0-9]* | *[0-9] | '') return 1 ;;
	esac
	number=${1%?}
	case $number in *[!0-9]* | ??????????*) return 1 ;; esac
	case $1 in
	*s) echo "$number" ;;
	*m) echo $((number * 60)) ;;
	*h) echo $((number * 3600)) ;;
	*d) echo $((number * 86400)) ;;
	*w) echo $((number * 604800)) ;;
	*y) echo $(((number * 36525 + 99) / 100 * 86400)) ;;
	esac
}

# span VARIABLE: the seconds of the span that it holds.
span() {
	eval "text=\$$1"
	seconds "$text" || fail "$1 is no span of time"
}

# instant VARIABLE: the time that it holds, or that long ago, as entries.jq has instants.
instant() {
	eval "text=\$$1"
	if ago=$(seconds "$text"); then
		text=$(date -u -d "@$(($(date +%s) - ago))" +%Y-%m-%dT%H:%M:%SZ)
	fi
	case $text in
	[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][Tt\ ][0-9][0-9]:[0-9][0-9]:[0-9][0-9]*[Zz+-]*) ;;
	*) fail "$1 is no time" ;;
	esac
	date -u -d "$text" '+[%s,"%N"]' 2>/dev/null || fail "$1 is no time"
}

# count VARIABLE: the number that it holds.
count() {
	eval "text=\$$1"
	case $text in '' | *[!0-9]* | ??????????*) fail "$1 is no number" ;; esac
	echo "$text"
}

# unreadable FILE: why it cannot be read, as the system would say.  False if it can.
unreadable() {
	if [ "$1" = - ]; then
		return 1
	elif [ ! -e "$1" ]; then
		echo "No such file or directory"
	elif [ -d "$1" ]; then
		echo "Is a directory"
	elif [ ! -r "$1" ]; then
		echo "Permission denied"
	else
		return 1
	fi
}

# review PROGRAM [JQ-OPTION...] -- [FILE...]: run a jq program over the files, or stdin.
# A last line without LF ends there: jq -R would run it on into the next file.
review() {
	program=$1
	shift
	left=$# files='' any='' status=0 failed=''
	while [ "$left" -gt 0 ]; do
		left=$((left - 1))
		if [ -n "$files" ] && why=$(unreadable "$1"); then
			echo "$NAME: $1: $why" >&2
			failed=yes
			shift
			continue
		fi
		any=$files
		if [ "$files:$1" = yes:- ]; then
			set -- "$@" /dev/stdin
		else
			set -- "$@" "$1"
		fi
		if [ -n "$files" ] && [ "$left" -gt 0 ] && [ -f "$1" ] && [ -n "$(tail -c 1 -- "$1")" ]; then
			set -- "$@" "$here/lf"
		fi
		[ "$1" != -- ] || files=yes
		shift
	done
	[ -z "$failed" ] || [ -n "$any" ] || return 2
	# shellcheck disable=SC2094
	NAME=$NAME jq -n -r -R -L "$here" --argjson since "$since" --argjson until "$until" \
		"include \"entries\"; $program" "$@" || status=$?
	[ -z "$failed" ] || status=2
	return "$status"
}

case ${1-} in
-h | --help)
	usage
	exit 0
	;;
esac
[ "${1-}" != -- ] || shift
if [ -n "${ID-}" ] && [ $# -eq 0 ]; then
	usage | head -1 >&2
	exit 2
fi

: "${UNTIL:=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)}"
until=$(instant UNTIL) || exit 2
if [ -n "${SINCE-}" ]; then
	since=$(instant SINCE) || exit 2
else
	since='[-99999999999,""]'
fi
