// The part of SQLite that an extension calls, through the table of functions that its host hands over.
//
// An extension must not call the functions of libsqlite3 by name: the host may carry a SQLite of its own.
#ifndef LOAM_SQLITE_H
#define LOAM_SQLITE_H

#include <sqlite3.h>

// A virtual table or a cursor of SQLite's, with a Swift object behind it.
typedef struct {
  sqlite3_vtab base;
  void *object;
} loam_sqlite_table;

typedef struct {
  sqlite3_vtab_cursor base;
  void *object;
} loam_sqlite_cursor;

// Takes the host's table of functions, `const sqlite3_api_routines *`. Before any other call. The last host of a process
// counts: SQLite gives extensions one pointer.
void loam_sqlite_use(const void *api);
// `major * 1000000 + minor * 1000 + patch` of the host's SQLite.
int loam_sqlite_version(void);

// Each of these does what the function of SQLite with the end of its name does.
int loam_sqlite_create_module(
    sqlite3 *db, const char *name, const sqlite3_module *module, void *context, void (*destroy)(void *));
int loam_sqlite_create_function(
    sqlite3 *db, const char *name, int arguments, int flags, void *context,
    void (*function)(sqlite3_context *, int, sqlite3_value **), void (*destroy)(void *));
int loam_sqlite_declare_vtab(sqlite3 *db, const char *sql);
int loam_sqlite_exec(sqlite3 *db, const char *sql, char **message);
void loam_sqlite_free(void *memory);
// A copy that SQLite frees; NULL where memory is short.
char *loam_sqlite_copy(const char *text);

int loam_sqlite_value_type(sqlite3_value *value);
sqlite3_int64 loam_sqlite_value_int64(sqlite3_value *value);
double loam_sqlite_value_double(sqlite3_value *value);
const unsigned char *loam_sqlite_value_text(sqlite3_value *value);
const void *loam_sqlite_value_blob(sqlite3_value *value);
int loam_sqlite_value_bytes(sqlite3_value *value);

void *loam_sqlite_user_data(sqlite3_context *context);
void loam_sqlite_result_null(sqlite3_context *context);
void loam_sqlite_result_int64(sqlite3_context *context, sqlite3_int64 value);
void loam_sqlite_result_double(sqlite3_context *context, double value);
// Copied.
void loam_sqlite_result_text(sqlite3_context *context, const char *text, int bytes);
void loam_sqlite_result_blob(sqlite3_context *context, const void *blob, int bytes);
void loam_sqlite_result_error(sqlite3_context *context, const char *message);

#endif
