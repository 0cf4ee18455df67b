/*
 * Ending a run: completers and a watcher on one agent.
 *
 * Goal    I5, I7: of all that end a run one wins; its status stays; the slot
 *         comes back exactly once (I1), and whoever has seen the idle status
 *         finds it free.
 * Method  every schedule up to the order of independent steps.
 */
#include "world/world.h"

static moor_agent agent;
static moor_error answers[MODEL_THREADS_MAX];
static bool released; /* the policy gives the slot back at the end */

static void make(moor_release release, bool started)
{
    world_make(1, release);
    agent = world_spawn((moor_agent){0}, "a");
    if (started) (void)moor_start(world, agent);
    released = release == MOOR_ON_COMPLETION;
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void running(void)
{
    make(MOOR_ON_COMPLETION, true);
}

static void pending(void)
{
    make(MOOR_ON_COMPLETION, false);
}

static void running_until_turn_end(void)
{
    make(MOOR_ON_TURN_END, true);
}

static void complete(void)
{
    answers[model_self()] = world_finish(agent);
}

static void fail(void)
{
    answers[model_self()] =
        moor_finish(world, agent, MOOR_STATUS_ERRORED, "x", 1);
}

static void interrupt(void)
{
    answers[model_self()] = moor_interrupt(world, agent);
}

static void die(void)
{
    answers[model_self()] = moor_died(world, agent);
    if (answers[model_self()] == MOOR_OK) released = true;
}

static void start(void)
{
    moor_error error = moor_start(world, agent);

    if (error != MOOR_OK && error != MOOR_WRONG_STATUS) {
        model_fail("start answers %s", moor_error_name(error));
    }
}

static void watch(void)
{
    moor_status seen = world_status(agent);

    if (moor_holds_slot(seen)) return;
    if (released) world_expect_used(0);
    if (world_status(agent) != seen) model_fail("I5: the status changed");
}

static void wait(void)
{
    moor_waited waited;
    moor_error error =
        moor_wait(world, MOOR_WAIT_ALL, MOOR_UNTIL_IDLE, &agent, 1, 0, &waited);

    if ((error == MOOR_OK) != waited.met ||
        waited.met == moor_holds_slot(waited.status)) {
        model_fail("a wait answers %s at %s", moor_error_name(error),
                   moor_status_name(waited.status));
    }
    if (error == MOOR_OK && released) world_expect_used(0);
}

static int winner(void)
{
    int won = -1;

    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        if (answers[i] == MOOR_OK) {
            if (won >= 0) model_fail("I7: %d and %d both won", won, i);
            won = i;
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("the loser", answers[i], MOOR_WRONG_STATUS);
        }
    }
    if (won < 0) model_fail("I7: nobody won");
    return won;
}

static void judge(void (*const bodies[])(void))
{
    moor_stats stats;
    int won = winner();
    void (*body)(void) = won < 0 ? NULL : bodies[won];

    world_expect_status(agent, body == complete    ? MOOR_STATUS_COMPLETED
                               : body == interrupt ? MOOR_STATUS_INTERRUPTED
                                                   : MOOR_STATUS_ERRORED);
    world_expect_used(released ? 0 : 1);
    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.completed == (body == complete));
    WORLD_EXPECT(stats.released == (uint64_t)released);
    WORLD_EXPECT(stats.live == 0 && stats.idle == 1);
    world_end();
}

#define JUDGE(name, ...)                                              \
    static void name(void)                                            \
    {                                                                 \
        judge((void (*const[MODEL_THREADS_MAX])(void)){__VA_ARGS__}); \
    }

JUDGE(judge_two, complete, fail)
JUDGE(judge_three, complete, fail, interrupt)
JUDGE(judge_died, interrupt, die)
JUDGE(judge_start, complete, fail)

/* clang-format off */
static const struct model_case cases[] = {
    {"two_completers_watcher", running, {complete, fail, watch}, 3,
     judge_two, 0},
    {"two_completers_waiter", running, {complete, fail, wait}, 3, judge_two, 0},
    {"three_completers", running, {complete, fail, interrupt}, 3,
     judge_three, 0},
    {"died_interrupt_watcher", running, {interrupt, die, watch}, 3,
     judge_died, 0},
    {"start_and_completers", pending, {complete, fail, start}, 3,
     judge_start, 0},
    {"until_turn_end", running_until_turn_end, {complete, fail, watch}, 3,
     judge_two, 0},
    {"until_turn_end_died", running_until_turn_end, {interrupt, die, watch}, 3,
     judge_died, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
