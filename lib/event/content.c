#include "event/content.h"

static const char *const words[] = { "prompt", "response", "completion", "text", "note",
	"content", "message", "input", "output", "body", "query", "question", "answer",
	"transcript", "utterance", "narrative" };

enum shape { OTHER, SMALL, CAPITAL };

/* Bytes outside ASCII count as small letters: they join, they do not split. */
static enum shape
shape(char c)
{
	if (c >= 'A' && c <= 'Z')
		return CAPITAL;
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80 ? SMALL : OTHER;
}

/*
 * May a word begin or end before key.p[at]?  Yes where letters meet something else, where case
 * changes, and before the last of several capitals that goes on in small letters ("HTTP Body").
 * So the one capital of "Prompt" has an edge behind it; words are looked for between any two.
 */
static bool
edge(struct slice key, size_t at)
{
	enum shape before, after;

	if (at == 0 || at >= key.len)
		return at == 0 || at == key.len;
	before = shape(key.p[at - 1]);
	after = shape(key.p[at]);
	if (before != after)
		return true;
	return after == CAPITAL && at + 1 < key.len && shape(key.p[at + 1]) == SMALL;
}

/* Does key go on at at with ending, in letters of any case, and then end or come to an edge? */
static bool
ends_with(struct slice key, size_t at, const char *ending)
{
	for (; *ending != '\0'; at++, ending++)
		if (at == key.len || (key.p[at] | 0x20) != *ending || shape(key.p[at]) == OTHER)
			return false;
	return edge(key, at);
}

/* Does word, or with plurals its plural, stand at at as a whole? */
static bool
word_at(struct slice key, size_t at, const char *word, bool plurals)
{
	size_t len = strlen(word), stem = len - 1;

	for (size_t i = 0; i < stem; i++)
		if (at + i >= key.len || (key.p[at + i] | 0x20) != word[i] ||
		    shape(key.p[at + i]) == OTHER)
			return false;
	if (ends_with(key, at + stem, word + stem))
		return true;
	if (!plurals)
		return false;
	return ends_with(key, at + stem, (char[]){ word[stem], 's', '\0' }) ||
	    (word[stem] == 'y' && ends_with(key, at + stem, "ies"));
}

bool
key_has_word(struct slice key, const char *const *listed, size_t n, bool plurals)
{
	for (size_t at = 0; at < key.len; at++) {
		if (!edge(key, at))
			continue;
		for (size_t i = 0; i < n; i++)
			if (word_at(key, at, listed[i], plurals))
				return true;
	}
	return false;
}

bool
content_key(struct slice key)
{
	return key_has_word(key, words, sizeof words / sizeof words[0], true);
}
