/*
 * No memory where it is measured how long slots are held: an error code at
 * creation, an admission that has done nothing.
 */
#include "given.h"

#include "failing.h"

static unsigned count_failures(const moor_config *config)
{
    moor_registry *registry = NULL;
    unsigned nth = 0;
    moor_error error;

    do {
        fail_only(FAILING_MEMORY, ++nth);
        error = moor_create(config, &registry);
        fail_none();
        cr_assert(error == (failing.failed > 0 ? MOOR_NO_MEMORY : MOOR_OK));
        cr_assert_eq(registry != NULL, error == MOOR_OK);
    } while (error != MOOR_OK);
    done(registry);
    return nth - 1;
}

/* Where how long slots are held is measured, a registry needs a block more. */
Test(times_memory, for_the_times_that_slots_are_held)
{
    moor_config config;
    unsigned without;

    moor_config_default(&config);
    without = count_failures(&config);
    config.measure_held = true;
    cr_assert_eq(count_failures(&config), without + 1);
}

/* And an agent a word: without it, it is not admitted. */
Test(times_memory, for_the_time_of_an_agent)
{
    moor_config config;
    moor_registry *registry;
    moor_agent agent;
    moor_times held;
    unsigned nth = 0;
    moor_error error;

    moor_config_default(&config);
    config.measure_held = true;
    registry = given_config(&config);
    do {
        fail_only(FAILING_MEMORY, ++nth);
        error = moor_spawn(registry, &(moor_spawn_options){.name = "a"}, &agent,
                           NULL);
        fail_none();
        cr_assert(error == (failing.failed > 0 ? MOOR_NO_MEMORY : MOOR_OK));
        cr_assert_eq(used(registry), error == MOOR_OK);
    } while (error != MOOR_OK);
    completes(registry, agent);
    cr_assert_eq(moor_times_of(registry, NULL, &held), MOOR_OK);
    cr_assert_eq(held.count, 1);
    done(registry);
}
