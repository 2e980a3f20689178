// C with the sanitizers of its own: the header's functions are not instrumented where Swift calls them.
#include "pack_reading.h"

#include "../../../../Tests/LoamPackTests/C/read_pack.h"

void read_pack_bytes(const void *bytes, size_t count, int is_sealed) {
  // Exactly as long as the pack, so that the byte behind it is poisoned.
  void *memory = NULL;
  if (posix_memalign(&memory, 64, count ? count : 1) != 0) abort();
  if (count) memcpy(memory, bytes, count);
  if (is_sealed && count >= loam_pack_header_bytes) {
    memcpy((unsigned char *)memory + 16, &(uint64_t){count}, 8);
    seal((unsigned char *)memory, count);
  }
  loam_pack pack;
  if (loam_pack_open_bytes(&pack, memory, count) == loam_pack_ok) {
    uint64_t ids[300];
    for (size_t i = 0; i < 300; i++) ids[i] = i * 7;
    ids[298] = UINT64_MAX, ids[299] = UINT64_MAX - 1;
    read_all(&pack, ids, 300);
  }
  free(memory);
}
