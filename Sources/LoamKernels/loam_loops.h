#ifndef LOAM_LOOPS_H
#define LOAM_LOOPS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "loam_clones.h"

// What the loops over f32 tensors share. Files that include it switch FP_CONTRACT off: a fused multiply-add rounds once
// where a multiply and an add round twice, and the clones would differ.

#define EACH(value)                                        \
  if (add) {                                               \
    LOAM_INDEPENDENT                                       \
    for (size_t i = 0; i < count; i++) out[i] += (value);  \
  } else {                                                 \
    LOAM_INDEPENDENT                                       \
    for (size_t i = 0; i < count; i++) out[i] = (value);   \
  }

// Sixteen running sums: a fixed order that every vector width can follow.
LOAM_INLINE float sum_of_products(const float *a, const float *b, size_t count) {
  float sums[16] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (size_t k = 0; k < 16; k++) sums[k] += a[i + k] * (b ? b[i + k] : 1.0f);
  for (size_t k = 0; i < count; i++, k++) sums[k] += a[i] * (b ? b[i] : 1.0f);
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t k = 0; k < width; k++) sums[k] += sums[k + width];
  return sums[0];
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
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float mantissa = p * (r * r) + r + 1.0f;
  const int32_t bits = ((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return mantissa * power;
}

#endif
