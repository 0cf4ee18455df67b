/*
 * A registry with a journal, and who takes from it.
 */
#ifndef TESTS_JOURNALED_H
#define TESTS_JOURNALED_H

#include "given.h"

/* The root, as a parent. */
static const moor_agent nobody;

static inline moor_registry *given_journal(void)
{
    moor_config config;

    moor_config_default(&config);
    config.journal = true;
    return given_config(&config);
}

static inline moor_agent spawned(moor_registry *registry, moor_agent parent,
                                 const char *name)
{
    const moor_spawn_options options = {.parent = parent, .name = name};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

static inline int compare_spawns(const void *a, const void *b)
{
    uint64_t first = ((const moor_changed *)a)->order;
    uint64_t second = ((const moor_changed *)b)->order;

    return (first > second) - (first < second);
}

/* Takes up to `room`, in the order of spawns; how many. */
static inline size_t take(moor_registry *registry, moor_changed *changed,
                          size_t room)
{
    size_t count;
    bool behind;

    cr_assert_eq(moor_changes(registry, changed, room, &count, &behind),
                 MOOR_OK);
    cr_assert_not(behind);
    qsort(changed, count, sizeof *changed, compare_spawns);
    return count;
}

static inline moor_change read_done(moor_registry *registry,
                                    const moor_changed *changed)
{
    moor_change change;
    char text[16] = "";

    cr_assert_eq(
        moor_change_read(registry, changed->agent, &change, text, sizeof text),
        MOOR_OK);
    cr_assert_eq(change.closed, changed->closed);
    cr_assert_eq(moor_change_done(registry, changed), MOOR_OK);
    return change;
}

#endif
