/*
 * What a spawn would meet below an agent that is being closed.
 *
 * Goal    The answer is of that agent, or `stale`: never of the next tenant of
 *         its record (I4).
 * Method  every schedule up to the order of independent steps.
 */
#include "world/world.h"

static moor_agent p;
static moor_error answer, closed;

static void make(void)
{
    moor_config config;

    moor_config_default(&config);
    world_make_with(&config);
    p = world_spawn((moor_agent){0}, "p");
    answer = closed = MOOR_ERRORS;
}

static void look(void)
{
    moor_capacity capacity;

    answer = moor_capacity_of(world, p, &capacity);
    if (answer != MOOR_OK) return;
    WORLD_EXPECT(capacity.of[MOOR_LIMIT_CHILDREN].used == 0);
    WORLD_EXPECT(capacity.would == MOOR_OK || capacity.would == MOOR_FENCED);
}

static void close_p(void)
{
    closed = world_close_tree(p);
}

/* In the record of `p`: another, with a child. */
static void close_and_spawn_parent(void)
{
    moor_agent parent = {0}, child;

    close_p();
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "q", &parent),
                       MOOR_OK);
    world_expect_error("spawn", world_try_spawn(parent, "x", &child), MOOR_OK);
}

static void judge(void)
{
    world_expect_error("close", closed, MOOR_OK);
    if (answer != MOOR_OK) {
        world_expect_error("capacity", answer, MOOR_STALE);
    }
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"close", make, {look, close_p}, 2, judge, 0},
    {"other_tenant", make, {look, close_and_spawn_parent}, 2, judge, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
