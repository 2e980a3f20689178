#include "loam_sqlite.h"

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT1

void loam_sqlite_use(const void *api) { SQLITE_EXTENSION_INIT2((const sqlite3_api_routines *)api); }

int loam_sqlite_version(void) { return sqlite3_libversion_number(); }

int loam_sqlite_create_module(
    sqlite3 *db, const char *name, const sqlite3_module *module, void *context, void (*destroy)(void *)) {
  return sqlite3_create_module_v2(db, name, module, context, destroy);
}

int loam_sqlite_create_function(
    sqlite3 *db, const char *name, int arguments, int flags, void *context,
    void (*function)(sqlite3_context *, int, sqlite3_value **), void (*destroy)(void *)) {
  return sqlite3_create_function_v2(db, name, arguments, flags, context, function, 0, 0, destroy);
}

int loam_sqlite_declare_vtab(sqlite3 *db, const char *sql) { return sqlite3_declare_vtab(db, sql); }

int loam_sqlite_exec(sqlite3 *db, const char *sql, char **message) { return sqlite3_exec(db, sql, 0, 0, message); }

void loam_sqlite_free(void *memory) { sqlite3_free(memory); }

char *loam_sqlite_copy(const char *text) { return sqlite3_mprintf("%s", text); }

int loam_sqlite_value_type(sqlite3_value *value) { return sqlite3_value_type(value); }
sqlite3_int64 loam_sqlite_value_int64(sqlite3_value *value) { return sqlite3_value_int64(value); }
double loam_sqlite_value_double(sqlite3_value *value) { return sqlite3_value_double(value); }
const unsigned char *loam_sqlite_value_text(sqlite3_value *value) { return sqlite3_value_text(value); }
const void *loam_sqlite_value_blob(sqlite3_value *value) { return sqlite3_value_blob(value); }
int loam_sqlite_value_bytes(sqlite3_value *value) { return sqlite3_value_bytes(value); }

void *loam_sqlite_user_data(sqlite3_context *context) { return sqlite3_user_data(context); }
void loam_sqlite_result_null(sqlite3_context *context) { sqlite3_result_null(context); }
void loam_sqlite_result_int64(sqlite3_context *context, sqlite3_int64 value) { sqlite3_result_int64(context, value); }
void loam_sqlite_result_double(sqlite3_context *context, double value) { sqlite3_result_double(context, value); }
void loam_sqlite_result_text(sqlite3_context *context, const char *text, int bytes) {
  sqlite3_result_text(context, text, bytes, SQLITE_TRANSIENT);
}
void loam_sqlite_result_blob(sqlite3_context *context, const void *blob, int bytes) {
  sqlite3_result_blob(context, blob, bytes, SQLITE_TRANSIENT);
}
void loam_sqlite_result_error(sqlite3_context *context, const char *message) {
  sqlite3_result_error(context, message, -1);
}
