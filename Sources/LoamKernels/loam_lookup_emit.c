#include <string.h>

#include "loam_clones.h"
#include "loam_lookup.h"

// As in loam_optimizers.c: the clones must round alike.
#pragma STDC FP_CONTRACT OFF

LOAM_INLINE void copy(const void *const *rows, size_t count, size_t stride, void *out) {
  for (size_t i = 0; i < count; i++) memcpy((char *)out + i * stride, rows[i], stride);
}

// A size known to the compiler becomes a few vector moves.
LOAM_CLONES void loam_lookup_copy(const void *const *rows, size_t count, size_t stride, void *out) {
  switch (stride) {
    case 4: return copy(rows, count, 4, out);
    case 8: return copy(rows, count, 8, out);
    case 16: return copy(rows, count, 16, out);
    case 32: return copy(rows, count, 32, out);
    case 64: return copy(rows, count, 64, out);
    case 128: return copy(rows, count, 128, out);
    case 256: return copy(rows, count, 256, out);
    default: return copy(rows, count, stride, out);
  }
}

LOAM_INLINE float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

LOAM_INLINE uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// By bits, so that every compiler and processor does the same: the product moves the exponent's bias, and makes
// subnormal halves normal; infinities and NaNs get their exponent back.
LOAM_INLINE float of_f16(uint16_t half) {
  const uint32_t magnitude = half & 0x7FFFu;
  const float moved = float_of(magnitude << 13) * 0x1p112f;
  const uint32_t special = magnitude >= 0x7C00u ? 0x7F800000u : 0;
  return float_of(bits_of(moved) | special | (uint32_t)(half & 0x8000u) << 16);
}

LOAM_INLINE float of_bf16(uint16_t half) { return float_of((uint32_t)half << 16); }

LOAM_INLINE float scale_of(const void *row, size_t width) {
  float scale;
  memcpy(&scale, (const char *)row + width, sizeof scale);
  return scale;
}

LOAM_CLONES void loam_lookup_convert(
    loam_row_type type, const void *const *rows, size_t count, size_t width, float *out) {
  for (size_t r = 0; r < count; r++) {
    float *restrict to = out + r * width;
    switch (type) {
      case loam_row_f32: memcpy(to, rows[r], width * sizeof(float)); break;
      case loam_row_f16: {
        const uint16_t *restrict from = rows[r];
        for (size_t i = 0; i < width; i++) to[i] = of_f16(from[i]);
        break;
      }
      case loam_row_bf16: {
        const uint16_t *restrict from = rows[r];
        for (size_t i = 0; i < width; i++) to[i] = of_bf16(from[i]);
        break;
      }
      case loam_row_i8: {
        const int8_t *restrict from = rows[r];
        const float scale = scale_of(from, width);
        for (size_t i = 0; i < width; i++) to[i] = scale * (float)from[i];
        break;
      }
    }
  }
}

LOAM_CLONES void loam_lookup_add(
    loam_row_type type, const void *const *rows, const float *weights, size_t count, size_t width, float *out) {
  float *restrict to = out;
  for (size_t r = 0; r < count; r++) {
    const float weight = weights ? weights[r] : 1;
    switch (type) {
      case loam_row_f32: {
        const float *restrict from = rows[r];
        for (size_t i = 0; i < width; i++) to[i] += weight * from[i];
        break;
      }
      case loam_row_f16: {
        const uint16_t *restrict from = rows[r];
        for (size_t i = 0; i < width; i++) to[i] += weight * of_f16(from[i]);
        break;
      }
      case loam_row_bf16: {
        const uint16_t *restrict from = rows[r];
        for (size_t i = 0; i < width; i++) to[i] += weight * of_bf16(from[i]);
        break;
      }
      case loam_row_i8: {
        const int8_t *restrict from = rows[r];
        const float scale = scale_of(from, width);
        for (size_t i = 0; i < width; i++) to[i] += weight * (scale * (float)from[i]);
        break;
      }
    }
  }
}
