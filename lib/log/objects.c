#include "log/objects.h"

enum { DIGITS_MIN = 12, DIGITS_MAX = 19 };

/* The name of the next object. */
static bool
next_name(struct slice *list, struct slice *name)
{
	struct slice part;

	while (list->len > 0) {
		slice_cut(list, '\n', name);
		if (slice_ends(*name, SLICE("\r")))
			name->len--;
		while (slice_cut(name, '/', &part))
			;
		*name = part;
		if (name->len > 0)
			return true;
	}
	return false;
}

/* "-" and 12 digits or more at the front of s, which is cut. */
static bool
get_entry(struct slice *s, uint64_t *entry)
{
	size_t n = 1;

	*entry = 0;
	if (s->len == 0 || s->p[0] != '-')
		return false;
	for (; n < s->len && n <= DIGITS_MAX && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		*entry = 10 * *entry + (uint64_t)(s->p[n] - '0');
	s->p += n;
	s->len -= n;
	return n > DIGITS_MIN && *entry <= INT64_MAX;
}

static bool
is_part(struct slice ending)
{
	return ending.len == 0 || slice_is(ending, ".zst") || slice_is(ending, ".gz") ||
	    slice_starts(ending, SLICE(".cms.")) || slice_starts(ending, SLICE(".zst.cms.")) ||
	    slice_starts(ending, SLICE(".gz.cms."));
}

bool
objects_next(struct slice *list, struct slice log, uint64_t *first, uint64_t *last)
{
	struct slice name;

	while (next_name(list, &name)) {
		if (!slice_starts(name, log))
			continue;
		name.p += log.len;
		name.len -= log.len;
		if (get_entry(&name, first) && get_entry(&name, last) && *first <= *last &&
		    is_part(name))
			return true;
	}
	return false;
}

bool
objects_has(struct slice list, struct slice name)
{
	struct slice other;

	while (next_name(&list, &other))
		if (slice_eq(other, name))
			return true;
	return false;
}
