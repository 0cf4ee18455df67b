/*
 * When a slot comes back: the four release policies, reap, died, and close.
 */
#include "given.h"

static moor_error try_spawn(moor_registry *registry)
{
    moor_agent agent;

    return moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL);
}

static bool has_slot(moor_registry *registry, moor_agent agent)
{
    return info_of(registry, agent).slot;
}

static uint64_t reap(moor_registry *registry)
{
    uint64_t reaped = 999;

    cr_assert_eq(moor_reap(registry, &reaped), MOOR_OK);
    return reaped;
}

static moor_turn_ended turn_end(moor_registry *registry)
{
    moor_turn_ended answer;

    memset(&answer, 0x5a, sizeof answer);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, &answer), MOOR_OK);
    return answer;
}

static const moor_status idles[] = {MOOR_STATUS_INTERRUPTED,
                                    MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED,
                                    MOOR_STATUS_SHUTDOWN};

/* One agent in each idle status, so that four slots are held or not. */
static void four_idle(moor_registry *registry, moor_agent agents[4])
{
    for (int i = 0; i < 4; i++) {
        agents[i] = spawn(registry);
        bring(registry, agents[i], idles[i]);
    }
}

static void expect_counts(moor_registry *registry, uint64_t in_use,
                          uint64_t reaped, uint64_t released)
{
    moor_stats stats = stats_of(registry);

    cr_assert_eq(stats.used, in_use);
    cr_assert_eq(stats.reaped, reaped);
    cr_assert_eq(stats.released, released);
}

/* --- on_completion -------------------------------------------------------- */

Test(release, on_completion_in_the_step_that_makes_idle)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent agents[4];

    four_idle(registry, agents); /* each finds the slot of the one before */
    for (int i = 0; i < 4; i++) {
        cr_assert_not(has_slot(registry, agents[i]));
    }
    expect_counts(registry, 0, 0, 4);
    cr_assert_eq(reap(registry), 0);
    cr_assert_eq(turn_end(registry).released, 0);
    expect_counts(registry, 0, 0, 4);
    done(registry);
}

/* The incident that this library is for: nobody ever closes. */
Test(release, on_completion_nothing_leaks_over_many_rounds)
{
    moor_registry *registry = given();

    for (int round = 0; round < 9; round++) {
        for (int i = 0; i < 24; i++) {
            completes(registry, spawn(registry));
        }
    }
    expect_counts(registry, 0, 0, 9 * 24);
    cr_assert_eq(stats_of(registry).idle, 9 * 24);
    done(registry);
}

/* --- on_turn_end ---------------------------------------------------------- */

Test(release, on_turn_end_at_the_end_of_the_turn)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 5);
    moor_agent agents[4], live = spawn(registry);
    moor_turn_ended answer;

    four_idle(registry, agents);
    expect_counts(registry, 5, 0, 0);
    cr_assert_eq(try_spawn(registry), MOOR_REFUSED);
    answer = turn_end(registry);
    cr_assert_eq(answer.released, 4);
    cr_assert_eq(answer.ended, 0);
    expect_counts(registry, 1, 4, 4);
    for (int i = 0; i < 4; i++) {
        cr_assert_not(has_slot(registry, agents[i]));
        cr_assert_eq(status_of(registry, agents[i]), idles[i]);
    }
    cr_assert(has_slot(registry, live));
    cr_assert_eq(turn_end(registry).released, 0);
    done(registry);
}

Test(release, on_turn_end_idle_agents_of_any_turn)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 6);
    moor_agent early = spawn(registry), late;

    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    late = spawn(registry);
    completes(registry, early);
    completes(registry, late);
    cr_assert_eq(turn_end(registry).released, 2);
    expect_counts(registry, 0, 2, 2);
    done(registry);
}

Test(release, reap_does_not_wait_for_the_end_of_the_turn)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 6);
    moor_agent agents[4];

    four_idle(registry, agents);
    cr_assert_eq(reap(registry), 4);
    expect_counts(registry, 0, 4, 4);
    cr_assert_eq(reap(registry), 0);
    cr_assert_eq(stats_of(registry).idle, 4, "they stay in the tree");
    done(registry);
}

/* --- on_reserve ----------------------------------------------------------- */

Test(release, on_reserve_when_an_admission_finds_no_slot)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 5);
    moor_agent agents[4], live = spawn(registry);

    four_idle(registry, agents);
    expect_counts(registry, 5, 0, 0);
    cr_assert_eq(try_spawn(registry), MOOR_OK);
    expect_counts(registry, 2, 4, 4);
    for (int i = 0; i < 4; i++) {
        cr_assert_not(has_slot(registry, agents[i]), "all idle ones");
    }
    cr_assert(has_slot(registry, live));
    done(registry);
}

Test(release, on_reserve_nothing_while_a_slot_is_free)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 6);
    moor_agent agents[4];

    four_idle(registry, agents);
    cr_assert_eq(try_spawn(registry), MOOR_OK);
    expect_counts(registry, 5, 0, 0);
    cr_assert_eq(turn_end(registry).released, 0);
    expect_counts(registry, 5, 0, 0);
    done(registry);
}

Test(release, on_reserve_each_kind_of_admission_reaps)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 1);
    moor_agent agent = spawn(registry), other;
    moor_ticket ticket;

    completes(registry, agent);
    ticket = reserve(registry);
    cr_assert_not(has_slot(registry, agent));
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_REFUSED);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &other), MOOR_OK);
    completes(registry, other);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_not(has_slot(registry, other));
    expect_counts(registry, 1, 2, 2);
    done(registry);
}

Test(release, on_reserve_a_refusal_for_another_reason_reaps_nobody)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 1);
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_LIFETIME, 1), MOOR_OK);
    cr_assert_eq(try_spawn(registry), MOOR_REFUSED);
    cr_assert(has_slot(registry, agent));
    expect_counts(registry, 1, 0, 0);
    done(registry);
}

Test(release, on_reserve_under_a_lowered_limit_reaps_and_still_refuses)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 6);
    moor_agent agents[4];

    (void)spawn(registry);
    four_idle(registry, agents);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 1), MOOR_OK);
    cr_assert_eq(try_spawn(registry), MOOR_REFUSED);
    expect_counts(registry, 1, 4, 4);
    done(registry);
}

/* --- on_close ------------------------------------------------------------- */

Test(release, on_close_only_when_it_is_closed)
{
    moor_registry *registry = given_policy(MOOR_ON_CLOSE, 4);
    moor_agent agents[4];

    four_idle(registry, agents);
    cr_assert_eq(try_spawn(registry), MOOR_REFUSED);
    cr_assert_eq(reap(registry), 0);
    cr_assert_eq(turn_end(registry).released, 0);
    expect_counts(registry, 4, 0, 0);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
        expect_counts(registry, 3 - (uint64_t)i, 0, (uint64_t)i + 1);
    }
    cr_assert_eq(try_spawn(registry), MOOR_OK);
    done(registry);
}

/* The production incident, replayed: it leaks as it did. */
Test(release, on_close_leaks_by_design)
{
    moor_registry *registry = given_policy(MOOR_ON_CLOSE, 12);

    for (int i = 0; i < 24; i++) {
        moor_agent agent = spawn(registry);

        completes(registry, agent);
        if (i < 14) cr_assert_eq(close_it(registry, agent), MOOR_OK);
    }
    cr_assert_eq(used(registry), 10);
    cr_assert_eq(stats_of(registry).live, 0);
    done(registry);
}

/* --- whatever the policy -------------------------------------------------- */

static void each_policy(void (*look)(moor_registry *registry))
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = given_policy((moor_release)release, 2);

        look(registry);
        done(registry);
    }
}

static void died_releases(moor_registry *registry)
{
    moor_agent pending = spawn(registry), running = spawn(registry);

    bring(registry, running, MOOR_STATUS_RUNNING);
    cr_assert_eq(moor_died(registry, pending), MOOR_OK);
    cr_assert_not(has_slot(registry, pending));
    expect_counts(registry, 1, 0, 1);
    cr_assert_eq(moor_died(registry, running), MOOR_OK);
    cr_assert_not(has_slot(registry, running));
    expect_counts(registry, 0, 0, 2);
    cr_assert_eq(moor_died(registry, running), MOOR_WRONG_STATUS);
    expect_counts(registry, 0, 0, 2);
}

Test(release, died_gives_the_slot_back_under_every_policy)
{
    each_policy(died_releases);
}

static void close_releases_once(moor_registry *registry)
{
    moor_agent live = spawn(registry), idle = spawn(registry);

    completes(registry, idle);
    cr_assert_eq(close_it(registry, live), MOOR_OK);
    cr_assert_eq(close_it(registry, idle), MOOR_OK);
    cr_assert_eq(close_it(registry, idle), MOOR_STALE);
    expect_counts(registry, 0, 0, 2);
}

Test(release, close_gives_the_slot_back_once_under_every_policy)
{
    each_policy(close_releases_once);
}

static void tickets_and_failed_starts(moor_registry *registry)
{
    cr_assert_eq(moor_abandon(registry, reserve(registry)), MOOR_OK);
    cr_assert_eq(moor_start_failed(registry, spawn(registry)), MOOR_OK);
    expect_counts(registry, 0, 0, 0);
}

Test(release, what_never_ran_gives_back_without_a_release)
{
    each_policy(tickets_and_failed_starts);
}

static void live_ones_keep_theirs(moor_registry *registry)
{
    moor_agent pending = spawn(registry), running = spawn(registry);

    bring(registry, running, MOOR_STATUS_RUNNING);
    cr_assert_eq(reap(registry), 0);
    cr_assert_eq(turn_end(registry).released, 0);
    cr_assert_eq(try_spawn(registry), MOOR_REFUSED);
    cr_assert(has_slot(registry, pending));
    cr_assert(has_slot(registry, running));
    expect_counts(registry, 2, 0, 0);
}

Test(release, nobody_takes_the_slot_of_a_live_one)
{
    each_policy(live_ones_keep_theirs);
}

/* Idle with its slot: run_again keeps it, which is a release and an admission
 * in one step; without it, it is charged anew. */
static void run_again_charges_once(moor_registry *registry)
{
    moor_agent agent = spawn(registry);

    for (uint64_t run = 1; run <= 3; run++) {
        completes(registry, agent);
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
        cr_assert(has_slot(registry, agent));
        expect_counts(registry, 1, 0, run);
    }
}

Test(release, run_again_charges_once_under_every_policy)
{
    each_policy(run_again_charges_once);
}

static void after_a_reap_it_is_charged(moor_registry *registry)
{
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    (void)reap(registry);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert(has_slot(registry, agent));
    cr_assert_eq(used(registry), 1);
}

Test(release, run_again_after_a_reap)
{
    each_policy(after_a_reap_it_is_charged);
}

Test(release, reap_takes_null_and_answers_through_it)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 2);

    completes(registry, spawn(registry));
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    cr_assert_eq(used(registry), 0);
    cr_assert_eq(moor_reap(NULL, NULL), MOOR_BAD_ARGUMENT);
    done(registry);
}
