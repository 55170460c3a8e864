#include <math.h>

#include "markup.h"
#include "render.h"

/*
 * JUnit's XML as CI servers read it: a suite for each group, a case for each metric, or for each dictionary
 * that --fail-if was asked about.  Only what makes the exit status 1 is a failure.
 */

static void
start_put(struct out *out, size_t tests, size_t failures, size_t skipped)
{
	out_printf(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"quality-agg\" "
	    "tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
	    tests, failures, skipped);
}

static void
suite_put(struct out *out, struct slice name, size_t tests, size_t failures, size_t skipped)
{
	out_str(out, "<testsuite name=\"");
	markup_put(&out->buf, name);
	out_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
	    tests, failures, skipped);
}

static void
case_put(struct out *out, struct slice suite, struct slice name)
{
	out_str(out, "<testcase classname=\"");
	markup_put(&out->buf, suite);
	out_str(out, "\" name=\"");
	markup_put(&out->buf, name);
	out_str(out, "\" time=\"0\"");
}

/* "620 ms before, 702 ms now: +77 ms (+58 to +96 ms), p <0.001, matters from 31 ms" */
static void
words_put(struct buf *b, const struct row *r, double alpha)
{
	enum unit unit = compared_table[r->metric].unit;

	buf_printf(b, "%s %s: ", compared_table[r->metric].name, verdict_names[r->verdict]);
	if (compared_table[r->metric].approach != APPROACH_MIX) {
		human_put(b, unit, r->base);
		buf_str(b, " before, ");
		human_put(b, unit, r->now);
		buf_str(b, " now; ");
	}
	buf_printf(b, "n %llu before, %llu now", (unsigned long long)r->base_n,
	    (unsigned long long)r->now_n);
	if (!isnan(r->effect)) {
		buf_str(b, "; change ");
		human_difference(b, unit, r->effect);
		if (!isnan(r->range.low)) {
			buf_printf(b, ", %g %% interval ", 100 * (1 - alpha));
			human_interval(b, unit, r->range);
		}
		buf_str(b, ", matters from ");
		human_put(b, unit, r->min_effect);
		buf_str(b, ", p (Holm) ");
		human_p(b, r->p_holm);
	}
	if (r->drifts) {
		buf_str(b, "; drifts since ");
		instant_put(b, r->since, 0);
	}
}

static void
row_put_case(struct out *out, const struct view *v, struct slice suite, const struct row *r)
{
	struct buf words = { 0 };

	words_put(&words, r, v->alpha);
	case_put(out, suite, slice_of(compared_table[r->metric].name));
	if (r->verdict == REGRESSED)
		out_str(out, "><failure type=\"REGRESSED\" message=\"");
	else if (r->verdict == UNDERPOWERED)
		out_str(out, "><skipped message=\"");
	else
		out_str(out, "><system-out>");
	markup_put(&out->buf, buf_view(&words));
	if (r->verdict == REGRESSED || r->verdict == UNDERPOWERED)
		out_str(out, "\"/></testcase>\n");
	else
		out_str(out, "</system-out></testcase>\n");
	buf_free(&words);
}

static size_t
count_verdict(const struct row *rows, size_t n, enum verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += rows[i].verdict == verdict;
	return count;
}

/* The suite of --fail-if: a case for each cell.  Returns nothing if it was not asked. */
static void
cells_put(struct out *out, const struct view *v, size_t failures)
{
	struct buf name = { 0 };
	size_t n = 0;

	if (v->failed == NULL)
		return;
	suite_put(out, SLICE("fail-if"), view_cells(v), failures, 0);
	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];

		for (size_t k = 0; k < g->count; k++, n++) {
			buf_reset(&name);
			human_key(&name, &v->now->by, g->key);
			if (v->now->state->shape.every != 0) {
				buf_byte(&name, ' ');
				instant_put(&name, result_time(v->now, g->cells[k]), 0);
			}
			case_put(out, SLICE("fail-if"), buf_view(&name));
			out_str(out,
			    v->failed[n] ? "><failure type=\"fail-if\" message=\"the "
					   "condition of --fail-if holds\"/></testcase>\n"
					 : "/>\n");
		}
	}
	out_str(out, "</testsuite>\n");
	buf_free(&name);
}

static size_t
count_failed(const struct view *v)
{
	size_t failed = 0;

	for (size_t i = 0; v->failed != NULL && i < view_cells(v); i++)
		failed += v->failed[i];
	return failed;
}

void
render_junit(struct out *out, const struct view *v)
{
	size_t failed = count_failed(v);

	start_put(out, v->failed != NULL ? view_cells(v) : 0, failed, 0);
	cells_put(out, v, failed);
	out_str(out, "</testsuites>\n");
}

void
render_junit_compared(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;
	size_t failed = count_failed(v), n;
	struct buf suite = { 0 };

	start_put(out, c->count + (v->failed != NULL ? view_cells(v) : 0),
	    c->verdicts[REGRESSED] + failed, c->verdicts[UNDERPOWERED]);
	for (size_t i = 0; i < c->count; i += n) {
		const struct row *rows = &c->rows[i];

		for (n = 0; i + n < c->count && slice_eq(rows[n].key, rows[0].key);)
			n++;
		buf_reset(&suite);
		human_key(&suite, &v->now->by, rows[0].key);
		suite_put(out, buf_view(&suite), n, count_verdict(rows, n, REGRESSED),
		    count_verdict(rows, n, UNDERPOWERED));
		for (size_t k = 0; k < n; k++)
			row_put_case(out, v, buf_view(&suite), &rows[k]);
		out_str(out, "</testsuite>\n");
	}
	cells_put(out, v, failed);
	out_str(out, "</testsuites>\n");
	buf_free(&suite);
}
