/*
 * turns - time commands in turn: A B C, A B C, ...
 *
 * Reads "NAME<TAB>COMMAND" lines and runs each with sh, ROUNDS times, in turn, so that whatever else
 * the machine does hits all of them alike; stdout goes to /dev/null.  Prints for each the median and the
 * least wall time, the median processor time, the peak resident memory of its largest process, and
 * the ratio of the first command's wall time to its own, the median over the rounds: above 1 the first is slower.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/tool.h"

enum { ROUNDS_MAX = 99, COMMANDS_MAX = 32 };

struct command {
	char *name, *line;
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX], ratio[ROUNDS_MAX];
	long peak; /* KiB */
	int failed;
};

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void
become(const char *line)
{
	int null = open("/dev/null", O_WRONLY);

	if (null != -1)
		dup2(null, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(127);
}

static void
run(struct command *c, unsigned round)
{
	struct rusage usage;
	double begin = now();
	int status;
	pid_t pid = fork();

	if (pid == 0)
		become(c->line);
	if (pid == -1 || wait4(pid, &status, 0, &usage) == -1)
		die("cannot run a command: %s", strerror(errno));
	c->wall[round] = now() - begin;
	c->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	if (usage.ru_maxrss > c->peak)
		c->peak = usage.ru_maxrss;
	c->failed += status != 0;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts v. */
static double
median(double *v, unsigned n)
{
	qsort(v, n, sizeof *v, compare);
	return n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void
report(struct out *out, struct command *c, size_t n, unsigned rounds)
{
	out_printf(out, "%-34s %9s %9s %9s %9s %7s\n", "", "median s", "least s", "cpu s",
	    "peak MiB", "ratio");
	for (size_t i = 0; i < n; i++)
		for (unsigned r = 0; r < rounds; r++)
			c[i].ratio[r] = c[0].wall[r] / c[i].wall[r];
	for (size_t i = 0; i < n; i++) {
		double wall = median(c[i].wall, rounds);

		out_printf(out, "%-34s %9.3f %9.3f %9.3f %9.1f %7.3f%s\n", c[i].name, wall,
		    c[i].wall[0], median(c[i].cpu, rounds), (double)c[i].peak / 1024,
		    median(c[i].ratio, rounds), c[i].failed != 0 ? "  FAILED" : "");
	}
}

/* Read the commands from stdin; returns how many. */
static size_t
commands_get(struct command *c)
{
	struct lines *in = lines_open(STDIN_FILENO, LINES_MAX, true);
	struct line line;
	struct slice name;
	size_t n = 0;

	while (lines_next(in, &line) == 1) {
		if (n == COMMANDS_MAX || !slice_cut(&line.text, '\t', &name))
			die("NAME<TAB>COMMAND lines are due, %d at most", COMMANDS_MAX);
		c[n].name = xstrndup(name.p, name.len);
		c[n++].line = xstrndup(line.text.p, line.text.len);
	}
	lines_free(in);
	return n;
}

static void
commands_free(struct command *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(c[i].name);
		free(c[i].line);
	}
	free(c);
}

static const struct tool_option options[] = { { 'r', "rounds", "N", "how often (5)" },
	TOOL_OPTIONS };

static const struct tool turns_tool = { .name = "turns",
	.summary = "time commands in turn",
	.operands = "<COMMANDS",
	.options = options };

/* Run all in turn and report; the number of runs that failed. */
static int
take_turns(struct command *c, size_t n, unsigned rounds)
{
	struct out out;
	int failed = 0;

	for (unsigned round = 0; round < rounds; round++)
		for (size_t i = 0; i < n; i++)
			run(&c[i], round);
	for (size_t i = 0; i < n; i++)
		failed += c[i].failed;
	if (out_open(&out, NULL) == -1)
		die("cannot write: %s", strerror(errno));
	report(&out, c, n, rounds);
	if (out_close(&out, true) == -1)
		die("cannot write: %s", strerror(errno));
	return failed;
}

int
main(int argc, char **argv)
{
	struct command *c = xzalloc(COMMANDS_MAX, sizeof *c);
	uint64_t rounds = 5;
	size_t n;
	int opt, failed;

	tool_start(&turns_tool);
	while ((opt = tool_next(argc, argv, options)) != -1)
		rounds = tool_number("--rounds", optarg, ROUNDS_MAX);
	if (rounds == 0 || optind != argc)
		die_usage("at least one round, and no operand");
	n = commands_get(c);
	failed = take_turns(c, n, (unsigned)rounds);
	commands_free(c, n);
	return tool_end(failed != 0 ? TOOL_TROUBLE : TOOL_OK);
}
