#include "loam_crossing.h"

#include "loam_loops.h"

LOAM_CLONES void loam_f32_cross(float *out, const float *x0, const float *u, const float *skip, size_t count) {
  if (skip) {
    LOAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) out[i] = x0[i] * u[i] + skip[i];
  } else {
    LOAM_INDEPENDENT
    for (size_t i = 0; i < count; i++) out[i] = x0[i] * u[i];
  }
}

LOAM_CLONES void loam_f32_cross_gradient(
    float *du, float *sums, float *dx0, const float *dy, const float *x0, const float *u, size_t rows, size_t columns,
    bool add) {
  // Column sums by blocks of rows: rounding errors grow with the square root of what one running sum would have. Rows
  // are read whole, in the order in which they lie.
  enum { TILE = 1024, BLOCK = 64 };
  for (size_t begin = 0; begin < columns; begin += TILE) {
    const size_t width = columns - begin < TILE ? columns - begin : TILE;
    float total[TILE], block[TILE];
    memset(total, 0, width * sizeof *total);
    for (size_t first = 0; first < rows; first += BLOCK) {
      const size_t last = rows - first < BLOCK ? rows : first + BLOCK;
      memset(block, 0, width * sizeof *block);
      for (size_t r = first; r < last; r++) {
        const size_t at = r * columns + begin;
        const float *g = dy + at, *x = x0 + at, *v = u + at;
        float *slope = du + at, *out = dx0 ? dx0 + at : NULL;
        if (!out) {
          LOAM_INDEPENDENT
          for (size_t c = 0; c < width; c++) {
            const float product = g[c] * x[c];
            slope[c] = product;
            block[c] += product;
          }
        } else if (add) {
          LOAM_INDEPENDENT
          for (size_t c = 0; c < width; c++) {
            const float product = g[c] * x[c];
            slope[c] = product;
            block[c] += product;
            out[c] += g[c] * v[c];
          }
        } else {
          LOAM_INDEPENDENT
          for (size_t c = 0; c < width; c++) {
            const float product = g[c] * x[c];
            slope[c] = product;
            block[c] += product;
            out[c] = g[c] * v[c];
          }
        }
      }
      for (size_t c = 0; c < width; c++) total[c] += block[c];
    }
    for (size_t c = 0; c < width; c++) sums[begin + c] = total[c];
  }
}

LOAM_CLONES void loam_f32_pair_dots(float *out, const float *e, size_t batch, size_t fields, size_t dimension) {
  for (size_t b = 0; b < batch; b++, e += fields * dimension)
    for (size_t i = 1; i < fields; i++)
      for (size_t j = 0; j < i; j++) *out++ = sum_of_products(e + i * dimension, e + j * dimension, dimension);
}

LOAM_CLONES void loam_f32_pair_dots_gradient(
    float *out, const float *dy, const float *e, size_t batch, size_t fields, size_t dimension, bool add) {
  if (!add) memset(out, 0, batch * fields * dimension * sizeof(float));
  for (size_t b = 0; b < batch; b++, e += fields * dimension, out += fields * dimension)
    for (size_t i = 1; i < fields; i++) {
      float *di = out + i * dimension;
      const float *ei = e + i * dimension;
      for (size_t j = 0; j < i; j++) {
        const float slope = *dy++;
        float *dj = out + j * dimension;
        const float *ej = e + j * dimension;
        LOAM_INDEPENDENT
        for (size_t d = 0; d < dimension; d++) {
          di[d] += slope * ej[d];
          dj[d] += slope * ei[d];
        }
      }
    }
}

LOAM_CLONES void loam_f32_take(
    float *out, const float *a, const int32_t *indices, size_t batch, size_t fields, size_t taken, size_t dimension) {
  for (size_t b = 0; b < batch; b++, a += fields * dimension)
    for (size_t t = 0; t < taken; t++, out += dimension)
      memcpy(out, a + (size_t)indices[t] * dimension, dimension * sizeof(float));
}

LOAM_CLONES void loam_f32_take_gradient(
    float *out, const float *dy, const int32_t *indices, size_t batch, size_t fields, size_t taken, size_t dimension,
    bool add) {
  if (!add) memset(out, 0, batch * fields * dimension * sizeof(float));
  for (size_t b = 0; b < batch; b++, out += fields * dimension)
    for (size_t t = 0; t < taken; t++, dy += dimension) {
      float *row = out + (size_t)indices[t] * dimension;
      for (size_t d = 0; d < dimension; d++) row[d] += dy[d];
    }
}

LOAM_CLONES void loam_f32_pick_rows(
    float *out, const float *a, const float *indices, size_t count, size_t columns) {
  for (size_t r = 0; r < count; r++, out += columns) {
    if (indices[r] < 0) {
      memset(out, 0, columns * sizeof(float));
    } else {
      memcpy(out, a + (size_t)indices[r] * columns, columns * sizeof(float));
    }
  }
}

LOAM_CLONES void loam_f32_pick_rows_gradient(
    float *out, const float *dy, const float *indices, size_t count, size_t columns) {
  for (size_t r = 0; r < count; r++, dy += columns) {
    if (indices[r] < 0) continue;
    float *row = out + (size_t)indices[r] * columns;
    for (size_t c = 0; c < columns; c++) row[c] += dy[c];
  }
}

LOAM_CLONES void loam_f32_transpose(
    float *out, const float *a, size_t batch, size_t rows, size_t columns, bool add) {
  for (size_t b = 0; b < batch; b++, a += rows * columns, out += rows * columns)
    for (size_t c = 0; c < columns; c++)
      for (size_t r = 0; r < rows; r++) {
        const float value = a[r * columns + c];
        out[c * rows + r] = add ? out[c * rows + r] + value : value;
      }
}

LOAM_CLONES void loam_f32_scale_columns(
    float *out, const float *a, const float *row, size_t rows, size_t columns, bool add) {
  const size_t count = columns;
  for (size_t r = 0; r < rows; r++, out += columns, a += columns) EACH(a[i] * row[i])
}

LOAM_CLONES void loam_f32_column_dots(
    float *out, const float *dy, const float *a, size_t rows, size_t columns, bool add) {
  enum { TILE = 64, BLOCK = 64 };
  for (size_t begin = 0; begin < columns; begin += TILE) {
    const size_t width = columns - begin < TILE ? columns - begin : TILE;
    float total[TILE] = {0};
    for (size_t first = 0; first < rows; first += BLOCK) {
      const size_t last = rows - first < BLOCK ? rows : first + BLOCK;
      float block[TILE] = {0};
      for (size_t r = first; r < last; r++)
        for (size_t c = 0; c < width; c++) block[c] += dy[r * columns + begin + c] * a[r * columns + begin + c];
      for (size_t c = 0; c < TILE; c++) total[c] += block[c];
    }
    for (size_t c = 0; c < width; c++) out[begin + c] = add ? out[begin + c] + total[c] : total[c];
  }
}

LOAM_CLONES void loam_f32_largest_step(
    float *out, float *places, const float *a, const float *mask, size_t batch, size_t steps, size_t columns) {
  for (size_t b = 0; b < batch; b++, out += columns, places += columns, mask += steps) {
    for (size_t c = 0; c < columns; c++) {
      out[c] = 0;
      places[c] = -1;
    }
    for (size_t s = 0; s < steps; s++, a += columns) {
      if (mask[s] == 0) continue;
      for (size_t c = 0; c < columns; c++) {
        const bool larger = places[c] < 0 || a[c] > out[c];
        out[c] = larger ? a[c] : out[c];
        places[c] = larger ? (float)s : places[c];
      }
    }
  }
}

LOAM_CLONES void loam_f32_largest_step_gradient(
    float *out, const float *dy, const float *places, size_t batch, size_t steps, size_t columns) {
  for (size_t b = 0; b < batch; b++, out += steps * columns, dy += columns, places += columns)
    for (size_t c = 0; c < columns; c++)
      if (places[c] >= 0) out[(size_t)places[c] * columns + c] += dy[c];
}
