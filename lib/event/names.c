#include "event/names.h"

#include <assert.h>

void
names_add(struct names *n, struct name name)
{
	assert(n->count < NAMES_MAX);
	n->name[n->count++] = name;
}

void
names_restart(struct names *n)
{
	n->last = NAMES_MAX;
}

const struct name *
names_find(struct names *n, struct slice key)
{
	unsigned i = n->next[n->last];

	if (i >= n->count || !slice_eq(n->name[i].key, key)) {
		for (i = 0; i < n->count; i++)
			if (slice_eq(n->name[i].key, key))
				break;
		if (i == n->count)
			return NULL;
		n->next[n->last] = (unsigned char)i;
	}
	n->last = i;
	return &n->name[i];
}
