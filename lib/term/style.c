#include "term/style.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"

int
style_wanted(const char *when, int fd, bool *on)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when == NULL || strcmp(when, "auto") == 0)
		*on = isatty(fd) == 1 && (no == NULL || *no == '\0') && term != NULL &&
		    strcmp(term, "dumb") != 0;
	else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
		*on = when[0] == 'a';
	else
		return -1;
	return 0;
}

const char *
style_begin(enum style style)
{
	static const char *const codes[] = { "", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m",
		"\x1b[32m" };

	return codes[style];
}

const char *
style_end(enum style style)
{
	return style == STYLE_NONE ? "" : "\x1b[0m";
}

bool
style_unicode(int fd)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < 3 && (value == NULL || *value == '\0'); i++)
		value = getenv(names[i]);
	return isatty(fd) != 1 ||
	    (value != NULL &&
		(strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL));
}

unsigned
style_width(int fd)
{
	struct winsize size;

	if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_col;
}

unsigned
style_height(int fd)
{
	struct winsize size;

	if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) == -1)
		return 0;
	return size.ws_row;
}

/* Controls, the Unicode line ends, and what changes the direction of writing (UAX 9). */
static bool
is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C ||
	    (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
	    (c >= 0xE0000 && c <= 0xE0FFF);
}

void
style_clean(struct buf *b, struct slice text)
{
	const char *p = text.len == 0 ? "" : text.p, *end = p + text.len;
	bool blank = false;

	while (p < end) {
		uint32_t c = 0;
		unsigned n = utf8_get(p, end, &c);

		if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
			blank = true;
			p++;
			continue;
		}
		if (blank && b->len > 0)
			buf_byte(b, ' ');
		blank = false;
		if (n == 0 || is_harmful(c))
			buf_byte(b, '?');
		else
			buf_add(b, p, n);
		p += n == 0 ? 1 : n;
	}
}

/* Sorted ranges: marks that stand on the character before them, and wide characters. */
struct range {
	uint32_t first, last;
};

static const struct range marks[] = { { 0x300, 0x36F }, { 0x483, 0x489 }, { 0x591, 0x5BD },
	{ 0x610, 0x61A }, { 0x64B, 0x65F }, { 0x6D6, 0x6DC }, { 0x900, 0x902 },
	{ 0x93C, 0x93C }, { 0x941, 0x948 }, { 0xE31, 0xE31 }, { 0xE34, 0xE3A },
	{ 0xE47, 0xE4E }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x20D0, 0x20FF },
	{ 0x302A, 0x302D }, { 0x3099, 0x309A }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F } };

static const struct range wides[] = { { 0x1100, 0x115F }, { 0x231A, 0x231B },
	{ 0x2E80, 0x303E }, { 0x3041, 0x33FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
	{ 0xA000, 0xA4CF }, { 0xA960, 0xA97F }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
	{ 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F },
	{ 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD } };

static bool
in_ranges(uint32_t c, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n && r[i].first <= c; i++)
		if (c <= r[i].last)
			return true;
	return false;
}

size_t
style_columns(struct slice text)
{
	const char *p = text.len == 0 ? "" : text.p, *end = p + text.len;
	size_t columns = 0;
	uint32_t c = 0;

	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		if (n == 0)
			n = 1;
		else if (in_ranges(c, marks, sizeof marks / sizeof marks[0]))
			continue;
		else if (in_ranges(c, wides, sizeof wides / sizeof wides[0]))
			columns++;
		columns++;
	}
	return columns;
}

struct slice
style_cut(struct slice text, size_t columns)
{
	size_t end = 0;

	while (end < text.len) {
		unsigned n = utf8_get(text.p + end, text.p + text.len, NULL);
		size_t next = end + (n == 0 ? 1 : n);

		if (style_columns((struct slice){ text.p, next }) > columns)
			break;
		end = next;
	}
	return (struct slice){ text.p, end };
}
