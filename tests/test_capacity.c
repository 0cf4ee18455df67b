/*
 * Capacity: what is used of each limit, and that `would` is what a spawn then
 * meets, in states of all kinds.
 */
#include "given.h"

#include <stdio.h>
#include <time.h>

static moor_capacity capacity_of(moor_registry *registry, moor_agent parent)
{
    moor_capacity capacity;

    memset(&capacity, 0x5a, sizeof capacity);
    cr_assert_eq(moor_capacity_of(registry, parent, &capacity), MOOR_OK);
    return capacity;
}

static void expect_use(const moor_capacity *capacity, moor_limit limit,
                       uint64_t in_use, uint32_t value)
{
    cr_assert_eq(capacity->of[limit].used, in_use, "%s",
                 moor_limit_name(limit));
    cr_assert_eq(capacity->of[limit].limit, value, "%s",
                 moor_limit_name(limit));
}

Test(capacity, of_each_limit_for_each_parent)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry), b = spawn_below(registry, a, NULL);
    moor_capacity capacity;

    (void)reserve_below(registry, a, NULL);
    completes(registry, b);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_DEPTH, 9), MOOR_OK);
    capacity = capacity_of(registry, a);
    expect_use(&capacity, MOOR_LIMIT_RUNNING, 2, 6);
    expect_use(&capacity, MOOR_LIMIT_DEPTH, 1, 9);
    expect_use(&capacity, MOOR_LIMIT_CHILDREN, 2, MOOR_UNLIMITED);
    expect_use(&capacity, MOOR_LIMIT_LIFETIME, 3, MOOR_UNLIMITED);
    cr_assert_eq(capacity.would, MOOR_OK);
    capacity = capacity_of(registry, nobody);
    expect_use(&capacity, MOOR_LIMIT_DEPTH, 0, 9);
    expect_use(&capacity, MOOR_LIMIT_CHILDREN, 1, MOOR_UNLIMITED);
    capacity = capacity_of(registry, b);
    expect_use(&capacity, MOOR_LIMIT_DEPTH, 2, 9);
    expect_use(&capacity, MOOR_LIMIT_CHILDREN, 0, MOOR_UNLIMITED);
    done(registry);
}

Test(capacity, says_which_limit_would_refuse)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry);

    (void)spawn_below(registry, a, NULL);
    for (int limit = MOOR_LIMITS - 1; limit >= 0; limit--) {
        moor_capacity capacity;

        cr_assert_eq(moor_set_limit(registry, (moor_limit)limit, 1), MOOR_OK);
        capacity = capacity_of(registry, a);
        cr_assert_eq(capacity.would, MOOR_REFUSED);
        cr_assert_eq(capacity.would_limit, (moor_limit)limit);
        cr_assert_eq(
            moor_set_limit(registry, (moor_limit)limit, MOOR_UNLIMITED),
            MOOR_OK);
    }
    cr_assert_eq(capacity_of(registry, a).would, MOOR_OK);
    done(registry);
}

Test(capacity, changes_nothing)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = given_policy((moor_release)release, 2);
        struct picture *before;

        completes(registry, spawn(registry));
        (void)spawn(registry);
        before = picture(registry);
        (void)capacity_of(registry, nobody);
        unchanged(registry, before, "capacity");
        done(registry);
    }
}

Test(capacity, of_one_that_is_gone_or_never_was)
{
    moor_registry *registry = given();
    moor_agent gone = spawn(registry), forged = {gone.bits + 1000};
    moor_capacity capacity;

    cr_assert_eq(close_it(registry, gone), MOOR_OK);
    cr_assert_eq(moor_capacity_of(registry, gone, &capacity), MOOR_STALE);
    cr_assert_eq(moor_capacity_of(registry, forged, &capacity), MOOR_NOT_FOUND);
    cr_assert_eq(moor_capacity_of(registry, nobody, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_capacity_of(NULL, nobody, &capacity), MOOR_BAD_ARGUMENT);
    done(registry);
}

/* Under on_reserve a slot that could be reaped is as good as a free one; but
 * only if it is enough. */
Test(capacity, under_on_reserve_counts_what_could_be_reaped)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 3);
    moor_agent idle = spawn(registry);

    (void)spawn(registry);
    (void)spawn(registry);
    cr_assert_eq(capacity_of(registry, nobody).would, MOOR_REFUSED);
    completes(registry, idle);
    cr_assert_eq(capacity_of(registry, nobody).would, MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 2), MOOR_OK);
    cr_assert_eq(capacity_of(registry, nobody).would, MOOR_REFUSED,
                 "three are used, one could be reaped, two remain");
    cr_assert_eq(capacity_of(registry, nobody).would_limit, MOOR_LIMIT_RUNNING);
    done(registry);
}

/* --- against a spawn, in random states ------------------------------------ */

enum { AGENTS = 12, STEPS = 60, WORLDS = 400 };

static uint64_t state;

static unsigned draw(unsigned below)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(state >> 33) % below;
}

static void random_limit(moor_registry *registry)
{
    static const uint32_t values[] = {
        0, 1, 2, 3, 5, MOOR_UNLIMITED, MOOR_UNLIMITED};

    cr_assert_eq(moor_set_limit(registry, (moor_limit)draw(MOOR_LIMITS),
                                values[draw(7)]),
                 MOOR_OK);
}

static void random_step(moor_registry *registry, moor_agent agents[AGENTS])
{
    moor_agent *agent = &agents[draw(AGENTS)];
    moor_spawn_options options = {.parent = agents[draw(AGENTS)]};

    switch (draw(10)) {
    case 0:
        (void)moor_interrupt(registry, *agent);
        break;
    case 1:
    case 2:
        (void)finish(registry, *agent, MOOR_STATUS_COMPLETED);
        break;
    case 3:
        (void)moor_run_again(registry, *agent, NULL);
        break;
    case 4:
        (void)moor_close(registry, *agent,
                         (moor_close_scope)draw(MOOR_CLOSE_SCOPES), NULL);
        break;
    case 5:
        random_limit(registry);
        break;
    case 6:
        if (draw(8) == 0) {
            (void)moor_turn_end(registry, MOOR_LEFT_FENCE, NULL);
        }
        break;
    default:
        (void)moor_spawn(registry, &options, agent, NULL);
        break;
    }
}

static void compare(moor_registry *registry, moor_agent parent)
{
    moor_spawn_options options = {.parent = parent};
    moor_capacity capacity;
    moor_refusal refusal = {.limit = MOOR_LIMITS};
    moor_agent agent;
    moor_error told = moor_capacity_of(registry, parent, &capacity);
    moor_error met;

    if (told == MOOR_OK) told = capacity.would;
    met = moor_spawn(registry, &options, &agent, &refusal);
    cr_assert_eq(met, told, "told %s, met %s", moor_error_name(told),
                 moor_error_name(met));
    if (met == MOOR_REFUSED) {
        cr_assert_eq(capacity.would_limit, refusal.limit);
    }
}

Test(capacity, would_is_what_a_spawn_then_meets)
{
    const char *given_seed = getenv("MOOR_SEED");
    uint64_t seed = given_seed != NULL ? strtoull(given_seed, NULL, 10)
                                       : (uint64_t)time(NULL);

    printf("seed %llu (MOOR_SEED)\n", (unsigned long long)seed);
    for (unsigned world = 0; world < WORLDS; world++) {
        moor_agent agents[AGENTS] = {{0}};
        moor_registry *registry =
            given_policy((moor_release)(world % MOOR_RELEASES), 3);

        state = seed + world;
        for (int step = 0; step < STEPS; step++) {
            random_step(registry, agents);
        }
        compare(registry, agents[draw(AGENTS)]);
        done(registry);
    }
}
