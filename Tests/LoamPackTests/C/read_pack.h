// Reads a pack from end to end, as hostile bytes are read by the tests and by the fuzzer.
#ifndef READ_PACK_H
#define READ_PACK_H

#include <stdlib.h>

#include "loam_pack.h"

static volatile float sum;

static void read_all(const loam_pack *pack, const uint64_t *ids, size_t count) {
  for (uint32_t t = 0; t < pack->tables; t++) {
    const loam_pack_table table = loam_pack_table_at(pack, t);
    uint32_t *rows = (uint32_t *)malloc(count * sizeof(uint32_t));
    loam_pack_find(&table, ids, count, rows);
    for (size_t i = 0; i < count; i++)
      if (rows[i] != LOAM_PACK_NONE && rows[i] >= table.rows) abort();
    free(rows);
    for (uint32_t c = 0; c < table.column_count; c++) {
      const loam_pack_column column = loam_pack_column_at(&table, c);
      if (column.width > 4096) continue;
      float *values = (float *)malloc(count * column.width * sizeof(float));
      loam_pack_lookup(&column, ids, count, table.unknown, values);
      loam_pack_lookup(&column, ids, count, LOAM_PACK_NONE, values);
      sum += values[count * column.width - 1];
      free(values);
    }
    for (uint32_t n = 0; n < table.name_bytes; n++) sum += table.name[n];
  }
  for (uint32_t t = 0; t < pack->tensors; t++) {
    const loam_pack_tensor tensor = loam_pack_tensor_at(pack, t);
    for (uint64_t i = 0; i < tensor.count; i++) sum += tensor.values[i];
  }
  for (uint32_t b = 0; b < pack->blobs; b++) {
    const loam_pack_blob blob = loam_pack_blob_at(pack, b);
    for (uint64_t i = 0; i < blob.count; i++) sum += blob.bytes[i];
  }
  (void)loam_pack_verify(pack, NULL);
}

static void seal(unsigned char *bytes, size_t count) {
  const uint32_t directory = loam_pack_u32(bytes + 24);
  if (directory > count - loam_pack_header_bytes) return;
  const uint32_t crc = loam_pack_crc32c(0, bytes + 16, directory + loam_pack_header_bytes - 16);
  memcpy(bytes + 12, &crc, sizeof crc);
}

#endif
