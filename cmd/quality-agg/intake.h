/*
 * intake - a line of input into records: as it is, from OTLP, through a jq program, or both.
 */
#ifndef QUALITY_INTAKE_H
#define QUALITY_INTAKE_H

#include "otel.h"
#include "record.h"
#include "stencil.h"
#include "json/query.h"

struct intake_options {
	bool otel; /* lines are OTLP/JSON, and what is not required of them may be missing */
	const char *map; /* jq programs, NULL for none */
	const char *where;
};

/* Where records go, and what is refused instead. */
struct intake_to {
	void *arg;
	void (*take)(void *arg, const struct record *record, struct slice json);
	void (*refuse)(void *arg, const struct refusal *why);
};

/* One to a thread. */
struct intake {
	const struct intake_options *o;
	struct record_reader *reader;
	struct stencil stencil;
	struct otel *otel;
	struct json *json;
	struct query *map, *where;
	const struct intake_to *to; /* of the present line */
};

/*
 * intake_init(in, o):
 * o is borrowed, its programs compile.  To be called before there are threads (json/query.h).
 */
void intake_init(struct intake *in, const struct intake_options *o);

/*
 * intake_program(option, program):
 * Does the program compile?  If not it is said, under the option's name.  NULL does.
 */
bool intake_program(const char *option, const char *program);

/* Read the line at the front of *text, whose padding is that of a chunk, and take it off. */
void intake_line(struct intake *in, struct slice *text, const struct intake_to *to);

/*
 * intake_where(in, json, why):
 * Does the --where program hold for a record's JSON: yield anything but false and null?  1 or 0; -1 with *why if
 * it fails.  1 without a program.
 */
int intake_where(struct intake *in, struct slice json, struct refusal *why);

void intake_free(struct intake *in);

#endif
