/*
 * Whole admissions: several spawners and a limit.
 *
 * Goal    I2: as many are granted as the limit allows, and a refusal by
 *         `running` means that all slots were used; the others leave nothing
 *         behind (I3).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "world/world.h"

static const char *const names[] = {"a", "b", "c"};

static moor_error answers[3];
static moor_agent agents[3];
static moor_agent parent;

static void make_with(moor_limit which, uint32_t limit)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[which] = limit;
    world_make_with(&config);
    parent = (moor_agent){0};
    for (int i = 0; i < 3; i++)
        answers[i] = MOOR_ERRORS;
}

static void one_slot(void)
{
    make_with(MOOR_LIMIT_RUNNING, 1);
}

static void two_slots(void)
{
    make_with(MOOR_LIMIT_RUNNING, 2);
}

static void one_in_a_lifetime(void)
{
    make_with(MOOR_LIMIT_LIFETIME, 1);
}

static void one_child(void)
{
    make_with(MOOR_LIMIT_CHILDREN, 1);
    parent = world_spawn(parent, "parent");
}

static void spawn(void)
{
    int self = model_self();

    answers[self] = world_try_spawn(parent, names[self], &agents[self]);
}

/* By path, so that a second one of the same name is told so. */
static void spawn_same(void)
{
    int self = model_self();

    answers[self] = world_try_spawn(parent, "a", &agents[self]);
}

static int granted(void)
{
    int count = 0;

    for (int i = 0; i < 3; i++) {
        if (answers[i] == MOOR_OK) {
            count++;
            world_expect_status(agents[i], MOOR_STATUS_PENDING_INIT);
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("spawn", answers[i], MOOR_REFUSED);
        }
    }
    return count;
}

static void judge_one(void)
{
    if (granted() != 1) model_fail("I2: %d granted, not 1", granted());
    WORLD_EXPECT(world_lifetime_used() == 1);
    world_end();
}

static void judge_two(void)
{
    if (granted() != 2) model_fail("I2: %d granted, not 2", granted());
    WORLD_EXPECT(world_lifetime_used() == 2);
    world_end();
}

/* A refusal by `children` or `lifetime` may be for the sake of another that is
 * refused itself; but nobody exceeds the limit. */
static void judge_at_most_one(void)
{
    if (granted() > 1) model_fail("I2: %d granted", granted());
    world_end();
}

/* --- one path ------------------------------------------------------------ */

static void many_slots(void)
{
    make_with(MOOR_LIMIT_RUNNING, 3);
}

static void judge_path(void)
{
    int winners = 0;

    for (int i = 0; i < 3; i++) {
        if (answers[i] == MOOR_OK) {
            winners++;
            WORLD_EXPECT(world_path_owner("/root/a") == agents[i].bits);
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("the loser", answers[i], MOOR_PATH_TAKEN);
        }
    }
    if (winners != 1) model_fail("%d have one path", winners);
    world_expect_used(1);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"last_slot_two", one_slot, {spawn, spawn}, 2, judge_one, 0},
    {"last_slot_three", one_slot, {spawn, spawn, spawn}, 3, judge_one, 2},
    {"two_slots_three", two_slots, {spawn, spawn, spawn}, 3, judge_two, 2},
    {"one_path_two", many_slots, {spawn_same, spawn_same}, 2, judge_path, 0},
    {"one_path_three", many_slots, {spawn_same, spawn_same, spawn_same}, 3,
     judge_path, 2},
    {"last_child_two", one_child, {spawn, spawn}, 2, judge_at_most_one, 0},
    {"last_of_lifetime_two", one_in_a_lifetime, {spawn, spawn}, 2,
     judge_at_most_one, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
