/*
 * The journal: every change is noted once, until it is taken; what was noted
 * can be read, also when it has been closed since.
 */
#include "given.h"

#include "threads.h"

static const moor_agent nobody;

static moor_registry *given_journal(void)
{
    moor_config config;

    moor_config_default(&config);
    config.journal = true;
    return given_config(&config);
}

static moor_agent spawned(moor_registry *registry, moor_agent parent,
                          const char *name)
{
    const moor_spawn_options options = {.parent = parent, .name = name};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

/* Takes all; how many. */
static size_t take(moor_registry *registry, moor_agent *agents, size_t room)
{
    size_t count;
    bool behind;

    cr_assert_eq(moor_changes(registry, agents, room, &count, &behind),
                 MOOR_OK);
    cr_assert_not(behind);
    return count;
}

static moor_change read_done(moor_registry *registry, moor_agent agent)
{
    moor_change change;
    char text[16] = "";

    cr_assert_eq(moor_change_read(registry, agent, &change, text, sizeof text),
                 MOOR_OK);
    cr_assert_eq(moor_change_done(registry, agent), MOOR_OK);
    return change;
}

Test(journal, each_change_is_noted_once)
{
    moor_registry *registry = given_journal();
    moor_agent taken[4], agent = spawned(registry, nobody, "a");
    moor_change change;

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "ok", 2),
                 MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    cr_assert_eq(taken[0].bits, agent.bits);
    change = read_done(registry, agent);
    cr_assert_eq(change.info.status, MOOR_STATUS_COMPLETED);
    cr_assert_str_eq(change.info.path, "/root/a");
    cr_assert_eq(change.length, 2);
    cr_assert_not(change.closed);
    cr_assert_eq(take(registry, taken, 4), 0);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    change = read_done(registry, agent);
    cr_assert_eq(change.info.status, MOOR_STATUS_RUNNING);
    cr_assert_eq(change.length, 0);
    moor_destroy(registry);
}

Test(journal, a_closed_agent_is_read_as_it_left)
{
    static const moor_status last[] = {MOOR_STATUS_COMPLETED,
                                       MOOR_STATUS_SHUTDOWN};
    moor_registry *registry = given_journal();

    for (int live = 0; live < 2; live++) {
        moor_agent taken[4], above = spawned(registry, nobody, "above");
        moor_agent agent = spawned(registry, above, "a");
        moor_info info;
        moor_change change;

        cr_assert_eq(moor_info_of(registry, agent, &info), MOOR_OK);
        if (!live) completes(registry, agent);
        cr_assert_eq(moor_close(registry, above, MOOR_CLOSE_TREE, NULL),
                     MOOR_OK);
        cr_assert_eq(take(registry, taken, 4), 2);
        for (int i = 0; i < 2; i++) {
            change = read_done(registry, taken[i]);
            cr_assert(change.closed);
            cr_assert_not(change.failed);
            if (taken[i].bits != agent.bits) continue;
            cr_assert_eq(change.info.status, last[live]);
            cr_assert_str_eq(change.info.path, "/root/above/a");
            cr_assert_eq(memcmp(&change.info.id, &info.id, sizeof info.id), 0);
        }
        /* Nobody holds it any more. */
        cr_assert_eq(moor_change_read(registry, agent, &change, NULL, 0),
                     MOOR_STALE);
    }
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}

Test(journal, a_failed_start_says_so)
{
    moor_registry *registry = given_journal();
    moor_agent taken[4], agent = spawned(registry, nobody, "a");
    moor_change change;

    cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    change = read_done(registry, agent);
    cr_assert(change.closed && change.failed);
    moor_destroy(registry);
}

Test(journal, a_few_at_a_time)
{
    enum { AGENTS = 10 };
    moor_registry *registry = given_journal();
    moor_agent taken[3];
    size_t count, sum = 0;

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 0; i < AGENTS; i++)
        (void)spawned(registry, nobody, NULL);
    while ((count = take(registry, taken, 3)) > 0) {
        for (size_t i = 0; i < count; i++)
            (void)read_done(registry, taken[i]);
        sum += count;
    }
    cr_assert_eq(sum, AGENTS);
    moor_destroy(registry);
}

Test(journal, newest_first)
{
    moor_registry *registry = given_journal();
    moor_agent taken[4], agents[3];

    for (int i = 0; i < 3; i++)
        agents[i] = spawned(registry, nobody, NULL);
    completes(registry, agents[0]); /* noted already */
    cr_assert_eq(take(registry, taken, 4), 3);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(taken[i].bits, agents[2 - i].bits);
        (void)read_done(registry, taken[i]);
    }
    moor_destroy(registry);
}

Test(journal, beyond_its_room_it_says_that_it_is_behind)
{
    moor_registry *registry = given_journal();
    moor_agent taken[64];
    size_t count, sum = 0;
    bool behind, was = false;

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 0; i < MOOR_JOURNAL_MAX + 10; i++)
        (void)spawned(registry, nobody, NULL);
    do {
        cr_assert_eq(moor_changes(registry, taken, 64, &count, &behind),
                     MOOR_OK);
        was |= behind;
        for (size_t i = 0; i < count; i++)
            (void)moor_change_done(registry, taken[i]);
        sum += count;
    } while (count > 0);
    cr_assert(was);
    cr_assert_eq(sum, MOOR_JOURNAL_MAX);
    moor_destroy(registry);
}

Test(journal, there_is_none_without_being_asked_for)
{
    moor_registry *registry = given();
    moor_agent agent;
    size_t count;
    bool behind;

    cr_assert_eq(moor_changes(registry, &agent, 1, &count, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wake(registry), MOOR_BAD_ARGUMENT);
    moor_destroy(registry);
}

Test(journal, who_waits_is_told)
{
    moor_registry *registry = given_journal();
    moor_agent taken[4];

    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_TIMED_OUT);
    (void)spawned(registry, nobody, NULL);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    (void)read_done(registry, taken[0]);
    cr_assert_eq(moor_journal_wait(registry, 1), MOOR_TIMED_OUT);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_DEPTH, 3), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(moor_journal_wake(registry), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_TIMED_OUT);
    moor_destroy(registry);
}

/* A closed agent that is noted is held by its note, also after a recovery. */
Test(journal, is_recovered)
{
    moor_registry *registry = given_journal();
    moor_agent taken[4], agent = spawned(registry, nobody, "a");
    moor_agent other = spawned(registry, nobody, "b");
    size_t count;
    bool behind;

    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_changes(registry, taken, 4, &count, &behind), MOOR_OK);
    cr_assert(behind);
    cr_assert_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        moor_change change = read_done(registry, taken[i]);

        cr_assert_eq(change.closed, taken[i].bits == agent.bits);
    }
    cr_assert_eq(take(registry, taken, 4), 0);
    completes(registry, other);
    cr_assert_eq(take(registry, taken, 4), 1);
    (void)read_done(registry, taken[0]);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}
