#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static void
grow(struct buf *b, size_t cap)
{
	if (!b->secret) {
		b->p = xrealloc(b->p, cap, 1);
	} else {
		char *p = xmalloc(cap);

		if (b->len > 0)
			memcpy(p, b->p, b->len);
		xfreezero(b->p, b->cap);
		b->p = p;
	}
	b->cap = cap;
}

char *
buf_grow(struct buf *b, size_t more)
{
	size_t need, cap = b->cap < 64 ? 64 : b->cap;

	if (__builtin_add_overflow(b->len, more, &need))
		need = SIZE_MAX; /* grow() ends the process */
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap > b->cap || b->p == NULL)
		grow(b, cap);
	return b->p + b->len;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0) {
		buf_reserve(b, (size_t)n + 1);
		vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
buf_u64(struct buf *b, unsigned long long v)
{
	char digits[20], *p = digits + sizeof digits;

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	buf_add(b, p, (size_t)(digits + sizeof digits - p));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *
buf_cstr(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->p;
}

void
buf_reset(struct buf *b)
{
	if (b->secret && b->p != NULL)
		explicit_bzero(b->p, b->cap);
	b->len = 0;
}

void
buf_free(struct buf *b)
{
	if (b->secret)
		xfreezero(b->p, b->cap);
	else
		free(b->p);
	b->p = NULL;
	b->len = b->cap = 0;
}
