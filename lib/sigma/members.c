/* The members that any document may have, but for its sections. */
#include <ctype.h>

#include "base/map.h"
#include "base/utf8.h"
#include "sigma/rule.h"

enum {
	TITLE_MAX = 256, /* characters; of a name too */
	DESCRIPTION_MAX = 65535,
	FEW = 16, /* elements of a list that are compared one by one */
};

/* What a member of a rule may be. */
enum form {
	FORM_TEXT,
	FORM_UUID,
	FORM_DATE,
	FORM_STATUS,
	FORM_LEVEL,
	FORM_TAGS,
	FORM_LIST,
	FORM_RELATED
};

/* The members that any document may have (specification 2.1, "Rule structure"), and our own. */
static const struct member {
	const char *name;
	enum form form;
	bool strict; /* an error and not a warning if it is wrong */
	size_t text; /* where its text goes in a rule; 0: nowhere */
	size_t at;   /* likewise its place */
} members[] = {
	{ "title", FORM_TEXT, true, offsetof(struct rule, title), 0 },
	{ "id", FORM_UUID, true, offsetof(struct rule, id), offsetof(struct rule, id_at) },
	{ "name", FORM_TEXT, true, offsetof(struct rule, name),
	    offsetof(struct rule, name_at) },
	{ "status", FORM_STATUS, true, 0, 0 },
	{ "level", FORM_LEVEL, true, 0, 0 },
	{ "date", FORM_DATE, true, 0, 0 },
	{ "modified", FORM_DATE, true, 0, 0 },
	{ "tags", FORM_TAGS, true, 0, 0 },
	{ "related", FORM_RELATED, true, 0, 0 },
	{ "scope", FORM_LIST, false, 0, 0 },
	{ "description", FORM_TEXT, false, offsetof(struct rule, description), 0 },
	{ "references", FORM_LIST, false, 0, 0 },
	{ "falsepositives", FORM_LIST, false, 0, 0 },
	{ "author", FORM_TEXT, false, 0, 0 },
	{ "license", FORM_TEXT, false, 0, 0 },
	{ "taxonomy", FORM_TEXT, false, 0, 0 },
	{ "response", FORM_TEXT, false, offsetof(struct rule, response), 0 },
	{ "alert_threshold", FORM_TEXT, false, offsetof(struct rule, alert_threshold), 0 },
	{ "timezone", FORM_TEXT, false, offsetof(struct rule, timezone), 0 },
};

static const char *const levels[] = { "", "informational", "low", "medium", "high",
	"critical" };
static const char *const loud_levels[] = { "", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH",
	"CRITICAL" };
static const char *const statuses[] = { "stable", "test", "experimental", "deprecated",
	"unsupported", NULL };

const char *
level_text(enum level level)
{
	return loud_levels[level];
}

static bool
is_text(const struct node *n)
{
	return n->kind == NODE_SCALAR && node_type(n) == TYPE_TEXT;
}

static bool
is_uuid(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i]))
			return false;
	}
	return s.len == 36;
}

static unsigned
month_days(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* "2024-01-31", or with slashes as it was once written. */
static bool
is_date(struct slice s)
{
	unsigned v[3] = { 0 }, k = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (i == 4 || i == 7) {
			if (s.p[i] != '-' && s.p[i] != '/')
				return false;
			k++;
		} else if (!isdigit((unsigned char)s.p[i])) {
			return false;
		} else {
			v[k] = v[k] * 10 + (unsigned)(s.p[i] - '0');
		}
	}
	return s.len == 10 && v[1] >= 1 && v[1] <= 12 && v[2] >= 1 &&
	    v[2] <= month_days(v[0], v[1]);
}

static bool
is_one_of(struct slice s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (slice_is(s, *words))
			return true;
	return false;
}

/* namespace.value, neither of them empty. */
static bool
is_tag(const struct node *n)
{
	struct slice rest = n->text, space;

	if (n->kind != NODE_SCALAR || !slice_cut(&rest, '.', &space))
		return false;
	for (size_t i = 0; i < n->text.len; i++)
		if ((unsigned char)n->text.p[i] <= ' ')
			return false;
	return space.len > 0 && rest.len > 0;
}

/* Digits as the pattern has '0', letters and marks as they are. */
static bool
fits(struct slice s, const char *pattern)
{
	size_t n = strlen(pattern);

	for (size_t i = 0; i < s.len && i < n; i++)
		if (pattern[i] == '0' ? !isdigit((unsigned char)s.p[i]) : s.p[i] != pattern[i])
			return false;
	return s.len == n;
}

/* The tactics of MITRE ATT&CK, as tags write them. */
static const char *const tactics[] = { "reconnaissance", "resource-development",
	"initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
	"stealth", "defense-impairment", "credential-access", "discovery", "lateral-movement",
	"collection", "command-and-control", "exfiltration", "impact", NULL };

static const char *const colours[] = { "red", "amber", "amber-strict", "green", "clear",
	"white", NULL };

/* Is what follows a namespace that we know none of its values? */
static bool
tag_odd(struct slice space, struct slice value)
{
	if (slice_is(space, "attack"))
		return !fits(value, "t0000") && !fits(value, "t0000.000") &&
		    !fits(value, "g0000") && !fits(value, "s0000") &&
		    !is_one_of(value, tactics) && memchr(value.p, '_', value.len) == NULL;
	if (slice_is(space, "tlp"))
		return !is_one_of(value, colours);
	if (slice_is(space, "cve"))
		return value.len < 9 || !isdigit((unsigned char)value.p[0]);
	return false;
}

static void
check_tag(struct findings *f, const struct node *n)
{
	struct slice rest = n->text, space;

	if (!is_tag(n)) {
		finding_error(f, n->at, "value-tag", "a tag is namespace.value");
		return;
	}
	for (size_t i = 0; i < n->text.len; i++)
		if (isupper((unsigned char)n->text.p[i])) {
			finding_warning(f, n->at, "value-tag", "a tag is in small letters");
			return;
		}
	slice_cut(&rest, '.', &space);
	if (tag_odd(space, rest))
		finding_warning(f, n->at, "value-tag", "no such value in this namespace");
}

static void
check_tags(struct findings *f, const struct node *list)
{
	if (list->kind != NODE_LIST) {
		finding_error(f, list->at, "value-type", "\"tags\" takes a list");
		return;
	}
	for (const struct node_pair *p = list->first; p != NULL; p = p->next)
		check_tag(f, p->value);
	list_twice(f, list);
}

void
list_twice(struct findings *f, const struct node *list)
{
	struct map *seen = list->count > FEW ? map_new() : NULL;

	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		bool fresh = true;

		if (p->value->kind != NODE_SCALAR)
			continue;
		if (seen != NULL)
			map_add(seen, p->value->text, &fresh);
		else
			for (const struct node_pair *q = list->first; q != p && fresh;
			     q = q->next)
				fresh = q->value->kind != NODE_SCALAR ||
				    !slice_eq(q->value->text, p->value->text);
		if (!fresh)
			finding_warning(
			    f, p->value->at, "value-twice", "the list has this already");
	}
	map_free(seen);
}

/* {id, type} of a rule that this one has to do with. */
static void
check_relation(struct findings *f, const struct node *n)
{
	static const char *const types[] = { "derived", "obsolete", "obsoletes", "merged",
		"renamed", "similar", NULL };
	const struct node *id, *type;

	if (n->kind != NODE_MAP) {
		finding_error(f, n->at, "value-type", "a related rule is a map of id and type");
		return;
	}
	id = node_get(n, "id");
	type = node_get(n, "type");
	if (id == NULL || type == NULL)
		finding_error(
		    f, n->at, "value-related", "a related rule needs \"id\" and \"type\"");
	if (id != NULL && !(is_text(id) && is_uuid(id->text)))
		finding_error(f, id->at, "value-id", "\"id\" is no UUID");
	if (type != NULL && !(is_text(type) && is_one_of(type->text, types)))
		finding_error(f, type->at, "value-related",
		    "\"type\" is none of derived, obsolete, merged, renamed, similar");
}

static void
check_related(struct findings *f, const struct node *list)
{
	if (list->kind != NODE_LIST)
		finding_error(f, list->at, "value-type", "\"related\" takes a list");
	for (const struct node_pair *p = list->first; list->kind == NODE_LIST && p != NULL;
	     p = p->next)
		check_relation(f, p->value);
}

/* A list of texts; a single one is as good. */
static bool
is_list(const struct node *n)
{
	for (const struct node_pair *p = n->first; p != NULL; p = p->next)
		if (p->value->kind != NODE_SCALAR)
			return false;
	return n->kind == NODE_LIST;
}

static enum level
get_level(struct slice s)
{
	for (int i = LEVEL_INFORMATIONAL; i <= LEVEL_CRITICAL; i++)
		if (slice_is(s, levels[i]))
			return (enum level)i;
	return LEVEL_NONE;
}

/* Does n have the form of m?  If not: the id of what is wrong, and how to say it. */
static const char *
form_wrong(const struct member *m, const struct node *n, const char **say)
{
	enum node_type type = n->kind == NODE_SCALAR ? node_type(n) : TYPE_NULL;

	*say = "takes a text";
	switch (m->form) {
	case FORM_TEXT:
		if (m->strict && n->text.len == 0)
			return "value-type";
		return type == TYPE_TEXT ? NULL : "value-type";
	case FORM_UUID:
		*say = "is no UUID";
		return type == TYPE_TEXT && is_uuid(n->text) ? NULL : "value-id";
	case FORM_DATE:
		*say = "is no date YYYY-MM-DD";
		return n->kind == NODE_SCALAR && is_date(n->text) ? NULL : "value-date";
	case FORM_STATUS:
		*say = "is none of stable, test, experimental, deprecated, unsupported";
		return type == TYPE_TEXT && is_one_of(n->text, statuses) ? NULL
									 : "value-status";
	case FORM_LEVEL:
		*say = "is none of informational, low, medium, high, critical";
		return type == TYPE_TEXT && get_level(n->text) != LEVEL_NONE ? NULL
									     : "value-level";
	case FORM_LIST: *say = "takes a list of texts"; return is_list(n) ? NULL : "value-type";
	case FORM_TAGS:
	case FORM_RELATED: return NULL;
	}
	return NULL;
}

static void
check_length(struct findings *f, const struct member *m, const struct node *n)
{
	bool title = strcmp(m->name, "title") == 0 || strcmp(m->name, "name") == 0;
	bool description = strcmp(m->name, "description") == 0;
	size_t most = title ? TITLE_MAX : description ? DESCRIPTION_MAX : SIZE_MAX;

	if (n->text.len > most && utf8_count(n->text) > most)
		finding_warning(f, n->at, "value-length",
		    arena_printf(
			f->arena, "\"%s\" is longer than %zu characters", m->name, most));
}

static void
read_member(struct findings *f, struct rule *r, const struct member *m, const struct node *n)
{
	const char *say, *id;

	if (m->form == FORM_TAGS)
		check_tags(f, n);
	if (m->form == FORM_RELATED)
		check_related(f, n);
	id = form_wrong(m, n, &say);
	if (id != NULL) {
		const char *text = arena_printf(f->arena, "\"%s\" %s", m->name, say);

		if (m->strict)
			finding_error(f, n->at, id, text);
		else
			finding_warning(f, n->at, id, text);
		return;
	}
	if (m->form == FORM_LIST && n->kind == NODE_LIST)
		list_twice(f, n);
	check_length(f, m, n);
	if (m->text != 0)
		*(struct slice *)(void *)((char *)r + m->text) = n->text;
	if (m->at != 0)
		*(struct place *)(void *)((char *)r + m->at) = n->at;
	if (m->form == FORM_LEVEL)
		r->level = get_level(n->text);
	if (m->form == FORM_DATE && n->text.p[4] == '/')
		finding_warning(f, n->at, "deprecated-date", "a date is written YYYY-MM-DD");
}

/* Do a and b differ in one place: a character changed, added, left out or two exchanged? */
static bool
nearly(struct slice a, struct slice b)
{
	size_t front = 0, back = 0, least = a.len < b.len ? a.len : b.len;

	while (front < least && a.p[front] == b.p[front])
		front++;
	while (back < least - front && a.p[a.len - 1 - back] == b.p[b.len - 1 - back])
		back++;
	a.len -= front + back;
	b.len -= front + back;
	if (a.len == 2 && b.len == 2)
		return a.p[front] == b.p[front + 1] && a.p[front + 1] == b.p[front];
	return a.len <= 1 && b.len <= 1 && a.len + b.len > 0;
}

/* Members without a meaning are anyone's own, but for those that are nearly called as one of ours. */
static void
check_typos(struct findings *f, const struct rule *r)
{
	static const char *const sections[] = { "logsource", "detection", "correlation",
		"filter", "fields", "action" };
	enum { SECTIONS = 6, MEMBERS = sizeof members / sizeof members[0] };

	for (const struct node_pair *p = r->root->first; p != NULL; p = p->next) {
		const char *close = NULL;
		bool known = false;

		for (size_t i = 0; i < SECTIONS + MEMBERS && !known; i++) {
			const char *name =
			    i < SECTIONS ? sections[i] : members[i - SECTIONS].name;

			known = slice_is(p->key->text, name);
			if (p->key->text.len > 3 && nearly(p->key->text, slice_of(name)))
				close = name;
		}
		if (!known && close != NULL)
			finding_warning(f, p->key->at, "member-typo",
			    arena_printf(f->arena, "unknown member; is \"%s\" meant?", close));
	}
}

/* Dates of the right form compare as their text, but for the mark between. */
static void
check_dates(struct findings *f, const struct rule *r)
{
	const struct node *made = node_get(r->root, "date");
	const struct node *changed = node_get(r->root, "modified");
	static const size_t at[] = { 0, 5, 8 }, n[] = { 4, 2, 2 };

	if (made == NULL || changed == NULL || made->kind != NODE_SCALAR ||
	    changed->kind != NODE_SCALAR || !is_date(made->text) || !is_date(changed->text))
		return;
	for (int i = 0; i < 3; i++) {
		int order = memcmp(made->text.p + at[i], changed->text.p + at[i], n[i]);

		if (order > 0)
			finding_warning(
			    f, changed->at, "date-order", "\"modified\" is before \"date\"");
		if (order != 0)
			return;
	}
}

void
members_read(struct findings *f, struct rule *r)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const struct node *n = node_get(r->root, members[i].name);

		if (n != NULL)
			read_member(f, r, &members[i], n);
	}
	check_dates(f, r);
	check_typos(f, r);
}
