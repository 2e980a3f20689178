#include "loam_ingest.h"

#include <math.h>
#include <string.h>

#include "loam_cells.h"
#include "loam_clones.h"

// One bit a byte, for 64 bytes at once.
typedef uint8_t bytes64 __attribute__((vector_size(64), aligned(1)));
typedef _Bool bits64 __attribute__((ext_vector_type(64)));

LOAM_INLINE uint64_t matches(const uint8_t *bytes, uint8_t delimiter) {
  bytes64 text;
  memcpy(&text, bytes, sizeof text);
  bits64 found = __builtin_convertvector((text == delimiter) | (text == (uint8_t)'\n'), bits64);
  uint64_t mask;
  memcpy(&mask, &found, sizeof mask);
  return mask;
}

typedef struct {
  const uint8_t *bytes;
  loam_cell *cells;
  size_t columns, rowsMax, stride, rows, column;
  uint32_t start;
} cutting;

// The cell that ends at `end`; 0 where the line cannot be regular any more.
LOAM_INLINE int cut(cutting *state, uint32_t end, int isLineEnd) {
  if (state->rows == state->rowsMax) return 0;
  loam_cell *cell = state->cells + state->column * state->stride + state->rows;
  cell->start = state->start;
  cell->count = end - state->start;
  state->start = end + 1;
  state->column += 1;
  if (isLineEnd) {
    if (state->column != state->columns) return 0;
    if (cell->count > 0 && state->bytes[end - 1] == '\r') cell->count -= 1;
    state->column = 0;
    state->rows += 1;
    return 1;
  }
  return state->column < state->columns;
}

LOAM_CLONES_OF("avx512bw", "avx2", "default")
size_t loam_cut_lines(const uint8_t *bytes, size_t count, uint8_t delimiter, size_t columns, size_t rows, size_t stride,
                      loam_cell *cells) {
  cutting state = {bytes, cells, columns, rows, stride, 0, 0, 0};
  size_t at = 0;
  for (; at + 64 <= count; at += 64) {
    for (uint64_t mask = matches(bytes + at, delimiter); mask != 0; mask &= mask - 1) {
      uint32_t end = (uint32_t)at + (uint32_t)__builtin_ctzll(mask);
      if (!cut(&state, end, bytes[end] == '\n')) return SIZE_MAX;
    }
  }
  for (; at < count; at++) {
    if (bytes[at] != delimiter && bytes[at] != '\n') continue;
    if (!cut(&state, (uint32_t)at, bytes[at] == '\n')) return SIZE_MAX;
  }
  // The last line needs no end.
  if (state.column > 0 || state.start < count) {
    if (!cut(&state, (uint32_t)count, 1)) return SIZE_MAX;
  }
  return state.rows;
}

// 10^0 ... 10^15: doubles hold them exactly, and so the quotient of 15 digits is rounded once.
static const double powers[16] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

size_t loam_parse_reals(loam_column column, size_t first, size_t rows, float *values) {
  for (size_t row = first; row < rows; row++) {
    if (row + LOAM_TEXTS_AHEAD < rows) prefetch(&column, row + LOAM_TEXTS_AHEAD);
    loam_cell cell = column.cells[row];
    const uint8_t *text = column.bytes + cell.start;
    if (is_missing(&column.missing, text, cell.count)) {
      values[row] = NAN;
      continue;
    }
    uint32_t at = text[0] == '-';
    if (cell.count - at == 0 || cell.count - at > 16) return row;
    uint64_t mantissa = 0;
    uint32_t digits = 0, decimals = 0;
    for (; at < cell.count; at++) {
      uint8_t digit = (uint8_t)(text[at] - '0');
      if (digit > 9) break;
      mantissa = mantissa * 10 + digit;
      digits++;
    }
    if (at < cell.count) {
      if (text[at] != '.') return row;
      for (at++; at < cell.count; at++) {
        uint8_t digit = (uint8_t)(text[at] - '0');
        if (digit > 9) return row;
        mantissa = mantissa * 10 + digit;
        digits++;
        decimals++;
      }
    }
    if (digits == 0 || digits > 15) return row;
    double value = (double)mantissa;
    if (decimals > 0) value /= powers[decimals];
    values[row] = (float)(text[0] == '-' ? -value : value);
  }
  return rows;
}
