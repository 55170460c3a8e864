/*
 * finding - what is wrong with a rule, and where.
 *
 * Texts are ours or libyaml's, never a byte of the file's.  Lines and columns count from 1, columns
 * in code points.  Ids are stable; siem-rules(1) lists them.
 */
#ifndef SIGMA_FINDING_H
#define SIGMA_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "sigma/arena.h"

struct place {
	uint32_t line, column;
};

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

struct finding {
	uint32_t file;     /* number of the file in the set */
	uint32_t document; /* number of the document in the set; a rule has the same */
	struct place at;
	enum severity severity;
	const char *id;   /* static */
	const char *text; /* static, or in the arena: lower case, no full stop */
};

/* A growing list, and where new findings belong. */
struct findings {
	struct finding *v;
	size_t n, cap;
	uint32_t file, document; /* of what is being read */
	size_t errors;
	struct arena *arena; /* for texts that name a construct */
};

void finding_error(struct findings *f, struct place at, const char *id, const char *text);
void finding_warning(struct findings *f, struct place at, const char *id, const char *text);

/* Sort by file, line and column, keeping the order of what stands at one place. */
void findings_sort(struct findings *f);

/*
 * findings_drop(f, from, at):
 * From the from-th on, forget what only a whole document can be blamed for, as the document was cut
 * short at the place: what is missing (ids "missing-*", "unused-*") and what would stand at or after the place.
 */
void findings_drop(struct findings *f, size_t from, struct place at);

void findings_free(struct findings *f);

#endif
