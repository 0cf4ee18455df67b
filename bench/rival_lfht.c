/*
 * liburcu's lock-free hash table, one by id and one by path, with quiescent
 * states: readers pay nothing, and what was closed is freed by call_rcu.  The
 * tables begin with room for all: see map_lfht.c.  What is left out: see
 * rival_free.h.
 */
#define URCU_INLINE_SMALL_FUNCTIONS
#include <urcu-qsbr.h>
#include <urcu/rculfhash.h>

#include "rival_free.h"

enum { BUCKETS_LEAST = 64, BUCKETS_MOST = 1 << 21 };

struct agent {
    struct cds_lfht_node id_node;
    struct free_agent own;
    struct cds_lfht_node path_node;
    struct rcu_head retired;
    char path[];
};

struct books {
    struct free_books own;
    struct cds_lfht *by_id, *by_path;
};

struct path_key {
    const char *path;
    size_t length;
};

static struct agent *of_id_node(struct cds_lfht_node *node)
{
    return caa_container_of(node, struct agent, id_node);
}

static struct agent *of_path_node(struct cds_lfht_node *node)
{
    return caa_container_of(node, struct agent, path_node);
}

static struct agent *of_handle(uint64_t handle)
{
    return caa_container_of(free_of(handle), struct agent, own);
}

static int match_id(struct cds_lfht_node *node, const void *key)
{
    return hash_same_id(&of_id_node(node)->own.id, key);
}

static int match_path(struct cds_lfht_node *node, const void *key)
{
    const struct free_agent *agent = &of_path_node(node)->own;
    const struct path_key *path = key;

    return agent->length == path->length &&
           memcmp(agent->path, path->path, path->length) == 0;
}

static struct cds_lfht *table(uint32_t limit)
{
    unsigned long buckets = BUCKETS_LEAST;

    while (buckets < limit && buckets < BUCKETS_MOST) buckets *= 2;
    struct cds_lfht *made =
        cds_lfht_new(buckets, BUCKETS_LEAST, 0,
                     CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING, NULL);
    if (made == NULL) abort();
    return made;
}

static void *lfht_create(uint32_t limit)
{
    struct books *books = aligned_alloc(128, sizeof *books);

    if (books == NULL) abort();
    free_open(&books->own, limit);
    books->by_id = table(limit);
    books->by_path = table(limit);
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
    tally_enter(&((struct books *)of)->own.tally);
    rcu_register_thread();
}

static void lfht_leave(void *of)
{
    (void)of;
    rcu_unregister_thread();
    tally_leave();
}

static void lfht_rest(void *of)
{
    (void)of;
    rcu_quiescent_state();
}

static struct free_agent *find_id(struct books *books, const moor_id *id,
                                  uint64_t hash)
{
    struct cds_lfht_iter at;

    cds_lfht_lookup(books->by_id, hash, match_id, id, &at);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&at);
    return node == NULL ? NULL : &of_id_node(node)->own;
}

static struct free_agent *find_path(struct books *books, const char *path,
                                    size_t length, uint64_t hash)
{
    const struct path_key key = { path, length };
    struct cds_lfht_iter at;

    cds_lfht_lookup(books->by_path, hash, match_path, &key, &at);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&at);
    return node == NULL ? NULL : &of_path_node(node)->own;
}

static void release(struct rcu_head *head)
{
    free(caa_container_of(head, struct agent, retired));
}

static moor_error insert(struct books *books, struct agent *agent)
{
    const struct free_agent *own = &agent->own;
    const struct path_key key = { own->path, own->length };

    if (cds_lfht_add_unique(books->by_path, own->path_hash, match_path, &key,
                            &agent->path_node) != &agent->path_node) {
        free(agent);
        return MOOR_PATH_TAKEN;
    }
    if (cds_lfht_add_unique(books->by_id, own->id_hash, match_id, &own->id,
                            &agent->id_node) != &agent->id_node) {
        cds_lfht_del(books->by_path, &agent->path_node);
        call_rcu(&agent->retired, release);
        return MOOR_ID_TAKEN;
    }
    return MOOR_OK;
}

/* A limit is reached; but path and id come first. */
static moor_error refuse(struct books *books, const struct rules_spawn *spawn,
                         moor_limit limit)
{
    if (find_path(books, spawn->path, spawn->length, spawn->path_hash)) {
        return MOOR_PATH_TAKEN;
    }
    if (find_id(books, &spawn->agent->id, spawn->id_hash)) {
        return MOOR_ID_TAKEN;
    }
    tally_refused(limit);
    return MOOR_REFUSED;
}

static moor_error lfht_spawn(void *of, const struct rival_agent *wanted,
                             uint64_t *handle)
{
    struct books *books = of;
    struct rules_spawn spawn;
    struct free_agent *parent;
    uint64_t number;

    rules_begin(&spawn, &books->own.key, wanted);
    moor_error error = free_judge(&books->own, &spawn, &parent);
    if (error != MOOR_OK) return error;
    moor_limit limit = free_charge(&books->own, &spawn, parent, &number);
    if (limit != MOOR_LIMITS) return refuse(books, &spawn, limit);
    struct agent *agent = malloc(sizeof *agent + spawn.length + 1);
    if (agent == NULL) abort();
    cds_lfht_node_init(&agent->id_node);
    cds_lfht_node_init(&agent->path_node);
    agent->own.path = agent->path;
    free_fill(&books->own, &agent->own, &spawn, parent, number);
    error = insert(books, agent);
    if (error != MOOR_OK) {
        free_discharge(&books->own, parent);
        return error;
    }
    tally_add(TALLY_SPAWNED);
    *handle = free_handle(&agent->own);
    return MOOR_OK;
}

static bool lfht_start(void *of, uint64_t handle)
{
    (void)of;
    return free_start(free_of(handle));
}

static moor_status lfht_status_of(void *of, uint64_t handle)
{
    (void)of;
    return free_status(free_of(handle));
}

static moor_status lfht_status_id(void *of, const moor_id *id)
{
    struct books *books = of;

    return free_status(find_id(books, id, hash_of_id(&books->own.key, id)));
}

static moor_status lfht_status_path(void *of, const char *path, size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_text(&books->own.key, path, length);

    return free_status(find_path(books, path, length, hash));
}

static bool lfht_finish(void *of, uint64_t handle)
{
    return free_finish(&((struct books *)of)->own, free_of(handle));
}

static bool lfht_wait(void *of, uint64_t handle)
{
    return moor_is_final(lfht_status_of(of, handle));
}

static bool lfht_close(void *of, uint64_t handle)
{
    struct books *books = of;
    struct agent *agent = of_handle(handle);

    if (!free_close(&books->own, &agent->own)) return false;
    cds_lfht_del(books->by_id, &agent->id_node);
    cds_lfht_del(books->by_path, &agent->path_node);
    free_give(&agent->own.parent->children);
    call_rcu(&agent->retired, release);
    return true;
}

static void lfht_count(void *of, uint64_t *used, uint64_t *agents)
{
    free_count(&((struct books *)of)->own, used, agents);
}

static void lfht_set_limit(void *of, moor_limit which, uint32_t value)
{
    ((struct books *)of)->own.limits[which] = value;
}

static void lfht_fence(void *of, uint64_t handle)
{
    (void)of;
    free_fence(free_of(handle));
}

static void lfht_stats(void *of, moor_stats *stats)
{
    tally_stats(&((struct books *)of)->own.tally, stats);
}

const struct rival rival_lfht = {
    .name = "lfht",
    .level = RIVAL_REGISTRY,
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
    .set_limit = lfht_set_limit,
    .fence = lfht_fence,
    .stats = lfht_stats,
};
