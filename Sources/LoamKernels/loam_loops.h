#ifndef LOAM_LOOPS_H
#define LOAM_LOOPS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "loam_vectors.h"

// What the loops over f32 tensors share.

#define EACH_BY(pragma, value)                             \
  if (add) {                                               \
    pragma                                                 \
    for (size_t i = 0; i < count; i++) out[i] += (value);  \
  } else {                                                 \
    pragma                                                 \
    for (size_t i = 0; i < count; i++) out[i] = (value);   \
  }
#define EACH(value) EACH_BY(LOAM_INDEPENDENT, value)
// For values that are a long chain of steps: two vectors of them at a time.
#define EACH_PAIR(value) EACH_BY(LOAM_INDEPENDENT_PAIRS, value)

// Sixteen running sums: a fixed order that every vector width can follow.
LOAM_INLINE float sum_of_products(const float *a, const float *b, size_t count) {
  wide sums = 0.0f;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) sums += b ? FROM(a + i) * FROM(b + i) : FROM(a + i);
  for (size_t k = 0; i < count; i++, k++) sums[k] += b ? a[i] * b[i] : a[i];
  return sum_of(&sums);
}

// e^x within 2 units in the last place, without branches, so that loops over it are vectorised. Cephes' polynomial
// (Moshier): x = n ln 2 + r, |r| <= ln 2 / 2. Clamped where e^x would overflow or be subnormal.
LOAM_INLINE float exponential(float x) {
  x = x > 88.0f ? 88.0f : x;
  x = x < -87.0f ? -87.0f : x;
  const float rounder = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const float shifted = x * 1.44269504088896341f + rounder;
  const float n = shifted - rounder;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  const float square = r * r;
  float p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * square + (8.3334519073e-3f * r + 4.1665795894e-2f);
  p = p * square + (1.6666665459e-1f * r + 5.0000001201e-1f);
  float power = p * square + r + 1.0f;
  // The lowest bits of `shifted` are n, which goes to the exponent: times 2^n.
  uint32_t bits, n_bits;
  memcpy(&bits, &power, sizeof bits);
  memcpy(&n_bits, &shifted, sizeof n_bits);
  bits += n_bits << 23;
  memcpy(&power, &bits, sizeof power);
  return x == x ? power : x;
}

#endif
