/*
 * The beginning of a life: a failed start against all else, and requests.
 *
 * Goal    I3: a failed start gives back all that the ticket covered, once, and
 *         takes what is below with it; of start, start_failed, an end and a
 *         close one wins (I7); a request is never left over on an idle agent.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "world/world.h"

static moor_agent above, a, spawned;
static moor_error answers[MODEL_THREADS_MAX];

static void make(void)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_LIFETIME] = 3;
    world_make_with(&config);
    spawned = (moor_agent){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void pending(void)
{
    make();
    a = world_spawn((moor_agent){0}, "a");
}

static void pending_below(void)
{
    make();
    above = world_spawn((moor_agent){0}, "p");
    a = world_spawn(above, "a");
}

static void start_failed(void)
{
    answers[model_self()] = moor_start_failed(world, a);
}

static void start(void)
{
    answers[model_self()] = moor_start(world, a);
}

static void finish(void)
{
    answers[model_self()] = world_finish(a);
}

static void close_a(void)
{
    answers[model_self()] = world_close_tree(a);
}

/* However far the failed start has come: its path is free then. */
static void close_above(void)
{
    answers[model_self()] = world_close_tree(above);
    WORLD_EXPECT(world_path_owner("/root/p/a") == 0);
}

static void spawn_below(void)
{
    answers[model_self()] = world_try_spawn(a, "x", &spawned);
}

static void request(void)
{
    answers[model_self()] = moor_request(world, a, MOOR_REQUEST_INTERRUPT);
}

static void request_shutdown(void)
{
    answers[model_self()] = moor_request(world, a, MOOR_REQUEST_SHUTDOWN);
}

static void finish_and_run_again(void)
{
    finish();
    world_expect_error("run_again", moor_run_again(world, a, NULL), MOOR_OK);
}

/* Once it has fallen the run has ended, also where that is not to be seen
 * yet. */
static void poll(void)
{
    moor_request_kind early = MOOR_REQUEST_NONE, late = MOOR_REQUEST_NONE;

    (void)moor_poll(world, a, &early);
    (void)moor_poll(world, a, &late);
    if (late < early) {
        world_expect_error("request",
                           moor_request(world, a, MOOR_REQUEST_INTERRUPT),
                           MOOR_WRONG_STATUS);
    }
}

/* --- verdicts ------------------------------------------------------------ */

static void expect_rolled_back(void)
{
    moor_stats stats;

    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.live + stats.idle + stats.tickets == 0);
    WORLD_EXPECT(world_path_owner("/root/a") == 0);
    world_expect_used(0);
}

/* Thread 0's start failed, or it was too late for that. */
static void judge_failed(moor_error if_rolled_back)
{
    if (answers[0] == MOOR_OK) {
        expect_rolled_back();
        WORLD_EXPECT(world_lifetime_used() == 0);
        if (answers[1] != if_rolled_back) {
            world_expect_error("the other", answers[1], MOOR_STALE);
        }
    } else {
        world_expect_error("start_failed", answers[0], MOOR_WRONG_STATUS);
        world_expect_error("the other", answers[1], MOOR_OK);
        WORLD_EXPECT(world_lifetime_used() == 1);
    }
    world_end();
}

static void judge_other(void)
{
    judge_failed(MOOR_WRONG_STATUS);
}

/* One of the two had it. */
static void judge_close(void)
{
    expect_rolled_back();
    if (answers[0] == MOOR_OK) {
        world_expect_error("close", answers[1], MOOR_STALE);
        WORLD_EXPECT(world_lifetime_used() == 0);
    } else {
        if (answers[0] != MOOR_WRONG_STATUS) {
            world_expect_error("start_failed", answers[0], MOOR_STALE);
        }
        world_expect_error("close", answers[1], MOOR_OK);
        WORLD_EXPECT(world_lifetime_used() == 1);
    }
    world_end();
}

/* What is above is charged still, and what is below unless its start failed. */
static void judge_close_above(void)
{
    world_expect_error("close", answers[1], MOOR_OK);
    if (answers[0] != MOOR_OK && answers[0] != MOOR_WRONG_STATUS) {
        world_expect_error("start_failed", answers[0], MOOR_STALE);
    }
    expect_rolled_back();
    WORLD_EXPECT(world_lifetime_used() ==
                 2 - (uint64_t)(answers[0] == MOOR_OK));
    world_end();
}

/* What was spawned below goes with it; its own charge stays, as for any that
 * is closed, or was given back with its ticket. */
static void judge_spawn(void)
{
    world_expect_error("start_failed", answers[0], MOOR_OK);
    expect_rolled_back();
    WORLD_EXPECT(world_lifetime_used() <= (uint64_t)(answers[1] == MOOR_OK));
    if (answers[1] != MOOR_OK && answers[1] != MOOR_FENCED) {
        world_expect_error("spawn", answers[1], MOOR_STALE);
    }
    world_end();
}

static void judge_twice(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I7: answers %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    expect_rolled_back();
    WORLD_EXPECT(world_lifetime_used() == 0);
    world_end();
}

/* The run has ended: no request is up. */
static void judge_request(void)
{
    moor_request_kind asked = MOOR_REQUEST_NONE;

    world_expect_error("finish", answers[0], MOOR_OK);
    for (int i = 1; i < MODEL_THREADS_MAX; i++) {
        if (answers[i] != MOOR_ERRORS && answers[i] != MOOR_OK) {
            world_expect_error("request", answers[i], MOOR_WRONG_STATUS);
        }
    }
    (void)moor_poll(world, a, &asked);
    WORLD_EXPECT(asked == MOOR_REQUEST_NONE);
    world_end();
}

/* Of the first run, of the second, or of none. */
static void judge_request_again(void)
{
    moor_request_kind asked = MOOR_REQUEST_NONE;

    (void)moor_poll(world, a, &asked);
    if (asked != MOOR_REQUEST_NONE) {
        WORLD_EXPECT(answers[1] == MOOR_OK && asked == MOOR_REQUEST_INTERRUPT);
    }
    world_expect_status(a, MOOR_STATUS_RUNNING);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"failed_finish", pending, {start_failed, finish}, 2, judge_other, 0},
    {"failed_start", pending, {start_failed, start}, 2, judge_other, 0},
    {"failed_twice", pending, {start_failed, start_failed}, 2, judge_twice, 0},
    {"failed_close", pending, {start_failed, close_a}, 2, judge_close, 0},
    {"failed_close_above", pending_below, {start_failed, close_above}, 2,
     judge_close_above, 0},
    {"failed_spawn", pending, {start_failed, spawn_below}, 2, judge_spawn, 3},
    {"request_finish", pending, {finish, request, request_shutdown}, 3,
     judge_request, 0},
    {"request_finish_poll", pending, {finish, request, poll}, 3,
     judge_request, 0},
    {"request_run_again", pending, {finish_and_run_again, request}, 2,
     judge_request_again, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
