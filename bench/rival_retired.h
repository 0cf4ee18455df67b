/*
 * What a rival on liburcu unlinks: gathered by each thread, handed to call_rcu
 * a batch at a time, and after the grace period used again instead of freed;
 * so neither malloc nor a wake-up of the reclaiming thread is paid for each.
 */
#ifndef BENCH_RIVAL_RETIRED_H
#define BENCH_RIVAL_RETIRED_H

#include <urcu-qsbr.h>

#include <stdatomic.h>
#include <stdlib.h>

enum { RETIRED_BATCH = 128 };

/* Stands first in what is retired. */
struct retired {
    struct rcu_head head; /* of the batch whose first this is */
    struct retired *next;
    struct retired_pool *pool;
};

struct retired_pool {
    struct retired *_Atomic spare;
};

/* Of this thread, between its enter and its leave. */
struct retired_own {
    struct retired *spare, *batch;
    unsigned count;
};

static _Thread_local struct retired_own retired_own;

static inline void retired_give(struct retired_pool *pool,
                                struct retired *first)
{
    struct retired *last = first;
    struct retired *top = atomic_load(&pool->spare);

    while (last->next != NULL) last = last->next;
    do last->next = top;
    while (!atomic_compare_exchange_weak(&pool->spare, &top, first));
}

static inline void retired_over(struct rcu_head *head)
{
    struct retired *first = caa_container_of(head, struct retired, head);

    retired_give(first->pool, first);
}

static inline void retired_flush(struct retired_pool *pool)
{
    struct retired *batch = retired_own.batch;

    if (batch == NULL) return;
    batch->pool = pool;
    retired_own.batch = NULL;
    retired_own.count = 0;
    call_rcu(&batch->head, retired_over);
}

static inline void retired_add(struct retired_pool *pool,
                               struct retired *which)
{
    which->next = retired_own.batch;
    retired_own.batch = which;
    if (++retired_own.count == RETIRED_BATCH) retired_flush(pool);
}

/* One that was used before, or null. */
static inline struct retired *retired_take(struct retired_pool *pool)
{
    struct retired *spare = retired_own.spare;

    if (spare == NULL) {
        if (atomic_load_explicit(&pool->spare, memory_order_relaxed) == NULL) {
            return NULL;
        }
        spare = atomic_exchange(&pool->spare, NULL);
        if (spare == NULL) return NULL;
    }
    retired_own.spare = spare->next;
    return spare;
}

static inline void retired_leave(struct retired_pool *pool)
{
    retired_flush(pool);
    if (retired_own.spare != NULL) retired_give(pool, retired_own.spare);
    retired_own.spare = NULL;
}

/* After rcu_barrier. */
static inline void retired_free(struct retired_pool *pool)
{
    struct retired *at = atomic_load(&pool->spare);

    while (at != NULL) {
        struct retired *next = at->next;

        free(at);
        at = next;
    }
}

#endif
