/*
 * What a registry keeps beside its books, and there is no memory for it:
 * events, the journal, leases, when who was used.  Each allocation of a call
 * fails once: the call says no_memory, or does without; nothing is charged,
 * nothing is lost, and the next try does it.
 */
#include "given.h"

#include "failing.h"
#include "lease.h"

enum { LONG = 60000 };

/* --- an admission --------------------------------------------------------- */

static moor_config config_of(bool events, bool journal, bool track)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.events = events;
    config.journal = journal;
    config.track_use = track;
    return config;
}

/* The nth allocation fails of the spawn behind `others`; whether any did. */
static bool spawn_refused(const moor_config *config, uint32_t ttl_ms,
                          int others, unsigned nth)
{
    const moor_spawn_options options = {
        .name = "a", .role = "role", .nickname = "Kant", .ttl_ms = ttl_ms};
    moor_registry *registry = given_config(config);
    moor_agent agent = {0};
    moor_error error;

    for (int i = 0; i < others; i++) {
        const moor_spawn_options other = {.ttl_ms = ttl_ms};

        cr_assert_eq(moor_spawn(registry, &other, &agent, NULL), MOOR_OK);
    }
    fail_only(FAILING_MEMORY, nth);
    error = moor_spawn(registry, &options, &agent, NULL);
    fail_none();
    if (error != MOOR_OK) {
        cr_assert_eq(error, MOOR_NO_MEMORY);
        cr_assert_gt(failing.failed, 0);
        cr_assert_eq(used(registry), (unsigned)others);
        sound(registry);
        cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    }
    cr_assert_eq(lease_ttl(registry, agent.bits), ttl_ms);
    cr_assert_eq(moor_renew(registry, agent), MOOR_OK);
    completes(registry, agent);
    done(registry);
    return failing.failed > 0;
}

static void each_spawn_refused(bool events, bool journal, bool track,
                               uint32_t ttl_ms)
{
    const moor_config config = config_of(events, journal, track);

    /* Each of these begins a segment of something. */
    for (int others = 0; others < 40; others = 2 * others + 1) {
        unsigned nth = 0;

        while (spawn_refused(&config, ttl_ms, others, ++nth)) {
            cr_assert_lt(nth, 100);
        }
        cr_assert_gt(nth, 1, "behind %d others nothing is allocated", others);
    }
}

Test(no_room, for_a_lease)
{
    each_spawn_refused(false, false, false, LONG);
}

Test(no_room, for_an_event)
{
    each_spawn_refused(true, false, false, 0);
}

Test(no_room, for_a_note)
{
    each_spawn_refused(false, true, false, 0);
}

Test(no_room, for_all)
{
    each_spawn_refused(true, true, true, LONG);
}

/* --- a registry ----------------------------------------------------------- */

static bool create_refused(unsigned nth)
{
    const moor_config config = config_of(true, true, true);
    moor_registry *registry = NULL;
    moor_error error;

    fail_only(FAILING_MEMORY, nth);
    error = moor_create(&config, &registry);
    fail_none();
    cr_assert_eq(error, failing.failed > 0 ? MOOR_NO_MEMORY : MOOR_OK, "%u",
                 nth);
    cr_assert_eq(registry == NULL, failing.failed > 0);
    if (registry != NULL) done(registry);
    return failing.failed > 0;
}

Test(no_room, for_a_registry_that_keeps_all)
{
    unsigned nth = 0;

    while (create_refused(++nth)) {
    }
    cr_assert_gt(nth, 5);
}

/* --- the way back --------------------------------------------------------- */

enum { KEPT = 3 };

static bool restore_refused(unsigned nth)
{
    const moor_config config = config_of(true, true, true);
    const moor_kept kept[KEPT] = {
        {.parent = MOOR_KEPT_ROOT,
         .id = {{1}},
         .path = "/root/a",
         .status = MOOR_STATUS_RUNNING,
         .ttl_ms = LONG},
        {.parent = 0,
         .id = {{2}},
         .path = "/root/a/b",
         .status = MOOR_STATUS_COMPLETED,
         .text = "done",
         .length = 4},
        {.parent = MOOR_KEPT_ROOT,
         .id = {{3}},
         .path = "/root/c",
         .status = MOOR_STATUS_ERRORED,
         .text = "failed",
         .length = 6},
    };
    moor_registry *registry = NULL;
    moor_agent agents[KEPT];
    moor_restored outcomes[KEPT];
    moor_error error;

    fail_only(FAILING_MEMORY, nth);
    error = moor_restore(&config, kept, KEPT, 0, KEPT, &registry, agents,
                         outcomes, NULL);
    fail_none();
    if (error != MOOR_OK) {
        cr_assert_eq(error, MOOR_NO_MEMORY);
        cr_assert_gt(failing.failed, 0);
        cr_assert_null(registry);
    } else {
        cr_assert(result_is(registry, agents[1], "done"));
        done(registry);
    }
    return failing.failed > 0;
}

Test(no_room, for_those_that_were_kept)
{
    unsigned nth = 0;

    while (restore_refused(++nth)) {
        cr_assert_lt(nth, 200);
    }
    cr_assert_gt(nth, 10);
}

/* --- recovery ------------------------------------------------------------- */

/* Whose lease has no second entry keeps the one it had. */
static bool recover_refused(int leased)
{
    const moor_spawn_options options = {.ttl_ms = LONG};
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agent = {0};

    for (int i = 0; i < leased; i++) {
        cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    }
    fail_from(FAILING_MEMORY, 1);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    fail_none();
    cr_assert_eq(moor_renew(registry, agent), MOOR_OK);
    lease_end_due(registry);
    cr_assert_neq(lease_next_ms(registry), 0);
    done(registry);
    return failing.failed > 0;
}

Test(no_room, for_a_lease_that_is_recovered)
{
    int refused = 0;

    for (int leased = 1; leased < 100; leased++) {
        refused += recover_refused(leased);
    }
    cr_assert_gt(refused, 0);
}

/* --- when who was used ---------------------------------------------------- */

/* Nothing was tracked; now it is, without a place for it: then the order is
 * that of the admissions. */
Test(no_room, for_a_use)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent first = spawn(registry), second = spawn(registry), evicted;

    fail_from(FAILING_MEMORY, 1);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RESIDENT, 2), MOOR_OK);
    cr_assert_eq(moor_touch(registry, first), MOOR_NO_MEMORY);
    completes(registry, second);
    completes(registry, first);
    cr_assert_eq(moor_evict(registry, nobody, &evicted), MOOR_OK);
    fail_none();
    cr_assert_gt(failing.failed, 0);
    cr_assert_eq(evicted.bits, first.bits);
    cr_assert_eq(moor_touch(registry, second), MOOR_OK);
    done(registry);
}
