#include "loam_products.h"

#include <string.h>

#include "loam_vectors.h"

enum { HEIGHT = 6 };

// Element (i, k) is at i row + k column.
typedef struct {
  const float *start;
  size_t row, column;
} left;

// Rows of a vector of columns each, of which `width` are stored.
typedef struct {
  float *start;
  size_t row, width;
  bool add;
} result;

#define UNROLLED _Pragma("clang loop unroll(full)")
#define ONE_BY_ONE _Pragma("clang loop vectorize(disable) unroll(disable)")

// HEIGHT or fewer rows by a vector of columns: the sums stay in registers, and are so many that none waits for the
// addition before it.
#define TILE(name, vector, lanes)                                                                                     \
  LOAM_INLINE void name(result c, left a, const float *b, size_t b_row, size_t height, size_t shared, float factor) { \
    vector sums[HEIGHT];                                                                                              \
    UNROLLED for (size_t i = 0; i < height; i++) sums[i] = (vector)0.0f;                                              \
    for (size_t k = 0; k < shared; k++) {                                                                             \
      vector right;                                                                                                   \
      memcpy(&right, b + k * b_row, sizeof right);                                                                    \
      UNROLLED for (size_t i = 0; i < height; i++) sums[i] += a.start[i * a.row + k * a.column] * right;              \
    }                                                                                                                 \
    UNROLLED for (size_t i = 0; i < height; i++, c.start += c.row) {                                                  \
      vector sum = sums[i] * factor, before = (vector)0.0f;                                                           \
      if (c.width == lanes) {                                                                                         \
        if (c.add) memcpy(&before, c.start, sizeof before);                                                           \
        sum += before;                                                                                                \
        memcpy(c.start, &sum, sizeof sum);                                                                            \
      } else {                                                                                                        \
        ONE_BY_ONE for (size_t j = 0; j < c.width; j++) c.start[j] = c.add ? c.start[j] + sum[j] : sum[j];            \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
  /* Heights are constants, so that the loops over rows are unrolled. */                                              \
  LOAM_INLINE void name##s(                                                                                           \
      result c, left a, const float *b, size_t b_row, size_t rows, size_t shared, float factor) {                     \
    for (; rows >= HEIGHT; rows -= HEIGHT, a.start += HEIGHT * a.row, c.start += HEIGHT * c.row)                      \
      name(c, a, b, b_row, HEIGHT, shared, factor);                                                                   \
    switch (rows) {                                                                                                   \
      case 5: name(c, a, b, b_row, 5, shared, factor); break;                                                         \
      case 4: name(c, a, b, b_row, 4, shared, factor); break;                                                         \
      case 3: name(c, a, b, b_row, 3, shared, factor); break;                                                         \
      case 2: name(c, a, b, b_row, 2, shared, factor); break;                                                         \
      case 1: name(c, a, b, b_row, 1, shared, factor); break;                                                         \
      default: break;                                                                                                 \
    }                                                                                                                 \
  }

TILE(wide_tile, wide, LANES)
TILE(narrow_tile, narrow, NARROW)

// The transpose of 8 rows of 8 numbers: three times, the first four rows are dealt out between the other four.
LOAM_INLINE void turn(float *out, size_t out_row, const float *in, size_t in_row) {
  narrow rows[8], dealt[8];
  UNROLLED for (size_t i = 0; i < 8; i++) memcpy(&rows[i], in + i * in_row, sizeof rows[i]);
  UNROLLED for (size_t round = 0; round < 3; round++) {
    UNROLLED for (size_t i = 0; i < 4; i++) {
      dealt[2 * i] = __builtin_shufflevector(rows[i], rows[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
      dealt[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    UNROLLED for (size_t i = 0; i < 8; i++) rows[i] = dealt[i];
  }
  UNROLLED for (size_t i = 0; i < 8; i++) memcpy(out + i * out_row, &rows[i], sizeof rows[i]);
}

// Copies a vector of columns of b, from `begin` on: zeros in place of the first `done` of them, and from `width` on.
LOAM_INLINE void pack(
    float *room, const float *b, loam_matrices at, size_t begin, size_t done, size_t width, size_t lanes,
    size_t shared) {
  const size_t column = at.transposed ? at.row_stride : 1, row = at.transposed ? 1 : at.row_stride;
  b += begin * column;
  size_t k = 0;
  if (at.transposed && width == lanes)
    for (; k + 8 <= shared; k += 8)
      for (size_t j = 0; j < lanes; j += 8) turn(room + k * lanes + j, lanes, b + j * column + k, column);
  for (; k < shared; k++)
    UNROLLED for (size_t j = 0; j < lanes; j++) room[k * lanes + j] = j < width ? b[j * column + k * row] : 0;
  if (done > 0)
    for (k = 0; k < shared; k++) memset(room + k * lanes, 0, done * sizeof *room);
}

// The columns of the result from `first` on, as many as fit into a vector.
LOAM_INLINE void panel(
    float *c, size_t c_row, left a, const float *b, loam_matrices b_at, size_t rows, size_t shared, size_t columns,
    size_t first, size_t lanes, float factor, bool add) {
  float room[loam_small_product_max * LANES];
  // Whole vectors are faster than numbers one by one: the last one begins earlier, over columns that are done.
  const size_t begin = columns >= lanes && columns - first < lanes ? columns - lanes : first;
  const size_t width = columns - begin < lanes ? columns - begin : lanes, done = add ? first - begin : 0;
  const float *right = b + begin;
  size_t b_row = b_at.row_stride;
  if (b_at.transposed || done > 0 || width < lanes) {
    pack(room, b, b_at, begin, done, width, lanes, shared);
    right = room;
    b_row = lanes;
  }
  const result to = {c + begin, c_row, width, add};
  if (lanes == LANES) {
    wide_tiles(to, a, right, b_row, rows, shared, factor);
  } else {
    narrow_tiles(to, a, right, b_row, rows, shared, factor);
  }
}

LOAM_INLINE void product(
    float *c, size_t c_row, left a, const float *b, loam_matrices b_at, size_t rows, size_t shared, size_t columns,
    float factor, bool add) {
  size_t first = 0;
  for (; columns >= LANES && first + NARROW < columns; first += LANES)
    panel(c, c_row, a, b, b_at, rows, shared, columns, first, LANES, factor, add);
  for (; first < columns; first += NARROW)
    panel(c, c_row, a, b, b_at, rows, shared, columns, first, NARROW, factor, add);
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
