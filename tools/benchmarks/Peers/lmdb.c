// liblmdb with one record per ID: the layout that Loam's blocks replace. Keys are row numbers mixed to IDs; a batch is
// sorted before it is read, as neighbours share pages.
#include "peer.h"

typedef struct {
  uint64_t id;
  uint32_t position;
} wanted;

static MDB_txn *txn;
static MDB_dbi database;
static MDB_cursor *cursor;

static int by_id(const void *a, const void *b) {
  const uint64_t x = ((const wanted *)a)->id, y = ((const wanted *)b)->id;
  return x < y ? -1 : x > y;
}

static void build(MDB_env *env, size_t rows) {
  wanted *all = malloc(rows * sizeof *all);
  for (size_t row = 0; row < rows; row++) all[row] = (wanted){id_of(row), (uint32_t)row};
  qsort(all, rows, sizeof *all, by_id);
  CHECK(mdb_txn_begin(env, NULL, 0, &txn));
  CHECK(mdb_dbi_open(txn, "rows", MDB_CREATE | MDB_INTEGERKEY, &database));
  for (size_t i = 0; i < rows; i++) {
    float row[width];
    for (int element = 0; element < width; element++) row[element] = (float)all[i].position;
    MDB_val key = {8, &all[i].id}, value = {rowBytes, row};
    CHECK(mdb_put(txn, database, &key, &value, MDB_APPEND));
  }
  CHECK(mdb_txn_commit(txn));
  free(all);
}

static void read_rows(const uint64_t *ids, float *out) {
  static wanted sorted[batch];
  for (uint32_t i = 0; i < batch; i++) sorted[i] = (wanted){ids[i], i};
  qsort(sorted, batch, sizeof *sorted, by_id);
  for (size_t i = 0; i < batch; i++) {
    MDB_val key = {8, &sorted[i].id}, value;
    CHECK(mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY));
    memcpy(out + (size_t)sorted[i].position * width, value.mv_data, rowBytes);
  }
}

static float last[width];

static double read_one(uint64_t id) {
  const double start = wall_seconds();
  MDB_val key = {8, &id}, value;
  CHECK(mdb_get(txn, database, &key, &value));
  memcpy(last, value.mv_data, rowBytes);
  return wall_seconds() - start;
}

int main(int argc, char **argv) {
  const char *directory = argv[1];
  const size_t rows = strtoull(argv[2], NULL, 10);
  warm(directory);
  const int fresh = !mkdir(directory, 0755);
  MDB_env *env;
  CHECK(mdb_env_create(&env));
  CHECK(mdb_env_set_mapsize(env, 1ull << 36));
  CHECK(mdb_env_set_maxdbs(env, 4));
  CHECK(mdb_env_open(env, directory, MDB_NORDAHEAD | MDB_NOSYNC, 0644));
  if (fresh) build(env, rows);
  CHECK(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
  CHECK(mdb_dbi_open(txn, "rows", MDB_INTEGERKEY, &database));
  CHECK(mdb_cursor_open(txn, database, &cursor));
  draws all[8];
  for (int i = 3; i < argc; i++) all[i - 3] = read_draws(argv[i]);
  char version[32];
  int major, minor, patch;
  mdb_version(&major, &minor, &patch);
  snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
  serve(version, all, argc - 3, read_rows, read_one, NULL);
}
