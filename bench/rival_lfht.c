/*
 * liburcu's lock-free hash table, one by id and one by path, with quiescent
 * states: readers pay nothing, and what was closed is freed by call_rcu.
 *
 * Leaves out: the list of an agent's children (they are only counted), so
 * there is no cascade; and a handle is a pointer that nobody checks.
 */
#define URCU_INLINE_SMALL_FUNCTIONS
#include <urcu-qsbr.h>
#include <urcu/rculfhash.h>

#include "rival_hash.h"
#include "rival.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BUCKETS = 64 };

struct agent {
    struct cds_lfht_node id_node, path_node;
    struct rcu_head retired;
    moor_id id;
    struct agent *parent; /* null: the root */
    atomic_uint status;   /* moor_status; NOT_FOUND: closed */
    atomic_uint children;
    uint32_t length;
    char path[];
};

struct books {
    struct cds_lfht *by_id, *by_path;
    uint64_t limit;
    alignas(128) atomic_uint_fast64_t used;
    alignas(128) atomic_uint_fast64_t agents;
};

struct path_key {
    const char *path;
    size_t length;
};

static struct agent *of_id_node(struct cds_lfht_node *node)
{
    return node == NULL ? NULL
                        : caa_container_of(node, struct agent, id_node);
}

static struct agent *of_path_node(struct cds_lfht_node *node)
{
    return node == NULL ? NULL
                        : caa_container_of(node, struct agent, path_node);
}

static struct agent *of_handle(uint64_t handle)
{
    return (struct agent *)(uintptr_t)handle;
}

static int match_id(struct cds_lfht_node *node, const void *key)
{
    return hash_same_id(&of_id_node(node)->id, key);
}

static int match_path(struct cds_lfht_node *node, const void *key)
{
    const struct agent *agent = of_path_node(node);
    const struct path_key *path = key;

    return agent->length == path->length &&
           memcmp(agent->path, path->path, path->length) == 0;
}

static struct cds_lfht *table(void)
{
    struct cds_lfht *made =
        cds_lfht_new(BUCKETS, BUCKETS, 0,
                     CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING, NULL);

    if (made == NULL) abort();
    return made;
}

static void *lfht_create(uint32_t limit)
{
    struct books *books = aligned_alloc(128, sizeof *books);

    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    books->by_id = table();
    books->by_path = table();
    books->limit = limit;
    return books;
}

static void lfht_destroy(void *of)
{
    struct books *books = of;

    rcu_barrier();
    cds_lfht_destroy(books->by_id, NULL);
    cds_lfht_destroy(books->by_path, NULL);
    free(books);
}

static void lfht_enter(void *of)
{
    (void)of;
    rcu_register_thread();
}

static void lfht_leave(void *of)
{
    (void)of;
    rcu_unregister_thread();
}

static void lfht_rest(void *of)
{
    (void)of;
    rcu_quiescent_state();
}

static struct agent *find_id(struct books *books, const moor_id *id)
{
    struct cds_lfht_iter at;

    cds_lfht_lookup(books->by_id, hash_of_id(id), match_id, id, &at);
    return of_id_node(cds_lfht_iter_get_node(&at));
}

static struct agent *find_path(struct books *books, const char *path,
                               size_t length)
{
    const struct path_key key = { path, length };
    struct cds_lfht_iter at;

    cds_lfht_lookup(books->by_path, hash_of_path(path, length), match_path,
                    &key, &at);
    return of_path_node(cds_lfht_iter_get_node(&at));
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

static struct agent *make(const struct rival_agent *wanted)
{
    struct agent *agent = malloc(sizeof *agent + wanted->length + 1);

    if (agent == NULL) abort();
    cds_lfht_node_init(&agent->id_node);
    cds_lfht_node_init(&agent->path_node);
    agent->id = wanted->id;
    agent->parent = of_handle(wanted->parent);
    atomic_init(&agent->status, MOOR_STATUS_PENDING_INIT);
    atomic_init(&agent->children, 0);
    agent->length = (uint32_t)wanted->length;
    memcpy(agent->path, wanted->path, wanted->length + 1);
    return agent;
}

static void release(struct rcu_head *head)
{
    free(caa_container_of(head, struct agent, retired));
}

/* Without a slot: what stands in the way before the limit does? */
static moor_error refuse(struct books *books, const struct rival_agent *wanted)
{
    if (find_path(books, wanted->path, wanted->length) != NULL) {
        return MOOR_PATH_TAKEN;
    }
    return find_id(books, &wanted->id) != NULL ? MOOR_ID_TAKEN : MOOR_REFUSED;
}

static moor_error insert(struct books *books, struct agent *agent)
{
    const struct path_key key = { agent->path, agent->length };

    if (cds_lfht_add_unique(books->by_path,
                            hash_of_path(agent->path, agent->length),
                            match_path, &key,
                            &agent->path_node) != &agent->path_node) {
        free(agent);
        return MOOR_PATH_TAKEN;
    }
    if (cds_lfht_add_unique(books->by_id, hash_of_id(&agent->id), match_id,
                            &agent->id, &agent->id_node) != &agent->id_node) {
        cds_lfht_del(books->by_path, &agent->path_node);
        call_rcu(&agent->retired, release);
        return MOOR_ID_TAKEN;
    }
    return MOOR_OK;
}

static moor_error lfht_spawn(void *of, const struct rival_agent *wanted,
                             uint64_t *handle)
{
    struct books *books = of;
    struct agent *parent = of_handle(wanted->parent);

    if (parent != NULL && atomic_load(&parent->status) == 0) return MOOR_STALE;
    if (!charge(books)) return refuse(books, wanted);
    struct agent *agent = make(wanted);
    moor_error error = insert(books, agent);
    if (error != MOOR_OK) {
        atomic_fetch_sub(&books->used, 1);
        return error;
    }
    if (parent != NULL) atomic_fetch_add(&parent->children, 1);
    atomic_fetch_add(&books->agents, 1);
    *handle = (uint64_t)(uintptr_t)agent;
    return MOOR_OK;
}

static bool lfht_start(void *of, uint64_t handle)
{
    unsigned pending = MOOR_STATUS_PENDING_INIT;

    (void)of;
    return atomic_compare_exchange_strong(&of_handle(handle)->status, &pending,
                                          MOOR_STATUS_RUNNING);
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
    return status_of(find_id(of, id));
}

static moor_status lfht_status_path(void *of, const char *path, size_t length)
{
    return status_of(find_path(of, path, length));
}

static bool holds_slot(unsigned status)
{
    return status == MOOR_STATUS_PENDING_INIT || status == MOOR_STATUS_RUNNING;
}

static bool lfht_finish(void *of, uint64_t handle)
{
    struct books *books = of;
    struct agent *agent = of_handle(handle);
    unsigned status = atomic_load(&agent->status);

    do {
        if (!holds_slot(status)) return false;
    } while (!atomic_compare_exchange_weak(&agent->status, &status,
                                           MOOR_STATUS_COMPLETED));
    atomic_fetch_sub(&books->used, 1);
    return true;
}

static bool lfht_wait(void *of, uint64_t handle)
{
    return moor_is_final(lfht_status_of(of, handle));
}

static bool lfht_close(void *of, uint64_t handle)
{
    struct books *books = of;
    struct agent *agent = of_handle(handle);

    if (atomic_load(&agent->children) > 0) return false;
    unsigned was = atomic_exchange(&agent->status, MOOR_STATUS_NOT_FOUND);
    if (was == MOOR_STATUS_NOT_FOUND) return false;
    if (holds_slot(was)) atomic_fetch_sub(&books->used, 1);
    cds_lfht_del(books->by_id, &agent->id_node);
    cds_lfht_del(books->by_path, &agent->path_node);
    if (agent->parent != NULL) atomic_fetch_sub(&agent->parent->children, 1);
    atomic_fetch_sub(&books->agents, 1);
    call_rcu(&agent->retired, release);
    return true;
}

static void lfht_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    *used = atomic_load(&books->used);
    *agents = atomic_load(&books->agents);
}

const struct rival rival_lfht = {
    .name = "lfht",
    .trusts_handles = true,
    .create = lfht_create,
    .destroy = lfht_destroy,
    .enter = lfht_enter,
    .leave = lfht_leave,
    .rest = lfht_rest,
    .spawn = lfht_spawn,
    .start = lfht_start,
    .status_of = lfht_status_of,
    .status_id = lfht_status_id,
    .status_path = lfht_status_path,
    .finish = lfht_finish,
    .wait = lfht_wait,
    .close = lfht_close,
    .count = lfht_count,
};
