/*
 * check - unit tests that speak TAP.
 *
 * A test program is a main() that calls its tests and returns check_done().  CHECK(cond) may be
 * reached many times, from a loop too: it is one line of TAP, "ok" if cond held every time.  The
 * first failure of a CHECK is said when it happens, so that a crash later on does not hide it.
 *
 *   CHECK(cond)              evaluates cond once and goes on; its value is that of cond
 *   CHECK_BYTES(a, n, text)  the n bytes at a are those of the string text
 *   check_done()             prints the lines and the plan; 0 if all held and there was any, else 1
 *
 * Not thread-safe: check in the main thread.
 */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct check_site {
	const char *file, *text;
	int line;
	unsigned long held, failed;
	struct check_site *next;
};

static struct check_site *check_first, **check_last = &check_first;

static inline bool
check_that(struct check_site *site, bool held)
{
	if (site->held + site->failed == 0) {
		*check_last = site;
		check_last = &site->next;
	}
	if (held) {
		site->held++;
	} else if (site->failed++ == 0) {
		printf("# %s:%d: failed, after it held %lu times: %s\n", site->file, site->line,
		    site->held, site->text);
		fflush(stdout);
	}
	return held;
}

#define CHECK_SAID(cond, text)                                                                 \
	__extension__({                                                                        \
		static struct check_site check_site = { __FILE__, text, __LINE__, 0, 0,        \
			NULL };                                                                \
		check_that(&check_site, (cond));                                               \
	})
#define CHECK(cond) CHECK_SAID(cond, #cond)
#define CHECK_BYTES(a, n, text)                                                                \
	CHECK_SAID((n) == strlen(text) && memcmp((a), (text), (n)) == 0, #a " is " #text)

static inline int
check_done(void)
{
	unsigned long n = 0, failed = 0;

	for (const struct check_site *site = check_first; site != NULL; site = site->next) {
		failed += site->failed != 0;
		printf("%s %lu - %s:%d %s\n", site->failed == 0 ? "ok" : "not ok", ++n,
		    site->file, site->line, site->text);
	}
	printf("1..%lu\n", n);
	return fflush(stdout) != 0 || failed != 0 || n == 0;
}

#endif
