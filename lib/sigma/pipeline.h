/*
 * pipeline - where a rule's events are and what their fields are called, from a processing pipeline
 * file in pySigma's format.
 *
 * Of that format: the transformations add_condition, field_name_mapping and change_logsource; the
 * rule condition logsource with rule_cond_op; the field name condition include_fields.  Anything
 * else is refused by name.
 */
#ifndef SIGMA_PIPELINE_H
#define SIGMA_PIPELINE_H

#include "sigma/rule.h"

struct pipeline;

/*
 * pipeline_read(arena, findings, text):
 * Returns NULL if text is wrong, with findings:  pipeline-*, those of documents_next and of detections.
 */
struct pipeline *pipeline_read(struct arena *a, struct findings *f, struct slice text);

/*
 * pipeline_apply(p, arena, rule):
 * Apply all transformations, in order, once.  A correlation's fields are renamed as those of the
 * first rule that it rests on; its rules are applied to by themselves, after it.
 */
void pipeline_apply(const struct pipeline *p, struct arena *a, struct rule *r);

#endif
