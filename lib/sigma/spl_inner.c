/* A correlation within another one: the events that complete it. */
#include <math.h>
#include <stdlib.h>

#include "sigma/spl_correlation.h"

/* What the rows of one correlation are made with. */
struct inner {
	struct spl *s;
	const struct tree *t;
	const struct branch *b;
	const struct correlation *c;
	struct slice time, count, first; /* time: that of an event, as _time is its bucket */
};

/*
 * From how many on gt and gte hold, which do so at some event and from then on; 0 with a refusal for
 * other bounds, which only the end of a window decides.
 */
static double
threshold(struct inner *x)
{
	double most = 1;

	for (uint32_t i = 0; i < x->c->bound_count; i++) {
		const struct bound *b = &x->c->bounds[i];
		double v = strtod(b->number.p, NULL);

		if (b->compare != CMP_GT && b->compare != CMP_GTE) {
			spl_refuse(x->s, x->c->condition_at, "unsupported",
			    "within another correlation only gt and gte can be said");
			return 0;
		}
		v = b->compare == CMP_GT ? floor(v) + 1 : ceil(v);
		most = v > most ? v : most;
	}
	if (most > 1e15)
		spl_refuse(
		    x->s, x->c->condition_at, "unsupported", "a bound of more than 1e15");
	return most;
}

/* Only rows of its rules are looked at, and all others stay. */
static void
put_guard(struct inner *x)
{
	if (!x->t->tagged)
		return;
	buf_str(x->s->out, "NOT ");
	spl_is_kid(x->s, x->t, x->b);
	buf_str(x->s->out, " OR ");
}

static void
put_call(struct inner *x, const char *call, struct slice value)
{
	buf_printf(x->s->out, " | streamstats %s", call);
	if (x->t->tagged || value.len > 0)
		buf_byte(x->s->out, '(');
	if (x->t->tagged) {
		buf_str(x->s->out, value.len > 0 ? "eval(if(" : "eval");
		spl_is_kid(x->s, x->t, x->b);
		buf_str(x->s->out, value.len > 0 ? ", " : "");
	}
	if (value.len > 0)
		spl_name(x->s, value, x->c->condition_at);
	buf_str(x->s->out, x->t->tagged && value.len > 0 ? ", null()))" : "");
	if (x->t->tagged || value.len > 0)
		buf_byte(x->s->out, ')');
	buf_str(x->s->out, " as ");
	buf_slice(x->s->out, x->count);
	spl_by(x->s, x->b);
}

/* Of the rows that are left of its rules, the first in each bucket and group. */
static void
put_first(struct inner *x)
{
	x->count = x->first;
	put_call(x, "count", SLICE(""));
	buf_str(x->s->out, " | where ");
	put_guard(x);
	buf_printf(x->s->out, "%.*s=1", (int)x->first.len, x->first.p);
}

/* A count that grows from event to event: the first row at which it is enough. */
static void
put_growing(struct inner *x, const char *call, struct slice value, double enough)
{
	put_call(x, call, value);
	buf_str(x->s->out, " | where ");
	put_guard(x);
	buf_printf(x->s->out, "%.*s%s%.0f", (int)x->count.len, x->count.p,
	    value.len > 0 ? ">=" : "=", enough);
	if (value.len > 0)
		put_first(x);
}

static void
put_seen(struct inner *x)
{
	struct slice *counts = arena_get(x->s->arena, x->b->n * sizeof *counts);

	if (expr_negates(x->c->seen)) {
		spl_refuse(x->s, x->c->condition_at, "unsupported",
		    "within another correlation \"not\" cannot be said");
		return;
	}
	buf_str(x->s->out, " | streamstats");
	spl_counts(x->s, x->t, x->b, counts);
	spl_by(x->s, x->b);
	buf_str(x->s->out, " | where ");
	put_guard(x);
	buf_byte(x->s->out, '(');
	spl_seen(x->s, x->b, x->c->seen, counts);
	buf_byte(x->s->out, ')');
	put_first(x);
}

static void
put_order(struct inner *x)
{
	uint32_t last = x->c->rule_count - 1;
	struct slice *times = arena_get(x->s->arena, x->c->rule_count * sizeof *times);

	if (x->c->bound_count > 0) {
		spl_refuse(x->s, x->c->condition_at, "unsupported",
		    "within another correlation temporal_ordered takes no bound");
		return;
	}
	spl_order(x->s, x->t, x->b, x->time, times);
	if (x->s->why.id != NULL)
		return;
	buf_str(x->s->out, " | where ");
	put_guard(x);
	buf_byte(x->s->out, '(');
	spl_is_tag(x->s, x->t, branch_kid(x->b, last));
	buf_printf(x->s->out, " AND %.*s>=%.*s)", (int)x->time.len, x->time.p,
	    (int)times[last].len, times[last].p);
	put_first(x);
}

static void
put_rows(struct inner *x)
{
	switch (x->c->type) {
	case CORR_EVENT_COUNT: put_growing(x, "count", SLICE(""), threshold(x)); break;
	case CORR_VALUE_COUNT: put_growing(x, "dc", x->b->value, threshold(x)); break;
	case CORR_TEMPORAL:
		if (x->c->seen_text)
			put_seen(x);
		else
			put_growing(
			    x, "dc", x->t->tag, x->c->bound_count > 0 ? threshold(x) : x->b->n);
		break;
	case CORR_TEMPORAL_ORDERED: put_order(x); break;
	default:
		spl_refuse(x->s, x->c->type_at, "unsupported",
		    "within another correlation a sum, average or percentile cannot be said");
	}
}

/* The rows are events again, of this correlation. */
static void
put_tag(struct inner *x)
{
	buf_printf(x->s->out, " | eval _time=%.*s", (int)x->time.len, x->time.p);
	if (!x->t->tagged)
		return;
	buf_printf(x->s->out, ", %.*s=if(", (int)x->t->tag.len, x->t->tag.p);
	spl_is_kid(x->s, x->t, x->b);
	buf_str(x->s->out, ", ");
	spl_quote(x->s->out, x->b->tag);
	buf_printf(x->s->out, ", %.*s)", (int)x->t->tag.len, x->t->tag.p);
}

void
spl_inner(struct spl *s, const struct tree *t, const struct branch *b)
{
	struct inner x = { .s = s, .t = t, .b = b, .c = b->rule->correlation };

	if (x.c == NULL || s->why.id != NULL)
		return;
	for (uint32_t i = 0; i < b->n; i++)
		spl_inner(s, t, b->kids[i]);
	if (s->why.id != NULL)
		return;
	s->rule = b->rule;
	x.time = spl_helper(s, "sigma_time", b->number);
	x.count = spl_helper(s, "sigma_count", b->number);
	x.first = spl_helper(s, "sigma_first", b->number);
	spl_keep_time(s, x.time);
	spl_bin(s, x.c);
	put_rows(&x);
	put_tag(&x);
}
