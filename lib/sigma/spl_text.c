/* Names and strings in SPL: nothing in a rule file may end a string or start a command. */
#include "base/map.h"
#include "base/utf8.h"
#include "sigma/spl.h"

bool
spl_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

static bool
has_control(struct slice s)
{
	const char *p = s.p, *end = s.p + s.len;
	uint32_t c;

	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		if (n == 0 || spl_control(c))
			return true;
	}
	return false;
}

void
spl_clean(struct buf *b, struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	uint32_t c = 0;

	for (unsigned n; p < end; p += n == 0 ? 1 : n) {
		n = utf8_get(p, end, &c);
		if (n == 0 || spl_control(c))
			buf_byte(b, '?');
		else
			buf_add(b, p, n);
	}
}

void
spl_quote(struct buf *b, struct slice text)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_byte(b, '\\');
		buf_byte(b, text.p[i]);
	}
	buf_byte(b, '"');
}

/* Words that mean something where a name may stand. */
static bool
is_reserved(struct slice name)
{
	static const char *const words[] = { "and", "or", "not", "xor", "in", "by", "as",
		"over", "like", "where", "true", "false", "null" };
	char low[6];

	if (name.len >= sizeof low)
		return false;
	for (size_t i = 0; i < name.len; i++)
		low[i] =
		    name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20) : name.p[i];
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_is((struct slice){ low, name.len }, words[i]))
			return true;
	return false;
}

bool
spl_bare(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '_' || c == '.'))
			return false;
	}
	return name.len > 0 && !is_reserved(name);
}

static bool
name_ok(struct spl *s, struct slice name, struct place at)
{
	if (name.len > 0 && !has_control(name))
		return true;
	spl_refuse(s, at, "field-name", "a field's name has a control character, or is empty");
	return false;
}

void
spl_name(struct spl *s, struct slice name, struct place at)
{
	if (!name_ok(s, name, at))
		return;
	if (spl_bare(name))
		buf_slice(s->out, name);
	else
		spl_quote(s->out, name);
}

void
spl_field(struct spl *s, const struct field *f, struct place at)
{
	spl_name(s, f->mapped, at);
}

void
spl_eval_name(struct spl *s, struct slice name, struct place at)
{
	if (!name_ok(s, name, at))
		return;
	/*
	 * How a quote or a backslash would be written between single quotes is not documented, nor that
	 * what parts commands, subsearches and macros is nothing but text there.
	 */
	for (size_t i = 0; i < name.len; i++)
		if (strchr("'\"\\|[]`", name.p[i]) != NULL) {
			spl_refuse(s, at, "field-name",
			    "a field whose name has one of ' \" \\ | [ ] ` cannot be named in "
			    "where");
			return;
		}
	buf_byte(s->out, '\'');
	buf_slice(s->out, name);
	buf_byte(s->out, '\'');
}

void
spl_eval_field(struct spl *s, const struct field *f, struct place at)
{
	spl_eval_name(s, f->mapped, at);
}

void
spl_take(struct spl *s, const struct rule *r)
{
	if (s->taken == NULL)
		s->taken = map_new();
	for (const struct field *f = r->fields; f != NULL; f = f->next)
		map_add(s->taken, f->mapped, NULL);
}

struct slice
spl_helper(struct spl *s, const char *name, uint32_t number)
{
	struct buf b = { 0 };
	struct slice made;

	if (s->taken == NULL)
		spl_take(s, s->reported);
	buf_str(&b, name);
	if (number > 0)
		buf_printf(&b, "_%u", number);
	while (map_find(s->taken, buf_view(&b)) != MAP_NONE)
		buf_byte(&b, '_');
	made = arena_slice(s->arena, buf_view(&b));
	buf_free(&b);
	return made;
}
