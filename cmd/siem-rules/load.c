/* Finding and reading rule files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "term/style.h"
#include "tool.h"

enum {
	WALK_DEPTH = 64,
	WALK_NAMES = 200000, /* in all folders of one walk */
};

void
sources_add(struct sources *s, const char *rule)
{
	s->v = xrealloc(s->v, s->n + 1, sizeof *s->v);
	s->v[s->n++] = rule;
}

void
sources_operands(struct sources *s, int argc, char **argv)
{
	for (int i = optind; i < argc; i++)
		sources_add(s, argv[i]);
}

void
sources_free(struct sources *s)
{
	free(s->v);
}

const char *
path_join(struct buf *b, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	buf_reset(b);
	buf_str(b, folder);
	if (n > 0 && folder[n - 1] != '/')
		buf_byte(b, '/');
	buf_str(b, name);
	return buf_cstr(b);
}

/* The folder that a path lies in; path becomes its name. */
static void
go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash != NULL)
		*slash = '\0';
}

static bool
ends_in(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && strncmp(slash + 1, name, strlen(name)) == 0;
}

/*
 * Where the rules are, seen from the tool: in the tree that it was built in, or beside the bin/ that
 * it was installed or moved to.  NULL if they are not there.
 */
static const char *
home_nearby(struct buf *b)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	const char *rules = "share/audit-tools/rules";

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	go_up(path);
	if (ends_in(path, "san-"))
		go_up(path);
	if (ends_in(path, "build"))
		rules = "rules";
	go_up(path);
	path_join(b, path, rules);
	return access(buf_cstr(b), R_OK) == 0 ? buf_cstr(b) : NULL;
}

const char *
rules_home(struct buf *b)
{
	const char *env = getenv("SIEM_RULES_DIR"), *near;

	if (env != NULL && *env != '\0')
		return env;
	near = home_nearby(b);
	return near != NULL ? near : DATADIR "/rules";
}

/* What a walk has found. */
struct walk {
	char **paths;
	size_t n, cap;
	size_t names; /* looked at */
	bool failed;
};

static void
walk_add(struct walk *w, const char *path)
{
	if (w->n == w->cap) {
		w->cap = w->cap == 0 ? 64 : w->cap * 2;
		w->paths = xrealloc(w->paths, w->cap, sizeof *w->paths);
	}
	w->paths[w->n++] = xstrdup(path);
}

static bool
is_passed_over(const char *folder)
{
	return strcmp(folder, "pipelines") == 0 || strcmp(folder, "samples") == 0;
}

static void walk_folder(struct walk *w, int fd, const char *path, unsigned depth);

/* Links to files are followed, links to folders are not: no ring can catch a walk. */
static void
walk_entry(struct walk *w, int dir, const char *path, const char *name, unsigned depth)
{
	struct stat st, link;
	struct buf full = { 0 };
	size_t n = strlen(name);
	bool rule = n > 4 && strcmp(name + n - 4, ".yml") == 0;

	path_join(&full, path, name);
	if (fstatat(dir, name, &link, AT_SYMLINK_NOFOLLOW) == -1 ||
	    (rule && S_ISLNK(link.st_mode) && fstatat(dir, name, &st, 0) == -1)) {
		warn_errno(buf_cstr(&full));
		w->failed = true;
	} else if (S_ISDIR(link.st_mode)) {
		int fd = is_passed_over(name)
		    ? -1
		    : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd != -1) {
			walk_folder(w, fd, buf_cstr(&full), depth + 1);
		} else if (!is_passed_over(name)) {
			warn_errno(buf_cstr(&full));
			w->failed = true;
		}
	} else if (rule && S_ISREG(S_ISLNK(link.st_mode) ? st.st_mode : link.st_mode)) {
		walk_add(w, buf_cstr(&full));
	}
	buf_free(&full);
}

/* Takes fd. */
static void
walk_folder(struct walk *w, int fd, const char *path, unsigned depth)
{
	DIR *d = depth > WALK_DEPTH ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		warn("%s: %s", path,
		    depth > WALK_DEPTH ? "folders nested deeper than 64" : strerror(errno));
		w->failed = true;
		close(fd);
		return;
	}
	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (++w->names > WALK_NAMES) {
			if (w->names == WALK_NAMES + 1)
				warn("%s: more than 200,000 names", path);
			w->failed = true;
			break;
		}
		walk_entry(w, dirfd(d), path, e->d_name, depth);
	}
	if (e == NULL && errno != 0) {
		warn_errno(path);
		w->failed = true;
	}
	closedir(d);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A file reached twice is read once. */
static bool
is_new(struct map *seen, int fd)
{
	struct stat st;
	bool added = true;
	struct {
		dev_t dev;
		ino_t ino;
	} key;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return true;
	memset(&key, 0, sizeof key);
	key.dev = st.st_dev;
	key.ino = st.st_ino;
	map_add(seen, (struct slice){ (const char *)&key, sizeof key }, &added);
	return added;
}

static enum tool_status
load_file(struct ruleset *set, struct map *seen, const char *path)
{
	struct buf text = { 0 };
	enum tool_status status = TOOL_OK;
	int fd = file_open(path);

	if (fd == -1) {
		warn_errno(tool_file(path));
		return TOOL_TROUBLE;
	}
	if (!is_new(seen, fd)) {
		close(fd);
		return TOOL_OK;
	}
	if (file_read_input(fd, NODE_FILE_MAX, &text) == 0) {
		ruleset_add(set, tool_file(path), buf_view(&text));
	} else if (errno == EFBIG) {
		ruleset_refuse(
		    set, tool_file(path), "yaml-limit", "a file of more than 16 MiB");
	} else {
		warn_errno(tool_file(path));
		status = TOOL_TROUBLE;
	}
	close(fd);
	buf_free(&text);
	return status;
}

static enum tool_status
load_folder(struct ruleset *set, struct map *seen, const char *path, int fd)
{
	struct walk w = { 0 };
	enum tool_status status;

	walk_folder(&w, fd, path, 0);
	if (w.n > 0)
		qsort(w.paths, w.n, sizeof *w.paths, by_bytes);
	status = w.failed ? TOOL_TROUBLE : TOOL_OK;
	for (size_t i = 0; i < w.n; i++) {
		status = tool_worse(status, load_file(set, seen, w.paths[i]));
		free(w.paths[i]);
	}
	free(w.paths);
	return status;
}

static enum tool_status
load_source(struct ruleset *set, struct map *seen, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1)
		return load_folder(set, seen, path, fd);
	return load_file(set, seen, path);
}

enum tool_status
load(const struct sources *s, struct ruleset *set)
{
	struct map *seen = map_new();
	struct buf home = { 0 };
	enum tool_status status = TOOL_OK;

	ruleset_init(set);
	if (s->n == 0)
		status = load_source(set, seen, rules_home(&home));
	for (size_t i = 0; i < s->n; i++)
		status = tool_worse(status, load_source(set, seen, s->v[i]));
	ruleset_close(set);
	if (status == TOOL_OK && set->count == 0 && set->found.errors == 0) {
		warn("no rule to work on");
		status = TOOL_TROUBLE;
	}
	map_free(seen);
	buf_free(&home);
	return status;
}

enum tool_status
warn_broken(const struct ruleset *set, size_t from)
{
	uint32_t last = 0; /* documents count from 1 */
	enum tool_status status = TOOL_OK;

	for (size_t i = from; i < set->found.n; i++) {
		const struct finding *x = &set->found.v[i];

		if (x->severity != SEVERITY_ERROR)
			continue;
		status = TOOL_TROUBLE;
		if (x->document != last)
			warn_at(set->files[x->file], x->at.line, "%s [%s]", x->text, x->id);
		last = x->document;
	}
	return status;
}

const char *
color_argument(const char *text)
{
	bool on;

	if (style_wanted(text, STDOUT_FILENO, &on) == -1)
		die_usage("--color takes auto, always or never");
	return text;
}

enum tool_status
close_output(struct out *out, enum tool_status status)
{
	if (out_close(out, status != TOOL_TROUBLE) == -1) {
		warn_errno(out->name);
		return TOOL_TROUBLE;
	}
	return status;
}
