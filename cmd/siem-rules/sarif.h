/*
 * Findings as SARIF 2.1.0: one object, of one run, with columns in code points.
 */
#ifndef SIEM_RULES_SARIF_H
#define SIEM_RULES_SARIF_H

#include "base/out.h"
#include "sigma/finding.h"

/* All up to the first finding; one finding; all behind the last. */
void sarif_begin(struct out *out);
void sarif_put(struct out *out, const char *file, const struct finding *x, bool first);
void sarif_end(struct out *out);

#endif
