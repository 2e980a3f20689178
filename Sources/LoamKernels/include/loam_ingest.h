// Text cut into cells, cells into numbers and counted IDs: what ingest does to every byte of a file.
#ifndef LOAM_INGEST_H
#define LOAM_INGEST_H

#include <stddef.h>
#include <stdint.h>

// A piece of a chunk's bytes. Kernels may read 8 bytes beyond the last one.
typedef struct {
  uint32_t start, count;
} loam_cell;

// Cuts lines into `columns` cells each; line ends (with a carriage return before) belong to no cell. The cell of row r in
// column c goes to `cells[c x stride + r]`.
// Returns the number of lines, or SIZE_MAX where one has another number of cells or there are more than `rows`.
size_t loam_cut_lines(const uint8_t *bytes, size_t count, uint8_t delimiter, size_t columns, size_t rows, size_t stride,
                      loam_cell *cells);

// Texts that mean "missing": `count` of them, one after the other. The empty text always does.
typedef struct {
  const uint8_t *bytes;
  const uint32_t *counts;
  size_t count;
} loam_markers;

// The cells of one column, row by row.
typedef struct {
  const uint8_t *bytes;
  const loam_cell *cells;
  loam_markers missing;
} loam_column;

// Texts that are on their way to the cache together.
#define LOAM_TEXTS_AHEAD 32

// An ID of a chunk.
typedef struct {
  uint64_t id, count;
  int64_t first, last;
  // The first 8 bytes of the text, the rest zeros; longer texts lie whole at `text` of the tally's texts.
  uint64_t head, text;
  uint32_t textCount;
  // Of its first appearance.
  uint32_t row;
  uint64_t unused;
} loam_tally_entry;

// The distinct IDs of a chunk in order of first appearance. Zeros to begin with.
typedef struct {
  loam_tally_entry *entries;
  // Open addressing: high half of the mixed ID, then code + 1; 0: free.
  uint64_t *slots;
  uint8_t *texts;
  size_t textBytes, textRoom;
  uint32_t count, room, slotsMask;
} loam_tally;

#define LOAM_TALLY_MISSING 0xFFFFFFFFu
#define LOAM_TALLY_COLLISION 0xFFFFFFFEu

// Forgets the IDs and keeps the memory.
void loam_tally_clear(loam_tally *tally);
void loam_tally_free(loam_tally *tally);
// The text that an entry stands for.
const uint8_t *loam_tally_text(const loam_tally *tally, const loam_tally_entry *entry);
// Counts an appearance: the ID's code, or LOAM_TALLY_COLLISION where it stands for another text. `text` may be null.
uint32_t loam_tally_add(loam_tally *tally, uint64_t id, const uint8_t *text, size_t count, int64_t time, uint32_t row);

// Counts the IDs of rows `first` up to `rows`, XXH3-64 of their texts or the numbers that they are, and writes their codes.
// Times are of the rows, or null: the row's number. Stops before a row that asks for a closer look, and returns it.
size_t loam_tally_strings(loam_tally *tally, loam_column column, size_t first, size_t rows, const int64_t *times,
                          uint32_t *codes);
size_t loam_tally_integers(loam_tally *tally, loam_column column, size_t first, size_t rows, const int64_t *times,
                           uint32_t *codes);

// Decimal numbers of up to 15 digits, rounded to double and then to float; NaN where missing. Stops likewise.
size_t loam_parse_reals(loam_column column, size_t first, size_t rows, float *values);

#endif
