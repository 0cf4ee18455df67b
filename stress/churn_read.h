/* churn_read: the operations of stress_churn that only look.  An answer that
 * cannot be true is reported as MOOR_VIOLATED, with a sentence in the tally. */
#ifndef STRESS_CHURN_READ_H
#define STRESS_CHURN_READ_H

#include <string.h>

#include "churn_pool.h"

/* The detail alone; the caller counts. */
static inline moor_error read_violated(struct worker *worker, const char *what)
{
    if (worker->tally.detail[0] == '\0') {
        snprintf(worker->tally.detail, sizeof worker->tally.detail, "%s",
                 what);
    }
    return MOOR_VIOLATED;
}

static inline moor_error read_status(struct worker *worker)
{
    moor_status status = MOOR_STATUSES;
    moor_error error = moor_status_of(pool_of(worker)->registry,
                                      pool_agent(worker), &status);

    if (status >= MOOR_STATUSES || status == MOOR_STATUS_RESERVED ||
        (error != MOOR_OK) != (status == MOOR_STATUS_NOT_FOUND)) {
        return read_violated(worker, "status that no agent has");
    }
    return error;
}

/* What every copied entry must be. */
static inline bool read_sane(const moor_info *info)
{
    bool ticket = info->ticket.bits != 0;

    return ticket != (info->agent.bits != 0) &&
           ticket == (info->status == MOOR_STATUS_RESERVED) &&
           info->status != MOOR_STATUS_NOT_FOUND &&
           info->status < MOOR_STATUSES &&
           strncmp(info->path, "/root", 5) == 0 &&
           strlen(info->path) <= MOOR_PATH_MAX;
}

static inline moor_error read_info(struct worker *worker)
{
    moor_agent agent = pool_agent(worker);
    moor_info info;
    moor_error error = moor_info_of(pool_of(worker)->registry, agent, &info);

    if (error == MOOR_OK &&
        (info.agent.bits != agent.bits || !read_sane(&info))) {
        return read_violated(worker, "info of something else");
    }
    return error;
}

static inline moor_error read_ticket(struct worker *worker)
{
    moor_ticket ticket = pool_ticket(worker);
    moor_info info;
    moor_error error;

    if (ticket.bits == 0) {
        return MOOR_STALE;
    }
    error = moor_ticket_info(pool_of(worker)->registry, ticket, &info);
    if (error == MOOR_OK &&
        (info.ticket.bits != ticket.bits || !read_sane(&info))) {
        return read_violated(worker, "info of another ticket");
    }
    return error;
}

/* Texts are prefixes of three words. */
static inline moor_error read_result(struct worker *worker)
{
    char text[16];
    size_t length = 0;
    moor_error error =
        moor_result(pool_of(worker)->registry, pool_agent(worker), text,
                    sizeof text, &length);

    if (error == MOOR_OK &&
        (length > 6 || (memcmp(text, "result", length) != 0 &&
                        memcmp(text, "error", length) != 0 &&
                        memcmp(text, "died", length) != 0))) {
        return read_violated(worker, "a result that nobody gave");
    }
    return error;
}

static inline moor_error read_poll(struct worker *worker)
{
    moor_request_kind what;

    return moor_poll(pool_of(worker)->registry, pool_agent(worker), &what);
}

static inline moor_error read_find_id(struct worker *worker)
{
    moor_id id = pool_id(worker);
    moor_agent agent;
    moor_error error = moor_find_id(pool_of(worker)->registry, &id, &agent);

    if (error == MOOR_OK) {
        pool_put_agent(worker, agent);
    }
    return error;
}

static inline moor_error read_find_path(struct worker *worker)
{
    static const char *const paths[] = { "/root/bow", "/root/stern/keel",
                                         "bow", "keel", "stern/bow" };
    moor_agent agent;
    moor_error error = moor_find_path(
        pool_of(worker)->registry, pool_agent(worker),
        paths[random_below(&worker->random, 5)], &agent);

    if (error == MOOR_OK) {
        pool_put_agent(worker, agent);
    }
    return error;
}

/* The whole list; the root is in it exactly once. */
static inline moor_error read_list(struct worker *worker)
{
    moor_registry *registry = pool_of(worker)->registry;
    unsigned roots = 0;
    moor_info infos[4];
    uint64_t cursor = 0;
    moor_error error;

    do {
        size_t count = 0;

        error = moor_list(registry, NULL, &cursor, infos, 4, &count);
        for (size_t i = 0; error == MOOR_OK && i < count; i++) {
            roots += infos[i].agent.bits == moor_root(registry).bits;
            if (!read_sane(&infos[i])) {
                return read_violated(worker, "list of something else");
            }
        }
    } while (error == MOOR_OK && cursor != 0);
    return error == MOOR_OK && roots != 1
               ? read_violated(worker, "the root is not listed once")
               : error;
}

/* Below some agent, some statuses only. */
static inline moor_error read_list_part(struct worker *worker)
{
    moor_list_filter filter = {
        .from = pool_agent(worker),
        .prefix = random_chance(&worker->random, 2) ? "bow" : "/root/stern",
        .statuses = (uint32_t)random_below(&worker->random,
                                           1U << MOOR_STATUSES),
    };
    moor_info infos[4];
    uint64_t cursor = 0;
    size_t count = 0;
    moor_error error = moor_list(pool_of(worker)->registry, &filter, &cursor,
                                 infos, 4, &count);

    for (size_t i = 0; error == MOOR_OK && i < count; i++) {
        if (filter.statuses != 0 &&
            (filter.statuses >> infos[i].status & 1U) == 0) {
            return read_violated(worker, "listed against the filter");
        }
    }
    return error;
}

static inline moor_error read_capacity(struct worker *worker)
{
    moor_capacity capacity;
    moor_error error = moor_capacity_of(pool_of(worker)->registry,
                                        pool_agent(worker), &capacity);

    if (error == MOOR_OK &&
        capacity.of[MOOR_LIMIT_RUNNING].used > POOL_RUNNING_MAX) {
        return read_violated(worker, "capacity: more used than any limit");
    }
    return error;
}

static inline moor_error read_stats(struct worker *worker)
{
    moor_stats stats;
    moor_error error = moor_stats_of(pool_of(worker)->registry, &stats);

    return error == MOOR_OK && stats.used > POOL_RUNNING_MAX
               ? read_violated(worker, "stats: more used than any limit")
               : error;
}

static inline moor_error read_check(struct worker *worker)
{
    char text[160];
    moor_error error = moor_check(pool_of(worker)->registry, false, text,
                                  sizeof text);

    return error == MOOR_VIOLATED ? read_violated(worker, text) : error;
}

static inline moor_error read_wait(struct worker *worker)
{
    moor_agent agents[3];
    moor_waited answers[3];
    size_t count = 1 + random_below(&worker->random, 3);

    for (size_t i = 0; i < count; i++) {
        agents[i] = pool_agent(worker);
    }
    return moor_wait(pool_of(worker)->registry,
                     (moor_wait_for)random_below(&worker->random, 2),
                     (moor_wait_until)random_below(&worker->random, 2),
                     agents, count,
                     random_chance(&worker->random, 8) ? 1 : 0, answers);
}

#endif
