// liblmdb with one record per ID, vector and sum in it: a step sorts its IDs and changes each record under the cursor; all
// steps are one transaction, whose commit is synced.
#include "update.h"

typedef struct {
  uint64_t id;
  uint32_t position;
} wanted;

static MDB_env *env;
static MDB_txn *txn;
static MDB_dbi database;

static int by_id(const void *a, const void *b) {
  const uint64_t x = ((const wanted *)a)->id, y = ((const wanted *)b)->id;
  return x < y ? -1 : x > y;
}

static void build(size_t rows) {
  wanted *all = malloc(rows * sizeof *all);
  for (size_t row = 0; row < rows; row++) all[row] = (wanted){id_of(row), (uint32_t)row};
  qsort(all, rows, sizeof *all, by_id);
  for (size_t first = 0; first < rows; first += 1 << 20) {
    CHECK(mdb_txn_begin(env, NULL, 0, &txn));
    CHECK(mdb_dbi_open(txn, "rows", MDB_CREATE | MDB_INTEGERKEY, &database));
    for (size_t i = first; i < rows && i < first + (1 << 20); i++) {
      float row[2 * width];
      for (int element = 0; element < width; element++) {
        row[element] = (float)all[i].position;
        row[width + element] = 0.1f;
      }
      MDB_val key = {8, &all[i].id}, value = {sizeof row, row};
      CHECK(mdb_put(txn, database, &key, &value, MDB_APPEND));
    }
    CHECK(mdb_txn_commit(txn));
  }
  free(all);
}

static void step(const uint64_t *ids, float *out) {
  static wanted sorted[batch];
  for (uint32_t i = 0; i < batch; i++) sorted[i] = (wanted){ids[i], i};
  qsort(sorted, batch, sizeof *sorted, by_id);
  if (!txn) CHECK(mdb_txn_begin(env, NULL, 0, &txn));
  MDB_cursor *cursor;
  CHECK(mdb_cursor_open(txn, database, &cursor));
  for (size_t i = 0; i < batch; i++) {
    MDB_val key = {8, &sorted[i].id}, value;
    CHECK(mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY));
    float row[2 * width];
    memcpy(row, value.mv_data, sizeof row);
    memcpy(out + (size_t)sorted[i].position * width, row, rowBytes);
    adagrad(row, row + width, gradients + (size_t)sorted[i].position * width);
    value = (MDB_val){sizeof row, row};
    CHECK(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT));
  }
  mdb_cursor_close(cursor);
}

static void commit(void) {
  CHECK(mdb_txn_commit(txn));
  txn = NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  const char *directory = argv[1];
  const int fresh = !mkdir(directory, 0755);
  CHECK(mdb_env_create(&env));
  CHECK(mdb_env_set_mapsize(env, 1ull << 36));
  CHECK(mdb_env_set_maxdbs(env, 4));
  CHECK(mdb_env_open(env, directory, MDB_NORDAHEAD, 0644));
  if (fresh) build(strtoull(argv[2], NULL, 10));
  CHECK(mdb_txn_begin(env, NULL, 0, &txn));
  CHECK(mdb_dbi_open(txn, "rows", MDB_INTEGERKEY, &database));
  CHECK(mdb_txn_commit(txn));
  txn = NULL;
  char version[32];
  int major, minor, patch;
  mdb_version(&major, &minor, &patch);
  snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
  serve_updates(version, read_draws(argv[3]), step, commit);
}
