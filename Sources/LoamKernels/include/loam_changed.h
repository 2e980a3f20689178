// What a writer does with the rows that it marked as changed: hashes for roots, copies for patches.
//
//   marks of a block ─▶ addresses of a group of rows ─▶ those that differ ─▶ their hashes
//                       new bytes, old ones, ID: three cache lines far apart
#ifndef LOAM_CHANGED_H
#define LOAM_CHANGED_H

#include <stddef.h>
#include <stdint.h>

#include "loam_hash.h"
#include "loam_lookup.h"

// Rows of a group: few enough for the first-level cache to hold their lines.
#define LOAM_CHANGED_GROUP 128

// A block of a column as it is now and as the snapshot has it.
typedef struct {
  // A bit a row.
  const uint64_t *marks;
  // Its rows now.
  const void *rows;
  // The snapshot's rows without patches, so many of them; NULL where it has none.
  const void *oldRows;
  size_t oldCount;
  // The snapshot's patches: the words of this block and the packs of its group. `words` NULL: no row of its column is
  // patched.
  const loam_patch_word *words;
  const uint32_t *entries;
  const void *const *packs;
  size_t stride;
} loam_changed_block;

typedef struct {
  const char *rows[LOAM_CHANGED_GROUP];
  // NULL where the snapshot has no such row.
  const char *oldRows[LOAM_CHANGED_GROUP];
  const uint64_t *ids[LOAM_CHANGED_GROUP];
  size_t count;
} loam_changed_group;

// Adds the marked rows among `first ..< end` of a block to a group; `ids`: those of the block's rows. Returns the row
// to go on from when the group was full, `end` if all were added.
size_t loam_changed_collect(
    const loam_changed_block *block, size_t first, size_t end, const uint64_t *ids, loam_changed_group *group);

// What is known of a column's initial rows without computing them.
typedef struct {
  // All are zeros.
  int areZeros;
  // Of a row's first element, an f32: it lies between scale x bounds[k] and scale x bounds[k + 1], where k is the top
  // eight of its random bits. 257 of them; NULL where nothing is known.
  const double *bounds;
  double scale;
  uint64_t stream, generationOffset;
} loam_initial_rows;

// Where the random bits of an ID's row come from, and those of its first element.
static inline uint64_t loam_initial_key(const loam_initial_rows *initial, uint64_t id) {
  return loam_mix64(initial->stream ^ loam_mix64(id + initial->generationOffset));
}

// A row that may be the initial one of its ID.
typedef struct {
  uint64_t id;
  const void *row;
  int isOld;
} loam_possibly_initial;

// What the rows of a group that differ from the snapshot's add to a root: the hashes of their new bytes less those of
// their old ones', modulo 2^128. Initial rows count nothing: those that may be one are `listed`, at most two for each
// row of the group, and not counted.
//
// - next: the group whose rows are on their way to the cache meanwhile; may be NULL.
loam_hash128 loam_changed_sum(
    const loam_changed_group *group, const loam_changed_group *next, size_t stride, uint64_t salt,
    const loam_initial_rows *initial, loam_possibly_initial *listed, size_t *listedCount);

// The marked rows of a block on their way to the cache.
void loam_changed_prefetch(const uint64_t *marks, size_t words, const void *rows, size_t stride);

// Copies them one after the other; returns the end of what was written.
void *loam_changed_copy(const uint64_t *marks, size_t words, const void *rows, size_t stride, void *out);

#endif
