#include "loam_layers.h"

#include <string.h>

#include "loam_hash.h"
#include "loam_loops.h"

// The mixing constants are those of lowbias32 (Ellis, "Prospecting for Hash Functions", improved set); the row's half
// key between the rounds keeps rows from being shifts of each other.
LOAM_INLINE uint32_t draw(uint32_t column, uint32_t low, uint32_t high) {
  uint32_t x = column * 0x9e3779b9u + low;
  x ^= x >> 16;
  x *= 0x21f0aaadu;
  x ^= high ^ (x >> 15);
  x *= 0xd35a2d97u;
  x ^= x >> 15;
  return x;
}

LOAM_CLONES void loam_f32_dropout(
    float *out, const float *a, float probability, uint64_t key, uint64_t first_row, size_t rows, size_t columns,
    bool add) {
  const float scale = 1.0f / (1.0f - probability);
  const int32_t threshold = (int32_t)((double)probability * 16777216.0);
  const size_t count = columns;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns) {
    const uint64_t row = loam_mix64(key + (first_row + r) * 0x9e3779b97f4a7c15u);
    const uint32_t low = (uint32_t)row, high = (uint32_t)(row >> 32);
    EACH((int32_t)(draw((uint32_t)i, low, high) >> 8) < threshold ? 0.0f : a[i] * scale)
  }
}

// Sums over the rows of a value, per column: blocks of rows, then the blocks.
#define COLUMN_SUMS(value)                                                          \
  enum { TILE = 64, BLOCK = 64 };                                                   \
  for (size_t begin = 0; begin < columns; begin += TILE) {                          \
    const size_t end = columns - begin < TILE ? columns : begin + TILE;             \
    float total[TILE] = {0};                                                        \
    for (size_t first = 0; first < rows; first += BLOCK) {                          \
      const size_t last = rows - first < BLOCK ? rows : first + BLOCK;              \
      float block[TILE] = {0};                                                      \
      for (size_t r = first; r < last; r++)                                         \
        for (size_t c = begin; c < end; c++) block[c - begin] += (value);           \
      for (size_t c = 0; c < TILE; c++) total[c] += block[c];                       \
    }                                                                               \
    for (size_t c = begin; c < end; c++) out[c] = total[c - begin];                 \
  }

LOAM_CLONES void loam_f32_square_deviations(
    float *out, const float *a, const float *mean, size_t rows, size_t columns) {
  COLUMN_SUMS((a[r * columns + c] - mean[c]) * (a[r * columns + c] - mean[c]))
}

LOAM_CLONES void loam_f32_centred_products(
    float *out, const float *dy, const float *a, const float *mean, size_t rows, size_t columns) {
  COLUMN_SUMS(dy[r * columns + c] * (a[r * columns + c] - mean[c]))
}

LOAM_CLONES void loam_f32_normalise(
    float *out, const float *a, const float *mean, const float *inverse, const float *gamma, const float *beta,
    size_t rows, size_t columns) {
  const size_t count = columns;
  const bool add = false;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns)
    EACH((a[i] - mean[i]) * inverse[i] * gamma[i] + beta[i])
}

LOAM_CLONES void loam_f32_normalise_gradient(
    float *out, const float *dy, const float *a, const float *mean, const float *scale, const float *slope,
    const float *shift, size_t rows, size_t columns, bool add) {
  const size_t count = columns;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns, dy += columns)
    EACH(dy[i] * scale[i] + (a[i] - mean[i]) * slope[i] + shift[i])
}

enum { DIMENSIONS = 64 };  // of a row, that are summed in registers at a time

LOAM_CLONES void loam_f32_pair_products(
    float *out, const float *e, size_t batch, size_t fields, size_t dimension) {
  for (size_t b = 0; b < batch; b++, e += fields * dimension, out += dimension)
    for (size_t begin = 0; begin < dimension; begin += DIMENSIONS) {
      const size_t width = dimension - begin < DIMENSIONS ? dimension - begin : DIMENSIONS;
      float sum[DIMENSIONS] = {0}, squares[DIMENSIONS] = {0};
      for (size_t f = 0; f < fields; f++)
        for (size_t d = 0; d < width; d++) {
          const float value = e[f * dimension + begin + d];
          sum[d] += value;
          squares[d] += value * value;
        }
      for (size_t d = 0; d < width; d++) out[begin + d] = 0.5f * (sum[d] * sum[d] - squares[d]);
    }
}

LOAM_CLONES void loam_f32_pair_products_gradient(
    float *out, const float *dy, const float *e, size_t batch, size_t fields, size_t dimension, bool add) {
  for (size_t b = 0; b < batch; b++, e += fields * dimension, out += fields * dimension, dy += dimension)
    for (size_t begin = 0; begin < dimension; begin += DIMENSIONS) {
      const size_t width = dimension - begin < DIMENSIONS ? dimension - begin : DIMENSIONS;
      float sum[DIMENSIONS] = {0};
      for (size_t f = 0; f < fields; f++)
        for (size_t d = 0; d < width; d++) sum[d] += e[f * dimension + begin + d];
      for (size_t f = 0; f < fields; f++)
        for (size_t d = 0; d < width; d++) {
          const size_t at = f * dimension + begin + d;
          const float value = dy[begin + d] * (sum[d] - e[at]);
          out[at] = add ? out[at] + value : value;
        }
    }
}

LOAM_CLONES void loam_f32_pool(float *out, const float *a, const int32_t *offsets, size_t bags, size_t columns) {
  for (size_t b = 0; b < bags; b++, out += columns) {
    memset(out, 0, columns * sizeof(float));
    for (int32_t r = offsets[b]; r < offsets[b + 1]; r++)
      for (size_t c = 0; c < columns; c++) out[c] += a[(size_t)r * columns + c];
  }
}

LOAM_CLONES void loam_f32_pool_gradient(
    float *out, const float *dy, const int32_t *offsets, size_t bags, size_t columns, bool add) {
  const size_t count = columns;
  for (size_t b = 0; b < bags; b++, dy += columns)
    for (int32_t r = offsets[b]; r < offsets[b + 1]; r++, out += columns) EACH(dy[i])
}
