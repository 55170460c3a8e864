#include "event/guard.h"

#include <regex.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "event/unicode.h"

int
refuse(struct refusal *why, const char *rule, const char *field)
{
	*why = (struct refusal){ .rule = rule, .field = field };
	return -1;
}

/* Does text, a string, fit member f?  If it does, *plain is set (see event/kind.h). */
static bool
fits(enum field f, struct slice text, bool *plain, struct buf *utc)
{
	*plain = true;
	switch (schema[f].kind) {
	case KIND_TOKEN: return kind_token(text, plain);
	case KIND_LABEL: return kind_label(text, plain);
	case KIND_WORD: return kind_word(text, plain);
	case KIND_ENUM: return schema_value(f, text) != -1;
	case KIND_TIME: utc->len = 0; return kind_time(text, utc);
	case KIND_IP: return kind_ip(text);
	case KIND_PATHS: return kind_path(text);
	case KIND_BOOL: break;
	}
	return false;
}

static const char *
misfit_rule(enum kind kind)
{
	return kind == KIND_ENUM ? "enum" : kind == KIND_TIME ? "time" : "kind";
}

/* Append text to out without what unicode_unseen finds.  Was there any? */
static bool
strip_unseen(struct slice text, struct buf *out)
{
	const char *end = text.p + text.len;
	bool found = false;
	uint32_t point;

	for (const char *p = text.p; p < end;) {
		unsigned len = utf8_get(p, end, &point);

		if (len > 0 && unicode_unseen(point))
			found = true;
		else
			buf_add(out, p, len > 0 ? len : 1);
		p += len > 0 ? len : 1;
	}
	return found;
}

/* The rule that text, which does not fit f, breaks first. */
static const char *
misfit(enum field f, struct slice text)
{
	struct buf rest = { .secret = true }, unused = { .secret = true };
	const char *rule = misfit_rule(schema[f].kind);
	bool plain;

	if (strip_unseen(text, &rest) &&
	    (rest.len == 0 || fits(f, buf_view(&rest), &plain, &unused)))
		rule = "char";
	buf_free(&rest);
	buf_free(&unused);
	return rule;
}

/* Some letters and marks are never seen either: variation selectors, the Hangul fillers. */
static bool
hides(struct slice text)
{
	struct buf rest = { .secret = true };
	bool found = strip_unseen(text, &rest);

	buf_free(&rest);
	return found;
}

struct site_pattern {
	regex_t regex;
	struct site_pattern *next;
};

static bool
site_finds(const struct site_pattern *site, struct slice text)
{
	char copy[PHI_TEXT_MAX + 1];

	if (site == NULL || text.len > PHI_TEXT_MAX)
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	for (; site != NULL; site = site->next)
		if (regexec(&site->regex, copy, 0, NULL, 0) == 0)
			return true;
	return false;
}

/* Does the value of f look like health information?  The rule that says so, or NULL. */
static const char *
suspect(const struct guard *g, enum field f, struct slice text)
{
	unsigned found = phi_find(text);

	if (site_finds(g->sites, text))
		found |= 1U << PHI_MRN;
	for (unsigned rule = 0; found != 0; rule++, found >>= 1)
		if ((found & 1) != 0 &&
		    ((phi_table[rule].passes >> f | g->allowed[f] >> rule) & 1) == 0)
			return phi_table[rule].rule;
	return NULL;
}

static int
judge_string(
    const struct guard *g, enum field f, struct value *v, struct buf *utc, struct refusal *why)
{
	const char *name = schema[f].name, *rule;

	if (v->type != VALUE_STRING)
		return refuse(why, "kind", name);
	if (!fits(f, v->text, &v->plain, utc))
		return refuse(why, misfit(f, v->text), name);
	if (g->vocab[f] != NULL && map_find(g->vocab[f], v->text) == MAP_NONE)
		return refuse(why, "enum", name);
	if (!v->plain && hides(v->text))
		return refuse(why, "char", name);
	if (guard_field(f) || f == PHI_FIELDS_ACCESSED) {
		rule = suspect(g, f, v->text);
		if (rule != NULL)
			return refuse(why, rule, name);
	}
	return 0;
}

static int
judge_paths(const struct guard *g, struct entry *e, struct buf *scratch, struct refusal *why)
{
	enum field f = PHI_FIELDS_ACCESSED;

	if (e->v[f].type != VALUE_LIST || e->paths > PATHS_MAX)
		return refuse(why, "kind", schema[f].name);
	for (size_t i = 0; i < e->paths; i++)
		if (judge_string(g, f, &e->path[i], scratch, why) == -1)
			return -1;
	return 0;
}

/* The guard's own copy of the time: what it was read from may be anyone's. */
static int
judge_time(const struct guard *g, struct entry *e, struct buf *utc, struct refusal *why)
{
	struct value *v = &e->v[TIMESTAMP];

	if (judge_string(g, TIMESTAMP, v, utc, why) == -1)
		return -1;
	if (utc->len > sizeof e->made_time)
		return refuse(why, "time", schema[TIMESTAMP].name);
	memcpy(e->made_time, utc->p, utc->len);
	v->text = (struct slice){ e->made_time, utc->len };
	return 0;
}

static int
judge_member(const struct guard *g, struct entry *e, enum field f, struct buf *scratch,
    struct refusal *why)
{
	struct value *v = &e->v[f];
	bool empty = v->type == VALUE_ABSENT || v->type == VALUE_NULL;

	if (f >= FIELD_ALWAYS && v->type == VALUE_ABSENT)
		return 0;
	if (f < FIELD_ALWAYS && empty) {
		bool required = !schema_nullable(f) || (schema[f].required >> e->type & 1) != 0;

		if (required || v->type == VALUE_ABSENT)
			return refuse(why, "missing", schema[f].name);
		return 0;
	}
	switch (schema[f].kind) {
	case KIND_PATHS: return judge_paths(g, e, scratch, why);
	case KIND_TIME: return judge_time(g, e, scratch, why);
	case KIND_BOOL: return v->type == VALUE_BOOL ? 0 : refuse(why, "kind", schema[f].name);
	default: return judge_string(g, f, v, scratch, why);
	}
}

/* What each member allows and the members together do not. */
static int
judge_sense(const struct entry *e, struct refusal *why)
{
	int action = schema_value(ACTION, e->v[ACTION].text);
	const struct value *outcome = &e->v[OUTCOME];

	if (!schema_allows(e->type, (enum action)action))
		return refuse(why, "contradiction", schema[ACTION].name);
	if (e->type == PHI_ACCESS_DENIED && outcome->type == VALUE_STRING &&
	    schema_value(OUTCOME, outcome->text) == OUTCOME_SUCCESS)
		return refuse(why, "contradiction", schema[OUTCOME].name);
	return 0;
}

int
guard_judge(const struct guard *g, struct entry *e, struct buf *scratch, struct refusal *why)
{
	e->type = EVENT_TYPES;
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		if (judge_member(g, e, (enum field)f, scratch, why) == -1)
			return -1;
		if (f == EVENT_TYPE)
			e->type = (enum event_type)schema_value(EVENT_TYPE, e->v[f].text);
	}
	return judge_sense(e, why);
}

bool
guard_field(enum field f)
{
	return schema[f].kind == KIND_LABEL || schema[f].kind == KIND_WORD ||
	    schema[f].kind == KIND_TOKEN;
}

void
guard_allow(struct guard *g, enum phi rule, enum field f)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		if (f == FIELD_NONE || f == i)
			g->allowed[i] |= 1U << rule;
}

/* Behind a '[': the end of the bracket expression, in which nothing else is special. */
static const char *
bracket_end(const char *p)
{
	p += *p == '^';
	p += *p == ']';
	while (*p != '\0' && *p != ']') {
		char kind = p[0] == '[' ? p[1] : '\0';

		if (kind == ':' || kind == '.' || kind == '=') {
			const char *close = strchr(p + 2, kind);

			while (close != NULL && close[1] != ']')
				close = strchr(close + 1, kind);
			if (close != NULL)
				p = close + 1;
		}
		p++;
	}
	return p;
}

/* Behind a '{': is a number of the bound too large? */
static bool
bound_large(const char *p)
{
	unsigned long n = 0;

	for (; *p == ',' || (*p >= '0' && *p <= '9'); p++) {
		n = *p == ',' ? 0 : n * 10 + (unsigned long)(*p - '0');
		if (n > PATTERN_BOUND)
			return true;
	}
	return false;
}

static bool
pattern_costly(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			if (*++p >= '1' && *p <= '9')
				return true;
		} else if (*p == '[') {
			p = bracket_end(p + 1);
			if (*p == '\0')
				return false; /* regcomp says what is wrong */
		} else if (*p == '{' && bound_large(p + 1)) {
			return true;
		}
	}
	return false;
}

int
guard_pattern(struct guard *g, const char *pattern)
{
	struct site_pattern *site;

	if (strlen(pattern) > PATTERN_MAX || pattern_costly(pattern))
		return -1;
	site = xzalloc(1, sizeof *site);
	if (regcomp(&site->regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
		free(site);
		return -1;
	}
	site->next = g->sites;
	g->sites = site;
	return 0;
}

void
guard_free(struct guard *g)
{
	struct site_pattern *site;

	while ((site = g->sites) != NULL) {
		g->sites = site->next;
		regfree(&site->regex);
		free(site);
	}
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		map_free(g->vocab[f]);
}
