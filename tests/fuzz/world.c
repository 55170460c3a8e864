#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "cmd/audit-verify/settings.h"
#include "fault.h"
#include "log/checkpoint.h"

enum { FILES = 32, LIMIT = 1 << 20 };

static const char secret[] =
    "PRIVATE+KEY+log.example/fuzz+c414e382+AV9tjTCpFYcIxj5pid5YUdlF6fRkHzpfvTO5YpQW+EB1";

static struct world world;

static struct {
	char *path;
	struct buf text;
	bool seen;
} saved[FILES];
static size_t files;

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

static void
clean(void)
{
	nftw(world.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	skey_wipe(&world.key);
	for (size_t i = 0; i < files; i++) {
		free(saved[i].path);
		buf_free(&saved[i].text);
	}
}

static int
save_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)at;
	if (what != FTW_F)
		return 0;
	MUST(files < FILES);
	saved[files].path = xstrdup(path);
	MUST(file_load(path, LIMIT, &saved[files++].text) == 0);
	return 0;
}

static int
append(struct slice lines)
{
	struct append_options o = {
		.log = world.log, .tree = world.tree, .key = &world.key, .mode = 0640
	};
	struct log_fault why;
	struct append *a = append_open(&o, &why);
	int status = a == NULL ? -1 : append_commit(a, lines, &why);

	if (status == 0)
		status = append_finish(a, &why);
	append_free(a);
	return status;
}

int
world_append(struct slice lines)
{
	int status;

	fault_on();
	status = append(lines);
	fault_off();
	return status;
}

static void
append_some(unsigned from, unsigned to)
{
	struct buf lines = { 0 };

	for (; from < to; from++)
		buf_printf(&lines, "{\"entry\": %u}\n", from);
	MUST(append(buf_view(&lines)) == 0);
	buf_free(&lines);
}

static void
name(char path[48], const char *suffix)
{
	MUST(snprintf(path, 48, "%s/log%s", world.dir, suffix) < 48);
}

static void
read_root(void)
{
	struct buf path = { 0 }, text = { 0 };
	struct head h = { 0 };

	buf_printf(&path, "%s/checkpoint", world.tree);
	MUST(file_load(buf_cstr(&path), LIMIT, &text) == 0);
	MUST(head_get(buf_view(&text), &h, NULL) == 0 && h.cp.size == WORLD_SIZE);
	world.root = h.cp.root;
	head_free(&h);
	buf_free(&path);
	buf_free(&text);
}

static void
make(void)
{
	struct buf pub = { 0 };

	strcpy(world.dir,
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
	MUST(mkdtemp(world.dir) != NULL);
	atexit(clean);
	name(world.log, "");
	name(world.old, "-1");
	name(world.tree, ".tree");
	name(world.state, ".state");
	name(world.pub, ".pub");
	MUST(skey_get(SLICE(secret), &world.key, NULL) == 0);
	append_some(0, WORLD_OLD);
	MUST(rename(world.log, world.old) == 0);
	append_some(WORLD_OLD, WORLD_SIZE);
	vkey_put(&pub, &world.key.vkey);
	world_put(world.pub, buf_view(&pub));
	buf_free(&pub);
	read_root();
	MUST(nftw(world.dir, save_one, 8, FTW_PHYS) == 0);
}

const struct world *
world_get(void)
{
	if (world.dir[0] == '\0')
		make();
	return &world;
}

void
world_put(const char *path, struct slice text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	MUST(fd != -1 && file_write(fd, text) == 0 && close(fd) == 0);
}

static int
restore_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	struct buf text = { 0 };

	(void)at;
	if (what != FTW_F)
		return 0;
	for (size_t i = 0; i < files; i++) {
		if (strcmp(path, saved[i].path) != 0)
			continue;
		saved[i].seen = true;
		if ((size_t)st->st_size != saved[i].text.len ||
		    file_load(path, LIMIT, &text) == -1 ||
		    !slice_eq(buf_view(&text), buf_view(&saved[i].text)))
			world_put(path, buf_view(&saved[i].text));
		buf_free(&text);
		return 0;
	}
	return unlink(path);
}

void
world_restore(void)
{
	for (size_t i = 0; i < files; i++)
		saved[i].seen = false;
	MUST(nftw(world.dir, restore_one, 8, FTW_PHYS) == 0);
	for (size_t i = 0; i < files; i++)
		if (!saved[i].seen)
			world_put(saved[i].path, buf_view(&saved[i].text));
}

static void
prepare(struct settings *s, const struct world_ask *ask, struct out *out)
{
	s->pubkey = xmalloc(sizeof *s->pubkey);
	s->pubkey[s->pubkeys++] = world.pub;
	s->operand = xmalloc(2 * sizeof *s->operand);
	if (ask->old)
		s->operand[s->operands++] = world.old;
	if (ask->live)
		s->operand[s->operands++] = world.log;
	s->state_path = ask->state;
	s->own_tree = ask->live;
	s->verify.jobs = 1;
	s->verify.max_age = s->verify.retention = -1;
	s->verify.range = (struct verify_range){ ask->range, ask->from, ask->to };
	s->report.log = s->operand[s->operands - 1];
	s->report.tree = world.tree;
	s->report.format = &report_text;
	s->report.partial = ask->range || ask->state != NULL;
	s->report.out = out;
}

enum tool_status
world_verify(struct world_ask *ask)
{
	struct out out = { .fd = -1, .name = "the answer" };
	struct settings s = { 0 };
	enum tool_status status;

	fault_on();
	prepare(&s, ask, &out);
	run_verify(&s);
	status = run_remember(&s, report_verdict(&s.report));
	ask->full = s.report.result.full != NULL;
	buf_free(&s.tree);
	settings_free(&s);
	fault_off();
	ask->text = out.buf;
	return status;
}

uint64_t
world_answer(const struct world_ask *ask, enum tool_status status)
{
	struct slice text = buf_view(&ask->text);
	const char *end = text.len == 0 ? NULL : memmem(text.p, text.len, ", read ", 7);

	if (status == TOOL_TROUBLE)
		return CANNOT;
	if (end != NULL)
		text.len = (size_t)(end - text.p);
	return answer_verdict(answer_add(ANSWER, text), (uint8_t)(1 + status));
}
