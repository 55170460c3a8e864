/* The second half of log/gaps.h: what happened in each gap. */
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "log/diff.h"
#include "log/gaps.h"

enum fate {
	NEW,   /* no sealed leaf */
	MOVED, /* a leaf that misses its line: to[] */
	SAME,  /* the same, and in place after all */
	COPY,  /* a leaf that has its line elsewhere */
};

struct name {
	struct gaps *g;
	const struct gaps_end *end;
	const struct align_source *source;
	void (*found)(void *arg, const struct finding *);
	void *arg;

	/* Numbers of kept lines + 1: the first by hash, and by line the next with the same hash. */
	uint32_t *slot, *next;
	uint32_t *open_at; /* by the first with a hash: the first of them without fate */
	size_t slots;
	size_t open;       /* kept lines without fate */
	uint8_t *fate;     /* of each kept line */
	uint64_t *to;      /* the leaf it is */
	uint64_t *taken;   /* leaves given to a line, rising */
	size_t takens, at; /* at: the first that has not been passed */

	size_t torn;        /* the first torn line that has not been passed */
	uint64_t here;      /* the next leaf in place */
	struct finding put; /* waits for more of its kind; count 0: none */
	uint64_t unsealed;
};

/* Where leaves t to t_end and lines f to f_end are all there is between two lines in place. */
struct part {
	uint64_t t, t_end, f, f_end;
	size_t left;
};

/* Kept lines by hash, those with the same hash in their order. */
static uint32_t *
lines_of(struct name *m, const struct hash *h)
{
	size_t i = (size_t)map_hash((struct slice){ (const char *)h->b, HASH_LEN });

	for (i &= m->slots - 1; m->slot[i] != 0; i = (i + 1) & (m->slots - 1))
		if (hash_eq(&m->g->left[m->slot[i] - 1], h))
			break;
	return &m->slot[i];
}

static void
enter_lines(struct name *m)
{
	m->slots = 16;
	while (m->slots < 2 * m->g->lefts)
		m->slots *= 2;
	m->slot = xzalloc(m->slots, sizeof *m->slot);
	m->next = xzalloc(m->g->lefts + 1, sizeof *m->next);
	m->open_at = xzalloc(m->g->lefts + 1, sizeof *m->open_at);
	m->fate = xzalloc(m->g->lefts + 1, sizeof *m->fate);
	m->to = xzalloc(m->g->lefts + 1, sizeof *m->to);
	m->taken = xzalloc(m->g->lefts + 1, sizeof *m->taken);
	m->open = m->g->lefts;
	for (size_t i = m->g->lefts; i-- > 0;) {
		uint32_t *first = lines_of(m, &m->g->left[i]);

		m->next[i] = *first;
		*first = m->open_at[i] = (uint32_t)i + 1;
	}
}

static bool
leaf(const struct name *m, uint64_t i, struct hash *h)
{
	return m->source->leaf(m->source->arg, i, h);
}

/* Give leaf t, whose hash is h, to the first line of this hash without fate.  False: there is none. */
static bool
give(struct name *m, uint64_t t, const struct hash *h, enum fate fate)
{
	uint32_t first = *lines_of(m, h), i = first == 0 ? 0 : m->open_at[first - 1];

	if (i == 0)
		return false;
	m->open_at[first - 1] = m->next[i - 1];
	m->fate[i - 1] = (uint8_t)fate;
	m->to[i - 1] = t;
	m->open--;
	return true;
}

/* Give the leaves that miss their line to lines that have none, the k-th of equals to the k-th. */
static void
find_moved(struct name *m)
{
	struct hash h;

	for (size_t k = 0; k < m->g->n; k++) {
		const struct gap *gap = &m->g->gap[k];

		for (uint64_t t = gap->t; t < gap->t + gap->tn && m->open > 0; t++)
			if (leaf(m, t, &h) && give(m, t, &h, MOVED))
				m->taken[m->takens++] = t;
	}
}

/* Lines that stand elsewhere too. */
static void
find_copies(struct name *m)
{
	struct hash h;

	for (uint64_t t = 0; t < m->end->sealed && m->open > 0; t++)
		if (leaf(m, t, &h))
			while (give(m, t, &h, COPY))
				;
}

static size_t
kept(const struct name *m, const struct gap *gap)
{
	size_t n = m->g->lefts - gap->left;

	return gap->fn < n ? (size_t)gap->fn : n;
}

/* What was given to a line of its own gap is in place, as far as it is in order. */
static void
find_same(struct name *m, const struct gap *gap)
{
	size_t n = kept(m, gap);
	uint64_t *value = xmalloc((n + 1) * sizeof *value);
	bool *keep = xmalloc(n + 1);

	for (size_t j = 0; j < n; j++) {
		size_t i = gap->left + j;
		bool here = m->fate[i] == MOVED && m->to[i] - gap->t < gap->tn;

		value[j] = here ? m->to[i] : UINT64_MAX;
	}
	diff_rising(value, n, keep);
	for (size_t j = 0; j < n; j++)
		if (keep[j])
			m->fate[gap->left + j] = SAME;
	free(value);
	free(keep);
}

static void
flush(struct name *m)
{
	if (m->put.count > 0)
		m->found(m->arg, &m->put);
	m->put.count = 0;
}

/* Is b the continuation of a? */
static bool
follows(const struct finding *a, const struct finding *b)
{
	bool next_line = b->line == a->line + a->count,
	     next_entry = b->entry == a->entry + a->count;

	if (a->count == 0 || a->kind != b->kind || a->lost != b->lost)
		return false;
	switch (a->kind) {
	case FOUND_DELETED:
	case FOUND_TRUNCATED: return next_entry && b->line == a->line;
	case FOUND_INSERTED: return next_line && b->entry == a->entry;
	case FOUND_MODIFIED:
		return next_entry && (next_line || a->lost) &&
		    (a->copy == ALIGN_NONE ? b->copy == ALIGN_NONE
					   : b->copy == a->copy + a->count);
	case FOUND_MOVED:
	case FOUND_DUPLICATED: return next_line && next_entry;
	default: return false;
	}
}

/* Line f, from 0, and leaf t. */
static struct finding *
put(struct name *m, enum finding_kind kind, uint64_t f, uint64_t t, uint64_t copy, bool lost)
{
	bool astray = kind == FOUND_INSERTED || kind == FOUND_MOVED || kind == FOUND_DUPLICATED;
	struct finding one = {
		.kind = kind,
		.line = f + 1,
		.entry = t,
		.count = 1,
		.at = astray ? m->here : ALIGN_NONE,
		.copy = copy,
		.lost = lost,
	};

	if (follows(&m->put, &one)) {
		m->put.count++;
	} else {
		flush(m);
		m->put = one;
	}
	return &m->put;
}

/* The fate of line f of part p, and the leaf it is. */
static enum fate
fate_of(const struct name *m, const struct part *p, uint64_t f, uint64_t *to)
{
	size_t i = p->left + (size_t)(f - p->f);

	*to = ALIGN_NONE;
	if (i >= m->g->lefts)
		return NEW;
	if (m->fate[i] != NEW)
		*to = m->to[i];
	return m->fate[i];
}

/* The next leaf of p, from t on, that was not given to a line; p->t_end if there is none. */
static uint64_t
missing(struct name *m, const struct part *p, uint64_t t)
{
	while (t < p->t_end && m->at < m->takens && m->taken[m->at] <= t) {
		t += m->taken[m->at] == t;
		m->at++;
	}
	return t;
}

/* How many leaves of p were not given to a line, less its lines that have no leaf. */
static int64_t
balance(const struct name *m, const struct part *p)
{
	int64_t n = (int64_t)(p->t_end - p->t) - (int64_t)(p->f_end - p->f);
	uint64_t to;

	for (size_t i = m->at; i < m->takens && m->taken[i] < p->t_end; i++)
		n -= m->taken[i] >= p->t;
	for (uint64_t f = p->f; f < p->f_end; f++)
		n += fate_of(m, p, f, &to) == MOVED;
	return n;
}

/* Has line f no LF?  Asked in the order of lines. */
static bool
is_torn(struct name *m, uint64_t f)
{
	while (m->torn < m->end->n && m->end->torn[m->torn] < f)
		m->torn++;
	return m->torn < m->end->n && m->end->torn[m->torn] == f;
}

/* The lines from f to f_end are in place, line f being leaf t: those without LF are torn. */
static void
name_torn(struct name *m, uint64_t t, uint64_t f, uint64_t f_end)
{
	(void)is_torn(m, f); /* passes those before it */
	for (; m->torn < m->end->n && m->end->torn[m->torn] < f_end; m->torn++)
		put(m, FOUND_TORN, m->end->torn[m->torn], t + (m->end->torn[m->torn] - f),
		    ALIGN_NONE, false);
}

/*
 * Lines and leaves without partner, pairwise: other bytes stand in the leaf's place.  Where there
 * are more lines than leaves, copies are rather copies; what is then left over was inserted, or
 * stands behind the sealed end.
 */
static void
name_part(struct name *m, const struct part *p)
{
	bool tail = p->t_end == m->end->sealed, any_lost = false, lost;
	int64_t spare = tail ? 0 : -balance(m, p); /* lines too many */
	uint64_t t, to;
	struct hash h;

	while (m->at < m->takens && m->taken[m->at] < p->t)
		m->at++;
	t = missing(m, p, p->t);
	for (uint64_t f = p->f; f < p->f_end; f++) {
		bool torn = is_torn(m, f);
		enum fate fate = fate_of(m, p, f, &to);

		m->here = t;
		if (fate == MOVED) {
			put(m, torn ? FOUND_TORN : FOUND_MOVED, f, to, ALIGN_NONE, false);
		} else if (fate == COPY && spare > 0) {
			put(m, FOUND_DUPLICATED, f, to, ALIGN_NONE, false);
			spare--;
		} else if (t < p->t_end) {
			lost = !leaf(m, t, &h);
			any_lost |= lost;
			put(m, torn ? FOUND_TORN : FOUND_MODIFIED, f, t,
			    lost || torn ? ALIGN_NONE : to, lost);
			t = missing(m, p, t + 1);
		} else if (tail) {
			m->unsealed++;
		} else if (!any_lost) {
			put(m, FOUND_INSERTED, f, p->t_end, ALIGN_NONE, false);
		}
	}
	for (; t < p->t_end; t = missing(m, p, t + 1)) {
		lost = p->f < p->f_end && !leaf(m, t, &h); /* no line at all is plain */
		put(m,
		    lost       ? FOUND_MODIFIED
			: tail ? FOUND_TRUNCATED
			       : FOUND_DELETED,
		    p->f_end, t, ALIGN_NONE, lost);
	}
}

/* Cut a gap at the lines that are in place after all. */
static void
name_gap(struct name *m, const struct gap *gap)
{
	struct part p = { gap->t, gap->t, gap->f, gap->f, gap->left };
	size_t n;

	n = kept(m, gap);
	if (gap->tn > 0 && gap->fn == n)
		find_same(m, gap); /* else lines that were not kept may be the ones in place */
	for (size_t j = 0; j < n; j++) {
		if (m->fate[gap->left + j] != SAME)
			continue;
		p.f_end = gap->f + j;
		p.t_end = m->to[gap->left + j];
		name_part(m, &p);
		name_torn(m, p.t_end, p.f_end, p.f_end + 1);
		p = (struct part){ p.t_end + 1, 0, p.f_end + 1, 0, gap->left + j + 1 };
	}
	p.t_end = gap->t + gap->tn;
	p.f_end = gap->f + gap->fn;
	name_part(m, &p);
}

uint64_t
gaps_name(struct gaps *g, const struct gaps_end *end, const struct align_source *source,
    void (*found)(void *arg, const struct finding *), void *arg)
{
	struct name m = { .g = g, .end = end, .source = source, .found = found, .arg = arg };
	uint64_t t = 0, f = 0; /* lines and leaves run side by side from here on */

	enter_lines(&m);
	find_moved(&m);
	find_copies(&m);
	for (size_t k = 0; k < g->n; k++) {
		name_torn(&m, t, f, g->gap[k].f);
		name_gap(&m, &g->gap[k]);
		t = g->gap[k].t + g->gap[k].tn;
		f = g->gap[k].f + g->gap[k].fn;
	}
	name_torn(&m, t, f, f + (end->sealed - t));
	flush(&m);
	free(m.slot);
	free(m.next);
	free(m.open_at);
	free(m.fate);
	free(m.to);
	free(m.taken);
	return m.unsealed;
}
