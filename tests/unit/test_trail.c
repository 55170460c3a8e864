/* Which files had a name, and what they are called now, from the events of their directory. */
#include <sys/inotify.h>

#include "base/buf.h"
#include "base/trail.h"
#include "check.h"

static struct trail t = { .name = "log" };

static void
event(uint32_t mask, uint32_t cookie, const char *name)
{
	trail_event(&t, mask, cookie, name);
}

static void
rename_file(uint32_t cookie, const char *from, const char *to)
{
	event(IN_MOVED_FROM, cookie, from);
	event(IN_MOVED_TO, cookie, to);
}

/* The names of the files to come, "?" for a guess, and how many are lost; then all is forgotten. */
static bool
are(const char *want)
{
	struct buf got = { 0 };
	bool same;

	for (size_t i = 0; i < t.count; i++)
		buf_printf(&got, "%s%s ", t.file[i].name, t.file[i].guessed ? "?" : "");
	buf_printf(&got, "%d", (int)t.lost);
	same = strcmp(buf_cstr(&got), want) == 0;
	if (!same)
		printf("# got <%s>\n", buf_cstr(&got));
	buf_free(&got);
	trail_clear(&t);
	t.lost = 0;
	return same;
}

static void
test_events(void)
{
	uint64_t stamp;

	/* a chain; what was there before, and other files, are none of ours */
	event(IN_CREATE, 0, "other");
	rename_file(1, "log.1", "log.2");
	rename_file(2, "log", "log.1");
	CHECK(are("0"));
	event(IN_CREATE, 0, "log");
	rename_file(3, "log", "log.1");
	event(IN_CREATE, 0, "log");
	rename_file(4, "log.1", "log.2");
	rename_file(5, "log", "log.1");
	rename_file(6, "new", "log");
	CHECK(are("log.2 log.1 log 0"));

	/* deleted, replaced by one of ours and by another, moved away */
	event(IN_CREATE, 0, "log");
	event(IN_DELETE, 0, "log");
	CHECK(are("1"));
	event(IN_CREATE, 0, "log");
	rename_file(7, "log", "log.1");
	event(IN_CREATE, 0, "log");
	rename_file(8, "log", "log.1");
	CHECK(are("log.1 1"));
	event(IN_CREATE, 0, "log");
	rename_file(9, "new", "log");
	CHECK(are("log 1"));
	event(IN_CREATE, 0, "log");
	event(IN_MOVED_FROM, 10, "log");
	event(IN_CREATE, 0, "log");
	trail_settle(&t);
	CHECK(are("log 1"));

	/* the stamp tells of each change */
	event(IN_CREATE, 0, "log");
	stamp = t.file[0].stamp;
	event(IN_CREATE, 0, "other");
	CHECK(t.file[0].stamp == stamp);
	rename_file(11, "log", "log.1");
	CHECK(t.file[0].stamp != stamp);
	CHECK(are("log.1 0"));
}

static void
test_guess(void)
{
	/* one that the events then tell of is one file, not two */
	trail_guess(&t);
	trail_guess(&t);
	CHECK(are("log? 0"));
	trail_guess(&t);
	event(IN_CREATE, 0, "log");
	CHECK(are("log 0"));
	trail_guess(&t);
	rename_file(1, "new", "log");
	CHECK(are("log 0"));
	event(IN_CREATE, 0, "log");
	rename_file(2, "log", "log.1");
	trail_guess(&t);
	rename_file(3, "log.1", "log");
	CHECK(are("log 0"));
	trail_guess(&t);
	rename_file(4, "log", "log.1");
	CHECK(are("log.1? 0"));
}

int
main(void)
{
	char name[16];

	test_events();
	test_guess();
	/* bounded */
	for (uint32_t i = 0; i < TRAIL_FILES + 5; i++) {
		event(IN_CREATE, 0, "log");
		snprintf(name, sizeof name, "log.%u", i);
		rename_file(i + 1, "log", name);
	}
	CHECK(t.count == TRAIL_FILES && t.lost == 5 && strcmp(t.file[0].name, "log.5") == 0);
	trail_clear(&t);
	CHECK(t.lost == TRAIL_FILES + 5);
	return check_done();
}
