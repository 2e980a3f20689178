#include "loam_tensor.h"

#include <math.h>
#include <string.h>

#include "loam_loops.h"

LOAM_CLONES void loam_f32_scale(float *out, const float *a, float scale, size_t count, bool add) { EACH(scale * a[i]) }

LOAM_CLONES void loam_f32_sum(float *out, const float *a, const float *b, size_t count, bool add) { EACH(a[i] + b[i]) }

LOAM_CLONES void loam_f32_difference(float *out, const float *a, const float *b, size_t count, bool add) {
  EACH(a[i] - b[i])
}

LOAM_CLONES void loam_f32_product(float *out, const float *a, const float *b, float scale, size_t count, bool add) {
  EACH(scale * (a[i] * b[i]))
}

LOAM_CLONES void loam_f32_add_row(float *out, const float *a, const float *row, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    LOAM_INDEPENDENT
    for (size_t c = 0; c < columns; c++) out[r * columns + c] = a[r * columns + c] + row[c];
  }
}

LOAM_CLONES void loam_f32_add_column(float *out, const float *a, const float *column, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float value = column[r];
    LOAM_INDEPENDENT
    for (size_t c = 0; c < columns; c++) out[r * columns + c] = a[r * columns + c] + value;
  }
}

LOAM_CLONES void loam_f32_scale_rows(
    float *out, const float *a, const float *column, size_t rows, size_t columns, bool add) {
  const size_t count = columns;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns) {
    const float value = column[r];
    EACH(a[i] * value)
  }
}

LOAM_CLONES void loam_f32_row_dots(
    float *out, const float *a, const float *b, size_t rows, size_t columns, bool add) {
  for (size_t r = 0; r < rows; r++) {
    const float dot = sum_of_products(a + r * columns, b + r * columns, columns);
    out[r] = add ? out[r] + dot : dot;
  }
}

enum { TILE = 64, BLOCK = 64 };

// Sums of blocks of the rows, then of the blocks: rounding errors grow with the square root of what they would.
LOAM_INLINE void sum_rows(float *out, const float *a, float scale, size_t rows, size_t columns, bool add) {
  for (size_t begin = 0; begin < columns; begin += TILE) {
    const size_t width = columns - begin < TILE ? columns - begin : TILE;
    float total[TILE] = {0};
    for (size_t first = 0; first < rows; first += BLOCK) {
      const size_t last = rows - first < BLOCK ? rows : first + BLOCK;
      float block[TILE] = {0};
      if (width == TILE) {
        for (size_t r = first; r < last; r++)
          for (size_t c = 0; c < TILE; c++) block[c] += a[r * columns + begin + c];
      } else {
        for (size_t r = first; r < last; r++)
          for (size_t c = 0; c < width; c++) block[c] += a[r * columns + begin + c];
      }
      for (size_t c = 0; c < TILE; c++) total[c] += block[c];
    }
    for (size_t c = 0; c < width; c++) out[begin + c] = add ? out[begin + c] + scale * total[c] : scale * total[c];
  }
}

LOAM_CLONES void loam_f32_sum_axis(
    float *out, const float *a, float scale, size_t outer, size_t axis, size_t inner, bool add) {
  if (inner == 1) {
    for (size_t o = 0; o < outer; o++) {
      const float sum = scale * sum_of_products(a + o * axis, NULL, axis);
      out[o] = add ? out[o] + sum : sum;
    }
    return;
  }
  // Narrow rows go side by side.
  const size_t beside = TILE % inner == 0 ? TILE / inner : 1;
  for (size_t o = 0; o < outer; o++, a += axis * inner, out += inner) {
    if (beside == 1 || axis % beside != 0) {
      sum_rows(out, a, scale, axis, inner, add);
      continue;
    }
    float sums[TILE];
    sum_rows(sums, a, 1, axis / beside, TILE, false);
    sum_rows(out, sums, scale, beside, inner, add);
  }
}

LOAM_CLONES void loam_f32_spread_axis(
    float *out, const float *a, float scale, size_t outer, size_t axis, size_t inner, bool add) {
  if (inner == 1) {
    const size_t count = axis;
    for (size_t o = 0; o < outer; o++, out += axis) {
      const float value = scale * a[o];
      EACH(value)
    }
    return;
  }
  const size_t count = inner;
  for (size_t o = 0; o < outer; o++, a += inner)
    for (size_t x = 0; x < axis; x++, out += inner) EACH(scale * a[i])
}

LOAM_CLONES void loam_f32_copy_rows(
    float *out, size_t out_stride, const float *a, size_t stride, size_t rows, size_t columns, bool add) {
  for (size_t r = 0; r < rows; r++, out += out_stride, a += stride) {
    if (add) {
      for (size_t c = 0; c < columns; c++) out[c] += a[c];
    } else {
      memcpy(out, a, columns * sizeof(float));
    }
  }
}

LOAM_CLONES void loam_f32_relu(float *out, const float *a, size_t count) {
  const bool add = false;
  EACH(a[i] > 0 ? a[i] : 0)
}

LOAM_CLONES void loam_f32_sigmoid(float *out, const float *a, size_t count) {
  const bool add = false;
  EACH_PAIR(1.0f / (1.0f + exponential(-a[i])))
}

void loam_f32_tanh(float *out, const float *a, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = tanhf(a[i]);
}

LOAM_CLONES void loam_f32_relu_gradient(float *out, const float *dy, const float *y, size_t count, bool add) {
  EACH(y[i] > 0 ? dy[i] : 0)
}

LOAM_CLONES void loam_f32_sigmoid_gradient(float *out, const float *dy, const float *y, size_t count, bool add) {
  EACH(dy[i] * (y[i] * (1.0f - y[i])))
}

LOAM_CLONES void loam_f32_tanh_gradient(float *out, const float *dy, const float *y, size_t count, bool add) {
  EACH(dy[i] * (1.0f - y[i] * y[i]))
}

LOAM_CLONES double loam_f32_square_sum(const float *a, size_t count) {
  double sums[8] = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (size_t k = 0; k < 8; k++) sums[k] += (double)a[i + k] * (double)a[i + k];
  for (size_t k = 0; i < count; i++, k++) sums[k] += (double)a[i] * (double)a[i];
  for (size_t width = 4; width > 0; width /= 2)
    for (size_t k = 0; k < width; k++) sums[k] += sums[k + width];
  return sums[0];
}
