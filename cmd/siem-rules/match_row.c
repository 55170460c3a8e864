#include "match_row.h"

#include "base/utf8.h"
#include "json/write.h"

/* A name may be any bytes: what is no UTF-8 becomes U+FFFD. */
static void
put_name(struct buf *b, const char *path)
{
	struct slice name = slice_of(tool_file(path));
	struct buf clean = { 0 };
	const char *p = name.p, *end = name.p + name.len;

	while (p < end) {
		unsigned n = utf8_get(p, end, NULL);

		if (n == 0)
			buf_str(&clean, "\xEF\xBF\xBD");
		else
			buf_add(&clean, p, n);
		p += n == 0 ? 1 : n;
	}
	json_put_string(b, buf_view(&clean), JSON_UTF8);
	buf_free(&clean);
}

/* The file that a line is in. */
static unsigned
file_of(const struct origin *o, uint64_t line)
{
	unsigned low = 0, high = o->count;

	while (high - low > 1) {
		unsigned mid = (low + high) / 2;

		if (o->first[mid] < line)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static void
put_number(struct buf *b, const struct origin *o, uint64_t line)
{
	buf_u64(b, line - o->first[file_of(o, line)]);
}

static void
put_file(struct buf *b, const struct origin *o, uint64_t line)
{
	if (o->count < 2)
		return;
	buf_str(b, ", \"file\": ");
	put_name(b, o->files[file_of(o, line)]);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

void
row_put_line(struct buf *b, struct slice line)
{
	while (line.len > 0 && is_blank(line.p[0])) {
		line.p++;
		line.len--;
	}
	while (line.len > 0 && is_blank(line.p[line.len - 1]))
		line.len--;
	buf_str(b, ", \"event\": ");
	buf_slice(b, line);
}

void
row_put_event(struct buf *b, const struct running *r, const struct origin *o, uint64_t line,
    struct slice tail)
{
	buf_slice(b, buf_view(&r->head));
	buf_str(b, ", \"lines\": [");
	put_number(b, o, line);
	buf_byte(b, ']');
	put_file(b, o, line);
	buf_slice(b, tail);
	buf_str(b, "}\n");
}

static void
put_lines(struct buf *b, const struct origin *o, const struct window_found *f)
{
	buf_str(b, ", \"lines\": [");
	for (size_t i = 0; i < f->line_count; i++) {
		if (i > 0)
			buf_str(b, ", ");
		put_number(b, o, f->lines[i]);
	}
	buf_byte(b, ']');
}

static void
put_files(struct buf *b, const struct origin *o, const struct window_found *f)
{
	if (o->count < 2)
		return;
	buf_str(b, ", \"files\": [");
	for (size_t i = 0; i < f->line_count; i++) {
		if (i > 0)
			buf_str(b, ", ");
		put_name(b, o->files[file_of(o, f->lines[i])]);
	}
	buf_byte(b, ']');
}

static const char *const types[] = { "event_count", "value_count", "temporal",
	"temporal_ordered", "value_sum", "value_avg", "value_percentile" };

void
row_put_window(struct buf *b, const struct running *r, const struct origin *o,
    const struct window_found *f, uint64_t line, struct slice event, bool explain)
{
	buf_slice(b, buf_view(&r->head));
	put_lines(b, o, f);
	put_file(b, o, line);
	put_files(b, o, f);
	buf_str(b, ", \"window\": [\"");
	instant_put(b, f->start, f->digits);
	buf_str(b, "\", \"");
	instant_put(b, f->end, f->digits);
	buf_str(b, "\"], \"group\": ");
	buf_slice(b, f->group);
	buf_str(b, ", \"count\": ");
	buf_slice(b, f->count);
	if (explain) {
		buf_printf(b,
		    ", \"held\": true, \"explain\": {\"op\": \"%s\", \"held\": true, \"of\": [",
		    types[r->rule->correlation->type]);
		buf_slice(b, f->note);
		buf_str(b, "]}");
	}
	if (event.p != NULL)
		row_put_line(b, event);
	buf_str(b, "}\n");
}
