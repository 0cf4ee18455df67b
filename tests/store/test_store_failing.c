/*
 * What SQLite and the system refuse while a store is opened, written, closed or
 * imported: each call for memory, each of a file, one after the other.  The
 * error is the one that is documented and says where; the registry goes on;
 * nothing of what was acknowledged is lost; and the next try does it.
 */
#include "refusing.h"

static void make_failing(void)
{
    sqlite_can_fail();
    make_folder();
}

TestSuite(store_failing, .init = make_failing, .fini = remove_folder);

/* --- opening -------------------------------------------------------------- */

enum { LIVE = 6, NARROW = 5 };

/* Texts that are longer and longer, up to more than a page; a closed one that
 * is still a part of paths, and one more that is live than will fit. */
static void keep_some(void)
{
    static const char name[] = "a_name_of_some_length_for_the_first_of_all",
                      nickname[] = "a nickname of some length for the same one",
                      role[] = "a_role_of_some_length_for_the_same_one";
    const moor_spawn_options first = {
        .name = name, .nickname = nickname, .role = role};
    char result[10000];
    moor_agent a, b;

    opens();
    memset(result, 'r', sizeof result);
    cr_assert_eq(moor_spawn(registry, &first, &a, NULL), MOOR_OK);
    cr_assert_eq(
        moor_finish(registry, a, MOOR_STATUS_COMPLETED, result, sizeof result),
        MOOR_OK);
    a = spawn_below(registry, nobody, "a");
    b = spawn_below(registry, a, "b");
    cr_assert_eq(moor_finish(registry, b, MOOR_STATUS_COMPLETED, "done", 4),
                 MOOR_OK);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    for (int i = 0; i < LIVE; i++) {
        (void)spawn(registry);
    }
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, NARROW), MOOR_OK);
    closes();
}

static void is_what_was_kept(unsigned nth)
{
    cr_assert_eq(report.restored, LIVE + 2, "%u: %zu", nth, report.restored);
    cr_assert_eq(report.live, NARROW);
    cr_assert(result_is(registry, at_path(registry, "/root/a/b"), "done"));
}

/* Opens once, and the nth call is refused; whether any was. */
static bool open_refused(const struct refusal *refusal, unsigned nth)
{
    const moor_store_options options = {.bytes_max = 1 << 20};
    moor_store_error error;
    unsigned failed;

    store = NULL;
    registry = NULL;
    refuse(refusal, nth, false);
    error = moor_store_open(path, NULL, &options, &store, &registry, &report);
    failed = refuse_no_more(refusal);
    if (error != MOOR_STORE_OK) {
        cr_assert_gt(failed, 0, "%s, %u: %s", refusal->what, nth, report.text);
        cr_assert_null(store);
        cr_assert_null(registry);
        is_its_error(refusal, error, report.text, nth);
        says_where(refusal, nth, report.text, path);
    } else {
        sound(registry);
        cr_assert_eq(moor_store_close(store), MOOR_STORE_OK);
        moor_destroy(registry);
    }
    return failed > 0;
}

/* The file with those bytes; null: none. */
static void given_file(const char *bytes, size_t length)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[96];

        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    if (bytes != NULL) write_bytes(path, bytes, length);
}

Test(store_failing, open)
{
    size_t length;
    char *bytes;

    keep_some();
    bytes = bytes_of(path, &length);
    for (int i = 0; i < REFUSALS; i++) {
        unsigned nth = 0;

        do {
            given_file(bytes, length);
        } while (open_refused(&refusals[i], ++nth));
        opens();
        is_what_was_kept(nth);
        closes();
    }
    free(bytes);
}

Test(store_failing, open_a_new_one)
{
    for (int i = 0; i < REFUSALS; i++) {
        unsigned nth = 0;

        do {
            given_file(NULL, 0);
        } while (open_refused(&refusals[i], ++nth));
        opens();
        closes();
    }
}

/* --- writing -------------------------------------------------------------- */

/* The nth call is refused, and all after it: the flush says so, the registry
 * goes on, and a flush when it is over leaves nothing behind. */
static bool flush_refused(const struct refusal *refusal, unsigned nth,
                          unsigned *in_vain)
{
    moor_store_state before, state;
    moor_store_error error;
    moor_agent agent;
    unsigned failed;

    cr_assert_eq(moor_store_state_of(store, &before), MOOR_STORE_OK);
    refuse(refusal, nth, true);
    agent = spawn(registry);
    error = moor_store_flush(store, MOOR_FOREVER);
    (void)moor_store_state_of(store, &state);
    completes(registry, agent);
    failed = refuse_no_more(refusal);
    if (error != MOOR_STORE_OK) {
        ++*in_vain;
        cr_assert_gt(failed, 0);
        is_its_error(refusal, error, state.text, nth);
        says_where(refusal, nth, state.text, path);
        cr_assert_eq(state.error, error);
        cr_assert_gt(state.failures, before.failures);
        cr_assert_gt(state.waiting, 0);
    }
    flushes();
    return failed > 0;
}

Test(store_failing, flush)
{
    static const unsigned needed = SQLITE_FAILS_MEMORY | SQLITE_FAILS_WRITE |
                                   SQLITE_FAILS_SYNC | SQLITE_FAILS_LOCK;

    opens();
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 1; i < REFUSALS; i++) {
        unsigned nth = 0, in_vain = 0;

        while (flush_refused(&refusals[i], ++nth, &in_vain)) {
        }
        cr_assert(in_vain > 0 || (refusals[i].calls & needed) == 0, "%s",
                  refusals[i].what);
    }
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='open'"
                            " AND status='completed'"),
                 (long)stats_of(registry).idle);
    closes();
}

/* --- closing -------------------------------------------------------------- */

/* What was flushed is there, and what close has acknowledged. */
static bool close_refused(const struct refusal *refusal, unsigned nth)
{
    moor_store_error error;
    unsigned failed;

    given_file(NULL, 0);
    opens();
    (void)spawn_below(registry, nobody, "flushed");
    flushes();
    refuse(refusal, nth, true);
    (void)spawn_below(registry, nobody, "last");
    error = moor_store_close(store);
    failed = refuse_no_more(refusal);
    if (error != MOOR_STORE_OK) {
        cr_assert_gt(failed, 0);
        is_its_error(refusal, error, "", nth);
    }
    done(registry);
    opens();
    cr_assert_neq(at_path(registry, "/root/flushed").bits, 0);
    cr_assert(error != MOOR_STORE_OK ||
                  at_path(registry, "/root/last").bits != 0,
              "%s, %u", refusal->what, nth);
    closes();
    return failed > 0;
}

Test(store_failing, close)
{
    for (int i = 1; i < REFUSALS; i++) {
        unsigned nth = 0;

        while (close_refused(&refusals[i], ++nth)) {
        }
    }
}

/* --- importing ------------------------------------------------------------ */

/* One session with so many below it, each of which has one below. */
static void given_codex(const char *file, int many)
{
    char text[400];

    sql_at(file, "CREATE TABLE thread_spawn_edges(parent_thread_id TEXT,"
                 " child_thread_id TEXT, status TEXT)");
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
             " WHERE i<%d) INSERT INTO thread_spawn_edges"
             " SELECT printf('01980000-0000-7000-8000-%%012d',0),"
             " printf('01980000-0000-7000-8000-%%012d',i),'open' FROM n",
             many);
    sql_at(file, text);
    sql_at(file, "INSERT INTO thread_spawn_edges SELECT child_thread_id,"
                 " '02'||substr(child_thread_id,3),'open'"
                 " FROM thread_spawn_edges");
}

/* Of a new store that was begun. */
static void nothing_is_left(const struct refusal *refusal, unsigned nth)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[96];

        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        cr_assert_neq(access(name, F_OK), 0, "%s, %u: %s", refusal->what, nth,
                      name);
    }
}

static bool import_refused(const char *from, int many,
                           const struct refusal *refusal, unsigned nth)
{
    moor_store_imported imported;
    moor_store_error error;
    unsigned failed;

    given_file(NULL, 0);
    refuse(refusal, nth, false);
    error = moor_store_import_codex(from, path, &imported);
    failed = refuse_no_more(refusal);
    if (error != MOOR_STORE_OK) {
        cr_assert_gt(failed, 0);
        is_its_error(refusal, error, imported.text, nth);
        says_where(refusal, nth, imported.text, folder);
        nothing_is_left(refusal, nth);
    } else {
        cr_assert_eq(imported.agents, (size_t)(2 * many + 1));
        opens();
        cr_assert_eq(report.restored, imported.agents, "%s, %u: %zu",
                     refusal->what, nth, report.restored);
        closes();
    }
    return failed > 0;
}

Test(store_failing, import)
{
    enum { MANY = 33 }; /* two edges each: more than there is room at first */
    char from[80];

    snprintf(from, sizeof from, "%s/other", folder);
    given_codex(from, MANY);
    for (int i = 0; i < REFUSALS; i++) {
        /* One after the other there are thousands. */
        const unsigned step = refusals[i].calls == SQLITE_FAILS_MEMORY ? 7 : 1;
        unsigned nth = 1;

        while (import_refused(from, MANY, &refusals[i], nth)) {
            nth += step;
        }
        cr_assert(nth > 1 || refusals[i].calls == SQLITE_FAILS_TRUNCATE, "%s",
                  refusals[i].what);
    }
}

/* No memory from some call on, nor to take away what was begun: all of it is in
 * the store, or the import has failed and nothing is left of it. */
Test(store_failing, import_without_memory)
{
    enum { MANY = 10, STEP = 7 };
    const struct refusal *memory = &refusals[1];
    char from[80];
    unsigned nth = 1, failed, in_vain = 0;

    snprintf(from, sizeof from, "%s/other", folder);
    given_codex(from, MANY);
    do {
        moor_store_error error;

        given_file(NULL, 0);
        refuse(memory, nth, true);
        error = moor_store_import_codex(from, path, NULL);
        failed = refuse_no_more(memory);
        nth += STEP;
        if (error == MOOR_STORE_OK) {
            opens();
            cr_assert_eq(report.restored, 2 * MANY + 1, "%u", nth);
            closes();
        } else {
            cr_assert_gt(failed, 0);
            cr_assert_eq(error, MOOR_STORE_NO_MEMORY, "%u: %s", nth,
                         moor_store_error_name(error));
            nothing_is_left(memory, nth);
            in_vain++;
        }
    } while (failed > 0);
    cr_assert_gt(in_vain, 10);
}
