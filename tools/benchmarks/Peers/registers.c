// Multiply-adds in registers alone: what the arithmetic of a core gives where no memory is read.
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdio.h>
#include <time.h>

#ifdef __AVX512F__
typedef __m512 vector;
enum { lanes = 16 };
static inline vector multiply_add(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
static inline vector all(float x) { return _mm512_set1_ps(x); }
#else
typedef __m256 vector;
enum { lanes = 8 };
static inline vector multiply_add(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
static inline vector all(float x) { return _mm256_set1_ps(x); }
#endif

enum { sums = 10, repetitions = 100 * 1000 * 1000 };

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double gigaflops(void) {
  vector s[sums];
  for (int i = 0; i < sums; i++) s[i] = all((float)i);
  const vector a = all(0.5f), b = all(1.0f);
  const double start = seconds();
  for (int r = 0; r < repetitions; r++)
#pragma GCC unroll 10
    for (int i = 0; i < sums; i++) s[i] = multiply_add(s[i], a, b);
  const double taken = seconds() - start;
  vector total = s[0];
  for (int i = 1; i < sums; i++) total = multiply_add(total, a, s[i]);
  volatile float seen = ((float *)&total)[0];
  (void)seen;
  return 2e-9 * lanes * sums * (double)repetitions / taken;
}

int main(void) {
  printf("ready\n");
  fflush(stdout);
  for (int c = getchar(); c != EOF; c = getchar()) {
    if (c != '\n') continue;
    printf("%f\n", gigaflops());
    fflush(stdout);
  }
}
