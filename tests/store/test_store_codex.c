/*
 * Agents of codex: a database with its table becomes a store.
 */
#include "kept.h"

#include <sys/stat.h>

static char from[80];
static moor_store_imported imported;

static void make_both(void)
{
    make_folder();
    snprintf(from, sizeof from, "%s/other", folder);
}

TestSuite(codex, .init = make_both, .fini = remove_folder);

#define ID(number) "'01980000-0000-7000-8000-00000000000" number "'"

static const char table[] =
    "CREATE TABLE threads(id TEXT PRIMARY KEY, title TEXT NOT NULL);"
    "CREATE TABLE thread_spawn_edges(parent_thread_id TEXT NOT NULL,"
    " child_thread_id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL);"
    "CREATE INDEX idx_thread_spawn_edges_parent_status"
    " ON thread_spawn_edges(parent_thread_id, status);";

static moor_store_error imports(void)
{
    return moor_store_import_codex(from, path, &imported);
}

static void is_refused(moor_store_error error, const char *where,
                       const char *what)
{
    moor_store_error seen = imports();

    cr_assert_eq(seen, error, "%s: %s", moor_store_error_name(seen),
                 imported.text);
    cr_assert_not_null(strstr(imported.text, where), "%s", imported.text);
    cr_assert_not_null(strstr(imported.text, what), "%s", imported.text);
    cr_assert_neq(access(path, F_OK), 0);
}

static moor_agent by_id(const char *text)
{
    moor_id id;
    moor_agent agent;
    char bare[MOOR_ID_TEXT];

    snprintf(bare, sizeof bare, "%.36s", text + 1);
    cr_assert_eq(moor_id_parse(bare, &id), MOOR_OK);
    return moor_find_id(registry, &id, &agent) == MOOR_OK ? agent : nobody;
}

static void edge(const char *parent, const char *child, const char *status)
{
    char text[300];

    snprintf(text, sizeof text,
             "INSERT INTO thread_spawn_edges VALUES(%s,%s,'%s')", parent, child,
             status);
    sql_at(from, text);
}

Test(codex, a_tree)
{
    moor_info info;

    sql_at(from, table);
    /* 1 and 8 are sessions; 3 is closed, and 4 hangs below it; 6 and 7 are a
     * ring; 9 has nobody any more. */
    edge(ID("1"), ID("2"), "open");
    edge(ID("1"), ID("3"), "closed");
    edge(ID("3"), ID("4"), "open");
    edge(ID("2"), ID("5"), "open");
    edge(ID("6"), ID("7"), "open");
    edge(ID("7"), ID("6"), "open");
    edge(ID("8"), ID("0"), "open");
    edge(ID("9"), ID("a"), "closed");
    cr_assert_eq(imports(), MOOR_STORE_OK, "%s", imported.text);
    cr_assert_eq(imported.edges, 8);
    cr_assert_eq(imported.sessions, 2);
    cr_assert_eq(imported.agents, 5);
    cr_assert_eq(imported.closed, 2);
    cr_assert_eq(imported.below, 3);
    opens();
    cr_assert_eq(report.restored, 5);
    cr_assert_eq(report.live, 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 6);
    info = info_of(registry, by_id(ID("5")));
    cr_assert_eq(info.status, MOOR_STATUS_INTERRUPTED);
    cr_assert_eq(info.depth, 3);
    cr_assert_eq(info.parent.bits, by_id(ID("2")).bits);
    info = info_of(registry, by_id(ID("2")));
    cr_assert_eq(info.parent.bits, by_id(ID("1")).bits);
    cr_assert_eq(info_of(registry, by_id(ID("8"))).parent.bits,
                 moor_root(registry).bits);
    cr_assert_eq(by_id(ID("3")).bits, 0);
    cr_assert_eq(by_id(ID("4")).bits, 0);
    cr_assert_eq(by_id(ID("7")).bits, 0);
    cr_assert_eq(moor_run_again(registry, by_id(ID("5")), NULL), MOOR_OK);
    closes();
    /* There is something in it now. */
    cr_assert_eq(imports(), MOOR_STORE_NOT_EMPTY);
    opens();
    cr_assert_eq(report.restored, 5);
    closes();
}

Test(codex, nothing)
{
    sql_at(from, table);
    cr_assert_eq(imports(), MOOR_STORE_OK, "%s", imported.text);
    cr_assert_eq(imported.agents, 0);
    opens();
    cr_assert_eq(report.restored, 0);
    closes();
}

Test(codex, what_is_wrong)
{
    cr_assert_eq(moor_store_import_codex(NULL, path, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_import_codex(from, NULL, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_import_codex("", path, NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    cr_assert_eq(moor_store_import_codex(from, "", NULL),
                 MOOR_STORE_BAD_ARGUMENT);
    is_refused(MOOR_STORE_CANNOT_OPEN, from, "folder");
    write_bytes(from, "hello, hello", 12);
    is_refused(MOOR_STORE_NOT_A_STORE, from, "not a database");
    write_bytes(from, "", 0);
    is_refused(MOOR_STORE_NOT_A_STORE, from, "thread_spawn_edges");
    sql_at(from, table);
    edge(ID("1"), "'cx2'", "open");
    is_refused(MOOR_STORE_CORRUPT, from, "'cx2'");
    sql_at(from, "DELETE FROM thread_spawn_edges");
    edge(ID("1"), ID("2"), "ajar");
    is_refused(MOOR_STORE_CORRUPT, from, "'ajar'");
}

/* Of tables that allow what those of codex do not. */
Test(codex, what_cannot_be)
{
    sql_at(from, "CREATE TABLE thread_spawn_edges(parent_thread_id TEXT,"
                 " child_thread_id TEXT, status TEXT)");
    edge(ID("1"), "NULL", "open");
    is_refused(MOOR_STORE_CORRUPT, from, "''");
    sql_at(from, "DELETE FROM thread_spawn_edges");
    edge(ID("1"), ID("3"), "open");
    edge(ID("2"), ID("3"), "open");
    is_refused(MOOR_STORE_CORRUPT, "000000000003", "id");
}

/* Its agents are there, though its count says that none ever was. */
Test(codex, a_store_that_has_lost_count)
{
    sql_at(from, table);
    opens();
    (void)spawn(registry);
    closes();
    sql("UPDATE meta SET value=0 WHERE name='lifetime'");
    cr_assert_eq(imports(), MOOR_STORE_NOT_EMPTY);
}

/* What was there before stays. */
Test(codex, what_is_not_its_own)
{
    sql_at(from, table);
    opens();
    cr_assert_eq(imports(), MOOR_STORE_LOCKED, "%s", imported.text);
    cr_assert_eq(access(path, F_OK), 0);
    closes();
    write_bytes(path, "hello, hello", 12);
    cr_assert_eq(imports(), MOOR_STORE_NOT_A_STORE, "%s", imported.text);
    cr_assert_eq(access(path, F_OK), 0);
}

/* A name that is there, and leads nowhere. */
Test(codex, a_name_that_names_itself)
{
    struct stat status;

    sql_at(from, table);
    cr_assert_eq(symlink(path, path), 0);
    cr_assert_eq(imports(), MOOR_STORE_CANNOT_OPEN, "%s", imported.text);
    cr_assert_eq(lstat(path, &status), 0);
}

Test(codex, deeper_than_a_path_is_long)
{
    sql_at(from, table);
    sql_at(from, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
                 " SELECT i+1 FROM n WHERE i<40)"
                 "INSERT INTO thread_spawn_edges SELECT"
                 " printf('01980000-0000-7000-8000-%012d',i),"
                 " printf('01980000-0000-7000-8000-%012d',i+1),'open' FROM n");
    is_refused(MOOR_STORE_CORRUPT, "000000000032", "segments");
}
