/* keygen, and the key that append signs with. */
#include "audit-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/place.h"

enum { KEY_FILE_MAX = 4096, KEYS_FILE_MAX = 1 << 20 };

const struct tool_option keygen_options[] = {
	{ OPT_WITNESS, "witness", NULL, "make the key of a witness, which signs no log" },
	{ 'o', "output", "FILE",
	    "write the secret key to FILE and the public one to FILE.pub" },
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

static const char how[] = "make one with: audit-hash keygen NAME -o FILE";

/* The descriptor of that number, as our own.  Returns it, or -1 with a message. */
static int
open_descriptor(const char *option, const char *number)
{
	unsigned long long n;
	int fd;

	if (slice_u64(slice_of(number), INT32_MAX, &n) == -1) {
		warn("option --%s: not a descriptor's number after fd:", option);
		return -1;
	}
	fd = fcntl((int)n, F_DUPFD_CLOEXEC, 3);
	if (fd == -1)
		warn("option --%s: descriptor %d is not open (%s)", option, (int)n, how);
	return fd;
}

static int
open_key(const char *option, const char *name)
{
	int fd;

	if (strncmp(name, "fd:", 3) == 0)
		return open_descriptor(option, name + 3);
	fd = file_open(name);
	if (fd == -1 && errno == ENOENT)
		warn("%s: there is no such key; %s", name, how);
	else if (fd == -1)
		warn_errno(name);
	return fd;
}

static const char *
key_text(const char *rule)
{
	return strcmp(rule, "key-name") == 0 ? "the key's name cannot be one"
	    : strcmp(rule, "key-alg") == 0   ? "not a key of a kind that signs logs"
	    : strcmp(rule, "key-id") == 0    ? "the key's id is not this key's"
					     : "not a secret key";
}

void
keys_load(const char *value, struct skey *k)
{
	keys_load_option("key", value, false, k);
}

/* The key in the text of a file.  Returns 0, or -1 and what it holds is wiped. */
static int
get_key(struct slice text, bool witness, struct skey *k, struct diag *d)
{
	struct slice line;

	slice_cut(&text, '\n', &line);
	if (text.len > 0)
		return diag_set(d, "key-syntax", 0);
	if (skey_get(line, k, d) == -1)
		return -1;
	if (witness || k->vkey.alg == KEY_NOTE)
		return 0;
	skey_wipe(k);
	return diag_set(d, "key-alg", 0);
}

static int
read_key(int fd, const char *name, bool witness, struct skey *k)
{
	struct buf text = { .secret = true };
	struct diag d = { NULL, 0 };
	int status = file_read_input(fd, KEY_FILE_MAX, &text);

	if (status == -1 && errno == EFBIG)
		warn("%s: not a secret key", name);
	else if (status == -1)
		warn_errno(name);
	else if ((status = get_key(buf_view(&text), witness, k, &d)) == -1)
		warn("%s: %s [%s]; %s", name, key_text(d.rule), d.rule, how);
	buf_free(&text);
	return status;
}

int
keys_try(const char *option, const char *name, bool witness, struct skey *k)
{
	int fd, status;

	if (name == NULL)
		name = getenv("AUDIT_KEY_FILE");
	if (name == NULL || *name == '\0') {
		warn("no key: give --%s FILE or set AUDIT_KEY_FILE; %s", option, how);
		return -1;
	}
	fd = open_key(option, name);
	if (fd == -1)
		return -1;
	status = read_key(fd, name, witness, k);
	close(fd);
	return status;
}

void
keys_load_option(const char *option, const char *name, bool witness, struct skey *k)
{
	if (keys_try(option, name, witness, k) == -1)
		exit((int)tool_end(TOOL_TROUBLE));
}

int
keys_public(const char *path, struct vkey **keys, size_t *n)
{
	struct buf text = { 0 };
	struct diag d = { NULL, 0 };
	int status = file_load(path, KEYS_FILE_MAX, &text);

	if (status == -1)
		warn_errno(path);
	else if ((status = vkeys_get(buf_view(&text), keys, n, &d)) == -1)
		warn("%s: %s [%s]", path,
		    strcmp(d.rule, "key-id") == 0 ? key_text(d.rule)
						  : "not a list of public keys",
		    d.rule);
	buf_free(&text);
	return status;
}

/* Make path hold text; an existing file is never touched. */
static int
write_new(const char *path, struct slice text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	const char *base;
	int dir, status = -1;

	if (fd == -1)
		return -1;
	dir = place_parent(path, &base);
	if (dir != -1 && file_take_owner(dir, ".", fd) == 0 && fchmod(fd, mode) == 0 &&
	    file_write(fd, text) == 0 && fsync(fd) == 0 && place_sync(dir) == 0)
		status = 0;
	place_close(dir);
	place_close(fd);
	if (status == -1) {
		int error = errno;

		unlink(path);
		errno = error;
	}
	return status;
}

static enum tool_status
write_pair(const struct skey *k, const char *path)
{
	struct buf secret = { .secret = true }, public = { 0 }, name = { 0 };
	enum tool_status status = TOOL_TROUBLE;

	buf_printf(&name, "%s.pub", path);
	skey_put(&secret, k);
	buf_byte(&secret, '\n');
	vkey_put(&public, &k->vkey);
	buf_byte(&public, '\n');
	if (write_new(path, buf_view(&secret), 0400) == -1) {
		warn_errno(path);
	} else if (write_new(buf_cstr(&name), buf_view(&public), 0644) == -1) {
		warn_errno(name.p);
		unlink(path);
	} else {
		status = TOOL_OK;
	}
	buf_free(&secret);
	buf_free(&public);
	buf_free(&name);
	return status;
}

enum tool_status
keygen_run(int argc, char **argv)
{
	enum tool_status status = TOOL_TROUBLE;
	const char *path = NULL;
	uint8_t alg = KEY_NOTE;
	struct skey k;
	int c;

	while ((c = tool_next(argc, argv, keygen_options)) != -1)
		switch (c) {
		case OPT_WITNESS: alg = KEY_COSIGN; break;
		case 'o': path = optarg; break;
		}
	if (argc - optind != 1)
		die_usage("keygen takes one NAME");
	if (path == NULL || *path == '\0')
		die_usage("keygen needs -o FILE");
	if (!key_name_ok(slice_of(argv[optind])))
		die("NAME must be 1 to %d bytes of UTF-8 without '+', blanks or control "
		    "characters, "
		    "and not cosignature/v1 [key-name]",
		    KEY_NAME_MAX);
	if (skey_make(slice_of(argv[optind]), alg, &k) == 0)
		status = write_pair(&k, path);
	else
		warn("could not make a key");
	skey_wipe(&k);
	return status;
}
