/*
 * buf - owned, growing bytes.
 *
 * A zeroed struct buf is an empty buffer.  All calls that add cannot fail (see base/mem.h).
 * A buffer whose secret is set wipes every copy it leaves behind as it grows, resets or goes.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/slice.h"

struct buf {
	char *p; /* len bytes in use of cap */
	size_t len, cap;
	bool secret;
};

/* What buf_reserve does when there is no room. */
char *buf_grow(struct buf *b, size_t more) __attribute__((cold));

/* Make room for more bytes beyond len.  Returns where they go; add to b->len what is used. */
static inline char *
buf_reserve(struct buf *b, size_t more)
{
	if (b->p == NULL || more > b->cap - b->len)
		return buf_grow(b, more);
	return b->p + b->len;
}

static inline void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_reserve(b, len), p, len);
	b->len += len;
}

static inline void
buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.len);
}

void buf_str(struct buf *b, const char *s);
void buf_u64(struct buf *b, unsigned long long v); /* in decimal */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static inline void
buf_byte(struct buf *b, char c)
{
	if (b->len == b->cap)
		buf_reserve(b, 1);
	b->p[b->len++] = c;
}

/* The bytes, borrowed until the next change of b. */
static inline struct slice
buf_view(const struct buf *b)
{
	return (struct slice){ b->p, b->len };
}

/* The bytes as a C string, borrowed; a NUL is kept behind them and not counted. */
const char *buf_cstr(struct buf *b);

/* Empty b and keep its memory. */
void buf_reset(struct buf *b);

/* Give the memory back; b is empty and usable again. */
void buf_free(struct buf *b);

#endif
