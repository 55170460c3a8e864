#include "event/escape.h"

void
escape_put(struct buf *b, struct slice text, const char also[2])
{
	char *to = buf_reserve(b, 2 * text.len);
	char *start = to;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\\' || c == also[0] || c == also[1])
			*to++ = '\\';
		*to++ = c;
	}
	b->len += (size_t)(to - start);
}
