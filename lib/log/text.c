/* What may stand in a note and in a key's name. */
#include "log/key.h"
#include "log/note.h"

/* Take one character of UTF-8 (RFC 3629) off s.  Returns it; -1 if s does not begin with one. */
static int32_t
rune_next(struct slice *s)
{
	const unsigned char *p = (const unsigned char *)s->p;
	unsigned more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	int32_t c = more == 0 ? p[0] : p[0] & (0x3f >> more);

	if (p[0] > 0xf4 || (p[0] >= 0x80 && p[0] < 0xc2) || s->len <= more)
		return -1;
	for (unsigned i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return -1;
	s->p += more + 1;
	s->len -= more + 1;
	return c;
}

/* The Unicode property White_Space. */
static bool
is_space(int32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	    c == 0x205f || c == 0x3000;
}

bool
note_text_ok(struct slice s)
{
	while (s.len > 0) {
		int32_t c = rune_next(&s);

		if (c < 0x20 && c != '\n')
			return false;
	}
	return true;
}

bool
key_name_ok(struct slice name)
{
	if (name.len == 0 || name.len > KEY_NAME_MAX || slice_is(name, "cosignature/v1"))
		return false;
	while (name.len > 0) {
		int32_t c = rune_next(&name);

		if (c < 0x20 || c == '+' || (c >= 0x7f && c < 0xa0) || is_space(c))
			return false;
	}
	return true;
}
