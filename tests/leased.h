/*
 * Agents with a lease, and their clock.
 */
#ifndef TESTS_LEASED_H
#define TESTS_LEASED_H

#include "queued.h"

#include "clock.h"

enum { SHORT = 5, LONG = 3600000 };

static inline moor_agent leased(moor_registry *registry, uint32_t ttl_ms)
{
    const moor_spawn_options options = {.ttl_ms = ttl_ms};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

/* Until so many milliseconds have passed on the leases' clock. */
static inline void pass(uint64_t ms)
{
    uint64_t until = clock_exact_ms() + ms;

    together_end = event_deadline(TOGETHER_MS);
    while (clock_exact_ms() < until) {
        cr_assert(in_time());
    }
}

static inline void is(moor_registry *registry, moor_agent agent,
                      moor_status status)
{
    moor_status now;

    cr_assert_eq(moor_status_of(registry, agent, &now), MOOR_OK);
    cr_assert_eq(now, status, "%s", moor_status_name(now));
}

static inline void has_expired_text(moor_registry *registry, moor_agent agent)
{
    char text[20] = "";
    size_t length;

    is(registry, agent, MOOR_STATUS_ERRORED);
    cr_assert_eq(moor_result(registry, agent, text, sizeof text, &length),
                 MOOR_OK);
    cr_assert_str_eq(text, "lease expired");
}

#endif
