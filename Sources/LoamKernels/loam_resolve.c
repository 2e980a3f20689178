#include "loam_resolve.h"

#include <stdbool.h>
#include <string.h>

// Each loop touches memory that is not in the cache, and asks for it this many iterations ahead.
enum { AHEAD = 32 };

void loam_number_codes(
    loam_named_code *words, const uint32_t *codes, size_t count, uint32_t batch, loam_distinct_codes *distinct,
    uint32_t *numbers) {
  uint32_t *const listed = distinct->codes, *const occurrences = distinct->occurrences;
  size_t total = distinct->count;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(words + codes[i + AHEAD], 1);
    const uint32_t code = codes[i];
    // Whether a code is new to its batch is a matter of chance: no branch.
    const uint64_t known = words[code];
    const bool is_new = __builtin_unpredictable((uint32_t)known != batch);
    const uint32_t number = is_new ? (uint32_t)total : (uint32_t)(known >> 32);
    // Whole words: what two stores wrote would not be forwarded to a load of both.
    words[code] = (uint64_t)number << 32 | batch;
    listed[total] = code;
    occurrences[total] = 0;
    occurrences[number]++;
    numbers[i] = number;
    total += is_new;
  }
  distinct->count = total;
}

size_t loam_rows_of_codes(
    const uint64_t *rows, const uint32_t *codes, size_t count, uint64_t *found, uint32_t *unresolved) {
  size_t listed = 0;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(rows + codes[i + AHEAD]);
    found[i] = rows[codes[i]];
    unresolved[listed] = (uint32_t)i;
    listed += found[i] == loam_row_unresolved;
  }
  return listed;
}

void loam_ids_of_codes(
    const uint64_t *distinct, const uint32_t *codes, const uint32_t *positions, size_t count, uint64_t *ids) {
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(distinct + codes[positions[i + AHEAD]]);
    ids[i] = distinct[codes[positions[i]]];
  }
}

void loam_note_rows(
    const uint64_t *resolved, const uint32_t *codes, const uint32_t *positions, size_t count, uint64_t *found,
    uint64_t *rows) {
  for (size_t i = 0; i < count; i++) {
    found[positions[i]] = resolved[i];
    rows[codes[positions[i]]] = resolved[i];
  }
}

static size_t home_of(loam_row_table table, uint64_t row) {
  return (size_t)(row * 0x9E3779B97F4A7C15ull >> 32) & (table.count - 1);
}

void loam_place_rows(
    const uint64_t *rows, const uint32_t *occurrences, size_t count, loam_row_table table, loam_distinct_rows *found,
    uint32_t *places) {
  size_t distinct = found->count;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(table.entries + home_of(table, rows[i + AHEAD]), 1);
    size_t at = home_of(table, rows[i]);
    uint32_t entry;
    while ((entry = table.entries[at]) && found->rows[entry - 1] != rows[i]) at = (at + 1) & (table.count - 1);
    if (!entry) {
      found->rows[distinct] = rows[i];
      found->occurrences[distinct] = 0;
      entry = table.entries[at] = (uint32_t)++distinct;
    }
    places[i] = entry - 1;
    found->occurrences[entry - 1] += occurrences[i];
  }
  found->count = distinct;
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
