// What every peer in C does alike: IDs of rows, draws from a file, its own clock, and a round for each line of input.
//
//   argv     DIRECTORY ROWS DRAWS...        DRAWS: files of u32 row numbers, named for their variant
//   stdout   ready VERSION                  then an answer for each line of stdin
//
//   VARIANT FIRST COUNT      seconds that COUNT batches from FIRST took; one more before them is not
//                            timed, as it finds the cache that another process left
//   loads VARIANT            what `one` cannot do without, likewise; the sketch alone
//   one VARIANT              median and 99th percentile of one ID at a time, nanoseconds
//
// WARM=1: the map is in pages of 2 MiB, as after `loam warm`, if its file was not in the page cache.
#ifndef PEER_H
#define PEER_H

#include <fcntl.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { batch = 65536, width = 16, rowBytes = 64, onesMax = 200000 };

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    int status = (call);                                                                             \
    if (status) {                                                                                    \
      fprintf(stderr, "%s: %s\n", #call, mdb_strerror(status));                                      \
      exit(1);                                                                                       \
    }                                                                                                \
  } while (0)

static inline void warm(const char *directory) {
  char path[4096];
  struct stat status;
  snprintf(path, sizeof path, "%s/data.mdb", directory);
  const int file = getenv("WARM") ? open(path, O_RDONLY) : -1;
  // Not asked for, or not built yet.
  if (file < 0) return;
  const size_t bytes = fstat(file, &status) ? 0 : (size_t)status.st_size;
  void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
  if (map == MAP_FAILED || madvise(map, bytes, MADV_HUGEPAGE) || madvise(map, bytes, MADV_POPULATE_READ)) {
    perror(path);
    exit(1);
  }
  munmap(map, bytes);
  close(file);
}

static inline uint64_t mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

static inline uint64_t id_of(uint64_t row) { return mix((row + 1) * 0x9E3779B97F4A7C15ULL); }

// Time that this thread had a core for: other work on the machine does not count.
static inline double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static inline double wall_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

typedef struct {
  char name[64];
  size_t count;
  uint32_t *rows;
} draws;

static inline draws read_draws(const char *path) {
  draws result = {0};
  const char *slash = strrchr(path, '/');
  snprintf(result.name, sizeof result.name, "%s", slash ? slash + 1 : path);
  FILE *file = fopen(path, "rb");
  struct stat info;
  if (!file || stat(path, &info)) {
    perror(path);
    exit(1);
  }
  result.count = info.st_size / sizeof(uint32_t);
  result.rows = malloc(info.st_size);
  if (fread(result.rows, 1, info.st_size, file) != (size_t)info.st_size) exit(1);
  fclose(file);
  return result;
}

static int by_time(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

// A peer reads the batch of IDs into out[batch][width].
typedef void (*read_batch)(const uint64_t *ids, float *out);

static inline void check_rows(const uint32_t *rows, const float *out) {
  for (size_t i = 0; i < batch; i++) {
    if (out[i * width] == (float)rows[i] && out[i * width + width - 1] == (float)rows[i]) continue;
    fprintf(stderr, "row %u read as %f\n", rows[i], out[i * width]);
    exit(1);
  }
}

static inline double seconds_of(
    const draws *d, size_t firstBatch, size_t batches, read_batch read, uint64_t *ids, float *out) {
  double seconds = 0;
  for (size_t first = firstBatch * batch; first < (firstBatch + 1 + batches) * batch; first += batch) {
    for (size_t i = 0; i < batch; i++) ids[i] = id_of(d->rows[first + i]);
    const double start = cpu_seconds();
    read(ids, out);
    if (first > firstBatch * batch) seconds += cpu_seconds() - start;
    check_rows(d->rows + first, out);
  }
  return seconds;
}

static inline void serve(const char *version, const draws *all, size_t count, read_batch read, double (*one)(uint64_t),
                         double (*loads)(uint64_t)) {
  uint64_t *ids = aligned_alloc(64, batch * sizeof *ids);
  float *out = aligned_alloc(64, batch * rowBytes);
  for (size_t d = 0; d < count; d++) seconds_of(all + d, 0, all[d].count / batch - 1, read, ids, out);
  printf("ready %s\n", version);
  fflush(stdout);
  char text[128], name[64];
  while (fgets(text, sizeof text, stdin)) {
    size_t first, batches;
    double (*each)(uint64_t) = sscanf(text, "one %63s", name) == 1 ? one : NULL;
    if (!each && sscanf(text, "loads %63s", name) == 1) each = loads;
    if (!each && sscanf(text, "%63s %zu %zu", name, &first, &batches) != 3) exit(1);
    for (size_t d = 0; d < count; d++) {
      if (strcmp(all[d].name, name)) continue;
      if (!each) {
        if ((first + 1 + batches) * batch > all[d].count) exit(1);
        printf("%.9f\n", seconds_of(all + d, first, batches, read, ids, out));
      } else {
        const size_t n = all[d].count < onesMax ? all[d].count : onesMax;
        double *times = malloc(n * sizeof *times);
        for (size_t i = 0; i < n; i++) {
          const uint64_t id = id_of(all[d].rows[i]);
          times[i] = each(id);
        }
        qsort(times, n, sizeof *times, by_time);
        printf("%.1f %.1f\n", times[n / 2] * 1e9, times[n * 99 / 100] * 1e9);
        free(times);
      }
    }
    fflush(stdout);
  }
}

#endif
