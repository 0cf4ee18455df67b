/*
 * What the parts of the store share.
 *
 *   store.c         the public calls; the writer's two sides meet here
 *   store_file.c    the file: opened, judged, brought to this version
 *   store_rows.c    one agent into its row
 *   store_read.c    rows out of the file
 *   store_resume.c  the rows into a registry
 *   store_writer.c  the thread that follows the journal
 *   store_codex.c   the import
 */
#ifndef MOOR_STORE_INNER_H
#define MOOR_STORE_INNER_H

#include <pthread.h>
#include <sqlite3.h>

#include "moorage/moorage.h"
#include "moorage/store.h"

enum {
    STORE_APPLICATION = 0x6d6f6f72, /* "moor" */
    STORE_VERSION = 2,
    STORE_ROOM = 65536,  /* changes in hand */
    STORE_BUSY_MS = 1000 /* for a lock of another program */
};

/* --- the file ------------------------------------------------------------- */

enum store_statement {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_FIND,
    STORE_INSERT,
    STORE_UPDATE,
    STORE_DELETE,
    STORE_FREE_PATH,
    STORE_FIND_PATH,
    STORE_RENAME,
    STORE_RENAME_BELOW,
    STORE_SET,
    STORE_SEE,
    STORE_FORGET_SEEN,
    STORE_CLOSE_UNSEEN,
    STORE_STATEMENTS
};

struct store_file {
    char *path;
    char *lock_path; /* SQLite's memory */
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    int lock; /* descriptor of the lock's file */
    bool locked;
    bool is_new; /* there was no file of that name when it was locked */
    int version; /* as it was found; 0: new */
    int unbound; /* why a value could not be bound; 0: all are */
    char text[MOOR_STORE_TEXT]; /* of the latest error */
};

/* Its path, and all else as before an open; no memory: file->text says so. */
moor_store_error store_file_begin(struct store_file *file, const char *path);

/* Opens, judges, locks, and brings it to STORE_VERSION. */
moor_store_error store_file_open(struct store_file *file, const char *path,
                                 uint64_t bytes_max);
void store_file_close(struct store_file *file);

/* Which error the database has met by that code, which is not SQLITE_OK, and
 * file->text says it. */
moor_store_error store_file_error(struct store_file *file, int code);

/* The same for what the file itself says; a format as of printf. */
moor_store_error store_file_say(struct store_file *file, moor_store_error error,
                                const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What a bind answered; without the value its statement is not run. */
void store_file_bound(struct store_file *file, int code);

/* Runs a statement that answers no row, or one: *row (may be null for the
 * first kind). */
int store_file_run(struct store_file *file, enum store_statement which,
                   bool *row);

/* --- rows ----------------------------------------------------------------- */

/* What moor_restore wants beside the agents. */
struct store_meta {
    uint32_t limits[MOOR_LIMITS];
    moor_release release;
    moor_close_rule close_rule;
    uint64_t turn, lifetime;
};

struct store_rows {
    struct store_file *file;
    moor_registry *registry;
    struct store_meta written; /* what the file says */
    bool written_is_known;
    bool listing; /* in store_rows_write_all */
    char *text;   /* of a result */
    size_t room;
};

/* All answer a code of SQLite, and are to be called in a transaction. */
int store_rows_write(struct store_rows *rows, moor_agent agent);
int store_rows_write_all(struct store_rows *rows); /* the journal is behind */
int store_rows_write_meta(struct store_rows *rows);
int store_rows_set(struct store_file *file, const char *name, uint64_t value);

/* --- resume --------------------------------------------------------------- */

/* `rows` gets registry and meta. */
moor_store_error store_resume(struct store_rows *rows,
                              const moor_config *config,
                              const moor_store_options *options,
                              moor_store_report *report);

/* --- the writer ----------------------------------------------------------- */

struct moor_store {
    struct store_file file; /* the writer's */
    struct store_rows rows; /* the writer's */
    moor_changed *batch;    /* the writer's; taken, not done */
    size_t count;           /* of them */
    bool behind;            /* the writer's */
    pthread_t writer;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t told;   /* an attempt has ended, or somebody wants one */
    bool stopping;
    uint64_t wanted; /* flushes that were asked for, */
    uint64_t tried;  /* that an attempt has begun behind, */
    uint64_t done;   /* and that have all they want */
    moor_store_state state;
};

void *store_writer_run(void *store);

/* moor_store_close; `text` (may be null) gets that of its error, if any. */
moor_store_error store_close(moor_store *store, char *text);

#endif
