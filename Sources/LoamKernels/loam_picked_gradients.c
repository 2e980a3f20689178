#include "loam_picked_block.h"

// As many sums of a wide vector as fill the registers; as many vectors' sums of dy as lie in the nearest cache.
enum { HEIGHT = 6, AT_ONCE = 96 };

// Element (i, k) is at i row + k column.
typedef struct {
  const float *start;
  size_t row, column;
} left;

// c [height, width] (+)= a b [shared, a vector].
#define TILE(name, vector, lanes)                                                                                   \
  LOAM_INLINE void name(                                                                                            \
      float *c, size_t c_row, left a, const float *b, size_t b_row, size_t width, size_t shared, bool add,           \
      const int height) {                                                                                           \
    vector sums[HEIGHT];                                                                                            \
    for (int i = 0; i < height; i++) sums[i] = (vector)0.0f;                                                        \
    for (size_t k = 0; k < shared; k++) {                                                                           \
      const vector right = LOAD(vector, b + k * b_row);                                                             \
      for (int i = 0; i < height; i++) sums[i] += (vector)a.start[i * a.row + k * a.column] * right;                \
    }                                                                                                               \
    for (int i = 0; i < height; i++, c += c_row) {                                                                  \
      if (width == lanes) {                                                                                         \
        if (add) sums[i] += LOAD(vector, c);                                                                        \
        STORE(c, sums[i]);                                                                                          \
        continue;                                                                                                   \
      }                                                                                                             \
      float out[lanes];                                                                                             \
      STORE(out, sums[i]);                                                                                          \
      for (size_t j = 0; j < width; j++) c[j] = add ? c[j] + out[j] : out[j];                                       \
    }                                                                                                               \
  }

TILE(wide_tile, wide, LANES)
TILE(narrow_tile, narrow, NARROW)

// c [height, width] (+)= a b [shared, width], whose rows are filled up to a narrow vector.
LOAM_INLINE void multiply_add(
    float *c, size_t c_row, left a, const float *b, size_t b_row, size_t height, size_t width, size_t shared,
    bool add) {
  for (size_t first = 0, lanes; first < width; first += lanes) {
    lanes = width - first > NARROW ? LANES : NARROW;
    const size_t n = width - first < lanes ? width - first : lanes;
    for (size_t i = 0, tall; i < height; i += tall) {
      tall = height - i < HEIGHT ? 1 : HEIGHT;
      float *to = c + i * c_row + first;
      const left at = {a.start + i * a.row, a.row, a.column};
      if (lanes == NARROW && tall == 1)
        narrow_tile(to, c_row, at, b + first, b_row, n, shared, add, 1);
      else if (lanes == NARROW)
        narrow_tile(to, c_row, at, b + first, b_row, n, shared, add, HEIGHT);
      else if (tall == 1)
        wide_tile(to, c_row, at, b + first, b_row, n, shared, add, 1);
      else
        wide_tile(to, c_row, at, b + first, b_row, n, shared, add, HEIGHT);
    }
  }
}

// For each of some vectors the sum of dy over the rows that pick it.
LOAM_INLINE void collect(
    float *sums, const float *dy, const loam_picked *x, size_t begin, size_t end, const int vectors) {
  const size_t width = (size_t)vectors * LANES;
  for (size_t u = begin; u < end; u++, sums += width) {
    wide sum[3];
    for (int v = 0; v < vectors; v++) sum[v] = LOAD(wide, dy + x->picks[x->firsts[u]] * width + v * LANES);
    for (uint32_t at = x->firsts[u] + 1; at < x->firsts[u + 1]; at++)
      for (int v = 0; v < vectors; v++) sum[v] += LOAD(wide, dy + x->picks[at] * width + v * LANES);
    for (int v = 0; v < vectors; v++) STORE(sums + v * LANES, sum[v]);
  }
}

LOAM_INLINE void gradients_block(
    float *ddistinct, bool add_distinct, float *dweight, bool add_weight, const float *dy, const loam_picked *x,
    const float *weight, size_t outputs, float *room, size_t first, size_t count, const int vectors) {
  const size_t inner = picked_columns(x), width = (size_t)vectors * LANES;
  float *block = room, *weights = block + x->rows * width, *sums = weights + count * x->width;
  for (size_t r = 0; r < x->rows; r++) {
    memcpy(block + r * width, dy + r * outputs + first, count * sizeof *dy);
    memset(block + r * width + count, 0, (width - count) * sizeof *dy);
  }
  float *of_block = dweight + first * inner;
  for (size_t f = 0; f < x->fields; f++, of_block += x->width) {
    for (size_t j = 0; j < count; j++)
      memcpy(weights + j * x->width, weight + (first + j) * inner + f * x->width, x->width * sizeof *weights);
    for (size_t u = x->starts[f], end; u < x->starts[f + 1]; u = end) {
      end = x->starts[f + 1] - u < AT_ONCE ? x->starts[f + 1] : u + AT_ONCE;
      collect(sums, block, x, u, end, vectors);
      const left by_vector = {sums, width, 1}, by_output = {sums, 1, width};
      if (ddistinct)
        multiply_add(
            ddistinct + u * x->width, x->width, by_vector, weights, x->width, end - u, x->width, count,
            add_distinct || first > 0);
      multiply_add(
          of_block, inner, by_output, x->distinct + u * x->width, x->width, count, x->width, end - u,
          add_weight || u > x->starts[f]);
    }
  }
  for (size_t begin = 0; begin < x->tail_width; begin += LANES) {
    const size_t n = x->tail_width - begin < LANES ? x->tail_width - begin : LANES;
    float *tail = sums;
    for (size_t r = 0; r < x->rows; r++) {
      memcpy(tail + r * LANES, x->tail + r * x->tail_row + begin, n * sizeof *tail);
      memset(tail + r * LANES + n, 0, (LANES - n) * sizeof *tail);
    }
    multiply_add(of_block + begin, inner, (left){block, 1, width}, tail, LANES, count, n, x->rows, add_weight);
  }
}

PICKED_CLONES void loam_picked_gradients(
    float *ddistinct, bool add_distinct, float *dweight, bool add_weight, const float *dy, const loam_picked *x,
    const float *weight, size_t outputs, float *room) {
  FOR_BLOCKS(
      outputs, gradients_block, ddistinct, add_distinct, dweight, add_weight, dy, x, weight, outputs, room)
}
