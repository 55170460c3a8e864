/* Opening what is to be verified, and verifying it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/progress.h"
#include "log/place.h"
#include "log/unfinished.h"
#include "settings.h"

enum {
	KEYS_MAX = 1 << 20,     /* bytes of a key file */
	ARCHIVE_MAX = 64 << 20, /* of a list of object names */
	BESIDE_MAX = 100000,    /* manifests */
};

int
settings_cannot(struct settings *s, const char *file, const char *why)
{
	buf_printf(&s->reason, "%s: %s", file, why);
	s->report.reason = buf_cstr(&s->reason);
	return -1;
}

static const char *
key_trouble(const char *rule)
{
	if (strcmp(rule, "key-id") == 0)
		return "the id of a key is not that of its bytes";
	if (strcmp(rule, "key-alg") == 0)
		return "a key of an unknown kind";
	if (strcmp(rule, "key-none") == 0)
		return "no key in it";
	return "not a list of public keys";
}

static int
load_keys(struct settings *s, const char *path)
{
	struct buf text = { 0 };
	struct vkey *more;
	struct diag d = { 0 };
	size_t n;
	int status = 0;

	if (file_load(path, KEYS_MAX, &text) == -1) {
		status = settings_cannot(s, path, strerror(errno));
	} else if (vkeys_get(buf_view(&text), &more, &n, &d) == -1) {
		status = settings_cannot(s, path, key_trouble(d.rule));
	} else {
		s->keys = xrealloc(s->keys, s->all + n, sizeof *s->keys);
		memcpy(s->keys + s->all, more, n * sizeof *more);
		s->all += n;
		free(more);
	}
	buf_free(&text);
	return status;
}

int
settings_keys(struct settings *s)
{
	for (size_t i = 0; i < s->pubkeys; i++)
		if (load_keys(s, s->pubkey[i]) == -1)
			return -1;
	s->n = s->all;
	for (size_t i = 0; i < s->old_pubkeys; i++)
		if (load_keys(s, s->old_pubkey[i]) == -1)
			return -1;
	return 0;
}

/* How the bytes of an operand are kept, as far as its name says. */
static enum source_form
form_of(const struct settings *s, size_t i)
{
	struct slice name = slice_of(s->operand[i]);

	if (slice_ends(name, SLICE(".gz")) || slice_ends(name, SLICE(".zst")))
		return SOURCE_PACKED;
	return i + 1 == s->operands && s->own_tree ? SOURCE_PLAIN : SOURCE_ANY;
}

/*
 * A manifest stands for its segment: the lines of its one part, unless that is encrypted.  A part
 * that cannot be opened will be said to be missing when the parts are looked at.
 */
static int
open_manifest(struct settings *s, size_t i, uint64_t *size)
{
	struct segment *g = &s->segment[i];
	struct parcel *parcel = parcel_open(s->operand[i]);
	struct buf path = { 0 };

	g->fd = -1;
	g->parcel = s->parcel[i] = parcel;
	if (parcel == NULL)
		return settings_cannot(s, s->operand[i], strerror(errno));
	if (!parcel->good || parcel->manifest.encrypted)
		return 0;
	parcel_part_put(&path, parcel, 0);
	g->form = parcel->manifest.compression == MANIFEST_PLAIN ? SOURCE_PLAIN : SOURCE_PACKED;
	g->fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	g->name = s->part[i] = path.p; /* freed with the settings */
	*size += 2 * parcel->manifest.part[0].bytes;
	return 0;
}

/* Open an operand: a regular file, and nothing that blocks or never ends; or stdin. */
static int
open_segment(struct settings *s, size_t i, uint64_t *size)
{
	struct segment *g = &s->segment[i];
	const char *path = s->operand[i];
	struct stat st;

	*g = (struct segment){ .name = path, .form = form_of(s, i), .bytes = UINT64_MAX };
	if (strcmp(path, "-") == 0) {
		g->fd = STDIN_FILENO;
		return 0;
	}
	if (slice_ends(slice_of(path), SLICE(".manifest")))
		return open_manifest(s, i, size);
	g->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (g->fd == -1 || fstat(g->fd, &st) == -1)
		return settings_cannot(s, path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return settings_cannot(s, path, strerror(EISDIR));
	if (!S_ISREG(st.st_mode))
		return settings_cannot(s, path, "not a regular file");
	*size += (uint64_t)st.st_size;
	posix_fadvise(g->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static bool
is_operand(const struct settings *s, const struct stat *st)
{
	struct stat other;

	for (size_t i = 0; i < s->operands; i++)
		if (fstat(s->segment[i].fd, &other) == 0 && other.st_dev == st->st_dev &&
		    other.st_ino == st->st_ino)
			return true;
	return false;
}

/* Is name that of a rotated segment of the log called base: "LOG-..." or "LOG.1..."? */
static bool
is_rotated(const char *name, struct slice base)
{
	struct slice n = slice_of(name);

	if (!slice_starts(n, base) || n.len < base.len + 2)
		return false;
	if (slice_ends(n, SLICE(".manifest")) || slice_ends(n, SLICE(".tmp")) ||
	    strstr(name, ".cms.") != NULL || strstr(name + base.len, ".torn-") != NULL)
		return false;
	return name[base.len] == '-' ||
	    (name[base.len] == '.' && name[base.len + 1] >= '0' && name[base.len + 1] <= '9');
}

/* Do files lie beside the log that may be segments of it, and are not given? */
static bool
has_others(const struct settings *s)
{
	const char *base;
	int parent = place_parent(s->report.log, &base), fd;
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir;

	fd = parent == -1 ? -1 : openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place_close(parent);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		place_close(fd);
		return true; /* who knows */
	}
	while (!found && (entry = readdir(dir)) != NULL)
		found = is_rotated(entry->d_name, slice_of(base)) &&
		    fstatat(fd, entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
		    !is_operand(s, &st);
	closedir(dir);
	return found;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* A part of what the live log itself still holds is passed over: its sealing was cut short. */
static int
pass_over_unfinished(struct settings *s)
{
	const size_t live = s->operands - 1;
	struct slice log = slice_of(base_of(s->operand[live]));

	for (size_t i = live; i-- > 0 && s->segment[live].fd != -1;) {
		struct segment *g = &s->segment[i];

		if (!unfinished(s->verify.tree, s->segment[live].fd, log,
			slice_of(base_of(s->operand[i]))))
			break;
		note("%s: its sealing is not finished, the log still holds its lines: not read",
		    s->operand[i]);
		if (g->fd != -1)
			close(g->fd);
		*g = (struct segment){ .name = s->operand[i], .form = SOURCE_PLAIN };
		g->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (g->fd == -1)
			return settings_cannot(s, "/dev/null", strerror(errno));
	}
	return 0;
}

static int
load_anchors(struct settings *s)
{
	struct verify *v = &s->verify;

	v->anchor = xzalloc(s->anchors + 1, sizeof *v->anchor);
	for (size_t i = 0; i < s->anchors; i++) {
		struct anchor *a = &v->anchor[v->anchors++];

		a->name = s->anchor[i];
		if (file_load(a->name, ANCHOR_MAX, &a->text) == -1)
			return settings_cannot(s, a->name, strerror(errno));
	}
	return 0;
}

/* Why all is read after all: said with -q, too. */
static void
say_full(const struct settings *s, const char *why)
{
	warn("%s: full pass: %s", s->state_path, why);
}

/* What was remembered of the last run.  Without it, all is read. */
static int
load_state(struct settings *s)
{
	struct buf text = { 0 };
	struct diag d = { 0 };
	int status = 0;

	if (s->state_path == NULL)
		return 0;
	if (file_load(s->state_path, MEMO_MAX, &text) == 0) {
		if (memo_get(buf_view(&text), &s->state, &d) == 0)
			s->verify.state = &s->state;
		else
			say_full(s,
			    strcmp(d.rule, "state-version") == 0
				? "the state is of another version"
				: "the state is damaged");
	} else if (errno == EFBIG) {
		say_full(s, "the state is damaged");
	} else if (errno != ENOENT) {
		status = settings_cannot(s, s->state_path, strerror(errno));
	}
	buf_free(&text);
	return status;
}

enum tool_status
run_remember(struct settings *s, enum tool_status status)
{
	const struct verify_result *r = &s->report.result;
	struct memo next = { r->origin, r->entries, r->root, 1 };
	struct buf text = { 0 };
	struct out out;

	if (s->state_path == NULL || status != TOOL_OK)
		return status;
	if (s->verify.state != NULL && r->full == NULL)
		next.run = s->state.run < INT64_MAX ? s->state.run + 1 : 0;
	memo_put(&text, &next);
	if (out_open(&out, s->state_path) == -1) {
		warn_errno(s->state_path);
		status = TOOL_TROUBLE;
	} else {
		out_put(&out, buf_view(&text));
		if (out_close(&out, true) == -1) {
			warn_errno(s->state_path);
			status = TOOL_TROUBLE;
		}
	}
	buf_free(&text);
	return status;
}

static bool
is_given(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->operands; i++)
		if (strcmp(base_of(s->operand[i]), name) == 0)
			return true;
	return false;
}

/* The manifests beside the log: what is known of segments that are not given. */
static void
find_beside(struct settings *s, int dir, const char *base)
{
	DIR *d = fdopendir(dir);
	struct dirent *entry;
	struct slice log;
	uint64_t first, last;

	while (d != NULL && s->besides < BESIDE_MAX && (entry = readdir(d)) != NULL) {
		struct buf path = { 0 };
		struct parcel *p;

		if (manifest_name_get(slice_of(entry->d_name), &log, &first, &last) == -1 ||
		    !slice_is(log, base) || is_given(s, entry->d_name))
			continue;
		buf_add(&path, s->report.log, (size_t)(base - s->report.log));
		buf_str(&path, entry->d_name);
		p = parcel_open(buf_cstr(&path));
		buf_free(&path);
		if (p == NULL)
			continue;
		s->beside = xrealloc(s->beside, s->besides + 1, sizeof *s->beside);
		s->beside[s->besides++] = p;
	}
	if (d != NULL)
		closedir(d);
}

/* What --retention needs. */
static int
load_archive(struct settings *s)
{
	struct verify *v = &s->verify;
	const char *base;
	int parent, dir;

	if (s->archive_path == NULL)
		return 0;
	if (file_load(s->archive_path, ARCHIVE_MAX, &s->archive) == -1)
		return settings_cannot(s, tool_file(s->archive_path), strerror(errno));
	parent = place_parent(s->report.log, &base);
	dir = parent == -1 ? -1 : openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place_close(parent);
	if (dir != -1)
		find_beside(s, dir, base);
	v->archive = buf_view(&s->archive);
	v->log = slice_of(base);
	v->beside = s->beside;
	v->besides = s->besides;
	return 0;
}

/* Keys, tree and segments.  Returns 0, or -1 with s->report.reason. */
static int
open_all(struct settings *s, uint64_t *size)
{
	if (settings_keys(s) == -1)
		return -1;
	for (size_t i = 0; i < s->operands; i++)
		if (open_segment(s, i, size) == -1)
			return -1;
	if (load_anchors(s) == -1)
		return -1;
	if (load_state(s) == -1)
		return -1;
	s->verify.tree = open(s->report.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->verify.tree == -1)
		return settings_cannot(s, s->report.tree, strerror(errno));
	if (pass_over_unfinished(s) == -1)
		return -1;
	s->verify.others = has_others(s);
	return load_archive(s);
}

static void
close_all(struct settings *s)
{
	for (size_t i = 0; i < s->operands; i++)
		if (s->segment[i].fd > STDERR_FILENO)
			close(s->segment[i].fd);
	if (s->verify.tree != -1)
		close(s->verify.tree);
}

/* Six years of nightly segments are more files than a process may open at first. */
static void
allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void
run_verify(struct settings *s)
{
	struct verify *v = &s->verify;
	uint64_t size = 0;

	s->segment = xzalloc(s->operands, sizeof *s->segment);
	s->parcel = xzalloc(s->operands, sizeof *s->parcel);
	s->part = xzalloc(s->operands, sizeof *s->part);
	for (size_t i = 0; i < s->operands; i++)
		s->segment[i].fd = -1;
	v->tree = -1;
	allow_files();
	if (open_all(s, &size) == 0) {
		v->keys = s->keys;
		v->n = s->n;
		v->old = s->all - s->n;
		v->segment = s->segment;
		v->segments = s->operands;
		v->now = instant_now().s;
		v->found = report_found;
		v->arg = &s->report;
		progress_start(size, s->progress);
		verify_run(v, &s->report.result);
		progress_end();
		if (s->report.result.full != NULL)
			say_full(s, s->report.result.full);
	}
	close_all(s);
}
