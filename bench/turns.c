/*
 * turns - time commands in turn: A B C, A B C, ...
 *
 * Reads "NAME<TAB>COMMAND" lines and runs each with sh, ROUNDS times, in turn, so that whatever else
 * the machine does hits all of them alike; stdout goes to /dev/null.  Prints for each the median and the
 * least wall time, the median processor time, the peak resident memory of its largest process, and
 * the ratio of the first command's wall time to its own, the median over the rounds: above 1 the first is slower.
 *
 * With --lines FILE the commands run all the while, and a round is 20 lines of FILE, of which each is
 * written when the one before has come back whole: what a peer that waits for its answer waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/tool.h"

enum { ROUNDS_MAX = 99, COMMANDS_MAX = 32, LINES = 20 };

struct command {
	char *name, *line;
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX], ratio[ROUNDS_MAX];
	long peak; /* KiB */
	pid_t pid;
	int in, out; /* with --lines: its stdin and stdout */
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

/* With --lines: the command, running behind two pipes. */
static void
begin_one(struct command *c)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1 ||
	    (c->pid = fork()) == -1)
		die("cannot run a command: %s", strerror(errno));
	if (c->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", c->line, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
}

/* One line there and back. */
static void
ask(struct command *c, struct slice line)
{
	char answer[LINES_MAX];
	size_t got = 0;

	if (file_write(c->in, line) == -1)
		die("%s: %s", c->name, strerror(errno));
	while (got < line.len) {
		ssize_t n = read(c->out, answer, sizeof answer);

		if (n <= 0)
			die("%s: it ended before its time", c->name);
		got += (size_t)n;
	}
}

static void
run_lines(struct command *c, unsigned round, struct slice *rest)
{
	double start = now();
	struct slice line;

	for (unsigned i = 0; i < LINES && slice_cut(rest, '\n', &line); i++)
		ask(c, (struct slice){ line.p, line.len + 1 });
	c->wall[round] = now() - start;
}

static void
end_one(struct command *c, unsigned rounds)
{
	struct rusage usage;
	int status;

	close(c->in);
	close(c->out);
	if (wait4(c->pid, &status, 0, &usage) == -1)
		die("cannot wait for a command: %s", strerror(errno));
	for (unsigned r = 0; r < rounds; r++)
		c->cpu[r] = (seconds(usage.ru_utime) + seconds(usage.ru_stime)) / rounds;
	c->peak = usage.ru_maxrss;
	c->failed += status != 0;
}

/* A round before the first is not timed: what is done once at the start is no matter of a line. */
static void
take_lines(struct command *c, size_t n, unsigned rounds, const char *file)
{
	struct buf text = { 0 };
	struct slice rest;

	if (file_load(file, 1 << 30, &text) == -1)
		die("%s: %s", file, strerror(errno));
	rest = buf_view(&text);
	for (size_t i = 0; i < n; i++)
		begin_one(&c[i]);
	for (unsigned round = 0; round <= rounds; round++) {
		struct slice these = rest;

		for (size_t i = 0; i < n; i++) {
			these = rest;
			run_lines(&c[i], round == 0 ? 0 : round - 1, &these);
		}
		if (these.len == 0)
			die("%s: too few lines, %d a round and one round more are due", file,
			    LINES);
		rest = these;
	}
	for (size_t i = 0; i < n; i++)
		end_one(&c[i], rounds);
	buf_free(&text);
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

static const struct tool_option options[] = {
	{ 'r', "rounds", "N", "how often (5)" },
	{ 'l', "lines", "FILE",
	    "write lines of FILE to them, each when the one before is back" },
	TOOL_OPTIONS,
};

static const struct tool turns_tool = { .name = "turns",
	.summary = "time commands in turn",
	.operands = "<COMMANDS",
	.options = options };

/* Run all in turn and report; the number of runs that failed. */
static int
take_turns(struct command *c, size_t n, unsigned rounds, const char *lines)
{
	struct out out;
	int failed = 0;

	if (lines != NULL)
		take_lines(c, n, rounds, lines);
	for (unsigned round = 0; round < rounds && lines == NULL; round++)
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
	const char *lines = NULL;
	uint64_t rounds = 5;
	size_t n;
	int opt, failed;

	tool_start(&turns_tool);
	while ((opt = tool_next(argc, argv, options)) != -1)
		if (opt == 'l')
			lines = optarg;
		else
			rounds = tool_number("--rounds", optarg, ROUNDS_MAX);
	if (rounds == 0 || optind != argc)
		die_usage("at least one round, and no operand");
	n = commands_get(c);
	failed = take_turns(c, n, (unsigned)rounds, lines);
	commands_free(c, n);
	return tool_end(failed != 0 ? TOOL_TROUBLE : TOOL_OK);
}
