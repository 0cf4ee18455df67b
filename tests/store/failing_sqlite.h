/*
 * SQLite's memory and its files fail at will, in whatever thread, or wait.
 *
 * The calls below are counted before they are made: its allocator's, and those
 * of its own layer for files.  A test begins with sqlite_can_fail(), before
 * anything else of SQLite is called.
 */
#ifndef TESTS_STORE_FAILING_SQLITE_H
#define TESTS_STORE_FAILING_SQLITE_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

/* Which calls fail, as a set. */
enum {
    SQLITE_FAILS_MEMORY = 1 << 0,
    SQLITE_FAILS_OPEN = 1 << 1,
    SQLITE_FAILS_READ = 1 << 2,
    SQLITE_FAILS_WRITE = 1 << 3,
    SQLITE_FAILS_SYNC = 1 << 4,
    SQLITE_FAILS_TRUNCATE = 1 << 5,
    SQLITE_FAILS_LOCK = 1 << 6, /* of a file, or of the index of its log */
    SQLITE_FAILS_MAP = 1 << 7   /* of that index */
};

static struct {
    pthread_mutex_t mutex; /* guards all below */
    unsigned calls;        /* of these; 0: none fails */
    unsigned nth;          /* the one to fail, from 1 on */
    bool on;               /* and all that come after it */
    int code;              /* what the call answers */
    unsigned asked, failed;
    pthread_cond_t moved; /* somebody waits, or may go on */
    unsigned held;        /* these calls wait */
    bool waiting;
} sqlite_failing = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                    .moved = PTHREAD_COND_INITIALIZER};

/* --- when ----------------------------------------------------------------- */

static inline void sqlite_fails(unsigned calls, int code, unsigned nth, bool on)
{
    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    sqlite_failing.calls = calls;
    sqlite_failing.code = code;
    sqlite_failing.nth = nth;
    sqlite_failing.on = on;
    sqlite_failing.asked = 0;
    sqlite_failing.failed = 0;
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
}

/* None any more; how many have. */
static inline unsigned sqlite_fails_no_more(void)
{
    unsigned failed;

    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    sqlite_failing.calls = 0;
    failed = sqlite_failing.failed;
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
    return failed;
}

/* Who makes one of these calls waits in it. */
static inline void sqlite_holds(unsigned calls)
{
    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    sqlite_failing.held = calls;
    sqlite_failing.waiting = false;
    (void)pthread_cond_broadcast(&sqlite_failing.moved);
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
}

static inline void sqlite_is_held(void)
{
    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    while (!sqlite_failing.waiting) {
        (void)pthread_cond_wait(&sqlite_failing.moved, &sqlite_failing.mutex);
    }
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
}

/* --- the calls ------------------------------------------------------------ */

/* The mutex is held. */
static inline void sqlite_wait_for_leave(unsigned call)
{
    while ((sqlite_failing.held & call) != 0) {
        sqlite_failing.waiting = true;
        (void)pthread_cond_broadcast(&sqlite_failing.moved);
        (void)pthread_cond_wait(&sqlite_failing.moved, &sqlite_failing.mutex);
    }
}

/* What this call answers instead of being made; SQLITE_OK: it is made. */
static inline int sqlite_failing_now(unsigned call)
{
    int code = SQLITE_OK;

    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    sqlite_wait_for_leave(call);
    if ((sqlite_failing.calls & call) != 0) {
        sqlite_failing.asked++;
        if (sqlite_failing.asked == sqlite_failing.nth ||
            (sqlite_failing.on && sqlite_failing.asked > sqlite_failing.nth)) {
            sqlite_failing.failed++;
            code = sqlite_failing.code;
        }
    }
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
    return code;
}

static sqlite3_mem_methods sqlite_memory;
static sqlite3_vfs *sqlite_files;

/* SQLite has one set of methods for databases, and one for all other files. */
static struct {
    sqlite3_io_methods its, ours;
} sqlite_methods[2];

static inline const sqlite3_io_methods *sqlite_file(const sqlite3_file *file)
{
    return &sqlite_methods[file->pMethods == &sqlite_methods[1].ours].its;
}

static inline void *sqlite_malloc_or_fail(int size)
{
    return sqlite_failing_now(SQLITE_FAILS_MEMORY) == SQLITE_OK
               ? sqlite_memory.xMalloc(size)
               : NULL;
}

static inline void *sqlite_realloc_or_fail(void *block, int size)
{
    return sqlite_failing_now(SQLITE_FAILS_MEMORY) == SQLITE_OK
               ? sqlite_memory.xRealloc(block, size)
               : NULL;
}

static inline int sqlite_read_or_fail(sqlite3_file *file, void *bytes,
                                      int count, sqlite3_int64 at)
{
    int code = sqlite_failing_now(SQLITE_FAILS_READ);

    return code == SQLITE_OK ? sqlite_file(file)->xRead(file, bytes, count, at)
                             : code;
}

static inline int sqlite_write_or_fail(sqlite3_file *file, const void *bytes,
                                       int count, sqlite3_int64 at)
{
    int code = sqlite_failing_now(SQLITE_FAILS_WRITE);

    return code == SQLITE_OK ? sqlite_file(file)->xWrite(file, bytes, count, at)
                             : code;
}

/* Nothing is waited for: nobody pulls the plug here. */
static inline int sqlite_sync_or_fail(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return sqlite_failing_now(SQLITE_FAILS_SYNC);
}

static inline int sqlite_delete(sqlite3_vfs *files, const char *name, int sync)
{
    (void)files;
    (void)sync;
    return sqlite_files->xDelete(sqlite_files, name, 0);
}

static inline int sqlite_truncate_or_fail(sqlite3_file *file,
                                          sqlite3_int64 size)
{
    int code = sqlite_failing_now(SQLITE_FAILS_TRUNCATE);

    return code == SQLITE_OK ? sqlite_file(file)->xTruncate(file, size) : code;
}

static inline int sqlite_lock_or_fail(sqlite3_file *file, int level)
{
    int code = sqlite_failing_now(SQLITE_FAILS_LOCK);

    return code == SQLITE_OK ? sqlite_file(file)->xLock(file, level) : code;
}

/* Letting go of a lock does not fail. */
static inline int sqlite_shm_lock_or_fail(sqlite3_file *file, int offset,
                                          int count, int flags)
{
    int code = (flags & SQLITE_SHM_LOCK) != 0
                   ? sqlite_failing_now(SQLITE_FAILS_LOCK)
                   : SQLITE_OK;

    return code == SQLITE_OK
               ? sqlite_file(file)->xShmLock(file, offset, count, flags)
               : code;
}

static inline int sqlite_shm_map_or_fail(sqlite3_file *file, int page, int size,
                                         int extend, void volatile **at)
{
    int code = sqlite_failing_now(SQLITE_FAILS_MAP);

    return code == SQLITE_OK
               ? sqlite_file(file)->xShmMap(file, page, size, extend, at)
               : code;
}

static inline const sqlite3_io_methods *
sqlite_our_methods(const sqlite3_io_methods *its, int which)
{
    sqlite3_io_methods *ours = &sqlite_methods[which].ours;

    (void)pthread_mutex_lock(&sqlite_failing.mutex);
    if (ours->xClose == NULL) {
        sqlite_methods[which].its = *ours = *its;
        ours->xRead = sqlite_read_or_fail;
        ours->xWrite = sqlite_write_or_fail;
        ours->xSync = sqlite_sync_or_fail;
        ours->xTruncate = sqlite_truncate_or_fail;
        ours->xLock = sqlite_lock_or_fail;
        ours->xShmLock = sqlite_shm_lock_or_fail;
        ours->xShmMap = sqlite_shm_map_or_fail;
    }
    (void)pthread_mutex_unlock(&sqlite_failing.mutex);
    return ours;
}

/* The file is one of SQLite's own, but for some of its methods. */
static inline int sqlite_open_or_fail(sqlite3_vfs *files, const char *name,
                                      sqlite3_file *file, int flags,
                                      int *flags_of_it)
{
    int code = sqlite_failing_now(SQLITE_FAILS_OPEN);

    (void)files;
    file->pMethods = NULL;
    if (code == SQLITE_OK) {
        code =
            sqlite_files->xOpen(sqlite_files, name, file, flags, flags_of_it);
    }
    if (code == SQLITE_OK) {
        file->pMethods = sqlite_our_methods(file->pMethods,
                                            (flags & SQLITE_OPEN_MAIN_DB) == 0);
    }
    return code;
}

static inline void sqlite_can_fail(void)
{
    static sqlite3_vfs files;
    sqlite3_mem_methods memory;

    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory),
                 SQLITE_OK);
    memory = sqlite_memory;
    memory.xMalloc = sqlite_malloc_or_fail;
    memory.xRealloc = sqlite_realloc_or_fail;
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory), SQLITE_OK);
    /* No store of its own from which to serve small ones. */
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
    cr_assert_eq(sqlite3_initialize(), SQLITE_OK);
    sqlite_files = sqlite3_vfs_find(NULL);
    cr_assert_not_null(sqlite_files);
    files = *sqlite_files;
    files.zName = "failing";
    files.xOpen = sqlite_open_or_fail;
    files.xDelete = sqlite_delete;
    cr_assert_eq(sqlite3_vfs_register(&files, 1), SQLITE_OK);
}

#endif
