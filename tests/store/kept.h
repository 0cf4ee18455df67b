/*
 * What the tests of the store begin with: a folder of their own, a store in it,
 * and SQL beside it.  Whatever goes wrong here fails the test.
 */
#ifndef TESTS_STORE_KEPT_H
#define TESTS_STORE_KEPT_H

#include "given.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "moorage/store.h"

static char folder[] = "/tmp/moorage-store-XXXXXX";
static char path[64]; /* of the store */
static moor_store *store;
static moor_registry *registry;
static moor_store_report report;

static inline void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store", folder);
}

static inline void remove_folder(void)
{
    static const char *const names[] = {"store", "store-wal", "store-shm",
                                        "store-lock", "other"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[96];

        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        unlink(name);
    }
    rmdir(folder);
}

/* --- open and close ------------------------------------------------------- */

static inline void opens_with(const moor_config *config,
                              const moor_store_options *options)
{
    moor_store_error error =
        moor_store_open(path, config, options, &store, &registry, &report);

    cr_assert_eq(error, MOOR_STORE_OK, "%s: %s", moor_store_error_name(error),
                 report.text);
    sound(registry);
}

static inline void opens(void)
{
    opens_with(NULL, NULL);
}

static inline void flushes(void)
{
    moor_store_error error = moor_store_flush(store, MOOR_FOREVER);

    cr_assert_eq(error, MOOR_STORE_OK, "%s", moor_store_error_name(error));
}

static inline void closes(void)
{
    cr_assert_eq(moor_store_close(store), MOOR_STORE_OK);
    done(registry);
}

static inline void reopens(void)
{
    closes();
    opens();
    cr_assert_not(report.created);
}

/* --- SQL ------------------------------------------------------------------ */

static inline void sql_at(const char *file, const char *text)
{
    sqlite3 *db;
    char *message = NULL;

    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, &message), SQLITE_OK,
                 "%s: %s", text, message);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static inline void sql(const char *text)
{
    sql_at(path, text);
}

/* The first column of the first row, as a number; -1: there is none. */
static inline long sql_number(const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    long number = -1;

    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK,
                 "%s: %s", text, sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW) {
        number = (long)sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    return number;
}

/* --- bytes ---------------------------------------------------------------- */

static inline char *bytes_of(const char *file, size_t *length)
{
    FILE *stream = fopen(file, "rb");
    char *bytes;

    cr_assert_not_null(stream, "%s", file);
    cr_assert_eq(fseek(stream, 0, SEEK_END), 0);
    *length = (size_t)ftell(stream);
    rewind(stream);
    bytes = malloc(*length + 1);
    cr_assert_not_null(bytes);
    cr_assert_eq(fread(bytes, 1, *length, stream), *length);
    fclose(stream);
    return bytes;
}

static inline void write_bytes(const char *file, const char *bytes,
                               size_t length)
{
    FILE *stream = fopen(file, "wb");

    cr_assert_not_null(stream, "%s", file);
    cr_assert_eq(fwrite(bytes, 1, length, stream), length);
    cr_assert_eq(fclose(stream), 0);
}

#endif
