/*
 * measure - the dictionary as measurements for monitoring: base units, one name for each.
 *
 * Prometheus and OpenTelemetry have the same ones, under names of their own spelling.
 */
#ifndef QUALITY_MEASURE_H
#define QUALITY_MEASURE_H

#include "metric.h"

enum { LATENCY_RANKS = 4 };

/* Those that are one number of a group; latency, a summary, stands behind the first. */
struct measure {
	const char *prometheus, *otel, *unit, *help;
	int metric; /* of the dictionary; MEASURE_LAST for the time of the last record */
};

enum { MEASURES = 8, MEASURE_LAST = -1 };

extern const struct measure measures[MEASURES];

/* What a measure says of a group; NAN: null. */
double measure_value(
    const struct measure *m, const struct result *r, const struct result_group *g);

/* The latency of a group in seconds. */
struct latency {
	uint64_t count;
	double sum;
	double at[LATENCY_RANKS]; /* nearest ranks of latency_quantiles */
};

extern const char *const latency_quantiles[LATENCY_RANKS];

/* Returns false, with nothing set, if there is none. */
bool latency_get(struct latency *l, const struct result *r, const struct result_group *g);

#endif
