/*
 * What the wheel of the leases carries: its queues, and when it is to be looked
 * at.
 *
 * Goal    W1: who follows a link has the node, and who sees a node in its next
 *         use sees that the queue has moved on.  W2: no entry is lost.
 * Method  with loads that may be late (weak.c), at the functions of wheel.h.
 *
 * In the explorer's build there are two queues: an entry that has 1 ms left
 * stands in the first and is looked at 1 ms later, one that has more in the
 * second, and is looked at 2 ms later.
 */
#include "carry.h"

#include "wheel.h"

enum { FIRST = 5, SECOND = 6, GROUP = 8 };

static struct wheel *wheel;
static uint32_t own[MODEL_THREADS_MAX]; /* nodes */

/* --- before --------------------------------------------------------------- */

static uint32_t new_node(void)
{
    uint32_t node = 0;

    WORLD_EXPECT(wheel_take_node(wheel, &node));
    return node;
}

static void empty(void)
{
    carry_nothing();
    wheel = wheel_make();
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        own[i] = new_node();
}

/* The next node that is made lies in memory that nobody has so far. */
static void full_group(void)
{
    empty();
    while (new_node() != GROUP - 1)
        continue;
}

/* To be looked at at 11 and at 15. */
static void two_entries(void)
{
    empty();
    wheel_put(wheel, new_node(), FIRST, 10, 11);
    wheel_put(wheel, new_node(), SECOND, 14, 15);
}

static void three_entries(void)
{
    empty();
    wheel_put(wheel, new_node(), FIRST, 10, 11);
    wheel_put(wheel, new_node(), FIRST, 11, 12);
    wheel_put(wheel, new_node(), SECOND, 14, 15);
}

/* --- threads -------------------------------------------------------------- */

/* Into the first queue, out of it, and the node that was its tail into the
 * second. */
static void use_tail_again(void)
{
    uint32_t node;
    life which;

    wheel_put(wheel, own[0], FIRST, 10, 11);
    if (wheel_take(wheel, 11, &node, &which)) {
        wheel_put(wheel, node, which, 20, 22);
    }
    moor_store_relaxed(&over, 1);
}

static void put_second(void)
{
    wheel_put(wheel, own[1], SECOND, 20, 21);
}

static void put_first(void)
{
    wheel_put(wheel, own[0], FIRST, 10, 11);
    moor_store_relaxed(&over, 1);
}

/* The node that was the head comes behind the other entry. */
static void use_head_again(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel, 11, &node, &which)) {
        wheel_put(wheel, node, which, 40, 41);
    }
    moor_store_relaxed(&over, 1);
}

/* And the one that was the first entry's. */
static void use_first_again(void)
{
    uint32_t node;
    life which;

    (void)wheel_take(wheel, 12, &node, &which);
    if (wheel_take(wheel, 12, &node, &which)) {
        moor_store_relaxed(&over, 1); /* who comes late meets it on its way */
        wheel_put(wheel, node, which, 40, 41);
    }
}

static void take_none(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel, 10, &node, &which)) model_fail("taken too early");
}

static void use_new_memory(void)
{
    uint32_t node = new_node();
    life which;

    wheel_put(wheel, node, FIRST, 10, 11);
    (void)wheel_take(wheel, 11, &node, &which);
    moor_store_relaxed(&over, 1);
}

static void put_in_new_memory(void)
{
    wheel_put(wheel, new_node(), FIRST, 10, 11);
    moor_store_relaxed(&over, 1);
}

/* Whatever it meets. */
static void put_and_take(void)
{
    uint32_t node;
    life which;

    wheel_put(wheel, own[model_self()], SECOND, 10, 11);
    (void)wheel_take(wheel, 11, &node, &which);
}

#define LATE(see)                \
    static void see##_late(void) \
    {                            \
        await();                 \
        see();                   \
    }

LATE(put_second)
LATE(take_none)
LATE(put_and_take)

/* --- verdict -------------------------------------------------------------- */

static void end(void)
{
    wheel_free(wheel);
}

static void judge_next(uint64_t latest)
{
    uint64_t next = wheel_next(wheel);

    if (next == 0 || next > latest) {
        model_fail("looked at at %d, and not at %d", (int)next, (int)latest);
    }
    end();
}

static void judge_first(void)
{
    judge_next(11);
}

static void judge_two(void)
{
    judge_next(15);
}

/* It stands where it is looked at in time. */
static void judge_second(void)
{
    uint32_t node;
    life which;
    bool found = false;

    while (wheel_take(wheel, 21, &node, &which)) {
        found = found || which == SECOND;
    }
    if (!found) model_fail("stands in another queue");
    end();
}

#define PAIR(before, one, other, after)                                    \
    {#one " " #other, before, {one, other}, 2, after, 0},                  \
    {                                                                      \
#one " " #other "_late", before, {one, other##_late }, 2, after, 0 \
    }

/* clang-format off */
static const struct model_case cases[] = {
    PAIR(empty, use_tail_again, put_second, judge_second),
    PAIR(empty, put_first, take_none, judge_first),
    PAIR(two_entries, use_head_again, take_none, judge_two),
    PAIR(three_entries, use_first_again, take_none, judge_two),
    PAIR(full_group, use_new_memory, put_and_take, end),
    PAIR(full_group, use_new_memory, take_none, end),
    {"helped_in_new_memory", full_group,
     {put_in_new_memory, put_and_take_late, take_none}, 3, end, 0},
    {"three_in_new_memory", full_group,
     {use_new_memory, put_and_take, put_and_take}, 3, end, 0},
    {"three_in_new_memory_late", full_group,
     {use_new_memory, put_and_take, put_and_take_late}, 3, end, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
