#include "loam_clones.h"
#include "loam_lookup.h"
#include "loam_lookup_line.h"
#include "loam_lookup_patch.h"

#define LOOKUP_CLONES LOAM_CLONES_OF("arch=x86-64-v3", "default")

// A prefetch that misses the translation buffers waits at the head of the core's queue, and only what fits behind it is
// under way meanwhile. So the loops that prefetch do nothing else: dozens of misses fit instead of three or four. What is
// rare (tags, overflows, broken bounds) costs one test a group.
// `patched`: whether the column has patches, constant so that one without pays nothing for them.
LOAM_INLINE loam_lookup_step group_of(
    const loam_lookup_index *index, const loam_lookup_column *column, const uint64_t *ids, size_t count,
    const void *absent, const void **rows, uint32_t *listed, size_t *listedCount, int patched) {
  const loam_lookup_shard *shards = index->shards;
  const size_t shardCount = index->count;
  const line *lines[LOAM_LOOKUP_GROUP];
  uint32_t slots[LOAM_LOOKUP_GROUP], further[LOAM_LOOKUP_GROUP];
  uint16_t shardOf[LOAM_LOOKUP_GROUP], inPatches[LOAM_LOOKUP_GROUP];
  const loam_patch_word *patchWords[LOAM_LOOKUP_GROUP];
  uint32_t numbers[LOAM_LOOKUP_GROUP];
  size_t found = 0, patchCount = 0;

  uintptr_t seen = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = loam_mix64(ids[i]);
    const size_t shard = shard_of(hash, shardCount);
    const uintptr_t word = block_of(shards + shard, hash);
    const line *at = (const line *)(word & ~(uintptr_t)tags) + home_of(hash);
    lines[i] = at;
    shardOf[i] = (uint16_t)shard;
    seen |= word;
  }
  for (size_t i = 0; i < count; i++) __builtin_prefetch(lines[i]);
  if (seen & tags) {
    for (size_t i = 0; i < count; i++) {
      const uint64_t hash = loam_mix64(ids[i]);
      if (block_of(shards + shardOf[i], hash) & tags) listed[found++] = (uint32_t)i;
    }
    *listedCount = found;
    return loam_lookup_unverified;
  }

  const size_t rowsPerBlock = column->rowsPerBlock, stride = column->stride;
  const uintptr_t initial = (uintptr_t)column->initial;
  size_t furtherCount = 0;
  uintptr_t holes = 0;
  seen = 0;
  for (size_t i = 0; i < count; i++) {
    const line *at = lines[i];
    const size_t shard = shardOf[i];
    const uint32_t slot = match(at, ids[i]);
    // Absent is above every slot. The row of slot 0 stands in, and is not taken.
    const uintptr_t inUse = -(uintptr_t)(slot < shards[shard].slots);
    const uint32_t safe = slot & (uint32_t)inUse;
    const size_t block = row_block(column, safe);
    const uintptr_t word = word_at(column->blocks[shard], block);
    const uintptr_t stored = -(uintptr_t)(word != 0);
    const uintptr_t row =
        (((word & ~(uintptr_t)tags) + (safe - block * rowsPerBlock) * stride) & stored) | (initial & ~stored);
    const char *to = (const char *)((row & inUse) | ((uintptr_t)absent & ~inUse));
    rows[i] = to;
    slots[i] = slot;
    seen |= word & inUse;
    holes |= ~stored & inUse;
    further[furtherCount] = (uint32_t)i;
    furtherCount += ~inUse & 1 & ((slot != LOAM_LOOKUP_ABSENT) | ((at->meta & overflow) != 0));
    if (patched) {
      const size_t number = safe - block * rowsPerBlock;
      patchWords[i] = patch_word(column, shard, block, number);
      __builtin_prefetch(patchWords[i]);
      // Of an ID without a row a number that no mask lets through.
      numbers[i] = (uint32_t)number | (uint32_t)~inUse;
    }
  }
  // A group with a tagged block is rare: the caller settles all of it.
  if (patched && !(seen & tags)) {
    for (size_t i = 0; i < count; i++) {
      inPatches[patchCount] = (uint16_t)i;
      patchCount += patch_bit(patchWords[i], numbers[i]) & (numbers[i] != UINT32_MAX);
    }
    // Entries take the place of the rows, to be prefetched like them.
    for (size_t p = 0; p < patchCount; p++) {
      const size_t i = inPatches[p];
      rows[i] = patch_entry(column, shardOf[i], patchWords[i], numbers[i]);
    }
  }
  for (size_t i = 0; i < count; i++) __builtin_prefetch(rows[i]);
  for (size_t p = 0; p < patchCount; p++) {
    const size_t i = inPatches[p];
    rows[i] = patch_row(column, shardOf[i], row_block(column, slots[i]), *(const uint32_t *)rows[i]);
  }
  for (size_t p = 0; p < patchCount; p++) __builtin_prefetch(rows[inPatches[p]]);
  for (size_t f = 0; f < furtherCount; f++) {
    const size_t i = further[f];
    uint32_t slot = slots[i];
    if (slot == LOAM_LOOKUP_ABSENT) slot = match_further(lines[i], ids[i], home_of(loam_mix64(ids[i])));
    slots[i] = slot;
    if (slot == LOAM_LOOKUP_ABSENT) continue;
    if (slot >= shards[shardOf[i]].slots) {
      listed[0] = (uint32_t)i;
      *listedCount = 1;
      return loam_lookup_damaged;
    }
    const size_t block = row_block(column, slot);
    const uintptr_t word = word_at(column->blocks[shardOf[i]], block);
    seen |= word;
    holes |= word == 0;
    const uintptr_t row = word ? (word & ~(uintptr_t)tags) + (slot - block * rowsPerBlock) * stride : initial;
    rows[i] = (const void *)row;
    if (patched && !(word & tags)) rows[i] = patched_or(column, shardOf[i], block, slot - block * rowsPerBlock, rows[i]);
    __builtin_prefetch(rows[i]);
  }
  if ((seen & tags) || (holes && !initial)) {
    for (size_t i = 0; i < count; i++) {
      if (slots[i] == LOAM_LOOKUP_ABSENT) continue;
      const uintptr_t word = word_at(column->blocks[shardOf[i]], row_block(column, slots[i]));
      if ((patched && (seen & tags)) || (word & tags) || (!word && !initial)) listed[found++] = (uint32_t)i;
    }
  }
  // Rows longer than a line: the rest of each, once the first lines are under way.
  for (size_t ahead = cacheLine; ahead < stride && ahead < prefetchedMax * cacheLine; ahead += cacheLine)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const char *)rows[i] + ahead);
  *listedCount = found;
  return found ? loam_lookup_unsettled : loam_lookup_ready;
}

LOOKUP_CLONES loam_lookup_step loam_lookup_group(
    const loam_lookup_index *index, const loam_lookup_column *column, const uint64_t *ids, size_t count,
    const void *absent, const void **rows, uint32_t *listed, size_t *listedCount) {
  return column->patches ? group_of(index, column, ids, count, absent, rows, listed, listedCount, 1)
                         : group_of(index, column, ids, count, absent, rows, listed, listedCount, 0);
}
