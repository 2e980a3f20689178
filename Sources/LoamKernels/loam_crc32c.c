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

// One `crc32` instruction can begin each cycle, but its result takes three. So three stretches of the bytes are summed
// side by side and put together: a checksum is linear, and that of a stretch followed by `n` others is the stretch's own
// moved on by `n` zero bytes, a linear map that four tables of 256 hold.
typedef struct {
  size_t bytes;
  uint32_t moved[4][256];
} stretch;

static stretch stretches[2] = {{.bytes = 1024}, {.bytes = 128}};
static pthread_once_t stretches_once = PTHREAD_ONCE_INIT;

__attribute__((target("sse4.2"))) static void build_stretches(void) {
  for (size_t s = 0; s < 2; s++) {
    uint32_t bits[32];
    for (int bit = 0; bit < 32; bit++) {
      uint64_t state = 1u << bit;
      for (size_t word = 0; word < stretches[s].bytes / 8; word++) state = _mm_crc32_u64(state, 0);
      bits[bit] = (uint32_t)state;
    }
    for (int byte = 0; byte < 4; byte++) {
      for (int value = 0; value < 256; value++) {
        uint32_t sum = 0;
        for (int bit = 0; bit < 8; bit++) sum ^= value >> bit & 1 ? bits[byte * 8 + bit] : 0;
        stretches[s].moved[byte][value] = sum;
      }
    }
  }
}

static uint32_t move_on(const stretch *s, uint32_t crc) {
  return s->moved[0][crc & 0xff] ^ s->moved[1][crc >> 8 & 0xff] ^ s->moved[2][crc >> 16 & 0xff] ^ s->moved[3][crc >> 24];
}

static uint64_t word_of(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p, size_t count) {
  pthread_once(&stretches_once, build_stretches);
  uint64_t state = crc;
  for (size_t s = 0; s < 2; s++) {
    const size_t n = stretches[s].bytes;
    for (; count >= 3 * n; count -= 3 * n, p += 3 * n) {
      uint64_t second = 0, third = 0;
      for (const uint8_t *at = p; at < p + n; at += 8) {
        state = _mm_crc32_u64(state, word_of(at));
        second = _mm_crc32_u64(second, word_of(at + n));
        third = _mm_crc32_u64(third, word_of(at + 2 * n));
      }
      state = move_on(stretches + s, (uint32_t)state) ^ (uint32_t)second;
      state = move_on(stretches + s, (uint32_t)state) ^ (uint32_t)third;
    }
  }
  for (; count >= 8; count -= 8, p += 8) state = _mm_crc32_u64(state, word_of(p));
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
