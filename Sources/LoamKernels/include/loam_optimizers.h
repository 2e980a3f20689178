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
  /// rate / (1 - beta1^t); of AdamW that times sqrt(1 - beta2^t)
  float step;
  /// 1 / sqrt(1 - beta2^t); of AdamW 1
  float correction;
  float epsilon;
} loam_adam_step;

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  w -= step m / (sqrt(v) correction + epsilon)
void loam_adam(loam_rows rows, float *const *first, float *const *second, loam_adam_step step);

typedef struct {
  /// The rate, and what keeps it finite at first.
  float alpha, beta;
  float l1, l2;
} loam_ftrl_step;

/// FTRL-Proximal by coordinates: McMahan et al., "Ad click prediction: a view from the trenches" (KDD 2013), algorithm 1.
///
/// n' = n + g^2;  z += g - (sqrt(n') - sqrt(n)) / alpha w;
/// w = 0 where |z| <= l1, else -(z - sign(z) l1) / ((beta + sqrt(n')) / alpha + l2)
///
/// `sums` z and `squares` n have `dimension` elements a row. Reads neither `keep` nor `rates` nor `l2` of `rows`.
void loam_ftrl(loam_rows rows, float *const *sums, float *const *squares, loam_ftrl_step step);

#endif
