/*
 * A registry that keeps events, and what its queues hold.
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "books.h"
#include "ends.h"
#include "given.h"
#include "threads.h"

enum { MOST = 64 };

static moor_registry *registry;
static moor_event events[MOST];

static inline void make(moor_release release, moor_close_rule rule)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.release = release;
    config.close_rule = rule;
    config.events = true;
    registry = given_config(&config);
}

static inline void plain(void)
{
    make(MOOR_ON_COMPLETION, MOOR_CASCADE);
}

static inline size_t reads(moor_agent owner, size_t room)
{
    size_t count = MOST + 1;

    cr_assert_eq(moor_events(registry, owner, events, room, &count), MOOR_OK);
    cr_assert_leq(count, room);
    return count;
}

static inline size_t events_of(moor_agent agent, moor_status status,
                               size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        found +=
            events[i].agent.bits == agent.bits && events[i].status == status;
    }
    return found;
}

/* The queue holds this one, and no other. */
static inline void holds_just(moor_agent owner, moor_agent agent,
                              moor_status status)
{
    cr_assert_eq(reads(owner, MOST), 1);
    cr_assert_eq(events_of(agent, status, 1), 1);
    cr_assert_eq(reads(owner, MOST), 0);
}

static inline void is_empty(moor_agent owner)
{
    cr_assert_eq(reads(owner, MOST), 0);
}

/* Nothing keeps the records of those that are closed. */
static inline void all_free(void)
{
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    while (reads(nobody, MOST) > 0) {
    }
    for (uint32_t i = 1; i < books_end(registry); i++) {
        uint64_t word =
            moor_load_relaxed(&record_at(&registry->records, i)->state);

        cr_assert_eq(word_phase(word), WORD_FREE, "record %u", i);
    }
    done(registry);
}

#endif
