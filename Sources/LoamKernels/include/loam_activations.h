#ifndef LOAM_ACTIVATIONS_H
#define LOAM_ACTIVATIONS_H

#include <stdbool.h>
#include <stddef.h>

/// Activations whose gradient wants the input. `add` as in loam_tensor.h.

/// a times the probability that a standard normal number is below a
void loam_f32_gelu(float *out, const float *a, size_t count);
void loam_f32_gelu_gradient(float *out, const float *dy, const float *a, size_t count, bool add);

/// a sigmoid(a)
void loam_f32_silu(float *out, const float *a, size_t count);
void loam_f32_silu_gradient(float *out, const float *dy, const float *a, size_t count, bool add);

#endif
