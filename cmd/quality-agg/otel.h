/*
 * otel - model calls in OTLP/JSON, as records of a quality log.
 *
 * A line is what the OpenTelemetry collector's file exporter writes: an ExportTraceServiceRequest or
 * ExportLogsServiceRequest in JSON (opentelemetry-proto, JSON Protobuf Encoding).  Spans and log records with
 * the attribute gen_ai.operation.name are model calls; gen_ai.evaluation.result, a log record or a span's event, is
 * a verdict on one.  All else is passed over.  Names are those of the GenAI semantic conventions,
 * of 1.36 and before too.
 */
#ifndef QUALITY_OTEL_H
#define QUALITY_OTEL_H

#include "json/scan.h"

enum otel_kind {
	OTEL_CALL,
	OTEL_EVALUATION,
	OTEL_CONTENT /* refused: it has prompts or answers in it */
};

/* Reads lines; one to a thread. */
struct otel;

struct otel *otel_new(void);
void otel_free(struct otel *o); /* accepts NULL */

/*
 * otel_each(o, line, fn, arg):
 * Call fn for each model call and evaluation in line, which is a checked JSON object with padding: with an object
 * of a quality log's members, padded too, as long as fn runs (empty for OTEL_CONTENT).
 */
void otel_each(struct otel *o, struct slice line,
    void (*fn)(void *arg, enum otel_kind kind, struct slice json), void *arg);

#endif
