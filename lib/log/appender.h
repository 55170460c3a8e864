/*
 * appender - what the parts of append share: load.c, locate.c, begin.c, recover.c, seal.c, append.c.
 */
#ifndef LOG_APPENDER_H
#define LOG_APPENDER_H

#include "log/append.h"
#include "log/checkpoint.h"
#include "log/tile.h"

/* The opening line, the end of a torn one, and what is said of each of two files. */
enum { PREFIX_LINES = 12 };

/* The last head in "checkpoints", as far as this process knows. */
struct recorded {
	struct buf last; /* empty: none */
	int64_t time;
};

struct append {
	const struct append_options *o;
	int tree, lock, log; /* log: -1 until loaded */
	struct buf head;     /* the present head's text; empty until loaded */
	int64_t time;        /* its signed time */
	struct frontier edge;
	uint64_t end;   /* log offset behind the last line of edge */
	uint64_t start; /* log size while locked: where the next write goes */
	bool unsynced;  /* the log was written to, or is to be synced all the same */
	bool adopting;  /* the residue is the log to be adopted */
	unsigned dirty; /* levels whose partial tile is not on disk as it is here, a bit each */
	uint64_t first_full[TILE_LEVELS]; /* first tile completed since the last head */
	bool any_full[TILE_LEVELS];
	uint64_t
	    spanned; /* the tile of level 0 in which the log's first line is not the first, + 1 */
	struct buf hints; /* records due */
	bool hints_anew;  /* hints holds all of the file from hints_first on */
	uint64_t hints_first;
	struct buf opening; /* the line a new segment must begin with; empty: none */
	struct buf prefix;  /* bytes to write before the batch: the rest of a line, lines */
	struct hash prefix_leaf[PREFIX_LINES];
	uint64_t
	    prefix_end[PREFIX_LINES]; /* behind each of its prefix_lines, from its first byte */
	size_t prefix_lines;
	struct recorded recorded;
	struct append_residue residue;
	struct log_fault fault;
};

/* Note why, and return -1.  fault_system takes errno. */
int append_fault(struct append *a, const char *rule, const char *file);
int append_fault_system(struct append *a, const char *file);

/* load.c: bring a up to what the disk says, or refuse. */
int append_load(struct append *a);

/*
 * Open the log by its path (make: it may be made), which need not have a line: start gets its size.
 * The directory's entry for a log that is made or empty is synced.  Returns 1; 0 if it is absent; -1.
 */
int append_open_log(struct append *a, bool make);

/*
 * locate.c: find in the open file a->log, of which start bytes count, the line that the head ends
 * with: edge, end, dirty, hints.  Returns 1; 0 if it is not there, with *l; -1.
 * locate_tail: do the last k <= 256 leaves before the head's size go with the tree?  Fills in edge
 * and dirty.  locate_last: with no lines to go by.  Both return whether the tree is good so far.
 * locate_first: which entry the log's first line is, once all is under a->head.  Returns 0 or -1.
 */
struct locate {
	const char *why; /* a rule: what is wrong with the file */
	bool elsewhere;  /* or that line is in another file: hints does not speak against it */
};
int locate_end(struct append *a, const struct head *head, struct locate *l);
bool locate_tail(
    struct append *a, const struct head *head, const struct hash *tail, unsigned k);
bool locate_last(struct append *a, const struct head *head);
int locate_first(struct append *a, uint64_t *first);

/*
 * begin.c: the log is absent or empty, or nothing in it is under the head: begin a new segment, if
 * the last one is to be seen beside it.  Returns 0; -1 (why: the rule if there is no such thing).
 */
int append_begin(struct append *a, const struct head *head, const char *why);

/*
 * The log ends with the head's last line.  If there is a manifest of what does, sealing was cut
 * short: the log gets its segment's name, and a new one is begun.  Returns 0 or -1.
 */
int append_finish_seal(struct append *a, const struct head *head);

/*
 * recover.c: take in what stands in a->log behind end.  prefix gets what must be written first;
 * append_recover_begin empties it.  What was taken in is added up in residue.
 */
void append_recover_begin(struct append *a);
int append_recover(struct append *a);

/* Move all that stands behind end out of the log, whole lines too, and say so.  Returns 0 or -1. */
int append_set_aside(struct append *a);

/*
 * seal.c.  append_grow: n more leaves, ends[i] being the log offset behind leaf i.  append_seal:
 * log durable, then tiles, head, checkpoints.  append_sync_log: the log durable, if it is not known
 * to be.  append_write_edge: the partial tiles alone; append_write_hints: hints (0, -1 with errno).
 */
int append_grow(struct append *a, const struct hash *leaves, const uint64_t *ends, size_t n);
int append_seal(struct append *a);
int append_sync_log(struct append *a);
int append_write_edge(struct append *a);
int append_write_hints(struct append *a);

/*
 * record.c.  record_load(tree, head, key, r, fault): read the end of "checkpoints", drop a torn
 * head there (if writable), and refuse if it leads head.  record_add: append head to the file,
 * unless it stands there or, without always, one of the same second does.
 */
int record_load(int tree, const struct head *head, const struct vkey *key, struct recorded *r,
    struct log_fault *fault);
int record_add(
    int tree, mode_t mode, struct slice head, int64_t time, bool always, struct recorded *r);

/* Read the tree's file name.  Returns 0, or -1 with errno. */
int append_read_tree(int tree, const char *name, struct buf *text);

#endif
