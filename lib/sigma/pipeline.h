/*
 * pipeline - where a rule's events are and what their fields are called, from a processing pipeline
 * file in pySigma's format.
 *
 * Of that format: the transformations add_condition, field_name_mapping (to several names too),
 * change_logsource, and with vars value_placeholders and wildcard_placeholders; the rule condition
 * logsource with rule_cond_op; the field name condition include_fields.  Anything
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
 * pipeline_apply(p, arena, findings, rule, local):
 * Apply all transformations, in order, once; local: for events as they are here and not in Splunk,
 * without add_condition, and "{}" at the end of a name is ignored.  A correlation's fields are renamed as those of the
 * first rule that it rests on; its rules are applied to by themselves, after it.  What is wrong with
 * the rule then is in the findings, and the rule broken.
 */
void pipeline_apply(
    const struct pipeline *p, struct arena *a, struct findings *f, struct rule *r, bool local);

/* The rest is for the files that make up pipeline. */
enum action { ADD_CONDITION, MAP_FIELDS, CHANGE_LOGSOURCE, FILL_VALUES, FILL_WILDCARDS };

struct step {
	enum action action;
	const struct node *conditions;  /* a list of maps, or NULL */
	bool any;                       /* rule_cond_op: or */
	const struct node *field_lists; /* likewise, of include_fields */
	bool any_field;                 /* field_name_cond_op: or */
	const struct node *value;       /* conditions, mapping, or the item itself */
	const struct node *vars;        /* of the pipeline: names to values; NULL for none */
	struct step *next;
};

struct pipeline {
	struct step *first, *last;
};

#endif
