/*
 * The store and the system: threads and locks that cannot be had, a lock's file
 * that is taken away under its hands, a writer that is held in the middle of a
 * transaction while more changes than it has room for.
 */
#include "event.h"
#include "refusing.h"
#include "store_inner.h"

#include <sys/file.h>

static void make_failing(void)
{
    sqlite_can_fail();
    make_folder();
}

TestSuite(store_system, .init = make_failing, .fini = remove_folder);

/* --- what the system answers once ----------------------------------------- */

enum system_call {
    NONE,
    MUTEX,
    ATTRIBUTES,
    CONDITION,
    THREAD,
    OPEN,      /* its error: system_error */
    LOCK,      /* the same */
    TAKE_AWAY, /* the lock's file, before it is locked */
    REPLACE,   /* it by another file */
    NO_STATUS, /* of what is locked */
    OTHER_DISK /* is where the name leads to */
};

static enum system_call system_call;
static int system_error;

/* Once. */
static bool system_refuses(enum system_call call)
{
    bool refuses = system_call == call;

    system_call = refuses ? NONE : system_call;
    return refuses;
}

int __real_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes);
int __real_pthread_condattr_init(pthread_condattr_t *attributes);
int __real_pthread_cond_init(pthread_cond_t *condition,
                             const pthread_condattr_t *attributes);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __real_open(const char *file, int flags, mode_t mode);
int __real_flock(int file, int operation);
int __real_fstat(int file, struct stat *status);
int __real_stat(const char *file, struct stat *status);

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes);
int __wrap_pthread_condattr_init(pthread_condattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *condition,
                             const pthread_condattr_t *attributes);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __wrap_open(const char *file, int flags, mode_t mode);
int __wrap_flock(int file, int operation);
int __wrap_fstat(int file, struct stat *status);
int __wrap_stat(const char *file, struct stat *status);

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex,
                              const pthread_mutexattr_t *attributes)
{
    return system_refuses(MUTEX) ? ENOMEM
                                 : __real_pthread_mutex_init(mutex, attributes);
}

int __wrap_pthread_condattr_init(pthread_condattr_t *attributes)
{
    return system_refuses(ATTRIBUTES)
               ? ENOMEM
               : __real_pthread_condattr_init(attributes);
}

int __wrap_pthread_cond_init(pthread_cond_t *condition,
                             const pthread_condattr_t *attributes)
{
    return system_refuses(CONDITION)
               ? EAGAIN
               : __real_pthread_cond_init(condition, attributes);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument)
{
    return system_refuses(THREAD)
               ? EAGAIN
               : __real_pthread_create(thread, attributes, run, argument);
}

int __wrap_open(const char *file, int flags, mode_t mode)
{
    if (system_refuses(OPEN)) {
        errno = system_error;
        return -1;
    }
    return __real_open(file, flags, mode);
}

static const char *lock_file(void)
{
    static char name[96];

    snprintf(name, sizeof name, "%s-lock", path);
    return name;
}

int __wrap_flock(int file, int operation)
{
    bool replace = system_refuses(REPLACE);

    if (system_refuses(LOCK)) {
        errno = system_error;
        return -1;
    }
    if (replace || system_refuses(TAKE_AWAY)) {
        cr_assert_eq(unlink(lock_file()), 0);
        if (replace) write_bytes(lock_file(), "", 0);
    }
    return __real_flock(file, operation);
}

int __wrap_fstat(int file, struct stat *status)
{
    if (system_refuses(NO_STATUS)) {
        errno = EIO;
        return -1;
    }
    return __real_fstat(file, status);
}

int __wrap_stat(const char *file, struct stat *status)
{
    int answer = __real_stat(file, status);

    status->st_dev += system_refuses(OTHER_DISK);
    return answer;
}

static void is_refused(moor_store_error error, const char *what)
{
    store = NULL;
    registry = NULL;
    cr_assert_eq(moor_store_open(path, NULL, NULL, &store, &registry, &report),
                 error, "%s", report.text);
    cr_assert_null(store);
    cr_assert_null(registry);
    cr_assert_not_null(strstr(report.text, path), "%s", report.text);
    cr_assert_not_null(strstr(report.text, what), "%s", report.text);
    cr_assert_eq(system_call, NONE);
}

/* What the writer is told by, and itself. */
Test(store_system, no_writer)
{
    static const enum system_call calls[] = {MUTEX, ATTRIBUTES, CONDITION,
                                             THREAD};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        system_call = calls[i];
        is_refused(MOOR_STORE_NO_MEMORY, "writer");
        opens();
        closes();
    }
}

/* --- the lock ------------------------------------------------------------- */

Test(store_system, a_lock_file_that_cannot_be_made)
{
    static const struct {
        int code;
        moor_store_error error;
    } cases[] = {{EACCES, MOOR_STORE_READ_ONLY},
                 {EROFS, MOOR_STORE_READ_ONLY},
                 {EMFILE, MOOR_STORE_CANNOT_OPEN}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        system_call = OPEN;
        system_error = cases[i].code;
        is_refused(cases[i].error, strerror(cases[i].code));
        opens();
        closes();
    }
}

/* A file system without locks, or without room for one; a signal is nothing. */
Test(store_system, a_lock_that_cannot_be_had)
{
    static const int codes[] = {ENOLCK, ENOSYS};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        system_call = LOCK;
        system_error = codes[i];
        is_refused(MOOR_STORE_CANNOT_OPEN, strerror(codes[i]));
        cr_assert_eq(system_call, NONE);
    }
    system_call = LOCK;
    system_error = EINTR;
    opens();
    cr_assert_eq(system_call, NONE);
    closes();
}

/* Whoever closes a store takes its lock's file away, and the next one makes
 * another: what was locked has to be what others will find. */
Test(store_system, a_lock_file_that_is_taken_away)
{
    static const enum system_call calls[] = {TAKE_AWAY, REPLACE, NO_STATUS,
                                             OTHER_DISK};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        moor_store *second;
        moor_registry *its;

        system_call = calls[i];
        opens();
        cr_assert_eq(system_call, NONE);
        cr_assert_eq(moor_store_open(path, NULL, NULL, &second, &its, NULL),
                     MOOR_STORE_LOCKED, "%zu", i);
        closes();
        cr_assert_neq(access(lock_file(), F_OK), 0);
    }
}

/* --- a writer that is held ------------------------------------------------ */

static void given_held_writer(void)
{
    opens();
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    flushes();
    sqlite_holds(SQLITE_FAILS_LOCK);
    (void)spawn(registry);
    sqlite_is_held();
}

static moor_store_state state_now(void)
{
    moor_store_state state;

    cr_assert_eq(moor_store_state_of(store, &state), MOOR_STORE_OK);
    return state;
}

static void all_are_written(void)
{
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='open'"),
                 (long)stats_of(registry).live);
    cr_assert_eq(state_now().error, MOOR_STORE_OK);
    cr_assert_eq(state_now().waiting, 0);
    cr_assert_not(state_now().behind);
}

/* The registry's calls do not wait for it, and a flush not for ever. */
Test(store_system, a_flush_in_vain)
{
    enum { NEARLY_A_SECOND = 999 };
    struct timespec until;

    given_held_writer();
    cr_assert_eq(moor_store_flush(store, 0), MOOR_STORE_TIMED_OUT);
    until = event_deadline(NEARLY_A_SECOND);
    cr_assert_eq(moor_store_flush(store, NEARLY_A_SECOND),
                 MOOR_STORE_TIMED_OUT);
    cr_assert(event_passed(&until));
    (void)spawn(registry);
    sqlite_holds(0);
    flushes();
    all_are_written();
    closes();
}

#if !defined(MOOR_YIELD) /* the next one takes long enough */
/* More than there is room for: a round leaves some for the next, and the flush
 * does not come before that. */
Test(store_system, more_than_there_is_room_for)
{
    given_held_writer();
    for (int i = 0; i < STORE_ROOM + 100; i++) {
        (void)spawn(registry);
    }
    sqlite_holds(0);
    flushes();
    all_are_written();
    closes();
}
#endif

/* All the room is taken by what could not be written so far. */
static void given_more_than_room(void)
{
    given_held_writer();
    for (int i = 0; i < STORE_ROOM; i++) {
        (void)spawn(registry);
    }
    sqlite_fails(SQLITE_FAILS_LOCK, SQLITE_IOERR_LOCK, 1, true);
    sqlite_holds(0);
    cr_assert_eq(moor_store_flush(store, MOOR_FOREVER), MOOR_STORE_IO);
    /* It may have been that of the attempt that was held. */
    cr_assert_eq(moor_store_flush(store, MOOR_FOREVER), MOOR_STORE_IO);
    cr_assert_eq(state_now().waiting, STORE_ROOM);
    (void)sqlite_fails_no_more();
}

Test(store_system, the_end_with_more_than_there_is_room_for)
{
    long live;

    given_more_than_room();
    live = (long)stats_of(registry).live;
    closes();
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='open'"),
                 live);
}
