#include "group.h"

#include "json/write.h"

/* What groups may be made by; times, ids, numbers and free text may not. */
static const enum field allowed[] = { MODEL_ID, MODEL_VERSION, USE_CASE, FINISH_REASON,
	CACHE_HIT, CONTENT_FILTERED, DISCLAIMER_PRESENT, CLINICIAN_THUMBS_UP,
	CLINICIAN_FLAGGED };

_Static_assert(sizeof allowed / sizeof allowed[0] == BY_MAX, "each may be given once");

static const char *
field_get(struct slice name, struct by *by)
{
	for (unsigned i = 0; i < by->count; i++)
		if (slice_is(name, field_table[by->field[i]].name))
			return "a field is given twice";
	for (size_t i = 0; i < BY_MAX; i++)
		if (slice_is(name, field_table[allowed[i]].name)) {
			by->field[by->count++] = allowed[i];
			return NULL;
		}
	return "not a list of model_id, model_version, use_case, finish_reason and the "
	       "booleans";
}

const char *
by_get(struct slice text, struct by *by)
{
	struct slice name;
	const char *wrong = NULL;
	bool more = true;

	*by = (struct by){ .count = 0 };
	while (more && wrong == NULL) {
		more = slice_cut(&text, ',', &name);
		wrong = field_get(name, by);
	}
	return wrong;
}

bool
key_next(struct slice *key, int *kind, struct slice *text)
{
	if (key->len == 0)
		return false;
	*kind = key->p[0];
	*text = (struct slice){ NULL, 0 };
	key->p++;
	key->len--;
	if (*kind == KEY_STRING)
		slice_cut(key, '\0', text);
	return true;
}

void
key_put_json(struct buf *b, const struct by *by, struct slice key)
{
	static const char *const words[] = {
		[KEY_NULL] = "null", [KEY_FALSE] = "false", [KEY_TRUE] = "true"
	};
	struct slice text;
	int kind;

	for (unsigned i = 0; i < by->count && key_next(&key, &kind, &text); i++) {
		buf_printf(b, "\"%s\":", field_table[by->field[i]].name);
		if (kind == KEY_STRING)
			json_put_string(b, text, JSON_UTF8);
		else
			buf_str(b, words[kind]);
		buf_byte(b, ',');
	}
}
