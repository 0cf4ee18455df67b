/*
 * Rows while memory fails or a statement is interrupted: each call for memory,
 * and each step of the database's machine, one after the other.  What was begun
 * is taken back, and the next try does it.
 */
#include "refusing.h"
#include "store_inner.h"

/* What happens between the finding of an agent and what is done with it. */
static void (*meanwhile)(moor_agent found);

moor_error __real_moor_find_id(moor_registry *books, const moor_id *id,
                               moor_agent *found);
moor_error __wrap_moor_find_id(moor_registry *books, const moor_id *id,
                               moor_agent *found);

moor_error __wrap_moor_find_id(moor_registry *books, const moor_id *id,
                               moor_agent *found)
{
    moor_error error = __real_moor_find_id(books, id, found);
    void (*happens)(moor_agent) = meanwhile;

    meanwhile = NULL;
    if (error == MOOR_OK && happens != NULL) happens(*found);
    return error;
}

static struct store_file file;
static struct store_rows rows;
static moor_changed taken[128];
static size_t count;

static void given_rows(void)
{
    moor_config config;

    sqlite_can_fail();
    make_folder();
    moor_config_default(&config);
    config.journal = true;
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    registry = given_config(&config);
    cr_assert_eq(store_file_open(&file, path, 0), MOOR_STORE_OK);
    rows = (struct store_rows){.file = &file, .registry = registry};
}

static moor_agent spawn_as(moor_agent parent, const char *name,
                           const moor_id *id)
{
    const moor_spawn_options options = {
        .parent = parent, .name = name, .id = id};
    moor_agent agent = {0};

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

static void adopts(moor_agent agent)
{
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
}

static int compare_spawns(const void *a, const void *b)
{
    uint64_t first = ((const moor_changed *)a)->order;
    uint64_t second = ((const moor_changed *)b)->order;

    return (first < second) - (first > second);
}

/* The newest comes first; what was taken before stays before. */
static void take(void)
{
    size_t more;
    bool behind;

    cr_assert_eq(
        moor_changes(registry, taken + count, 128 - count, &more, &behind),
        MOOR_OK);
    qsort(taken + count, more, sizeof *taken, compare_spawns);
    count += more;
}

static void done_from(size_t first)
{
    for (; count > first; count--) {
        cr_assert_eq(moor_change_done(registry, &taken[count - 1]), MOOR_OK);
    }
}

static void end_rows(void)
{
    done_from(0);
    store_file_close(&file);
    free(rows.text);
    done(registry);
    remove_folder();
}

TestSuite(rows_failing, .init = given_rows, .fini = end_rows);

static void are(const char *what, long number)
{
    char text[300];

    snprintf(text, sizeof text, "SELECT count(*) FROM agents WHERE %s", what);
    cr_assert_eq(sql_number(text), number, "not %ld: %s", number, what);
}

/* --- one call after the other --------------------------------------------- */

static void roll_back(void)
{
    for (int i = 0; i < STORE_STATEMENTS; i++) {
        (void)sqlite3_reset(file.statements[i]);
        (void)sqlite3_clear_bindings(file.statements[i]);
    }
    if (sqlite3_get_autocommit(file.db) == 0) {
        cr_assert_eq(store_file_run(&file, STORE_ROLLBACK, NULL), SQLITE_OK);
    }
    rows.written_is_known = false;
}

enum what { MEMORY, SQLITE_MEMORY, STEPS, WHATS };
enum { FIRST_ONES = 1000 };

static unsigned steps_left, interrupted;

/* At each step of a statement; true: this one is its last. */
static int at_step(void *none)
{
    bool now = steps_left == 1;

    (void)none;
    interrupted += now;
    steps_left -= steps_left > 0;
    return now;
}

static void refuse_one(enum what what, unsigned nth)
{
    interrupted = 0;
    steps_left = what == STEPS ? nth : 0;
    fail_only(what == MEMORY ? FAILING_HEAP : 0, nth);
    sqlite_fails(what == SQLITE_MEMORY ? SQLITE_FAILS_MEMORY : 0, SQLITE_NOMEM,
                 nth, false);
    sqlite3_progress_handler(file.db, what == STEPS, at_step, NULL);
}

/* How many were refused. */
static unsigned refused(enum what what)
{
    unsigned of_sqlite = sqlite_fails_no_more();

    fail_none();
    sqlite3_progress_handler(file.db, 0, NULL, NULL);
    if (what == SQLITE_MEMORY) {
        return of_sqlite;
    }
    return what == MEMORY ? failing.failed : interrupted;
}

/* Whether the nth was. */
static bool work_refused(int (*work)(void), enum what what, unsigned nth)
{
    static const int codes[] = {SQLITE_NOMEM, SQLITE_NOMEM, SQLITE_INTERRUPT};
    unsigned failed;
    int code;

    /* As the first time: no room that an earlier try has left. */
    free(rows.text);
    rows.text = NULL;
    rows.room = 0;
    cr_assert_eq(store_file_run(&file, STORE_BEGIN, NULL), SQLITE_OK);
    refuse_one(what, nth);
    code = work();
    failed = refused(what);
    /* SQLite may do without some of it. */
    cr_assert(code == (failed > 0 ? codes[what] : SQLITE_OK) ||
                  (what == SQLITE_MEMORY && code == SQLITE_OK),
              "%u: %d, %s", nth, code, sqlite3_errmsg(file.db));
    roll_back();
    return failed > 0;
}

/* In the end it is done, and the same as if nothing had failed. */
static void each_refused(int (*work)(void))
{
    for (int what = 0; what < WHATS; what++) {
        unsigned nth = 1;

        /* Far behind the first ones the same come again and again. */
        while (work_refused(work, (enum what)what, nth)) {
            nth += nth < FIRST_ONES ? 1 : FIRST_ONES / 20;
        }
        cr_assert_gt(nth, 1);
    }
    cr_assert_eq(store_file_run(&file, STORE_BEGIN, NULL), SQLITE_OK);
    cr_assert_eq(work(), SQLITE_OK);
    cr_assert_eq(store_file_run(&file, STORE_COMMIT, NULL), SQLITE_OK);
}

static int write_taken(void)
{
    int code = SQLITE_OK;

    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        code = store_rows_write(&rows, taken[i].agent);
    }
    return code;
}

static int write_first(void)
{
    return store_rows_write(&rows, taken[0].agent);
}

static int write_all(void)
{
    return store_rows_write_all(&rows);
}

/* --- cases ---------------------------------------------------------------- */

Test(rows_failing, a_result_and_a_living_parent)
{
    moor_agent a = spawn_as(nobody, "a", NULL), b = spawn_as(a, "b", NULL);

    cr_assert_eq(moor_finish(registry, b, MOOR_STATUS_COMPLETED, "done", 4),
                 MOOR_OK);
    take();
    each_refused(write_first);
    are("path='/root/a/b' AND result=CAST('done' AS BLOB)", 1);
    are("path='/root/a' AND edge='open'", 1);
}

/* Neither it nor the one above it has a row. */
Test(rows_failing, parents_that_have_left)
{
    moor_agent a = spawn_as(nobody, "a", NULL), b = spawn_as(a, "b", NULL);

    (void)spawn_as(b, "c", NULL);
    adopts(b);
    adopts(a);
    take();
    each_refused(write_first);
    are("path='/root/a/b/c' AND edge='open' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a/b' AND edge='closed')",
        1);
    are("path='/root/a' AND edge='closed'", 1);
}

/* One has left without a row; the one above it has one. */
Test(rows_failing, a_parent_that_has_left_below_one_with_a_row)
{
    moor_agent a = spawn_as(nobody, "a", NULL), b;

    take();
    cr_assert_eq(write_taken(), SQLITE_OK);
    b = spawn_as(a, "b", NULL);
    (void)spawn_as(b, "c", NULL);
    adopts(b);
    done_from(0);
    take();
    each_refused(write_first);
    are("path='/root/a/b' AND edge='closed' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a')",
        1);
    are("edge='open'", 2);
}

/* The id is another's by now, with a path of the same length. */
Test(rows_failing, an_id_that_is_used_again)
{
    const moor_id id = {{7}};
    moor_agent a = spawn_as(nobody, "a", &id);

    take();
    cr_assert_eq(write_taken(), SQLITE_OK);
    (void)spawn_as(a, "b", NULL);
    adopts(a);
    (void)spawn_as(spawn_as(nobody, "q", &id), "r", NULL);
    take();
    each_refused(write_taken);
    are("path='/root/q' AND edge='open'"
        " AND id=x'07000000000000000000000000000000'",
        1);
    are("path='/root/a/b' AND edge='open' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
        1);
    are("edge='open'", 3);
}

/* More than a page of them; a ticket is none. */
Test(rows_failing, all_that_is_there)
{
    enum { MANY = 70 };
    moor_ticket ticket;

    for (int i = 0; i < MANY; i++) {
        (void)spawn_as(nobody, NULL, NULL);
    }
    ticket = reserve(registry);
    each_refused(write_all);
    are("edge='open'", MANY);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    take();
}

/* --- meanwhile ------------------------------------------------------------ */

static void its_start_fails(moor_agent parent)
{
    cr_assert_eq(moor_start_failed(registry, parent), MOOR_OK);
}

/* It never was, and nor was what is below it. */
Test(rows_failing, a_parent_whose_start_fails_meanwhile)
{
    (void)spawn_as(spawn_as(nobody, "a", NULL), "b", NULL);
    take();
    meanwhile = its_start_fails;
    cr_assert_eq(write_first(), SQLITE_OK);
    cr_assert_null(meanwhile);
    are("path='/root/a/b' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
        1);
    take();
    cr_assert_eq(write_taken(), SQLITE_OK);
    are("edge='open'", 0);
    are("path='/root/a'", 0);
}

static void it_is_over(moor_agent owner)
{
    cr_assert_eq(close_it(registry, owner), MOOR_OK);
    take();
    done_from(1);
}

/* It was another one, that has the parent's id by now, and has its path. */
Test(rows_failing, an_owner_of_an_id_that_is_over_meanwhile)
{
    const moor_id id = {{7}};
    moor_agent a = spawn_as(nobody, "a", &id);

    (void)spawn_as(a, "b", NULL);
    take();
    done_from(1);
    adopts(a);
    (void)spawn_as(nobody, "a", &id);
    meanwhile = it_is_over;
    cr_assert_eq(write_first(), SQLITE_OK);
    cr_assert_null(meanwhile);
    are("path='/root/a/b' AND edge='open' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
        1);
}
