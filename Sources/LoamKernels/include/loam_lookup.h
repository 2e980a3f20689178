// Lookups by 64-bit ID in groups, straight from mapped blocks.
//
//   id ─▶ hash ─▶ shard, word of its directory ─▶ line of the index block ─▶ reference ─▶ row
//                                                 cache line 1                            cache line 2
//
// A lookup is two cache lines far apart, so each step is made for a whole group before the next one: the misses of a
// group are under way together. What a step cannot settle by pointers alone (a block not yet verified, not stored, or
// tagged for another reason) it lists; the caller settles those positions and goes on.
#ifndef LOAM_LOOKUP_H
#define LOAM_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

// The longest group: enough to keep the core's miss buffers full, few enough for its arrays to stay in L1.
#define LOAM_LOOKUP_GROUP 256
// What no ID has: shard << 32 | slot of all ones.
#define LOAM_LOOKUP_NONE UINT64_MAX
#define LOAM_LOOKUP_ABSENT UINT32_MAX

// A word is the address of a block's content with tags in the low three bits; 0 is no block. Words may be changed by
// other threads meanwhile, from unverified to verified.
typedef struct {
  // 2^depth words, one for each prefix of the hash below the shard's 16 bits.
  const uintptr_t *directory;
  // 63 - depth.
  uint32_t shift;
  // Slots in use: 0 ..< slots.
  uint32_t slots;
} loam_lookup_shard;

typedef struct {
  const loam_lookup_shard *shards;
  size_t count;
} loam_lookup_index;

// Which of 64 rows are patched, and the entry of the first of them; those of the others follow.
typedef struct {
  uint64_t bits;
  uint32_t first;
  uint32_t unused;
} loam_patch_word;

// At most so many packs hold rows of one group of blocks.
#define LOAM_PATCH_CHAIN 16

// The patched rows of one shard of a column. Good for a block once its word is verified.
typedef struct {
  // `bitmapWords` a block.
  const loam_patch_word *words;
  // For each patched row: pack << 24 | position of the row in the pack.
  const uint32_t *entries;
  // Where the rows of each pack begin, LOAM_PATCH_CHAIN for each block >> groupShift.
  const void *const *packs;
} loam_patch_overlay;

typedef struct {
  // For each shard the words of its blocks, at least one.
  const uintptr_t *const *blocks;
  // ceil(2^64 / rowsPerBlock), 0 for one row a block.
  uint64_t reciprocal;
  uint32_t rowsPerBlock;
  uint32_t stride;
  // The row of every ID in a block that is not stored; NULL where it depends on the ID.
  const void *initial;
  // For each shard; NULL: no row of the column is patched.
  const loam_patch_overlay *patches;
  uint32_t bitmapWords;
  uint32_t groupShift;
  // A writer's: for each shard a bit a row, set where an update changes it; NULL for readers.
  uint64_t *const *changed;
} loam_lookup_column;

// The steps take at most LOAM_LOOKUP_GROUP IDs; `listed` has room for as many.

// Home lines of the IDs, under way to the cache. Returns how many positions `listed` names: their block is tagged.
size_t loam_lookup_lines(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void **lines, uint32_t *listed);

// References, LOAM_LOOKUP_NONE for IDs that have no row. Returns the first position whose block names a slot that is
// not in use, `count` where none does.
size_t loam_lookup_references(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void *const *lines, uint64_t *references);

// The first reference that is of no row in use, `count` where all are of rows or LOAM_LOOKUP_NONE. Of any length.
size_t loam_lookup_check(const loam_lookup_index *index, const uint64_t *references, size_t count);

// Addresses of rows, under way to the cache; `absent` for LOAM_LOOKUP_NONE. Slots must be in use. Returns how many
// positions `listed` names: their block is tagged or not stored.
size_t loam_lookup_rows(
    const loam_lookup_column *column, const uint64_t *references, size_t count, const void *absent, const void **rows,
    uint32_t *listed);

// What a group wants before its rows may be read.
typedef enum {
  // Nothing.
  loam_lookup_ready,
  // The index blocks of the listed IDs are tagged: to be verified, then the call repeated.
  loam_lookup_unverified,
  // The listed rows lie in blocks that are tagged or not stored; all others are ready.
  loam_lookup_unsettled,
  // The index gives the first listed ID a slot that is not in use.
  loam_lookup_damaged
} loam_lookup_step;

// IDs to addresses of rows in one call, for at most LOAM_LOOKUP_GROUP of them; `absent` for IDs that have no row.
loam_lookup_step loam_lookup_group(
    const loam_lookup_index *index, const loam_lookup_column *column, const uint64_t *ids, size_t count,
    const void *absent, const void **rows, uint32_t *listed, size_t *listedCount);

// IDs of one column among those of others.
typedef struct {
  const loam_lookup_index *index;
  const loam_lookup_column *column;
  const uint64_t *ids;
  size_t count;
  // The row of IDs that have none.
  const void *absent;
} loam_lookup_part;

// Addresses of the rows of all parts, one after the other, for at most LOAM_LOOKUP_GROUP IDs together: their far accesses
// are under way at once. Returns 0 where a block is tagged or not stored, or a slot not in use: the caller takes the steps
// one by one then.
int loam_lookup_parts(const loam_lookup_part *parts, size_t count, const void **rows);

typedef enum { loam_lookup_found, loam_lookup_absent, loam_lookup_listed } loam_lookup_outcome;

// One ID in the shortest way: its row, if found. `listed`: for the caller to settle.
loam_lookup_outcome loam_lookup_one(
    const loam_lookup_index *index, const loam_lookup_column *column, uint64_t id, const void **row);

// Rows one after the other, `stride` bytes each.
void loam_lookup_copy(const void *const *rows, size_t count, size_t stride, void *out);

// The same as f32; `width` elements a row. i8 rows end with their f32 scale.
typedef enum { loam_row_f32, loam_row_f16, loam_row_bf16, loam_row_i8 } loam_row_type;
void loam_lookup_convert(loam_row_type type, const void *const *rows, size_t count, size_t width, float *out);

// out[width] += weights[i] x row i, in the order of rows; weights NULL: 1.
void loam_lookup_add(
    loam_row_type type, const void *const *rows, const float *weights, size_t count, size_t width, float *out);

#endif
