#include "base/utf8.h"
#include "json/scan.h"

/* Four hex digits, checked by the scanner. */
static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];

		v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

/* Append what the escape at the backslash p stands for.  Returns its end. */
static const char *
resolve(const char *p, struct buf *out)
{
	uint32_t c;

	switch (p[1]) {
	case 'b': buf_byte(out, '\b'); return p + 2;
	case 'f': buf_byte(out, '\f'); return p + 2;
	case 'n': buf_byte(out, '\n'); return p + 2;
	case 'r': buf_byte(out, '\r'); return p + 2;
	case 't': buf_byte(out, '\t'); return p + 2;
	case 'u': break;
	default: buf_byte(out, p[1]); return p + 2;
	}
	c = hex4(p + 2);
	p += 6;
	if (c >= 0xd800 && c < 0xdc00) {
		c = 0x10000 + ((c & 0x3ff) << 10) + (hex4(p + 2) & 0x3ff);
		p += 6;
	}
	utf8_put(out, c);
	return p;
}

struct slice
json_text(struct slice raw, bool escaped, struct buf *scratch)
{
	const char *p = raw.p, *end = raw.p + raw.len;

	if (!escaped)
		return raw;
	buf_reset(scratch);
	for (;;) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));

		if (slash == NULL)
			break;
		buf_add(scratch, p, (size_t)(slash - p));
		p = resolve(slash, scratch);
	}
	buf_add(scratch, p, (size_t)(end - p));
	return buf_view(scratch);
}
