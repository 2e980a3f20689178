// Reads rows out of a frozen pack, as a server in C or C++ would:
//
//   cc -std=c11 -O2 -I Sources/LoamKernels/include tools/examples/pack.c -o pack
//   ./pack ctr.pack/model.pack item 4711 4712
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loam_pack.h"

static void describe(const loam_pack *pack) {
  for (uint32_t t = 0; t < pack->tables; t++) {
    const loam_pack_table table = loam_pack_table_at(pack, t);
    printf("table %.*s: %" PRIu32 " rows\n", (int)table.name_bytes, table.name, table.rows);
  }
  for (uint32_t t = 0; t < pack->tensors; t++) {
    const loam_pack_tensor tensor = loam_pack_tensor_at(pack, t);
    printf("tensor %.*s: %" PRIu64 " elements\n", (int)tensor.name_bytes, tensor.name, tensor.count);
  }
}

static int read_rows(const loam_pack_table *table, const char *name, const uint64_t *ids, size_t count) {
  loam_pack_column column;
  if (!loam_pack_column_named(table, name, &column)) return 0;
  float *rows = (float *)malloc(count * column.width * sizeof(float));
  if (rows == NULL) return 0;
  // What a model reads for an ID that it never admitted is a row too.
  loam_pack_lookup(&column, ids, count, table->unknown, rows);
  for (size_t i = 0; i < count; i++) {
    printf("%" PRIu64 " %s", ids[i], name);
    for (uint32_t e = 0; e < column.width; e++) printf(" %.9g", (double)rows[i * column.width + e]);
    printf("\n");
  }
  free(rows);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: pack FILE [TABLE ID...]\n");
    return 2;
  }
  loam_pack pack;
  if (loam_pack_open(&pack, argv[1]) != loam_pack_ok) {
    fprintf(stderr, "%s: %s\n", argv[1], pack.problem);
    return 3;
  }
  if (argc < 4) {
    describe(&pack);
    loam_pack_close(&pack);
    return 0;
  }
  loam_pack_table table;
  if (!loam_pack_table_named(&pack, argv[2], &table)) {
    fprintf(stderr, "%s has no table %s\n", argv[1], argv[2]);
    loam_pack_close(&pack);
    return 2;
  }
  const size_t count = (size_t)argc - 3;
  uint64_t *ids = (uint64_t *)malloc(count * sizeof(uint64_t));
  if (ids != NULL) {
    for (size_t i = 0; i < count; i++) ids[i] = strtoull(argv[3 + i], NULL, 10);
    read_rows(&table, "vector", ids, count);
    read_rows(&table, "weight", ids, count);
    free(ids);
  }
  loam_pack_close(&pack);
  return 0;
}
