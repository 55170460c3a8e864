/*
 * json - how fast the scanner reads a file of JSON lines, every token of every line.
 *
 * json FILE [ROUNDS]: for each path of the scanner one line: its name, the best of ROUNDS (5) in
 * GB/s of processor time, ns a line, and how many tokens there were.  The file is in memory before
 * the clock starts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json/scan.h"

static int
read_all(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	int failed;
	size_t n;

	if (f == NULL)
		return -1;
	while ((n = fread(buf_reserve(b, 1 << 20), 1, 1 << 20, f)) > 0)
		b->len += n;
	memset(buf_reserve(b, JSON_PADDING), 0, JSON_PADDING);
	failed = ferror(f);
	return fclose(f) != 0 || failed ? -1 : 0;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct tally {
	size_t lines, tokens, refused;
};

static struct tally
read_lines(struct json *j, struct slice rest)
{
	struct tally n = { 0, 0, 0 };
	struct json_token t;
	struct slice line;
	int more = 1;

	while (rest.len > 0) {
		slice_cut(&rest, '\n', &line);
		json_begin(j, line);
		while ((more = json_next(j, &t)) > 0)
			n.tokens++;
		n.refused += more < 0;
		n.lines++;
	}
	return n;
}

static void
measure(struct slice text, bool portable, int rounds)
{
	struct json *j = json_new();
	struct tally n = { 0, 0, 0 };
	double best = 0;

	json_portable(portable);
	for (int i = 0; i < rounds; i++) {
		double start = now(), took;

		n = read_lines(j, text);
		took = now() - start;
		if (best == 0 || took < best)
			best = took;
	}
	printf("%-8s %.2f GB/s  %.0f ns a line  %zu lines  %zu tokens  %zu refused\n",
	    portable ? "portable" : "best", (double)text.len / best / 1e9,
	    best * 1e9 / (double)n.lines, n.lines, n.tokens, n.refused);
	json_free(j);
}

int
main(int argc, char **argv)
{
	struct buf b = { 0 };

	if (argc < 2 || argc > 3) {
		fputs("usage: json FILE [ROUNDS]\n", stderr);
		return 2;
	}
	if (read_all(argv[1], &b) != 0 || b.len == 0) {
		fprintf(stderr, "json: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	for (int portable = 0; portable < 2; portable++)
		measure(buf_view(&b), portable, argc > 2 ? atoi(argv[2]) : 5);
	buf_free(&b);
	return 0;
}
