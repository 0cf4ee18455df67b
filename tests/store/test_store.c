/*
 * The store: what was in the registry is in the one that is opened again.
 */
#include "kept.h"

TestSuite(store, .init = make_folder, .fini = remove_folder);

static moor_agent spawned(moor_agent parent, const char *name, const char *role,
                          const char *nickname, const moor_id *id)
{
    const moor_spawn_options options = {.parent = parent,
                                        .name = name,
                                        .role = role,
                                        .nickname = nickname,
                                        .id = id};
    moor_agent agent;
    moor_error error = moor_spawn(registry, &options, &agent, NULL);

    cr_assert_eq(error, MOOR_OK, "%s", moor_error_name(error));
    return agent;
}

static void ends(moor_agent agent, moor_status status, const char *text)
{
    cr_assert_eq(moor_finish(registry, agent, status, text, strlen(text)),
                 MOOR_OK);
}

static moor_id id_number(uint8_t number)
{
    return (moor_id){{number, 1}};
}

static void unlimited(void)
{
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
}

Test(store, a_new_one_is_empty)
{
    opens();
    cr_assert(report.created);
    cr_assert_eq(report.version, 0);
    cr_assert_eq(report.restored, 0);
    reopens();
    cr_assert_eq(report.version, 2);
    cr_assert_eq(report.restored, 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 6);
    closes();
}

Test(store, an_empty_file_is_a_new_one)
{
    write_bytes(path, "", 0);
    opens();
    cr_assert(report.created);
    closes();
}

Test(store, everything_as_it_was)
{
    const moor_id id = id_number(7);
    moor_agent a, b, c;
    moor_info info;

    opens();
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    a = spawned(nobody, "a", "explorer", "Plato the 2nd", &id);
    cr_assert_eq(moor_start(registry, a), MOOR_OK);
    b = spawned(a, "b", NULL, NULL, NULL);
    ends(b, MOOR_STATUS_ERRORED, "no luck");
    c = spawned(b, "c", NULL, NULL, NULL);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    (void)spawned(nobody, "d", NULL, NULL, NULL);
    cr_assert_eq(moor_interrupt(registry, c), MOOR_OK);
    reopens();
    cr_assert_eq(report.restored, 4);
    cr_assert_eq(report.live, 2);
    cr_assert_eq(report.interrupted, 0);
    cr_assert_eq(report.turn, 2);
    cr_assert_eq(report.lifetime, 4);
    cr_assert_eq(moor_find_id(registry, &id, &a), MOOR_OK);
    info = info_of(registry, a);
    cr_assert_str_eq(info.path, "/root/a");
    cr_assert_str_eq(info.role, "explorer");
    cr_assert_str_eq(info.nickname, "Plato the 2nd");
    cr_assert_eq(info.status, MOOR_STATUS_RUNNING);
    cr_assert(info.slot);
    cr_assert_eq(info.turn, 1);
    b = at_path(registry, "/root/a/b");
    cr_assert_eq(info_of(registry, b).status, MOOR_STATUS_ERRORED);
    cr_assert_eq(info_of(registry, b).parent.bits, a.bits);
    cr_assert(result_is(registry, b, "no luck"));
    c = at_path(registry, "/root/a/b/c");
    cr_assert_eq(info_of(registry, c).status, MOOR_STATUS_INTERRUPTED);
    cr_assert_eq(info_of(registry, c).role[0], '\0');
    cr_assert_eq(info_of(registry, at_path(registry, "/root/d")).status,
                 MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(used(registry), 2);
    closes();
}

/* Each state overwrites the one before. */
Test(store, it_follows_every_change)
{
    moor_agent a;

    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    flushes();
    cr_assert_eq(sql_number("SELECT status='pending_init' FROM agents"), 1);
    cr_assert_eq(moor_start(registry, a), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT status='running' FROM agents"), 1);
    ends(a, MOOR_STATUS_COMPLETED, "ok");
    flushes();
    cr_assert_eq(sql_number("SELECT result=CAST('ok' AS BLOB) FROM agents"), 1);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, a, NULL), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT result IS NULL AND status='running' AND"
                            " turn=1 FROM agents"),
                 1);
    cr_assert_eq(sql_number("SELECT value FROM meta WHERE name='turn'"), 1);
    cr_assert_eq(moor_died(registry, a), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT status='errored' FROM agents"), 1);
    cr_assert_eq(close_it(registry, a), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT status='errored' AND edge='closed'"
                            " FROM agents"),
                 1);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_DEPTH, 3), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT value FROM meta WHERE name='limit_depth'"),
                 3);
    closes();
}

Test(store, closed_ones_are_history)
{
    moor_agent a;

    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    (void)spawned(a, "b", NULL, NULL, NULL);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_TREE, NULL), MOOR_OK);
    a = spawned(nobody, "a", NULL, NULL, NULL);
    reopens();
    cr_assert_eq(report.restored, 1);
    cr_assert_eq(report.lifetime, 3);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='closed'"
                            " AND status='shutdown'"),
                 2);
    closes();
}

Test(store, a_failed_start_never_was)
{
    moor_agent a;

    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    flushes();
    cr_assert_eq(moor_start_failed(registry, a), MOOR_OK);
    flushes();
    cr_assert_eq(sql_number("SELECT count(*) FROM agents"), 0);
    reopens();
    cr_assert_eq(report.lifetime, 0);
    closes();
}

/* The last one that was spawned; and the file says so at once. */
Test(store, what_does_not_fit_comes_back_interrupted)
{
    static const char *const names[] = {"d", "b", "c", "a"};

    opens();
    for (int i = 0; i < 4; i++)
        (void)spawned(nobody, names[i], NULL, NULL, NULL);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 3), MOOR_OK);
    reopens();
    cr_assert_eq(report.live, 3);
    cr_assert_eq(report.interrupted, 1);
    cr_assert_eq(info_of(registry, at_path(registry, "/root/a")).status,
                 MOOR_STATUS_INTERRUPTED);
    cr_assert_eq(sql_number("SELECT status='interrupted' FROM agents WHERE"
                            " path='/root/a'"),
                 1);
    reopens();
    cr_assert_eq(report.interrupted, 0);
    closes();
}

/* The file: limits and policies.  The config: queue and nickname lists. */
Test(store, what_wins)
{
    static const char *const names[] = {"Kant"};
    const moor_patience patience = {.timeout_ms = 1};
    const moor_spawn_options options = {.patience = &patience};
    moor_config config;
    moor_agent a;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    config.limits[MOOR_LIMIT_DEPTH] = 5;
    config.release = MOOR_ON_CLOSE;
    config.close_rule = MOOR_REFUSE;
    opens_with(&config, NULL);
    completes(registry, spawned(spawn(registry), NULL, NULL, NULL, NULL));
    cr_assert_eq(used(registry), 2);
    closes();
    moor_config_default(&config);
    config.queue = 0;
    config.nicknames = names;
    config.nicknames_count = 1;
    opens_with(&config, NULL);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 2);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_DEPTH).limit, 5);
    cr_assert_eq(moor_find_path(registry, nobody, "agent_1", &a), MOOR_OK);
    cr_assert_eq(close_it(registry, a), MOOR_HAS_CHILDREN);
    a = spawn(registry); /* what is idle comes back without a slot */
    cr_assert_str_eq(info_of(registry, a).nickname, "Kant");
    completes(registry, a); /* on_close: it keeps its slot */
    cr_assert_eq(moor_spawn(registry, &options, &a, NULL), MOOR_QUEUE_FULL);
    closes();
}

/* One that was adopted keeps its path, which another may go through by now. */
Test(store, whom_the_next_above_has_adopted)
{
    moor_agent a, b;

    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    b = spawned(a, "b", NULL, NULL, NULL);
    (void)spawned(b, "c", NULL, NULL, NULL);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    a = spawned(nobody, "a", NULL, NULL, NULL);
    (void)spawned(a, "d", NULL, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        reopens();
        cr_assert_eq(report.restored, 4);
        a = at_path(registry, "/root/a");
        b = at_path(registry, "/root/a/b");
        cr_assert_eq(info_of(registry, b).parent.bits,
                     moor_root(registry).bits);
        cr_assert_eq(
            info_of(registry, at_path(registry, "/root/a/b/c")).parent.bits,
            b.bits);
        cr_assert_eq(
            info_of(registry, at_path(registry, "/root/a/d")).parent.bits,
            a.bits);
    }
    closes();
}

/* The store puts right what the journal told in another order. */
Test(store, an_order_that_is_no_order_of_spawns)
{
    moor_agent a;

    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    (void)spawned(a, "b", NULL, NULL, NULL);
    cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    a = spawned(nobody, "a", NULL, NULL, NULL);
    (void)spawned(a, "d", NULL, NULL, NULL);
    closes();
    sql("UPDATE agents SET seq=-seq"); /* children before their parents */
    opens();
    cr_assert_eq(report.restored, 3);
    cr_assert_eq(info_of(registry, at_path(registry, "/root/a/b")).parent.bits,
                 moor_root(registry).bits);
    closes();
}

/* An id is free when its agent was closed. */
Test(store, an_id_that_is_used_again)
{
    const moor_id id = id_number(9);
    moor_agent a, found;

    for (int flushing = 0; flushing < 2; flushing++) {
        opens();
        a = spawned(nobody, "a", NULL, NULL, &id);
        (void)spawned(a, "b", NULL, NULL, NULL);
        if (flushing) flushes();
        cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
        a = spawned(nobody, "q", NULL, NULL, &id);
        (void)spawned(a, "r", NULL, NULL, NULL);
        reopens();
        cr_assert_eq(report.restored, 3);
        a = at_path(registry, "/root/q");
        cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
        cr_assert_eq(found.bits, a.bits);
        cr_assert_eq(
            info_of(registry, at_path(registry, "/root/a/b")).parent.bits,
            moor_root(registry).bits);
        cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_TREE, NULL), MOOR_OK);
        cr_assert_eq(close_it(registry, at_path(registry, "/root/a/b")),
                     MOOR_OK);
        closes();
    }
}

Test(store, nicknames_count_as_used)
{
    static const char *const names[] = {"Plato", "Kant"};
    moor_config config;
    moor_info infos[2];

    moor_config_default(&config);
    config.nicknames = names;
    config.nicknames_count = 2;
    opens_with(&config, NULL);
    infos[0] = info_of(registry, spawn(registry));
    closes();
    opens_with(&config, NULL);
    infos[1] = info_of(registry, spawn(registry));
    cr_assert_str_neq(infos[0].nickname, infos[1].nickname);
    cr_assert_eq(infos[1].nickname[0] == 'P' || infos[1].nickname[0] == 'K', 1);
    closes();
}

Test(store, a_long_result)
{
    enum { LONG = 300000 };
    char *text = malloc(LONG), *back = malloc(LONG);
    moor_agent a;
    size_t length;

    for (int i = 0; i < LONG; i++)
        text[i] = (char)(i * 7);
    opens();
    a = spawned(nobody, "a", NULL, NULL, NULL);
    cr_assert_eq(moor_finish(registry, a, MOOR_STATUS_COMPLETED, text, LONG),
                 MOOR_OK);
    reopens();
    a = at_path(registry, "/root/a");
    cr_assert_eq(moor_result(registry, a, back, LONG, &length), MOOR_OK);
    cr_assert_eq(length, LONG);
    cr_assert_eq(memcmp(text, back, LONG), 0);
    closes();
    free(text);
    free(back);
}

/* --- told ----------------------------------------------------------------- */

static size_t told, told_live;

static void tell(void *context, const moor_kept *kept, moor_agent agent,
                 moor_restored outcome)
{
    (void)context;
    told += kept->path[0] == '/' && agent.bits != 0;
    told_live += outcome == MOOR_RESTORED_LIVE;
}

Test(store, each_one_is_told_of)
{
    const moor_store_options options = {.restored = tell};

    opens();
    (void)spawned(nobody, "a", NULL, NULL, NULL);
    completes(registry, spawned(nobody, "b", NULL, NULL, NULL));
    closes();
    opens_with(NULL, &options);
    cr_assert_eq(told, 2);
    cr_assert_eq(told_live, 1);
    closes();
}

/* --- behind --------------------------------------------------------------- */

/* While another program holds the file, more leave than can be kept. */
Test(store, who_could_not_be_kept_is_written_all_the_same)
{
    enum { MANY = MOOR_JOURNAL_MAX + 100, STAY = 50 };
    static moor_agent agents[MANY];
    moor_store_state state;
    sqlite3 *other;

    opens();
    unlimited();
    for (int i = 0; i < MANY; i++)
        agents[i] = spawned(nobody, NULL, NULL, NULL, NULL);
    flushes();
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='open'"),
                 MANY);
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                 SQLITE_OK);
    for (int i = 0; i < STAY; i++)
        ends(agents[i], MOOR_STATUS_COMPLETED, "x");
    for (int i = STAY; i < MANY; i++)
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    cr_assert_eq(moor_store_flush(store, MOOR_FOREVER), MOOR_STORE_LOCKED);
    cr_assert_eq(moor_store_state_of(store, &state), MOOR_STORE_OK);
    cr_assert_eq(state.error, MOOR_STORE_LOCKED);
    cr_assert_gt(state.waiting, 0);
    cr_assert_leq(state.waiting, MOOR_JOURNAL_MAX);
    cr_assert(state.behind);
    cr_assert_not_null(strstr(state.text, "locked"), "%s", state.text);
    cr_assert_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(other), SQLITE_OK);
    flushes();
    flushes();
    cr_assert_eq(moor_store_state_of(store, &state), MOOR_STORE_OK);
    cr_assert_eq(state.error, MOOR_STORE_OK);
    cr_assert_eq(state.waiting, 0);
    cr_assert_not(state.behind);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='open' AND"
                            " status='completed'"),
                 STAY);
    cr_assert_eq(sql_number("SELECT count(*) FROM agents WHERE edge='closed'"),
                 MANY - STAY);
    closes();
}

/* --- versions ------------------------------------------------------------- */

static void make_version_1(void)
{
    size_t length;
    char *text = bytes_of(STORE_TESTS "/version_1.sql", &length);

    text[length] = '\0';
    sql(text);
    free(text);
}

Test(store, version_1_is_brought_to_today)
{
    moor_agent a;

    make_version_1();
    opens();
    cr_assert_eq(report.version, 1);
    cr_assert_eq(report.restored, 3);
    cr_assert_eq(report.live, 1);
    cr_assert_eq(report.lifetime, 4);
    cr_assert_eq(report.turn, 5);
    a = at_path(registry, "/root/planner/worker");
    cr_assert(result_is(registry, a, "done"));
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 3);
    cr_assert_eq(sql_number("PRAGMA user_version"), 2);
    reopens();
    cr_assert_eq(report.version, 2);
    cr_assert_eq(report.restored, 3);
    closes();
}

/* Nothing is changed when it cannot be brought to today. */
Test(store, version_1_stays_when_it_is_wrong)
{
    make_version_1();
    sql("UPDATE agents SET path='/root/planner' WHERE edge='open'");
    cr_assert_eq(moor_store_open(path, NULL, NULL, &store, &registry, &report),
                 MOOR_STORE_CORRUPT);
    cr_assert_eq(sql_number("PRAGMA user_version"), 1);
}
