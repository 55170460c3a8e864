#include "markup.h"

#include "base/utf8.h"

enum { REPLACEMENT = 0xFFFD };

/* Is c a character that XML may hold, and no C1 control, which HTML may not? */
static bool
is_char(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && (c & 0xFFFE) != 0xFFFE &&
	    !(c >= 0xFDD0 && c <= 0xFDEF);
}

void
markup_put(struct buf *b, struct slice text)
{
	const char *p = text.p, *end = p + text.len;
	uint32_t c = 0;

	for (unsigned n; p<end; p += n> 0 ? n : 1) {
		n = utf8_get(p, end, &c);
		switch (n == 0 ? REPLACEMENT : c) {
		case '&': buf_str(b, "&amp;"); break;
		case '<': buf_str(b, "&lt;"); break;
		case '>': buf_str(b, "&gt;"); break;
		case '"': buf_str(b, "&quot;"); break;
		case '\'': buf_str(b, "&#39;"); break;
		case '\t':
		case '\n':
		case '\r': buf_byte(b, ' '); break;
		default: utf8_put(b, n > 0 && is_char(c) ? c : REPLACEMENT); break;
		}
	}
}
