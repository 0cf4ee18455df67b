/*
 * From kept agents to a registry: everything is as it was, what does not fit is
 * told, and what is wrong changes nothing.
 */
#include "given.h"

#include "books.h"

enum { MOST = 8 };

static moor_registry *registry;
static moor_agent agents[MOST];
static moor_restored outcomes[MOST];
static size_t wrong;

static moor_id id_number(uint8_t number)
{
    return (moor_id){{number, 1}};
}

static moor_kept kept(uint8_t number, size_t parent, const char *path,
                      moor_status status)
{
    return (moor_kept){.parent = parent,
                       .id = id_number(number),
                       .path = path,
                       .status = status};
}

static moor_error restore(const moor_kept *all, size_t count)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    config.limits[MOOR_LIMIT_DEPTH] = 1;
    config.journal = true;
    registry = NULL;
    wrong = MOST;
    return moor_restore(&config, all, count, 7, 100, &registry, agents,
                        outcomes, &wrong);
}

static void all_sound(void)
{
    char text[200];

    cr_assert_eq(moor_check(registry, true, text, sizeof text), MOOR_OK, "%s",
                 text);
    moor_destroy(registry);
}

static moor_info info_of_agent(size_t which)
{
    moor_info info;

    cr_assert_eq(moor_info_of(registry, agents[which], &info), MOOR_OK);
    return info;
}

Test(restore, nothing)
{
    moor_config defaults;
    moor_stats stats;

    cr_assert_eq(restore(NULL, 0), MOOR_OK);
    cr_assert_eq(moor_stats_of(registry, &stats), MOOR_OK);
    cr_assert_eq(stats.turn, 7);
    cr_assert_eq(moor_lifetime_used(registry), 100);
    cr_assert_eq(moor_turn_now(registry), 7);
    cr_assert_eq(moor_turn_now(NULL), 0);
    all_sound();
    /* With the settings by default. */
    moor_config_default(&defaults);
    cr_assert_eq(moor_restore(NULL, NULL, 0, 0, 0, &registry, NULL, NULL, NULL),
                 MOOR_OK);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit,
                 defaults.limits[MOOR_LIMIT_RUNNING]);
    all_sound();
}

Test(restore, everything_as_it_was)
{
    moor_kept all[] = {kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_RUNNING),
                       kept(2, 0, "/root/a/b", MOOR_STATUS_COMPLETED),
                       kept(3, 1, "/root/a/b/c", MOOR_STATUS_PENDING_INIT)};
    moor_info info;
    moor_stats stats;
    moor_agent found;
    moor_changed changed[MOST];
    char text[8];
    size_t length;
    bool behind;

    all[0].nickname = "Plato the 2nd";
    all[0].role = "explorer";
    all[0].turn = 6;
    all[1].role = ""; /* none */
    all[1].text = "ok";
    all[1].length = 2;
    cr_assert_eq(restore(all, 3), MOOR_OK);
    info = info_of_agent(0);
    cr_assert_eq(info.status, MOOR_STATUS_RUNNING);
    cr_assert(info.slot);
    cr_assert_str_eq(info.nickname, "Plato the 2nd");
    cr_assert_str_eq(info.role, "explorer");
    cr_assert_eq(info.turn, 6);
    info = info_of_agent(1);
    cr_assert_eq(info.status, MOOR_STATUS_COMPLETED);
    cr_assert_not(info.slot);
    cr_assert_eq(info.parent.bits, agents[0].bits);
    cr_assert_eq(moor_result(registry, agents[1], text, sizeof text, &length),
                 MOOR_OK);
    cr_assert(length == 2 && memcmp(text, "ok", 2) == 0);
    info = info_of_agent(2);
    cr_assert_eq(info.status, MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(info.depth, 3); /* whatever the limit is by now */
    cr_assert_eq(moor_find_id(registry, &all[2].id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agents[2].bits);
    cr_assert_eq(moor_stats_of(registry, &stats), MOOR_OK);
    cr_assert_eq(stats.used, 2);
    cr_assert_eq(stats.resident, 2);
    cr_assert_eq(stats.spawned, 0);
    cr_assert_eq(stats.released, 0);
    /* Nothing has changed: nothing is noted. */
    cr_assert_eq(moor_changes(registry, changed, MOST, &length, &behind),
                 MOOR_OK);
    cr_assert_eq(length, 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 2);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_DEPTH).limit, 1);
    all_sound();
}

/* Lists are for those to come. */
Test(restore, who_had_no_nickname_has_none)
{
    static const char *const names[] = {"Plato", "Kant"};
    moor_kept all[] = {
        kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_RUNNING),
        kept(2, MOOR_KEPT_ROOT, "/root/b", MOOR_STATUS_COMPLETED)};
    moor_config config;

    moor_config_default(&config);
    config.nicknames = names;
    config.nicknames_count = 2;
    all[1].nickname = "Plato";
    cr_assert_eq(moor_restore(&config, all, 2, 0, 2, &registry, agents,
                              outcomes, NULL),
                 MOOR_OK);
    cr_assert_str_eq(info_of_agent(0).nickname, "");
    cr_assert_str_eq(info_of_agent(1).nickname, "Plato");
    agents[2] = spawn(registry);
    cr_assert_str_eq(info_of_agent(2).nickname, "Kant");
    all_sound();
}

Test(restore, what_does_not_fit_comes_back_interrupted)
{
    static const char *const paths[] = {"/root/a", "/root/b", "/root/c"};
    moor_kept all[3];

    for (uint8_t i = 0; i < 3; i++)
        all[i] = kept((uint8_t)(i + 1), MOOR_KEPT_ROOT, paths[i],
                      MOOR_STATUS_RUNNING);
    cr_assert_eq(restore(all, 3), MOOR_OK);
    cr_assert_eq(outcomes[0], MOOR_RESTORED_LIVE);
    cr_assert_eq(outcomes[1], MOOR_RESTORED_LIVE);
    cr_assert_eq(outcomes[2], MOOR_RESTORED_INTERRUPTED);
    cr_assert_eq(info_of_agent(2).status, MOOR_STATUS_INTERRUPTED);
    cr_assert_not(info_of_agent(2).slot);
    completes(registry, agents[0]);
    cr_assert_eq(moor_run_again(registry, agents[2], NULL), MOOR_OK);
    all_sound();
}

/* One that is gone was the parent of one that is not; its path is another's. */
Test(restore, whom_the_next_above_has_adopted)
{
    moor_kept all[] = {
        kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_COMPLETED),
        kept(2, 0, "/root/a/b", MOOR_STATUS_COMPLETED),
        kept(3, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_ERRORED),
        kept(4, 2, "/root/a/c", MOOR_STATUS_COMPLETED),
        kept(5, 2, "/root/a/d", MOOR_STATUS_COMPLETED)};
    moor_agent found;

    all[0].closed = all[4].closed = true;
    cr_assert_eq(restore(all, 5), MOOR_OK);
    cr_assert_eq(outcomes[0], MOOR_RESTORED_CLOSED);
    cr_assert_eq(outcomes[4], MOOR_RESTORED_CLOSED);
    cr_assert_eq(info_of_agent(1).parent.bits, moor_root(registry).bits);
    cr_assert_eq(info_of_agent(3).parent.bits, agents[2].bits);
    cr_assert_eq(moor_find_path(registry, (moor_agent){0}, "/root/a", &found),
                 MOOR_OK);
    cr_assert_eq(found.bits, agents[2].bits);
    cr_assert_eq(moor_find_id(registry, &all[0].id, &found), MOOR_NOT_FOUND);
    /* Nor is one there whose path nobody wanted. */
    cr_assert_eq(moor_find_id(registry, &all[4].id, &found), MOOR_NOT_FOUND);
    all_sound();
}

static void is_wrong(const moor_kept *all, size_t count, moor_error error,
                     size_t place)
{
    cr_assert_eq(restore(all, count), error);
    cr_assert_eq(wrong, place);
    cr_assert_null(registry);
}

/* Ended by an admission that has a slot, and so looks only where leases are
 * put. */
static void is_ended_by_admissions(size_t which)
{
    moor_waited waited;

    for (int ms = 0; ms < 5000; ms++) {
        cr_assert_eq(close_it(registry, spawn(registry)), MOOR_OK);
        if (moor_wait(registry, MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, agents + which,
                      1, 1, &waited) == MOOR_OK)
            break;
    }
    cr_assert_eq(info_of_agent(which).status, MOOR_STATUS_ERRORED);
}

/* A lease begins anew: at once, or when it runs again. */
Test(restore, leases)
{
    moor_kept all[] = {
        kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_RUNNING),
        kept(2, MOOR_KEPT_ROOT, "/root/b", MOOR_STATUS_COMPLETED),
        kept(3, MOOR_KEPT_ROOT, "/root/c", MOOR_STATUS_INTERRUPTED)};

    all[0].ttl_ms = all[1].ttl_ms = 5;
    all[2].ttl_ms = 1000000;
    cr_assert_eq(restore(all, 3), MOOR_OK);
    cr_assert_eq(outcomes[0], MOOR_RESTORED_LIVE);
    is_ended_by_admissions(0);
    cr_assert_eq(moor_run_again(registry, agents[1], NULL), MOOR_OK);
    is_ended_by_admissions(1);
    cr_assert_eq(moor_run_again(registry, agents[2], NULL), MOOR_OK);
    cr_assert_eq(moor_renew(registry, agents[2]), MOOR_OK);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    cr_assert_eq(info_of_agent(2).status, MOOR_STATUS_RUNNING);
    all_sound();
}

Test(restore, a_lease_that_lasts)
{
    moor_kept one = kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_RUNNING);

    one.ttl_ms = 1000000;
    cr_assert_eq(restore(&one, 1), MOOR_OK);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK); /* looks at all */
    cr_assert_eq(info_of_agent(0).status, MOOR_STATUS_RUNNING);
    all_sound();
}

Test(restore, what_is_wrong)
{
    const moor_kept good = kept(1, MOOR_KEPT_ROOT, "/root/a",
                                MOOR_STATUS_COMPLETED);
    moor_kept all[2] = {good, good};
    char longer[MOOR_NICKNAME_TEXT + 1];

    is_wrong(all, 2, MOOR_PATH_TAKEN, 1);
    all[1] = kept(1, MOOR_KEPT_ROOT, "/root/b", MOOR_STATUS_COMPLETED);
    is_wrong(all, 2, MOOR_ID_TAKEN, 1);
    all[1] = kept(2, 1, "/root/b", MOOR_STATUS_COMPLETED);
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1] = kept(2, 0, "/root/b", MOOR_STATUS_COMPLETED);
    is_wrong(all, 2, MOOR_PATH_MISMATCH, 1);
    all[1] = kept(2, MOOR_KEPT_ROOT, "/root/B", MOOR_STATUS_COMPLETED);
    is_wrong(all, 2, MOOR_BAD_PATH, 1);
    all[1] = kept(2, MOOR_KEPT_ROOT, NULL, MOOR_STATUS_COMPLETED);
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1] = kept(2, MOOR_KEPT_ROOT, "/root/b", MOOR_STATUS_RESERVED);
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1].status = MOOR_STATUS_COMPLETED;
    all[1].length = 1;
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1].length = 0;
    all[1].status = MOOR_STATUSES;
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1].status = MOOR_STATUS_COMPLETED;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    all[1].nickname = longer;
    is_wrong(all, 2, MOOR_BAD_ARGUMENT, 1);
    all[1].nickname = NULL;
    all[1].id = (moor_id){{0}};
    is_wrong(all, 2, MOOR_BAD_ID, 1);
    cr_assert_eq(moor_restore(NULL, all, 1, 0, 0, NULL, agents, outcomes, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(
        moor_restore(NULL, NULL, 1, 0, 0, &registry, agents, outcomes, NULL),
        MOOR_BAD_ARGUMENT);
    cr_assert_eq(
        moor_restore(NULL, all, 1, 0, 0, &registry, NULL, outcomes, NULL),
        MOOR_BAD_ARGUMENT);
    cr_assert_eq(
        moor_restore(NULL, all, 1, 0, 0, &registry, agents, NULL, NULL),
        MOOR_BAD_ARGUMENT);
    cr_assert_null(registry);
    cr_assert_eq(moor_lifetime_used(NULL), 0);
    cr_assert_eq(moor_turn_now(NULL), 0);
}

/* That were handed out so far. */
static uint64_t places_of_texts(moor_registry *books)
{
    return moor_load_acquire(&books->texts.next);
}

/* A result is of a run that has ended; whose it is otherwise is dropped, and
 * its place is the next one's. */
Test(restore, the_text_of_one_that_runs)
{
    moor_kept all[] = {
        kept(1, MOOR_KEPT_ROOT, "/root/a", MOOR_STATUS_RUNNING),
        kept(2, MOOR_KEPT_ROOT, "/root/b", MOOR_STATUS_COMPLETED)};
    moor_registry *fresh = given();

    for (int i = 0; i < 2; i++) {
        all[i].text = "some text";
        all[i].length = 9;
    }
    cr_assert_eq(restore(all, 2), MOOR_OK);
    cr_assert_eq(places_of_texts(registry), places_of_texts(fresh) + 1);
    moor_destroy(fresh);
    cr_assert(result_is(registry, agents[0], ""));
    cr_assert(result_is(registry, agents[1], "some text"));
    completes(registry, agents[0]);
    cr_assert(result_is(registry, agents[0], ""));
    all_sound();
}
