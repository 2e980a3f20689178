#include "loam_optimizers.h"

#include "loam_clones.h"

// A fused multiply-add rounds once where a multiply and an add round twice: with it, the clones below would differ.
#pragma STDC FP_CONTRACT OFF

// sqrtf may set errno, which keeps the loops from being vectorised.
#define LOAM_SQRT(x) __builtin_elementwise_sqrt(x)

LOAM_CLONES void loam_sgd(loam_rows rows, float rate) {
  for (size_t r = 0; r < rows.count; r++) {
    float *restrict w = rows.weights[r];
    const float *restrict g = rows.gradients[r];
    const float keep = rows.keep ? rows.keep[r] : 1.0f, l2 = rows.l2;
    const float own = rows.rates ? rate * rows.rates[r] : rate;
    for (size_t i = 0; i < rows.dimension; i++) {
      w[i] = w[i] * keep - own * (g[i] + l2 * w[i]);
    }
  }
}

LOAM_INLINE void adagrad(
    float *restrict w, float *restrict a, const float *restrict g, size_t count, float keep, float l2, float rate,
    float epsilon) {
  for (size_t i = 0; i < count; i++) {
    const float gradient = g[i] + l2 * w[i];
    const float accumulator = a[i] + gradient * gradient;
    a[i] = accumulator;
    w[i] = w[i] * keep - rate * gradient / (LOAM_SQRT(accumulator) + epsilon);
  }
}

LOAM_CLONES void loam_adagrad(loam_rows rows, float *const *accumulators, float rate, float epsilon) {
  for (size_t r = 0; r < rows.count; r++) {
    const float keep = rows.keep ? rows.keep[r] : 1.0f, own = rows.rates ? rate * rows.rates[r] : rate;
    // Of linear models, without what a loop over vectors begins and ends with.
    if (rows.dimension == 1) {
      adagrad(rows.weights[r], accumulators[r], rows.gradients[r], 1, keep, rows.l2, own, epsilon);
    } else {
      adagrad(rows.weights[r], accumulators[r], rows.gradients[r], rows.dimension, keep, rows.l2, own, epsilon);
    }
  }
}

LOAM_CLONES void loam_rowwise_adagrad(loam_rows rows, float *const *accumulators, float rate, float epsilon) {
  for (size_t r = 0; r < rows.count; r++) {
    float *restrict w = rows.weights[r];
    const float *restrict g = rows.gradients[r];
    const float keep = rows.keep ? rows.keep[r] : 1.0f, l2 = rows.l2;
    const float own = rows.rates ? rate * rows.rates[r] : rate;
    // Eight running sums: a fixed order that every vector width can follow.
    float sums[8] = {0};
    size_t i = 0;
    for (; i + 8 <= rows.dimension; i += 8) {
      for (size_t k = 0; k < 8; k++) {
        const float gradient = g[i + k] + l2 * w[i + k];
        sums[k] += gradient * gradient;
      }
    }
    for (size_t k = 0; i + k < rows.dimension; k++) {
      const float gradient = g[i + k] + l2 * w[i + k];
      sums[k] += gradient * gradient;
    }
    const float sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    const float accumulator = *accumulators[r] + sum / (float)rows.dimension;
    *accumulators[r] = accumulator;
    const float divisor = LOAM_SQRT(accumulator) + epsilon;
    for (size_t j = 0; j < rows.dimension; j++) {
      w[j] = w[j] * keep - own * (g[j] + l2 * w[j]) / divisor;
    }
  }
}

LOAM_CLONES void loam_adam(loam_rows rows, float *const *first, float *const *second, loam_adam_step step) {
  const float rest1 = 1.0f - step.beta1, rest2 = 1.0f - step.beta2;
  for (size_t r = 0; r < rows.count; r++) {
    float *restrict w = rows.weights[r];
    float *restrict m = first[r];
    float *restrict v = second[r];
    const float *restrict g = rows.gradients[r];
    const float keep = rows.keep ? rows.keep[r] : 1.0f, l2 = rows.l2;
    const float own = rows.rates ? step.step * rows.rates[r] : step.step;
    for (size_t i = 0; i < rows.dimension; i++) {
      const float gradient = g[i] + l2 * w[i];
      const float mean = step.beta1 * m[i] + rest1 * gradient;
      const float square = step.beta2 * v[i] + rest2 * (gradient * gradient);
      m[i] = mean;
      v[i] = square;
      w[i] = w[i] * keep - own * mean / (LOAM_SQRT(square) * step.correction + step.epsilon);
    }
  }
}

LOAM_CLONES void loam_ftrl(loam_rows rows, float *const *sums, float *const *squares, loam_ftrl_step step) {
  for (size_t r = 0; r < rows.count; r++) {
    float *restrict w = rows.weights[r];
    float *restrict z = sums[r];
    float *restrict n = squares[r];
    const float *restrict g = rows.gradients[r];
    const float alpha = step.alpha, beta = step.beta, l1 = step.l1, l2 = step.l2;
    for (size_t i = 0; i < rows.dimension; i++) {
      const float before = n[i];
      const float after = before + g[i] * g[i];
      const float root = LOAM_SQRT(after);
      const float sum = z[i] + g[i] - (root - LOAM_SQRT(before)) / alpha * w[i];
      const float shrunk = sum > l1 ? sum - l1 : sum < -l1 ? sum + l1 : 0.0f;
      n[i] = after;
      z[i] = sum;
      // An element that never had a gradient keeps its first value.
      w[i] = after > 0.0f ? -shrunk / ((beta + root) / alpha + l2) : w[i];
    }
  }
}
