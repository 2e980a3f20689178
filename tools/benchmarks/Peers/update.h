// What the peers of the update benchmark do alike: IDs to rows, gather, Adagrad, scatter; 65,536 distinct rows a step.
//
//   argv     DIRECTORY ROWS DRAWS           DRAWS: a file of u32 row numbers, distinct within a step
//   stdout   ready VERSION                  then an answer for each line of stdin
//
//   FIRST COUNT      seconds that COUNT steps from FIRST took, of the processor's time, and the sum of what the last
//                    one gathered, which is Loam's to the bit; one more before them is not timed
//   durable FIRST COUNT      seconds by the wall's clock of COUNT steps and one durable commit, and that sum
#ifndef UPDATE_H
#define UPDATE_H

#include <math.h>

#include "peer.h"

static float gradients[batch * width];

static inline void fill_gradients(void) {
  for (size_t i = 0; i < batch * width; i++) gradients[i] = (float)((int)(i % 17) - 8) * 0.01f;
}

// Compiled without fused multiply-adds, as Loam's kernels: they would round once where two operations round twice.
static inline void adagrad(float *restrict w, float *restrict a, const float *restrict g) {
  for (int i = 0; i < width; i++) {
    a[i] = a[i] + g[i] * g[i];
    w[i] = w[i] - 0.05f * g[i] / (sqrtf(a[i]) + 1e-8f);
  }
}

static inline double sum_of(const float *out) {
  double sum = 0;
  for (size_t i = 0; i < batch * width; i++) sum += out[i];
  return sum;
}

// `step` leaves what it gathered in out[batch][width].
static inline void serve_updates(
    const char *version, draws all, void (*step)(const uint64_t *ids, float *out), void (*commit)(void)) {
  uint64_t *ids = aligned_alloc(64, batch * sizeof *ids);
  float *out = aligned_alloc(64, batch * rowBytes);
  fill_gradients();
  printf("ready %s\n", version);
  fflush(stdout);
  char text[128];
  while (fgets(text, sizeof text, stdin)) {
    size_t first, count;
    const int durable = sscanf(text, "durable %zu %zu", &first, &count) == 2;
    if (!durable && sscanf(text, "%zu %zu", &first, &count) != 2) exit(1);
    const size_t untimed = durable ? 0 : 1;
    if ((first + untimed + count) * batch > all.count) exit(1);
    double seconds = 0;
    for (size_t number = 0; number < untimed + count; number++) {
      for (size_t i = 0; i < batch; i++) ids[i] = id_of(all.rows[(first + number) * batch + i]);
      const double start = durable ? wall_seconds() : cpu_seconds();
      step(ids, out);
      if (number >= untimed) seconds += (durable ? wall_seconds() : cpu_seconds()) - start;
    }
    if (durable) {
      const double start = wall_seconds();
      commit();
      seconds += wall_seconds() - start;
    }
    printf("%.9f %.6f\n", seconds, sum_of(out));
    fflush(stdout);
  }
}

#endif
