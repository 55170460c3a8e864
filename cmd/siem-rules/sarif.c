/* Findings as SARIF 2.1.0 (OASIS), which forges show beside the lines of a change. */
#include "sarif.h"

#include "sigma/finding_kind.h"
#include "term/style.h"
#include "json/write.h"

static const char *const levels[] = { "warning", "error" };

/* A member whose value is a text. */
static void
put_member(struct buf *b, const char *name, struct slice text)
{
	struct buf clean = { 0 };

	buf_printf(b, "\"%s\": ", name);
	style_clean(&clean, text);
	json_put_string(b, buf_view(&clean), JSON_UTF8);
	buf_free(&clean);
}

static void
put_text_member(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "\"%s\": {", name);
	put_member(b, "text", slice_of(text));
	buf_byte(b, '}');
}

/* A path as a URI reference (RFC 3986): all but unreserved characters and '/' as %XX. */
static void
put_uri(struct buf *b, const char *path)
{
	buf_str(b, "\"uri\": \"");
	/* A ':' in the first part would make it a scheme; it is encoded too. */
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
		    strchr("-._~/", c) != NULL)
			buf_byte(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
	buf_byte(b, '"');
}

void
sarif_begin(struct out *out)
{
	struct buf b = { 0 };

	buf_str(&b,
	    "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", "
	    "\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {"
	    "\"name\": \"siem-rules\", \"version\": \"" VERSION "\", \"rules\": [");
	for (int i = 0; finding_kinds[i].id != NULL; i++) {
		const struct finding_kind *k = &finding_kinds[i];

		buf_str(&b, i == 0 ? "\n  {" : ",\n  {");
		put_member(&b, "id", slice_of(k->id));
		buf_str(&b, ", ");
		put_text_member(&b, "shortDescription", k->text);
		buf_str(&b, ", ");
		put_text_member(&b, "help", k->mend);
		buf_printf(&b, ", \"defaultConfiguration\": {\"level\": \"%s\"}}",
		    levels[k->severity]);
	}
	buf_str(&b, "]}}, \"columnKind\": \"unicodeCodePoints\", \"results\": [");
	out_put(out, buf_view(&b));
	buf_free(&b);
}

void
sarif_put(struct out *out, const char *file, const struct finding *x, bool first)
{
	struct buf b = { 0 };
	int kind = finding_kind(x->id);

	buf_str(&b, first ? "\n  {" : ",\n  {");
	put_member(&b, "ruleId", slice_of(x->id));
	if (kind >= 0)
		buf_printf(&b, ", \"ruleIndex\": %d", kind);
	buf_printf(&b, ", \"level\": \"%s\", ", levels[x->severity]);
	put_text_member(&b, "message", x->text);
	buf_str(&b, ", \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {");
	put_uri(&b, file);
	buf_printf(&b, "}, \"region\": {\"startLine\": %u, \"startColumn\": %u}}}]}",
	    x->at.line, x->at.column);
	out_put(out, buf_view(&b));
	buf_free(&b);
}

void
sarif_end(struct out *out)
{
	out_str(out, "]}]}\n");
}
