#include "log/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/job.h"

void
job_found(struct job *j, const struct verify_finding *f)
{
	j->r->findings++;
	j->r->kinds[f->kind]++;
	j->v->found(j->v->arg, f);
}

void
job_found_file(struct job *j, enum finding_kind kind, enum verify_place place, const char *file,
    const char *words)
{
	struct verify_finding f = {
		.kind = kind,
		.place = place,
		.file = file,
		.words = words,
		.entry = ALIGN_NONE,
		.copy = ALIGN_NONE,
	};

	job_found(j, &f);
}

int
job_cannot(struct job *j, enum verify_place place, const char *file, const char *reason)
{
	struct verify_result *r = j->r;
	int error = errno;

	if (r->state == VERIFY_CANNOT)
		return -1;
	r->state = VERIFY_CANNOT;
	if (reason != NULL)
		buf_str(&r->reason, reason);
	r->error = reason == NULL ? error : 0;
	r->place = place;
	buf_str(&r->file, file);
	return -1;
}

static const char bad_head[] = "the signature by a known key is not of this head";

/* The list has a longer head. */
static void
found_longer(struct job *j)
{
	const struct latest *l = &j->latest;
	struct verify_finding f = {
		.kind = FOUND_ROLLBACK,
		.place = AT_TREE,
		.file = "checkpoint",
		.entry = j->r->entries,
		.count = l->longer - j->r->entries,
		.copy = ALIGN_NONE,
		.timed = l->timed,
		.time = l->time,
	};

	job_found(j, &f);
}

static void
found_fork(struct job *j)
{
	const struct latest *l = &j->latest;
	struct verify_finding f = {
		.kind = FOUND_FORK,
		.place = AT_TREE,
		.file = "checkpoints",
		.words = "a signed head of the same size has another root",
		.entry = ALIGN_NONE,
		.copy = ALIGN_NONE,
		.ours = buf_view(&l->message),
		.theirs = buf_view(&l->fork_note),
	};

	job_found(j, &f);
}

/* The head, and what "checkpoints" has to say to it.  Returns 1 if it is good; 0; -1: cannot. */
static int
check_head(struct job *j)
{
	struct latest *l = &j->latest;
	struct verify_result *r = j->r;
	struct hash none;

	if (latest_read(j->v->tree, j->v->keys, j->v->n, j->v->old, l) == -1)
		return job_cannot(j, AT_TREE, l->file == NULL ? "checkpoint" : l->file,
		    l->file == NULL ? "the head is no signed note" : NULL);
	switch (l->head.state) {
	case HEAD_GOOD: break;
	case HEAD_BAD:
		job_found_file(j, FOUND_HEAD_DAMAGED, AT_TREE, "checkpoint", bad_head);
		return 0;
	case HEAD_ORIGIN:
		return job_cannot(j, AT_TREE, "checkpoint",
		    "the head is signed under another name than its origin");
	default:
		return job_cannot(
		    j, AT_TREE, "checkpoint", "the head has no signature by a known key");
	}
	tree_empty(&none);
	if (l->head.cp.size == 0 && !hash_eq(&l->head.cp.root, &none))
		return job_cannot(
		    j, AT_TREE, "checkpoint", "the head has no entry, but the root of some");
	r->head = true;
	buf_slice(&r->origin, l->head.cp.origin);
	r->entries = l->head.cp.size;
	r->root = l->head.cp.root;
	r->key = l->head.key->id;
	r->timed = l->head.timed;
	r->time = l->head.time;
	chain_time(j, &l->head);
	if (l->longer > 0)
		found_longer(j);
	if (l->fork)
		found_fork(j);
	if (l->damaged)
		job_found_file(j, FOUND_HEAD_DAMAGED, AT_TREE, "checkpoints", bad_head);
	return 1;
}

/*
 * Is no append under way, and none done since the head was read?  Then what stands behind the
 * sealed end was put there by no one who seals it, or is what a crash left.
 */
static bool
is_quiet(struct job *j)
{
	int fd = openat(j->v->tree, "lock", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool quiet;

	if (fd == -1 && errno != ENOENT)
		return false;
	quiet = (fd == -1 || flock(fd, LOCK_SH | LOCK_NB) == 0) &&
	    latest_still(j->v->tree, &j->latest);
	if (fd != -1)
		close(fd);
	return quiet;
}

/*
 * The log is intact.  A copy of its last entry behind it is not proved by anything, like all that
 * stands there, but is a finding where the log gives no reason to think that its writer said so
 * twice: it has two entries at least, and none is the same as the one before it.
 */
static void
finish_intact(struct job *j)
{
	struct finding again = {
		.kind = FOUND_DUPLICATED,
		.line = j->r->entries + 1,
		.entry = j->r->entries - 1,
		.count = j->again,
		.at = j->r->entries,
		.copy = ALIGN_NONE,
	};
	const struct segment *last = &j->v->segment[j->v->segments - 1];

	j->r->unsealed = j->r->lines - j->r->entries;
	pass_name_odd(j);
	if (last->torn && j->again == j->r->unsealed && again.count > 0)
		again.count--; /* a line without LF is none yet */
	if (j->r->entries > 1 && !j->repeats && again.count > 0 && is_quiet(j)) {
		borders_lines(j, &again);
		j->r->unsealed -= again.count;
	}
}

/* The live log may be growing: only what is there now is read. */
static int
snapshot(struct job *j)
{
	struct segment *live = &j->v->segment[j->v->segments - 1];
	struct stat st;

	if (live->fd == -1 || live->form != SOURCE_PLAIN)
		return 0;
	if (fstat(live->fd, &st) == -1)
		return job_cannot(j, AT_SEGMENT, live->name, NULL);
	if (S_ISREG(st.st_mode))
		live->bytes = (uint64_t)st.st_size;
	return 0;
}

static void
note_unsealed(struct job *j)
{
	struct verify_result *r = j->r;
	uint64_t line = r->lines - r->unsealed;
	const struct segment *g =
	    &j->v->segment[segments_place(j->v->segment, j->v->segments, line)];

	r->read = line;
	r->unsealed_file = g->name;
	r->unsealed_line = line - g->first + 1;
	if (j->range) {
		r->read = j->v->range.to - j->v->range.from + 1;
		r->unsealed = r->missing = 0; /* no one asked */
	}
}

/* A full pass. */
static void
read_all(struct job *j)
{
	int intact;

	mend_free(j->mend); /* now the lines may have what it lacks */
	j->mend = NULL;
	if (j->starts == NULL)
		borders_load(j);
	intact = j->partial ? 0 : pass_hash(j);
	if (intact == 1)
		finish_intact(j);
	else if (intact == 0)
		damage_find(j);
	note_unsealed(j);
	if (intact != -1)
		borders_ends(j);
	if (intact != -1 && !j->range)
		leftover_check(j);
}

static void
check_log(struct job *j)
{
	int status;

	if (snapshot(j) == -1)
		return;
	status = j->v->range.set ? parts_range(j) : j->v->state != NULL ? parts_since(j) : 0;
	if (status == 1 && j->waiting && !j->range) {
		j->r->full = "tiles are missing";
		status = 0;
	}
	if (status == 0 || (status == 1 && j->waiting))
		read_all(j);
}

/* Are there entries that no line is given for, and rightly so? */
static bool
is_partial(const struct verify *v)
{
	bool partial = v->min_index > 0;

	for (size_t i = 0; i < v->segments; i++)
		partial |= v->segment[i].fd == -1;
	return partial;
}

void
verify_run(const struct verify *v, struct verify_result *r)
{
	struct job *j = xzalloc(1, sizeof *j);

	memset(r, 0, sizeof *r);
	j->v = v;
	j->r = r;
	j->partial = is_partial(v);
	j->told = xzalloc(v->segments, sizeof *j->told);
	j->done = xzalloc(v->segments, sizeof *j->done);
	segments_open(v->segment, v->segments);
	if (check_head(j) == 1) {
		parcels_check(j);
		check_log(j);
		parcels_recheck(j);
		chain_check(j);
		retention_check(j);
	}
	segments_close(v->segment, v->segments);
	mend_free(j->mend);
	latest_free(&j->latest);
	free(j->odd);
	if (j->spooled)
		close(j->spool);
	free(j->root);
	free(j->starts);
	free(j->told);
	free(j->absent);
	free(j->done);
	free(j);
}

void
verify_free(struct verify_result *r)
{
	buf_free(&r->origin);
	buf_free(&r->reason);
	buf_free(&r->file);
}
