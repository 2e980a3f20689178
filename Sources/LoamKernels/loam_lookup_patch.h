// Rows that patches hold: what the steps of a lookup do where a column has any.
#ifndef LOAM_LOOKUP_PATCH_H
#define LOAM_LOOKUP_PATCH_H

#include "loam_lookup_line.h"

LOAM_INLINE const loam_patch_word *patch_word(
    const loam_lookup_column *column, size_t shard, size_t block, size_t row) {
  return column->patches[shard].words + block * column->bitmapWords + row / 64;
}

// 1 where the row is patched. Of a block whose word is verified: others' bits may be half written.
LOAM_INLINE uint64_t patch_bit(const loam_patch_word *word, size_t row) {
  return __atomic_load_n(&word->bits, __ATOMIC_RELAXED) >> (row % 64) & 1;
}

// The entry of a patched row.
LOAM_INLINE const uint32_t *patch_entry(
    const loam_lookup_column *column, size_t shard, const loam_patch_word *word, size_t row) {
  const uint64_t below = word->bits & ((1ull << row % 64) - 1);
  return column->patches[shard].entries + word->first + __builtin_popcountll(below);
}

LOAM_INLINE const void *patch_row(const loam_lookup_column *column, size_t shard, size_t block, uint32_t entry) {
  const void *const *packs = column->patches[shard].packs + (block >> column->groupShift) * LOAM_PATCH_CHAIN;
  return (const char *)packs[entry >> 24] + (size_t)(entry & 0xFFFFFF) * column->stride;
}

// A row of a verified block: its own, or the newest patch of it.
LOAM_INLINE const void *patched_or(
    const loam_lookup_column *column, size_t shard, size_t block, size_t row, const void *own) {
  const loam_patch_word *word = patch_word(column, shard, block, row);
  if (!patch_bit(word, row)) return own;
  return patch_row(column, shard, block, *patch_entry(column, shard, word, row));
}

#endif
