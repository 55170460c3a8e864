/*
 * settings - what audit-verify was told to do, and what it works with.
 */
#ifndef AUDIT_VERIFY_SETTINGS_H
#define AUDIT_VERIFY_SETTINGS_H

#include "report.h"

struct settings {
	const char **pubkey, **old_pubkey, **anchor; /* files */
	size_t pubkeys, old_pubkeys, anchors;
	const char *proof, *entry, *leaf; /* what is to be checked instead of a log */
	bool bundles;                     /* the tree's own entries, not lines */
	const char *checkpoint;           /* the head that they are checked by, or NULL */
	const char **operand;             /* segments, the live log last */
	size_t operands;
	const char *output;
	const char *state_path, *archive_path;
	struct buf archive;     /* what archive_path holds */
	struct parcel **beside; /* manifests beside the log that are no operands */
	size_t besides;
	struct memo state;
	bool progress;
	struct vkey *keys;
	size_t n;
	size_t all;      /* with the keys of --old-pubkey behind them, for older heads only */
	struct buf tree; /* path */
	bool own_tree;   /* it is the last operand's, by its name */
	struct buf checked; /* what the verdict says of a proof */
	struct buf reason;  /* why it cannot be verified, if so before it began */
	struct segment *segment;
	struct parcel **parcel; /* by operand: its manifest, or NULL */
	char **part;            /* by operand: the path of the part that is read, or NULL */
	struct verify verify;
	struct report report;
};

extern const struct tool_option verify_options[];

/* Read the command line; a wrong one ends the process.  settings_free in any case. */
void settings_read(int argc, char **argv, struct settings *s);
void settings_free(struct settings *s);

/* Read the public keys.  Returns 0, or -1 with s->report.reason. */
int settings_keys(struct settings *s);

/* Note why nothing can be verified.  Returns -1. */
int settings_cannot(struct settings *s, const char *file, const char *why);

/* Verify the log, its findings going to s->report as they come. */
void run_verify(struct settings *s);

/* After a good run: write the state anew.  Returns status, or TOOL_TROUBLE if that failed. */
enum tool_status run_remember(struct settings *s, enum tool_status status);

/* Check the proof that s->proof names. */
void proof_verify(struct settings *s);

/* Verify the entry bundles of the tree. */
void bundles_run(struct settings *s);

#endif
