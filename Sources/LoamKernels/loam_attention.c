#include "loam_attention.h"

#include "loam_loops.h"

#pragma STDC FP_CONTRACT OFF

LOAM_INLINE void softmax_row(float *out, const float *a, float factor, const float *allowed, size_t width) {
  float largest = -INFINITY;
  for (size_t c = 0; c < width; c++) {
    const float value = !allowed || allowed[c] != 0 ? factor * a[c] : -INFINITY;
    largest = value > largest ? value : largest;
  }
  float sums[16] = {0};
  LOAM_INDEPENDENT
  for (size_t c = 0; c < width; c++) {
    const float power = exponential(factor * a[c] - largest);
    out[c] = !allowed || allowed[c] != 0 ? power : 0.0f;
  }
  size_t c = 0;
  for (; c + 16 <= width; c += 16)
    for (size_t k = 0; k < 16; k++) sums[k] += out[c + k];
  for (size_t k = 0; c < width; c++, k++) sums[k] += out[c];
  for (size_t half = 8; half > 0; half /= 2)
    for (size_t k = 0; k < half; k++) sums[k] += sums[k + half];
  const float scale = sums[0] > 0 ? 1.0f / sums[0] : 0.0f;
  for (c = 0; c < width; c++) out[c] *= scale;
}

LOAM_CLONES void loam_f32_softmax(
    float *out, const float *a, float factor, const float *mask, bool causal, size_t batch, size_t rows,
    size_t steps, size_t columns) {
  for (size_t b = 0; b < batch; b++) {
    const float *allowed = mask ? mask + b * columns : NULL;
    for (size_t r = 0; r < rows; r++, a += columns, out += columns) {
      const size_t step = r % steps;
      const size_t width = causal && step + 1 < columns ? step + 1 : columns;
      // Loops that ask for each column whether there is a mask are not vectorised.
      if (allowed) {
        softmax_row(out, a, factor, allowed, width);
      } else {
        softmax_row(out, a, factor, NULL, width);
      }
      for (size_t c = width; c < columns; c++) out[c] = 0;
    }
  }
}

LOAM_CLONES void loam_f32_softmax_gradient(
    float *out, const float *dy, const float *y, float factor, size_t rows, size_t columns, bool add) {
  const size_t count = columns;
  for (size_t r = 0; r < rows; r++, out += columns, dy += columns, y += columns) {
    const float dot = sum_of_products(dy, y, columns);
    EACH(factor * (y[i] * (dy[i] - dot)))
  }
}

LOAM_CLONES void loam_f32_layer_norm(
    float *out, float *mean, float *inverse, const float *a, const float *gamma, const float *beta, float epsilon,
    size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, out += columns, a += columns) {
    const float centre = sum_of_products(a, NULL, columns) / (float)columns;
    LOAM_INDEPENDENT
    for (size_t c = 0; c < columns; c++) out[c] = a[c] - centre;
    const float variance = sum_of_products(out, out, columns) / (float)columns;
    const float scale = 1.0f / sqrtf(variance + epsilon);
    LOAM_INDEPENDENT
    for (size_t c = 0; c < columns; c++) out[c] = out[c] * scale * gamma[c] + beta[c];
    mean[r] = centre;
    inverse[r] = scale;
  }
}

LOAM_CLONES void loam_f32_layer_norm_gradient(
    float *out, float *dgamma, float *dbeta, const float *dy, const float *a, const float *mean, const float *inverse,
    const float *gamma, size_t rows, size_t columns, bool add) {
  for (size_t r = 0; r < rows; r++, out += columns, dy += columns, a += columns) {
    const float centre = mean[r], scale = inverse[r];
    float slope_sums[16] = {0}, product_sums[16] = {0};
    size_t c = 0;
    for (; c + 16 <= columns; c += 16)
      for (size_t k = 0; k < 16; k++) {
        const float slope = dy[c + k] * gamma[c + k], normal = (a[c + k] - centre) * scale;
        slope_sums[k] += slope;
        product_sums[k] += slope * normal;
        dgamma[c + k] += dy[c + k] * normal;
        dbeta[c + k] += dy[c + k];
      }
    for (size_t k = 0; c < columns; c++, k++) {
      const float slope = dy[c] * gamma[c], normal = (a[c] - centre) * scale;
      slope_sums[k] += slope;
      product_sums[k] += slope * normal;
      dgamma[c] += dy[c] * normal;
      dbeta[c] += dy[c];
    }
    for (size_t half = 8; half > 0; half /= 2)
      for (size_t k = 0; k < half; k++) {
        slope_sums[k] += slope_sums[k + half];
        product_sums[k] += product_sums[k + half];
      }
    const float slope_mean = slope_sums[0] / (float)columns, product_mean = product_sums[0] / (float)columns;
    const size_t count = columns;
    EACH(scale * (dy[i] * gamma[i] - slope_mean - (a[i] - centre) * scale * product_mean))
  }
}
