#include "loam_activations.h"

#include "loam_loops.h"

// e^(-x² / 2), the density of the normal distribution but for its factor.
LOAM_INLINE float bell(float x) { return exponential(-0.5f * (x * x)); }

// The distribution function of the normal distribution by erf's formula 7.1.26 of Abramowitz and Stegun: absolute error
// below 1.5e-7, and free of branches.
LOAM_INLINE float normal_below(float x, float bell) {
  const float z = fabsf(x) * 0.70710678118654752f;
  const float t = 1.0f / (1.0f + 0.3275911f * z);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float tail = 0.5f * (p * t) * bell;
  return x < 0 ? tail : 1.0f - tail;
}

LOAM_INLINE float logistic(float x) { return 1.0f / (1.0f + exponential(-x)); }

LOAM_CLONES void loam_f32_gelu(float *out, const float *a, size_t count) {
  const bool add = false;
  EACH_PAIR(a[i] * normal_below(a[i], bell(a[i])))
}

LOAM_CLONES void loam_f32_gelu_gradient(float *out, const float *dy, const float *a, size_t count, bool add) {
  EACH_PAIR(dy[i] * (normal_below(a[i], bell(a[i])) + a[i] * (0.39894228040143268f * bell(a[i]))))
}

LOAM_CLONES void loam_f32_silu(float *out, const float *a, size_t count) {
  const bool add = false;
  EACH_PAIR(a[i] * logistic(a[i]))
}

LOAM_CLONES void loam_f32_silu_gradient(float *out, const float *dy, const float *a, size_t count, bool add) {
  EACH_PAIR(dy[i] * (logistic(a[i]) * (1.0f + a[i] * (1.0f - logistic(a[i])))))
}
