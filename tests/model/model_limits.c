/*
 * Limits that change while others are admitted.
 *
 * Goal    I2: no admission that begins after a limit was lowered goes by the
 *         old value, and none that begins after it was raised is refused by
 *         it; at no time is more admitted than the highest limit in force, nor
 *         anybody who did not count yet when the lowering had returned.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "atomic.h"
#include "world/world.h"

static moor_limit which;
static uint32_t to; /* the value that thread 0 sets */
static moor_agent parent;
static moor_agent spawned[MODEL_THREADS_MAX];
static moor_error answers[MODEL_THREADS_MAX];
static bool began_after[MODEL_THREADS_MAX];
static moor_word changed; /* set_limit has returned */
static uint64_t used_then;

static void make(moor_limit limit, uint32_t from, uint32_t value)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[limit] = from;
    world_make_with(&config);
    which = limit;
    to = value;
    changed = (moor_word){0};
    parent = (moor_agent){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        answers[i] = MOOR_ERRORS;
        began_after[i] = false;
    }
}

static void running_lowered(void)
{
    make(MOOR_LIMIT_RUNNING, 2, 1);
}

static void running_to_none(void)
{
    make(MOOR_LIMIT_RUNNING, 1, 0);
}

/* The one slot is an idle agent's, from whom an admission would take it. */
static void idle_to_none(void)
{
    make(MOOR_LIMIT_RUNNING, 1, 0);
    moor_destroy(world);
    world_make(1, MOOR_ON_RESERVE);
    world_finish(world_spawn((moor_agent){0}, "a"));
}

/* The one slot is an idle agent's, which would run again on it. */
static void own_slot_to_none(void)
{
    make(MOOR_LIMIT_RUNNING, 1, 0);
    moor_destroy(world);
    world_make(1, MOOR_ON_TURN_END);
    parent = world_spawn((moor_agent){0}, "a");
    world_finish(parent);
}

/* The one slot is a live agent's: there is nothing to take over. */
static void raised_on_reserve(void)
{
    make(MOOR_LIMIT_RUNNING, 1, 2);
    moor_destroy(world);
    world_make(1, MOOR_ON_RESERVE);
    (void)world_spawn((moor_agent){0}, "a");
}

static void running_raised(void)
{
    make(MOOR_LIMIT_RUNNING, 0, 1);
}

static void children_to_none(void)
{
    make(MOOR_LIMIT_CHILDREN, 1, 0);
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, 2);
    parent = world_spawn((moor_agent){0}, "p");
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, 1);
}

static void children_raised(void)
{
    make(MOOR_LIMIT_CHILDREN, 1, 1);
    parent = world_spawn((moor_agent){0}, "p");
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, 0);
}

static void lifetime_to_none(void)
{
    make(MOOR_LIMIT_LIFETIME, 1, 0);
}

static void lifetime_raised(void)
{
    make(MOOR_LIMIT_LIFETIME, 0, 1);
}

static void depth_to_none(void)
{
    make(MOOR_LIMIT_DEPTH, 1, 0);
}

/* The limit `depth` counts nobody: whoever is there. */
static uint64_t used_now(void)
{
    moor_capacity now;
    moor_stats all;

    if (which == MOOR_LIMIT_DEPTH) {
        moor_stats_of(world, &all);
        return all.tickets + all.live;
    }
    moor_capacity_of(world, parent, &now);
    return now.of[which].used;
}

static void change(void)
{
    moor_set_limit(world, which, to);
    used_then = used_now();
    moor_store_release(&changed, 1);
}

static void spawn(void)
{
    static const char *const names[] = {"x", "y", "z"};
    int self = model_self();

    began_after[self] = moor_load_acquire(&changed) != 0;
    answers[self] = world_try_spawn(parent, names[self], &spawned[self]);
}

static void run_again(void)
{
    int self = model_self();

    began_after[self] = moor_load_acquire(&changed) != 0;
    answers[self] = moor_run_again(world, parent, NULL);
}

static int granted(void)
{
    int count = 0;

    for (int i = 1; i < MODEL_THREADS_MAX; i++) {
        if (answers[i] == MOOR_OK) {
            count++;
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("spawn", answers[i], MOOR_REFUSED);
        }
    }
    return count;
}

/* From one to none. */
static void judge_none(void)
{
    for (int i = 1; i < MODEL_THREADS_MAX; i++) {
        if (began_after[i] && answers[i] == MOOR_OK) {
            model_fail("I2: admitted by the limit of before");
        }
    }
    if (granted() > 1) model_fail("I2: %d granted", granted());
    if (granted() == 1 && used_then == 0) {
        model_fail("I2: admitted behind the limit in force");
    }
    world_end();
}

/* From two to one: the second one only before. */
static void judge_lowered(void)
{
    if (granted() == 0) model_fail("I2: refused, but one was free");
    if (granted() == 2 && (began_after[1] || began_after[2])) {
        model_fail("I2: admitted by the limit of before");
    }
    world_end();
}

/* From none to one. */
static void judge_raised(void)
{
    bool after = false;

    for (int i = 1; i < MODEL_THREADS_MAX; i++)
        after |= began_after[i] && answers[i] != MOOR_ERRORS;
    if (granted() > 1) model_fail("I2: %d granted", granted());
    if (after && granted() == 0) {
        model_fail("I2: refused by the limit of before");
    }
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"running_lowered", running_lowered, {change, spawn, spawn}, 3,
     judge_lowered, 2},
    {"running_to_none", running_to_none, {change, spawn}, 2, judge_none, 0},
    {"idle_to_none", idle_to_none, {change, spawn}, 2, judge_none, 0},
    {"own_slot_to_none", own_slot_to_none, {change, run_again}, 2, judge_none,
     0},
    {"running_raised", running_raised, {change, spawn, spawn}, 3,
     judge_raised, 3},
    {"raised_on_reserve", raised_on_reserve, {change, spawn}, 2,
     judge_raised, 0},
    {"children_to_none", children_to_none, {change, spawn}, 2, judge_none, 0},
    {"children_raised", children_raised, {change, spawn}, 2, judge_raised, 0},
    {"lifetime_to_none", lifetime_to_none, {change, spawn}, 2, judge_none, 0},
    {"lifetime_raised", lifetime_raised, {change, spawn}, 2, judge_raised, 0},
    {"depth_to_none", depth_to_none, {change, spawn}, 2, judge_none, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
