# shellcheck shell=sh disable=SC2034,SC2154,SC2017  # variables of the scripts that source this
# What every review does first; a script sets NAME and sources this.
#
# SINCE and UNTIL bound the entries to those from SINCE up to, not at, UNTIL (default: now).  Each is an
# RFC 3339 time, or a span such as 90s, 15m, 24h, 30d or 6y: that long ago.

here=$(dirname "$0")

fail() {
	echo "$NAME: $1" >&2
	exit 2
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

# review PROGRAM [JQ-OPTION...] -- [FILE...]: run a jq program over the files, or stdin.
# A last line without LF ends there: jq -R would run it on into the next file.
review() {
	program=$1
	shift
	left=$# files=
	while [ "$left" -gt 0 ]; do
		left=$((left - 1))
		set -- "$@" "$1"
		if [ -n "$files" ] && [ "$left" -gt 0 ] && [ -f "$1" ] && [ -n "$(tail -c 1 -- "$1")" ]; then
			set -- "$@" "$here/lf"
		fi
		[ "$1" != -- ] || files=yes
		shift
	done
	# shellcheck disable=SC2094
	NAME=$NAME jq -n -r -R -L "$here" --argjson since "$since" --argjson until "$until" \
		"include \"entries\"; $program" "$@"
}

: "${UNTIL:=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)}"
until=$(instant UNTIL) || exit 2
if [ -n "${SINCE-}" ]; then
	since=$(instant SINCE) || exit 2
else
	since='[-99999999999,""]'
fi
