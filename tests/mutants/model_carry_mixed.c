/*
 * Answers that are made of several records, while those are used again.
 *
 * Goal    R1: what is said of a life is of that life, and of those that were
 *         above it: a capacity, and what moor_check finds wrong.
 * Method  with loads that may be late (weak.c), as model_carry_reuse.c.
 */
#include "carry.h"

#include "books.h"

/* The clock of the explorer's build always says 1: an old life is of 0. */
enum { OLD_AGE_MS = 1 };

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

static void one_of(uint32_t running)
{
    carry_nothing();
    weak_order_is_late = true;
    world_make(running, MOOR_ON_COMPLETION);
    upper = world_spawn((moor_agent){0}, "q");
    a = world_spawn((moor_agent){0}, "a");
    above = a;
}

static void one_agent(void)
{
    one_of(6);
}

static void no_slot(void)
{
    one_of(2);
    moor_store_relaxed(&books_record(world, a.bits)->stamp, stamp_of(0, 1));
}

/* It is idle: only p is fenced, and what comes later is not. */
static void one_below_fence(void)
{
    carry_nothing();
    weak_order_is_late = true;
    world_make(6, MOOR_ON_COMPLETION);
    above = world_spawn((moor_agent){0}, "p");
    a = world_spawn(above, "a");
    (void)world_finish(a);
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    (void)moor_turn_begin(world, NULL);
    upper = world_spawn((moor_agent){0}, "q");
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

static void see_fence(void)
{
    moor_capacity capacity;

    if (moor_capacity_of(world, a, &capacity) == MOOR_OK) {
        WORLD_EXPECT(capacity.would == MOOR_FENCED);
    }
}

static void see_holders(void)
{
    const moor_spawn_options options = {.name = "y"};
    moor_refusal refusal = {0};
    moor_agent agent;

    if (moor_spawn(world, &options, &agent, &refusal) != MOOR_REFUSED) return;
    for (uint32_t i = 0; i < refusal.holders_count; i++) {
        if (refusal.holders[i].agent.bits == a.bits) {
            WORLD_EXPECT(refusal.holders[i].age_ms == OLD_AGE_MS);
        }
    }
}

static bool has_no_capacity(void)
{
    moor_capacity capacity;

    return moor_capacity_of(world, a, &capacity) == MOOR_STALE;
}

CARRY(gone_meanwhile, world_close_tree(a), has_no_capacity())

#define LATE(see)                \
    static void see##_late(void) \
    {                            \
        await();                 \
        see();                   \
    }

LATE(check_all)
LATE(see_depth)
LATE(see_fence)
LATE(see_holders)

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
    PAIR(one_below_fence, use_last_again, see_fence),
    PAIR(no_slot, use_last_again, see_holders),
    CARRY_CASE(one_agent, gone_meanwhile, world_end),
};
/* clang-format on */

WORLD_MAIN(cases)
