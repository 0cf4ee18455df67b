/*
 * Use: the least recently used is evicted first.
 */
#include "given.h"

static moor_registry *given_resident(uint32_t limit)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.limits[MOOR_LIMIT_RESIDENT] = limit;
    return given_config(&config);
}

static moor_agent idle_agent(moor_registry *registry)
{
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    return agent;
}

static moor_agent evict_oldest(moor_registry *registry)
{
    moor_agent evicted = {0};

    cr_assert_eq(moor_evict(registry, nobody, &evicted), MOOR_OK);
    return evicted;
}

enum { SOME = 20 };

/* Evicts all there are, and expects that order. */
static void expect_order(moor_registry *registry, const moor_agent *agents,
                         const int *order, int count)
{
    moor_agent evicted;

    for (int i = 0; i < count; i++) {
        cr_assert_eq(evict_oldest(registry).bits, agents[order[i]].bits,
                     "number %d", i);
    }
    cr_assert_eq(moor_evict(registry, nobody, &evicted), MOOR_NOT_EVICTABLE);
}

Test(use, the_order_of_spawns_without_other_uses)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agents[SOME];
    int order[SOME];

    for (int i = 0; i < SOME; i++) {
        agents[i] = spawn(registry);
        order[i] = i;
    }
    for (int i = SOME - 1; i >= 0; i--) {
        cr_assert_eq(moor_interrupt(registry, agents[i]), MOOR_OK);
    }
    expect_order(registry, agents, order, SOME);
    done(registry);
}

/* Each use makes number 0 the latest of three. */
static void check_use(int use)
{
    static const int order[] = {1, 2, 0};
    moor_registry *registry = given_resident(10);
    moor_agent agents[3];

    for (int i = 0; i < 3; i++) {
        agents[i] = spawn(registry);
        if (use == 1 && i == 0) continue; /* finished at last */
        if (use == 5 && i == 0) continue;
        completes(registry, agents[i]);
    }
    switch (use) {
    case 0:
        cr_assert_eq(moor_touch(registry, agents[0]), MOOR_OK);
        break;
    case 1:
        cr_assert_eq(
            moor_finish(registry, agents[0], MOOR_STATUS_ERRORED, "x", 1),
            MOOR_OK);
        break;
    case 2:
        cr_assert_eq(moor_load(registry, agents[0], NULL), MOOR_OK);
        break;
    case 3:
        cr_assert_eq(moor_evict(registry, agents[0], NULL), MOOR_OK);
        cr_assert_eq(moor_unloaded(registry, agents[0]), MOOR_OK);
        cr_assert_eq(moor_load(registry, agents[0], NULL), MOOR_OK);
        break;
    case 4:
        cr_assert_eq(moor_run_again(registry, agents[0], NULL), MOOR_OK);
        cr_assert_eq(moor_interrupt(registry, agents[0]), MOOR_OK);
        break;
    default:
        cr_assert_eq(moor_start(registry, agents[0]), MOOR_OK);
        cr_assert_eq(moor_interrupt(registry, agents[0]), MOOR_OK);
    }
    expect_order(registry, agents, order, 3);
    done(registry);
}

Test(use, each_use_makes_an_agent_the_latest)
{
    for (int use = 0; use < 6; use++)
        check_use(use);
}

Test(use, uses_count_from_the_first_limit_on)
{
    static const int order[] = {1, 0};
    moor_registry *registry = given();
    moor_agent agents[2];

    for (int i = 0; i < 2; i++)
        agents[i] = spawn(registry);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RESIDENT, 9), MOOR_OK);
    completes(registry, agents[1]);
    completes(registry, agents[0]);
    expect_order(registry, agents, order, 2);
    done(registry);
}

Test(use, uses_before_the_first_limit_count_if_they_are_asked_for)
{
    static const int order[] = {1, 0};
    moor_config config;
    moor_agent agents[2];
    moor_registry *registry;

    moor_config_default(&config);
    config.track_use = true;
    registry = given_config(&config);
    for (int i = 0; i < 2; i++)
        agents[i] = spawn(registry);
    completes(registry, agents[1]);
    completes(registry, agents[0]);
    expect_order(registry, agents, order, 2);
    done(registry);
}

Test(use, the_use_of_a_former_tenant_does_not_count)
{
    static const int order[] = {0, 1};
    moor_registry *registry = given_resident(10);
    moor_agent agents[2], former = idle_agent(registry);

    cr_assert_eq(moor_touch(registry, former), MOOR_OK);
    cr_assert_eq(close_it(registry, former), MOOR_OK);
    agents[0] = spawn(registry); /* in its record */
    agents[1] = spawn(registry);
    for (int i = 0; i < 2; i++)
        completes(registry, agents[i]);
    cr_assert_eq(moor_touch(registry, former), MOOR_STALE);
    expect_order(registry, agents, order, 2);
    done(registry);
}

Test(use, many_agents_in_the_order_of_their_touches)
{
    enum { MANY = 500 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    static moor_agent agents[MANY];
    static int order[MANY];

    for (int i = 0; i < MANY; i++)
        agents[i] = idle_agent(registry);
    for (int i = 0; i < MANY; i++) {
        order[i] = i * 7 % MANY; /* prime to it: each once */
        cr_assert_eq(moor_touch(registry, agents[order[i]]), MOOR_OK);
    }
    expect_order(registry, agents, order, MANY);
    done(registry);
}
