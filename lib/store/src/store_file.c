/*
 * The store's file: opened, judged, and brought to this version.
 *
 * It is judged before anything is written: a file of another kind, of a later
 * version, or in somebody else's hands is left as it was.  A new file goes
 * through all versions like an old one.
 *
 * The lock is a file of its own.  Locks on the database itself would be let go
 * by any close of it in this process, and SQLite has its own there.
 */
#include "store_inner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* From version n to n + 1: never changed, only added to. */
static const char *const migrations[STORE_VERSION] = {
    "CREATE TABLE agents("
    " seq INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL UNIQUE CHECK(length(id)=16),"
    " parent BLOB CHECK(length(parent)=16),"
    " path TEXT NOT NULL,"
    " nickname TEXT,"
    " role TEXT,"
    " turn INTEGER NOT NULL,"
    " status TEXT NOT NULL,"
    " result BLOB,"
    " edge TEXT NOT NULL CHECK(edge IN ('open','closed')));"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;",
    /* A path names one agent at a time; leases; and the lifetime is counted. */
    "ALTER TABLE agents ADD COLUMN ttl_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX open_paths ON agents(path) WHERE edge='open';"
    "INSERT OR IGNORE INTO meta SELECT 'lifetime', count(*) FROM agents;",
};

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
    [STORE_FIND] = "SELECT seq, path, edge='open' FROM agents WHERE id=?1",
    [STORE_INSERT] =
        "INSERT INTO agents(id, parent, path, nickname, role, turn, status,"
        " result, edge, ttl_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
        "?10)",
    [STORE_UPDATE] = "UPDATE agents SET turn=?2, status=?3, result=?4,"
                     " edge=?5, nickname=?6, role=?7, ttl_ms=?8 WHERE id=?1",
    [STORE_DELETE] = "DELETE FROM agents WHERE id=?1",
    [STORE_FREE_PATH] =
        "UPDATE agents SET edge='closed', result=NULL, status=CASE WHEN status"
        " IN ('pending_init','running') THEN 'shutdown' ELSE status END"
        " WHERE path=?1 AND edge='open' AND id<>?2",
    [STORE_FIND_PATH] = "SELECT id FROM agents WHERE path=?1"
                        " ORDER BY seq DESC LIMIT 1",
    [STORE_RENAME] = "UPDATE OR REPLACE agents SET id=?2, edge='closed'"
                     " WHERE id=?1",
    [STORE_RENAME_BELOW] = "UPDATE agents SET parent=?2 WHERE parent=?1",
    [STORE_SET] = "INSERT OR REPLACE INTO meta VALUES(?1, ?2)",
    [STORE_SEE] = "INSERT OR IGNORE INTO seen VALUES(?1)",
    [STORE_FORGET_SEEN] = "DELETE FROM seen",
    [STORE_CLOSE_UNSEEN] =
        "UPDATE agents SET edge='closed', result=NULL, status=CASE WHEN status"
        " IN ('pending_init','running') THEN 'shutdown' ELSE status END"
        " WHERE edge='open' AND id NOT IN seen",
};

/* --- errors --------------------------------------------------------------- */

static const char *const names[MOOR_STORE_ERRORS] = {
    "ok",          "bad_argument", "no_memory", "timed_out", "cannot_open",
    "not_a_store", "newer",        "not_empty", "locked",    "read_only",
    "full",        "io",           "corrupt"};

const char *moor_store_error_name(moor_store_error error)
{
    return (unsigned)error < MOOR_STORE_ERRORS ? names[error] : "unknown";
}

moor_store_error store_file_say(struct store_file *file, moor_store_error error,
                                const char *format, ...)
{
    va_list arguments;
    int length = snprintf(file->text, sizeof file->text, "%s: ", file->path);

    if ((size_t)length >= sizeof file->text) {
        length = 0;
    }
    va_start(arguments, format);
    (void)vsnprintf(file->text + length, sizeof file->text - (size_t)length,
                    format, arguments);
    va_end(arguments);
    return error;
}

static moor_store_error error_of_code(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return MOOR_STORE_NO_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return MOOR_STORE_LOCKED;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return MOOR_STORE_READ_ONLY;
    case SQLITE_FULL:
        return MOOR_STORE_FULL;
    case SQLITE_CANTOPEN:
        return MOOR_STORE_CANNOT_OPEN;
    case SQLITE_NOTADB:
        return MOOR_STORE_NOT_A_STORE;
    case SQLITE_IOERR:
        return MOOR_STORE_IO;
    default:
        return MOOR_STORE_CORRUPT;
    }
}

static const char *const advice[MOOR_STORE_ERRORS] = {
    [MOOR_STORE_NO_MEMORY] = "free some memory",
    [MOOR_STORE_CANNOT_OPEN] = "see that the folder exists and may be written",
    [MOOR_STORE_NOT_A_STORE] = "name another file, or move this one away",
    [MOOR_STORE_LOCKED] = "end the other program, or its transaction",
    [MOOR_STORE_READ_ONLY] = "make file and folder writable",
    [MOOR_STORE_FULL] = "make room on the disk, or raise bytes_max",
    [MOOR_STORE_IO] = "look after the disk and its quota",
    [MOOR_STORE_CORRUPT] = "move the file away, or mend a copy of it with the "
                           "sqlite3 shell's .recover",
};

moor_store_error store_file_error(struct store_file *file, int code)
{
    moor_store_error error = error_of_code(code);

    /* The code that was met; the database may have met another since. */
    return store_file_say(file, error, "%s (SQLite %d, system %d): %s",
                          sqlite3_extended_errcode(file->db) == code
                              ? sqlite3_errmsg(file->db)
                              : sqlite3_errstr(code),
                          code, sqlite3_system_errno(file->db), advice[error]);
}

/* --- statements ----------------------------------------------------------- */

static int prepare_all(struct store_file *file)
{
    int code = SQLITE_OK;

    for (int i = 0; i < STORE_STATEMENTS && code == SQLITE_OK; i++) {
        code = sqlite3_prepare_v3(file->db, texts[i], -1,
                                  SQLITE_PREPARE_PERSISTENT,
                                  &file->statements[i], NULL);
    }
    return code;
}

void store_file_bound(struct store_file *file, int code)
{
    file->unbound = file->unbound == SQLITE_OK ? code : file->unbound;
}

int store_file_run(struct store_file *file, enum store_statement which,
                   bool *row)
{
    sqlite3_stmt *statement = file->statements[which];
    int code = file->unbound;

    file->unbound = SQLITE_OK;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (row != NULL) {
        *row = code == SQLITE_ROW;
    }
    if (code == SQLITE_ROW) {
        assert(row != NULL);
        return SQLITE_OK; /* whoever wants its columns resets it */
    }
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int run_text(struct store_file *file, const char *text)
{
    return sqlite3_exec(file->db, text, NULL, NULL, NULL);
}

/* A pragma's number. */
static int ask(struct store_file *file, const char *text, int *number)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(file->db, text, -1, &statement, NULL);

    if (code != SQLITE_OK) {
        return code;
    }
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *number = sqlite3_column_int(statement, 0);
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return code;
}

/* --- judged --------------------------------------------------------------- */

/* The file's name may be another file's by now, as store_file_close takes it
 * away; then it is tried again. */
static bool is_still_there(int lock, const char *path)
{
    struct stat here, there;

    return fstat(lock, &here) == 0 && stat(path, &there) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

static moor_store_error lock_at(struct store_file *file, const char *path)
{
    for (;;) {
        bool has_it;

        file->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file->lock < 0) {
            return store_file_say(
                file,
                errno == EACCES || errno == EROFS ? MOOR_STORE_READ_ONLY
                                                  : MOOR_STORE_CANNOT_OPEN,
                "its lock file cannot be made (%s): see that the folder "
                "exists and may be written",
                strerror(errno));
        }
        has_it = flock(file->lock, LOCK_EX | LOCK_NB) == 0;
        if (has_it && is_still_there(file->lock, path)) {
            file->locked = true;
            return MOOR_STORE_OK;
        }
        if (!has_it && errno == EWOULDBLOCK) {
            return store_file_say(file, MOOR_STORE_LOCKED,
                                  "another store has it open: end that one "
                                  "first");
        }
        if (!has_it && errno != EINTR) {
            return store_file_say(file, MOOR_STORE_CANNOT_OPEN,
                                  "its lock file cannot be locked (%s): put "
                                  "it on a file system that has locks",
                                  strerror(errno));
        }
        (void)close(file->lock);
    }
}

static moor_store_error take_lock(struct store_file *file)
{
    file->lock_path = sqlite3_mprintf("%s-lock", file->path);
    if (file->lock_path == NULL) {
        return store_file_error(file, SQLITE_NOMEM);
    }
    return lock_at(file, file->lock_path);
}

/* Without memory, too. */
static void give_lock(struct store_file *file)
{
    if (file->locked) {
        (void)unlink(file->lock_path);
    }
    sqlite3_free(file->lock_path);
    if (file->lock >= 0) {
        (void)close(file->lock);
    }
}

static moor_store_error judge_kind(struct store_file *file)
{
    int application = 0, tables = 0;
    int code = ask(file, "PRAGMA application_id", &application);

    if (code == SQLITE_OK) {
        code = ask(file, "PRAGMA user_version", &file->version);
    }
    if (code == SQLITE_OK) {
        code = ask(file, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (code != SQLITE_OK) {
        return store_file_error(file, code);
    }
    if (application == 0 && file->version == 0 && tables == 0) {
        return MOOR_STORE_OK; /* new */
    }
    if (application != STORE_APPLICATION || file->version < 1) {
        return store_file_say(file, MOOR_STORE_NOT_A_STORE,
                              "a database, but not a store of moorage: name "
                              "another file");
    }
    if (file->version > STORE_VERSION) {
        return store_file_say(file, MOOR_STORE_NEWER,
                              "a store of version %d, and this moorage knows "
                              "versions to %d: use a later moorage",
                              file->version, STORE_VERSION);
    }
    return MOOR_STORE_OK;
}

/* Damage, as the check has told it, or that it could not read a page: that is
 * among what it tells, and no code that it answers.  A page of a chain is told
 * without a code; that there is such a page it knows before it reads it. */
static moor_store_error judge_finding(struct store_file *file, const char *text)
{
    static const char code_of_page[] = "unable to get the page. error code=";
    const char *code = strstr(text, code_of_page);
    moor_store_error error = MOOR_STORE_CORRUPT;

    if (code != NULL) {
        error =
            error_of_code((int)strtol(code + strlen(code_of_page), NULL, 10));
    } else if (strstr(text, "failed to get page") != NULL) {
        error = MOOR_STORE_IO;
    }
    return store_file_say(file, error, "%s: %s", text, advice[error]);
}

static moor_store_error judge_whole(struct store_file *file)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(file->db, "PRAGMA quick_check(1)", -1,
                                  &statement, NULL);
    moor_store_error error = MOOR_STORE_OK;

    if (code != SQLITE_OK) {
        return store_file_error(file, code);
    }
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) {
        error = store_file_error(file, code);
    } else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") !=
               0) {
        error = judge_finding(file,
                              (const char *)sqlite3_column_text(statement, 0));
    }
    (void)sqlite3_finalize(statement);
    return error;
}

/* --- opened --------------------------------------------------------------- */

static int migrate(struct store_file *file)
{
    char text[96];
    int code = run_text(file, "BEGIN IMMEDIATE");

    for (int from = file->version; code == SQLITE_OK && from < STORE_VERSION;
         from++) {
        code = run_text(file, migrations[from]);
    }
    (void)snprintf(text, sizeof text,
                   "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
                   STORE_APPLICATION, STORE_VERSION);
    if (code == SQLITE_OK) {
        code = run_text(file, text);
    }
    if (code != SQLITE_OK && sqlite3_get_autocommit(file->db) == 0) {
        (void)run_text(file, "ROLLBACK");
    }
    return code;
}

/* A transaction counts when it is on the disk. */
static int set_up(struct store_file *file, uint64_t bytes_max)
{
    char text[64];
    int page = 4096;
    int code =
        run_text(file, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                       "PRAGMA temp_store=MEMORY");

    if (code == SQLITE_OK && bytes_max != 0) {
        code = ask(file, "PRAGMA page_size", &page);
        (void)snprintf(text, sizeof text, "PRAGMA max_page_count=%llu",
                       (unsigned long long)(bytes_max / (unsigned)page) + 1);
        code = code == SQLITE_OK ? run_text(file, text) : code;
    }
    if (code == SQLITE_OK && file->version < STORE_VERSION) {
        code = migrate(file);
    }
    if (code == SQLITE_OK) {
        code = run_text(file, "CREATE TEMP TABLE seen(id BLOB PRIMARY KEY)"
                              " WITHOUT ROWID");
    }
    return code == SQLITE_OK ? prepare_all(file) : code;
}

static moor_store_error open_locked(struct store_file *file, uint64_t bytes_max)
{
    moor_store_error error;
    int code;

    file->is_new = access(file->path, F_OK) != 0 && errno == ENOENT;
    code = sqlite3_open_v2(
        file->path, &file->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        return store_file_error(file, code);
    }
    (void)sqlite3_extended_result_codes(file->db, 1);
    (void)sqlite3_busy_timeout(file->db, STORE_BUSY_MS);
    error = judge_kind(file);
    if (error == MOOR_STORE_OK && sqlite3_db_readonly(file->db, "main") == 1) {
        error = store_file_error(file, SQLITE_READONLY);
    }
    if (error == MOOR_STORE_OK && file->version != 0) {
        error = judge_whole(file);
    }
    if (error != MOOR_STORE_OK) {
        return error;
    }
    code = set_up(file, bytes_max);
    return code == SQLITE_OK ? MOOR_STORE_OK : store_file_error(file, code);
}

moor_store_error store_file_begin(struct store_file *file, const char *path)
{
    *file = (struct store_file){.path = strdup(path), .lock = -1};
    if (file->path != NULL) {
        return MOOR_STORE_OK;
    }
    (void)snprintf(file->text, sizeof file->text, "%s: no memory: %s", path,
                   advice[MOOR_STORE_NO_MEMORY]);
    return MOOR_STORE_NO_MEMORY;
}

moor_store_error store_file_open(struct store_file *file, const char *path,
                                 uint64_t bytes_max)
{
    moor_store_error error = store_file_begin(file, path);

    if (error == MOOR_STORE_OK) {
        error = take_lock(file);
    }
    return error == MOOR_STORE_OK ? open_locked(file, bytes_max) : error;
}

void store_file_close(struct store_file *file)
{
    for (int i = 0; i < STORE_STATEMENTS; i++) {
        (void)sqlite3_finalize(file->statements[i]);
    }
    (void)sqlite3_close(file->db);
    give_lock(file);
    free(file->path);
}
