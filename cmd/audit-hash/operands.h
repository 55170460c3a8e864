/*
 * operands - the files that hold a log, as given: segments, oldest first, the live log last.
 */
#ifndef AUDIT_HASH_OPERANDS_H
#define AUDIT_HASH_OPERANDS_H

#include "log/records.h"

struct operands {
	char **name;
	int *fd;
	struct records records;
};

/*
 * Open n >= 1 files.  A part left by a sealing that was cut short is passed over, with a note, and its
 * name taken out of name.  A manifest is refused.  Returns 0, or -1 with a message; operands_close in
 * any case.
 */
int operands_open(struct operands *o, char **name, int n);
void operands_close(struct operands *o);

/* Say why records_each returned -1. */
void operands_say(const struct operands *o);

#endif
