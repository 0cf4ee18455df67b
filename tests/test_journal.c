/*
 * The journal: every change is noted once, until it is taken; what was noted
 * can be read, also when it has been closed since.
 */
#include "journaled.h"

#include "books.h"
#include "clock.h"
#include "threads.h"

Test(journal, each_change_is_noted_once)
{
    moor_registry *registry = given_journal();
    moor_changed taken[4];
    moor_agent agent = spawned(registry, nobody, "a");
    moor_change change;

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "ok", 2),
                 MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    cr_assert_eq(taken[0].agent.bits, agent.bits);
    change = read_done(registry, &taken[0]);
    cr_assert_eq(change.info.status, MOOR_STATUS_COMPLETED);
    cr_assert_str_eq(change.info.path, "/root/a");
    cr_assert_eq(change.length, 2);
    cr_assert_not(change.closed);
    cr_assert_eq(take(registry, taken, 4), 0);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    change = read_done(registry, &taken[0]);
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
        moor_changed taken[4];
        moor_agent above = spawned(registry, nobody, "above");
        moor_agent agent = spawned(registry, above, "a");
        moor_info info;
        moor_change change;

        cr_assert_eq(moor_info_of(registry, agent, &info), MOOR_OK);
        if (!live) completes(registry, agent);
        cr_assert_eq(moor_close(registry, above, MOOR_CLOSE_TREE, NULL),
                     MOOR_OK);
        cr_assert_eq(take(registry, taken, 4), 2);
        for (int i = 0; i < 2; i++) {
            change = read_done(registry, &taken[i]);
            cr_assert(change.closed);
            cr_assert_not(change.failed);
            if (taken[i].agent.bits != agent.bits) continue;
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
    moor_changed taken[4];
    moor_agent agent = spawned(registry, nobody, "a");
    moor_change change;

    cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    change = read_done(registry, &taken[0]);
    cr_assert(change.closed && change.failed);
    moor_destroy(registry);
}

Test(journal, a_few_at_a_time)
{
    enum { AGENTS = 10 };
    moor_registry *registry = given_journal();
    moor_changed taken[3];
    size_t count, sum = 0;

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 0; i < AGENTS; i++)
        (void)spawned(registry, nobody, NULL);
    while ((count = take(registry, taken, 3)) > 0) {
        for (size_t i = 0; i < count; i++)
            (void)read_done(registry, &taken[i]);
        sum += count;
    }
    cr_assert_eq(sum, AGENTS);
    moor_destroy(registry);
}

/* Whatever has happened to them since, and wherever their records lie. */
Test(journal, changes_know_the_order_of_spawns)
{
    moor_registry *registry = given_journal();
    moor_changed taken[8];
    moor_agent agents[6];

    for (int i = 0; i < 3; i++)
        agents[i] = spawned(registry, nobody, NULL);
    for (int i = 2; i > 0; i--)
        cr_assert_eq(moor_close(registry, agents[i], MOOR_CLOSE_BY_RULE, NULL),
                     MOOR_OK);
    cr_assert_eq(take(registry, taken, 8), 3);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(moor_change_done(registry, &taken[i]), MOOR_OK);
    for (int i = 1; i < 6; i++)
        agents[i] = spawned(registry, agents[i - 1], NULL);
    completes(registry, agents[0]);
    cr_assert_eq(moor_run_again(registry, agents[0], NULL), MOOR_OK);
    completes(registry, agents[3]);
    cr_assert_eq(take(registry, taken, 8), 6);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(taken[i].agent.bits, agents[i].bits, "%d", i);
        (void)read_done(registry, &taken[i]);
    }
    moor_destroy(registry);
}

static moor_error closes_one(moor_registry *registry)
{
    return moor_close(registry, spawned(registry, nobody, NULL),
                      MOOR_CLOSE_BY_RULE, NULL);
}

/* No more than that many who have left; who is there is always noted. */
Test(journal, beyond_its_room_it_says_that_it_is_behind)
{
    moor_registry *registry = given_journal();
    moor_agent agent = spawned(registry, nobody, NULL);
    moor_changed taken[64];
    moor_change change;
    size_t count, closed = 0, there = 0;
    bool behind, was = false;

    for (int i = 0; i < MOOR_JOURNAL_MAX; i++)
        cr_assert_eq(closes_one(registry), MOOR_OK);
    cr_assert_eq(moor_changes(registry, taken, 1, &count, &behind), MOOR_OK);
    cr_assert_not(behind);
    cr_assert_eq(count, 1);
    /* One more: the taker is woken for it. */
    cr_assert_eq(closes_one(registry), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    do {
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(
                moor_change_read(registry, taken[i].agent, &change, NULL, 0),
                MOOR_OK);
            *(change.closed ? &closed : &there) += 1;
            cr_assert_eq(moor_change_done(registry, &taken[i]), MOOR_OK);
        }
        cr_assert_eq(moor_changes(registry, taken, 64, &count, &behind),
                     MOOR_OK);
        was |= behind;
    } while (count > 0);
    cr_assert(was);
    cr_assert_eq(closed, MOOR_JOURNAL_MAX);
    cr_assert_eq(there, 1);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    /* There is room again. */
    cr_assert_eq(closes_one(registry), MOOR_OK);
    cr_assert_eq(moor_changes(registry, taken, 64, &count, &behind), MOOR_OK);
    cr_assert_eq(count, 1);
    cr_assert_not(behind);
    cr_assert_eq(moor_change_done(registry, &taken[0]), MOOR_OK);
    completes(registry, agent);
    moor_destroy(registry);
}

/* Who leaves while the journal is full wakes the taker, too. */
Test(journal, who_is_not_kept_rings)
{
    moor_registry *registry = given_journal();
    moor_agent agent;

    for (int i = 0; i < MOOR_JOURNAL_MAX; i++)
        cr_assert_eq(closes_one(registry), MOOR_OK);
    agent = spawned(registry, nobody, NULL);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_TIMED_OUT);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_OK);
    moor_destroy(registry);
}

/* What was noted behind a pass that found no room is found by the next call,
 * wherever that pass has stopped. */
Test(journal, what_lies_behind_a_broken_pass_is_not_forgotten)
{
    enum { AGENTS = 16 };

    for (size_t room = 1; room <= AGENTS; room++) {
        moor_registry *registry = given_journal();
        moor_agent agents[AGENTS];
        moor_changed taken[2 * AGENTS];

        cr_assert_eq(
            moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
            MOOR_OK);
        for (int i = 0; i < AGENTS; i++)
            agents[i] = spawned(registry, nobody, NULL);
        cr_assert_eq(take(registry, taken, room), room);
        cr_assert_eq(moor_journal_wait(registry, 0), MOOR_OK);
        for (int i = 0; i < AGENTS; i++)
            completes(registry, agents[i]);
        cr_assert_eq(take(registry, taken, 2 * AGENTS), AGENTS, "%zu", room);
        for (int i = 0; i < AGENTS; i++)
            cr_assert_eq(taken[i].agent.bits, agents[i].bits);
        moor_destroy(registry);
    }
}

/* It has left since it was taken: it is taken once more, and kept till then. */
Test(journal, who_leaves_in_hand_is_noted_again)
{
    moor_registry *registry = given_journal();
    moor_changed taken[4], again[4];
    moor_agent agent = spawned(registry, nobody, "a");
    moor_change change;

    cr_assert_eq(take(registry, taken, 4), 1);
    cr_assert_not(taken[0].closed);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_change_done(registry, &taken[0]), MOOR_OK);
    cr_assert_eq(take(registry, again, 4), 1);
    cr_assert_eq(again[0].agent.bits, agent.bits);
    cr_assert(read_done(registry, &again[0]).closed);
    cr_assert_eq(moor_change_read(registry, agent, &change, NULL, 0),
                 MOOR_STALE);
    /* Done twice: the next life of that record is not let go for it. */
    agent = spawned(registry, nobody, "b");
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_change_done(registry, &again[0]), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    cr_assert_eq(life_index(agent.bits), life_index(again[0].agent.bits));
    cr_assert(read_done(registry, &taken[0]).closed);
    cr_assert_eq(moor_change_done(registry, NULL), MOOR_BAD_ARGUMENT);
    moor_destroy(registry);
}

Test(journal, there_is_none_without_being_asked_for)
{
    moor_registry *registry = given();
    moor_changed changed = {.closed = true};
    size_t count;
    bool behind;

    cr_assert_eq(moor_changes(registry, &changed, 1, &count, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_change_done(registry, &changed), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wake(registry), MOOR_BAD_ARGUMENT);
    moor_destroy(registry);
}

Test(journal, who_waits_is_told)
{
    moor_registry *registry = given_journal();
    moor_changed taken[4];

    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_TIMED_OUT);
    (void)spawned(registry, nobody, NULL);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    (void)read_done(registry, &taken[0]);
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

/* While the taker was told and has not looked, nobody else wakes it. */
Test(journal, one_wakes_it_for_all)
{
    moor_registry *registry = given_journal();
    struct event *event = &registry->journal->event;
    uint32_t quiet = event_value(event), rung;
    moor_agent agent = spawned(registry, nobody, "a");

    rung = event_value(event);
    cr_assert_neq(rung, quiet);
    completes(registry, agent);
    (void)spawned(registry, nobody, "b");
    cr_assert_eq(event_value(event), rung);
    cr_assert_eq(moor_journal_wait(registry, MOOR_FOREVER), MOOR_OK);
    (void)spawned(registry, nobody, "c");
    cr_assert_neq(event_value(event), rung);
    moor_destroy(registry);
}

Test(journal, waiting_takes_its_time)
{
    enum { MS = 20 };
    moor_registry *registry = given_journal();
    uint64_t began = clock_exact_ms();

    cr_assert_eq(moor_journal_wait(registry, MS), MOOR_TIMED_OUT);
    cr_assert_geq(clock_exact_ms() - began, MS - 1);
    moor_destroy(registry);
}

Test(journal, bad_arguments)
{
    moor_registry *registry = given_journal();
    moor_agent agent = spawned(registry, nobody, "a");
    moor_changed taken[1];
    moor_change change;
    size_t count = 7;
    bool behind = true;

    cr_assert_eq(moor_changes(NULL, taken, 1, &count, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_changes(registry, NULL, 1, &count, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_changes(registry, taken, 0, &count, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_changes(registry, taken, 1, NULL, &behind),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_changes(registry, taken, 1, &count, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert(count == 7 && behind);
    cr_assert_eq(moor_change_read(NULL, agent, &change, NULL, 0),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_change_read(registry, agent, NULL, NULL, 0),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_change_read(registry, agent, &change, NULL, 1),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_change_done(NULL, taken), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wait(NULL, 0), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_journal_wake(NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_changes(registry, taken, 1, &count, &behind), MOOR_OK);
    cr_assert_eq(count, 1);
    moor_destroy(registry);
}
