/* seal: close the log's segment for archival, and print how to upload it. */
#include "audit-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/instant.h"
#include "base/progress.h"
#include "log/archive.h"
#include "log/place.h"
#include "log/sealed.h"

const struct tool_option seal_options[] = {
	{ OPT_KEY, "key", "KEY",
	    "sign with the secret key in file KEY, or from descriptor fd:N" },
	{ OPT_COMPRESS, "compress", "FORMAT", "keep the segment compressed: zstd or gzip" },
	{ OPT_ENCRYPT_TO, "encrypt-to", "CERT",
	    "keep it encrypted to the certificate in CERT; may be repeated" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct seal {
	struct append_options o;
	struct skey key;
	char *tree;
	struct archive archive;
	struct recipients *to;
	bool progress;
	uint64_t bytes; /* of the log */
};

static enum manifest_compression
compression_of(const char *name)
{
	if (strcmp(name, "zstd") == 0)
		return MANIFEST_ZSTD;
	if (strcmp(name, "gzip") == 0)
		return MANIFEST_GZIP;
	die_usage("option --compress: zstd or gzip");
}

static void
add_recipient(struct seal *s, const char *path)
{
	struct buf text = { 0 };

	if (s->to == NULL)
		s->to = recipients_new();
	if (file_load(path, RECIPIENT_FILE_MAX, &text) == -1)
		die("%s: %s", path, strerror(errno));
	if (recipients_add(s->to, buf_view(&text)) == -1)
		die("%s: not a certificate that can be encrypted to [certificate]", path);
	buf_free(&text);
	s->archive.to = s->to;
}

static void
parse(struct seal *s, int argc, char **argv)
{
	const char *key = NULL, *tree = NULL;
	int c;

	while ((c = tool_next(argc, argv, seal_options)) != -1)
		switch (c) {
		case OPT_KEY: key = optarg; break;
		case OPT_COMPRESS: s->archive.compression = compression_of(optarg); break;
		case OPT_ENCRYPT_TO: add_recipient(s, optarg); break;
		case OPT_TREE: tree = optarg; break;
		case TOOL_PROGRESS: s->progress = true; break;
		}
	if (argc - optind != 1)
		die_usage("seal takes one LOG");
	s->o.log = argv[optind];
	s->o.tree = s->tree = tree_of(s->o.log, tree);
	keys_load(key, &s->key);
	s->o.key = &s->key;
}

/* A log that can only be appended to cannot be renamed. */
static bool
append_only(int fd)
{
	int flags = 0;

	return ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	    (flags & (FS_APPEND_FL | FS_IMMUTABLE_FL)) != 0;
}

/* What must be so before anything is changed.  Returns 0, or -1 with a message. */
static int
look(struct seal *s)
{
	int parent = place_parent(s->o.log, &s->archive.base), fd = -1, status = -1;
	struct stat st;

	if (parent != -1) {
		s->archive.dir = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd = place_open(parent, s->archive.base, O_RDONLY, 0, NULL);
	}
	if (parent == -1 || s->archive.dir == -1 ||
	    (fd == -1 && errno != ENOENT)) /* a sealing cut short may have renamed it */
		warn("%s: %s", s->o.log,
		    errno == ELOOP ? "not a regular file" : strerror(errno));
	else if (!manifest_log_ok(slice_of(s->archive.base)))
		warn("%s: a name that cannot stand in a manifest: not UTF-8, or with control "
		     "characters [log-name]",
		    s->o.log);
	else if (fd != -1 && append_only(fd))
		warn("%s: can only be appended to (chattr +a), so it cannot be closed "
		     "[append-only]",
		    s->o.log);
	else
		status = 0;
	/* Whoever may read the log may read what it is closed as. */
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		s->o.mode = s->archive.mode = st.st_mode & 0666;
		s->bytes = (uint64_t)st.st_size;
	}
	place_close(fd);
	place_close(parent);
	return status;
}

/* How many entries the head has.  Returns 0, or -1 with a message. */
static int
read_head(struct seal *s)
{
	struct log_fault fault;
	struct sealed sealed;
	int status = sealed_open(s->tree, NULL, &sealed, &fault);

	if (status == -1)
		say_fault(s->o.log, s->tree, &fault);
	else
		s->archive.before = sealed.tree.size;
	sealed_close(&sealed);
	return status;
}

static void
say_why(const struct seal *s, const struct log_fault *fault)
{
	const struct archive *a = &s->archive;

	if (fault->rule != NULL)
		say_fault(s->o.log, s->tree, fault);
	else if (strcmp(a->rule, "system") != 0)
		warn("%s: a file of its segment's name is there already [%s]", s->o.log,
		    a->rule);
	else if (a->error == EILSEQ)
		warn("%s: what was written of its segment reads back otherwise", s->o.log);
	else if (a->error == EPROTO)
		warn("%s: its segment could not be compressed or encrypted", s->o.log);
	else
		warn("%s: its segment: %s", s->o.log, strerror(a->error));
}

/* Close it.  Returns 0, or -1 with a message. */
static int
seal(struct seal *s)
{
	struct log_fault fault = { NULL, NULL, 0 };
	struct append *a = append_open(&s->o, &fault);
	int status = -1;

	progress_start(s->bytes, s->progress);
	if (a != NULL)
		status = append_between(a, archive_between, &s->archive, &fault);
	progress_end();
	if (status == -1 && fault.rule == NULL && s->archive.nothing) {
		note("%s: nothing to seal", s->o.log);
		status = 0;
	}
	if (status == -1)
		say_why(s, &fault);
	else if (append_finish(a, &fault) == -1) {
		say_fault(s->o.log, s->tree, &fault);
		status = -1;
	}
	append_free(a);
	if (archive_tidy(&s->archive) == -1) {
		warn("%s: its plain segment, kept otherwise: %s", s->o.log, strerror(errno));
		status = -1;
	}
	return status;
}

/* A word of a shell command. */
static void
put_word(struct buf *b, struct slice s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._/=+,:@%-";
	bool bare = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		bare &= s.p[i] != '\0' && strchr(plain, s.p[i]) != NULL;
	if (!bare)
		buf_byte(b, '\'');
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\'')
			buf_str(b, "'\\''");
		else
			buf_byte(b, s.p[i]);
	if (!bare)
		buf_byte(b, '\'');
}

/* One object to upload: name, beside the log. */
static void
put_command(const struct seal *s, struct buf *b, struct slice name, const struct hash *sha256,
    int64_t until)
{
	struct buf path = { 0 };

	buf_add(&path, s->o.log, (size_t)(s->archive.base - s->o.log));
	if (path.len == 0 && name.p[0] == '-')
		buf_str(&path, "./"); /* no option */
	buf_slice(&path, name);
	buf_str(b, "aws s3api put-object --bucket \"${BUCKET:?}\" --key ");
	put_word(b, name);
	buf_str(b, " --body ");
	put_word(b, buf_view(&path));
	buf_str(b, " --checksum-algorithm SHA256 --checksum-sha256 ");
	base64_put(b, sha256->b, HASH_LEN);
	buf_str(b, " --object-lock-mode COMPLIANCE --object-lock-retain-until-date ");
	instant_put(b, (struct instant){ until, 0 }, 0);
	buf_byte(b, '\n');
	buf_free(&path);
}

/* The plan for a manifest: its parts, and at last itself. */
static int
put_plan(const struct seal *s, struct buf *b, const char *manifest)
{
	struct buf name = { 0 };
	struct manifest m;
	struct hash digest;
	int status = archive_read(s->archive.dir, manifest, &m, &digest);

	if (status == -1)
		warn("%s: %s", manifest, strerror(errno));
	for (size_t i = 0; status == 0 && i < m.parts; i++) {
		buf_reset(&name);
		manifest_part_put(&name, &m, i);
		put_command(
		    s, b, buf_view(&name), &m.part[i].sha256, manifest_retain_until(&m));
	}
	if (status == 0)
		put_command(s, b, slice_of(manifest), &digest, manifest_retain_until(&m));
	buf_free(&name);
	manifest_free(&m);
	return status;
}

static enum tool_status
plan(struct seal *s)
{
	struct buf text = { 0 };
	enum tool_status status = TOOL_OK;

	if (s->archive.resumed.len > 0 &&
	    put_plan(s, &text, buf_cstr(&s->archive.resumed)) == -1)
		status = TOOL_TROUBLE;
	if (s->archive.manifest.len > 0 &&
	    put_plan(s, &text, buf_cstr(&s->archive.manifest)) == -1)
		status = TOOL_TROUBLE;
	if (text.len > 0)
		status = tool_worse(status, put_output(NULL, buf_view(&text)));
	buf_free(&text);
	return status;
}

enum tool_status
seal_run(int argc, char **argv)
{
	struct seal s = { .o.mode = 0640, .archive = { .dir = -1, .mode = 0640 } };
	enum tool_status status = TOOL_TROUBLE;

	parse(&s, argc, argv);
	s.archive.now = instant_now().s;
	if (look(&s) == 0 && read_head(&s) == 0 && seal(&s) == 0)
		status = plan(&s);
	skey_wipe(&s.key);
	place_close(s.archive.dir);
	archive_free(&s.archive);
	recipients_free(s.to);
	free(s.tree);
	return status;
}
