#include "loam_onednn.h"

#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "Loam is written for oneDNN 2.x (Debian 12: libdnnl-dev); oneDNN 3 has another C interface"
#endif

// OpenMP's own header is a compiler's, and clang for Swift ships none; the function is in libgomp, which libdnnl loads.
extern void omp_set_num_threads(int count);

enum { SLOTS = 512, ENTRIES_MAX = 384 };  // shapes a thread; past the limit the thread starts again with none

typedef struct {
  int64_t rows, inner, columns;
  uint32_t flags;  // 1 transpose_a, 2 transpose_b, 4 accumulate, 8 relu, 16 bias, 64 bf16; 32 marks a used slot
} shape_key;

typedef struct {
  shape_key key;
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, bias, c;
} entry;

// A thread's stream and primitives. Memory objects carry the pointers of a call, so they cannot be shared, and
// oneDNN's scratchpad belongs to the thread that made the primitive.
typedef struct {
  dnnl_stream_t stream;
  int count;
  entry entries[SLOTS];
} thread_cache;

static dnnl_engine_t engine;
static dnnl_status_t engine_status;
static pthread_key_t cache_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local thread_cache *cache;
static _Thread_local uint64_t primitives_made;

static void clear_entries(thread_cache *of) {
  for (int i = 0; i < SLOTS; i++) {
    entry *e = &of->entries[i];
    if (e->key.flags == 0) continue;
    dnnl_primitive_destroy(e->primitive);
    dnnl_memory_destroy(e->a);
    dnnl_memory_destroy(e->b);
    dnnl_memory_destroy(e->c);
    if (e->bias) dnnl_memory_destroy(e->bias);
  }
  memset(of->entries, 0, sizeof of->entries);
  of->count = 0;
}

static void destroy_cache(void *of) {
  clear_entries(of);
  dnnl_stream_destroy(((thread_cache *)of)->stream);
  free(of);
}

static void start(void) {
  engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0);
  pthread_key_create(&cache_key, destroy_cache);
}

static dnnl_status_t open_cache(void) {
  pthread_once(&once, start);
  if (engine_status != dnnl_success) return engine_status;
  thread_cache *fresh = calloc(1, sizeof *fresh);
  if (!fresh) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_stream_create(&fresh->stream, engine, dnnl_stream_default_flags);
  if (status != dnnl_success) {
    free(fresh);
    return status;
  }
  // OpenMP keeps this number for each thread: parallelism is above the calls, in lanes.
  omp_set_num_threads(1);
  pthread_setspecific(cache_key, fresh);
  cache = fresh;
  return dnnl_success;
}

static dnnl_status_t describe(dnnl_memory_desc_t *out, int64_t rows, int64_t columns, bool transposed) {
  dnnl_dims_t dims = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : columns, transposed ? rows : 1};
  return dnnl_memory_desc_init_by_strides(out, 2, dims, dnnl_f32, strides);
}

#define TRY(call)                                  \
  do {                                             \
    dnnl_status_t tried = (call);                  \
    if (tried != dnnl_success) return tried;       \
  } while (0)

static dnnl_status_t set_attributes(dnnl_primitive_attr_t attributes, uint32_t flags) {
  dnnl_post_ops_t operations;
  TRY(dnnl_post_ops_create(&operations));
  dnnl_status_t status = dnnl_success;
  if (flags & 4) status = dnnl_post_ops_append_sum(operations, 1.0f);
  if (status == dnnl_success && (flags & 8))
    status = dnnl_post_ops_append_eltwise(operations, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, operations);
  if (status == dnnl_success && (flags & 64))
    status = dnnl_primitive_attr_set_fpmath_mode(attributes, dnnl_fpmath_mode_bf16);
  dnnl_post_ops_destroy(operations);
  return status;
}

static dnnl_status_t make_entry(entry *e, shape_key key) {
  dnnl_memory_desc_t a, b, bias, c;
  TRY(describe(&a, key.rows, key.inner, key.flags & 1));
  TRY(describe(&b, key.inner, key.columns, key.flags & 2));
  TRY(describe(&c, key.rows, key.columns, false));
  TRY(describe(&bias, 1, key.columns, false));
  bool has_bias = key.flags & 16;
  dnnl_matmul_desc_t product;
  TRY(dnnl_matmul_desc_init(&product, &a, &b, has_bias ? &bias : NULL, &c));
  dnnl_primitive_attr_t attributes;
  TRY(dnnl_primitive_attr_create(&attributes));
  dnnl_primitive_desc_t plan = NULL;
  entry made = {.key = key};
  dnnl_status_t status = set_attributes(attributes, key.flags);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(&plan, &product, attributes, engine, NULL);
  dnnl_primitive_attr_destroy(attributes);
  if (status == dnnl_success) status = dnnl_primitive_create(&made.primitive, plan);
  if (plan) dnnl_primitive_desc_destroy(plan);
  if (status == dnnl_success) status = dnnl_memory_create(&made.a, &a, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success) status = dnnl_memory_create(&made.b, &b, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success) status = dnnl_memory_create(&made.c, &c, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && has_bias) status = dnnl_memory_create(&made.bias, &bias, engine, DNNL_MEMORY_NONE);
  if (status != dnnl_success) {
    if (made.primitive) dnnl_primitive_destroy(made.primitive);
    if (made.a) dnnl_memory_destroy(made.a);
    if (made.b) dnnl_memory_destroy(made.b);
    if (made.c) dnnl_memory_destroy(made.c);
    return status;
  }
  *e = made;
  primitives_made++;
  return dnnl_success;
}

static dnnl_status_t find_entry(shape_key key, entry **found) {
  uint64_t hash = (uint64_t)key.rows * 0x9e3779b97f4a7c15u ^ (uint64_t)key.inner * 0xc2b2ae3d27d4eb4fu ^
                  (uint64_t)key.columns * 0x165667b19e3779f9u ^ (uint64_t)key.flags * 0xd6e8feb86659fd93u;
  if (cache->count == ENTRIES_MAX) clear_entries(cache);
  for (uint64_t i = hash >> 40;; i++) {
    entry *e = &cache->entries[i % SLOTS];
    if (e->key.flags == 0) {
      TRY(make_entry(e, key));
      cache->count++;
    } else if (e->key.rows != key.rows || e->key.inner != key.inner || e->key.columns != key.columns ||
               e->key.flags != key.flags) {
      continue;
    }
    *found = e;
    return dnnl_success;
  }
}

int loam_onednn_multiply(const loam_onednn_product *p) {
  if (!cache) TRY(open_cache());
  shape_key key = {p->rows, p->inner, p->columns,
                   32u | (p->transpose_a ? 1u : 0) | (p->transpose_b ? 2u : 0) | (p->accumulate ? 4u : 0) |
                       (p->relu ? 8u : 0) | (p->bias ? 16u : 0) | (p->bf16 ? 64u : 0)};
  entry *e;
  TRY(find_entry(key, &e));
  TRY(dnnl_memory_set_data_handle(e->a, (void *)p->a));
  TRY(dnnl_memory_set_data_handle(e->b, (void *)p->b));
  TRY(dnnl_memory_set_data_handle(e->c, p->c));
  if (e->bias) TRY(dnnl_memory_set_data_handle(e->bias, (void *)p->bias));
  dnnl_exec_arg_t arguments[4] = {
      {DNNL_ARG_SRC, e->a}, {DNNL_ARG_WEIGHTS, e->b}, {DNNL_ARG_DST, e->c}, {DNNL_ARG_BIAS, e->bias}};
  TRY(dnnl_primitive_execute(e->primitive, cache->stream, e->bias ? 4 : 3, arguments));
  return dnnl_stream_wait(cache->stream);
}

bool loam_onednn_has_bf16(void) {
  return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_amx) == dnnl_cpu_isa_avx512_core_amx;
}

uint64_t loam_onednn_primitives_made(void) { return primitives_made; }

loam_onednn_version loam_onednn_compiled_version(void) {
  return (loam_onednn_version){DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH};
}

loam_onednn_version loam_onednn_loaded_version(void) {
  const dnnl_version_t *v = dnnl_version();
  return (loam_onednn_version){v->major, v->minor, v->patch};
}
