#include "loam_picked.h"

#include <string.h>

#include "loam_clones.h"

uint32_t loam_picked_number(
    uint32_t *places, size_t stride, uint32_t *codes_of, uint32_t *marks, const uint32_t *codes, size_t rows,
    uint32_t start) {
  uint32_t next = start;
  for (size_t r = 0; r < rows; r++) {
    uint32_t *mark = &marks[codes[r]];  // a number plus one; those of earlier fields are not above start
    if (*mark <= start) {
      codes_of[next] = codes[r];
      *mark = ++next;
    }
    places[r * stride] = *mark - 1;
  }
  return next;
}

void loam_picked_order(
    uint32_t *firsts, uint32_t *picks, const uint32_t *places, size_t rows, size_t fields, size_t distinct) {
  memset(firsts, 0, (distinct + 1) * sizeof *firsts);
  for (size_t i = 0; i < rows * fields; i++) firsts[places[i]]++;
  uint32_t sum = 0;
  for (size_t u = 0; u <= distinct; u++) {
    const uint32_t count = firsts[u];
    firsts[u] = sum;
    sum += count;
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t f = 0; f < fields; f++) picks[firsts[places[r * fields + f]]++] = (uint32_t)r;
  memmove(firsts + 1, firsts, distinct * sizeof *firsts);
  firsts[0] = 0;
}

LOAM_CLONES void loam_picked_gather(float *out, const loam_picked *x) {
  for (size_t i = 0; i < x->rows * x->fields; i++) {
    float *restrict to = out + i * x->width;
    const float *restrict from = x->distinct + x->places[i] * x->width;
    for (size_t k = 0; k < x->width; k++) to[k] = from[k];
  }
}

LOAM_CLONES void loam_picked_gather_gradient(float *ddistinct, const float *dout, const loam_picked *x, bool add) {
  const size_t width = x->width;
  for (size_t f = 0; f < x->fields; f++)
    for (size_t u = x->starts[f]; u < x->starts[f + 1]; u++) {
      float *restrict to = ddistinct + u * width;
      if (!add) memset(to, 0, width * sizeof *to);
      for (uint32_t at = x->firsts[u]; at < x->firsts[u + 1]; at++) {
        const float *restrict from = dout + (x->picks[at] * x->fields + f) * width;
        for (size_t k = 0; k < width; k++) to[k] += from[k];
      }
    }
}
