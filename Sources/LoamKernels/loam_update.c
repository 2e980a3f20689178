#include "loam_update.h"

#include "loam_clones.h"
#include "loam_lookup_line.h"

enum { unverified = 1, copied = 6 };

#define UPDATE_CLONES LOAM_CLONES_OF("arch=x86-64-v3", "default")

UPDATE_CLONES size_t loam_update_lines(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void **lines, uint32_t *listed) {
  const loam_lookup_shard *shards = index->shards;
  const size_t shardCount = index->count;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = loam_mix64(ids[i]);
    const uintptr_t word = block_of(shards + shard_of(hash, shardCount), hash);
    lines[i] = (const line *)(word & ~(uintptr_t)tags) + home_of(hash);
    listed[found] = (uint32_t)i;
    found += word & unverified;
  }
  // A loop of its own: see loam_lookup_group.c.
  for (size_t i = 0; i < count; i++) __builtin_prefetch(lines[i]);
  return found;
}

UPDATE_CLONES size_t loam_update_gather(
    const loam_lookup_column *column, const uint64_t *references, size_t count, const void *absent, const void **rows,
    uint32_t *listed) {
  const uintptr_t *const *blocks = column->blocks;
  const size_t rowsPerBlock = column->rowsPerBlock, stride = column->stride;
  const uintptr_t initial = (uintptr_t)column->initial;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t reference = references[i];
    const uintptr_t isNone = -(uintptr_t)(reference == LOAM_LOOKUP_NONE);
    // An absent ID looks at the first word of the first shard, which is there, and at no row.
    const uint64_t safe = reference & ~(uint64_t)isNone;
    const uint32_t slot = (uint32_t)safe;
    const size_t block = row_block(column, slot);
    const uintptr_t word = word_at(blocks[safe >> 32], block);
    const uintptr_t isStored = -(uintptr_t)(word != 0);
    const uintptr_t row = (word & ~(uintptr_t)tags) + (slot - block * rowsPerBlock) * stride;
    const uintptr_t any = (row & isStored) | (initial & ~isStored);
    rows[i] = (const void *)((any & ~isNone) | ((uintptr_t)absent & isNone));
    listed[found] = (uint32_t)i;
    found += ~isNone & ((word & unverified) | (any == 0));
  }
  const size_t end = stride < prefetchedMax * cacheLine ? stride : prefetchedMax * cacheLine;
  for (size_t ahead = 0; ahead < end; ahead += cacheLine)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const char *)rows[i] + ahead);
  return found;
}

UPDATE_CLONES size_t loam_update_rows(
    const loam_lookup_column *column, const uint64_t *references, size_t count, void **rows, uint32_t *listed) {
  const uintptr_t *const *blocks = column->blocks;
  const size_t rowsPerBlock = column->rowsPerBlock, stride = column->stride;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t slot = (uint32_t)references[i];
    const size_t block = row_block(column, slot);
    const uintptr_t word = word_at(blocks[references[i] >> 32], block);
    rows[i] = (void *)((word & ~(uintptr_t)tags) + (slot - block * rowsPerBlock) * stride);
    listed[found] = (uint32_t)i;
    found += (word & tags) != copied;
    const size_t row = slot - block * rowsPerBlock;
    column->changed[references[i] >> 32][block * column->bitmapWords + row / 64] |= 1ull << row % 64;
  }
  const size_t end = stride < prefetchedMax * cacheLine ? stride : prefetchedMax * cacheLine;
  for (size_t ahead = 0; ahead < end; ahead += cacheLine)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const char *)rows[i] + ahead, 1);
  return found;
}

size_t loam_update_check(const loam_lookup_index *index, const uint64_t *references, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t shard = references[i] >> 32;
    if (shard >= index->count || (uint32_t)references[i] >= index->shards[shard].slots) return i;
  }
  return count;
}
