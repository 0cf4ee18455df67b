/*
 * Rows, written in whatever order the journal gave: when all is written, they
 * say what is so.
 */
#include "kept.h"
#include "store_inner.h"

static struct store_file file;
static struct store_rows rows;
static moor_changed taken[16];
static size_t taken_count;

static void given_rows(void)
{
    moor_config config;

    make_folder();
    moor_config_default(&config);
    config.journal = true;
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    registry = given_config(&config);
    cr_assert_eq(store_file_open(&file, path, 0), MOOR_STORE_OK);
    rows = (struct store_rows){.file = &file, .registry = registry};
    taken_count = 0;
}

static void end_rows(void)
{
    store_file_close(&file);
    free(rows.text);
    done(registry);
    remove_folder();
}

TestSuite(rows, .init = given_rows, .fini = end_rows);

static moor_agent spawn_as(moor_agent parent, const char *name,
                           const moor_id *id)
{
    const moor_spawn_options options = {
        .parent = parent, .name = name, .id = id};
    moor_agent agent = {0};

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

static int compare_spawns(const void *a, const void *b)
{
    uint64_t first = ((const moor_changed *)a)->order;
    uint64_t second = ((const moor_changed *)b)->order;

    return (first < second) - (first > second);
}

/* The newest comes first. */
static void take(void)
{
    bool behind;

    cr_assert_eq(moor_changes(registry, taken, 16, &taken_count, &behind),
                 MOOR_OK);
    qsort(taken, taken_count, sizeof *taken, compare_spawns);
}

static void write_one(size_t which)
{
    cr_assert_eq(store_rows_write(&rows, taken[which].agent), SQLITE_OK, "%s",
                 sqlite3_errmsg(file.db));
}

static void done_with_all(void)
{
    for (size_t i = 0; i < taken_count; i++) {
        cr_assert_eq(moor_change_done(registry, &taken[i]), MOOR_OK);
    }
}

/* Every order of up to four, in turn: the number says which. */
static void write_in_order(unsigned number)
{
    bool written[4] = {false};

    cr_assert_leq(taken_count, 4);
    for (size_t left = taken_count; left > 0; left--) {
        size_t skip = number % left, which = 0;

        number /= (unsigned)left;
        while (written[which] || skip-- > 0) {
            which++;
        }
        written[which] = true;
        write_one(which);
    }
    done_with_all();
}

static void begin_anew(void)
{
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    take();
    done_with_all();
    store_file_close(&file);
    free(rows.text);
    done(registry);
    remove_folder();
    strcpy(folder, "/tmp/moorage-store-XXXXXX");
    given_rows();
}

static void are(const char *what, long count)
{
    char text[300];

    snprintf(text, sizeof text, "SELECT count(*) FROM agents WHERE %s", what);
    cr_assert_eq(sql_number(text), count, "not %ld: %s", count, what);
}

/* An agent and the next owner of its path, one child each. */
Test(rows, a_path_that_is_used_again)
{
    for (unsigned order = 0; order < 24; order++) {
        moor_agent a = spawn_as(nobody, "a", NULL);

        (void)spawn_as(a, "b", NULL);
        cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
        a = spawn_as(nobody, "a", NULL);
        (void)spawn_as(a, "c", NULL);
        take();
        cr_assert_eq(taken_count, 4);
        write_in_order(order);
        are("path='/root/a' AND edge='open'", 1);
        are("path='/root/a' AND edge='closed'", 1);
        are("path='/root/a/b' AND edge='open' AND parent="
            "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
            1);
        are("path='/root/a/c' AND edge='open' AND parent="
            "(SELECT id FROM agents WHERE path='/root/a' AND edge='open')",
            1);
        begin_anew();
    }
}

/* The same, and the earlier one's row was there already. */
Test(rows, a_path_that_is_used_again_later)
{
    for (unsigned order = 0; order < 2; order++) {
        moor_agent a = spawn_as(nobody, "a", NULL);

        take();
        write_in_order(0);
        cr_assert_eq(close_it(registry, a), MOOR_OK);
        (void)spawn_as(nobody, "a", NULL);
        take();
        cr_assert_eq(taken_count, 2);
        write_in_order(order);
        are("path='/root/a' AND edge='open' AND seq=2", 1);
        are("path='/root/a' AND edge='closed' AND status='shutdown'", 1);
        begin_anew();
    }
}

/* An agent and the next owner of its id, of that name, one child each. */
static void use_id_again(const char *next, unsigned order)
{
    const moor_id id = {{7}};
    moor_agent a = spawn_as(nobody, "a", &id);
    char text[100];

    (void)spawn_as(a, "b", NULL);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    a = spawn_as(nobody, next, &id);
    (void)spawn_as(a, "r", NULL);
    take();
    cr_assert_eq(taken_count, 4);
    write_in_order(order);
    snprintf(text, sizeof text,
             "path='/root/%s' AND edge='open'"
             " AND id=x'07000000000000000000000000000000'",
             next);
    are(text, 1);
    snprintf(text, sizeof text,
             "path='/root/%s/r' AND edge='open'"
             " AND parent=x'07000000000000000000000000000000'",
             next);
    are(text, 1);
    are("path='/root/a/b' AND edge='open' AND parent="
        "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
        1);
    are("edge='open'", 3);
    begin_anew();
}

Test(rows, an_id_that_is_used_again)
{
    for (unsigned order = 0; order < 24; order++) {
        use_id_again("q", order);
        use_id_again("quite_long", order);
    }
}

/* Its path, too, and the earlier one's row says already that it has left. */
Test(rows, an_id_and_a_path_that_are_used_again)
{
    const moor_id id = {{7}};
    moor_agent a = spawn_as(nobody, "a", &id);

    cr_assert_eq(close_it(registry, a), MOOR_OK);
    take();
    write_in_order(0);
    (void)spawn_as(nobody, "a", &id);
    take();
    write_in_order(0);
    are("path='/root/a' AND edge='open'"
        " AND id=x'07000000000000000000000000000000'",
        1);
    are("path='/root/a' AND edge='closed'", 1);
}

/* The earlier one's row was there already. */
Test(rows, an_id_that_is_used_again_later)
{
    const moor_id id = {{7}};

    for (unsigned order = 0; order < 6; order++) {
        moor_agent a = spawn_as(nobody, "a", &id);

        (void)spawn_as(a, "b", NULL);
        take();
        write_in_order(order);
        cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
        a = spawn_as(nobody, "q", &id);
        (void)spawn_as(a, "r", NULL);
        take();
        cr_assert_eq(taken_count, 3);
        write_in_order(order);
        are("path='/root/q' AND edge='open'"
            " AND id=x'07000000000000000000000000000000'",
            1);
        are("path='/root/a/b' AND edge='open' AND parent="
            "(SELECT id FROM agents WHERE path='/root/a' AND edge='closed')",
            1);
        are("edge='open'", 3);
        begin_anew();
    }
}

/* A parent that was closed and of which nothing was noted. */
Test(rows, a_parent_without_a_row)
{
    moor_agent a = spawn_as(nobody, "a", NULL), b = spawn_as(a, "b", NULL);

    (void)spawn_as(b, "c", NULL);
    cr_assert_eq(moor_close(registry, b, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    take();
    cr_assert_eq(taken_count, 3);
    write_one(0); /* the newest: the child */
    done_with_all();
    are("path='/root/a/b/c' AND edge='open'", 1);
    are("path='/root/a/b' AND edge='closed'", 1);
    are("path='/root/a' AND edge='closed' AND parent IS NULL", 1);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 3);
}

/* Of a parent that is alive, and not noted. */
Test(rows, a_parent_that_is_alive)
{
    moor_agent a = spawn_as(nobody, "a", NULL);

    (void)spawn_as(spawn_as(a, "b", NULL), "c", NULL);
    take();
    write_one(0);
    done_with_all();
    are("edge='open'", 3);
    cr_assert_eq(sql_number("SELECT seq FROM agents WHERE path='/root/a'"), 1);
    cr_assert_eq(sql_number("SELECT seq FROM agents WHERE path='/root/a/b'"),
                 2);
}

/* What never was has no row, and what is over has nothing to write. */
Test(rows, none)
{
    moor_agent a = spawn_as(nobody, "a", NULL);

    cr_assert_eq(moor_start_failed(registry, a), MOOR_OK);
    take();
    cr_assert_eq(taken_count, 1);
    write_in_order(0);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 0);
    write_one(0);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 0);
}

/* Whoever is not listed has left. */
Test(rows, all_that_is_there)
{
    moor_agent a = spawn_as(nobody, "a", NULL);

    (void)spawn_as(a, "b", NULL);
    take();
    cr_assert_eq(store_rows_write_all(&rows), SQLITE_OK);
    are("edge='open'", 2);
    done_with_all();
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    take();
    done_with_all();
    cr_assert_eq(store_rows_write_all(&rows), SQLITE_OK);
    are("path='/root/a' AND edge='closed' AND status='shutdown'", 1);
    are("path='/root/a/b' AND edge='open'", 1);
}
