#include <stdlib.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/mem.h"
#include "stat/packed.h"
#include "stat/sketch.h"
#include "stat/sort.h"
#include "stat/statefile.h"

/* Text on its way: what is in it is hashed and written when there is enough. */
struct writer {
	struct out *out;
	struct sha256 *hash;
	struct buf text;
	const struct state *s;
};

enum {
	FULL = 64 * 1024,
	WRAP = 4000, /* a line of packed numbers ends behind the first that is beyond */
};

static void
pass_on(struct writer *w, size_t at_least)
{
	if (w->text.len < at_least)
		return;
	sha256_add(w->hash, w->text.p, w->text.len);
	out_put(w->out, buf_view(&w->text));
	buf_reset(&w->text);
}

static void
name_put(struct buf *b, struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-') {
			buf_byte(b, c);
		} else {
			buf_byte(b, '%');
			hex_put(b, &c, 1);
		}
	}
	buf_byte(b, '\n');
}

static void
sum_put(struct buf *b, const struct sum *s)
{
	uint32_t digit[SUM_DIGITS];
	bool negative = sum_magnitude(s, digit);
	int low = 0, high = SUM_DIGITS - 1;

	while (high > 0 && digit[high] == 0)
		high--;
	while (low < high && digit[low] == 0)
		low++;
	if (digit[high] == 0)
		low = 0;
	buf_printf(b, "%s%x", negative ? "-" : "", (unsigned)digit[high]);
	for (int i = high - 1; i >= low; i--)
		buf_printf(b, "%08x", (unsigned)digit[i]);
	buf_printf(b, "@%d", digit[high] == 0 ? 0 : low);
}

/* End the line, if it is long enough, and begin another. */
static void
wrap(struct writer *w, size_t *start, const char *mark)
{
	if (w->text.len - *start <= WRAP)
		return;
	buf_byte(&w->text, '\n');
	pass_on(w, FULL);
	*start = w->text.len;
	buf_str(&w->text, mark);
}

static void
values_put(struct writer *w, const double *v, size_t n)
{
	unsigned scale = packed_scale(v, n);
	uint64_t before = 0;
	size_t start;

	buf_printf(&w->text, "values %u\n", scale);
	start = w->text.len;
	buf_str(&w->text, "= ");
	for (size_t i = 0, run; i < n; i += run) {
		uint64_t number = packed_number(v[i], scale);

		for (run = 1; i + run < n && v[i + run] == v[i]; run++)
			;
		wrap(w, &start, "= ");
		packed_put(&w->text, number - before);
		before = number;
		if (run > 1) {
			buf_byte(&w->text, '*');
			packed_put(&w->text, run - 1);
		}
	}
	buf_byte(&w->text, '\n');
}

static void
bins_put(struct writer *w, const struct bins *b, const char *mark)
{
	size_t start = w->text.len;
	int before = (SUM_UNIT - 1) * SKETCH_OCTAVE; /* below any */

	if (b->n == 0)
		return;
	buf_str(&w->text, mark);
	for (size_t i = 0; i < b->n; i++)
		for (int k = 0; k < SKETCH_OCTAVE; k++) {
			int bin = b->page[i]->octave * SKETCH_OCTAVE + k;

			if (b->page[i]->count[k] == 0)
				continue;
			wrap(w, &start, mark);
			packed_put(&w->text, (uint64_t)(bin - before));
			packed_put(&w->text, b->page[i]->count[k]);
			before = bin;
		}
	buf_byte(&w->text, '\n');
}

static uint64_t
bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits;
}

static void
quantile_put(struct writer *w, const struct quantile *q)
{
	double *all;

	if (!quantile_exact(q)) {
		const struct sketch *k = q->sketch;

		buf_printf(&w->text, "sketch %llu %016llx %016llx\n",
		    (unsigned long long)k->zeros, (unsigned long long)bits_of(k->min),
		    (unsigned long long)bits_of(k->max));
		bins_put(w, &k->positive, "+ ");
		bins_put(w, &k->negative, "- ");
		return;
	}
	all = xmalloc((q->n + 1) * sizeof *all);
	quantile_copy(q, all);
	double_sort(all, q->n);
	values_put(w, all, q->n);
	free(all);
}

static void
series_put(struct writer *w, const char *name, const struct series *s)
{
	struct sum sum, square;

	if (s->n == 0)
		return;
	buf_printf(&w->text, "column %s %llu %llu\n", name, (unsigned long long)s->n,
	    (unsigned long long)s->nonzero);
	if (s->powers != NULL) {
		powers_total(s->powers, &sum, &square);
		buf_str(&w->text, "sum ");
		sum_put(&w->text, &sum);
		buf_byte(&w->text, ' ');
		sum_put(&w->text, &square);
		buf_byte(&w->text, '\n');
	}
	if (s->values != NULL)
		quantile_put(w, s->values);
}

struct label {
	struct slice name;
	uint64_t n;
};

static int
label_order(const void *a, const void *b)
{
	return slice_cmp(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static void
labels_put(struct writer *w, const struct cell *c)
{
	struct label *all = xmalloc((c->label_count + 1) * sizeof *all);

	for (size_t i = 0; i < c->label_count; i++)
		all[i] =
		    (struct label){ map_key(w->s->labels, c->labels[i].label), c->labels[i].n };
	qsort(all, c->label_count, sizeof *all, label_order);
	for (size_t i = 0; i < c->label_count; i++) {
		buf_printf(&w->text, "label %llu ", (unsigned long long)all[i].n);
		name_put(&w->text, all[i].name);
		pass_on(w, FULL);
	}
	free(all);
}

static void
instant_write(struct buf *b, struct instant t)
{
	buf_printf(b, " %lld.%09d", (long long)t.s, (int)t.ns);
}

static void
cell_put(struct writer *w, const struct cell *c, const struct state_names *names)
{
	struct buf *b = &w->text;

	buf_printf(b, "cell %lld %llu", (long long)c->bucket, (unsigned long long)c->records);
	if (c->records > 0) {
		instant_write(b, c->first);
		instant_write(b, c->last);
	}
	buf_str(b, "\ntally");
	for (size_t i = 0; i < w->s->shape.tallies; i++)
		buf_printf(b, " %llu", (unsigned long long)c->tally[i]);
	buf_byte(b, '\n');
	labels_put(w, c);
	for (size_t i = 0; i < w->s->shape.columns; i++) {
		series_put(w, names->column[i], &c->series[i]);
		pass_on(w, FULL);
	}
}

static void
head_put(struct writer *w, const struct state_names *names, const struct state_head *head)
{
	buf_printf(&w->text, "%s state 1\nby ", names->title);
	buf_slice(&w->text, buf_view(&head->by));
	buf_printf(&w->text, "\nevery %lld\nexact %llu\nlines %llu %llu\n",
	    (long long)w->s->shape.every, (unsigned long long)w->s->shape.exact,
	    (unsigned long long)head->accepted, (unsigned long long)head->refused);
	if (w->s->labels_lost)
		buf_str(&w->text, "models lost\n");
}

static void
end_put(struct writer *w)
{
	struct hash hash;

	pass_on(w, 0);
	sha256_end(w->hash, &hash);
	buf_str(&w->text, "end ");
	hex_put(&w->text, hash.b, sizeof hash.b);
	buf_byte(&w->text, '\n');
	out_put(w->out, buf_view(&w->text));
}

void
state_put(struct out *out, const struct state *s, const struct state_names *names,
    const struct state_head *head)
{
	struct writer w = { .out = out, .hash = sha256_new(), .s = s };
	struct cell **cells = state_cells(s);
	const struct cell *before = NULL;

	sha256_begin(w.hash);
	head_put(&w, names, head);
	for (size_t i = 0; i < s->count; i++) {
		if (before == NULL || !slice_eq(before->key, cells[i]->key)) {
			buf_str(&w.text, "group ");
			name_put(&w.text, cells[i]->key);
		}
		cell_put(&w, cells[i], names);
		before = cells[i];
	}
	end_put(&w);
	sha256_free(w.hash);
	buf_free(&w.text);
	free(cells);
}
