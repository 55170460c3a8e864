#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/tool.h"

/* One terminal, one line: process-wide, and touched by the reading thread only. */
static struct {
	bool on, forced, shown;
	uint64_t total, done;
	int64_t start, last; /* ns, CLOCK_MONOTONIC */
} bar;

static int64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * (int64_t)1000000000 + ts.tv_nsec;
}

static void
clear(void)
{
	if (bar.shown)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	bar.shown = false;
}

void
progress_start(uint64_t total, bool force)
{
	bar.forced = force;
	bar.on = force || (isatty(STDERR_FILENO) == 1 && !tool_quiet());
	bar.total = total;
	bar.done = 0;
	bar.start = bar.last = clock_ns();
	if (bar.on)
		tool_on_message(clear);
}

static void
show(int64_t now)
{
	double seconds = (double)(now - bar.start) / 1e9;
	double rate = seconds > 0 ? (double)bar.done / seconds : 0;
	char text[128];
	int n = snprintf(text, sizeof text, "\r\033[K%.1f MB  %.1f MB/s",
	    (double)bar.done / 1e6, rate / 1e6);

	if (bar.total > bar.done && rate > 0)
		n += snprintf(text + n, sizeof text - (size_t)n, "  %d %%  %.0f s left",
		    (int)(100.0 * (double)bar.done / (double)bar.total),
		    (double)(bar.total - bar.done) / rate);
	(void)!write(STDERR_FILENO, text, (size_t)n);
	bar.shown = true;
}

void
progress_add(uint64_t bytes)
{
	int64_t now;

	bar.done += bytes;
	if (!bar.on)
		return;
	now = clock_ns();
	if (now - bar.last < 100000000 || (now - bar.start < 1000000000 && !bar.forced))
		return;
	bar.last = now;
	show(now);
}

void
progress_end(void)
{
	if (bar.on && bar.forced)
		show(clock_ns());
	clear();
	if (bar.on)
		tool_on_message(NULL);
	bar.on = false;
}
