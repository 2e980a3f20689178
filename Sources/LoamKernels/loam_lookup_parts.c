#include "loam_lookup.h"
#include "loam_lookup_line.h"
#include "loam_lookup_patch.h"

// The steps of loam_lookup_group.c over several tables. Few IDs of each: what a part needs is read once for all its IDs.
int loam_lookup_parts(const loam_lookup_part *parts, size_t count, const void **rows) {
  const line *lines[LOAM_LOOKUP_GROUP];
  uint64_t hashes[LOAM_LOOKUP_GROUP];
  uint32_t slots[LOAM_LOOKUP_GROUP];
  uintptr_t seen = 0;
  size_t place = 0;
  for (size_t p = 0; p < count; p++) {
    const loam_lookup_part *part = parts + p;
    for (size_t i = 0; i < part->count; i++, place++) {
      const uint64_t hash = loam_mix64(part->ids[i]);
      const uintptr_t word = block_of(part->index->shards + shard_of(hash, part->index->count), hash);
      lines[place] = (const line *)(word & ~(uintptr_t)tags) + home_of(hash);
      hashes[place] = hash;
      seen |= word;
    }
  }
  if (seen & tags) return 0;
  for (size_t i = 0; i < place; i++) __builtin_prefetch(lines[i]);

  size_t patchedCount = 0, longest = 0;
  place = 0;
  for (size_t p = 0; p < count; p++) {
    const loam_lookup_part *part = parts + p;
    const loam_lookup_column *column = part->column;
    longest = column->stride > longest ? column->stride : longest;
    for (size_t i = 0; i < part->count; i++, place++) {
      const line *at = lines[place];
      uint32_t slot = match(at, part->ids[i]);
      if (slot == LOAM_LOOKUP_ABSENT && at->meta & overflow) slot = match_further(at, part->ids[i], home_of(hashes[place]));
      slots[place] = slot;
      rows[place] = part->absent;
      if (slot == LOAM_LOOKUP_ABSENT) continue;
      const size_t shard = shard_of(hashes[place], part->index->count);
      if (slot >= part->index->shards[shard].slots) return 0;
      const size_t block = row_block(column, slot);
      const uintptr_t word = word_at(column->blocks[shard], block);
      if (word & tags || (word == 0 && !column->initial)) return 0;
      const size_t number = slot - block * column->rowsPerBlock;
      rows[place] = word ? (const char *)word + number * column->stride : column->initial;
      if (!column->patches) continue;
      __builtin_prefetch(patch_word(column, shard, block, number));
      patchedCount++;
    }
  }
  for (size_t i = 0; i < place; i++) __builtin_prefetch(rows[i]);
  place = 0;
  for (size_t p = 0; patchedCount > 0 && p < count; p++) {
    const loam_lookup_part *part = parts + p;
    for (size_t i = 0; i < part->count; i++, place++) {
      if (!part->column->patches || slots[place] == LOAM_LOOKUP_ABSENT) continue;
      const size_t block = row_block(part->column, slots[place]);
      rows[place] = patched_or(
          part->column, shard_of(hashes[place], part->index->count), block,
          slots[place] - block * part->column->rowsPerBlock, rows[place]);
      __builtin_prefetch(rows[place]);
    }
  }
  // Rows longer than a line: the rest of each, once the first lines are under way.
  for (size_t ahead = cacheLine; ahead < longest && ahead < prefetchedMax * cacheLine; ahead += cacheLine) {
    place = 0;
    for (size_t p = 0; p < count; p++)
      for (size_t i = 0; i < parts[p].count; i++, place++)
        if (ahead < parts[p].column->stride) __builtin_prefetch((const char *)rows[place] + ahead);
  }
  return 1;
}
