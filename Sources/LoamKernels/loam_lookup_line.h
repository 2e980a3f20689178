// The index as bytes: what the steps of a lookup share.
#ifndef LOAM_LOOKUP_LINE_H
#define LOAM_LOOKUP_LINE_H

#include "loam_clones.h"
#include "loam_hash.h"
#include "loam_lookup.h"

// The line of LoamStore/IDTable/IndexBlock.swift, which says what may be relied on.
typedef struct {
  uint64_t ids[5];
  uint32_t slots[5];
  uint32_t meta;
} line;

enum { linesPerBlock = 63, overflow = 0x100, tags = 7, cacheLine = 64, prefetchedMax = 8 };

// Words change from unverified to verified under readers; what they point at does not. Where a block's patches lie was
// written before.
LOAM_INLINE uintptr_t word_at(const uintptr_t *words, size_t index) {
  return __atomic_load_n(words + index, __ATOMIC_ACQUIRE);
}

LOAM_INLINE size_t shard_of(uint64_t hash, size_t count) { return (size_t)((hash >> 48) * count >> 16); }

LOAM_INLINE size_t home_of(uint64_t hash) { return (size_t)((hash & 0x3FFFFFF) * linesPerBlock >> 26); }

// Two shifts, since one by 64 (depth 0) would be no shift.
LOAM_INLINE uintptr_t block_of(const loam_lookup_shard *shard, uint64_t hash) {
  return word_at(shard->directory, (size_t)(hash << 16 >> 1 >> shard->shift));
}

// The first entry wins. One bit an entry instead of a choice an entry: which of the five it is cannot be predicted.
LOAM_INLINE uint32_t match(const line *at, uint64_t id) {
  const uint32_t equal = (uint32_t)(at->ids[0] == id) | (uint32_t)(at->ids[1] == id) << 1 |
      (uint32_t)(at->ids[2] == id) << 2 | (uint32_t)(at->ids[3] == id) << 3 | (uint32_t)(at->ids[4] == id) << 4;
  const uint32_t slot = at->slots[__builtin_ctz(equal | 1u << 4)];
  return slot | (equal ? 0 : LOAM_LOOKUP_ABSENT);
}

// An ID that its full home line does not hold.
static inline uint32_t match_further(const line *home, uint64_t id, size_t number) {
  const line *block = home - number;
  for (size_t step = 1; step < linesPerBlock; step++) {
    number = number + 1 == linesPerBlock ? 0 : number + 1;
    const line *at = block + number;
    const uint32_t slot = match(at, id);
    if (slot != LOAM_LOOKUP_ABSENT || !(at->meta & overflow)) return slot;
  }
  return LOAM_LOOKUP_ABSENT;
}

LOAM_INLINE size_t row_block(const loam_lookup_column *column, uint32_t slot) {
  return column->reciprocal ? (size_t)((unsigned __int128)column->reciprocal * slot >> 64) : slot;
}

#endif
