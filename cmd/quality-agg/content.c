#include "content.h"

#include <stddef.h>

enum { WORD_MIN = 4, WORD_MAX = 10 };

static const char *const words[] = { "prompt", "response", "completion", "text", "note",
	"content", "messages", "input", "output", "body", "query" };

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Does a word end between p[i - 1] and p[i], both letters? */
static bool
case_rises(const char *p, size_t i, size_t len)
{
	if (!is_upper(p[i]))
		return false;
	return !is_upper(p[i - 1]) ||
	    (i + 1 < len && is_letter(p[i + 1]) && !is_upper(p[i + 1]));
}

static bool
is_content(const char *p, size_t len)
{
	if (len < WORD_MIN || len > WORD_MAX)
		return false;
	for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
		size_t i = 0;

		while (i < len && words[w][i] != '\0' &&
		    words[w][i] == (p[i] | (is_upper(p[i]) ? 0x20 : 0)))
			i++;
		if (i == len && words[w][i] == '\0')
			return true;
	}
	return false;
}

bool
content_key(struct slice key)
{
	size_t start = 0, i = 0;

	while (i < key.len) {
		for (start = i; i < key.len && is_letter(key.p[i]); i++)
			if (i > start && case_rises(key.p, i, key.len))
				break;
		if (is_content(key.p + start, i - start))
			return true;
		if (i < key.len && !is_letter(key.p[i]))
			i++;
	}
	return false;
}
