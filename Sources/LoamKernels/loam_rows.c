#include "loam_rows.h"

#include "loam_clones.h"

// As in loam_optimizers.c: the clones must round alike.
#pragma STDC FP_CONTRACT OFF

LOAM_CLONES void loam_gather(
    float *out, size_t stride, const float *values, size_t dimension, const uint32_t *codes, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict to = out + r * stride;
    const float *restrict from = values + codes[r] * dimension;
    for (size_t i = 0; i < dimension; i++) to[i] = from[i];
  }
}

LOAM_CLONES void loam_gather_bags(
    float *out, size_t stride, const float *values, size_t dimension, const uint32_t *codes, const uint32_t *offsets,
    const float *shares, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict to = out + r * stride;
    for (size_t i = 0; i < dimension; i++) to[i] = 0;
    for (uint32_t at = offsets[r]; at < offsets[r + 1]; at++) {
      const float *restrict from = values + codes[at] * dimension;
      const float share = shares[at];
      for (size_t i = 0; i < dimension; i++) to[i] += share * from[i];
    }
  }
}

void loam_add_weights(float *sums, const float *values, const uint32_t *codes, size_t rows) {
  for (size_t r = 0; r < rows; r++) sums[r] += values[codes[r]];
}

void loam_add_weights_bags(
    float *sums, const float *values, const uint32_t *codes, const uint32_t *offsets, const float *shares,
    size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    float sum = 0;
    for (uint32_t at = offsets[r]; at < offsets[r + 1]; at++) sum += shares[at] * values[codes[at]];
    sums[r] += sum;
  }
}

LOAM_CLONES void loam_scatter_add(
    float *sums, const float *gradients, size_t stride, size_t dimension, const uint32_t *codes, size_t rows) {
  if (dimension == 1) {
    for (size_t r = 0; r < rows; r++) sums[codes[r]] += gradients[r * stride];
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    float *restrict to = sums + codes[r] * dimension;
    const float *restrict from = gradients + r * stride;
    for (size_t i = 0; i < dimension; i++) to[i] += from[i];
  }
}

LOAM_CLONES void loam_scatter_add_bags(
    float *sums, const float *gradients, size_t stride, size_t dimension, const uint32_t *codes,
    const uint32_t *offsets, const float *shares, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict from = gradients + r * stride;
    for (uint32_t at = offsets[r]; at < offsets[r + 1]; at++) {
      float *restrict to = sums + codes[at] * dimension;
      const float share = shares[at];
      for (size_t i = 0; i < dimension; i++) to[i] += share * from[i];
    }
  }
}

LOAM_CLONES void loam_gather_sequences(
    float *out, float *mask, float *places, const float *values, size_t dimension, const uint32_t *codes,
    const uint32_t *offsets, size_t length, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const size_t events = offsets[r + 1] - offsets[r], kept = events < length ? events : length;
    const uint32_t *const last = codes + offsets[r + 1] - kept;
    const size_t padding = length - kept;
    for (size_t at = 0; at < length; at++) {
      float *restrict to = out + (r * length + at) * dimension;
      mask[r * length + at] = at < padding ? 0.0f : 1.0f;
      places[r * length + at] = at < padding ? 0.0f : (float)last[at - padding];
      if (at < padding) {
        for (size_t i = 0; i < dimension; i++) to[i] = 0;
      } else {
        const float *restrict from = values + last[at - padding] * dimension;
        for (size_t i = 0; i < dimension; i++) to[i] = from[i];
      }
    }
  }
}

LOAM_CLONES void loam_scatter_add_sequences(
    float *sums, const float *gradients, size_t dimension, const uint32_t *codes, const uint32_t *offsets,
    size_t length, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    const size_t events = offsets[r + 1] - offsets[r], kept = events < length ? events : length;
    const uint32_t *const last = codes + offsets[r + 1] - kept;
    for (size_t event = 0; event < kept; event++) {
      float *restrict to = sums + last[event] * dimension;
      const float *restrict from = gradients + (r * length + length - kept + event) * dimension;
      for (size_t i = 0; i < dimension; i++) to[i] += from[i];
    }
  }
}
