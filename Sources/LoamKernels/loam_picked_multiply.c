#include "loam_picked_block.h"

size_t loam_picked_room(const loam_picked *x) {
  const size_t panel = (picked_columns(x) + LANES) * BLOCK, rows = x->rows > 128 ? x->rows : 128;
  const size_t products = x->starts[x->fields] * BLOCK, gradients = rows * (2 * BLOCK);
  return panel + (products > gradients ? products : gradients);
}

// `height` vectors [height, width] times panel [width, vectors * LANES].
LOAM_INLINE void expand(
    float *to, const float *from, size_t width, const float *panel, const int height, const int vectors) {
  wide sums[2][3];
  for (int i = 0; i < height; i++)
    for (int v = 0; v < vectors; v++) sums[i][v] = (wide)0.0f;
  for (size_t k = 0; k < width; k++, panel += vectors * LANES)
    for (int v = 0; v < vectors; v++) {
      const wide right = LOAD(wide, panel + v * LANES);
      for (int i = 0; i < height; i++) sums[i][v] += (wide)from[i * width + k] * right;
    }
  for (int i = 0; i < height; i++)
    for (int v = 0; v < vectors; v++) STORE(to + (i * vectors + v) * LANES, sums[i][v]);
}

// The weights of some outputs as [columns of x + 1, vectors * LANES], filled up with zeros; the last row: their biases.
LOAM_INLINE void make_panel(
    float *panel, const float *weight, const float *bias, size_t inner, size_t first, size_t count, size_t width) {
  memset(panel, 0, (inner + 1) * width * sizeof *panel);
  for (size_t j = 0; j < count; j++) {
    const float *from = weight + (first + j) * inner;
    for (size_t k = 0; k < inner; k++) panel[k * width + j] = from[k];
    if (bias) panel[inner * width + j] = bias[first + j];
  }
}

LOAM_INLINE void multiply_block(
    float *y, const loam_picked *x, const float *weight, const float *bias, size_t outputs, bool relu, float *room,
    size_t first, size_t count, const int vectors) {
  const size_t inner = picked_columns(x), width = (size_t)vectors * LANES;
  float *panel = room, *products = room + (inner + LANES) * width;
  make_panel(panel, weight, bias, inner, first, count, width);

  const float *of_field = panel;
  for (size_t f = 0; f < x->fields; f++, of_field += x->width * width) {
    size_t u = x->starts[f], end = x->starts[f + 1];
    for (; u + 2 <= end; u += 2)
      expand(products + u * width, x->distinct + u * x->width, x->width, of_field, 2, vectors);
    if (u < end) expand(products + u * width, x->distinct + u * x->width, x->width, of_field, 1, vectors);
  }

  const float *of_tail = of_field, *biases = panel + inner * width;
  for (size_t r = 0; r < x->rows; r++) {
    wide sums[3];
    for (int v = 0; v < vectors; v++) sums[v] = LOAD(wide, biases + v * LANES);
    for (size_t f = 0; f < x->fields; f++) {
      const float *product = products + x->places[r * x->fields + f] * width;
      for (int v = 0; v < vectors; v++) sums[v] += LOAD(wide, product + v * LANES);
    }
    for (size_t k = 0; k < x->tail_width; k++)
      for (int v = 0; v < vectors; v++)
        sums[v] += (wide)x->tail[r * x->tail_row + k] * LOAD(wide, of_tail + k * width + v * LANES);
    if (relu)
      for (int v = 0; v < vectors; v++) sums[v] = sums[v] > 0.0f ? sums[v] : (wide)0.0f;
    float last[BLOCK], *to = y + r * outputs + first, *whole = count == width ? to : last;
    for (int v = 0; v < vectors; v++) STORE(whole + v * LANES, sums[v]);
    if (whole == last) memcpy(to, last, count * sizeof *to);
  }
}

PICKED_CLONES void loam_picked_multiply(
    float *y, const loam_picked *x, const float *weight, const float *bias, size_t outputs, bool relu, float *room) {
  FOR_BLOCKS(outputs, multiply_block, y, x, weight, bias, outputs, relu, room)
}
