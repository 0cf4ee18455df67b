/*
 * What the tests of the public calls begin with: a registry, agents in a given
 * state, and pictures of all that can be read, to see that nothing changed.
 * Whatever goes wrong here fails the test.
 */
#ifndef TESTS_GIVEN_H
#define TESTS_GIVEN_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "moorage/moorage.h"

enum { GIVEN_ANSWER_UNKNOWN = MOOR_ERRORS };

/* --- registries ----------------------------------------------------------- */

static inline moor_registry *given_config(const moor_config *config)
{
    moor_registry *registry = NULL;

    cr_assert_eq(moor_create(config, &registry), MOOR_OK);
    cr_assert_not_null(registry);
    return registry;
}

/* The defaults. */
static inline moor_registry *given(void)
{
    return given_config(NULL);
}

static inline moor_registry *given_policy(moor_release release,
                                          uint32_t running)
{
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.limits[MOOR_LIMIT_RUNNING] = running;
    return given_config(&config);
}

static inline moor_registry *given_limit(moor_limit which, uint32_t value)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[which] = value;
    return given_config(&config);
}

static inline moor_registry *given_rule(moor_close_rule rule)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.close_rule = rule;
    return given_config(&config);
}

/* No invariant is broken; then ends the registry. */
static inline void sound(moor_registry *registry)
{
    char text[256] = "";

    cr_assert_eq(moor_check(registry, true, text, sizeof text), MOOR_OK, "%s",
                 text);
}

static inline void done(moor_registry *registry)
{
    sound(registry);
    moor_destroy(registry);
}

/* --- agents and tickets --------------------------------------------------- */

static const moor_agent nobody = {0};

static inline moor_agent spawn_below(moor_registry *registry, moor_agent parent,
                                     const char *name)
{
    moor_spawn_options options = {.parent = parent, .name = name};
    moor_agent agent = {0};
    moor_error error = moor_spawn(registry, &options, &agent, NULL);

    cr_assert_eq(error, MOOR_OK, "spawn: %s", moor_error_name(error));
    cr_assert_neq(agent.bits, 0);
    return agent;
}

static inline moor_agent spawn(moor_registry *registry)
{
    return spawn_below(registry, nobody, NULL);
}

static inline moor_ticket reserve_below(moor_registry *registry,
                                        moor_agent parent, const char *name)
{
    moor_spawn_options options = {.parent = parent, .name = name};
    moor_ticket ticket = {0};
    moor_error error = moor_reserve(registry, &options, &ticket, NULL);

    cr_assert_eq(error, MOOR_OK, "reserve: %s", moor_error_name(error));
    cr_assert_neq(ticket.bits, 0);
    return ticket;
}

static inline moor_ticket reserve(moor_registry *registry)
{
    return reserve_below(registry, nobody, NULL);
}

static inline moor_error finish(moor_registry *registry, moor_agent agent,
                                moor_status status)
{
    return moor_finish(registry, agent, status, NULL, 0);
}

static inline void completes(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(finish(registry, agent, MOOR_STATUS_COMPLETED), MOOR_OK);
}

static inline moor_error close_it(moor_registry *registry, moor_agent agent)
{
    return moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL);
}

/* Brings a fresh agent into a status that agents can have. */
static inline void bring(moor_registry *registry, moor_agent agent,
                         moor_status status)
{
    switch (status) {
    case MOOR_STATUS_RUNNING:
        cr_assert_eq(moor_start(registry, agent), MOOR_OK);
        break;
    case MOOR_STATUS_INTERRUPTED:
        cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
        break;
    case MOOR_STATUS_COMPLETED:
    case MOOR_STATUS_ERRORED:
    case MOOR_STATUS_SHUTDOWN:
        cr_assert_eq(finish(registry, agent, status), MOOR_OK);
        break;
    default:
        break;
    }
}

/* --- reading -------------------------------------------------------------- */

static inline moor_status status_of(moor_registry *registry, moor_agent agent)
{
    moor_status status = MOOR_STATUSES;
    moor_error error = moor_status_of(registry, agent, &status);

    cr_assert(error == MOOR_OK || error == MOOR_STALE ||
              error == MOOR_NOT_FOUND);
    return status;
}

static inline moor_info info_of(moor_registry *registry, moor_agent agent)
{
    moor_info info;

    memset(&info, 0, sizeof info);
    cr_assert_eq(moor_info_of(registry, agent, &info), MOOR_OK);
    return info;
}

static inline moor_info ticket_info(moor_registry *registry, moor_ticket ticket)
{
    moor_info info;

    memset(&info, 0, sizeof info);
    cr_assert_eq(moor_ticket_info(registry, ticket, &info), MOOR_OK);
    return info;
}

static inline moor_stats stats_of(moor_registry *registry)
{
    moor_stats stats;

    memset(&stats, 0, sizeof stats);
    cr_assert_eq(moor_stats_of(registry, &stats), MOOR_OK);
    return stats;
}

static inline uint64_t used(moor_registry *registry)
{
    return stats_of(registry).used;
}

static inline moor_use use_of(moor_registry *registry, moor_agent parent,
                              moor_limit which)
{
    moor_capacity capacity;

    cr_assert_eq(moor_capacity_of(registry, parent, &capacity), MOOR_OK);
    return capacity.of[which];
}

/* The agent at a path; the zero handle if there is none. */
static inline moor_agent at_path(moor_registry *registry, const char *path)
{
    moor_agent agent = {0};
    moor_error error = moor_find_path(registry, nobody, path, &agent);

    cr_assert(error == MOOR_OK || error == MOOR_NOT_FOUND, "%s: %s", path,
              moor_error_name(error));
    return error == MOOR_OK ? agent : nobody;
}

static inline bool result_is(moor_registry *registry, moor_agent agent,
                             const char *want)
{
    char text[256];
    size_t length = 0;

    cr_assert_eq(moor_result(registry, agent, text, sizeof text, &length),
                 MOOR_OK);
    return length == strlen(want) && memcmp(text, want, length) == 0;
}

/* --- pictures: all that can be read, but ages and marks ------------------- */

enum { PICTURE_MOST = 80 };

struct picture {
    moor_stats stats;
    size_t count;
    moor_info infos[PICTURE_MOST];
};

static inline int by_path(const void *a, const void *b)
{
    return strcmp(((const moor_info *)a)->path, ((const moor_info *)b)->path);
}

static inline struct picture *picture(moor_registry *registry)
{
    struct picture *now = calloc(1, sizeof *now);
    uint64_t cursor = 0;

    cr_assert_not_null(now);
    now->stats = stats_of(registry);
    do {
        size_t count = 0;

        cr_assert_lt(now->count, PICTURE_MOST);
        cr_assert_eq(moor_list(registry, NULL, &cursor, now->infos + now->count,
                               PICTURE_MOST - now->count, &count),
                     MOOR_OK);
        now->count += count;
    } while (cursor != 0);
    qsort(now->infos, now->count, sizeof now->infos[0], by_path);
    return now;
}

static inline bool same_info(const moor_info *a, const moor_info *b)
{
    return a->agent.bits == b->agent.bits && a->ticket.bits == b->ticket.bits &&
           a->parent.bits == b->parent.bits &&
           memcmp(&a->id, &b->id, sizeof a->id) == 0 &&
           a->status == b->status && a->slot == b->slot &&
           a->fenced == b->fenced && a->depth == b->depth &&
           a->turn == b->turn && strcmp(a->path, b->path) == 0 &&
           strcmp(a->nickname, b->nickname) == 0 &&
           strcmp(a->role, b->role) == 0;
}

/* But for the marks, which stay when a ticket goes. */
static inline bool same_stats(const moor_stats *a, const moor_stats *b)
{
    moor_stats other = *b;

    other.used_most = a->used_most;
    other.resident_most = a->resident_most;
    return memcmp(a, &other, sizeof other) == 0;
}

/* The first difference in words; null: there is none. */
static inline const char *difference(const struct picture *a,
                                     const struct picture *b)
{
    if (!same_stats(&a->stats, &b->stats)) return "stats";
    if (a->count != b->count) return "number of entries";
    for (size_t i = 0; i < a->count; i++) {
        if (!same_info(&a->infos[i], &b->infos[i])) return a->infos[i].path;
    }
    return NULL;
}

/* Nothing that can be read has changed since; ends the picture. */
static inline void unchanged(moor_registry *registry, struct picture *before,
                             const char *by)
{
    struct picture *now = picture(registry);
    const char *what = difference(before, now);

    cr_assert_null(what, "%s changed: %s", by, what);
    free(now);
    free(before);
}

#endif
