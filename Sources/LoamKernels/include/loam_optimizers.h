#ifndef LOAM_OPTIMIZERS_H
#define LOAM_OPTIMIZERS_H

#include <stddef.h>

/// Sparse optimizers: one call updates many rows of one column.
///
/// Every element is computed by the same sequence of rounded f32 operations whatever the vector width, and sums over a
/// row have a fixed order, so a row's result depends neither on the CPU nor on the thread that computes it.

/// The rows of a call. A row must occur once: duplicates are summed by the caller.
typedef struct {
  size_t count;
  /// Elements a row.
  size_t dimension;
  /// `count` rows to update.
  float *const *weights;
  /// `count` gradients. Rows without one share a row of zeros.
  const float *const *gradients;
  /// `count` factors that a row is multiplied with before its update (decay that is due); null: 1.
  const float *keep;
  /// `count` factors of the rate, one a row; null: 1.
  const float *rates;
  /// Added to each gradient: `l2` times the row, as it was before `keep`.
  float l2;
} loam_rows;

/// w -= rate g
void loam_sgd(loam_rows rows, float rate);

/// a += g^2;  w -= rate g / (sqrt(a) + epsilon).  `accumulators`: `count` rows of `dimension`.
void loam_adagrad(loam_rows rows, float *const *accumulators, float rate, float epsilon);

/// a += mean(g^2);  w -= rate g / (sqrt(a) + epsilon).  `accumulators`: one f32 a row.
void loam_rowwise_adagrad(loam_rows rows, float *const *accumulators, float rate, float epsilon);

/// The scalars of one Adam step, computed once a step in f64.
typedef struct {
  float beta1, beta2;
  /// rate / (1 - beta1^t)
  float step;
  /// 1 / sqrt(1 - beta2^t)
  float correction;
  float epsilon;
} loam_adam_step;

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= step m / (sqrt(v) correction + epsilon)
void loam_adam(loam_rows rows, float *const *first, float *const *second, loam_adam_step step);

#endif
