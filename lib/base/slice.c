#include "base/slice.h"

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

bool
slice_cut(struct slice *rest, char sep, struct slice *part)
{
	const char *at = rest->len == 0 ? NULL : memchr(rest->p, sep, rest->len);

	*part = *rest;
	if (at == NULL) {
		*rest = (struct slice){ NULL, 0 };
		return false;
	}
	part->len = (size_t)(at - rest->p);
	rest->p = at + 1;
	rest->len -= part->len + 1;
	return true;
}

int
slice_u64(struct slice s, unsigned long long max, unsigned long long *value)
{
	unsigned long long v = 0;

	if (s.len == 0 || (s.len > 1 && s.p[0] == '0'))
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		if (__builtin_mul_overflow(v, 10ULL, &v) ||
		    __builtin_add_overflow(v, (unsigned long long)(s.p[i] - '0'), &v))
			return -1;
	}
	if (v > max)
		return -1;
	*value = v;
	return 0;
}
