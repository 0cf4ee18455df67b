/*
 * Waiting: the mark on the state word, and the signal.
 *
 * Goal    No wake-up is lost: nobody goes to sleep of whom no later signal
 *         tells that what it waits for has happened.
 * Method  every schedule up to the order of independent steps.
 * Limits  the event is a count (world/sleep.c): that ConcurrencyKit's wakes
 *         whoever sleeps at an older value is taken for granted.
 */
#include "world/sleep.h"
#include "world/world.h"

static moor_agent agents[2];
static moor_error waited[MODEL_THREADS_MAX];
static moor_waited answers[MODEL_THREADS_MAX][2];

static void make(moor_release release)
{
    sleep_begin();
    world_make(6, release);
    agents[0] = world_spawn((moor_agent){0}, "a");
    agents[1] = world_spawn((moor_agent){0}, "b");
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        waited[i] = MOOR_ERRORS;
}

static void running(void)
{
    make(MOOR_ON_COMPLETION);
}

static void until_turn_end(void)
{
    make(MOOR_ON_TURN_END);
}

static void wait_for(moor_wait_for what, moor_wait_until until, size_t count)
{
    int self = model_self();

    waited[self] = moor_wait(world, what, until, agents, count, MOOR_FOREVER,
                             answers[self]);
}

static void wait_one(void)
{
    wait_for(MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, 1);
}

static void wait_idle(void)
{
    wait_for(MOOR_WAIT_ALL, MOOR_UNTIL_IDLE, 1);
}

static void wait_any(void)
{
    wait_for(MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, 2);
}

static void wait_all(void)
{
    wait_for(MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, 2);
}

static void finish_a(void)
{
    world_finish(agents[0]);
}

static void finish_b(void)
{
    world_finish(agents[1]);
}

static void interrupt_a(void)
{
    moor_interrupt(world, agents[0]);
}

static void start_a(void)
{
    moor_start(world, agents[0]);
}

static void close_a(void)
{
    world_close_tree(agents[0]);
}

static void start_failed_a(void)
{
    moor_start_failed(world, agents[0]);
}

/* Ends, runs again, and ends for good. */
static void finish_twice(void)
{
    finish_a();
    moor_run_again(world, agents[0], NULL);
    finish_a();
}

/* --- verdict ------------------------------------------------------------- */

/* By now all that was waited for has happened. */
static void judge(void)
{
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        if (waited[i] == MOOR_ERRORS) continue;
        if (sleep_for_ever(i)) model_fail("thread %d sleeps for ever", i);
        if (waited[i] != MOOR_OK && !sleep_happened(i)) {
            model_fail("thread %d answers %s and never slept", i,
                       moor_error_name(waited[i]));
        }
        if (waited[i] == MOOR_OK && !answers[i][0].met && !answers[i][1].met) {
            model_fail("thread %d: met by nobody", i);
        }
    }
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish", running, {wait_one, finish_a}, 2, judge, 0},
    {"finish_two_waiters", running, {wait_one, wait_one, finish_a}, 3,
     judge, 0},
    {"finish_started", running, {wait_one, finish_a, start_a}, 3, judge, 0},
    {"finish_until_turn_end", until_turn_end, {wait_one, wait_one, finish_a}, 3,
     judge, 0},
    {"interrupt", running, {wait_idle, interrupt_a}, 2, judge, 0},
    {"close", running, {wait_one, close_a}, 2, judge, 0},
    {"close_until_turn_end", until_turn_end, {wait_one, close_a}, 2, judge, 0},
    {"close_finish", running, {wait_one, close_a, finish_a}, 3, judge, 0},
    {"start_failed", running, {wait_one, start_failed_a}, 2, judge, 0},
    {"any", running, {wait_any, finish_a, finish_b}, 3, judge, 0},
    {"all", running, {wait_all, finish_a, finish_b}, 3, judge, 0},
    {"run_again", running, {wait_one, finish_twice}, 2, judge, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
