/*
 * Several spawned at once, against each other and against what comes between.
 *
 * Goal    All or none: who is granted has all, who is not leaves nothing behind
 *         (I1, I3).  Of two that cannot both be granted for want of slots one
 *         is: nobody is refused because of slots that are then given back (I2).
 *         Nothing hangs below what was closed (I8).
 * Method  every schedule up to the order of independent steps, or within
 *         three preemptions where that is too much.
 */
#include "world/world.h"

enum { PAIR = 2 };

static moor_agent parent, holder, lone;
static moor_agent pairs[MODEL_THREADS_MAX][PAIR];
static moor_error answers[MODEL_THREADS_MAX];

static void make_with(moor_limit which, uint32_t limit)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[which] = limit;
    world_make_with(&config);
    parent = holder = lone = (moor_agent){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        pairs[i][0] = pairs[i][1] = (moor_agent){0};
        answers[i] = MOOR_ERRORS;
    }
}

static void two_slots(void)
{
    make_with(MOOR_LIMIT_RUNNING, 2);
}

static void three_slots(void)
{
    make_with(MOOR_LIMIT_RUNNING, 3);
}

static void many_slots(void)
{
    make_with(MOOR_LIMIT_RUNNING, 6);
}

static void three_in_a_lifetime(void)
{
    make_with(MOOR_LIMIT_LIFETIME, 3);
}

static void one_held(void)
{
    two_slots();
    holder = world_spawn((moor_agent){0}, "holder");
}

/* Where idle ones keep their slots: there are none. */
static void one_held_on_reserve(void)
{
    moor_config config;

    two_slots();
    world_end();
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    config.release = MOOR_ON_RESERVE;
    world_make_with(&config);
    holder = world_spawn((moor_agent){0}, "holder");
}

static void with_parent(void)
{
    many_slots();
    parent = world_spawn((moor_agent){0}, "parent");
    world_finish(parent);
}

/* --- threads -------------------------------------------------------------- */

static void spawn_pair(moor_agent first, const char *a, moor_agent second,
                       const char *b)
{
    const moor_spawn_options options[PAIR] = {{.parent = first, .name = a},
                                              {.parent = second, .name = b}};
    int self = model_self();

    answers[self] = moor_spawn_many(world, options, PAIR, pairs[self], NULL);
}

static void spawn_two(void)
{
    static const char *const names[][PAIR] = {{"a", "b"}, {"c", "d"}};
    int self = model_self();

    spawn_pair((moor_agent){0}, names[self][0], (moor_agent){0},
               names[self][1]);
}

/* The second name is another's first. */
static void spawn_crossed(void)
{
    bool other = model_self() > 0;

    spawn_pair((moor_agent){0}, other ? "b" : "a", (moor_agent){0},
               other ? "a" : "b");
}

static void spawn_same(void)
{
    spawn_pair((moor_agent){0}, "a", (moor_agent){0}, "b");
}

static void spawn_below(void)
{
    spawn_pair(parent, "a", parent, "b");
}

static void spawn_first_below(void)
{
    spawn_pair(parent, "a", (moor_agent){0}, "b");
}

static void spawn_last_below(void)
{
    spawn_pair((moor_agent){0}, "b", parent, "a");
}

static void spawn_lone(void)
{
    answers[model_self()] = world_try_spawn((moor_agent){0}, "lone", &lone);
}

static void finish(void)
{
    world_finish(holder);
}

static void close_holder(void)
{
    world_close_tree(holder);
}

static void close_parent(void)
{
    world_close_tree(parent);
}

static void no_depth(void)
{
    moor_set_limit(world, MOOR_LIMIT_DEPTH, 0);
}

/* --- verdict -------------------------------------------------------------- */

static bool is_there(moor_agent agent)
{
    return agent.bits != 0 && world_status(agent) == MOOR_STATUS_PENDING_INIT;
}

/* What was answered, what is there, and what is counted agree; `closed`: some
 * may have been closed meanwhile. */
static uint64_t judge_pairs(bool closed)
{
    uint64_t there = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        for (int k = 0; k < PAIR; k++) {
            bool is = is_there(pairs[i][k]);

            there += is;
            if (pairs[i][k].bits != 0 && answers[i] != MOOR_OK)
                model_fail("I3: %d was given an agent and an error", i);
            if (answers[i] == MOOR_OK && pairs[i][k].bits != 0 && !is &&
                !closed)
                model_fail("I3: %d of %d is not there", k, i);
        }
    }
    return there + is_there(lone);
}

static void judge_counts(uint64_t there)
{
    world_expect_used(there);
    world_end();
}

static int granted(void)
{
    int count = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        count += answers[i] == MOOR_OK;
    return count;
}

/* For want of slots: somebody is granted, and the other is refused. */
static void judge_one(void)
{
    if (granted() != 1) model_fail("I2: %d granted, not 1", granted());
    judge_counts(judge_pairs(false));
}

static void judge_at_most_one(void)
{
    uint64_t there = judge_pairs(false);

    if (granted() > 1) model_fail("I2: %d granted", granted());
    WORLD_EXPECT(world_lifetime_used() == there);
    judge_counts(there);
}

static void judge_path(void)
{
    uint64_t there = judge_pairs(false);

    if (granted() > 1) model_fail("%d have the same paths", granted());
    if ((world_path_owner("/root/a") != 0) != (there > 0))
        model_fail("a path is taken by nobody");
    judge_counts(there);
}

static void judge_held(void)
{
    judge_counts(judge_pairs(false));
}

static void judge_depth(void)
{
    uint64_t there = judge_pairs(false);

    WORLD_EXPECT(there == (answers[0] == MOOR_OK ? PAIR : 0));
    WORLD_EXPECT(world_lifetime_used() == there);
    judge_counts(there);
}

/* Nothing is below what was closed; what is below the root is there just if it
 * was granted. */
static void judge_close(void)
{
    uint64_t there = judge_pairs(true);
    uint64_t free_one = world_path_owner("/root/b");

    if (world_path_owner("/root/parent/a") != 0)
        model_fail("I8: it hangs below what was closed");
    if (answers[0] != MOOR_OK && free_one != 0)
        model_fail("I3: told %s, and one is there",
                   moor_error_name(answers[0]));
    WORLD_EXPECT(there == (free_one != 0));
    judge_counts(there);
}

static void judge_close_one(void)
{
    WORLD_EXPECT((answers[0] == MOOR_OK) == (world_path_owner("/root/b") != 0));
    judge_close();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"two_pairs_three_slots", three_slots, {spawn_two, spawn_two}, 2,
     judge_one, 3},
    {"two_pairs_two_slots", two_slots, {spawn_two, spawn_two}, 2, judge_one,
     3},
    {"pair_and_lone_two_slots", two_slots, {spawn_two, spawn_lone}, 2,
     judge_one, 3},
    {"two_pairs_three_in_a_lifetime", three_in_a_lifetime,
     {spawn_two, spawn_two}, 2, judge_at_most_one, 3},
    {"pair_and_finish", one_held, {spawn_two, finish}, 2, judge_held, 0},
    {"pair_and_close_on_reserve", one_held_on_reserve,
     {spawn_two, close_holder}, 2, judge_held, 3 | MODEL_IF_LARGE},
    {"same_names", many_slots, {spawn_same, spawn_same}, 2, judge_path, 3},
    {"crossed_names", many_slots, {spawn_crossed, spawn_crossed}, 2,
     judge_path, 3},
    {"close_above", with_parent, {spawn_below, close_parent}, 2, judge_close,
     3},
    {"close_above_first", with_parent, {spawn_first_below, close_parent}, 2,
     judge_close_one, 3},
    {"close_above_last", with_parent, {spawn_last_below, close_parent}, 2,
     judge_close_one, 3},
    {"depth_to_none", many_slots, {spawn_two, no_depth}, 2, judge_depth, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
