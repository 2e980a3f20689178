#ifndef LOAM_ATTENTION_H
#define LOAM_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

/// Loops of attention over dense f32 tensors. `add` as in loam_tensor.h; sums have a fixed order.

/// [batch, rows, columns]: softmax of factor a along the columns. Where mask, [batch, columns], is 0, and with `causal`
/// after column r mod steps, the result is 0; so is a row without any allowed column. `mask` may be null,
/// `out` may not be `a`.
void loam_f32_softmax(
    float *out, const float *a, float factor, const float *mask, bool causal, size_t batch, size_t rows,
    size_t steps, size_t columns);

/// factor y (dy - sum over the columns of dy y)
void loam_f32_softmax_gradient(
    float *out, const float *dy, const float *y, float factor, size_t rows, size_t columns, bool add);

/// [rows, columns]: (a - mean of the row) / sqrt(variance of the row + epsilon) gamma + beta. `mean` and `inverse`
/// (1 / sqrt), [rows] each, are kept for the gradient.
void loam_f32_layer_norm(
    float *out, float *mean, float *inverse, const float *a, const float *gamma, const float *beta, float epsilon,
    size_t rows, size_t columns);

/// With n = (a - mean) inverse and s = dy gamma, per row: inverse (s - mean of s - n mean of (s n)). Sums over the rows
/// of dy n and of dy are added to dgamma and dbeta. `out` may not be `dy`.
void loam_f32_layer_norm_gradient(
    float *out, float *dgamma, float *dbeta, const float *dy, const float *a, const float *mean, const float *inverse,
    const float *gamma, size_t rows, size_t columns, bool add);

#endif
