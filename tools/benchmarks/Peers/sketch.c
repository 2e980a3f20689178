// The lookup of Loam's design without the rest of Loam: 64-bit IDs to a hash index in LMDB blocks to rows of 64 bytes in
// LMDB blocks, in groups with prefetch. No shards, no versions, no checksums, no bounds: what those cost shows beside it.
#include "peer.h"

typedef struct {
  uint64_t id[5];
  uint32_t slot[5];
  uint32_t count;  // 0x100: full, look further
} line;

enum { linesPerBlock = 63, header = 48, rowsPerBlock = (4 * 4096 - 16 - header) / rowBytes, group = 256 };

static size_t lines;
static char **indexBlocks, **rowBlocks;

static size_t home(uint64_t id) { return (size_t)((unsigned __int128)mix(id) * lines >> 64); }
static line *line_at(size_t l) { return (line *)(indexBlocks[l / linesPerBlock] + l % linesPerBlock * sizeof(line)); }

static void build(MDB_env *env, size_t rows, size_t indexCount) {
  line *all = aligned_alloc(64, lines * sizeof(line));
  memset(all, 0, lines * sizeof(line));
  for (uint64_t row = 0; row < rows; row++) {
    const uint64_t id = id_of(row);
    size_t l = home(id);
    while ((all[l].count & 0xFF) == 5) {
      all[l].count |= 0x100;
      l = (l + 1) % lines;
    }
    const int entry = all[l].count++ & 0xFF;
    all[l].id[entry] = id;
    all[l].slot[entry] = (uint32_t)row;
  }
  MDB_txn *txn;
  MDB_dbi index, values;
  CHECK(mdb_txn_begin(env, NULL, 0, &txn));
  CHECK(mdb_dbi_open(txn, "index", MDB_CREATE | MDB_INTEGERKEY, &index));
  CHECK(mdb_dbi_open(txn, "rows", MDB_CREATE | MDB_INTEGERKEY, &values));
  for (uint64_t block = 0; block < indexCount; block++) {
    MDB_val key = {8, &block}, value = {4096 - 16, NULL};
    CHECK(mdb_put(txn, index, &key, &value, MDB_RESERVE | MDB_APPEND));
    memcpy((char *)value.mv_data + header, all + block * linesPerBlock, linesPerBlock * sizeof(line));
  }
  for (uint64_t block = 0; block * rowsPerBlock < rows; block++) {
    MDB_val key = {8, &block}, value = {4 * 4096 - 16, NULL};
    CHECK(mdb_put(txn, values, &key, &value, MDB_RESERVE | MDB_APPEND));
    float *out = (float *)((char *)value.mv_data + header);
    for (int i = 0; i < rowsPerBlock * width; i++) out[i] = (float)(block * rowsPerBlock + i / width);
  }
  CHECK(mdb_txn_commit(txn));
  free(all);
}

static size_t collect(MDB_txn *txn, const char *name, char **blocks) {
  MDB_dbi database;
  MDB_cursor *cursor;
  MDB_val key, value;
  size_t count = 0;
  CHECK(mdb_dbi_open(txn, name, MDB_INTEGERKEY, &database));
  CHECK(mdb_cursor_open(txn, database, &cursor));
  while (!mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) blocks[count++] = (char *)value.mv_data + header;
  mdb_cursor_close(cursor);
  return count;
}

static uint32_t find_further(uint64_t id) {
  for (size_t l = home(id);;) {
    l = (l + 1) % lines;
    const line *at = line_at(l);
    for (int entry = 0; entry < 5; entry++)
      if (at->id[entry] == id) return at->slot[entry];
    if (!(at->count & 0x100)) return 0;
  }
}

static void read_rows(const uint64_t *ids, float *out) {
  line *at[group];
  const char *rows[group];
  for (size_t first = 0; first < batch; first += group) {
    for (size_t i = 0; i < group; i++) {
      at[i] = line_at(home(ids[first + i]));
      __builtin_prefetch(at[i]);
    }
    for (size_t i = 0; i < group; i++) {
      const uint64_t id = ids[first + i];
      int found = -1;
      for (int entry = 0; entry < 5; entry++)
        if (at[i]->id[entry] == id) found = entry;
      const uint32_t slot = found >= 0 ? at[i]->slot[found] : find_further(id);
      rows[i] = rowBlocks[slot / rowsPerBlock] + slot % rowsPerBlock * rowBytes;
      __builtin_prefetch(rows[i]);
    }
    for (size_t i = 0; i < group; i++) memcpy(out + (first + i) * width, rows[i], rowBytes);
  }
}

static float last[width];

static double read_one(uint64_t id) {
  const double start = wall_seconds();
  const line *at = line_at(home(id));
  int found = -1;
  for (int entry = 0; entry < 5; entry++)
    if (at->id[entry] == id) found = entry;
  const uint32_t slot = found >= 0 ? at->slot[found] : find_further(id);
  memcpy(last, rowBlocks[slot / rowsPerBlock] + slot % rowsPerBlock * rowBytes, rowBytes);
  return wall_seconds() - start;
}

static volatile uint64_t loaded;

// What no lookup can do without: a word of the ID's line, then one of a row that is known only from the line.
static double load_two(uint64_t id) {
  const double start = wall_seconds();
  const uint32_t slot = line_at(home(id))->slot[0];
  loaded = *(const uint64_t *)(rowBlocks[slot / rowsPerBlock] + slot % rowsPerBlock * rowBytes);
  return wall_seconds() - start;
}

int main(int argc, char **argv) {
  const char *directory = argv[1];
  const size_t rows = strtoull(argv[2], NULL, 10);
  const size_t rowCount = (rows + rowsPerBlock - 1) / rowsPerBlock;
  // 3.2 of five entries a line: 64 % full.
  const size_t indexCount = (rows * 10 / 32 + 64 + linesPerBlock - 1) / linesPerBlock;
  lines = indexCount * linesPerBlock;
  warm(directory);
  const int fresh = !mkdir(directory, 0755);
  MDB_env *env;
  CHECK(mdb_env_create(&env));
  CHECK(mdb_env_set_mapsize(env, 1ull << 36));
  CHECK(mdb_env_set_maxdbs(env, 4));
  CHECK(mdb_env_open(env, directory, MDB_NORDAHEAD | MDB_NOSYNC, 0644));
  if (fresh) build(env, rows, indexCount);
  MDB_txn *txn;
  CHECK(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
  indexBlocks = malloc(indexCount * sizeof(char *));
  rowBlocks = malloc(rowCount * sizeof(char *));
  if (collect(txn, "index", indexBlocks) != indexCount || collect(txn, "rows", rowBlocks) != rowCount) return 1;
  draws all[8];
  for (int i = 3; i < argc; i++) all[i - 3] = read_draws(argv[i]);
  serve("1", all, argc - 3, read_rows, read_one, load_two);
}
