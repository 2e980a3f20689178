#include "loam_products.h"

#include <string.h>

#include "loam_clones.h"

#pragma STDC FP_CONTRACT OFF

// Vectors wider than a processor's are cut by the compiler.
typedef float wide __attribute__((ext_vector_type(16)));
typedef float narrow __attribute__((ext_vector_type(8)));

enum { WIDE = 16, NARROW = 8, HEIGHT = 4 };

// Element (i, k) is at i row + k column.
typedef struct {
  const float *start;
  size_t row, column;
} left;

// HEIGHT or fewer rows by up to one vector of columns: sums stay in registers.
#define TILE(name, vector, lanes)                                                                                   \
  LOAM_INLINE void name(                                                                                            \
      float *c, size_t c_row, left a, const float *b, size_t b_row, size_t height, size_t width, size_t shared,      \
      float factor, bool add) {                                                                                     \
    vector sums[HEIGHT];                                                                                            \
    for (size_t i = 0; i < height; i++) sums[i] = (vector)0.0f;                                                     \
    for (size_t k = 0; k < shared; k++) {                                                                           \
      vector right;                                                                                                 \
      memcpy(&right, b + k * b_row, sizeof right);                                                                  \
      for (size_t i = 0; i < height; i++) sums[i] += (vector)a.start[i * a.row + k * a.column] * right;             \
    }                                                                                                               \
    for (size_t i = 0; i < height; i++, c += c_row) {                                                               \
      float out[lanes];                                                                                             \
      sums[i] *= factor;                                                                                            \
      if (width == lanes) {                                                                                         \
        vector before = (vector)0.0f;                                                                               \
        if (add) memcpy(&before, c, sizeof before);                                                                 \
        sums[i] += before;                                                                                          \
        memcpy(c, &sums[i], sizeof before);                                                                         \
        continue;                                                                                                   \
      }                                                                                                             \
      memcpy(out, &sums[i], sizeof out);                                                                            \
      for (size_t j = 0; j < width; j++) c[j] = add ? c[j] + out[j] : out[j];                                       \
    }                                                                                                               \
  }

TILE(wide_tile, wide, WIDE)
TILE(narrow_tile, narrow, NARROW)

LOAM_INLINE void tile(
    float *c, size_t c_row, left a, const float *b, size_t b_row, size_t height, size_t width, size_t lanes,
    size_t shared, float factor, bool add) {
  if (lanes == WIDE) {
    wide_tile(c, c_row, a, b, b_row, height, width, shared, factor, add);
  } else {
    narrow_tile(c, c_row, a, b, b_row, height, width, shared, factor, add);
  }
}

// A vector of columns of b: where it lies, or copied and filled up with zeros.
LOAM_INLINE const float *panel(
    const float *b, loam_matrices at, size_t first, size_t width, size_t lanes, size_t shared, float *room,
    size_t *row) {
  if (!at.transposed && width == lanes) {
    *row = at.row_stride;
    return b + first;
  }
  *row = lanes;
  if (width < lanes) memset(room, 0, shared * lanes * sizeof *room);
  if (at.transposed) {
    for (size_t j = 0; j < width; j++)
      for (size_t k = 0; k < shared; k++) room[k * lanes + j] = b[(first + j) * at.row_stride + k];
  } else {
    for (size_t k = 0; k < shared; k++) memcpy(room + k * lanes, b + k * at.row_stride + first, width * sizeof *room);
  }
  return room;
}

LOAM_INLINE void product(
    float *c, size_t c_row, left a, const float *b, loam_matrices b_at, size_t rows, size_t shared, size_t columns,
    float factor, bool add) {
  float room[loam_small_product_max * WIDE];
  for (size_t first = 0; first < columns;) {
    const size_t rest = columns - first, lanes = rest > NARROW ? WIDE : NARROW, width = rest < lanes ? rest : lanes;
    size_t b_row;
    const float *right = panel(b, b_at, first, width, lanes, shared, room, &b_row);
    left from = a;
    float *to = c + first;
    size_t r = 0;
    // Constant heights: the loops over the rows of a tile are unrolled.
    for (; r + HEIGHT <= rows; r += HEIGHT, from.start += HEIGHT * a.row, to += HEIGHT * c_row)
      tile(to, c_row, from, right, b_row, HEIGHT, width, lanes, shared, factor, add);
    switch (rows - r) {
      case 3: tile(to, c_row, from, right, b_row, 3, width, lanes, shared, factor, add); break;
      case 2: tile(to, c_row, from, right, b_row, 2, width, lanes, shared, factor, add); break;
      case 1: tile(to, c_row, from, right, b_row, 1, width, lanes, shared, factor, add); break;
      default: break;
    }
    first += width;
  }
}

LOAM_CLONES void loam_f32_small_products(
    float *c, loam_matrices c_at, const float *a, loam_matrices a_at, const float *b, loam_matrices b_at, size_t outer,
    size_t inner, size_t rows, size_t shared, size_t columns, float factor, bool add) {
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < inner; i++) {
      const left from = {
          a + o * a_at.outer_stride + i * a_at.inner_stride, a_at.transposed ? 1 : a_at.row_stride,
          a_at.transposed ? a_at.row_stride : 1};
      product(
          c + o * c_at.outer_stride + i * c_at.inner_stride, c_at.row_stride, from,
          b + o * b_at.outer_stride + i * b_at.inner_stride, b_at, rows, shared, columns, factor, add);
    }
}
