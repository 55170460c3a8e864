#include "sigma/finding.h"

#include <stdlib.h>

#include "base/mem.h"

static void
add(struct findings *f, struct place at, enum severity severity, const char *id,
    const char *text)
{
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 16 : f->cap * 2;
		f->v = xrealloc(f->v, f->cap, sizeof *f->v);
	}
	f->v[f->n++] = (struct finding){ f->file, f->document, at, severity, id, text };
	f->errors += severity == SEVERITY_ERROR;
}

void
finding_error(struct findings *f, struct place at, const char *id, const char *text)
{
	add(f, at, SEVERITY_ERROR, id, text);
}

void
finding_warning(struct findings *f, struct place at, const char *id, const char *text)
{
	add(f, at, SEVERITY_WARNING, id, text);
}

static int
by_place(const struct finding *a, const struct finding *b)
{
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return 0;
}

/* A merge sort, because qsort is not stable. */
static void
sort(struct finding *v, struct finding *spare, size_t n)
{
	size_t half = n / 2, i = 0, j = half, k = 0;

	if (n < 2)
		return;
	sort(v, spare, half);
	sort(v + half, spare + half, n - half);
	while (i < half && j < n)
		spare[k++] = by_place(&v[j], &v[i]) < 0 ? v[j++] : v[i++];
	while (i < half)
		spare[k++] = v[i++];
	while (j < n)
		spare[k++] = v[j++];
	memcpy(v, spare, n * sizeof *v);
}

void
findings_sort(struct findings *f)
{
	struct finding *spare = xzalloc(f->n, sizeof *spare);

	sort(f->v, spare, f->n);
	free(spare);
}

static bool
needs_all(const struct finding *x, struct place at)
{
	if (strncmp(x->id, "missing-", 8) == 0 || strncmp(x->id, "unused-", 7) == 0)
		return true;
	return x->at.line > at.line || (x->at.line == at.line && x->at.column >= at.column);
}

void
findings_drop(struct findings *f, size_t from, struct place at)
{
	size_t kept = from;

	for (size_t i = from; i < f->n; i++) {
		if (needs_all(&f->v[i], at))
			f->errors -= f->v[i].severity == SEVERITY_ERROR;
		else
			f->v[kept++] = f->v[i];
	}
	f->n = kept;
}

void
findings_free(struct findings *f)
{
	free(f->v);
	f->v = NULL;
	f->n = f->cap = 0;
}
