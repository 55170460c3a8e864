/* Residue: what stands in the log behind the last line under a head. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/mem.h"
#include "log/appender.h"
#include "log/extent.h"
#include "log/place.h"

enum {
	PIECE = 65536,
	NAMES = 100, /* of torn tails at one offset */
	UNSAID = 3   /* of which so many may have gone unsaid */
};

/* A torn tail: its bytes' digest, and the leaf it would be as a line. */
struct torn {
	uint64_t bytes;
	struct hash digest, leaf;
};

static int
grow(void *arg, const struct extent_run *run)
{
	return append_grow(arg, run->leaf, run->end, run->n);
}

/* Digest the bytes [from, to) of fd, and copy them to copy unless that is -1. */
static int
digest(int fd, uint64_t from, uint64_t to, int copy, struct torn *torn)
{
	struct sha256 *plain = sha256_new(), *leaf = sha256_new();
	char *piece = xmalloc(PIECE);
	int status = 0;

	sha256_begin(plain);
	sha256_begin(leaf);
	sha256_add(leaf, "", 1);
	torn->bytes = to - from;
	while (from < to && status == 0) {
		ssize_t n =
		    pread(fd, piece, to - from < PIECE ? to - from : PIECE, (off_t)from);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* shorter than it was */
		if (n <= 0 ||
		    (copy != -1 &&
			file_write(copy, (struct slice){ piece, (size_t)n }) == -1)) {
			status = -1;
			break;
		}
		sha256_add(plain, piece, (size_t)n);
		sha256_add(leaf, piece, (size_t)n);
		from += (uint64_t)n;
	}
	sha256_end(plain, &torn->digest);
	sha256_end(leaf, &torn->leaf);
	sha256_free(plain);
	sha256_free(leaf);
	free(piece);
	return status;
}

/* "LOG.torn-OFFSET"; with a number behind it where that name is taken by other bytes. */
static char *
torn_name(const char *base, uint64_t offset, int number)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s.torn-%llu", base, (unsigned long long)offset);
	if (number > 1)
		buf_printf(&b, ".%d", number);
	buf_cstr(&b);
	return b.p;
}

/* Are the bytes of file name in dir those of torn?  1 yes, 0 no, -1 there is no such file. */
static int
same_bytes(int dir, const char *name, const struct torn *torn)
{
	int fd = place_open(dir, name, O_RDONLY, 0, NULL), same;
	struct torn other;
	struct stat st;

	if (fd == -1)
		return errno == ENOENT ? -1 : 0;
	same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == torn->bytes &&
	    digest(fd, 0, torn->bytes, -1, &other) == 0 &&
	    hash_eq(&other.digest, &torn->digest);
	place_close(fd);
	return same;
}

/* Copy the log's torn tail to a new file. */
static int
copy_torn(struct append *a, int dir, const char *temp, const struct torn *torn)
{
	struct torn copy;
	int fd, status = -1;

	if (unlinkat(dir, temp, 0) == -1 && errno != ENOENT)
		return -1;
	fd = place_open(dir, temp, O_WRONLY | O_CREAT, a->o->mode, NULL);
	if (fd == -1)
		return -1;
	if (digest(a->log, a->end, a->start, fd, &copy) == 0 && fsync(fd) == 0) {
		status = hash_eq(&copy.digest, &torn->digest) ? 0 : -1;
		errno = EIO;
	}
	place_close(fd);
	return status;
}

/* Make the torn tail a durable file of its own in dir, whole or not at all. */
static int
quarantine_in(struct append *a, int dir, const char *base, const struct torn *torn)
{
	char *name = torn_name(base, a->end, 1);
	struct buf temp = { 0 };
	int same, status;

	buf_printf(&temp, "%s.tmp", name);
	for (int n = 2; (same = same_bytes(dir, name, torn)) == 0 && n <= NAMES; n++) {
		free(name);
		name = torn_name(base, a->end, n);
	}
	errno = EEXIST;
	status = same == 0 ? -1 : 0;
	if (same == -1 &&
	    (copy_torn(a, dir, buf_cstr(&temp), torn) == -1 ||
		renameat(dir, temp.p, dir, name) == -1)) {
		int error = errno;

		unlinkat(dir, temp.p, 0);
		errno = error;
		status = -1;
	}
	free(name);
	buf_free(&temp);
	return status == 0 ? place_sync(dir) : -1;
}

static int
quarantine(struct append *a, const struct torn *torn)
{
	const char *base;
	struct stat st;
	int dir = place_parent(a->o->log, &base), status;

	if (dir == -1)
		return append_fault_system(a, "torn");
	status = quarantine_in(a, dir, base, torn);
	place_close(dir);
	if (status == -1)
		return append_fault_system(a, "torn");
	/* Who writes past the lock may have gone on with the line: that must not be cut off. */
	if (fstat(a->log, &st) == -1)
		return append_fault_system(a, "");
	if ((uint64_t)st.st_size != a->start)
		return append_fault(a, "foreign-write", "");
	if (ftruncate(a->log, (off_t)a->end) == -1)
		return append_fault_system(a, "");
	a->start = a->end;
	return 0;
}

static void
put_prefix(struct append *a, struct slice text, const struct hash *leaf)
{
	buf_slice(&a->prefix, text);
	a->prefix_leaf[a->prefix_lines] = *leaf;
	a->prefix_end[a->prefix_lines++] = a->prefix.len;
}

/*
 * A torn tail is moved out of the log.  From a log that can only be appended to (chattr +a)
 * nothing can be moved: there an LF makes it an entry.
 */
static int
take_torn(struct append *a, struct torn *torn)
{
	if (digest(a->log, a->end, a->start, -1, torn) == -1)
		return append_fault_system(a, "");
	if (ftruncate(a->log, (off_t)a->start) == 0)
		return quarantine(a, torn);
	if (errno != EPERM || a->prefix_lines > 0)
		return append_fault_system(a, "");
	put_prefix(a, SLICE("\n"), &torn->leaf);
	return 0;
}

/* The line that says what was taken in. */
static void
put_recovery(struct append *a, uint64_t lines, const struct torn *torn)
{
	struct buf line = { 0 };
	struct hash leaf;

	buf_printf(&line,
	    "{\"log_event\": \"recovery\", \"sealed_lines\": %llu, \"torn_bytes\": %llu, "
	    "\"torn_sha256\": \"",
	    (unsigned long long)lines, (unsigned long long)torn->bytes);
	hex_put(&line, torn->digest.b, HASH_LEN);
	buf_str(&line, "\"}");
	tree_leaf(buf_view(&line), &leaf);
	buf_byte(&line, '\n');
	put_prefix(a, buf_view(&line), &leaf);
	buf_free(&line);
}

void
append_recover_begin(struct append *a)
{
	buf_reset(&a->prefix);
	a->prefix_lines = 0;
	a->residue = (struct append_residue){ 0, 0 };
}

static void
say(struct append *a, uint64_t lines, const struct torn *torn)
{
	a->residue.lines += lines;
	a->residue.torn += torn->bytes;
	put_recovery(a, lines, torn);
}

/* Does the residue from offset on hold the digest in hexadecimal?  Then a line of it says so. */
static bool
residue_says(struct append *a, uint64_t from, const struct hash *digest)
{
	struct buf hex = { 0 }, piece = { 0 };
	bool found = false;

	hex_put(&hex, digest->b, HASH_LEN);
	while (!found && from < a->end) {
		size_t keep = piece.len < hex.len ? piece.len : hex.len;
		ssize_t n;

		if (piece.len > keep)
			memmove(piece.p, piece.p + piece.len - keep, keep);
		piece.len = keep;
		n = pread(a->log, buf_reserve(&piece, PIECE),
		    a->end - from < PIECE ? a->end - from : PIECE, (off_t)from);
		if (n <= 0)
			break;
		piece.len += (size_t)n;
		from += (uint64_t)n;
		found = memmem(piece.p, piece.len, hex.p, hex.len) != NULL;
	}
	buf_free(&hex);
	buf_free(&piece);
	return found;
}

/* "BASE.torn-OFFSET" or with ".N" behind it: the offset.  Returns 0 or -1. */
static int
torn_name_get(struct slice name, struct slice base, uint64_t *offset)
{
	struct slice number;
	unsigned long long n;

	if (!slice_starts(name, base))
		return -1;
	name.p += base.len;
	name.len -= base.len;
	if (!slice_starts(name, SLICE(".torn-")))
		return -1;
	name.p += 6;
	name.len -= 6;
	slice_cut(&name, '.', &number);
	if (slice_u64(number, INT64_MAX, &n) == -1 ||
	    (name.len > 0 && slice_u64(name, NAMES, &(unsigned long long){ 0 }) == -1))
		return -1;
	*offset = n;
	return 0;
}

/*
 * Were we killed between moving a torn tail out and saying so?  Then its file is no older than the
 * head, and named after an offset of the residue.  One that is the torn tail of now is said anyway.
 */
static bool
unsaid(struct append *a, int dir, const char *name, uint64_t from, const struct torn *now,
    struct torn *torn)
{
	int fd = place_open(dir, name, O_RDONLY, 0, NULL);
	struct stat st;
	bool found = fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_mtim.tv_sec >= a->time &&
	    digest(fd, 0, (uint64_t)st.st_size, -1, torn) == 0 &&
	    !(now->bytes == torn->bytes && hash_eq(&now->digest, &torn->digest)) &&
	    !residue_says(a, from, &torn->digest);

	place_close(fd);
	return found;
}

/* Say what no one came to say so far of what stood from offset on. */
static void
say_unsaid(struct append *a, uint64_t from, const struct torn *now)
{
	const char *base;
	int dir = place_parent(a->o->log, &base);
	int fd = dir == -1 ? -1 : openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct torn torn;
	uint64_t offset;

	for (int n = 0; list != NULL && n < UNSAID && (entry = readdir(list)) != NULL;)
		if (torn_name_get(slice_of(entry->d_name), slice_of(base), &offset) == 0 &&
		    offset >= from && offset <= a->end &&
		    unsaid(a, dir, entry->d_name, from, now, &torn)) {
			say(a, 0, &torn);
			n++;
		}
	if (list != NULL)
		closedir(list);
	else
		place_close(fd);
	place_close(dir);
}

/* The opening line is written first of all. */
static void
put_opening(struct append *a)
{
	struct slice line = buf_view(&a->opening);
	struct hash leaf;

	if (line.len == 0)
		return;
	line.len--;
	tree_leaf(line, &leaf);
	put_prefix(a, buf_view(&a->opening), &leaf);
	buf_reset(&a->opening);
}

int
append_set_aside(struct append *a)
{
	struct torn torn = { 0 };

	if (digest(a->log, a->end, a->start, -1, &torn) == -1)
		return append_fault_system(a, "");
	if (quarantine(a, &torn) == -1)
		return -1;
	put_opening(a);
	say(a, 0, &torn);
	return 0;
}

/* Does the log begin with the opening line?  Returns 1, 0 or -1. */
static int
is_open(struct append *a)
{
	struct buf have = { 0 };
	int status = 0;
	ssize_t n;

	if (a->start < a->opening.len)
		return 0;
	n = pread(a->log, buf_reserve(&have, a->opening.len), a->opening.len, 0);
	if (n == -1)
		status = append_fault_system(a, "");
	else
		status = (size_t)n == a->opening.len &&
		    memcmp(have.p, a->opening.p, a->opening.len) == 0;
	buf_free(&have);
	return status;
}

/*
 * The first line of a new segment is the one that speaks of the segment before it.  What else
 * stands there was put there before it could be written, and makes way.
 */
static int
open_segment(struct append *a)
{
	int open = a->opening.len == 0 ? 1 : is_open(a);

	if (open == -1)
		return -1;
	if (open == 1)
		buf_reset(&a->opening);
	else if (a->start > a->end)
		return append_set_aside(a);
	put_opening(a);
	return 0;
}

/*
 * Write the lines from offset on once more, as they are.  Whoever wrote them may have ended because
 * a sync failed: then what is read here is not on disk, and no later sync would say so.  Where the
 * log can only be appended to (chattr +a) this cannot be done.
 */
static int
write_again(struct append *a, uint64_t from)
{
	char path[32], *piece;
	int fd, status = 0;

	snprintf(path, sizeof path, "/proc/self/fd/%d", a->log);
	fd = from == a->end ? -1 : open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	piece = xmalloc(PIECE);
	while (from < a->end && status == 0) {
		size_t want = a->end - from < PIECE ? (size_t)(a->end - from) : PIECE;
		ssize_t n = pread(a->log, piece, want, (off_t)from);

		if (n > 0)
			n = pwrite(fd, piece, (size_t)n, (off_t)from);
		if (n == 0)
			errno = EIO; /* shorter than it was */
		if (n > 0)
			from += (uint64_t)n;
		else if (n == 0 || errno != EINTR)
			status = append_fault_system(a, "");
	}
	free(piece);
	place_close(fd);
	return status;
}

int
append_recover(struct append *a)
{
	uint64_t before, from = a->end, lines;
	struct torn torn = { 0 };

	if (open_segment(a) == -1)
		return -1;
	before = a->edge.size;
	sha256((struct slice){ "", 0 }, &torn.digest);
	if (a->start > a->end &&
	    extent_read(a->log, a->end, a->start, UINT64_MAX, grow, a) == -1)
		return a->fault.rule != NULL ? -1 : append_fault_system(a, "");
	if (!a->adopting && write_again(a, from) == -1)
		return -1;
	if (a->start > a->end ? take_torn(a, &torn) == -1 : false)
		return -1;
	lines = a->adopting ? 0 : a->edge.size - before;
	say_unsaid(a, from, &torn);
	if (lines > 0 || torn.bytes > 0)
		say(a, lines, &torn);
	a->adopting = false;
	return 0;
}
