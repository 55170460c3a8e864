/*
 * query - jq programs over one JSON value at a time.  The only place that includes jq.
 *
 * The rule that no byte of input is echoed covers jq: its own error texts are swallowed; debug,
 * stderr, input, inputs, env, $ENV, import, include, halt, halt_error, modulemeta, input_filename,
 * get_search_list, get_jq_origin, get_prog_origin, $__loc__ and ~/.jq are off.  The environment is
 * cleared before libjq starts, HOME nowhere while compiling, JQ_LIBRARY_PATH empty (libjq 1.6
 * aborts on import without it); local time is UTC.
 *
 * A query is for one thread at a time, and made before there are other threads.
 */
#ifndef JSON_QUERY_H
#define JSON_QUERY_H

#include "json/scan.h"

struct query;

/*
 * query_new(program, line):
 * Compile program (a C string), and empty this process's environment but for TZ=UTC0.  Returns
 * NULL if it does not compile or uses what is off, with *line the program's line, from 1, at which
 * that was noticed (0 if not known).
 */
struct query *query_new(const char *program, size_t *line);

/*
 * query_each(q, text, fn, arg, d):
 * Run q on the value text (already checked by the scanner) and call fn(arg, json) for each value
 * it yields, as compact JSON text padded as for json_begin.  fn returns false to stop early.
 * Returns 0; -1 with d->rule "map" on a run-time error or a value nested deeper than JSON_DEPTH
 * (what was yielded before it stands), or if text has an integer beyond +-2^53 or a number beyond
 * the range of a double, which libjq would round: then d->offset is the number's, else 0.  fn must
 * not use q.
 */
int query_each(struct query *q, struct slice text, bool (*fn)(void *arg, struct slice json),
    void *arg, struct diag *d);

/* Accepts NULL. */
void query_free(struct query *q);

#endif
