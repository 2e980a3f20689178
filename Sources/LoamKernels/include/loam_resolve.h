#ifndef LOAM_RESOLVE_H
#define LOAM_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

/// From the codes of a batch, which name distinct IDs of a window of the log, to places among the batch's distinct rows.
/// A row is `shard << 32 | slot`.

/// What is known of one distinct ID of a window.
typedef struct {
  uint64_t row;    // or one of the two below
  uint32_t batch;  // the last batch that named it,
  uint32_t place;  // and where it stands among that batch's rows
} loam_known_id;

static const uint64_t loam_id_unresolved = UINT64_MAX - 1;
/// Listed as to be resolved.
static const uint64_t loam_id_wanted = UINT64_MAX - 2;

/// Lists the codes whose IDs are unresolved, each once, and makes them wanted; returns how many. `listed` has room for all.
size_t loam_list_unresolved(loam_known_id *known, const uint32_t *codes, size_t count, uint32_t *listed);

/// For each slot of each shard its place + 1 among the batch's rows; 0: not in the batch.
typedef struct {
  uint32_t *const *shards;
  const size_t *slots;  // of each shard
  size_t count;
} loam_marks;

/// The distinct rows of a batch in the order of their first use, and how often each is used.
typedef struct {
  uint64_t *rows;
  uint32_t *occurrences;
  size_t count;
} loam_distinct_rows;

/// Writes each code's place, and adds rows that are new to the batch; there is room for them. Returns `count`, or the
/// index of a code whose row lies beyond the marks.
size_t loam_place_codes(
    loam_known_id *known, const uint32_t *codes, size_t count, uint32_t batch, loam_marks marks,
    loam_distinct_rows *found, uint32_t *places);

/// Takes the marks of a batch's rows away.
void loam_clear_marks(loam_marks marks, const uint64_t *rows, size_t count);

/// Puts rows of one shard side by side, each shard's in their order: row i goes to `place_of[i]`. `starts` has
/// `shards + 1` numbers: the rows of shard s are starts[s] ..< starts[s + 1].
void loam_group_rows(
    loam_distinct_rows found, size_t shards, int64_t *starts, uint64_t *rows, uint32_t *occurrences,
    uint32_t *place_of);

/// values[i] = table[values[i]]
void loam_translate(uint32_t *values, size_t count, const uint32_t *table);

#endif
