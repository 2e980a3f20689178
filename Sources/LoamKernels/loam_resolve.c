#include "loam_resolve.h"

#include <stdbool.h>
#include <string.h>

// Each loop over codes touches memory that is not in the cache, and is cut so that many misses are under way at once.
enum { AHEAD = 32, GROUP = 32 };

size_t loam_list_unresolved(loam_known_id *known, const uint32_t *codes, size_t count, uint32_t *listed) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(known + codes[i + AHEAD], 1);
    loam_known_id *id = known + codes[i];
    if (id->row != loam_id_unresolved) continue;
    id->row = loam_id_wanted;
    listed[found++] = codes[i];
  }
  return found;
}

static bool is_marked(const loam_marks *marks, uint64_t row) {
  return row >> 32 < marks->count && (uint32_t)row < marks->slots[row >> 32];
}

static uint32_t *mark_of(const loam_marks *marks, uint64_t row) { return marks->shards[row >> 32] + (uint32_t)row; }

size_t loam_place_codes(
    loam_known_id *known, const uint32_t *codes, size_t count, uint32_t batch, loam_marks marks,
    loam_distinct_rows *found, uint32_t *places) {
  size_t rows = found->count;
  for (size_t first = 0; first < count; first += GROUP) {
    const size_t end = count - first < GROUP ? count : first + GROUP;
    for (size_t i = first; i < end; i++) {
      if (i + 2 * GROUP < count) __builtin_prefetch(known + codes[i + 2 * GROUP], 1);
      if (i + GROUP < count) {
        const loam_known_id *id = known + codes[i + GROUP];
        if (id->batch != batch && is_marked(&marks, id->row)) __builtin_prefetch(mark_of(&marks, id->row), 1);
      }
    }
    for (size_t i = first; i < end; i++) {
      loam_known_id *id = known + codes[i];
      if (id->batch != batch) {
        if (!is_marked(&marks, id->row)) {
          found->count = rows;
          return i;
        }
        uint32_t *mark = mark_of(&marks, id->row);
        if (*mark == 0) {
          found->rows[rows] = id->row;
          found->occurrences[rows] = 0;
          *mark = (uint32_t)++rows;
        }
        id->place = *mark - 1;
        id->batch = batch;
      }
      found->occurrences[id->place]++;
      places[i] = id->place;
    }
  }
  found->count = rows;
  return count;
}

void loam_clear_marks(loam_marks marks, const uint64_t *rows, size_t count) {
  for (size_t i = 0; i < count; i++) *mark_of(&marks, rows[i]) = 0;
}

void loam_group_rows(
    loam_distinct_rows found, size_t shards, int64_t *starts, uint64_t *rows, uint32_t *occurrences,
    uint32_t *place_of) {
  memset(starts, 0, (shards + 1) * sizeof *starts);
  for (size_t i = 0; i < found.count; i++) starts[(found.rows[i] >> 32) + 1]++;
  for (size_t s = 1; s <= shards; s++) starts[s] += starts[s - 1];
  // Each start moves on to the next shard's while rows are placed, and all of them move back afterwards.
  for (size_t i = 0; i < found.count; i++) {
    const int64_t place = starts[found.rows[i] >> 32]++;
    place_of[i] = (uint32_t)place;
    rows[place] = found.rows[i];
    occurrences[place] = found.occurrences[i];
  }
  for (size_t s = shards; s > 0; s--) starts[s] = starts[s - 1];
  starts[0] = 0;
}

void loam_translate(uint32_t *values, size_t count, const uint32_t *table) {
  for (size_t i = 0; i < count; i++) values[i] = table[values[i]];
}
