/*
 * Leases beside those that wait for a slot: who waits has the slot of one that
 * expires, in time, and else waits on.
 */
#include "leased.h"

Test(lease_wait, who_waits_for_a_slot_has_it_when_one_expires)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    const moor_patience patience = {.timeout_ms = MOOR_FOREVER};
    const moor_spawn_options options = {.patience = &patience};
    moor_agent agent = leased(registry, SHORT), other;

    cr_assert_eq(moor_spawn(registry, &options, &other, NULL), MOOR_OK);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* It slept for ever when there was no lease. */
Test(lease_wait, who_waits_hears_of_one_that_begins)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    const moor_spawn_options options = {.ttl_ms = SHORT};
    struct queued waiter = spawner(registry, "waiter");
    moor_ticket ticket;
    moor_agent agent;

    cr_assert_eq(moor_reserve(registry, &options, &ticket, NULL), MOOR_OK);
    waiter.patience.timeout_ms = MOOR_FOREVER;
    comes(&waiter);
    pass(SHORT); /* it sleeps by now */
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    expect_served(&waiter);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* It is woken for the lease of one that has lent its slot, and sleeps on. */
Test(lease_wait, who_waits_waits_on_when_one_expires_without_a_slot)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    struct queued waiter = spawner(registry, "waiter");
    moor_agent agent = leased(registry, 10 * SHORT), holder;

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    holder = spawn_below(registry, nobody, "holder");
    starts(&waiter);
    together_end = event_deadline(TOGETHER_MS);
    while (status_of(registry, agent) != MOOR_STATUS_ERRORED && in_time()) {
    }
    has_expired_text(registry, agent);
    pass(SHORT);
    cr_assert_eq(waiting(registry), 1);
    completes(registry, holder);
    expect_served(&waiter);
    moor_destroy(registry);
}

/* Its own deadline comes before anybody's time. */
Test(lease_wait, who_waits_for_a_slot_waits_no_longer_than_it_wants)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    const moor_patience patience = {.timeout_ms = SHORT};
    const moor_spawn_options options = {.patience = &patience};
    moor_agent agent = leased(registry, LONG), other;

    cr_assert_eq(moor_spawn(registry, &options, &other, NULL), MOOR_REFUSED);
    is(registry, agent, MOOR_STATUS_PENDING_INIT);
    /* Nor when there is nobody's time to wait for any more. */
    completes(registry, agent);
    agent = leased(registry, SHORT);
    pass(SHORT + 1);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    has_expired_text(registry, agent);
    (void)leased(registry, 0);
    cr_assert_eq(moor_spawn(registry, &options, &other, NULL), MOOR_REFUSED);
    done(registry);
}

/* Also when both come within the same second, whichever comes first. */
Test(lease_wait, who_waits_for_a_slot_wakes_at_the_nearer_time)
{
    enum { SOON = 20 * SHORT, TIMES = 4 };
    int in_time_too = 0;

    for (int i = 0; i < 2 * TIMES; i++) {
        const bool has_it = i % 2 == 1;
        const moor_patience patience = {.timeout_ms = has_it ? SOON : SHORT};
        const moor_spawn_options options = {.patience = &patience};
        moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
        uint64_t began = clock_exact_ms();
        moor_agent other;
        moor_error error;

        (void)leased(registry, has_it ? SHORT : SOON);
        error = moor_spawn(registry, &options, &other, NULL);
        /* Unless this thread has slept for longer than either. */
        if (clock_exact_ms() < began + SOON) {
            cr_assert_eq(error, has_it ? MOOR_OK : MOOR_REFUSED);
            in_time_too |= 1 << has_it;
        }
        done(registry);
    }
    cr_assert_eq(in_time_too, 3, "always too late: %d", in_time_too);
}

/* It sleeps till its deadline, and is told that there is a time before. */
Test(lease_wait, who_waits_already_has_the_slot_of_one_that_begins)
{
    const moor_spawn_options options = {.ttl_ms = SHORT};
    struct queued one = {
        .registry = given_queue(4, MOOR_ON_COMPLETION),
        .patience = {.timeout_ms = MOOR_FOREVER},
    };
    moor_ticket ticket;
    moor_agent agent;

    cr_assert_eq(moor_reserve(one.registry, &options, &ticket, NULL), MOOR_OK);
    comes(&one);
    cr_assert_eq(moor_commit(one.registry, ticket, NULL, NULL, &agent),
                 MOOR_OK);
    EXPECT_TOLD(&one, MOOR_OK);
    has_expired_text(one.registry, agent);
    done(one.registry);
}
