/*
 * Files that are no store, or cannot be written: the error says what, where and
 * what to do, and nothing is lost.
 */
#include "kept.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

TestSuite(refused, .init = make_folder, .fini = remove_folder);

static void names_it(const char *text, const char *what)
{
    cr_assert_not_null(strstr(text, path), "'%s' does not say where", text);
    cr_assert_not_null(strstr(text, what), "'%s' does not say: %s", text, what);
}

static void is_refused(moor_store_error error, const char *what)
{
    store = NULL;
    registry = NULL;
    cr_assert_eq(moor_store_open(path, NULL, NULL, &store, &registry, &report),
                 error, "not %s: %s", moor_store_error_name(error),
                 report.text);
    cr_assert_null(store);
    cr_assert_null(registry);
    names_it(report.text, what);
}

/* And is not touched. */
static void is_refused_as_it_is(moor_store_error error, const char *what)
{
    size_t before, after;
    char *was = bytes_of(path, &before), *now;

    is_refused(error, what);
    now = bytes_of(path, &after);
    cr_assert_eq(before, after);
    cr_assert_eq(memcmp(was, now, after), 0);
    free(was);
    free(now);
}

/* With some agents in it. */
static void given_store(void)
{
    opens();
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 0; i < 500; i++)
        (void)spawn(registry);
    closes();
}

Test(refused, arguments)
{
    moor_store_state state;
    const moor_config wrong = {.release = MOOR_RELEASES};

    cr_assert_eq(moor_store_open(NULL, NULL, NULL, &store, &registry, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_open("", NULL, NULL, &store, &registry, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_open(path, NULL, NULL, NULL, &registry, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_open(path, NULL, NULL, &store, NULL, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_open(path, &wrong, NULL, &store, &registry, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_flush(NULL, 0), MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_state_of(NULL, &state), MOOR_STORE_BAD_ARGUMENT);
    opens();
    cr_assert_eq(moor_store_state_of(store, NULL), MOOR_STORE_BAD_ARGUMENT);
    closes();
    cr_assert_eq(moor_store_close(NULL), MOOR_STORE_OK);
    cr_assert_str_eq(moor_store_error_name(MOOR_STORE_CORRUPT), "corrupt");
    cr_assert_str_eq(moor_store_error_name(MOOR_STORE_ERRORS), "unknown");
}

Test(refused, no_database)
{
    char text[5000];

    memset(text, 'x', sizeof text);
    write_bytes(path, text, sizeof text);
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "not a database");
    write_bytes(path, "hello", 5);
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "not a database");
}

Test(refused, a_database_of_somebody_else)
{
    sql("CREATE TABLE agents(id)");
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "name another file");
    sql("DROP TABLE agents; PRAGMA user_version=2");
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "name another file");
    sql("PRAGMA application_id=7");
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "name another file");
    sql("PRAGMA application_id=0x6d6f6f72; PRAGMA user_version=0");
    is_refused_as_it_is(MOOR_STORE_NOT_A_STORE, "name another file");
}

Test(refused, a_later_version)
{
    given_store();
    sql("PRAGMA user_version=3; PRAGMA journal_mode=DELETE");
    is_refused_as_it_is(MOOR_STORE_NEWER, "use a later moorage");
    cr_assert_eq(report.version, 3);
}

/* Any page: what is in it is noticed, or does not matter. */
Test(refused, damaged_pages)
{
    size_t length, refused = 0;
    char *bytes, *copy;

    given_store();
    bytes = bytes_of(path, &length);
    copy = malloc(length);
    for (size_t at = 0; at + 4096 <= length; at += 4096) {
        moor_store_error error;

        memcpy(copy, bytes, length);
        memset(copy + at + (at == 0 ? 100 : 0), 0x5a, 512);
        write_bytes(path, copy, length);
        error = moor_store_open(path, NULL, NULL, &store, &registry, &report);
        if (error == MOOR_STORE_OK) {
            cr_assert_eq(moor_store_close(store), MOOR_STORE_OK);
            done(registry);
        } else {
            cr_assert_eq(error, MOOR_STORE_CORRUPT, "page %zu: %s", at / 4096,
                         report.text);
            names_it(report.text, ".recover");
            refused++;
        }
    }
    cr_assert_gt(refused, length / 4096 - 2);
    /* Cut off. */
    write_bytes(path, bytes, length / 2 / 4096 * 4096);
    is_refused(MOOR_STORE_CORRUPT, ".recover");
    free(bytes);
    free(copy);
}

Test(refused, wrong_rows)
{
    static const char *const breaks[][3] = {
        {"UPDATE agents SET parent=randomblob(16) WHERE seq=3",
         "its parent has no row", "UPDATE agents SET parent=NULL WHERE seq=3"},
        {"UPDATE agents SET status='done' WHERE seq=3", "/root/agent_3",
         "UPDATE agents SET status='completed' WHERE seq=3"},
        {"UPDATE agents SET path='/root/a/b' WHERE seq=3", "/root/a/b",
         "UPDATE agents SET path='/root/agent_3' WHERE seq=3"},
        {"UPDATE agents SET path='agent_3' WHERE seq=3", "agent_3",
         "UPDATE agents SET path='/root/agent_3' WHERE seq=3"},
        {"UPDATE agents SET id=zeroblob(16) WHERE seq=3", "/root/agent_3",
         "UPDATE agents SET id=randomblob(16) WHERE seq=3"},
        {"UPDATE agents SET parent=id WHERE seq=3", "/root/agent_3",
         "UPDATE agents SET parent=NULL WHERE seq=3"},
        {"UPDATE agents SET role=hex(zeroblob(50)) WHERE seq=3",
         "/root/agent_3", "UPDATE agents SET role=NULL WHERE seq=3"},
        {"DROP INDEX open_paths; UPDATE agents SET path='/root/agent_2'"
         " WHERE seq=3",
         "/root/agent_2", "UPDATE agents SET path='/root/agent_3' WHERE seq=3"},
        {"DROP TABLE meta", "meta", "SELECT 1"}};

    given_store();
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        sql(breaks[i][0]);
        is_refused(MOOR_STORE_CORRUPT, breaks[i][1]);
        sql(breaks[i][2]);
    }
}

/* Of a table that allows what a store's does not. */
Test(refused, a_row_without_a_status)
{
    given_store();
    sql("ALTER TABLE agents RENAME TO kept;"
        "CREATE TABLE agents AS SELECT * FROM kept;"
        "UPDATE agents SET status=NULL WHERE seq=3");
    is_refused(MOOR_STORE_CORRUPT, "/root/agent_3");
}

Test(refused, a_setting_without_a_name_or_a_value)
{
    static const char *const breaks[][2] = {
        {"UPDATE meta SET name=NULL WHERE name='turn'",
         "UPDATE meta SET name='turn' WHERE name IS NULL"},
        {"UPDATE meta SET value=NULL WHERE name='release'",
         "UPDATE meta SET value='on_close' WHERE name='release'"},
        {"UPDATE meta SET value=NULL WHERE name='close_rule'",
         "UPDATE meta SET value='cascade' WHERE name='close_rule'"}};

    given_store();
    sql("ALTER TABLE meta RENAME TO kept;"
        "CREATE TABLE meta AS SELECT * FROM kept; DROP TABLE kept");
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        sql(breaks[i][0]);
        is_refused(MOOR_STORE_CORRUPT, "malformed");
        sql(breaks[i][1]);
    }
}

/* --- in somebody's hands -------------------------------------------------- */

Test(refused, another_store_has_it)
{
    moor_store *second;
    moor_registry *its;
    int status;

    opens();
    (void)spawn(registry);
    for (int i = 0; i < 2; i++) { /* from here, and from another process */
        pid_t child = i == 0 ? 0 : fork();

        if (child == 0) {
            moor_store_error error =
                moor_store_open(path, NULL, NULL, &second, &its, &report);

            if (i == 1) _exit(error == MOOR_STORE_LOCKED ? 0 : 1);
            cr_assert_eq(error, MOOR_STORE_LOCKED);
            names_it(report.text, "another store");
            continue;
        }
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0);
    }
    flushes(); /* the first one is as good as ever */
    reopens();
    cr_assert_eq(report.restored, 1);
    closes();
}

Test(refused, a_transaction_of_somebody_else)
{
    sqlite3 *other;

    given_store();
    sql("PRAGMA journal_mode=DELETE");
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
                 SQLITE_OK);
    is_refused(MOOR_STORE_LOCKED, "end the other program");
    cr_assert_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(other), SQLITE_OK);
    opens();
    cr_assert_eq(report.restored, 500);
    closes();
}

/* --- places --------------------------------------------------------------- */

Test(refused, no_folder)
{
    snprintf(path, sizeof path, "%s/none/store", folder);
    is_refused(MOOR_STORE_CANNOT_OPEN, "folder");
    snprintf(path, sizeof path, "%s", folder);
    is_refused(MOOR_STORE_CANNOT_OPEN, "folder");
    snprintf(path, sizeof path, "%s-lock", folder);
    unlink(path);
}

/* Then there is no room to say where; what is said all the same. */
Test(refused, a_path_that_is_too_long)
{
    char longer[600];

    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert_eq(
        moor_store_open(longer, NULL, NULL, &store, &registry, &report),
        MOOR_STORE_CANNOT_OPEN);
    cr_assert_not_null(strstr(report.text, "folder"), "%s", report.text);
}

/* Root may write everything: so not as root. */
Test(refused, read_only)
{
    given_store();
    cr_assert_eq(chmod(path, 0444), 0);
    cr_assert_eq(chmod(folder, 0777), 0);
    if (geteuid() == 0) cr_assert_eq(seteuid(65534), 0);
    is_refused_as_it_is(MOOR_STORE_READ_ONLY, "writable");
    if (getuid() == 0) cr_assert_eq(seteuid(0), 0);
    cr_assert_eq(chmod(folder, 0555), 0);
    if (geteuid() == 0) cr_assert_eq(seteuid(65534), 0);
    is_refused_as_it_is(MOOR_STORE_READ_ONLY, "written");
    if (getuid() == 0) cr_assert_eq(seteuid(0), 0);
    cr_assert_eq(chmod(folder, 0755), 0);
}

/* --- no room -------------------------------------------------------------- */

static void fill_up(moor_store_error error)
{
    moor_store_state state;
    moor_store_error seen = MOOR_STORE_OK;
    char name[32];
    int count = 0;

    for (; count < 100 && seen == MOOR_STORE_OK; count++) {
        for (int i = 0; i < 100; i++) {
            snprintf(name, sizeof name, "a%d_%d", count, i);
            (void)spawn_below(registry, nobody, name);
        }
        seen = moor_store_flush(store, MOOR_FOREVER);
    }
    cr_assert_eq(seen, error, "%s", moor_store_error_name(seen));
    /* The registry goes on; the store says what is the matter. */
    (void)spawn_below(registry, nobody, "later");
    cr_assert_eq(moor_store_flush(store, MOOR_FOREVER), error);
    cr_assert_eq(moor_store_state_of(store, &state), MOOR_STORE_OK);
    cr_assert_eq(state.error, error);
    cr_assert_gt(state.waiting, 0);
    cr_assert_gt(state.failures, 1);
    names_it(state.text, "disk");
}

Test(refused, bytes_max)
{
    const moor_store_options small = {.bytes_max = 100000};
    size_t length;
    long rows;

    opens_with(NULL, &small);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    fill_up(MOOR_STORE_FULL);
    rows = sql_number("SELECT count(*) FROM agents");
    cr_assert_gt(rows, 0);
    cr_assert_eq(moor_store_close(store), MOOR_STORE_FULL);
    done(registry);
    free(bytes_of(path, &length));
    cr_assert_lt(length, 110000);
    opens(); /* what was committed is there */
    cr_assert_eq((long)report.restored, rows);
    closes();
}

/* A change of a table that the store knows nothing of: what was begun is taken
 * back. */
Test(refused, a_rule_of_somebody_else)
{
    moor_store_state state;
    moor_agent a;

    opens();
    a = spawn(registry);
    flushes();
    sql("CREATE TRIGGER rule BEFORE UPDATE ON agents WHEN NEW.status='errored'"
        " BEGIN SELECT RAISE(ABORT, 'no errors here'); END");
    (void)spawn_below(registry, nobody, "other");
    cr_assert_eq(moor_died(registry, a), MOOR_OK);
    cr_assert_eq(moor_store_flush(store, MOOR_FOREVER), MOOR_STORE_CORRUPT);
    cr_assert_eq(moor_store_state_of(store, &state), MOOR_STORE_OK);
    cr_assert_eq(state.error, MOOR_STORE_CORRUPT);
    names_it(state.text, "no errors here");
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 1);
    sql("DROP TRIGGER rule");
    flushes();
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 2);
    reopens();
    cr_assert_eq(report.restored, 2);
    closes();
}

/* The disk refuses for a while; what had changed meanwhile comes after. */
Test(refused, a_disk_that_fails_for_a_while)
{
    struct rlimit before, small;

    cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    opens();
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    flushes();
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 200000;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    fill_up(MOOR_STORE_IO);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    flushes();
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"),
                 (long)stats_of(registry).live);
    closes();
    opens();
    cr_assert_neq(at_path(registry, "/root/later").bits, 0);
    closes();
}
