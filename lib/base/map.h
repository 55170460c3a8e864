/*
 * map - byte strings to small integers, in the order they came.
 *
 * The key added as the i-th (from 0) has the number i, so an array beside the map holds the
 * values.  Hashing is seeded per process: hostile keys cannot be chosen to collide.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdint.h>

#include "base/slice.h"

enum { MAP_NONE = UINT32_MAX };

struct map; /* opaque; not for concurrent writers */

struct map *map_new(void);

/* The number of key, or MAP_NONE. */
uint32_t map_find(const struct map *m, struct slice key);

/*
 * map_add(m, key, added):
 * The number of key, which is copied into m if it is new.  *added (may be NULL) says whether.
 */
uint32_t map_add(struct map *m, struct slice key, bool *added);

/* The key with number i < map_count(m); lives as long as m. */
struct slice map_key(const struct map *m, uint32_t i);

uint32_t map_count(const struct map *m);

/* Forget all keys and keep the memory. */
void map_clear(struct map *m);

/* Accepts NULL. */
void map_free(struct map *m);

/* map_hash(s): the seeded 64-bit hash that maps use; differs from process to process. */
uint64_t map_hash(struct slice s);

#endif
