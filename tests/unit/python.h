/*
 * python - Python's answer to lines of input, as an oracle for unit tests.
 */
#ifndef TESTS_UNIT_PYTHON_H
#define TESTS_UNIT_PYTHON_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

/*
 * python_answers(script, input, answer):
 * Run python3 with script on the bytes of input and append what it prints to answer.  Returns 1;
 * 0 without python3 (say so, and check nothing), -1 if it failed.
 */
static inline int
python_answers(const char *script, struct slice input, struct buf *answer)
{
	char in[] = "/tmp/python-in.XXXXXX", command[8192];
	int fd;
	FILE *f;
	size_t n;

	if (system("python3 -c pass >/dev/null 2>&1") != 0) {
		puts("# no python3 here: not compared with it");
		return 0;
	}
	if ((fd = mkstemp(in)) < 0)
		return -1;
	if (write(fd, input.p, input.len) != (ssize_t)input.len || close(fd) != 0)
		return -1;
	snprintf(command, sizeof command, "python3 -c '%s' <%s", script, in);
	if ((f = popen(command, "r")) == NULL)
		return -1;
	while ((n = fread(buf_reserve(answer, 65536), 1, 65536, f)) > 0)
		answer->len += n;
	unlink(in);
	return pclose(f) == 0 ? 1 : -1;
}

#endif
