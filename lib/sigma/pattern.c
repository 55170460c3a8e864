#include "sigma/pattern.h"

#include <stdint.h>

void
pattern_get(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.len && memchr("\\*?", text.p[i + 1], 3) != NULL)
			buf_byte(out, text.p[++i]);
		else
			buf_byte(out, c == '*' ? PATTERN_MANY : c == '?' ? PATTERN_ONE : c);
	}
}

bool
pattern_wild(struct slice p)
{
	for (size_t i = 0; i < p.len; i++)
		if (p.p[i] == PATTERN_MANY || p.p[i] == PATTERN_ONE)
			return true;
	return false;
}

bool
pattern_any(struct slice p)
{
	for (size_t i = 0; i < p.len; i++)
		if (p.p[i] != PATTERN_MANY)
			return false;
	return p.len > 0;
}

bool
pattern_glob(struct slice glob, struct slice name)
{
	size_t g = 0, n = 0, star = SIZE_MAX, from = 0;

	while (n < name.len) {
		if (g < glob.len && glob.p[g] == '*') {
			star = g++;
			from = n;
		} else if (g < glob.len && glob.p[g] == name.p[n]) {
			g++;
			n++;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			n = ++from;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.p[g] == '*')
		g++;
	return g == glob.len;
}
