#include "json/value.h"

#include <limits.h>
#include <math.h>

#include "json/write.h"

static const int64_t exact_max = INT64_C(1)
    << 53; /* of the integers a double can be trusted with */

struct reading {
	struct json *json;
	struct buf *scratch;
	struct diag *diag;
	bool failed;
};

static jv
fail(struct reading *r, size_t offset)
{
	r->failed = true;
	diag_set(r->diag, "map", offset);
	return jv_null();
}

static jv
string_get(struct reading *r, struct slice raw, bool escaped, size_t offset)
{
	struct slice text = json_text(raw, escaped, r->scratch);

	if (text.len > INT_MAX)
		return fail(r, offset);
	return jv_string_sized(text.len > 0 ? text.p : "", (int)text.len);
}

/* Are there digits only, behind a minus perhaps, and is it not -0? */
static bool
is_plain_integer(struct slice number)
{
	size_t i = number.p[0] == '-';

	if (number.p[i] == '0')
		return number.len == 1;
	while (i < number.len && number.p[i] >= '0' && number.p[i] <= '9')
		i++;
	return i == number.len;
}

/* What is none of the plain ones keeps all that this libjq makes of it. */
static jv
number_get(struct reading *r, const struct json_token *t)
{
	int64_t i;

	if (is_plain_integer(t->text)) {
		if (!json_integer(t->text, &i) || i > exact_max || i < -exact_max)
			return fail(r, t->offset);
		return jv_number((double)i);
	}
	if (isinf(json_double(t->text)) || t->text.len > INT_MAX)
		return fail(r, t->offset);
	return jv_parse_sized(t->text.p, (int)t->text.len);
}

static jv any_get(struct reading *r, const struct json_token *t);

/* The next element or member in t?  False at the end of the container, and after trouble. */
static bool
next(struct reading *r, struct json_token *t)
{
	if (!r->failed && json_next(r->json, t) != 1)
		fail(r, 0);
	return !r->failed && t->type != JSON_CLOSE;
}

static jv
array_get(struct reading *r)
{
	jv array = jv_array();
	struct json_token t;

	while (next(r, &t))
		array = jv_array_append(array, any_get(r, &t));
	return array;
}

static jv
object_get(struct reading *r)
{
	jv object = jv_object(), key;
	struct json_token t;

	while (next(r, &t)) {
		key = string_get(r, t.key, t.key_escaped, t.offset);
		if (r->failed) {
			jv_free(key);
			break;
		}
		object = jv_object_set(object, key, any_get(r, &t));
	}
	return object;
}

static jv
any_get(struct reading *r, const struct json_token *t)
{
	switch (t->type) {
	case JSON_ARRAY: return array_get(r);
	case JSON_OBJECT: return object_get(r);
	case JSON_STRING: return string_get(r, t->text, t->escaped, t->offset);
	case JSON_NUMBER: return number_get(r, t);
	case JSON_TRUE: return jv_true();
	case JSON_FALSE: return jv_false();
	default: return jv_null();
	}
}

int
value_get(struct json *j, struct slice text, struct buf *scratch, jv *v, struct diag *d)
{
	struct reading r = { j, scratch, d, false };
	struct json_token t;

	json_begin(j, text);
	if (json_next(j, &t) != 1)
		return diag_set(d, "map", 0);
	*v = any_get(&r, &t);
	if (!r.failed && jv_is_valid(*v))
		return 0;
	jv_free(*v);
	return r.failed ? -1 : diag_set(d, "map", 0);
}

static void
string_put(jv v, struct buf *b)
{
	struct slice text = { jv_string_value(v), (size_t)jv_string_length_bytes(jv_copy(v)) };

	json_put_string(b, text, JSON_UTF8);
}

static void
number_put(jv v, struct buf *b)
{
	double number = jv_number_value(v);
	jv text;

	if (number > 0 && number <= (double)exact_max &&
	    number == (double)(unsigned long long)number) {
		buf_u64(b, (unsigned long long)number);
		return;
	}
	text = jv_dump_string(jv_copy(v), 0);
	buf_str(b, jv_string_value(text));
	jv_free(text);
}

static bool put(jv v, struct buf *b, unsigned left);

static bool
array_put(jv array, struct buf *b, unsigned left)
{
	bool fits = left > 0;

	buf_byte(b, '[');
	for (int i = 0, n = jv_array_length(jv_copy(array)); i < n && fits; i++) {
		jv item = jv_array_get(jv_copy(array), i);

		if (i > 0)
			buf_byte(b, ',');
		fits = put(item, b, left - 1);
		jv_free(item);
	}
	buf_byte(b, ']');
	return fits;
}

static bool
object_put(jv object, struct buf *b, unsigned left)
{
	bool fits = left > 0, first = true;

	buf_byte(b, '{');
	for (int i = jv_object_iter(object); jv_object_iter_valid(object, i) && fits;
	     i = jv_object_iter_next(object, i)) {
		jv key = jv_object_iter_key(object, i), item = jv_object_iter_value(object, i);

		if (!first)
			buf_byte(b, ',');
		first = false;
		string_put(key, b);
		buf_byte(b, ':');
		fits = put(item, b, left - 1);
		jv_free(key);
		jv_free(item);
	}
	buf_byte(b, '}');
	return fits;
}

static bool
put(jv v, struct buf *b, unsigned left)
{
	switch (jv_get_kind(v)) {
	case JV_KIND_ARRAY: return array_put(v, b, left);
	case JV_KIND_OBJECT: return object_put(v, b, left);
	case JV_KIND_STRING: string_put(v, b); break;
	case JV_KIND_NUMBER: number_put(v, b); break;
	case JV_KIND_TRUE: buf_str(b, "true"); break;
	case JV_KIND_FALSE: buf_str(b, "false"); break;
	default: buf_str(b, "null"); break;
	}
	return true;
}

bool
value_put(jv v, struct buf *b)
{
	return put(v, b, JSON_DEPTH);
}
