/*
 * churn_pool: what the workers of stress_churn share, and how they pick.
 *
 * Handles and tickets lie in arrays that anyone may overwrite at any time;
 * many are stale.  They are passed with relaxed order, so that each operation
 * must get its order from the library.
 */
#ifndef STRESS_CHURN_POOL_H
#define STRESS_CHURN_POOL_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/threads.h"

enum {
    POOL_AGENTS = 48,
    POOL_TICKETS = 12,
    POOL_NAMES = 5,
    POOL_IDS = 4,
    POOL_RUNNING_MAX = 8 /* no limit is ever set higher */
};

/* What the workers know to have succeeded in this round. */
struct ledger {
    _Atomic uint64_t spawned, completed, closed, refused, rolled_back;
};

struct pool {
    moor_registry *registry;
    uint64_t rounds;
    bool rolls_back;   /* start_failed is used in this round */
    bool shuts;        /* the root's tree is closed during this round */
    alignas(128) _Atomic uint64_t agents[POOL_AGENTS];
    alignas(128) _Atomic uint64_t tickets[POOL_TICKETS];
    alignas(128) struct ledger ledger;
};

static inline struct pool *pool_of(const struct worker *worker)
{
    return worker->shared;
}

static inline moor_agent pool_agent(struct worker *worker)
{
    uint32_t which = random_below(&worker->random, POOL_AGENTS);

    return (moor_agent){ atomic_load_explicit(&pool_of(worker)->agents[which],
                                              memory_order_relaxed) };
}

static inline void pool_put_agent(struct worker *worker, moor_agent agent)
{
    uint32_t which = random_below(&worker->random, POOL_AGENTS);

    atomic_store_explicit(&pool_of(worker)->agents[which], agent.bits,
                          memory_order_relaxed);
}

/* May be zero: no ticket was ever put there. */
static inline moor_ticket pool_ticket(struct worker *worker)
{
    uint32_t which = random_below(&worker->random, POOL_TICKETS);

    return (moor_ticket){ atomic_load_explicit(
        &pool_of(worker)->tickets[which], memory_order_relaxed) };
}

static inline void pool_put_ticket(struct worker *worker, moor_ticket ticket)
{
    uint32_t which = random_below(&worker->random, POOL_TICKETS);

    atomic_store_explicit(&pool_of(worker)->tickets[which], ticket.bits,
                          memory_order_relaxed);
}

/* One of a few names, or null: the registry makes one. */
static inline const char *pool_name(struct worker *worker)
{
    static const char *const names[POOL_NAMES] = { NULL, NULL, "bow", "stern",
                                                   "keel" };

    return names[random_below(&worker->random, POOL_NAMES)];
}

static inline moor_id pool_id(struct worker *worker)
{
    uint8_t last = (uint8_t)(1 + random_below(&worker->random, POOL_IDS));

    return (moor_id){ { 0xaa, [15] = last } };
}

/* Adds to the ledger when the call succeeded; answers the error. */
static inline moor_error pool_note(_Atomic uint64_t *entry, moor_error error)
{
    if (error == MOOR_OK) {
        atomic_fetch_add_explicit(entry, 1, memory_order_relaxed);
    }
    return error;
}

/* The same for a refusal. */
static inline moor_error pool_note_refused(struct worker *worker,
                                           moor_error error)
{
    if (error == MOOR_REFUSED) {
        atomic_fetch_add_explicit(&pool_of(worker)->ledger.refused, 1,
                                  memory_order_relaxed);
    }
    return error;
}

#endif
