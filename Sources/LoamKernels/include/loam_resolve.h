#ifndef LOAM_RESOLVE_H
#define LOAM_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

/// From the codes of a batch, which name distinct IDs of a window of the log, to places among the batch's distinct rows.
///
///   codes ─▶ numbers of the batch's distinct codes ─▶ rows ─▶ places of the distinct rows
///
/// Every code of the batch is looked at once; what follows is done for distinct ones. A row is `shard << 32 | slot`.

/// number << 32 | batch: the last batch that named a distinct ID of a window, and the ID's number among the distinct codes
/// of that batch.
typedef uint64_t loam_named_code;

/// The distinct codes of a batch in the order of their first use, and how often each is used.
typedef struct {
  uint32_t *codes, *occurrences;
  size_t count;
} loam_distinct_codes;

/// Writes each code's number, and adds codes that are new to the batch; there is room for them and one more.
void loam_number_codes(
    loam_named_code *named, const uint32_t *codes, size_t count, uint32_t batch, loam_distinct_codes *distinct,
    uint32_t *numbers);

/// The row of an ID that was not resolved yet.
static const uint64_t loam_row_unresolved = UINT64_MAX - 1;

/// Copies the rows of codes, and lists the positions of those that are unresolved; returns how many. `unresolved` has
/// room for all.
size_t loam_rows_of_codes(
    const uint64_t *rows, const uint32_t *codes, size_t count, uint64_t *found, uint32_t *unresolved);

/// ids[i] = distinct[codes[positions[i]]]
void loam_ids_of_codes(
    const uint64_t *distinct, const uint32_t *codes, const uint32_t *positions, size_t count, uint64_t *ids);

/// Notes the rows that were found for the codes at some positions: found[positions[i]] and rows[codes[positions[i]]] become
/// resolved[i].
void loam_note_rows(
    const uint64_t *resolved, const uint32_t *codes, const uint32_t *positions, size_t count, uint64_t *found,
    uint64_t *rows);

/// Where a batch's rows are found: open addressing. Each entry is a row's place + 1 among the distinct ones; 0: none.
typedef struct {
  uint32_t *entries;
  size_t count;  // a power of two, larger than the number of distinct rows
} loam_row_table;

/// The distinct rows of a batch in the order of their first use, and how often each is used.
typedef struct {
  uint64_t *rows;
  uint32_t *occurrences;
  size_t count;
} loam_distinct_rows;

/// Writes each row's place, and adds rows that are new to the batch; there is room for them. Row i is used
/// `occurrences[i]` times.
void loam_place_rows(
    const uint64_t *rows, const uint32_t *occurrences, size_t count, loam_row_table table, loam_distinct_rows *found,
    uint32_t *places);

/// Puts rows of one shard side by side, each shard's in their order: row i goes to `place_of[i]`. `starts` has
/// `shards + 1` numbers: the rows of shard s are starts[s] ..< starts[s + 1].
void loam_group_rows(
    loam_distinct_rows found, size_t shards, int64_t *starts, uint64_t *rows, uint32_t *occurrences,
    uint32_t *place_of);

/// values[i] = table[values[i]]
void loam_translate(uint32_t *values, size_t count, const uint32_t *table);

#endif
