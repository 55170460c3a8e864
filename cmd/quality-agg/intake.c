#include "intake.h"

#include "base/parallel.h"
#include "base/tool.h"

bool
intake_program(const char *option, const char *program)
{
	size_t line = 0;
	struct query *q = program == NULL ? NULL : query_new(program, &line);

	if (program != NULL && q == NULL)
		warn_at(option, line, "the jq program does not compile [map]");
	query_free(q);
	return program == NULL || q != NULL;
}

static struct query *
query_of(const char *program)
{
	size_t line;

	return program == NULL ? NULL : query_new(program, &line);
}

void
intake_init(struct intake *in, const struct intake_options *o)
{
	*in = (struct intake){
		.o = o,
		.reader = record_reader_new(o->otel),
		.json = json_new(),
		.otel = o->otel ? otel_new() : NULL,
		.map = query_of(o->map),
		.where = query_of(o->where),
	};
	stencil_init(&in->stencil);
}

static void
refuse(struct intake *in, const char *rule, const char *text)
{
	struct refusal why = { .rule = rule, .text = text, .field = NO_FIELD };

	in->to->refuse(in->to->arg, &why);
}

/* A record as JSON, with padding. */
static void
json_take(struct intake *in, struct slice json, bool evaluation)
{
	struct record record;
	struct refusal why;

	if (record_read(in->reader, json, &record, &why) == -1) {
		in->to->refuse(in->to->arg, &why);
		return;
	}
	record.evaluation = evaluation;
	in->to->take(in->to->arg, &record, json);
}

/* A value that the map yields. */
static bool
value_take(void *arg, struct slice json)
{
	json_take(arg, json, false);
	return true;
}

static void
map_take(struct intake *in, struct slice json)
{
	struct diag d;

	if (query_each(in->map, json, value_take, in, &d) == -1)
		refuse(in, "map", "the jq program failed");
}

/* A model call or evaluation of an OTLP line.  The map is for calls. */
static void
otel_take(void *arg, enum otel_kind kind, struct slice json)
{
	struct intake *in = arg;

	if (kind == OTEL_CONTENT)
		refuse(in, "content-key", "an attribute names content");
	else if (kind == OTEL_CALL && in->map != NULL)
		map_take(in, json);
	else
		json_take(in, json, kind == OTEL_EVALUATION);
}

/* Does the scanner pass line, and is it an object? */
static bool
line_check(struct intake *in, struct slice line)
{
	struct diag d;
	size_t i = 0;

	if (json_check(in->json, line, &d) == -1) {
		refuse(in, d.rule, diag_text(d.rule));
		return false;
	}
	while (strchr(" \t\r", line.p[i]) != NULL) /* there is something else: it was checked */
		i++;
	if (line.p[i] == '{')
		return true;
	refuse(in, "json-object", diag_text("json-object"));
	return false;
}

static const struct slice STATE_FIRST = { "quality-agg state ", 18 };

static void
line_take(struct intake *in, struct slice line)
{
	struct record record;
	struct refusal why;

	if (in->otel != NULL) {
		if (line_check(in, line))
			otel_each(in->otel, line, otel_take, in);
	} else if (in->map != NULL) {
		if (line_check(in, line))
			map_take(in, line);
	} else if (record_read(in->reader, line, &record, &why) == 0) {
		stencil_learn(&in->stencil, line);
		in->to->take(in->to->arg, &record, line);
	} else {
		if (line.len > STATE_FIRST.len && slice_starts(line, STATE_FIRST))
			why.text = "is the first line of a state, which --merge reads";
		in->to->refuse(in->to->arg, &why);
	}
}

void
intake_line(struct intake *in, struct slice *text, const struct intake_to *to)
{
	struct record record;
	struct slice line;
	size_t len = 0;

	in->to = to;
	if (in->otel == NULL && in->map == NULL)
		len = stencil_read(&in->stencil, *text, &record);
	if (len == 0) {
		chunk_next(text, &line);
		line_take(in, line);
		return;
	}
	line = (struct slice){ text->p, len };
	line.len -= line.p[len - 1] == '\n';
	text->p += len;
	text->len -= len;
	to->take(to->arg, &record, line);
}

/* What a program yields is true of jq: anything but false and null. */
static bool
truth(void *arg, struct slice json)
{
	bool *holds = arg;

	*holds = !slice_is(json, "false") && !slice_is(json, "null");
	return !*holds;
}

int
intake_where(struct intake *in, struct slice json, struct refusal *why)
{
	bool holds = false;
	struct diag d;

	if (in->where == NULL)
		return 1;
	if (query_each(in->where, json, truth, &holds, &d) == -1) {
		*why = (struct refusal){
			.rule = "map", .text = "the jq program failed", .field = NO_FIELD
		};
		return -1;
	}
	return holds;
}

void
intake_free(struct intake *in)
{
	record_reader_free(in->reader);
	stencil_free(&in->stencil);
	otel_free(in->otel);
	json_free(in->json);
	query_free(in->map);
	query_free(in->where);
}
