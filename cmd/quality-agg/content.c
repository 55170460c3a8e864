#include "content.h"

#include "event/content.h"

static const char *const words[] = { "prompt", "response", "completion", "text", "note",
	"content", "messages", "input", "output", "body", "query" };

bool
log_content_key(struct slice key)
{
	return key_has_word(key, words, sizeof words / sizeof words[0], false);
}
