/*
 * gaps - where a file and its sealed leaves do not run side by side (inside of log/align).
 */
#ifndef LOG_GAPS_H
#define LOG_GAPS_H

#include "log/align.h"

/* tn sealed leaves from t on, and in their place fn lines from f on (counting from 0). */
struct gap {
	uint64_t t, tn, f, fn;
	size_t left; /* its j-th line's hash is left[left + j], if there are that many */
};

struct gaps {
	struct gap *gap;
	size_t n, cap;
	struct hash *left; /* hashes of the lines in gaps */
	size_t lefts, left_cap;
	bool open;   /* the last gap may grow */
	bool coarse; /* a bound took hold */
};

/* At leaf t and line f: n more leaves have no line, or n more lines no leaf. */
void gaps_leaves(struct gaps *g, uint64_t t, uint64_t f, uint64_t n);
void gaps_lines(struct gaps *g, uint64_t t, uint64_t f, const struct hash *lines, size_t n);

void gaps_free(struct gaps *g);

struct gaps_end {
	uint64_t sealed;      /* leaves */
	const uint64_t *torn; /* lines without LF, from 0, rising */
	size_t n;             /* of them */
};

/*
 * gaps_name(g, end, source, found, arg):
 * Say what happened in every gap.  Returns the number of lines behind the last sealed one.
 */
uint64_t gaps_name(struct gaps *g, const struct gaps_end *end,
    const struct align_source *source, void (*found)(void *arg, const struct finding *),
    void *arg);

#endif
