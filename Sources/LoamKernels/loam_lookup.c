#include "loam_lookup.h"

#include "loam_lookup_line.h"
#include "loam_lookup_patch.h"

size_t loam_lookup_lines(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void **lines, uint32_t *listed) {
  const loam_lookup_shard *shards = index->shards;
  const size_t shardCount = index->count;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t hash = loam_mix64(ids[i]);
    const uintptr_t word = block_of(shards + shard_of(hash, shardCount), hash);
    const line *at = (const line *)(word & ~(uintptr_t)tags) + home_of(hash);
    lines[i] = at;
    listed[found] = (uint32_t)i;
    found += (word & tags) != 0;
  }
  // A loop of its own: see loam_lookup_group.c.
  for (size_t i = 0; i < count; i++) __builtin_prefetch(lines[i]);
  return found;
}

size_t loam_lookup_references(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void *const *lines, uint64_t *references) {
  const loam_lookup_shard *shards = index->shards;
  const size_t shardCount = index->count;
  uint32_t further[LOAM_LOOKUP_GROUP];
  size_t furtherCount = 0;
  uint64_t wrong = 0;
  for (size_t i = 0; i < count; i++) {
    const line *at = lines[i];
    const uint32_t slot = match(at, ids[i]);
    const uint64_t shard = shard_of(loam_mix64(ids[i]), shardCount);
    const int absent = slot == LOAM_LOOKUP_ABSENT;
    references[i] = absent ? LOAM_LOOKUP_NONE : shard << 32 | slot;
    wrong |= !absent & (slot >= shards[shard].slots);
    further[furtherCount] = (uint32_t)i;
    furtherCount += absent & ((at->meta & overflow) != 0);
  }
  for (size_t f = 0; f < furtherCount; f++) {
    const size_t i = further[f];
    const uint64_t hash = loam_mix64(ids[i]);
    const uint32_t slot = match_further(lines[i], ids[i], home_of(hash));
    if (slot == LOAM_LOOKUP_ABSENT) continue;
    const uint64_t shard = shard_of(hash, shardCount);
    references[i] = shard << 32 | slot;
    wrong |= slot >= shards[shard].slots;
  }
  return wrong ? loam_lookup_check(index, references, count) : count;
}

size_t loam_lookup_check(const loam_lookup_index *index, const uint64_t *references, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (references[i] == LOAM_LOOKUP_NONE) continue;
    const uint64_t shard = references[i] >> 32;
    if (shard >= index->count || (uint32_t)references[i] >= index->shards[shard].slots) return i;
  }
  return count;
}

// `lines`: cache lines of a row to fetch ahead.
LOAM_INLINE size_t rows_of(
    const loam_lookup_column *column, const uint64_t *references, size_t count, const void *absent, const void **rows,
    uint32_t *listed, size_t lines) {
  const uintptr_t *const *blocks = column->blocks;
  const uint64_t reciprocal = column->reciprocal;
  const size_t rowsPerBlock = column->rowsPerBlock, stride = column->stride;
  const void *initial = column->initial;
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t reference = references[i];
    const int none = reference == LOAM_LOOKUP_NONE;
    // An absent ID looks at the first word of the first shard, which is there, and at no row.
    const uint64_t safe = none ? 0 : reference;
    const uint32_t slot = (uint32_t)safe;
    const size_t block = reciprocal ? (size_t)((unsigned __int128)reciprocal * slot >> 64) : slot;
    const uintptr_t word = word_at(blocks[safe >> 32], block);
    const uintptr_t row = (word & ~(uintptr_t)tags) + (slot - block * rowsPerBlock) * stride;
    // Masks, where a choice would become a branch: whether an ID has a row cannot be predicted.
    const uintptr_t isStored = -(uintptr_t)(word != 0), isNone = -(uintptr_t)none;
    const uintptr_t any = (row & isStored) | ((uintptr_t)initial & ~isStored);
    const char *at = (const char *)((any & ~isNone) | ((uintptr_t)absent & isNone));
    rows[i] = at;
    listed[found] = (uint32_t)i;
    found += !none & ((word & tags) != 0 || at == NULL);
  }
  if (column->patches) {
    for (size_t i = 0; i < count; i++) {
      if (references[i] == LOAM_LOOKUP_NONE) continue;
      const size_t shard = references[i] >> 32, block = row_block(column, (uint32_t)references[i]);
      if (word_at(blocks[shard], block) & tags) continue;
      rows[i] = patched_or(column, shard, block, (uint32_t)references[i] - block * rowsPerBlock, rows[i]);
    }
  }
  for (size_t ahead = 0; ahead < lines; ahead++)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const char *)rows[i] + ahead * cacheLine);
  return found;
}

size_t loam_lookup_rows(
    const loam_lookup_column *column, const uint64_t *references, size_t count, const void *absent, const void **rows,
    uint32_t *listed) {
  if (column->stride <= cacheLine) return rows_of(column, references, count, absent, rows, listed, 1);
  const size_t lines = (column->stride + cacheLine - 1) / cacheLine;
  return rows_of(column, references, count, absent, rows, listed, lines < prefetchedMax ? lines : prefetchedMax);
}

loam_lookup_outcome loam_lookup_one(
    const loam_lookup_index *index, const loam_lookup_column *column, uint64_t id, const void **row) {
  const uint64_t hash = loam_mix64(id);
  const size_t shard = shard_of(hash, index->count);
  uintptr_t word = block_of(index->shards + shard, hash);
  if (word & tags) return loam_lookup_listed;
  const size_t home = home_of(hash);
  const line *at = (const line *)word + home;
  uint32_t slot = match(at, id);
  if (slot == LOAM_LOOKUP_ABSENT) {
    if (!(at->meta & overflow)) return loam_lookup_absent;
    slot = match_further(at, id, home);
    if (slot == LOAM_LOOKUP_ABSENT) return loam_lookup_absent;
  }
  // The slow path says what is wrong with the slot.
  if (slot >= index->shards[shard].slots) return loam_lookup_listed;
  const size_t block = row_block(column, slot);
  word = word_at(column->blocks[shard], block);
  if (word == 0 || word & tags) return loam_lookup_listed;
  const size_t number = slot - block * column->rowsPerBlock;
  *row = (const char *)word + number * column->stride;
  if (column->patches) *row = patched_or(column, shard, block, number, *row);
  return loam_lookup_found;
}
