#include "log/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "log/appender.h"
#include "log/place.h"

static int
fault_at(struct log_fault *fault, const char *rule, const char *file)
{
	*fault = (struct log_fault){ rule, file, errno };
	return -1;
}

int
sealed_open(
    const char *path, const struct buf *message, struct sealed *s, struct log_fault *fault)
{
	struct diag d = { NULL, 0 };

	memset(s, 0, sizeof *s);
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir == -1)
		return fault_at(fault, "system", ".");
	if (message != NULL)
		buf_slice(&s->message, buf_view(message));
	else if (append_read_tree(s->dir, "checkpoint", &s->message) == -1)
		return fault_at(
		    fault, errno == ENOENT ? "head-missing" : "system", "checkpoint");
	errno = 0;
	if (head_get(buf_view(&s->message), &s->head, &d) == -1)
		return fault_at(fault, d.rule, "checkpoint");
	s->tree.size = s->head.cp.size;
	s->tree.tiles = tiles_open(s->dir, s->tree.size, &s->head.cp.root);
	return 0;
}

void
sealed_close(struct sealed *s)
{
	tiles_free(s->tree.tiles);
	head_free(&s->head);
	buf_free(&s->message);
	if (s->dir > 0)
		place_close(s->dir);
	memset(s, 0, sizeof *s);
}

int
sealed_find(struct sealed *s, const struct hash *leaf, uint64_t from, uint64_t *index,
    enum tile_state *state)
{
	struct hash hashes[TILE_WIDTH];

	for (uint64_t i = from / TILE_WIDTH; i * TILE_WIDTH < s->tree.size; i++) {
		unsigned width = tile_width(s->tree.size, 0, i);
		struct tile_name name = { 0, i, width };

		*state = tile_read(s->dir, name, hashes);
		if (*state != TILE_GOOD) {
			s->tree.bad = name;
			return -1;
		}
		for (unsigned k = 0; k < width; k++) {
			*index = i * TILE_WIDTH + k;
			if (*index >= from && hash_eq(&hashes[k], leaf))
				return 1;
		}
	}
	return 0;
}
