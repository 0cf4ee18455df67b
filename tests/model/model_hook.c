/*
 * The on-release hook: once for each charge, whatever takes the slot.
 *
 * Goal    When everything is closed the hook has run as often as slots were
 *         charged for agents: once for the commit, once for each run_again that
 *         succeeded; never for a ticket and never for a failed start; and at no
 *         time more often.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 *
 *   root - p - a
 */
#include <string.h>

#include "world/world.h"

static moor_agent p, a;
static uint64_t charges_of_a, hooks_of_a, hooks_of_p, hooks_of_others;
static bool start_failed;

static void on_release(void *context, moor_registry *registry, moor_agent agent,
                       moor_status status)
{
    moor_status now;

    hooks_of_a += agent.bits == a.bits;
    hooks_of_p += agent.bits == p.bits;
    hooks_of_others += agent.bits != a.bits && agent.bits != p.bits;
    WORLD_EXPECT(context == &hooks_of_a && registry == world);
    WORLD_EXPECT(status == MOOR_STATUS_COMPLETED ||
                 status == MOOR_STATUS_ERRORED ||
                 status == MOOR_STATUS_SHUTDOWN);
    (void)moor_status_of(registry, agent, &now); /* it may call */
}

static void make(moor_release release, bool events, uint32_t running)
{
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.events = events;
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.on_release = on_release;
    config.on_release_context = &hooks_of_a;
    world_make_with(&config);
    hooks_of_a = hooks_of_p = hooks_of_others = 0;
    charges_of_a = 1;
    start_failed = false;
    p = world_spawn((moor_agent){0}, "p");
    a = world_spawn(p, "a");
}

static void completing(void)
{
    make(MOOR_ON_COMPLETION, false, 6);
}

static void with_events(void)
{
    make(MOOR_ON_COMPLETION, true, 6);
}

static void idle(void)
{
    make(MOOR_ON_COMPLETION, false, 6);
    world_expect_error("finish", world_finish(a), MOOR_OK);
}

static void kept(void)
{
    make(MOOR_ON_TURN_END, false, 6);
    world_expect_error("finish", world_finish(a), MOOR_OK);
    WORLD_EXPECT(hooks_of_a == 0);
}

/* No slot is free but by a. */
static void full(void)
{
    make(MOOR_ON_RESERVE, false, 2);
    world_expect_error("finish", world_finish(a), MOOR_OK);
}

static void finish_a(void)
{
    (void)world_finish(a);
}

static void died_a(void)
{
    (void)moor_died(world, a);
}

static void close_a(void)
{
    (void)world_close_tree(a);
}

static void close_p(void)
{
    (void)world_close_tree(p);
}

static void reap(void)
{
    (void)moor_reap(world, NULL);
}

static void turn_end(void)
{
    (void)moor_turn_end(world, MOOR_LEFT_KEEP, NULL);
}

static void again(void)
{
    charges_of_a += moor_run_again(world, a, NULL) == MOOR_OK;
}

static void spawn_x(void)
{
    moor_agent x;

    if (world_try_spawn((moor_agent){0}, "x", &x) == MOOR_OK) {
        (void)world_finish(x);
    }
}

static void ticket(void)
{
    const moor_spawn_options options = {.name = "t"};
    moor_ticket t;

    if (moor_reserve(world, &options, &t, NULL) == MOOR_OK) {
        (void)moor_abandon(world, t);
    }
}

static void fail_start(void)
{
    start_failed = moor_start_failed(world, a) == MOOR_OK;
}

static void judge_hooks(uint64_t others)
{
    WORLD_EXPECT(hooks_of_a <= charges_of_a);
    world_expect_error(
        "close", moor_close(world, moor_root(world), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    if (start_failed) charges_of_a--;
    if (hooks_of_a != charges_of_a || hooks_of_p != 1 ||
        hooks_of_others != others) {
        model_fail("a: %llu hooks for %llu charges; p: %llu; others: %llu",
                   (unsigned long long)hooks_of_a,
                   (unsigned long long)charges_of_a,
                   (unsigned long long)hooks_of_p,
                   (unsigned long long)hooks_of_others);
    }
    world_end();
}

static void judge(void)
{
    judge_hooks(0);
}

/* x was admitted: it takes the slot of a over, or finds it given. */
static void judge_x(void)
{
    moor_stats stats;

    (void)moor_stats_of(world, &stats);
    judge_hooks(stats.spawned - 2);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish_finish", completing, {finish_a, finish_a}, 2, judge, 0},
    {"finish_close", completing, {finish_a, close_a}, 2, judge, 0},
    {"finish_close_events", with_events, {finish_a, close_a, close_a}, 3, judge,
     2},
    {"finish_close_above", completing, {finish_a, close_p}, 2, judge, 2},
    {"died_finish", completing, {died_a, finish_a}, 2, judge, 0},
    {"start_failed_finish", completing, {fail_start, finish_a}, 2, judge, 2},
    {"start_failed_close", completing, {fail_start, close_a}, 2, judge, 2},
    {"again_close", idle, {again, close_a, reap}, 3, judge, 2},
    {"ticket_close", completing, {ticket, close_a}, 2, judge, 2},
    {"kept_reap_again", kept, {reap, again}, 2, judge, 2},
    {"kept_reap_close", kept, {reap, close_a}, 2, judge, 2},
    {"kept_again_close", kept, {again, close_a}, 2, judge, 2},
    {"kept_turn_end_again", kept, {turn_end, again, close_a}, 3, judge, 2},
    {"reserve_again", full, {spawn_x, again}, 2, judge_x, 2},
    {"reserve_close", full, {spawn_x, close_a}, 2, judge_x, 2},
    {"reserve_reap", full, {spawn_x, reap}, 2, judge_x, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
