/*
 * How long slots are held, when several calls contend for one agent.
 *
 * Goal    Each charge is counted once, by whoever took the slot; and with the
 *         time of that very charge, whatever others noted meanwhile.
 * Method  every schedule up to the order of independent steps.
 */
#include "books.h"
#include "clock.h"
#include "world/world.h"

/* The first charge is held from 1 s to 2 s; all else happens at 5 s. */
enum { FIRST_MS = 1000, END_MS = 2000, LATER_MS = 5000, RUN_MS = 3000 };

static moor_agent agent;
static moor_ticket ticket;
static bool ran;                            /* for RUN_MS */
static unsigned charges[MODEL_THREADS_MAX]; /* that each call was granted */

static void make(moor_release release)
{
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.measure_held = true;
    clock_step_ms = FIRST_MS;
    ran = false;
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        charges[i] = 0;
    world_make_with(&config);
    agent = world_spawn((moor_agent){0}, "a");
    moor_start(world, agent);
}

static void idle(void)
{
    make(MOOR_ON_COMPLETION);
    clock_step_ms = END_MS;
    world_finish(agent);
    clock_step_ms = LATER_MS;
}

/* It has lent its slot. */
static void lent(void)
{
    make(MOOR_ON_COMPLETION);
    clock_step_ms = END_MS;
    moor_lend(world, agent);
    clock_step_ms = LATER_MS;
}

static void running(void)
{
    make(MOOR_ON_COMPLETION);
    clock_step_ms = END_MS;
}

/* It is idle, and has its slot still. */
static void kept(void)
{
    make(MOOR_ON_TURN_END);
    world_finish(agent);
    clock_step_ms = END_MS;
}

static void reserved(void)
{
    make(MOOR_ON_COMPLETION);
    world_finish(agent);
    world_close_tree(agent);
    ticket = world_reserve((moor_agent){0}, "t");
    clock_step_ms = END_MS;
}

/* --- threads -------------------------------------------------------------- */

static void run_again(void)
{
    charges[model_self()] += moor_run_again(world, agent, NULL) == MOOR_OK;
}

static void finish(void)
{
    (void)world_finish(agent);
}

/* Time goes on while it runs.  Who looks at the clock does so behind a charge:
 * so that is made to come before it, and behind it. */
static void run_for_a_while(void)
{
    unsigned *granted = &charges[model_self()];

    run_again();
    if (*granted == 0) return;
    model_touch(&world->running.word, true);
    clock_step_ms = LATER_MS + RUN_MS;
    ran = world_finish(agent) == MOOR_OK;
}

/* The other way round: it is late already when it begins. */
static void run_later(void)
{
    unsigned *granted = &charges[model_self()];

    model_touch(&world->running.word, true);
    clock_step_ms = LATER_MS + RUN_MS;
    run_again();
    if (*granted > 0) finish();
}

static void take_back(void)
{
    charges[model_self()] +=
        moor_take_back(world, agent, NULL, NULL) == MOOR_OK;
}

static void lend(void)
{
    (void)moor_lend(world, agent);
}

static void reap(void)
{
    (void)moor_reap(world, NULL);
}

static void close_it(void)
{
    (void)world_close_tree(agent);
}

static void commit(void)
{
    (void)moor_commit(world, ticket, NULL, NULL, &agent);
}

static void abandon(void)
{
    (void)moor_abandon(world, ticket);
}

static void close_all(void)
{
    (void)world_close_tree(moor_root(world));
}

/* --- judging -------------------------------------------------------------- */

/* All that were charged, but for what is held now, were given up. */
static moor_times judge_count(unsigned before)
{
    moor_times held;
    uint64_t count = before;

    moor_times_of(world, NULL, &held);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        count += charges[i];
    if (held.count + world_used() != count) {
        model_fail("%llu were charged, %llu given up, %llu are used",
                   (unsigned long long)count, (unsigned long long)held.count,
                   (unsigned long long)world_used());
    }
    return held;
}

static void judge_sum(const moor_times *held, uint64_t ms)
{
    if (held->sum_us != ms * 1000) {
        model_fail("held for %llu us, not %llu ms",
                   (unsigned long long)held->sum_us, (unsigned long long)ms);
    }
}

/* What came later took no time. */
static void judge_first(void)
{
    moor_times held = judge_count(1);

    judge_sum(&held, END_MS - FIRST_MS);
    world_end();
}

/* Another that wanted to run it, and was late, has not changed its time. */
static void judge_run(void)
{
    moor_times held = judge_count(1);

    judge_sum(&held, END_MS - FIRST_MS + (ran ? RUN_MS : 0));
    world_end();
}

/* So does what was given up at the same time. */
static void judge_if_given(void)
{
    moor_times held = judge_count(1);

    judge_sum(&held, held.count > 0 ? END_MS - FIRST_MS : 0);
    world_end();
}

/* With the ticket. */
static void judge_ticket(void)
{
    moor_times held = judge_count(2);

    judge_sum(&held, held.count > 1 ? END_MS - FIRST_MS : 0);
    world_end();
}

/* An agent that runs again on the slot it still has may be ended before its
 * time is noted. */
static void judge_count_only(void)
{
    (void)judge_count(1);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"run_again_finish", idle, {run_again, finish}, 2, judge_first, 0},
    {"run_again_twice_finish", idle, {run_again, run_again, finish}, 3,
     judge_first, 2},
    {"run_again_late", idle, {run_again, run_for_a_while}, 2, judge_run, 0},
    {"run_again_early", idle, {run_again, run_later}, 2, judge_run, 0},
    {"run_again_close", idle, {run_again, close_it}, 2, judge_first, 0},
    {"take_back_finish", lent, {take_back, finish}, 2, judge_first, 0},
    {"take_back_twice_finish", lent, {take_back, take_back, finish}, 3,
     judge_first, 2},
    {"take_back_lend", lent, {take_back, lend}, 2, judge_first, 0},
    {"finish_close", running, {finish, close_it}, 2, judge_if_given, 0},
    {"finish_lend", running, {finish, lend}, 2, judge_if_given, 0},
    {"reap_close", kept, {reap, close_it}, 2, judge_if_given, 0},
    {"reap_twice_close", kept, {reap, reap, close_it}, 3, judge_if_given, 2},
    {"reap_run_again", kept, {reap, run_again}, 2, judge_count_only, 0},
    {"run_again_reap_close", kept, {run_again, reap, close_it}, 3,
     judge_count_only, 2},
    {"commit_abandon", reserved, {commit, abandon}, 2, judge_ticket, 0},
    {"commit_close", reserved, {commit, close_all}, 2, judge_ticket, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
