/*
 * flips - one bit of a tree, a head, a manifest or the hints is changed: is it noticed, every time?
 *
 * flips DIR WHAT COUNT [SEED]: DIR holds key.pub, log, log.tree and the closed segments' manifests
 * with their parts, as run.sh made them.  WHAT is head (every bit up to the end of the first
 * signature line), tiles (COUNT random bits: half over all bytes, half over all files), manifests
 * (COUNT random bits; 0: every one) or hints (COUNT random changes, after which the answer must be
 * the same).  Prints how many were tried and what went unnoticed; exit 1 if anything did.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/verify.h"

enum { SEGMENTS = 16, KEYS_MAX = 1 << 16, FILE_MAX = 64 << 20 };

static struct {
	char **path;
	size_t *size;
	size_t n, cap, bytes;
} files;

static struct {
	struct vkey *keys;
	size_t n;
	struct buf manifest[SEGMENTS]; /* paths */
	size_t manifests;
	size_t left_out; /* a segment that is not given; SEGMENTS: none */
	uint64_t seed;
} world;

static uint64_t
draw(uint64_t below)
{
	world.seed ^= world.seed << 13;
	world.seed ^= world.seed >> 7;
	world.seed ^= world.seed << 17;
	return world.seed % below;
}

static void
found(void *arg, const struct verify_finding *f)
{
	(void)arg;
	(void)f;
}

/* A closed segment by its manifest. */
static void
open_closed(struct segment *g, struct parcel **parcel, struct buf *part, const char *path)
{
	*g = (struct segment){ .name = path, .fd = -1, .bytes = UINT64_MAX };
	g->parcel = *parcel = parcel_open(path);
	if (*parcel == NULL || !(*parcel)->good)
		return;
	parcel_part_put(part, *parcel, 0);
	g->fd = open(part->p, O_RDONLY | O_CLOEXEC);
}

/* What the exit status would be. */
static int
status_of(void)
{
	struct segment segment[SEGMENTS + 1];
	struct parcel *parcel[SEGMENTS] = { NULL };
	struct buf part[SEGMENTS] = { { 0 } };
	struct verify_result r = { 0 };
	size_t n = 0;
	struct verify v = {
		.keys = world.keys,
		.n = world.n,
		.tree = open("log.tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.segment = segment,
		.jobs = 1,
		.max_age = -1,
		.retention = -1,
		.found = found,
	};
	int status;

	for (size_t i = 0; i < world.manifests; i++)
		if (i != world.left_out)
			open_closed(
			    &segment[n++], &parcel[i], &part[i], buf_cstr(&world.manifest[i]));
	segment[n++] = (struct segment){ .name = "log",
		.fd = open("log", O_RDONLY | O_CLOEXEC),
		.form = SOURCE_PLAIN,
		.bytes = UINT64_MAX };
	v.segments = n;
	verify_run(&v, &r);
	status = r.state == VERIFY_CANNOT ? 2 : r.findings > 0 ? 1 : 0;
	verify_free(&r);
	for (size_t i = 0; i < n; i++)
		close(segment[i].fd);
	for (size_t i = 0; i < world.manifests; i++) {
		parcel_free(parcel[i]);
		buf_free(&part[i]);
	}
	close(v.tree);
	return status;
}

/* Change one bit of path, look, and put it right again. */
static int
flip(const char *path, size_t bit)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), status;
	off_t at = (off_t)(bit / 8);
	uint8_t was, is;

	if (fd == -1 || pread(fd, &was, 1, at) != 1) {
		perror(path);
		exit(2);
	}
	is = (uint8_t)(was ^ (1u << bit % 8));
	if (pwrite(fd, &is, 1, at) != 1)
		exit(2);
	status = status_of();
	if (pwrite(fd, &was, 1, at) != 1)
		exit(2);
	close(fd);
	return status;
}

static size_t
try_bit(const char *path, size_t bit)
{
	if (flip(path, bit) != 0)
		return 0;
	printf("unnoticed: %s bit %zu\n", path, bit);
	return 1;
}

static int
note_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type != FTW_F || st->st_size == 0)
		return 0;
	if (files.n == files.cap) {
		files.cap = 2 * files.cap + 16;
		files.path = xrealloc(files.path, files.cap, sizeof *files.path);
		files.size = xrealloc(files.size, files.cap, sizeof *files.size);
	}
	files.path[files.n] = xstrdup(path);
	files.size[files.n++] = (size_t)st->st_size;
	files.bytes += (size_t)st->st_size;
	return 0;
}

static size_t
any_by_byte(size_t *bit)
{
	size_t at = (size_t)draw(files.bytes), i = 0;

	for (; at >= files.size[i]; i++)
		at -= files.size[i];
	*bit = 8 * at + (size_t)draw(8);
	return i;
}

static size_t
any_by_file(size_t *bit)
{
	size_t i = (size_t)draw(files.n);

	*bit = (size_t)draw(8 * files.size[i]);
	return i;
}

static size_t
flip_files(size_t count)
{
	size_t missed = 0, bit;

	for (size_t k = 0; k < count; k++) {
		size_t i = (k % 2 ? any_by_byte : any_by_file)(&bit);

		missed += try_bit(files.path[i], bit);
	}
	printf("%zu bits of %zu files tried, %zu unnoticed\n", count, files.n, missed);
	return missed;
}

static size_t
flip_head(void)
{
	struct buf head = { 0 };
	size_t missed = 0, end;
	const char *mark;

	if (file_load("log.tree/checkpoint", FILE_MAX, &head) == -1)
		exit(2);
	mark = strstr(buf_cstr(&head), "\n\n");
	mark = mark == NULL ? NULL : strchr(mark + 2, '\n');
	if (mark == NULL)
		exit(2);
	end = (size_t)(mark + 1 - head.p);
	for (size_t bit = 0; bit < 8 * end; bit++)
		missed += try_bit("log.tree/checkpoint", bit);
	printf("%zu bits of the head tried, %zu unnoticed\n", 8 * end, missed);
	buf_free(&head);
	return missed;
}

static size_t
flip_manifests(size_t count)
{
	size_t missed = 0;

	for (size_t i = 0; i < world.manifests; i++) {
		struct stat st;

		if (stat(buf_cstr(&world.manifest[i]), &st) == 0)
			note_file(buf_cstr(&world.manifest[i]), &st, FTW_F, NULL);
	}
	if (count > 0)
		return flip_files(count);
	for (size_t i = 0; i < files.n; i++)
		for (size_t bit = 0; bit < 8 * files.size[i]; bit++)
			missed += try_bit(files.path[i], bit);
	printf("%zu bits of %zu manifests tried, %zu unnoticed\n", 8 * files.bytes, files.n,
	    missed);
	return missed;
}

/* Change the hints somehow. */
static void
bend(struct buf *hints)
{
	size_t at = hints->len > 0 ? (size_t)draw(hints->len) : 0;

	switch (draw(5)) {
	case 0: hints->len = at; break;
	case 1: hints->p[at] ^= (char)(1 << draw(8)); break;
	case 2: /* another digit: still a hint */
		hints->p[at] = "0123456789abcdef"[draw(16)];
		break;
	case 3: /* a record less */
		at = at / 34 * 34;
		if (hints->len - at >= 34) {
			memmove(hints->p + at, hints->p + at + 34, hints->len - at - 34);
			hints->len -= 34;
		}
		break;
	default: buf_slice(hints, SLICE("0000000000000000 0000000000000000\n"));
	}
}

static void
store(const char *path, struct slice s)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1 || file_write(fd, s) == -1)
		exit(2);
	close(fd);
}

static size_t
bend_hints(size_t count)
{
	struct buf good = { 0 };
	size_t missed = 0;

	if (file_load("log.tree/hints", FILE_MAX, &good) == -1)
		exit(2);
	for (size_t k = 0; k < count; k++) {
		struct buf bent = { 0 };

		buf_slice(&bent, buf_view(&good));
		for (uint64_t n = 1 + draw(3); n > 0 && bent.len > 0; n--)
			bend(&bent);
		store("log.tree/hints", buf_view(&bent));
		if (k % 16 == 15)
			unlink("log.tree/hints");
		world.left_out = SEGMENTS;
		if (status_of() != 0) {
			printf("all given, and not ok: change %zu\n", k);
			missed++;
		}
		world.left_out = (size_t)draw(world.manifests);
		if (status_of() == 0) {
			printf("a segment not given, and ok: change %zu\n", k);
			missed++;
		}
		buf_free(&bent);
	}
	world.left_out = SEGMENTS;
	store("log.tree/hints", buf_view(&good));
	printf("%zu changes of the hints tried, %zu wrong answers\n", count, missed);
	buf_free(&good);
	return missed;
}

static int
is_manifest(const struct dirent *d)
{
	return slice_ends(slice_of(d->d_name), SLICE(".manifest"));
}

static void
load_world(void)
{
	struct buf text = { 0 };
	struct dirent **list;
	struct diag d;
	int n = scandir(".", &list, is_manifest, alphasort);

	if (file_load("key.pub", KEYS_MAX, &text) == -1 ||
	    vkeys_get(buf_view(&text), &world.keys, &world.n, &d) == -1 || n < 0 ||
	    n > SEGMENTS)
		exit(2);
	for (int i = 0; i < n; i++) {
		buf_str(&world.manifest[world.manifests++], list[i]->d_name);
		free(list[i]);
	}
	free(list);
	buf_free(&text);
	world.left_out = SEGMENTS;
}

static void
free_world(void)
{
	for (size_t i = 0; i < world.manifests; i++)
		buf_free(&world.manifest[i]);
	for (size_t i = 0; i < files.n; i++)
		free(files.path[i]);
	free(files.path);
	free(files.size);
	free(world.keys);
}

int
main(int argc, char **argv)
{
	size_t missed = 0, count = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

	if (argc < 3 || chdir(argv[1]) == -1)
		return 2;
	world.seed = argc > 4 ? strtoull(argv[4], NULL, 10) | 1 : 1;
	load_world();
	if (status_of() != 0) {
		puts("the log is not whole to begin with");
		return 2;
	}
	if (strcmp(argv[2], "head") == 0)
		missed = flip_head();
	else if (strcmp(argv[2], "tiles") == 0 && nftw("log.tree/tile", note_file, 8, 0) == 0)
		missed = flip_files(count);
	else if (strcmp(argv[2], "manifests") == 0)
		missed = flip_manifests(count);
	else if (strcmp(argv[2], "hints") == 0)
		missed = bend_hints(count);
	else
		return 2;
	if (status_of() != 0)
		missed++;
	free_world();
	return missed > 0;
}
