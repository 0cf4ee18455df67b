/* churn_change: the operations of stress_churn that change something.  Each
 * does one call on something random and answers what the call answered. */
#ifndef STRESS_CHURN_CHANGE_H
#define STRESS_CHURN_CHANGE_H

#include "churn_pool.h"

static inline moor_spawn_options change_options(struct worker *worker)
{
    static const char *const roles[] = { NULL, NULL, "pilot", "cook" };
    static const char *const nicknames[] = { NULL, NULL, NULL, "Ada" };

    return (moor_spawn_options){
        .parent = pool_agent(worker),
        .name = pool_name(worker),
        .role = roles[random_below(&worker->random, 4)],
        .nickname = nicknames[random_below(&worker->random, 4)],
    };
}

static inline moor_error change_spawn(struct worker *worker)
{
    struct pool *pool = pool_of(worker);
    moor_spawn_options options = change_options(worker);
    moor_id id = pool_id(worker);
    moor_refusal refusal;
    moor_agent agent;
    moor_error error;

    if (random_chance(&worker->random, 4)) {
        options.id = &id;
    }
    error = moor_spawn(pool->registry, &options, &agent,
                       random_chance(&worker->random, 2) ? &refusal : NULL);
    if (pool_note(&pool->ledger.spawned, error) == MOOR_OK) {
        pool_put_agent(worker, agent);
    }
    return pool_note_refused(worker, error);
}

static inline moor_error change_reserve(struct worker *worker)
{
    struct pool *pool = pool_of(worker);
    moor_spawn_options options = change_options(worker);
    moor_refusal refusal;
    moor_ticket ticket;
    moor_error error = moor_reserve(
        pool->registry, &options, &ticket,
        random_chance(&worker->random, 2) ? &refusal : NULL);

    if (error == MOOR_OK) {
        pool_put_ticket(worker, ticket);
    }
    return pool_note_refused(worker, error);
}

static inline moor_error change_commit(struct worker *worker)
{
    struct pool *pool = pool_of(worker);
    moor_ticket ticket = pool_ticket(worker);
    moor_id id = pool_id(worker);
    moor_agent agent;
    moor_error error;

    if (ticket.bits == 0) {
        return MOOR_STALE;
    }
    error = moor_commit(pool->registry, ticket,
                        random_chance(&worker->random, 4) ? &id : NULL,
                        random_chance(&worker->random, 8) ? "/root/elsewhere"
                                                          : NULL,
                        &agent);
    if (pool_note(&pool->ledger.spawned, error) == MOOR_OK) {
        pool_put_agent(worker, agent);
    }
    return error;
}

static inline moor_error change_abandon(struct worker *worker)
{
    moor_ticket ticket = pool_ticket(worker);

    return ticket.bits == 0
               ? MOOR_STALE
               : moor_abandon(pool_of(worker)->registry, ticket);
}

static inline moor_error change_start(struct worker *worker)
{
    return moor_start(pool_of(worker)->registry, pool_agent(worker));
}

static inline moor_error change_start_failed(struct worker *worker)
{
    struct pool *pool = pool_of(worker);

    if (!pool->rolls_back) {
        return MOOR_STALE;
    }
    return pool_note(&pool->ledger.rolled_back,
                     moor_start_failed(pool->registry, pool_agent(worker)));
}

static inline moor_error change_complete(struct worker *worker)
{
    struct pool *pool = pool_of(worker);

    return pool_note(&pool->ledger.completed,
                     moor_finish(pool->registry, pool_agent(worker),
                                 MOOR_STATUS_COMPLETED, "result",
                                 random_below(&worker->random, 7)));
}

static inline moor_error change_finish(struct worker *worker)
{
    return moor_finish(pool_of(worker)->registry, pool_agent(worker),
                       random_chance(&worker->random, 2)
                           ? MOOR_STATUS_ERRORED
                           : MOOR_STATUS_SHUTDOWN,
                       "error", random_below(&worker->random, 6));
}

static inline moor_error change_interrupt(struct worker *worker)
{
    return moor_interrupt(pool_of(worker)->registry, pool_agent(worker));
}

static inline moor_error change_died(struct worker *worker)
{
    return moor_died(pool_of(worker)->registry, pool_agent(worker));
}

static inline moor_error change_run_again(struct worker *worker)
{
    moor_refusal refusal;

    return pool_note_refused(
        worker,
        moor_run_again(pool_of(worker)->registry, pool_agent(worker),
                       random_chance(&worker->random, 2) ? &refusal : NULL));
}

static inline moor_error change_request(struct worker *worker)
{
    return moor_request(pool_of(worker)->registry, pool_agent(worker),
                        random_chance(&worker->random, 2)
                            ? MOOR_REQUEST_INTERRUPT
                            : MOOR_REQUEST_SHUTDOWN);
}

static inline moor_error change_close_one(struct worker *worker,
                                          moor_agent agent,
                                          moor_close_scope scope)
{
    struct pool *pool = pool_of(worker);
    moor_closed closed = { MOOR_STATUS_NOT_FOUND, 0 };
    moor_error error = moor_close(pool->registry, agent, scope, &closed);

    /* One that lost to another close may have closed some below, too. */
    if (error == MOOR_OK || error == MOOR_STALE) {
        atomic_fetch_add_explicit(&pool->ledger.closed, closed.closed,
                                  memory_order_relaxed);
    }
    return error;
}

/* Any agent; never the root's tree. */
static inline moor_error change_close(struct worker *worker)
{
    moor_agent agent = pool_agent(worker);
    uint32_t scope = random_below(&worker->random, MOOR_CLOSE_SCOPES);

    if (agent.bits == moor_root(pool_of(worker)->registry).bits) {
        scope = MOOR_CLOSE_CASCADE; /* is_root */
    }
    return change_close_one(worker, agent, (moor_close_scope)scope);
}

static inline moor_error change_limit(struct worker *worker)
{
    moor_registry *registry = pool_of(worker)->registry;

    switch (random_below(&worker->random, 4)) {
    case 0:
        return moor_set_limit(registry, MOOR_LIMIT_CHILDREN,
                              2 + random_below(&worker->random, 6));
    case 1:
        return moor_set_limit(registry, MOOR_LIMIT_DEPTH,
                              2 + random_below(&worker->random, 5));
    default:
        return moor_set_limit(
            registry, MOOR_LIMIT_RUNNING,
            1 + random_below(&worker->random, POOL_RUNNING_MAX));
    }
}

static inline moor_error change_turn_begin(struct worker *worker)
{
    return moor_turn_begin(pool_of(worker)->registry, NULL);
}

/* Mostly without what it does to the live ones, or nothing would ever run. */
static inline moor_error change_turn_end(struct worker *worker)
{
    moor_turn_ended ended;
    uint32_t left = random_chance(&worker->random, 4)
                        ? random_below(&worker->random, MOOR_LEFTS)
                        : MOOR_LEFT_KEEP;

    return moor_turn_end(pool_of(worker)->registry, (moor_left)left, &ended);
}

static inline moor_error change_reap(struct worker *worker)
{
    uint64_t reaped;

    return moor_reap(pool_of(worker)->registry, &reaped);
}

#endif
