// Every bit of a pack's header, directory and index flipped in turn, with a checksum that fits, and every length cut: each
// is opened and read from end to end. Built with the address sanitizer, whose word counts.
#include <stdio.h>
#include <stdlib.h>

#include "read_pack.h"

static size_t opened, refused;

static void try_bytes(const unsigned char *bytes, size_t count, const uint64_t *ids, size_t id_count) {
  loam_pack pack;
  if (loam_pack_open_bytes(&pack, bytes, count) != loam_pack_ok) {
    refused++;
    return;
  }
  opened++;
  read_all(&pack, ids, id_count);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) return 2;
  fseek(file, 0, SEEK_END);
  const size_t count = (size_t)ftell(file);
  rewind(file);
  // Exactly as long as the file, so that the byte behind it is poisoned.
  void *memory = NULL;
  if (posix_memalign(&memory, 64, count) != 0 || fread(memory, 1, count, file) != count) return 2;
  fclose(file);
  unsigned char *bytes = (unsigned char *)memory;

  loam_pack pack;
  if (loam_pack_open_bytes(&pack, bytes, count) != loam_pack_ok || loam_pack_verify(&pack, NULL) != loam_pack_ok) return 3;
  const loam_pack_table first = loam_pack_table_at(&pack, 0);
  uint64_t ids[300];
  for (size_t i = 0; i < 300; i++) ids[i] = i * 7;
  for (size_t i = 0; i < 200 && i < first.lines; i++) ids[i] = first.index[i].ids[i % 7];

  const size_t directory = loam_pack_header_bytes + loam_pack_u32(bytes + 24);
  const size_t index = (size_t)((const unsigned char *)first.index - bytes);
  for (int part = 0; part < 2; part++) {
    const size_t from = part == 0 ? 0 : index, to = part == 0 ? directory : index + 20 * sizeof(loam_pack_line);
    for (size_t at = from; at < to && at < count; at++) {
      for (int bit = 0; bit < 9; bit++) {
        const unsigned char was = bytes[at];
        bytes[at] = bit == 8 ? (unsigned char)0xFF : (unsigned char)(was ^ 1 << bit);
        seal(bytes, count);
        try_bytes(bytes, count, ids, 300);
        bytes[at] = was;
      }
    }
  }
  seal(bytes, count);
  for (size_t cut = 0; cut < count; cut = cut < directory ? cut + 1 : cut * 2) {
    if (posix_memalign(&memory, 64, cut ? cut : 1) != 0) return 2;
    memcpy(memory, bytes, cut);
    try_bytes((const unsigned char *)memory, cut, ids, 300);
    // The length that the header names is cut too.
    if (cut >= loam_pack_header_bytes) {
      memcpy((unsigned char *)memory + 16, &(uint64_t){cut}, 8);
      seal((unsigned char *)memory, cut);
      try_bytes((const unsigned char *)memory, cut, ids, 300);
    }
    free(memory);
  }
  free(bytes);
  printf("%zu opened, %zu refused\n", opened, refused);
  return opened > 0 && refused > 0 ? 0 : 4;
}
