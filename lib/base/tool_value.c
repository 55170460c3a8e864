/* Values of options (base/tool.h). */
#include <sched.h>

#include "base/tool.h"

uint64_t
tool_number(const char *option, const char *text, uint64_t max)
{
	struct slice s = slice_of(text);
	unsigned long long v, unit = 1;

	if (s.len > 1 && (s.p[s.len - 1] == 'K' || s.p[s.len - 1] == 'M')) {
		unit = s.p[s.len - 1] == 'K' ? 1024 : 1024 * 1024;
		s.len--;
	}
	if (slice_u64(s, max / unit, &v) == -1)
		die_usage("option --%s: not a number from 0 to %llu", option,
		    (unsigned long long)max);
	return v * unit;
}

unsigned
tool_jobs(const char *text)
{
	unsigned long long v;

	if (slice_u64(slice_of(text), 256, &v) == -1 || v == 0)
		die_usage("option --jobs: not a number from 1 to 256");
	return (unsigned)v;
}

unsigned
tool_cores(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : n > 256 ? 256 : (unsigned)n;
}
