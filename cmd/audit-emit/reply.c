#include "event/reply.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/out.h"
#include "emit.h"
#include "json/write.h"

#include <errno.h>
#include <unistd.h>

enum {
	REQUEST_LINE = 8 * 1024 * 1024, /* bytes: a request, whose every byte may be escaped */
	REPLY_MAX = 1024 * 1024,
	READ = 64 * 1024,
};

/* Replies and requests, side by side. */
struct check {
	struct lines *requests;
	const char *requests_file, *reply_file; /* as messages call them */
	struct json *json, *inner;
	struct out out;
	struct reply reply;
	struct dropped dropped;
	uint64_t request, rejected; /* the number of the request, from 1; entries in all */
};

/* Where the next JSON object of a file ends, found byte by byte. */
struct object {
	struct buf text;
	unsigned depth;
	bool string, escaped;
};

static void
value_put(struct buf *b, const char *key, bool given, const struct buf *value)
{
	buf_printf(b, ", \"%s\": ", key);
	if (given)
		json_put_string(b, buf_view(value), JSON_ASCII);
	else
		buf_str(b, "null");
}

/* An event of the request: print it if it was dropped. */
static void
event_told(void *arg, size_t index, struct slice message)
{
	struct check *c = arg;
	struct dropped *d = &c->dropped;
	struct buf line = { 0 };
	enum drop drop;

	if (!reply_drops(&c->reply, index, &drop))
		return;
	dropped_get(c->inner, message, d);
	buf_printf(&line, "{\"request\": %llu, \"index\": %zu, \"reason\": \"%s\"",
	    (unsigned long long)c->request, index, drop_names[drop]);
	value_put(&line, "event_id", d->has_id, &d->event_id);
	value_put(&line, "timestamp", d->has_timestamp, &d->timestamp);
	value_put(&line, "integrity_hash", d->has_hash, &d->hash);
	buf_str(&line, "}\n");
	out_put(&c->out, buf_view(&line));
	buf_free(&line);
	c->rejected++;
}

/* The next request.  Returns 1; 0 if there is none; -1 after a message. */
static int
request_next(struct check *c, struct line *line)
{
	int got = lines_next(c->requests, line);

	if (got == -1)
		warn_errno(c->requests_file);
	if (got == 1 && line->too_long) {
		warn_at(c->requests_file, line->number,
		    "longer than a request can be [line-length]");
		return -1;
	}
	return got;
}

/* One reply, to the next request.  Returns 0; -1 after a message. */
static int
reply_check(struct check *c, struct slice text)
{
	const char *rule = NULL;
	struct line line;
	size_t events = 0;
	int got = request_next(c, &line);

	c->request++;
	if (got == 0)
		warn("%s: reply %llu answers no request", c->reply_file,
		    (unsigned long long)c->request);
	if (got != 1)
		return -1;
	if (request_events(c->json, line.text, NULL, NULL, &events, &rule) == -1) {
		warn_at(c->requests_file, line.number, "not a request [%s]", rule);
		return -1;
	}
	if (reply_get(c->json, text, events, &c->reply, &rule) == -1) {
		warn("%s: reply %llu: not a reply to its request [%s]", c->reply_file,
		    (unsigned long long)c->request, rule);
		return -1;
	}
	if (c->reply.entity)
		warn("%s: reply %llu: the entity was rejected, the events were not",
		    c->reply_file, (unsigned long long)c->request);
	if (c->reply.rejects)
		request_events(c->json, line.text, event_told, c, &events, &rule);
	return 0;
}

/* Take one byte.  Returns 1 if it ends an object, 0 if not, -1 if it can be in none. */
static int
object_take(struct object *o, char b)
{
	if (o->depth == 0 && (b == ' ' || b == '\t' || b == '\n' || b == '\r'))
		return 0;
	if ((o->depth == 0 && b != '{') || o->text.len == REPLY_MAX)
		return -1;
	buf_byte(&o->text, b);
	if (o->string) {
		o->string = o->escaped || b != '"';
		o->escaped = !o->escaped && b == '\\';
	} else if (b == '"') {
		o->string = true;
	} else if (b == '{' || b == '[') {
		o->depth++;
	} else if (b == '}' || b == ']') {
		o->depth--;
	}
	return o->depth == 0;
}

/* What was read of a reply file.  Returns 0; -1 after a message. */
static int
bytes_check(struct check *c, struct object *o, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		int ended = object_take(o, bytes.p[i]);
		int status;

		if (ended == -1) {
			warn("%s: not JSON objects", c->reply_file);
			return -1;
		}
		if (ended == 0)
			continue;
		buf_reserve(&o->text, JSON_PADDING);
		status = reply_check(c, buf_view(&o->text));
		buf_reset(&o->text);
		if (status == -1)
			return -1;
	}
	return 0;
}

static int
replies_read(struct check *c, int fd, bool stream)
{
	char bytes[READ];
	struct object o = { 0 };
	ssize_t n = 0;
	int status = 0;

	while (status == 0) {
		if (lines_wait(fd, stream, NULL, NULL) != 1)
			n = tool_signal() != 0 && stream ? 0 : -1;
		else
			n = read(fd, bytes, sizeof bytes);
		if (n == -1 && (errno == EAGAIN || (errno == EINTR && tool_signal() == 0)))
			continue;
		if (n <= 0)
			break;
		status = bytes_check(c, &o, (struct slice){ bytes, (size_t)n });
	}
	if (n == -1) {
		warn_errno(c->reply_file);
		status = -1;
	}
	if (status == 0 && o.depth > 0) {
		warn("%s: ends within a reply", c->reply_file);
		status = -1;
	}
	buf_free(&o.text);
	return status;
}

static int
file_check(struct check *c, const char *path)
{
	int fd = file_open(path), status;

	c->reply_file = tool_file(path);
	if (fd == -1) {
		warn_errno(c->reply_file);
		return -1;
	}
	status = replies_read(c, fd, strcmp(path, "-") == 0);
	close(fd);
	return status;
}

/* Every reply had a request; has every request, of which there must be one, its reply? */
static int
rest_check(struct check *c)
{
	struct line line;
	int got;

	if (c->request == 0) {
		warn("no reply");
		return -1;
	}
	got = request_next(c, &line);
	if (got == 1)
		warn_at(c->requests_file, line.number, "a request without a reply");
	return got == 0 ? 0 : -1;
}

static int
all_check(struct check *c, const struct config *config)
{
	int fd = file_open(config->requests), status = 0;

	c->requests_file = tool_file(config->requests);
	if (fd == -1) {
		warn_errno(c->requests_file);
		return -1;
	}
	c->requests = lines_open(fd, REQUEST_LINE, false);
	if (config->files[0] == NULL)
		status = file_check(c, "-");
	for (char *const *f = config->files; *f != NULL && status == 0; f++)
		status = file_check(c, *f);
	if (status == 0)
		status = rest_check(c);
	lines_free(c->requests);
	close(fd);
	return status;
}

enum tool_status
check_reply(const struct config *config)
{
	struct check c = { .json = json_new(), .inner = json_new() };
	const char *name;
	int status;

	if (out_open(&c.out, config->output) == -1) {
		warn_errno(config->output);
		return TOOL_TROUBLE;
	}
	status = all_check(&c, config);
	name = c.out.name;
	if (out_close(&c.out, status == 0) == -1) {
		warn_errno(name);
		status = -1;
	}
	json_free(c.json);
	json_free(c.inner);
	dropped_free(&c.dropped);
	if (status == -1)
		return TOOL_TROUBLE;
	if (c.rejected > 0)
		note("%llu entries rejected", (unsigned long long)c.rejected);
	return c.rejected > 0 ? TOOL_NO : TOOL_OK;
}
