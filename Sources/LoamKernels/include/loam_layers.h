#ifndef LOAM_LAYERS_H
#define LOAM_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loops of layers and losses over dense f32 tensors. `add` as in loam_tensor.h; sums have a fixed order.

/// [rows, columns]: a / (1 - probability) where the element is kept, else 0. An element's fate depends on `key`,
/// `first_row` + r and c alone, so the gradient is the same call, and cutting a batch changes nothing.
void loam_f32_dropout(
    float *out, const float *a, float probability, uint64_t key, uint64_t first_row, size_t rows, size_t columns,
    bool add);

/// Batch norm over [rows, columns]. Sums over r, per column:  (a - mean)^2;  dy;  dy (a - mean)
void loam_f32_square_deviations(float *out, const float *a, const float *mean, size_t rows, size_t columns);
void loam_f32_centred_products(
    float *out, const float *dy, const float *a, const float *mean, size_t rows, size_t columns);

/// out = (a - mean) inverse gamma + beta
void loam_f32_normalise(
    float *out, const float *a, const float *mean, const float *inverse, const float *gamma, const float *beta,
    size_t rows, size_t columns);

/// dx = dy scale + (a - mean) slope + shift, each per column
void loam_f32_normalise_gradient(
    float *out, const float *dy, const float *a, const float *mean, const float *scale, const float *slope,
    const float *shift, size_t rows, size_t columns, bool add);

/// [batch, fields, dimension] to [batch, dimension]: ((sum of e)^2 - sum of e^2) / 2, over the fields
void loam_f32_pair_products(float *out, const float *e, size_t batch, size_t fields, size_t dimension);

/// de[b][f][d] = dy[b][d] (sum over fields of e[b][.][d] - e[b][f][d])
void loam_f32_pair_products_gradient(
    float *out, const float *dy, const float *e, size_t batch, size_t fields, size_t dimension, bool add);

/// Bags of consecutive rows: bag b is rows offsets[b] ..< offsets[b + 1] of a. [rows, columns] to [bags, columns].
void loam_f32_pool(float *out, const float *a, const int32_t *offsets, size_t bags, size_t columns);
void loam_f32_pool_gradient(
    float *out, const float *dy, const int32_t *offsets, size_t bags, size_t columns, bool add);

/// Losses. A label that is NaN is absent: no loss, no gradient. `weights` may be null: 1.
typedef struct {
  double loss;   // sum of weight times loss over the present labels
  double count;  // present labels
} loam_loss;

/// max(x, 0) - x y + log(1 + e^-|x|);  gradient: scale weight (sigmoid(x) - y)
loam_loss loam_f32_cross_entropy(const float *logits, const float *labels, const float *weights, size_t count);
void loam_f32_cross_entropy_gradient(
    float *out, const float *logits, const float *labels, const float *weights, float scale, size_t count, bool add);

/// (x - y)^2;  gradient: 2 scale weight (x - y)
loam_loss loam_f32_square_error(const float *predictions, const float *labels, const float *weights, size_t count);
void loam_f32_square_error_gradient(
    float *out, const float *predictions, const float *labels, const float *weights, float scale, size_t count,
    bool add);

/// [rows, classes], labels: indices of classes. log(sum of e^x) - x[label];  gradient: scale weight (softmax(x) - 1[label])
loam_loss loam_f32_softmax_cross_entropy(
    const float *logits, const float *labels, const float *weights, size_t rows, size_t classes);
void loam_f32_softmax_cross_entropy_gradient(
    float *out, const float *logits, const float *labels, const float *weights, float scale, size_t rows,
    size_t classes, bool add);

#endif
