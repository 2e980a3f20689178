// Stores and packs from C, and so from every language that can call C: libloamc. The Python package stands on it.
//
//   loam_error error;
//   uint64_t store, version, items;
//   if (loam_open_store("ads.loam", &store, &error)) { fprintf(stderr, "%s\n", error.message); exit(error.category); }
//   loam_open_version(store, "latest", &version, &error);
//   loam_open_table(version, "ctr/item", &items, &error);
//   loam_read_rows(items, "vector", ids, count, LOAM_ABSENT_UNKNOWN, 1, out, count * dimension, &error);
//   loam_close(items), loam_close(version), loam_close(store);
//
// Every call answers 0, or the error's category. What is opened is a number: a wrong one, or one that was closed, is
// refused like any other wrong input. What an open thing needs stays open with it, so the order of closing does not matter.
// Calls may be made from any thread, also on one handle at the same time.
//
// IDs are 64-bit; those of string fields are hashes: loam_hash_strings. Times are microseconds since 1970, UTC. Memory is
// the caller's, but for texts that a call gives: loam_free. Lengths of outputs are passed and compared.
#ifndef LOAM_H
#define LOAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  loam_ok = 0,
  // The system refused or broke: read the message.
  loam_failed = 1,
  // The input or the request is wrong: correct it.
  loam_refused = 2,
  // Stored bytes are damaged: restore from a backup.
  loam_damaged = 3,
  // Somebody else holds what is needed: try again.
  loam_busy = 4,
  // The disk or the map is full.
  loam_no_space = 5
};

// All texts end with 0 and are UTF-8, cut where they are too long.
typedef struct {
  int32_t category;
  // `room.reason`, as docs/troubleshooting.md lists them.
  char code[64];
  char message[956];
} loam_error;

// What an ID without a row of its own reads.
enum {
  // The row of the reserved ID "unknown", as a model does; zeros where the table has none.
  LOAM_ABSENT_UNKNOWN = 0,
  LOAM_ABSENT_ZEROS = 1
};

enum { LOAM_POOL_SUM = 0, LOAM_POOL_MEAN = 1 };

// The version of this header; grows when a call changes.
#define LOAM_ABI 1
int32_t loam_abi(void);

void loam_close(uint64_t handle);
void loam_free(char *text);

// XXH3-64 of strings that lie one behind the other: string i is bytes[offsets[i] ..< offsets[i + 1]].
int32_t loam_hash_strings(
    const char *bytes, const uint64_t *offsets, uint64_t count, uint64_t *ids, loam_error *error);

// A store is opened for reading; others may write to it meanwhile.
int32_t loam_open_store(const char *path, uint64_t *store, loam_error *error);
// `at`: latest, a number, a tag or an alias. A version is seen as it is for as long as it is open.
int32_t loam_open_version(uint64_t store, const char *at, uint64_t *version, loam_error *error);
// `public_key`: Ed25519 in PEM, or NULL. With one the signature and the file's SHA-256 are compared.
int32_t loam_open_pack(const char *directory, const char *public_key, uint64_t *pack, loam_error *error);
// Of a version: MODEL/SPACE, or ids:SPACE. Of a pack: SPACE.
int32_t loam_open_table(uint64_t version_or_pack, const char *name, uint64_t *table, loam_error *error);
int32_t loam_open_timeline(uint64_t version, const char *name, uint64_t *timeline, loam_error *error);
// `yaml` is the text of a view.
int32_t loam_open_view(uint64_t version, const char *yaml, uint64_t *view, loam_error *error);

// JSON of what is open: of a store its versions, of a version or a pack its tables, of a table its columns, of a timeline
// its fields, of a view the layout of its rows.
int32_t loam_describe(uint64_t handle, char **json, loam_error *error);

// All IDs of a table, in no order that means anything; `capacity` must be the number of rows.
int32_t loam_read_ids(uint64_t table, uint64_t *ids, uint64_t capacity, loam_error *error);

// found[i]: 1 where ids[i] has a row of its own.
int32_t loam_find_ids(uint64_t table, const uint64_t *ids, uint64_t count, uint8_t *found, loam_error *error);

// Rows as f32, [count, width]; `values` is the length of `out` in elements. Decay that is due is made up for.
// `threads`: at most so many; 0: one a core.
int32_t loam_read_rows(
    uint64_t table, const char *column, const uint64_t *ids, uint64_t count, int32_t absent, int32_t threads,
    float *out, uint64_t values, loam_error *error);

typedef struct {
  uint64_t table;
  const char *column;
  const uint64_t *ids;
  uint64_t count;
  float *out;
  uint64_t values;
} loam_request;

// Several tables of one version in one call: their memory accesses are under way together. Outputs must not overlap.
int32_t loam_read_tables(
    const loam_request *requests, uint64_t count, int32_t absent, int32_t threads, loam_error *error);

// The rows of bags as one each, [bags, width]: bag b is ids[offsets[b] ..< offsets[b + 1]]. `offsets` has bags + 1 numbers,
// from 0 to `count`, ascending. The row of an empty bag is zeros.
int32_t loam_read_bags(
    uint64_t table, const char *column, const uint64_t *ids, uint64_t count, const uint32_t *offsets, uint64_t bags,
    int32_t pooling, int32_t absent, int32_t threads, float *out, uint64_t values, loam_error *error);

// How often IDs of a table ids:SPACE occur in a log; in all logs together where `log` is NULL. 0: never.
int32_t loam_read_counts(
    uint64_t table, const char *log, const uint64_t *ids, uint64_t count, uint64_t *counts, loam_error *error);

// The newest events of an entity before a time, as far as they were known by `known_by`; newest first, at most `limit`.
// `values` is [fields, limit]: IDs, or the bits of an f32. `count` gets how many there are.
int32_t loam_read_timeline(
    uint64_t timeline, uint64_t entity, int64_t before, int64_t known_by, uint64_t limit, int64_t *times,
    int64_t *known_at, uint64_t *values, uint64_t *count, loam_error *error);

// Answers of a view, row_bytes each: see loam_describe. `ids` is [ID fields of the view, count]; `known_by` may be NULL:
// the requests' own times.
int32_t loam_answer_view(
    uint64_t view, const uint64_t *ids, const int64_t *times, const int64_t *known_by, uint64_t count, int32_t threads,
    void *out, uint64_t bytes, loam_error *error);

#ifdef __cplusplus
}
#endif
#endif
