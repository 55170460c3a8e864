/*
 * job - what the parts of verify share: verify.c, pass.c, damage.c, borders.c, chain.c.
 */
#ifndef LOG_JOB_H
#define LOG_JOB_H

#include "log/latest.h"
#include "log/mend.h"
#include "log/verify.h"

/* Entries from .. to - 1. */
struct span {
	uint64_t from, to;
};

struct job {
	const struct verify *v;
	struct verify_result *r;
	struct latest latest;
	bool range;   /* only entries of v->range are looked at */
	bool partial; /* not all entries are to be there */
	bool waiting; /* a manifest's tile is not there: the lines must tell */

	/* pass.c */
	struct frontier edge;         /* of the first lines, as many as the head has */
	struct hash last;             /* of them */
	struct hash tail[TILE_WIDTH]; /* the last lines of all, in a ring */
	bool torn;                    /* a segment's last line has no LF */
	uint64_t again;               /* lines behind the last sealed one that are the same */
	bool repeats;                 /* somewhere an entry is the same as the one before it */
	int error;                    /* of reading a tile */
	/* Tiles that are wrong; of those that are not there only how many. */
	struct tile_name *odd;
	size_t odds, odd_cap;
	uint64_t missing;
	struct mend_root *root; /* of tiles that are not there */
	size_t roots, root_cap;
	bool spooled; /* spool has their leaves */
	int spool;

	/* damage.c */
	struct mend *mend;
	struct align *align;
	uint64_t at; /* the tile in leaves, or ALIGN_NONE */
	bool known;
	struct hash leaves[TILE_WIDTH];

	/* parts.c */
	struct span *done; /* by segment: entries that are not to be looked for; empty: none */

	/* retention.c */
	struct span *absent; /* entries that no segment here has */
	size_t absents;

	/* chain.c */
	struct frontier older;

	/* borders.c */
	bool hinted;      /* "hints" says where segments begin */
	uint64_t *starts; /* the first entries of segments, rising */
	size_t nstarts;
	bool *told; /* by segment: what is missing behind its last line was told */
};

/* Report a finding. */
void job_found(struct job *j, const struct verify_finding *f);
/* One about a file as a whole. */
void job_found_file(struct job *j, enum finding_kind kind, enum verify_place place,
    const char *file, const char *words);

/*
 * It cannot be verified: because of reason, or if that is NULL of errno, at file.  The first time
 * counts.  Returns -1.
 */
int job_cannot(struct job *j, enum verify_place place, const char *file, const char *reason);

/*
 * pass.c.  pass_hash: the first reading, do the lines hash to the head?  Returns 1 or 0, -1: cannot.
 * pass_read: read all segments.  pass_name_odd: report the tiles noted.
 */
int pass_hash(struct job *j);
int pass_read(struct job *j, struct segments *s);
void pass_note_odd(void *arg, struct tile_name name, enum tile_state state);
int pass_cannot_tile(struct job *j);
void pass_name_odd(struct job *j);

/* damage.c.  damage_find: the lines do not hash to the head, find out what was done. */
void damage_find(struct job *j);
/* Leaf i as the tiles have it; false if no one knows. */
bool damage_leaf(struct job *j, uint64_t i, struct hash *leaf);
/* Open j->mend unless it is. */
void damage_open_tiles(struct job *j);

/*
 * borders.c.  borders_load: see what "hints" says.  borders_lines: report a finding of align's.
 * borders_ends: report what is behind the segments' lines, and what makes them unreadable to us.
 */
void borders_load(struct job *j);
void borders_lines(void *arg, const struct finding *f);
void borders_ends(struct job *j);

/*
 * parts.c.  parts_range: read only v->range; parts_since: only what v->state does not cover, and what
 * is due.  1: all is as it was; 0: a full pass must tell; -1: cannot.  parts_concern: does a finding
 * concern what was asked for?
 */
int parts_range(struct job *j);
int parts_since(struct job *j);
bool parts_concern(const struct job *j, const struct finding *f);

/* The root of the first size entries, by authenticated tiles.  False: no one knows. */
bool chain_root(struct job *j, uint64_t size, struct hash *root);

/*
 * retention.c.  retention_absent: those entries are not here; retention_check: is that right?
 * chain_each: call each for every head in "checkpoints" until it returns true: 1 then, 0 or -1.
 */
void retention_absent(struct job *j, uint64_t from, uint64_t to);
void retention_check(struct job *j);
typedef bool each_head(struct job *j, void *arg, struct slice message);
int chain_each(struct job *j, each_head *each, void *arg);

/* leftover.c: look at the partial tiles of older heads. */
void leftover_check(struct job *j);

/*
 * parcels.c.  parcels_check: look at the segments that are given by their manifests; parcels_recheck: at
 * those once more whose tile was not there, now that all lines were read.
 */
void parcels_check(struct job *j);
void parcels_recheck(struct job *j);

/* chain.c: are the heads in "checkpoints" and the anchors consistent with the head? */
void chain_check(struct job *j);
/* Note the newest time that a known key's cosignature gives the present head. */
void chain_time(struct job *j, const struct head *h);

#endif
