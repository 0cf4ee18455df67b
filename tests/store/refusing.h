/*
 * The program's memory fails at will, as in tests/failing.h, and with it
 * SQLite's, its files', and what else of the system the store calls.
 */
#ifndef TESTS_STORE_REFUSING_H
#define TESTS_STORE_REFUSING_H

#include "kept.h"
#include "failing.h"
#include "failing_sqlite.h"

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_realloc(void *block, size_t size)
{
    return failing_now(FAILING_MALLOC) ? NULL : __real_realloc(block, size);
}

/* --- what is refused, and the error that comes of it ---------------------- */

struct refusal {
    const char *what;
    unsigned calls; /* of SQLite; 0: the program's memory, in this thread */
    int code;
    moor_store_error error;
};

static const struct refusal refusals[] = {
    {"memory of the program", 0, 0, MOOR_STORE_NO_MEMORY},
    {"memory of SQLite", SQLITE_FAILS_MEMORY, SQLITE_NOMEM,
     MOOR_STORE_NO_MEMORY},
    {"an open", SQLITE_FAILS_OPEN, SQLITE_CANTOPEN, MOOR_STORE_CANNOT_OPEN},
    {"an open that is not allowed", SQLITE_FAILS_OPEN, SQLITE_PERM,
     MOOR_STORE_READ_ONLY},
    {"a read", SQLITE_FAILS_READ, SQLITE_IOERR_READ, MOOR_STORE_IO},
    {"a write", SQLITE_FAILS_WRITE, SQLITE_IOERR_WRITE, MOOR_STORE_IO},
    {"a write to a full disk", SQLITE_FAILS_WRITE, SQLITE_FULL,
     MOOR_STORE_FULL},
    {"a sync", SQLITE_FAILS_SYNC, SQLITE_IOERR_FSYNC, MOOR_STORE_IO},
    {"a cut", SQLITE_FAILS_TRUNCATE, SQLITE_IOERR_TRUNCATE, MOOR_STORE_IO},
    {"a lock", SQLITE_FAILS_LOCK, SQLITE_IOERR_LOCK, MOOR_STORE_IO},
    {"a lock that another has", SQLITE_FAILS_LOCK, SQLITE_LOCKED,
     MOOR_STORE_LOCKED},
    {"the log's index", SQLITE_FAILS_MAP, SQLITE_IOERR_SHMMAP, MOOR_STORE_IO},
};

enum { MEMORIES = 2, REFUSALS = sizeof refusals / sizeof *refusals };

/* The nth call; all after it, too. */
static inline void refuse(const struct refusal *refusal, unsigned nth, bool on)
{
    if (refusal->calls != 0) {
        sqlite_fails(refusal->calls, refusal->code, nth, on);
    } else if (on) {
        fail_from(FAILING_HEAP, nth);
    } else {
        fail_only(FAILING_HEAP, nth);
    }
}

/* How many calls were refused. */
static inline unsigned refuse_no_more(const struct refusal *refusal)
{
    unsigned failed = sqlite_fails_no_more();

    fail_none();
    return refusal->calls != 0 ? failed : failing.failed;
}

static inline void is_its_error(const struct refusal *refusal,
                                moor_store_error error, const char *text,
                                unsigned nth)
{
    cr_assert_eq(error, refusal->error, "%s, %u: %s: %s", refusal->what, nth,
                 moor_store_error_name(error), text);
}

static inline void says_where(const struct refusal *refusal, unsigned nth,
                              const char *text, const char *where)
{
    cr_assert_not_null(strstr(text, where), "%s, %u: '%s' does not say where",
                       refusal->what, nth, text);
}

#endif
