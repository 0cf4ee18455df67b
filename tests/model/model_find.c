/*
 * Looking up by path and id against spawn, close and a new owner of the path.
 *
 * Goal    A look-up finds who has the path or id, whole, or nobody; never a
 *         ticket, never one that did not have it (I4); who is there throughout
 *         is found throughout.
 * Method  every schedule up to the order of independent steps.
 */
#include "world/world.h"

static const moor_id id = {{7}};

static moor_agent a, b, next;
static moor_ticket ticket;

static void make(void)
{
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    b = world_spawn(a, "b");
    next = (moor_agent){0};
}

static void with_ticket(void)
{
    make();
    ticket = world_reserve((moor_agent){0}, "t");
}

/* --- readers ------------------------------------------------------------- */

static moor_agent find(moor_agent from, const char *path)
{
    moor_agent found = {0};
    moor_error error = moor_find_path(world, from, path, &found);

    if (error != MOOR_OK && error != MOOR_NOT_FOUND) {
        world_expect_error("find", error, MOOR_STALE);
    }
    return found;
}

static void find_b_throughout(void)
{
    WORLD_EXPECT(find((moor_agent){0}, "/root/a/b").bits == b.bits);
}

static void find_b_from_a(void)
{
    moor_agent found = find(a, "b");

    WORLD_EXPECT(found.bits == 0 || found.bits == b.bits);
}

static void find_a(void)
{
    moor_agent early = find((moor_agent){0}, "/root/a");
    moor_agent late = find((moor_agent){0}, "/root/a");

    WORLD_EXPECT(early.bits == 0 || early.bits == a.bits ||
                 early.bits == next.bits);
    WORLD_EXPECT(late.bits == 0 || late.bits == a.bits ||
                 late.bits == next.bits);
    if (early.bits != a.bits && late.bits == a.bits) {
        model_fail("the owner before came back");
    }
}

static void find_by_id(void)
{
    moor_agent found = {0};

    if (moor_find_id(world, &id, &found) == MOOR_OK) {
        WORLD_EXPECT(found.bits == ticket.bits);
        WORLD_EXPECT(find((moor_agent){0}, "/root/t").bits == ticket.bits);
    }
}

/* A ticket is never found; an agent also by its path. */
static void find_t(void)
{
    moor_agent found = find((moor_agent){0}, "/root/t");

    if (found.bits != 0) {
        WORLD_EXPECT(found.bits == ticket.bits);
        world_expect_status(found, MOOR_STATUS_PENDING_INIT);
    }
}

/* --- writers ------------------------------------------------------------- */

static void close_and_respawn(void)
{
    moor_agent agent = {0};

    world_expect_error("close", world_close_tree(a), MOOR_OK);
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "a", &agent),
                       MOOR_OK);
    next = agent;
}

/* In the records of the old ones, the last that was given back first. */
static void close_and_spawn_others(void)
{
    moor_agent parent = {0}, agent;

    world_expect_error("close", world_close_tree(a), MOOR_OK);
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "c", &parent),
                       MOOR_OK);
    world_expect_error("spawn", world_try_spawn(parent, "b", &agent), MOOR_OK);
}

/* Its handle is known when it is published, not when the call returns. */
static void close_and_reserve(void)
{
    const moor_spawn_options options = {.name = "a"};
    moor_ticket reserved = {0};

    world_expect_error("close", world_close_tree(a), MOOR_OK);
    world_expect_error("reserve",
                       moor_reserve(world, &options, &reserved, NULL), MOOR_OK);
    next.bits = reserved.bits;
    world_expect_error(
        "commit", moor_commit(world, reserved, NULL, NULL, &next), MOOR_OK);
}

static void commit_with_id(void)
{
    moor_agent agent;

    world_expect_error("commit", moor_commit(world, ticket, &id, NULL, &agent),
                       MOOR_OK);
}

static void spawn_beside(void)
{
    moor_agent agent;

    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "c", &agent),
                       MOOR_OK);
}

static void adopt(void)
{
    world_expect_error("close", moor_close(world, a, MOOR_CLOSE_ADOPT, NULL),
                       MOOR_OK);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"path_respawn", make, {close_and_reserve, find_a}, 2, world_end, 0},
    {"relative_respawn", make, {close_and_respawn, find_b_from_a}, 2,
     world_end, 0},
    {"relative_other_parent", make, {close_and_spawn_others, find_b_from_a}, 2,
     world_end, 2},
    {"path_adopt", make, {adopt, find_b_throughout, find_b_from_a}, 3,
     world_end, 0},
    {"path_spawn", make, {spawn_beside, find_b_throughout}, 2, world_end, 0},
    {"id_commit", with_ticket, {commit_with_id, find_by_id, find_t}, 3,
     world_end, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
