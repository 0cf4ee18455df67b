/*
 * Answers that are made of several records, while those are used again.
 *
 * Goal    R1: what is said of a life is of that life, and of those that were
 *         above it: a capacity, and what moor_check finds wrong.
 * Method  with loads that may be late (weak.c), as model_carry_reuse.c.
 */
#include "carry.h"

static moor_agent a, above, upper; /* a and above leave, upper stays */

/* --- before --------------------------------------------------------------- */

static void two_levels(void)
{
    carry_nothing();
    weak_order_is_late = true;
    world_make(6, MOOR_ON_COMPLETION);
    upper = world_spawn(world_spawn((moor_agent){0}, "q"), "upper");
    above = world_spawn((moor_agent){0}, "p");
    a = world_spawn(above, "a");
}

static void one_agent(void)
{
    carry_nothing();
    weak_order_is_late = true;
    world_make(6, MOOR_ON_COMPLETION);
    upper = world_spawn((moor_agent){0}, "q");
    a = world_spawn((moor_agent){0}, "a");
    above = a;
}

/* What follows is of another turn. */
static void one_fenced(void)
{
    one_agent();
    (void)world_finish(upper); /* so it is not */
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    (void)moor_turn_begin(world, NULL);
}

/* --- threads -------------------------------------------------------------- */

/* The record that was freed last is the next one. */
static void use_last_again(void)
{
    moor_agent agent;

    (void)world_close_tree(above);
    (void)world_try_spawn(upper, "x", &agent);
    moor_store_relaxed(&over, 1);
}

static void use_both_again(void)
{
    moor_agent agent;

    (void)world_close_tree(above);
    (void)world_try_spawn((moor_agent){0}, "x", &agent);
    (void)world_try_spawn(upper, "y", &agent);
    moor_store_relaxed(&over, 1);
}

static void use_again_and_fence(void)
{
    use_last_again();
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
}

static void check_all(void)
{
    char text[256];

    if (moor_check(world, false, text, sizeof text) != MOOR_OK) {
        model_fail("%s", text);
    }
}

static void see_depth(void)
{
    moor_capacity capacity;

    if (moor_capacity_of(world, a, &capacity) == MOOR_OK) {
        WORLD_EXPECT(capacity.of[MOOR_LIMIT_DEPTH].used == 1);
    }
}

static void see_no_fence(void)
{
    moor_capacity capacity;

    if (moor_capacity_of(world, a, &capacity) == MOOR_OK) {
        WORLD_EXPECT(capacity.would != MOOR_FENCED);
    }
}

#define LATE(see)                \
    static void see##_late(void) \
    {                            \
        await();                 \
        see();                   \
    }

LATE(check_all)
LATE(see_depth)
LATE(see_no_fence)

#define PAIR(before, act, see)                                          \
    {#before " " #act " " #see, before, {act, see}, 2, world_end, 0},   \
    {                                                                   \
#before " " #act " " #see "_late", before,                      \
            {act, see##_late }, 2, world_end, 0                         \
    }

/* clang-format off */
static const struct model_case cases[] = {
    PAIR(two_levels, use_last_again, check_all),
    PAIR(two_levels, use_both_again, check_all),
    PAIR(one_fenced, use_last_again, see_depth),
    PAIR(one_agent, use_again_and_fence, see_no_fence),
};
/* clang-format on */

WORLD_MAIN(cases)
