/*
 * The fence and the one order of seq_cst: who links looks at the fences behind
 * that, who sets a fence looks at what is linked behind that.
 *
 * Goal    F1: one of the two sees the other, whichever call sets the fence, and
 *         also who finds a fence that is set already.
 * Method  with loads that may be late (weak.c).  Tickets: a commit would look
 *         at the fences once more.
 */
#include "carry.h"

#include "books.h"

enum { ROOM = 8 };

static moor_agent a, below;
static moor_error reserved; /* what the one who links was told */
static bool listed;         /* what was linked, behind the fence */

/* --- before --------------------------------------------------------------- */

static void no_child(void)
{
    carry_nothing();
    weak_order_is_late = true;
    world_make(6, MOOR_ON_COMPLETION);
    below = a = world_spawn((moor_agent){0}, "a");
    reserved = MOOR_NOT_FOUND;
    listed = false;
}

/* The end of a turn fences who runs in it: only the upper one. */
static void idle_child(void)
{
    no_child();
    below = world_spawn(a, "b");
    (void)world_finish(below);
}

/* --- threads -------------------------------------------------------------- */

static void reserve_below(void)
{
    const moor_spawn_options options = {.parent = below, .name = "x"};
    moor_ticket ticket;

    reserved = moor_reserve(world, &options, &ticket, NULL);
    moor_store_relaxed(&over, 1);
}

static void close_above(void)
{
    (void)world_close_tree(a);
    moor_store_relaxed(&over, 1);
}

/* As soon as something is named in the bag, which tells nothing. */
static void close_when_named(void)
{
    const moor_word *bag = &books_record(world, a.bits)->bag;

    for (int i = 0; i < AWAIT_MOST && moor_load_relaxed(bag) == 0; i++)
        continue;
    close_above();
}

static void fail_above(void)
{
    (void)moor_start_failed(world, a);
    moor_store_relaxed(&over, 1);
}

static void fence_and_list(void)
{
    moor_info infos[ROOM];
    uint64_t cursor = 0;
    size_t count = 0;

    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    (void)moor_list(world, NULL, &cursor, infos, ROOM, &count);
    for (size_t i = 0; i < count; i++) {
        listed |= infos[i].ticket.bits != 0;
    }
    moor_store_relaxed(&over, 1);
}

/* Who closes finds the fence. */
static void reserve_and_fence(void)
{
    reserve_below();
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
}

#define LATE(act)                \
    static void act##_late(void) \
    {                            \
        await();                 \
        act();                   \
    }

LATE(reserve_below)
LATE(close_above)
LATE(fail_above)

/* --- verdict -------------------------------------------------------------- */

static void judge_all_closed(void)
{
    world_expect_used(0);
    world_end();
}

static void judge_listed(void)
{
    if (reserved == MOOR_OK && !listed) {
        model_fail("linked below a fence that was set and looked behind");
    }
    world_end();
}

#define PAIR(before, one, other, after)                             \
    {#before " " #one " " #other, before, {one, other}, 2, after, 0}, \
    {                                                               \
#before " " #one " " #other "_late", before,                \
            {one, other##_late }, 2, after, 0                       \
    }

/* clang-format off */
static const struct model_case cases[] = {
    PAIR(no_child, close_above, reserve_below, judge_all_closed),
    PAIR(no_child, reserve_below, close_above, judge_all_closed),
    {"close_when_named", no_child, {reserve_below, close_when_named}, 2,
     judge_all_closed, 0},
    PAIR(no_child, fail_above, reserve_below, judge_all_closed),
    PAIR(no_child, reserve_below, fail_above, judge_all_closed),
    PAIR(no_child, reserve_and_fence, close_above, judge_all_closed),
    PAIR(idle_child, fence_and_list, reserve_below, judge_listed),
};
/* clang-format on */

WORLD_MAIN(cases)
