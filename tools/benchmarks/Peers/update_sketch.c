// The steps of an update without the rest of Loam: an index of cache lines, rows and their sums in blocks of 16 KiB, all
// in huge pages of this process, in groups with prefetch. No disk, no shards, no versions, no bounds, no dirty marks.
#include "update.h"

#include <sys/mman.h>

typedef struct {
  uint64_t id[5];
  uint32_t slot[5];
  uint32_t count;  // 0x100: full, look further
} line;

enum { rowsPerBlock = 255, blockBytes = 16384, group = 256 };

static size_t lines;
static line *table;
static char **rowBlocks, **sumBlocks;

static void *huge(size_t bytes) {
  const size_t page = 2 << 20;
  char *start = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  start += (page - (uintptr_t)start % page) % page;
  madvise(start, bytes, MADV_HUGEPAGE);
  memset(start, 0, bytes);
  return start;
}

static size_t home(uint64_t id) { return (size_t)((unsigned __int128)mix(id) * lines >> 64); }

static void build(size_t rows) {
  lines = rows * 10 / 32 + 64;
  table = huge(lines * sizeof(line));
  for (uint64_t row = 0; row < rows; row++) {
    const uint64_t id = id_of(row);
    size_t l = home(id);
    while ((table[l].count & 0xFF) == 5) {
      table[l].count |= 0x100;
      l = (l + 1) % lines;
    }
    const int entry = table[l].count++ & 0xFF;
    table[l].id[entry] = id;
    table[l].slot[entry] = (uint32_t)row;
  }
  const size_t blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
  rowBlocks = malloc(blocks * sizeof(char *));
  sumBlocks = malloc(blocks * sizeof(char *));
  char *first = huge(blocks * blockBytes), *second = huge(blocks * blockBytes);
  for (size_t block = 0; block < blocks; block++) {
    rowBlocks[block] = first + block * blockBytes;
    sumBlocks[block] = second + block * blockBytes;
    for (int i = 0; i < rowsPerBlock * width; i++) {
      ((float *)rowBlocks[block])[i] = (float)(block * rowsPerBlock + i / width);
      ((float *)sumBlocks[block])[i] = 0.1f;
    }
  }
}

static uint32_t find_further(uint64_t id) {
  for (size_t l = home(id);;) {
    l = (l + 1) % lines;
    for (int entry = 0; entry < 5; entry++)
      if (table[l].id[entry] == id) return table[l].slot[entry];
    if (!(table[l].count & 0x100)) return 0;
  }
}

static uint32_t slots[batch];

static void find(const uint64_t *ids) {
  const line *at[group];
  for (size_t first = 0; first < batch; first += group) {
    for (size_t i = 0; i < group; i++) at[i] = table + home(ids[first + i]);
    for (size_t i = 0; i < group; i++) __builtin_prefetch(at[i]);
    for (size_t i = 0; i < group; i++) {
      const uint64_t id = ids[first + i];
      int found = -1;
      for (int entry = 0; entry < 5; entry++)
        if (at[i]->id[entry] == id) found = entry;
      slots[first + i] = found >= 0 ? at[i]->slot[found] : find_further(id);
    }
  }
}

static void step(const uint64_t *ids, float *out) {
  find(ids);
  float *rows[2][group], *sums[2][group];
  for (size_t first = 0; first < batch; first += group) {
    for (size_t i = 0; i < group; i++) {
      const uint32_t slot = slots[first + i];
      rows[0][i] = (float *)(rowBlocks[slot / rowsPerBlock] + slot % rowsPerBlock * rowBytes);
    }
    for (size_t i = 0; i < group; i++) __builtin_prefetch(rows[0][i]);
    for (size_t i = 0; i < group; i++) memcpy(out + (first + i) * width, rows[0][i], rowBytes);
  }
  for (size_t next = 0; next < batch + group; next += group) {
    const int side = next / group & 1;
    if (next < batch) {
      for (size_t i = 0; i < group; i++) {
        const uint32_t slot = slots[next + i], block = slot / rowsPerBlock, offset = slot % rowsPerBlock * rowBytes;
        rows[side][i] = (float *)(rowBlocks[block] + offset);
        sums[side][i] = (float *)(sumBlocks[block] + offset);
      }
      for (size_t i = 0; i < group; i++) __builtin_prefetch(rows[side][i], 1);
      for (size_t i = 0; i < group; i++) __builtin_prefetch(sums[side][i], 1);
    }
    if (next == 0) continue;
    const size_t first = next - group;
    for (size_t i = 0; i < group; i++) adagrad(rows[!side][i], sums[!side][i], gradients + (first + i) * width);
  }
}

static void no_commit(void) {}

int main(int argc, char **argv) {
  (void)argc;
  build(strtoull(argv[2], NULL, 10));
  serve_updates("1", read_draws(argv[3]), step, no_commit);
}
