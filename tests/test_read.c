/*
 * Reading one agent: by handle, by id, by path; and the counters.
 */
#include "given.h"

/* --- by handle ------------------------------------------------------------ */

Test(read, everything_about_an_agent)
{
    static const char *const nicknames[] = {"Plato"};
    moor_config config;
    moor_registry *registry;
    moor_id id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
    moor_spawn_options options = {
        .name = "worker", .role = "explorer", .id = &id};
    moor_agent agent;
    moor_info info;

    moor_config_default(&config);
    config.nicknames = nicknames;
    config.nicknames_count = 1;
    registry = given_config(&config);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    options.parent = spawn_below(registry, nobody, "above");
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    info = info_of(registry, agent);
    cr_assert_eq(info.agent.bits, agent.bits);
    cr_assert_eq(info.ticket.bits, 0);
    cr_assert_eq(info.parent.bits, options.parent.bits);
    cr_assert_eq(memcmp(&info.id, &id, sizeof id), 0);
    cr_assert_eq(info.status, MOOR_STATUS_PENDING_INIT);
    cr_assert(info.slot);
    cr_assert_not(info.fenced);
    cr_assert_eq(info.depth, 2);
    cr_assert_eq(info.turn, 1);
    cr_assert_lt(info.age_ms, 60000);
    cr_assert_str_eq(info.path, "/root/above/worker");
    cr_assert_str_eq(info.nickname, "Plato the 2nd");
    cr_assert_str_eq(info.role, "explorer");
    done(registry);
}

Test(read, the_longest_of_everything)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    char name[MOOR_SEGMENT_MAX + 1], text[MOOR_ROLE_MAX + 1];
    moor_spawn_options options = {.role = text, .nickname = text};
    moor_agent agent, found;
    moor_info info;

    memset(name, 'a', MOOR_SEGMENT_MAX);
    name[MOOR_SEGMENT_MAX] = '\0';
    memset(text, 'x', MOOR_ROLE_MAX);
    text[MOOR_ROLE_MAX] = '\0';
    for (int i = 0; i < 15; i++) { /* 5 + 15 * 65 = 980 bytes */
        options.parent = spawn_below(registry, options.parent, name);
    }
    name[43] = '\0';
    options.name = name;
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    info = info_of(registry, agent);
    cr_assert_eq(strlen(info.path), MOOR_PATH_MAX);
    cr_assert_str_eq(info.nickname, text);
    cr_assert_str_eq(info.role, text);
    cr_assert_eq(moor_find_path(registry, nobody, info.path, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
    done(registry);
}

Test(read, status_by_handle)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_agent forged = {agent.bits + 1000};
    moor_status status = MOOR_STATUSES;

    cr_assert_eq(moor_status_of(registry, agent, &status), MOOR_OK);
    cr_assert_eq(status, MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    cr_assert_eq(moor_status_of(registry, agent, &status), MOOR_STALE);
    cr_assert_eq(status, MOOR_STATUS_NOT_FOUND);
    status = MOOR_STATUSES;
    cr_assert_eq(moor_status_of(registry, forged, &status), MOOR_NOT_FOUND);
    cr_assert_eq(status, MOOR_STATUS_NOT_FOUND);
    cr_assert_eq(moor_status_of(registry, agent, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_status_of(NULL, agent, &status), MOOR_BAD_ARGUMENT);
    done(registry);
}

Test(read, an_answer_that_is_not_ok_writes_nothing)
{
    moor_registry *registry = given();
    moor_agent gone = spawn(registry);
    moor_ticket ticket = reserve(registry);
    moor_info info, blank;
    size_t length = 77;
    moor_request_kind kind = MOOR_REQUESTS;

    memset(&blank, 0x5a, sizeof blank);
    info = blank;
    cr_assert_eq(close_it(registry, gone), MOOR_OK);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_eq(moor_info_of(registry, gone, &info), MOOR_STALE);
    cr_assert_eq(moor_ticket_info(registry, ticket, &info), MOOR_STALE);
    cr_assert_eq(moor_result(registry, gone, NULL, 0, &length), MOOR_STALE);
    cr_assert_eq(moor_poll(registry, gone, &kind), MOOR_STALE);
    cr_assert_eq(memcmp(&info, &blank, sizeof blank), 0);
    cr_assert_eq(length, 77);
    cr_assert_eq(kind, MOOR_REQUESTS);
    done(registry);
}

/* --- by id ---------------------------------------------------------------- */

Test(read, bad_arguments)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_ticket ticket = reserve(registry);
    moor_info info;
    size_t length = 7;
    char text[4];

    cr_expect_eq(moor_info_of(NULL, agent, &info), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_info_of(registry, agent, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_ticket_info(NULL, ticket, &info), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_ticket_info(registry, ticket, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_result(NULL, agent, text, 4, &length), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_result(registry, agent, text, 4, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_result(registry, agent, NULL, 4, &length),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(length, 7);
    cr_expect_eq(moor_result(registry, agent, NULL, 0, &length), MOOR_OK);
    cr_expect_eq(length, 0);
    done(registry);
}

Test(read, by_id)
{
    moor_registry *registry = given();
    moor_id id = {{0xff, 0}}, other = {{0xff, 1}}, nil = {{0}};
    moor_spawn_options options = {.id = &id};
    moor_agent agent, found = {0};

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
    found = nobody;
    cr_assert_eq(moor_find_id(registry, &other, &found), MOOR_NOT_FOUND);
    cr_assert_eq(moor_find_id(registry, &nil, &found), MOOR_BAD_ID);
    cr_assert_eq(moor_find_id(registry, NULL, &found), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_find_id(registry, &id, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_find_id(NULL, &id, &found), MOOR_BAD_ARGUMENT);
    cr_assert_eq(found.bits, 0);
    done(registry);
}

/* --- by path -------------------------------------------------------------- */

struct tree {
    moor_registry *registry;
    moor_agent a, ab, abc, b;
};

static struct tree tree(void)
{
    struct tree t = {.registry = given()};

    t.a = spawn_below(t.registry, nobody, "a");
    t.ab = spawn_below(t.registry, t.a, "b");
    t.abc = spawn_below(t.registry, t.ab, "c");
    t.b = spawn_below(t.registry, nobody, "b");
    return t;
}

static void finds(const struct tree *t, moor_agent from, const char *path,
                  moor_error error, moor_agent agent)
{
    moor_agent found = {0};
    moor_error answer = moor_find_path(t->registry, from, path, &found);

    cr_expect_eq(answer, error, "%s: %s", path, moor_error_name(answer));
    cr_expect_eq(found.bits, agent.bits, "%s", path);
}

Test(read, by_absolute_path_from_anywhere)
{
    struct tree t = tree();
    moor_agent froms[] = {nobody, moor_root(t.registry), t.a, t.abc};

    for (int i = 0; i < 4; i++) {
        finds(&t, froms[i], "/root", MOOR_OK, moor_root(t.registry));
        finds(&t, froms[i], "/root/a", MOOR_OK, t.a);
        finds(&t, froms[i], "/root/a/b", MOOR_OK, t.ab);
        finds(&t, froms[i], "/root/a/b/c", MOOR_OK, t.abc);
        finds(&t, froms[i], "/root/b", MOOR_OK, t.b);
        finds(&t, froms[i], "/root/c", MOOR_NOT_FOUND, nobody);
        finds(&t, froms[i], "/root/a/b/c/d", MOOR_NOT_FOUND, nobody);
    }
    done(t.registry);
}

Test(read, by_relative_path_down_from_an_agent)
{
    struct tree t = tree();

    finds(&t, nobody, "a", MOOR_OK, t.a);
    finds(&t, nobody, "b", MOOR_OK, t.b);
    finds(&t, nobody, "a/b/c", MOOR_OK, t.abc);
    finds(&t, moor_root(t.registry), "a/b", MOOR_OK, t.ab);
    finds(&t, t.a, "b", MOOR_OK, t.ab);
    finds(&t, t.a, "b/c", MOOR_OK, t.abc);
    finds(&t, t.a, "a", MOOR_NOT_FOUND, nobody);
    finds(&t, t.b, "c", MOOR_NOT_FOUND, nobody);
    done(t.registry);
}

Test(read, by_ill_formed_path)
{
    static const char *const bad[] = {
        "",        "/",        "/root/", "root",       "/a",
        "a/",      "../a",     "./a",    "a//b",       "A",
        "/root/A", "/root/..", "a b",    "/root/root", "\xc3\xa4"};
    struct tree t = tree();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        finds(&t, nobody, bad[i], MOOR_BAD_PATH, nobody);
        finds(&t, t.a, bad[i], MOOR_BAD_PATH, nobody);
    }
    done(t.registry);
}

/* The bounds are those of the whole path. */
Test(read, by_a_relative_path_that_goes_too_deep_or_too_far)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    struct tree t = {.registry = registry};
    char name[MOOR_SEGMENT_MAX + 1];
    moor_agent deep = nobody, far = nobody;

    memset(name, 'a', MOOR_SEGMENT_MAX);
    name[MOOR_SEGMENT_MAX] = '\0';
    for (int i = 1; i < MOOR_SEGMENTS_MAX; i++) {
        deep = spawn_below(registry, deep, "a");
    }
    for (int i = 0; i < 15; i++) {
        far = spawn_below(registry, far, name);
    }
    finds(&t, deep, "a", MOOR_BAD_PATH, nobody);
    name[44] = '\0';
    finds(&t, far, name, MOOR_BAD_PATH, nobody);
    name[43] = '\0';
    finds(&t, far, name, MOOR_NOT_FOUND, nobody);
    done(registry);
}

Test(read, by_path_from_one_that_is_gone)
{
    struct tree t = tree();
    moor_agent forged = {t.a.bits + 1000};

    cr_assert_eq(close_it(t.registry, t.b), MOOR_OK);
    finds(&t, t.b, "c", MOOR_STALE, nobody);
    finds(&t, forged, "c", MOOR_NOT_FOUND, nobody);
    finds(&t, nobody, "b", MOOR_NOT_FOUND, nobody);
    cr_assert_eq(moor_find_path(t.registry, nobody, NULL, &forged),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_find_path(t.registry, nobody, "a", NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_find_path(NULL, nobody, "a", &forged), MOOR_BAD_ARGUMENT);
    done(t.registry);
}

Test(read, never_finds_a_ticket)
{
    struct tree t = tree();
    moor_ticket ticket = reserve_below(t.registry, t.a, "t");
    moor_agent agent;

    finds(&t, nobody, "/root/a/t", MOOR_NOT_FOUND, nobody);
    finds(&t, t.a, "t", MOOR_NOT_FOUND, nobody);
    cr_assert_eq(moor_commit(t.registry, ticket, NULL, NULL, &agent), MOOR_OK);
    finds(&t, t.a, "t", MOOR_OK, agent);
    done(t.registry);
}

/* --- counters ------------------------------------------------------------- */

Test(read, the_counters_of_one_story)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 4);
    moor_agent a = spawn(registry), b = spawn(registry), c = spawn(registry);
    moor_ticket ticket = reserve(registry);
    moor_agent agent;
    moor_stats stats;

    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL),
                 MOOR_REFUSED);
    completes(registry, a);
    cr_assert_eq(moor_interrupt(registry, b), MOOR_OK);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    stats = stats_of(registry);
    cr_assert_eq(stats.used, 4);
    cr_assert_eq(stats.live, 1);
    cr_assert_eq(stats.idle, 2);
    cr_assert_eq(stats.tickets, 1);
    cr_assert_eq(stats.turn, 1);
    cr_assert_eq(stats.spawned, 3);
    cr_assert_eq(stats.refused[MOOR_LIMIT_RUNNING], 1);
    cr_assert_eq(stats.completed, 1);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, NULL), MOOR_OK);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_eq(close_it(registry, a), MOOR_OK);
    cr_assert_eq(close_it(registry, c), MOOR_OK);
    stats = stats_of(registry);
    cr_assert_eq(stats.used, 0);
    cr_assert_eq(stats.live, 0);
    cr_assert_eq(stats.idle, 1);
    cr_assert_eq(stats.tickets, 0);
    cr_assert_eq(stats.closed, 2);
    cr_assert_eq(stats.reaped, 2);
    cr_assert_eq(stats.released, 3);
    cr_assert_eq(moor_stats_of(registry, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_stats_of(NULL, &stats), MOOR_BAD_ARGUMENT);
    done(registry);
}

/* A look at a result ends: what is replaced later is freed. */
Test(read, who_has_read_results_keeps_none_of_those_that_come_later)
{
    enum { RESULTS = 400, FEW = 100 };
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    for (int i = 0; i < RESULTS; i++) {
        cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "text",
                                 4),
                     MOOR_OK);
        cr_assert(result_is(registry, agent, "text"));
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    }
    cr_assert_lt(stats_of(registry).unfreed, FEW);
    done(registry);
}
