/*
 * A wait that lends, beside whatever ends the lender or whom it waits for.
 *
 * Goal    The slot of one that waits is free meanwhile, and it has a slot again
 *         when its wait is met.  Whoever ends it in the middle takes all of it
 *         away: it has then lent nothing, and holds nothing.
 * Method  every schedule up to the order of independent steps.
 * Limits  a wait that would sleep goes on as if its deadline had come
 *         (world/sleep.h).
 */
#include "world/sleep.h"
#include "world/world.h"

static moor_agent lender, child;
static moor_error answer;   /* of the wait */
static moor_waited waited;  /* of the child */
static moor_error admitted; /* who takes what was lent */

/* Two slots, and both are held. */
static void full(void)
{
    sleep_begin();
    sleep_deadlines_pass(true);
    world_make(2, MOOR_ON_COMPLETION);
    lender = world_spawn((moor_agent){0}, "lender");
    child = world_spawn(lender, "child");
    WORLD_EXPECT(moor_start(world, lender) == MOOR_OK);
    answer = admitted = MOOR_ERRORS;
}

static void wait_lending(void)
{
    answer = moor_wait_lending(world, lender, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                               &child, 1, 1, &waited);
}

static void finish_lender(void)
{
    (void)world_finish(lender);
}

static void finish_child(void)
{
    (void)world_finish(child);
}

static void close_lender(void)
{
    (void)world_close_tree(lender);
}

static void spawn_other(void)
{
    moor_agent other;

    admitted = world_try_spawn((moor_agent){0}, "other", &other);
}

static bool lends(void)
{
    moor_info info;

    return moor_info_of(world, lender, &info) == MOOR_OK && info.lent;
}

/* A wait that is over in vain has not taken its slot back. */
static void judge(void)
{
    switch (answer) {
    case MOOR_OK:
        WORLD_EXPECT(waited.status == MOOR_STATUS_COMPLETED ||
                     waited.status == MOOR_STATUS_NOT_FOUND);
        WORLD_EXPECT(!lends());
        break;
    case MOOR_TIMED_OUT:
        WORLD_EXPECT(lends() || world_status(lender) != MOOR_STATUS_RUNNING);
        break;
    default: /* it has ended, or is closed */
        WORLD_EXPECT(answer == MOOR_WRONG_STATUS || answer == MOOR_STALE);
        WORLD_EXPECT(world_status(lender) != MOOR_STATUS_RUNNING);
    }
    WORLD_EXPECT(admitted == MOOR_OK || admitted == MOOR_REFUSED ||
                 admitted == MOOR_ERRORS);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"wait_alone", full, {wait_lending}, 1, judge, 0},
    {"wait_finish_lender", full, {wait_lending, finish_lender}, 2, judge, 0},
    {"wait_close_lender", full, {wait_lending, close_lender}, 2, judge, 0},
    {"wait_finish_child", full, {wait_lending, finish_child}, 2, judge, 0},
    {"wait_spawn", full, {wait_lending, spawn_other}, 2, judge, 0},
    {"wait_spawn_finish", full, {wait_lending, spawn_other, finish_child}, 3,
     judge, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
