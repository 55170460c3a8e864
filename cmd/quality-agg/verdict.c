#include "verdict.h"

#include <math.h>
#include <stdlib.h>

#include "json/write.h"

enum { NUMBER_MAX = 40 }; /* characters of an option's number */

const struct compared_row compared_table[COMPARED] = {
	{ "latency_ms", APPROACH_SHIFT, COLUMN_LATENCY, UNIT_MS },
	{ "slow_rate", APPROACH_SLOW, COLUMN_LATENCY, UNIT_RATE },
	{ "prompt_tokens", APPROACH_SHIFT, COLUMN_PROMPT_TOKENS, UNIT_NUMBER },
	{ "completion_tokens", APPROACH_SHIFT, COLUMN_COMPLETION_TOKENS, UNIT_NUMBER },
	{ "total_tokens", APPROACH_SHIFT, COLUMN_TOTAL_TOKENS, UNIT_NUMBER },
	{ "top_retrieval_score", APPROACH_SHIFT, COLUMN_SCORE, UNIT_NUMBER },
	{ "citation_count", APPROACH_MEAN, COLUMN_CITATIONS, UNIT_NUMBER },
	{ "cache_hit_rate", APPROACH_RATE, COLUMN_CACHE_HIT, UNIT_RATE },
	{ "content_filter_rate", APPROACH_RATE, COLUMN_CONTENT_FILTERED, UNIT_RATE },
	{ "disclaimer_present_rate", APPROACH_RATE, COLUMN_DISCLAIMER, UNIT_RATE },
	{ "clinician_positive_rate", APPROACH_RATE, COLUMN_THUMBS_UP, UNIT_RATE },
	{ "clinician_flagged_rate", APPROACH_RATE, COLUMN_FLAGGED, UNIT_RATE },
	{ "truncated_rate", APPROACH_FINISH, FINISH_LENGTH, UNIT_RATE },
	{ "error_rate", APPROACH_FINISH, FINISH_ERROR, UNIT_RATE },
	{ "finish_reason", APPROACH_MIX, 0, UNIT_NUMBER },
	{ "model", APPROACH_MIX, 0, UNIT_NUMBER },
};

static const struct rule defaults[COMPARED] = {
	[COMPARED_LATENCY] = { WORSE_UP, 5, true },
	[COMPARED_SLOW] = { WORSE_UP, 0.02, false },
	[COMPARED_PROMPT_TOKENS] = { WORSE_NONE, 10, true },
	[COMPARED_COMPLETION_TOKENS] = { WORSE_NONE, 10, true },
	[COMPARED_TOTAL_TOKENS] = { WORSE_UP, 10, true },
	[COMPARED_SCORE] = { WORSE_DOWN, 0.02, false },
	[COMPARED_CITATIONS] = { WORSE_DOWN, 10, true },
	[COMPARED_CACHE_HIT] = { WORSE_DOWN, 0.02, false },
	[COMPARED_CONTENT_FILTER] = { WORSE_UP, 0.02, false },
	[COMPARED_DISCLAIMER] = { WORSE_DOWN, 0.02, false },
	[COMPARED_POSITIVE] = { WORSE_DOWN, 0.02, false },
	[COMPARED_FLAGGED] = { WORSE_UP, 0.02, false },
	[COMPARED_TRUNCATED] = { WORSE_UP, 0.02, false },
	[COMPARED_ERROR] = { WORSE_UP, 0.02, false },
	[COMPARED_FINISH] = { WORSE_NONE, 0.1, false },
	[COMPARED_MODEL] = { WORSE_NONE, 0.1, false },
};

const char *const worse_names[] = { "up", "down", "none" };

const char *const test_names[] = { "z", "fisher", "mann-whitney", "mann-whitney-sketch",
	"welch", "g" };

const char *const verdict_names[VERDICTS] = { "REGRESSED", "SUSPECT", "UNDERPOWERED", "HELD",
	"IMPROVED" };

void
rules_init(struct rule rules[COMPARED])
{
	memcpy(rules, defaults, sizeof defaults);
}

/* Cut METRIC= off the front of text.  Returns the metric, or COMPARED. */
static enum compared
metric_get(struct slice *text)
{
	struct slice name;
	int i = 0;

	if (!slice_cut(text, '=', &name))
		return COMPARED;
	while (i < COMPARED && !slice_is(name, compared_table[i].name))
		i++;
	return (enum compared)i;
}

const char *
rules_worse(struct rule rules[COMPARED], struct slice text)
{
	enum compared metric = metric_get(&text);

	if (metric == COMPARED)
		return "not METRIC=up, METRIC=down or METRIC=none with a metric that is "
		       "compared";
	for (enum worse w = WORSE_UP; w <= WORSE_NONE; w++) {
		if (slice_is(text, worse_names[w])) {
			rules[metric].worse = w;
			return NULL;
		}
	}
	return "neither up nor down nor none";
}

bool
number_get(struct slice text, double *v)
{
	char copy[NUMBER_MAX + 1];
	char *end;

	if (text.len == 0 || text.len > NUMBER_MAX || text.p[0] < '0' || text.p[0] > '9')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (memchr("0123456789.eE+-", text.p[i], 15) == NULL)
			return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	*v = strtod(copy, &end);
	return *end == '\0' && *v < HUGE_VAL;
}

static const char *
min_effect_get(struct rule rules[COMPARED], struct slice text)
{
	enum compared metric = metric_get(&text);
	bool percent = text.len > 0 && text.p[text.len - 1] == '%';
	double v;

	if (metric == COMPARED)
		return "not METRIC=V or METRIC=V% with a metric that is compared";
	if (percent)
		text.len--;
	if (!number_get(text, &v))
		return "not a number from 0";
	if (percent && compared_table[metric].approach == APPROACH_MIX)
		return "a mix has no baseline that a percentage could be of";
	rules[metric].min_effect = v;
	rules[metric].percent = percent;
	return NULL;
}

const char *
rules_min_effect(struct rule rules[COMPARED], struct slice text)
{
	const char *wrong = NULL;
	struct slice one;
	bool more = true;

	while (more && wrong == NULL) {
		more = slice_cut(&text, ',', &one);
		wrong = min_effect_get(rules, one);
	}
	return wrong;
}

/* How far a value is on the worse side. */
static double
worsening(enum worse worse, double up, double down)
{
	return worse == WORSE_UP ? up : -down;
}

static enum verdict
judge_significant(const struct row *r)
{
	double by = worsening(r->worse, r->effect, r->effect);
	bool matters = fabs(r->effect) >= r->min_effect && r->effect != 0;

	if (r->worse == WORSE_NONE)
		return matters ? SUSPECT : HELD;
	if (matters)
		return by > 0 ? REGRESSED : IMPROVED;
	return by < 0 ? HELD : SUSPECT;
}

static enum verdict
judge(const struct row *r, double alpha)
{
	if (isnan(r->p_holm))
		return UNDERPOWERED;
	if (r->p_holm <= alpha)
		return judge_significant(r);
	if (r->worse != WORSE_NONE &&
	    worsening(r->worse, r->range.high, r->range.low) >= r->min_effect)
		return UNDERPOWERED;
	return HELD;
}

enum verdict
row_judge(const struct row *r, double alpha)
{
	enum verdict v = judge(r, alpha);

	return r->drifts && (v == HELD || v == UNDERPOWERED) ? SUSPECT : v;
}

static void
put_name(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "\"%s\":\"%s\",", name, value);
}

static void
put_number(struct buf *b, const char *name, double v)
{
	buf_printf(b, "\"%s\":", name);
	if (isnan(v))
		buf_str(b, "null");
	else
		json_put_double(b, v);
	buf_byte(b, ',');
}

static void
put_since(struct buf *b, const struct row *r)
{
	buf_str(b, "\"cusum_since\":");
	if (r->drifts) {
		buf_byte(b, '"');
		instant_put(b, r->since, 0);
		buf_byte(b, '"');
	} else {
		buf_str(b, "null");
	}
}

void
row_put(struct buf *b, const struct by *by, const struct row *r, bool every)
{
	buf_byte(b, '{');
	key_put_json(b, by, r->key);
	put_name(b, "metric", compared_table[r->metric].name);
	put_name(b, "verdict", verdict_names[r->verdict]);
	put_name(b, "test", test_names[r->test]);
	put_name(b, "worse", worse_names[r->worse]);
	put_number(b, "baseline_n", (double)r->base_n);
	put_number(b, "baseline", r->base);
	put_number(b, "current_n", (double)r->now_n);
	put_number(b, "current", r->now);
	put_number(b, "effect", r->effect);
	put_number(b, "low", r->range.low);
	put_number(b, "high", r->range.high);
	put_number(b, "min_effect", r->min_effect);
	put_number(b, "p", r->p);
	put_number(b, "p_holm", r->p_holm);
	if (every) {
		put_number(b, "cusum", r->cusum);
		put_since(b, r);
	} else {
		b->len--;
	}
	buf_byte(b, '}');
}
