#include "loam_nearest.h"

#include <math.h>

#include "loam_clones.h"

// The clones must round alike.
#pragma STDC FP_CONTRACT OFF

enum { partial_sums = 32, checked_at_once = 32 };

LOAM_INLINE float total(float *sums) {
  for (size_t half = partial_sums / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; j++) sums[j] += sums[j + half];
  return sums[0];
}

LOAM_CLONES void loam_nearest_products(
    float *products, float *squares, const float *query, const void *const *rows, size_t count, size_t width) {
  for (size_t r = 0; r < count; r++) {
    const float *row = rows[r];
    float ofProduct[partial_sums] = {0}, ofSquare[partial_sums] = {0};
    size_t i = 0;
    for (; i + partial_sums <= width; i += partial_sums)
      for (size_t j = 0; j < partial_sums; j++) {
        ofProduct[j] += query[i + j] * row[i + j];
        ofSquare[j] += row[i + j] * row[i + j];
      }
    for (size_t j = 0; i < width; i++, j++) {
      ofProduct[j] += query[i] * row[i];
      ofSquare[j] += row[i] * row[i];
    }
    products[r] = total(ofProduct);
    squares[r] = total(ofSquare);
  }
}

LOAM_CLONES void loam_nearest_squares(float *squares, const float *rows, size_t count, size_t width) {
  for (size_t r = 0; r < count; r++) {
    const float *row = rows + r * width;
    float sums[partial_sums] = {0};
    size_t i = 0;
    for (; i + partial_sums <= width; i += partial_sums)
      for (size_t j = 0; j < partial_sums; j++) sums[j] += row[i + j] * row[i + j];
    for (size_t j = 0; i < width; i++, j++) sums[j] += row[i] * row[i];
    squares[r] = total(sums);
  }
}

LOAM_CLONES void loam_nearest_inverse_lengths(float *inverse, const float *squares, size_t count) {
  for (size_t r = 0; r < count; r++) inverse[r] = squares[r] > 0 ? 1 / sqrtf(squares[r]) : 0;
}

// Almost no row passes, so rows are asked together first: that loop has no branch.
LOAM_CLONES size_t loam_nearest_select(
    uint32_t *places, const float *products, const float *scales, const float *biases, size_t count, float least) {
  size_t found = 0, r = 0;
  for (; r + checked_at_once <= count; r += checked_at_once) {
    int any = 0;
    for (size_t j = r; j < r + checked_at_once; j++) any |= products[j] * scales[j] + biases[j] >= least;
    if (!any) continue;
    for (size_t j = r; j < r + checked_at_once; j++) {
      places[found] = (uint32_t)j;
      found += products[j] * scales[j] + biases[j] >= least;
    }
  }
  for (; r < count; r++) {
    places[found] = (uint32_t)r;
    found += products[r] * scales[r] + biases[r] >= least;
  }
  return found;
}

// Two products of codes fit 16 bits: 2 x 127 x 127 < 2^15.
LOAM_CLONES_OF("avx512bw", "avx2", "default")
void loam_nearest_code_products(
    int32_t *products, const int8_t *query, const int8_t *codes, size_t groups, size_t width) {
  enum { together = LOAM_CODES_TOGETHER };
  for (size_t group = 0; group < groups; group++, codes += width * together, products += together) {
    int32_t sums[together] = {0};
    size_t i = 0;
    for (; i + 2 <= width; i += 2) {
      const int8_t *one = codes + i * together, *other = one + together;
      const int16_t a = query[i], b = query[i + 1];
      for (size_t r = 0; r < together; r++) {
        int16_t pair = (int16_t)((int16_t)(one[r] * a) + (int16_t)(other[r] * b));
        sums[r] += pair;
      }
    }
    if (i < width)
      for (size_t r = 0; r < together; r++) sums[r] += codes[i * together + r] * query[i];
    for (size_t r = 0; r < together; r++) products[r] = sums[r];
  }
}

// Roundings of a few operations in f32, of values no larger than the length, and than its square.
static const float rounding = 4e-6f;

LOAM_CLONES void loam_nearest_code_bounds(
    float *uppers, float *spans, const int32_t *products, const float *scales, const float *lengths,
    const float *errors, const float *factors, size_t count, loam_code_query query, int isDistance) {
  for (size_t r = 0; r < count; r++) {
    uppers[r] = (float)products[r] * (query.queryScale * scales[r]);
    spans[r] = query.ofLength * lengths[r] + query.ofError * errors[r];
  }
  if (isDistance) {
    for (size_t r = 0; r < count; r++) {
      float square = lengths[r] * lengths[r];
      uppers[r] = 2 * uppers[r] - square;
      spans[r] = 2 * spans[r] + rounding * square;
    }
  } else if (factors) {
    for (size_t r = 0; r < count; r++) {
      uppers[r] *= factors[r];
      spans[r] *= factors[r];
    }
  }
  for (size_t r = 0; r < count; r++) {
    spans[r] *= 1 + rounding;
    uppers[r] += spans[r];
    spans[r] *= 2;
  }
}
