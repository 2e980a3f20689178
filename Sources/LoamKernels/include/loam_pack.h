// A reader of frozen packs in one header: C11, C++17, GCC or Clang, any POSIX system of little-endian byte order.
//
//   loam_pack pack;
//   loam_pack_table items;
//   loam_pack_column vector;
//   if (loam_pack_open(&pack, "DIR/model.pack") != loam_pack_ok) { fprintf(stderr, "%s\n", pack.problem); exit(1); }
//   if (loam_pack_table_named(&pack, "item", &items) && loam_pack_column_named(&items, "vector", &vector))
//     loam_pack_lookup(&vector, ids, count, items.unknown, out);   // out: [count, vector.width]
//   loam_pack_close(&pack);
//
// docs/pack.md gives every byte. Opening validates every offset that a lookup goes by, and a lookup every number that it
// reads in the index: a damaged or hostile file gives wrong numbers at worst, and loam_pack_verify tells. The file must not
// be changed or cut while it is open; replace a pack by renaming a new one over it. After opening, every function may be
// called from any thread.
#ifndef LOAM_PACK_H
#define LOAM_PACK_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "packs are little-endian"
#endif

#ifdef __cplusplus
extern "C" {
#endif

// The row of an ID that has none.
#define LOAM_PACK_NONE UINT32_MAX
// IDs that are looked up together: their memory accesses are under way at once.
#define LOAM_PACK_GROUP 256
enum {
  loam_pack_version = 1,
  loam_pack_header_bytes = 64,
  loam_pack_entry_bytes = 64,
  loam_pack_line_ids = 7,
  // Lines beyond its home in which an ID may lie.
  loam_pack_reach_max = 64,
  loam_pack_rank_max = 4,
  loam_pack_width_max = 1 << 20,
  loam_pack_directory_max = 1 << 24
};

typedef enum {
  loam_pack_ok,
  // The system refused: errno says why.
  loam_pack_failed,
  loam_pack_not_a_pack,
  // Of a later format than this header knows.
  loam_pack_newer,
  loam_pack_damaged
} loam_pack_status;

typedef enum { loam_pack_f32, loam_pack_f16, loam_pack_bf16, loam_pack_i8 } loam_pack_type;

typedef struct {
  const unsigned char *base;
  uint64_t bytes;
  uint32_t tables, columns, tensors, blobs;
  uint32_t name_bytes;
  uint64_t checksums;
  uint32_t checksum_block_bytes, checksum_count;
  // What was wrong where the status is not ok; never NULL.
  const char *problem;
  int is_mapped;
} loam_pack;

// A cache line of the index.
typedef struct {
  uint64_t ids[loam_pack_line_ids];
  // Row of ids[0]; those of the others follow.
  uint32_t first;
  uint8_t count;
  // IDs whose home is this line or one before it lie in the next line too.
  uint8_t goes_on;
  uint16_t reserved;
} loam_pack_line;

typedef struct {
  const loam_pack *pack;
  const char *name;
  uint32_t name_bytes;
  uint32_t rows;
  const loam_pack_line *index;
  uint64_t seed;
  // Home lines, and all lines.
  uint32_t buckets, lines;
  uint32_t reach;
  uint32_t first_column, column_count;
  // Rows that stand for an absent field and for an ID without a row of its own; LOAM_PACK_NONE where there is none.
  uint32_t missing, unknown;
} loam_pack_table;

typedef struct {
  loam_pack_table table;
  const char *name;
  uint32_t name_bytes;
  loam_pack_type type;
  // Elements and bytes of a row. A row of i8 ends with its f32 scale.
  uint32_t width, stride;
  const unsigned char *rows;
} loam_pack_column;

typedef struct {
  const char *name;
  uint32_t name_bytes;
  uint32_t rank;
  uint64_t shape[loam_pack_rank_max];
  uint64_t count;
  const float *values;
} loam_pack_tensor;

typedef struct {
  const char *name;
  uint32_t name_bytes;
  const unsigned char *bytes;
  uint64_t count;
} loam_pack_blob;

#define LOAM_PACK_INLINE static inline __attribute__((always_inline))
#define LOAM_PACK_UNUSED static __attribute__((unused))

LOAM_PACK_INLINE uint32_t loam_pack_u32(const unsigned char *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

LOAM_PACK_INLINE uint64_t loam_pack_u64(const unsigned char *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

// CRC32C by nibbles: for the directory and for loam_pack_verify.
LOAM_PACK_UNUSED uint32_t loam_pack_crc32c(uint32_t seed, const unsigned char *bytes, size_t count) {
  static const uint32_t nibbles[16] = {
      0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
      0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75};
  uint32_t crc = ~seed;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    crc = nibbles[crc & 15] ^ crc >> 4;
    crc = nibbles[crc & 15] ^ crc >> 4;
  }
  return ~crc;
}

// Whether `count` elements of `size` bytes at `offset` lie in the file, the first on a multiple of `alignment`.
LOAM_PACK_INLINE int loam_pack_holds(
    const loam_pack *pack, uint64_t offset, uint64_t count, uint64_t size, uint64_t alignment) {
  return offset % alignment == 0 && offset <= pack->bytes && count <= (pack->bytes - offset) / size;
}

LOAM_PACK_INLINE const unsigned char *loam_pack_entry(const loam_pack *pack, uint64_t number) {
  return pack->base + loam_pack_header_bytes + number * loam_pack_entry_bytes;
}

LOAM_PACK_INLINE const char *loam_pack_name(const loam_pack *pack, const unsigned char *entry, uint32_t *bytes) {
  const uint64_t entries = (uint64_t)pack->tables + pack->columns + pack->tensors + pack->blobs;
  *bytes = loam_pack_u32(entry + 4);
  return (const char *)loam_pack_entry(pack, entries) + loam_pack_u32(entry);
}

// Entries by number; of a pack that opened, numbers below pack->tables and so on.

LOAM_PACK_UNUSED loam_pack_table loam_pack_table_at(const loam_pack *pack, uint32_t number) {
  const unsigned char *at = loam_pack_entry(pack, number);
  loam_pack_table table;
  memset(&table, 0, sizeof table);
  table.pack = pack;
  table.name = loam_pack_name(pack, at, &table.name_bytes);
  table.rows = loam_pack_u32(at + 8);
  table.reach = loam_pack_u32(at + 12);
  table.index = (const loam_pack_line *)(const void *)(pack->base + loam_pack_u64(at + 16));
  table.seed = loam_pack_u64(at + 24);
  table.buckets = loam_pack_u32(at + 32);
  table.lines = loam_pack_u32(at + 36);
  table.first_column = loam_pack_u32(at + 40);
  table.column_count = loam_pack_u32(at + 44);
  table.missing = loam_pack_u32(at + 48);
  table.unknown = loam_pack_u32(at + 52);
  return table;
}

LOAM_PACK_UNUSED loam_pack_column loam_pack_column_at(const loam_pack_table *table, uint32_t number) {
  const loam_pack *pack = table->pack;
  const unsigned char *at = loam_pack_entry(pack, (uint64_t)pack->tables + table->first_column + number);
  loam_pack_column column;
  memset(&column, 0, sizeof column);
  column.table = *table;
  column.name = loam_pack_name(pack, at, &column.name_bytes);
  column.type = (loam_pack_type)loam_pack_u32(at + 8);
  column.width = loam_pack_u32(at + 12);
  column.stride = loam_pack_u32(at + 16);
  column.rows = pack->base + loam_pack_u64(at + 24);
  return column;
}

LOAM_PACK_UNUSED loam_pack_tensor loam_pack_tensor_at(const loam_pack *pack, uint32_t number) {
  const unsigned char *at = loam_pack_entry(pack, (uint64_t)pack->tables + pack->columns + number);
  loam_pack_tensor tensor;
  memset(&tensor, 0, sizeof tensor);
  tensor.name = loam_pack_name(pack, at, &tensor.name_bytes);
  tensor.rank = loam_pack_u32(at + 8);
  tensor.values = (const float *)(const void *)(pack->base + loam_pack_u64(at + 16));
  tensor.count = 1;
  for (uint32_t axis = 0; axis < tensor.rank; axis++) {
    tensor.shape[axis] = loam_pack_u64(at + 24 + 8 * axis);
    tensor.count *= tensor.shape[axis];
  }
  return tensor;
}

LOAM_PACK_UNUSED loam_pack_blob loam_pack_blob_at(const loam_pack *pack, uint32_t number) {
  const unsigned char *at = loam_pack_entry(pack, (uint64_t)pack->tables + pack->columns + pack->tensors + number);
  loam_pack_blob blob;
  memset(&blob, 0, sizeof blob);
  blob.name = loam_pack_name(pack, at, &blob.name_bytes);
  blob.bytes = pack->base + loam_pack_u64(at + 8);
  blob.count = loam_pack_u64(at + 16);
  return blob;
}

// What is wrong with an entry; NULL: nothing.

LOAM_PACK_UNUSED const char *loam_pack_table_problem(const loam_pack *pack, const unsigned char *at) {
  const uint32_t rows = loam_pack_u32(at + 8), lines = loam_pack_u32(at + 36);
  const uint32_t first = loam_pack_u32(at + 40), columns = loam_pack_u32(at + 44);
  const uint32_t missing = loam_pack_u32(at + 48), unknown = loam_pack_u32(at + 52);
  if (rows == LOAM_PACK_NONE) return "a table has too many rows";
  if (loam_pack_u32(at + 12) > loam_pack_reach_max) return "a table's index reaches too far";
  if (loam_pack_u32(at + 32) == 0 || loam_pack_u32(at + 32) > lines) return "a table's index has no home lines";
  if (!loam_pack_holds(pack, loam_pack_u64(at + 16), lines, sizeof(loam_pack_line), 64))
    return "a table's index is not in the file";
  if (first > pack->columns || columns > pack->columns - first) return "a table's columns are not in the directory";
  if ((missing != LOAM_PACK_NONE && missing >= rows) || (unknown != LOAM_PACK_NONE && unknown >= rows))
    return "a table's reserved rows are beyond its rows";
  for (uint32_t number = 0; number < columns; number++) {
    const unsigned char *column = loam_pack_entry(pack, (uint64_t)pack->tables + first + number);
    const uint32_t type = loam_pack_u32(column + 8), width = loam_pack_u32(column + 12);
    const uint32_t stride = loam_pack_u32(column + 16);
    if (type > loam_pack_i8) return "a column is of an unknown type";
    if (width == 0 || width > loam_pack_width_max) return "a column's width is out of bounds";
    if (stride != (type == loam_pack_f32 ? 4 * width : type == loam_pack_i8 ? width + 4 : 2 * width))
      return "a column's rows are not as long as its type says";
    if (!loam_pack_holds(pack, loam_pack_u64(column + 24), rows, stride, 64)) return "a column's rows are not in the file";
  }
  return NULL;
}

LOAM_PACK_UNUSED const char *loam_pack_tensor_problem(const loam_pack *pack, const unsigned char *at) {
  const uint32_t rank = loam_pack_u32(at + 8);
  uint64_t count = 1;
  if (rank > loam_pack_rank_max) return "a tensor has too many axes";
  for (uint32_t axis = 0; axis < rank; axis++) {
    const uint64_t size = loam_pack_u64(at + 24 + 8 * axis);
    if (size != 0 && count > pack->bytes / size) return "a tensor's shape is out of bounds";
    count *= size;
  }
  return loam_pack_holds(pack, loam_pack_u64(at + 16), count, 4, 64) ? NULL : "a tensor is not in the file";
}

LOAM_PACK_UNUSED const char *loam_pack_directory_problem(const loam_pack *pack) {
  const uint64_t entries = (uint64_t)pack->tables + pack->columns + pack->tensors + pack->blobs;
  for (uint64_t number = 0; number < entries; number++) {
    const unsigned char *at = loam_pack_entry(pack, number);
    const uint32_t name = loam_pack_u32(at), bytes = loam_pack_u32(at + 4);
    const char *problem = NULL;
    if (name > pack->name_bytes || bytes > pack->name_bytes - name) return "a name is not in the directory";
    if (number < pack->tables) {
      problem = loam_pack_table_problem(pack, at);
    } else if (number >= (uint64_t)pack->tables + pack->columns) {
      if (number < entries - pack->blobs)
        problem = loam_pack_tensor_problem(pack, at);
      else if (!loam_pack_holds(pack, loam_pack_u64(at + 8), loam_pack_u64(at + 16), 1, 1))
        problem = "a blob is not in the file";
    }
    if (problem) return problem;
  }
  return NULL;
}

LOAM_PACK_UNUSED loam_pack_status loam_pack_refuse(loam_pack *pack, loam_pack_status status, const char *problem) {
  pack->problem = problem;
  return status;
}

// A pack in memory, which must stay where it is; the first byte on a multiple of 64. Nothing is to be closed.
LOAM_PACK_UNUSED loam_pack_status loam_pack_open_bytes(loam_pack *pack, const void *bytes, uint64_t count) {
  memset(pack, 0, sizeof *pack);
  pack->base = (const unsigned char *)bytes;
  pack->bytes = count;
  pack->problem = "nothing";
  const unsigned char *at = pack->base;
  if (count < loam_pack_header_bytes || memcmp(at, "LOAMPACK", 8) != 0)
    return loam_pack_refuse(pack, loam_pack_not_a_pack, "it does not begin as a pack does");
  if (loam_pack_u32(at + 8) > loam_pack_version)
    return loam_pack_refuse(pack, loam_pack_newer, "it is of a later format");
  if ((uintptr_t)at % 64 != 0) return loam_pack_refuse(pack, loam_pack_failed, "its memory is not aligned to 64 bytes");
  if (loam_pack_u64(at + 16) != count)
    return loam_pack_refuse(pack, loam_pack_damaged, "it has another length than its header says");
  const uint32_t directory = loam_pack_u32(at + 24);
  if (directory > loam_pack_directory_max || directory > count - loam_pack_header_bytes)
    return loam_pack_refuse(pack, loam_pack_damaged, "its directory is not in the file");
  if (loam_pack_crc32c(0, at + 16, (size_t)directory + loam_pack_header_bytes - 16) != loam_pack_u32(at + 12))
    return loam_pack_refuse(pack, loam_pack_damaged, "header and directory do not have the checksum that they name");
  pack->tables = loam_pack_u32(at + 28);
  pack->columns = loam_pack_u32(at + 32);
  pack->tensors = loam_pack_u32(at + 36);
  pack->blobs = loam_pack_u32(at + 40);
  pack->name_bytes = loam_pack_u32(at + 44);
  pack->checksums = loam_pack_u64(at + 48);
  pack->checksum_block_bytes = loam_pack_u32(at + 56);
  pack->checksum_count = loam_pack_u32(at + 60);
  const uint64_t entries = (uint64_t)pack->tables + pack->columns + pack->tensors + pack->blobs;
  if (entries * loam_pack_entry_bytes + pack->name_bytes != directory)
    return loam_pack_refuse(pack, loam_pack_damaged, "its directory has another length than its entries");
  if (pack->checksum_block_bytes == 0 || !loam_pack_holds(pack, pack->checksums, pack->checksum_count, 4, 4) ||
      (pack->checksums + pack->checksum_block_bytes - 1) / pack->checksum_block_bytes != pack->checksum_count)
    return loam_pack_refuse(pack, loam_pack_damaged, "its checksums are not in the file");
  const char *problem = loam_pack_directory_problem(pack);
  return problem ? loam_pack_refuse(pack, loam_pack_damaged, problem) : loam_pack_ok;
}

LOAM_PACK_UNUSED void loam_pack_close(loam_pack *pack) {
  if (pack->is_mapped) munmap((void *)(uintptr_t)pack->base, (size_t)pack->bytes);
  memset(pack, 0, sizeof *pack);
  pack->problem = "it is closed";
}

// Maps the file for reading; pages are read when a lookup needs them. Where it fails, nothing is to be closed.
LOAM_PACK_UNUSED loam_pack_status loam_pack_open(loam_pack *pack, const char *path) {
  memset(pack, 0, sizeof *pack);
  pack->problem = "it cannot be opened";
#ifdef O_CLOEXEC
  const int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
#else
  const int file = open(path, O_RDONLY | O_NONBLOCK);
#endif
  if (file < 0) return loam_pack_failed;
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < loam_pack_header_bytes) {
    close(file);
    return loam_pack_refuse(pack, loam_pack_not_a_pack, "it is no file, or too short");
  }
  void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
  const int reason = errno;
  close(file);
  if (bytes == MAP_FAILED) {
    errno = reason;
    return loam_pack_refuse(pack, loam_pack_failed, "it cannot be mapped");
  }
  const loam_pack_status opened = loam_pack_open_bytes(pack, bytes, (uint64_t)status.st_size);
  if (opened != loam_pack_ok) {
    munmap(bytes, (size_t)status.st_size);
    pack->base = NULL;
    return opened;
  }
#ifdef MADV_RANDOM
  // Lookups land anywhere: what the system would read ahead is not what comes next.
  (void)madvise(bytes, (size_t)status.st_size, MADV_RANDOM);
#endif
  pack->is_mapped = 1;
  return loam_pack_ok;
}

// Compares every byte with its checksum: damage, not intent. Who may have changed the file on purpose is a question for
// the SHA-256 and the signature of the manifest beside it. `block`, which may be NULL, gets the number of a damaged one.
LOAM_PACK_UNUSED loam_pack_status loam_pack_verify(const loam_pack *pack, uint32_t *block) {
  for (uint32_t number = 0; number < pack->checksum_count; number++) {
    const uint64_t start = (uint64_t)number * pack->checksum_block_bytes;
    const uint64_t rest = pack->checksums - start;
    const uint64_t count = rest < pack->checksum_block_bytes ? rest : pack->checksum_block_bytes;
    const uint32_t expected = loam_pack_u32(pack->base + pack->checksums + 4 * (uint64_t)number);
    if (loam_pack_crc32c(0, pack->base + start, (size_t)count) == expected) continue;
    if (block) *block = number;
    return loam_pack_damaged;
  }
  return loam_pack_ok;
}

LOAM_PACK_INLINE int loam_pack_is_named(const char *name, uint32_t bytes, const char *wanted) {
  return strlen(wanted) == bytes && memcmp(name, wanted, bytes) == 0;
}

// By name: 1 where there is one, 0 where not.

LOAM_PACK_UNUSED int loam_pack_table_named(const loam_pack *pack, const char *name, loam_pack_table *table) {
  for (uint32_t number = 0; number < pack->tables; number++) {
    *table = loam_pack_table_at(pack, number);
    if (loam_pack_is_named(table->name, table->name_bytes, name)) return 1;
  }
  return 0;
}

LOAM_PACK_UNUSED int loam_pack_column_named(const loam_pack_table *table, const char *name, loam_pack_column *column) {
  for (uint32_t number = 0; number < table->column_count; number++) {
    *column = loam_pack_column_at(table, number);
    if (loam_pack_is_named(column->name, column->name_bytes, name)) return 1;
  }
  return 0;
}

LOAM_PACK_UNUSED int loam_pack_tensor_named(const loam_pack *pack, const char *name, loam_pack_tensor *tensor) {
  for (uint32_t number = 0; number < pack->tensors; number++) {
    *tensor = loam_pack_tensor_at(pack, number);
    if (loam_pack_is_named(tensor->name, tensor->name_bytes, name)) return 1;
  }
  return 0;
}

LOAM_PACK_UNUSED int loam_pack_blob_named(const loam_pack *pack, const char *name, loam_pack_blob *blob) {
  for (uint32_t number = 0; number < pack->blobs; number++) {
    *blob = loam_pack_blob_at(pack, number);
    if (loam_pack_is_named(blob->name, blob->name_bytes, name)) return 1;
  }
  return 0;
}

// MurmurHash3's finaliser; rows and lines ascend by it.
LOAM_PACK_INLINE uint64_t loam_pack_hash(uint64_t id, uint64_t seed) {
  uint64_t x = id ^ seed;
  x ^= x >> 33;
  x *= UINT64_C(0xff51afd7ed558ccd);
  x ^= x >> 33;
  x *= UINT64_C(0xc4ceb9fe1a85ec53);
  x ^= x >> 33;
  return x;
}

LOAM_PACK_INLINE uint32_t loam_pack_home(uint64_t hash, uint32_t buckets) {
  return (uint32_t)((hash >> 32) * buckets >> 32);
}

// The row that a line gives an ID. One bit an ID instead of a choice an ID: which it is cannot be predicted. A count
// beyond seven, which no writer makes, is cut.
LOAM_PACK_INLINE uint32_t loam_pack_match(const loam_pack_line *line, uint64_t id, uint32_t rows) {
  uint32_t equal = 0;
  for (int place = 0; place < loam_pack_line_ids; place++) equal |= (uint32_t)(line->ids[place] == id) << place;
  equal &= (1u << (line->count & 7)) - 1;
  const uint32_t row = line->first + (uint32_t)__builtin_ctz(equal | 1u << loam_pack_line_ids);
  return equal != 0 && row < rows ? row : LOAM_PACK_NONE;
}

LOAM_PACK_UNUSED uint32_t loam_pack_match_further(const loam_pack_table *table, const loam_pack_line *line, uint64_t id) {
  const loam_pack_line *const end = table->index + table->lines;
  for (uint32_t step = 0; step < table->reach && line->goes_on && line + 1 < end; step++) {
    line++;
    const uint32_t row = loam_pack_match(line, id, table->rows);
    if (row != LOAM_PACK_NONE) return row;
  }
  return LOAM_PACK_NONE;
}

// Rows of at most LOAM_PACK_GROUP IDs. The loops that fetch ahead do nothing else, so that dozens of misses are under way.
LOAM_PACK_INLINE void loam_pack_find_group(
    const loam_pack_table *table, const uint64_t *ids, size_t count, uint32_t *rows) {
  const loam_pack_line *lines[LOAM_PACK_GROUP];
  uint32_t further[LOAM_PACK_GROUP];
  size_t further_count = 0;
  const loam_pack_line *const index = table->index;
  const uint64_t seed = table->seed;
  const uint32_t buckets = table->buckets, row_count = table->rows;
  for (size_t i = 0; i < count; i++) lines[i] = index + loam_pack_home(loam_pack_hash(ids[i], seed), buckets);
  for (size_t i = 0; i < count; i++) __builtin_prefetch(lines[i]);
  for (size_t i = 0; i < count; i++) {
    rows[i] = loam_pack_match(lines[i], ids[i], row_count);
    further[further_count] = (uint32_t)i;
    further_count += (rows[i] == LOAM_PACK_NONE) & (lines[i]->goes_on != 0);
  }
  for (size_t f = 0; f < further_count; f++) {
    const uint32_t i = further[f];
    rows[i] = loam_pack_match_further(table, lines[i], ids[i]);
  }
}

// Where rows lie, on their way to the cache; `absent` for LOAM_PACK_NONE. Rows must be below table.rows otherwise.
LOAM_PACK_INLINE void loam_pack_places_group(
    const loam_pack_column *column, const uint32_t *rows, size_t count, const void *absent, const void **places) {
  const uintptr_t base = (uintptr_t)column->rows;
  const size_t stride = column->stride;
  for (size_t i = 0; i < count; i++) {
    const uintptr_t is_none = (uintptr_t)0 - (uintptr_t)(rows[i] == LOAM_PACK_NONE);
    places[i] = (const void *)(((base + rows[i] * stride) & ~is_none) | ((uintptr_t)absent & is_none));
  }
  for (size_t i = 0; i < count; i++) __builtin_prefetch(places[i]);
  // Rows may end in another line than they begin in. By numbers, since `absent` may be NULL.
  for (size_t ahead = 64; ahead < stride && ahead < 512; ahead += 64)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const void *)((uintptr_t)places[i] + ahead));
  if (stride % 64 != 0 && stride < 512)
    for (size_t i = 0; i < count; i++) __builtin_prefetch((const void *)((uintptr_t)places[i] + stride - 1));
}

// Rows of IDs; LOAM_PACK_NONE for those that have none.
LOAM_PACK_UNUSED void loam_pack_find(const loam_pack_table *table, const uint64_t *ids, size_t count, uint32_t *rows) {
  for (size_t first = 0; first < count; first += LOAM_PACK_GROUP) {
    const size_t rest = count - first;
    loam_pack_find_group(table, ids + first, rest < LOAM_PACK_GROUP ? rest : LOAM_PACK_GROUP, rows + first);
  }
}

// A row as it is stored, `stride` bytes; NULL for LOAM_PACK_NONE and rows that the table does not have.
LOAM_PACK_INLINE const void *loam_pack_row(const loam_pack_column *column, uint32_t row) {
  return row < column->table.rows ? column->rows + (size_t)row * column->stride : NULL;
}

// By bits, so that every compiler and processor does the same: the product moves the exponent's bias, and makes
// subnormal halves normal; infinities and NaNs get their exponent back.
LOAM_PACK_INLINE float loam_pack_of_f16(uint16_t half) {
  const uint32_t magnitude = half & 0x7FFFu, raw = magnitude << 13, bias = 0x77800000u;
  float moved, scale;
  uint32_t bits;
  memcpy(&moved, &raw, sizeof moved);
  memcpy(&scale, &bias, sizeof scale);
  moved *= scale;
  memcpy(&bits, &moved, sizeof bits);
  bits |= (magnitude >= 0x7C00u ? 0x7F800000u : 0) | (uint32_t)(half & 0x8000u) << 16;
  memcpy(&moved, &bits, sizeof moved);
  return moved;
}

LOAM_PACK_INLINE float loam_pack_of_bf16(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// A stored row as `width` f32.
LOAM_PACK_INLINE void loam_pack_read_row(const loam_pack_column *column, const void *row, float *out) {
  const uint32_t width = column->width;
  switch (column->type) {
    case loam_pack_f32: memcpy(out, row, (size_t)width * 4); break;
    case loam_pack_f16: {
      const uint16_t *from = (const uint16_t *)row;
      for (uint32_t i = 0; i < width; i++) out[i] = loam_pack_of_f16(from[i]);
      break;
    }
    case loam_pack_bf16: {
      const uint16_t *from = (const uint16_t *)row;
      for (uint32_t i = 0; i < width; i++) out[i] = loam_pack_of_bf16(from[i]);
      break;
    }
    case loam_pack_i8: {
      const int8_t *from = (const int8_t *)row;
      float scale;
      memcpy(&scale, from + width, sizeof scale);
      for (uint32_t i = 0; i < width; i++) out[i] = scale * (float)from[i];
      break;
    }
  }
}

// IDs to f32 rows, out: [count, width]. An ID without a row reads `absent`: a row's number, as table.unknown, or
// LOAM_PACK_NONE for zeros.
LOAM_PACK_UNUSED void loam_pack_lookup(
    const loam_pack_column *column, const uint64_t *ids, size_t count, uint32_t absent, float *out) {
  uint32_t rows[LOAM_PACK_GROUP];
  const void *places[LOAM_PACK_GROUP];
  const void *const instead = loam_pack_row(column, absent);
  const size_t width = column->width;
  for (size_t first = 0; first < count; first += LOAM_PACK_GROUP) {
    const size_t rest = count - first, group = rest < LOAM_PACK_GROUP ? rest : LOAM_PACK_GROUP;
    loam_pack_find_group(&column->table, ids + first, group, rows);
    loam_pack_places_group(column, rows, group, instead, places);
    for (size_t i = 0; i < group; i++) {
      float *to = out + (first + i) * width;
      if (places[i] == NULL)
        memset(to, 0, width * sizeof(float));
      else
        loam_pack_read_row(column, places[i], to);
    }
  }
}

#ifdef __cplusplus
}
#endif
#endif
