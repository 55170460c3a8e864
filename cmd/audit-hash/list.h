/*
 * list - a hash chain as text: "index  sha256(line)  link", one line each.
 *
 * index counts from 1; the hashes are lower-case hex; link is SHA-256(32 raw bytes of the link
 * before || 32 raw bytes of the line's hash), and before the first link stand 32 zero bytes.
 */
#ifndef AUDIT_HASH_LIST_H
#define AUDIT_HASH_LIST_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/lines.h"

struct entry {
	uint64_t index;
	struct hash line, link;
};

/* The entry that follows before (zeroed: the first) when its line has this hash. */
struct entry entry_next(const struct entry *before, const struct hash *line);

void entry_put(struct buf *b, const struct entry *e);

/* Read all of text.  Returns 0 or -1. */
int entry_get(struct slice text, struct entry *e);

/* A list being read: messages name it and its line, and say what is wrong. */
struct list {
	const char *name;
	int fd;
	struct lines *lines;
	struct entry last; /* what list_next gave last, zeroed before */
};

/* Returns 0; -1 with a message. */
int list_open(struct list *l, const char *path);

/* The next entry is in l->last: 1; 0 at the end; -1 with a message (malformed, out of order, unreadable). */
int list_next(struct list *l);

void list_close(struct list *l);

#endif
