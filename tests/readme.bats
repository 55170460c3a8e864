load helper

@test "README's commands do what it shows, output and all" {
	run -0 python3 "$root/tests/console.py" "$root/README.md"
	[ "$(grep -c '^ok ' <<<"$output")" -ge 8 ]
}

@test "README names only files that are there" {
	local name
	cd "$root"
	while read -r name; do
		[ -e "$name" ] || {
			echo "README names $name"
			return 1
		}
	done < <(grep -oE '\]\([^)h][^)]*\)' README.md | tr -d '])(')
}
