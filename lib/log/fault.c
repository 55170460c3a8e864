#include "log/append.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *rule, *text;
} faults[] = {
	{ "not-regular", "not a regular file" },
	{ "no-head", "has lines but no signed head (append --adopt seals a log that exists)" },
	{ "log-missing", "absent or empty, but its tree has a signed head: not begun anew" },
	{ "truncated",
	    "shorter than its signed head says: nothing is sealed on top of damage" },
	{ "modified",
	    "does not end with the lines under its signed head: nothing is sealed on top of "
	    "damage" },
	{ "tile-damaged",
	    "neither its tiles nor its lines lead to its signed head: nothing is sealed on top "
	    "of damage" },
	{ "head-damaged", "the head's signature is wrong" },
	{ "key-other", "the head is not signed by this key" },
	{ "head-missing", "there is no signed head" },
	{ "rollback", "the head is older than one signed before it" },
	{ "fork", "the head contradicts one signed before it" },
	{ "foreign-write", "someone else wrote to it meanwhile" },
	{ "line-length", "a line is longer than 65535 bytes" },
	{ "sign", "could not sign" },
	{ "note-utf8", "not a signed head" },
	{ "note-syntax", "not a signed head" },
	{ "note-size", "not a signed head" },
	{ "checkpoint-syntax", "not a signed head" },
};

const char *
log_fault_text(const char *rule)
{
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (strcmp(faults[i].rule, rule) == 0)
			return faults[i].text;
	return NULL;
}
