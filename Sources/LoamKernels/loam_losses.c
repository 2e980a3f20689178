#include <math.h>

#include "loam_layers.h"

#pragma STDC FP_CONTRACT OFF

// A batch has one logit a row and task: these loops are a thousandth of a step, so they work in f64 and are plain.

static double sigmoid(double x) {
  const double e = exp(-fabs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

static void store(float *out, double value, bool add) { *out = add ? *out + (float)value : (float)value; }

loam_loss loam_f32_cross_entropy(const float *logits, const float *labels, const float *weights, size_t count) {
  loam_loss sum = {0, 0};
  for (size_t i = 0; i < count; i++) {
    if (isnan(labels[i])) continue;
    const double x = logits[i], y = labels[i], loss = (x > 0 ? x : 0) - x * y + log1p(exp(-fabs(x)));
    sum.loss += weights ? weights[i] * loss : loss;
    sum.count += 1;
  }
  return sum;
}

void loam_f32_cross_entropy_gradient(
    float *out, const float *logits, const float *labels, const float *weights, float scale, size_t count, bool add) {
  for (size_t i = 0; i < count; i++) {
    const double weight = isnan(labels[i]) ? 0 : (weights ? weights[i] : 1.0);
    store(&out[i], weight == 0 ? 0 : scale * weight * (sigmoid(logits[i]) - labels[i]), add);
  }
}

loam_loss loam_f32_square_error(const float *predictions, const float *labels, const float *weights, size_t count) {
  loam_loss sum = {0, 0};
  for (size_t i = 0; i < count; i++) {
    if (isnan(labels[i])) continue;
    const double error = (double)predictions[i] - labels[i];
    sum.loss += weights ? weights[i] * error * error : error * error;
    sum.count += 1;
  }
  return sum;
}

void loam_f32_square_error_gradient(
    float *out, const float *predictions, const float *labels, const float *weights, float scale, size_t count,
    bool add) {
  for (size_t i = 0; i < count; i++) {
    const double weight = isnan(labels[i]) ? 0 : (weights ? weights[i] : 1.0);
    store(&out[i], weight == 0 ? 0 : 2 * scale * weight * ((double)predictions[i] - labels[i]), add);
  }
}

static double log_sum_exp(const float *x, size_t count, double *largest) {
  double sum = 0;
  *largest = x[0];
  for (size_t i = 1; i < count; i++) *largest = x[i] > *largest ? x[i] : *largest;
  for (size_t i = 0; i < count; i++) sum += exp(x[i] - *largest);
  return *largest + log(sum);
}

loam_loss loam_f32_softmax_cross_entropy(
    const float *logits, const float *labels, const float *weights, size_t rows, size_t classes) {
  loam_loss sum = {0, 0};
  for (size_t r = 0; r < rows; r++, logits += classes) {
    if (isnan(labels[r])) continue;
    double largest;
    const double loss = log_sum_exp(logits, classes, &largest) - logits[(size_t)labels[r]];
    sum.loss += weights ? weights[r] * loss : loss;
    sum.count += 1;
  }
  return sum;
}

void loam_f32_softmax_cross_entropy_gradient(
    float *out, const float *logits, const float *labels, const float *weights, float scale, size_t rows,
    size_t classes, bool add) {
  for (size_t r = 0; r < rows; r++, logits += classes, out += classes) {
    const double weight = isnan(labels[r]) ? 0 : (weights ? weights[r] : 1.0);
    double largest;
    const double total = log_sum_exp(logits, classes, &largest);
    for (size_t c = 0; c < classes; c++) {
      const double target = weight != 0 && (size_t)labels[r] == c;
      store(&out[c], weight == 0 ? 0 : scale * weight * (exp(logits[c] - total) - target), add);
    }
  }
}
