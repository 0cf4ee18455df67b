/*
 * High-water marks of a registry: the most running slots and residents that
 * there ever were at once, whichever way they came to be used.
 */
#include "queued.h"

#include "moorage/journal.h"

/* Who reads a mark raises it to what is used now; so all is given back before
 * it is read. */
static void expect_most(moor_registry *registry, uint64_t used,
                        uint64_t resident)
{
    moor_stats stats = stats_of(registry);

    cr_expect_eq(stats.used_most, used, "%llu slots, not %llu",
                 (unsigned long long)stats.used_most, (unsigned long long)used);
    cr_expect_eq(stats.resident_most, resident, "%llu residents, not %llu",
                 (unsigned long long)stats.resident_most,
                 (unsigned long long)resident);
}

static void close_all(moor_registry *registry, const moor_agent *agents,
                      int count)
{
    for (int i = 0; i < count; i++) {
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    }
}

Test(most, rise_and_never_fall)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 4);
    moor_agent agents[3];
    moor_ticket ticket;

    expect_most(registry, 0, 0);
    for (int i = 0; i < 3; i++) {
        agents[i] = spawn(registry);
    }
    completes(registry, agents[0]);
    ticket = reserve(registry); /* takes its slot, and a place of its own */
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    close_all(registry, agents, 3);
    expect_most(registry, 3, 4);
    agents[0] = spawn(registry);
    expect_most(registry, 3, 4);
    done(registry);
}

Test(most, are_of_those_that_were_granted)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    const moor_spawn_options three[3] = {{.name = NULL}};
    moor_agent agents[3];

    cr_assert_eq(moor_spawn_many(registry, three, 3, agents, NULL),
                 MOOR_REFUSED);
    expect_most(registry, 0, 0);
    cr_assert_eq(moor_spawn_many(registry, three, 2, agents, NULL), MOOR_OK);
    cr_assert_eq(moor_spawn(registry, &three[0], &agents[2], NULL),
                 MOOR_REFUSED);
    close_all(registry, agents, 2);
    expect_most(registry, 2, 2);
    done(registry);
}

/* Leaves memory when its run has ended. */
static void ends_unloaded(moor_registry *registry, moor_agent agent)
{
    completes(registry, agent);
    cr_assert_eq(moor_evict(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(moor_unloaded(registry, agent), MOOR_OK);
}

static moor_registry *given_unloaded(moor_agent *agents, int count)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);

    for (int i = 0; i < count; i++) {
        agents[i] = spawn(registry);
        ends_unloaded(registry, agents[i]);
    }
    expect_most(registry, 1, 1);
    return registry;
}

Test(most, of_running_again)
{
    moor_agent agents[3];
    moor_registry *registry = given_unloaded(agents, 3);

    cr_assert_eq(moor_run_again(registry, agents[0], NULL), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agents[1], NULL), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agents[2], NULL), MOOR_REFUSED);
    ends_unloaded(registry, agents[0]);
    ends_unloaded(registry, agents[1]);
    expect_most(registry, 2, 2);
    done(registry);
}

Test(most, of_loading)
{
    moor_agent agents[2];
    moor_registry *registry = given_unloaded(agents, 2);

    cr_assert_eq(moor_load(registry, agents[0], NULL), MOOR_OK);
    cr_assert_eq(moor_load(registry, agents[1], NULL), MOOR_OK);
    close_all(registry, agents, 2);
    expect_most(registry, 1, 2);
    done(registry);
}

Test(most, of_a_slot_that_was_taken_back)
{
    moor_registry *registry = given();
    moor_agent agents[2] = {lender(registry, "one"), spawn(registry)};

    cr_assert_eq(moor_take_back(registry, agents[0], NULL, NULL), MOOR_OK);
    close_all(registry, agents, 2);
    expect_most(registry, 2, 2);
    done(registry);
}

/* A raised limit hands its slots to those that wait. */
Test(most, of_a_limit_that_was_raised_while_one_waited)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    struct queued spawner = {.registry = registry, .kind = A_SPAWN};

    (void)runs(registry, "holder");
    comes(&spawner);
    cr_expect_eq(stats_of(registry).used_most, 1);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 2), MOOR_OK);
    EXPECT_TOLD(&spawner, MOOR_OK);
    cr_expect_eq(stats_of(registry).used_most, 2);
    done(registry);
}

/* What was charged on the way, before it was known who is idle, is nobody's. */
Test(most, begin_anew_with_what_was_restored)
{
    moor_kept kept[3] = {{.id = {{1}},
                          .path = "/root/a",
                          .parent = MOOR_KEPT_ROOT,
                          .status = MOOR_STATUS_RUNNING},
                         {.id = {{2}},
                          .path = "/root/b",
                          .parent = MOOR_KEPT_ROOT,
                          .status = MOOR_STATUS_COMPLETED},
                         {.id = {{3}},
                          .path = "/root/c",
                          .parent = MOOR_KEPT_ROOT,
                          .status = MOOR_STATUS_COMPLETED}};
    moor_registry *registry;
    moor_restored outcomes[3];
    moor_agent agents[3];

    cr_assert_eq(
        moor_restore(NULL, kept, 3, 0, 3, &registry, agents, outcomes, NULL),
        MOOR_OK);
    expect_most(registry, 1, 1);
    done(registry);
}
