// Rows that patches hold: what the steps of a lookup do where a column has any.
#ifndef LOAM_LOOKUP_PATCH_H
#define LOAM_LOOKUP_PATCH_H

#include "loam_lookup_line.h"

// 1 where the row of a slot is patched. Of a block whose word is verified: others' bits may be half written.
LOAM_INLINE uint64_t patch_bit(
    const loam_lookup_column *column, const loam_patch_overlay *patches, size_t block, size_t row) {
  return word_at((const uintptr_t *)patches->bits, block * column->bitmapWords + row / 64) >> (row % 64) & 1;
}

// The entry of a patched row in its group.
LOAM_INLINE const uint32_t *patch_entry(
    const loam_lookup_column *column, const loam_patch_overlay *patches, size_t block, size_t row) {
  const size_t word = block * column->bitmapWords + row / 64;
  const uint64_t below = patches->bits[word] & ((1ull << row % 64) - 1);
  return patches->groups[block >> column->groupShift].entries + patches->ranks[word] + __builtin_popcountll(below);
}

LOAM_INLINE const void *patch_row(
    const loam_lookup_column *column, const loam_patch_overlay *patches, size_t block, uint32_t entry) {
  const loam_patch_group *group = patches->groups + (block >> column->groupShift);
  return (const char *)group->packs[entry >> 24] + (size_t)(entry & 0xFFFFFF) * column->stride;
}

// A row of a verified block: its own, or the newest patch of it.
LOAM_INLINE const void *patched_or(
    const loam_lookup_column *column, size_t shard, size_t block, size_t row, const void *own) {
  const loam_patch_overlay *patches = column->patches + shard;
  if (!patch_bit(column, patches, block, row)) return own;
  return patch_row(column, patches, block, *patch_entry(column, patches, block, row));
}

// Of a group whose own rows are in `rows` those that are patched: their entries take the rows' place, to be prefetched
// like rows. No word of the group is tagged; a slot that is not below its shard's limit has no row. Returns how many.
LOAM_INLINE size_t patch_entries(
    const loam_lookup_column *column, const uint32_t *slots, const uint16_t *shards,
    const loam_lookup_shard *limits, size_t count, const void **rows, uint16_t *patched) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t inUse = -(uint32_t)(slots[i] < limits[shards[i]].slots);
    const uint32_t slot = slots[i] & inUse;
    const size_t block = row_block(column, slot);
    patched[found] = (uint16_t)i;
    found += patch_bit(column, column->patches + shards[i], block, slot - block * column->rowsPerBlock) & inUse;
  }
  for (size_t p = 0; p < found; p++) {
    const size_t i = patched[p];
    const size_t block = row_block(column, slots[i]);
    rows[i] = patch_entry(column, column->patches + shards[i], block, slots[i] - block * column->rowsPerBlock);
  }
  return found;
}

// The rows that the entries name, under way to the cache.
LOAM_INLINE void patch_rows(
    const loam_lookup_column *column, const uint32_t *slots, const uint16_t *shards, const uint16_t *patched,
    size_t count, const void **rows) {
  for (size_t p = 0; p < count; p++) {
    const size_t i = patched[p];
    rows[i] =
        patch_row(column, column->patches + shards[i], row_block(column, slots[i]), *(const uint32_t *)rows[i]);
  }
  for (size_t p = 0; p < count; p++) __builtin_prefetch(rows[patched[p]]);
}

#endif
