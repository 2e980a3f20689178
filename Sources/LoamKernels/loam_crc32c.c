#include "loam_crc32c.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void build_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
    table[0][i] = crc;
  }
  for (int k = 1; k < 8; k++)
    for (int i = 0; i < 256; i++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *p, size_t count) {
  pthread_once(&table_once, build_table);
  for (; count >= 8; count -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    word ^= crc;
    crc = 0;
    for (int k = 0; k < 8; k++) crc ^= table[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (; count > 0; count--, p++) crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xff];
  return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
// One `crc32` instruction has a latency of three cycles, so three independent streams would be faster still;
// a 16 KiB block takes about 2 microseconds this way, once per block and process.
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p, size_t count) {
  uint64_t state = crc;
  for (; count >= 8; count -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    state = _mm_crc32_u64(state, word);
  }
  for (; count > 0; count--, p++) state = _mm_crc32_u8((uint32_t)state, *p);
  return (uint32_t)state;
}
#endif

uint32_t loam_crc32c(uint32_t crc, const void *bytes, size_t count) {
  crc = ~crc;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~crc_by_instruction(crc, bytes, count);
#endif
  return ~crc_by_table(crc, bytes, count);
}
