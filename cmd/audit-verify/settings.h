/*
 * settings - what audit-verify was told to do, and what it works with.
 */
#ifndef AUDIT_VERIFY_SETTINGS_H
#define AUDIT_VERIFY_SETTINGS_H

#include "report.h"

struct settings {
	const char **pubkey; /* files */
	size_t pubkeys;
	const char *output;
	bool progress;
	struct vkey *keys;
	size_t n;
	struct buf tree;   /* path */
	struct buf reason; /* why it cannot be verified, if so before it began */
	struct verify verify;
	struct report report;
};

extern const struct tool_option verify_options[];

/* Read the command line; a wrong one ends the process.  settings_free in any case. */
void settings_read(int argc, char **argv, struct settings *s);
void settings_free(struct settings *s);

/* Note why nothing can be verified.  Returns -1. */
int settings_cannot(struct settings *s, const char *file, const char *why);

/* Verify the log, its findings going to s->report as they come. */
void run_verify(struct settings *s);

#endif
