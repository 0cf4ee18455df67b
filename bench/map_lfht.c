/*
 * The map level with liburcu's lock-free hash table and quiescent states:
 * readers pay nothing.  A handle is a pointer that nobody checks.  Two rivals:
 *
 *   lfht       malloc, and call_rcu for each that was closed, as its manual
 *              shows it
 *   lfht_pool  with records that are used again: rival_retired.h
 *
 * The table begins with room for all: a lazy resize of liburcu 0.13 is lost
 * for good when the thread that asks for it is preempted at the wrong moment.
 */
#define URCU_INLINE_SMALL_FUNCTIONS
#include <urcu-qsbr.h>
#include <urcu/rculfhash.h>

#include "map_rival.h"
#include "rival_retired.h"

#include <stdalign.h>

enum { BUCKETS_LEAST = 64, BUCKETS_MOST = 1 << 21 };

struct agent {
    struct retired retired;
    struct cds_lfht_node node;
    moor_id id;
    atomic_uint status; /* moor_status; NOT_FOUND: closed */
};

struct books {
    struct cds_lfht *by_id;
    struct hash_key key;
    uint64_t limit;
    bool pooled;
    alignas(128) atomic_uint_fast64_t used;
    alignas(128) struct retired_pool pool;
};

static struct agent *of_node(struct cds_lfht_node *node)
{
    return node == NULL ? NULL : caa_container_of(node, struct agent, node);
}

static struct agent *of_handle(uint64_t handle)
{
    return (struct agent *)(uintptr_t)handle;
}

static int match(struct cds_lfht_node *node, const void *id)
{
    return hash_same_id(&of_node(node)->id, id);
}

static struct books *create(uint32_t limit, bool pooled)
{
    struct books *books = aligned_alloc(128, sizeof *books);
    unsigned long buckets = BUCKETS_LEAST;

    while (buckets < limit && buckets < BUCKETS_MOST) buckets *= 2;
    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    books->by_id = cds_lfht_new(buckets, BUCKETS_LEAST, 0,
                                CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING,
                                NULL);
    if (books->by_id == NULL) abort();
    books->key = hash_key_make();
    books->limit = limit;
    books->pooled = pooled;
    return books;
}

static void *lfht_create(uint32_t limit)
{
    return create(limit, false);
}

static void *lfht_pool_create(uint32_t limit)
{
    return create(limit, true);
}

static void lfht_destroy(void *of)
{
    struct books *books = of;

    rcu_barrier();
    cds_lfht_destroy(books->by_id, NULL);
    retired_free(&books->pool);
    free(books);
}

static void lfht_enter(void *of)
{
    (void)of;
    rcu_register_thread();
}

static void lfht_leave(void *of)
{
    struct books *books = of;

    retired_leave(&books->pool);
    rcu_unregister_thread();
}

static void lfht_rest(void *of)
{
    (void)of;
    rcu_quiescent_state();
}

static bool charge(struct books *books)
{
    uint_fast64_t used =
        atomic_load_explicit(&books->used, memory_order_relaxed);

    do {
        if (used >= books->limit) return false;
    } while (!atomic_compare_exchange_weak(&books->used, &used, used + 1));
    return true;
}

static struct agent *make(struct books *books)
{
    struct retired *used =
        books->pooled ? retired_take(&books->pool) : NULL;
    struct agent *agent = used != NULL
                              ? caa_container_of(used, struct agent, retired)
                              : malloc(sizeof *agent);

    if (agent == NULL) abort();
    return agent;
}

static void release(struct rcu_head *head)
{
    free(caa_container_of(head, struct agent, retired.head));
}

static void retire(struct books *books, struct agent *agent)
{
    if (books->pooled) {
        retired_add(&books->pool, &agent->retired);
    } else {
        call_rcu(&agent->retired.head, release);
    }
}

static moor_error lfht_spawn(void *of, const struct rival_agent *wanted,
                             uint64_t *handle)
{
    struct books *books = of;

    if (!charge(books)) return MOOR_REFUSED;
    struct agent *agent = make(books);
    cds_lfht_node_init(&agent->node);
    agent->id = wanted->id;
    atomic_init(&agent->status, MOOR_STATUS_RUNNING);
    if (cds_lfht_add_unique(books->by_id, hash_of_id(&books->key, &agent->id),
                            match, &agent->id, &agent->node) != &agent->node) {
        retire(books, agent);
        atomic_fetch_sub(&books->used, 1);
        return MOOR_ID_TAKEN;
    }
    *handle = (uint64_t)(uintptr_t)agent;
    return MOOR_OK;
}

static moor_status status_of(struct agent *agent)
{
    if (agent == NULL) return MOOR_STATUS_NOT_FOUND;
    return (moor_status)atomic_load_explicit(&agent->status,
                                             memory_order_acquire);
}

static moor_status lfht_status_of(void *of, uint64_t handle)
{
    (void)of;
    return status_of(of_handle(handle));
}

static moor_status lfht_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    struct cds_lfht_iter at;

    cds_lfht_lookup(books->by_id, hash_of_id(&books->key, id), match, id, &at);
    return status_of(of_node(cds_lfht_iter_get_node(&at)));
}

static bool lfht_finish(void *of, uint64_t handle)
{
    struct books *books = of;
    unsigned running = MOOR_STATUS_RUNNING;

    if (!atomic_compare_exchange_strong(&of_handle(handle)->status, &running,
                                        MOOR_STATUS_COMPLETED)) {
        return false;
    }
    atomic_fetch_sub(&books->used, 1);
    return true;
}

static bool lfht_close(void *of, uint64_t handle)
{
    struct books *books = of;
    struct agent *agent = of_handle(handle);
    unsigned was = atomic_exchange(&agent->status, MOOR_STATUS_NOT_FOUND);

    if (was == MOOR_STATUS_NOT_FOUND) return false;
    if (was == MOOR_STATUS_RUNNING) atomic_fetch_sub(&books->used, 1);
    cds_lfht_del(books->by_id, &agent->node);
    retire(books, agent);
    return true;
}

static void lfht_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;
    unsigned long count;
    long before, after;

    cds_lfht_count_nodes(books->by_id, &before, &count, &after);
    *used = atomic_load(&books->used);
    *agents = count;
}

#define LFHT_CALLS                                                             \
    .level = RIVAL_MAP, .trusts_handles = true, .destroy = lfht_destroy,       \
    .enter = lfht_enter, .leave = lfht_leave, .rest = lfht_rest,               \
    .spawn = lfht_spawn, .start = map_start, .status_of = lfht_status_of,      \
    .status_id = lfht_status_id, .finish = lfht_finish, .close = lfht_close,   \
    .count = lfht_count

const struct rival map_lfht = {
    .name = "lfht",
    .create = lfht_create,
    LFHT_CALLS,
};

const struct rival map_lfht_pool = {
    .name = "lfht_pool",
    .create = lfht_pool_create,
    LFHT_CALLS,
};
