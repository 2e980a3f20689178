#include "loam_attention.h"

#include "loam_loops.h"

// Factor times the numbers of `a` from c; -inf where nothing is allowed.
#define LOGITS(c) \
  (allowed ? (FROM(allowed + (c)) != 0.0f ? factor * FROM(a + (c)) : (wide)-INFINITY) : factor * FROM(a + (c)))

// out = logits - the largest of them.
LOAM_INLINE void shift_row(float *out, const float *a, float factor, const float *allowed, size_t width) {
  if (width < LANES) {
    float largest = -INFINITY;
    for (size_t c = 0; c < width; c++) {
      out[c] = !allowed || allowed[c] != 0 ? factor * a[c] : -INFINITY;
      largest = LARGER(out[c], largest);
    }
    if (largest == -INFINITY) return;
    for (size_t c = 0; c < width; c++) out[c] -= largest;
    return;
  }
  const size_t last = width - LANES;
  wide largest = LOGITS(last);
  for (size_t c = 0; c < last; c += LANES) {
    const wide logits = LOGITS(c);
    largest = LARGER(logits, largest);
  }
  const float most = largest_of(&largest), shift = most == -INFINITY ? 0 : most;
  for (size_t c = 0; c < last; c += LANES) AT(out + c) = LOGITS(c) - shift;
  AT(out + last) = LOGITS(last) - shift;
}

LOAM_INLINE void divide_by_sum(float *a, size_t width) {
  float sum = 0;
  if (width < LANES) {
    for (size_t c = 0; c < width; c++) sum += a[c];
    const float scale = sum > 0 ? 1.0f / sum : 0.0f;
    for (size_t c = 0; c < width; c++) a[c] *= scale;
    return;
  }
  const size_t last = width - LANES;
  wide sums = FROM(a + last) * FROM(new_in_last(width));
  for (size_t c = 0; c + LANES <= width; c += LANES) sums += FROM(a + c);
  sum = sum_of(&sums);
  const float scale = sum > 0 ? 1.0f / sum : 0.0f;
  const wide end = FROM(a + last) * scale;
  for (size_t c = 0; c < last; c += LANES) AT(a + c) *= scale;
  AT(a + last) = end;
}

// What looks across a row goes row by row. The powers, which take most of the time, are of all numbers of some rows at
// once, so that none waits for the one before.
LOAM_INLINE void softmax(
    float *out, const float *a, float factor, const float *allowed, bool causal, size_t rows, size_t steps,
    size_t columns) {
  enum { BLOCK = 1024 };
  const size_t rows_max = columns < BLOCK ? BLOCK / columns : 1;
  for (size_t first = 0; first < rows; first += rows_max) {
    const size_t end = rows - first < rows_max ? rows : first + rows_max;
    for (size_t r = first; r < end; r++) {
      const size_t step = r % steps, width = causal && step + 1 < columns ? step + 1 : columns;
      float *row = out + r * columns;
      shift_row(row, a + r * columns, factor, allowed, width);
      for (size_t c = width; c < columns; c++) row[c] = -INFINITY;
    }
    LOAM_INDEPENDENT_PAIRS
    for (size_t i = first * columns; i < end * columns; i++) out[i] = out[i] < -87.0f ? 0.0f : exponential(out[i]);
    for (size_t r = first; r < end; r++) divide_by_sum(out + r * columns, columns);
  }
}

LOAM_CLONES void loam_f32_softmax(
    float *out, const float *a, float factor, const float *mask, bool causal, size_t batch, size_t rows,
    size_t steps, size_t columns) {
  if (!mask) return softmax(out, a, factor, NULL, causal, batch * rows, steps, columns);
  for (size_t b = 0; b < batch; b++) {
    const size_t start = b * rows * columns;
    softmax(out + start, a + start, factor, mask + b * columns, causal, rows, steps, columns);
  }
}

LOAM_CLONES void loam_f32_softmax_gradient(
    float *out, const float *dy, const float *y, float factor, size_t rows, size_t columns, bool add) {
  const size_t count = columns;
  if (columns < LANES) {
    for (size_t r = 0; r < rows; r++, out += columns, dy += columns, y += columns) {
      const float dot = sum_of_products(dy, y, columns);
      EACH(factor * (y[i] * (dy[i] - dot)))
    }
    return;
  }
  const size_t last = columns - LANES;
  for (size_t r = 0; r < rows; r++, out += columns, dy += columns, y += columns) {
    wide sums = FROM(dy + last) * FROM(y + last) * FROM(new_in_last(columns));
    for (size_t c = 0; c + LANES <= columns; c += LANES) sums += FROM(dy + c) * FROM(y + c);
    const float dot = sum_of(&sums);
    // Before the others are written: `out` may be `dy`.
    wide end = factor * (FROM(y + last) * (FROM(dy + last) - dot));
    if (add) end += FROM(out + last);
    for (size_t c = 0; c < last; c += LANES) {
      const wide slope = factor * (FROM(y + c) * (FROM(dy + c) - dot));
      AT(out + c) = add ? FROM(out + c) + slope : slope;
    }
    AT(out + last) = end;
  }
}

LOAM_CLONES void loam_f32_layer_norm(
    float *out, float *mean, float *inverse, const float *a, const float *gamma, const float *beta, float epsilon,
    size_t rows, size_t columns) {
  const size_t whole = columns / LANES * LANES;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns) {
    const float centre = sum_of_products(a, NULL, columns) / (float)columns;
    wide squares = 0.0f;
    for (size_t c = 0; c < whole; c += LANES) {
      const wide deviation = FROM(a + c) - centre;
      squares += deviation * deviation;
    }
    for (size_t c = whole; c < columns; c++) squares[c - whole] += (a[c] - centre) * (a[c] - centre);
    const float scale = 1.0f / sqrtf(sum_of(&squares) / (float)columns + epsilon);
    for (size_t c = 0; c < whole; c += LANES)
      AT(out + c) = (FROM(a + c) - centre) * scale * FROM(gamma + c) + FROM(beta + c);
    for (size_t c = whole; c < columns; c++) out[c] = (a[c] - centre) * scale * gamma[c] + beta[c];
    mean[r] = centre;
    inverse[r] = scale;
  }
}

LOAM_CLONES void loam_f32_layer_norm_gradient(
    float *out, float *dgamma, float *dbeta, const float *dy, const float *a, const float *mean, const float *inverse,
    const float *gamma, size_t rows, size_t columns, bool add) {
  const size_t whole = columns / LANES * LANES;
  for (size_t r = 0; r < rows; r++, out += columns, dy += columns, a += columns) {
    const float centre = mean[r], scale = inverse[r];
    wide slopes = 0.0f, products = 0.0f;
    for (size_t c = 0; c < whole; c += LANES) {
      const wide slope = FROM(dy + c) * FROM(gamma + c), normal = (FROM(a + c) - centre) * scale;
      slopes += slope;
      products += slope * normal;
      AT(dgamma + c) += FROM(dy + c) * normal;
      AT(dbeta + c) += FROM(dy + c);
    }
    for (size_t c = whole; c < columns; c++) {
      const float slope = dy[c] * gamma[c], normal = (a[c] - centre) * scale;
      slopes[c - whole] += slope;
      products[c - whole] += slope * normal;
      dgamma[c] += dy[c] * normal;
      dbeta[c] += dy[c];
    }
    const float slope_mean = sum_of(&slopes) / (float)columns, product_mean = sum_of(&products) / (float)columns;
    for (size_t c = 0; c < whole; c += LANES) {
      const wide slope =
          scale * (FROM(dy + c) * FROM(gamma + c) - slope_mean - (FROM(a + c) - centre) * scale * product_mean);
      AT(out + c) = add ? FROM(out + c) + slope : slope;
    }
    for (size_t c = whole; c < columns; c++) {
      const float slope = scale * (dy[c] * gamma[c] - slope_mean - (a[c] - centre) * scale * product_mean);
      out[c] = add ? out[c] + slope : slope;
    }
  }
}
