#include "base/utf8.h"

/* The bytes a sequence has by its first byte; 0: none starts so. */
static unsigned
length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

unsigned
utf8_get(const char *p, const char *end, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)p;
	unsigned n = length(u[0]);
	uint32_t v;

	if (n == 0 || (size_t)(end - p) < n)
		return 0;
	v = n == 1 ? u[0] : u[0] & (0x7fU >> n);
	for (unsigned i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (u[i] & 0x3fU);
	}
	if (v < least[n] || (v >= 0xd800 && v < 0xe000) || v > 0x10ffff)
		return 0;
	if (c != NULL)
		*c = v;
	return n;
}

void
utf8_put(struct buf *b, uint32_t c)
{
	char *p = buf_reserve(b, 4);
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		p[0] = (char)c;
	} else {
		for (unsigned i = n - 1; i > 0; i--, c >>= 6)
			p[i] = (char)(0x80 | (c & 0x3f));
		p[0] = (char)(0xf00U >> n | c);
	}
	b->len += n;
}

size_t
utf8_count(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}
