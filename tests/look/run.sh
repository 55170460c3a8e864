#!/bin/bash
# run.sh BUILD - quality-agg's pages in a real browser: HTML Tidy, and Chromium at the widths of a phone, a tablet and a
# desk, light and dark: nothing wider than the window, every text with a contrast of 4.5 at least (WCAG AA); A4 in print.
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$1 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	echo 'check-look: no Chromium here' >&2
	exit 2
}

say() {
	printf '  LOOK   %s: %s\n' "$1" "$3"
	[[ $2 -eq 0 ]] || failed=$((failed + 1))
}

chrome() {
	timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" "$@" 2>/dev/null
}

"$build/bench/gen" quality -n 6000 -s 1 >"$work/base"
"$build/bench/gen" quality -n 6000 -s 2 | sed 's/"latency_ms": 3/"latency_ms": 9/; s/coding_assist/a <b>\\"very\\" long name \&amp; of_a_use_case_that_no_line_can_be_broken_in_and_that_goes_on/' >"$work/now"
agg() {
	local status=0
	"$build/quality-agg" -q "$@" "$work/now" || status=$?
	((status <= 1))
}
agg -f html >"$work/plain.html" || exit 2
agg -f html --by use_case --every 1d >"$work/every.html" || exit 2
agg -f html --by use_case --every 1d --baseline "$work/base" >"$work/compared.html" || exit 2
agg -f html --by model_id,model_version,use_case --baseline "$work/base" >"$work/groups.html" || exit 2

for page in plain every compared groups; do
	tidy -q -e -utf8 "$work/$page.html" 2>"$work/tidy"
	say "tidy $page" $? "$(wc -l <"$work/tidy") remarks"
	head -5 "$work/tidy"
	# The page itself has no script; a copy gets one that measures it.
	sed 's|</body>|<script>\n|' "$work/$page.html" >"$work/measured.html"
	{
		cat tests/look/measure.js
		echo '</script></body>'
	} >>"$work/measured.html"
	sed -i '/^<\/html>$/d' "$work/measured.html"
	echo '</html>' >>"$work/measured.html"
	for theme in light dark; do
		for width in 360 800 1600; do
			dark=()
			[[ $theme == light ]] || dark=(--force-dark-mode --blink-settings=preferredColorScheme=0)
			# A window of Chromium's has 500 at least: the page is in a frame of the width wanted.
			printf '<!DOCTYPE html><body><script>onmessage = e => document.body.append(Object.assign(%s, {id: "measured", textContent: e.data}))</script><iframe src="measured.html" width=%d height=900 style="border:0"></iframe>' \
				'document.createElement("output")' "$width" >"$work/frame.html"
			chrome "${dark[@]}" --window-size=1700,900 --virtual-time-budget=5000 --dump-dom "file://$work/frame.html" >"$work/dom"
			result=$(grep -o '<output id="measured">[^<]*' "$work/dom" | sed 's/.*>//')
			[[ $result == "width $width of $width, theme $theme, 0 overflow, 0 faint"* ]]
			say "$page $theme $width" $? "${result:-nothing measured}"
		done
	done
done

chrome --no-pdf-header-footer --print-to-pdf="$work/page.pdf" "file://$work/compared.html" >/dev/null
pdfinfo "$work/page.pdf" >"$work/info" 2>&1
grep -q '^Page size: *59[45].* x 84[12].* (A4)' "$work/info"
say 'print compared' $? "$(grep -E '^(Pages|Page size)' "$work/info" | tr -s ' ' | tr '\n' ' ')"
((failed == 0))
