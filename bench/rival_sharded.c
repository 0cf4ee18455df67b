/*
 * Sixty-four locks: agents are spread over shards by the hash of their id,
 * paths by the hash of the path, each shard with an open-addressing index of
 * its own.  A spawn holds one lock of either kind, paths first.
 *
 * Leaves out: the list of an agent's children (they are only counted), so
 * there is no cascade; and the running slots are one atomic number.
 */
#include "rival_hash.h"
#include "rival_index.h"
#include "rival.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

enum { SHARDS = 64, SHARD_BITS = 6 };

struct agent {
    moor_id id;
    uint64_t parent; /* a handle; 0: the root */
    uint64_t id_hash, path_hash;
    uint32_t path; /* number in the shard of the path */
    uint32_t generation, children, next;
    uint8_t status; /* moor_status; NOT_FOUND: vacant */
    bool slot;
};

struct path {
    uint64_t handle;
    char *text;
    uint32_t length, room, next;
};

struct shard {
    alignas(128) pthread_mutex_t lock;
    struct index index;
    union {
        struct agent *agents;
        struct path *paths;
    };
    uint32_t count, room, vacant; /* vacant: number + 1 of the first; 0: none */
};

struct books {
    struct shard by_id[SHARDS], by_path[SHARDS];
    alignas(128) atomic_uint_fast64_t used;
    alignas(128) uint32_t limit;
};

/* The index takes the lower half of a hash, the shard the top bits. */
static uint32_t shard_of(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - SHARD_BITS));
}

/* generation (32) | number (26) | shard (6) */
static uint64_t handle_of(const struct agent *agent, uint32_t number)
{
    return (uint64_t)agent->generation << 32 | number << SHARD_BITS |
           shard_of(agent->id_hash);
}

static struct shard *shard_lock(struct shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    return shard;
}

static void shard_unlock(struct shard *shard)
{
    pthread_mutex_unlock(&shard->lock);
}

static void *sharded_create(uint32_t limit)
{
    struct books *books = aligned_alloc(128, sizeof *books);

    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&books->by_id[i].lock, NULL);
        pthread_mutex_init(&books->by_path[i].lock, NULL);
        if (!index_open(&books->by_id[i].index) ||
            !index_open(&books->by_path[i].index)) {
            abort();
        }
    }
    books->limit = limit;
    return books;
}

static void sharded_destroy(void *of)
{
    struct books *books = of;

    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *paths = &books->by_path[i];

        for (uint32_t k = 0; k < paths->count; k++) free(paths->paths[k].text);
        free(paths->paths);
        free(paths->index.slots);
        free(books->by_id[i].agents);
        free(books->by_id[i].index.slots);
        pthread_mutex_destroy(&paths->lock);
        pthread_mutex_destroy(&books->by_id[i].lock);
    }
    free(books);
}

/* The number of a vacant place in an array of a shard. */
static uint32_t place_of(struct shard *shard, void **array, size_t bytes)
{
    if (shard->count == shard->room) {
        uint32_t room = shard->room * 2 + 8;
        char *grown = realloc(*array, room * bytes);

        if (grown == NULL) abort();
        memset(grown + shard->room * bytes, 0, (room - shard->room) * bytes);
        *array = grown;
        shard->room = room;
    }
    return shard->count++;
}

static uint32_t take_agent(struct shard *shard)
{
    if (shard->vacant == 0) {
        void *array = shard->agents;
        uint32_t number = place_of(shard, &array, sizeof *shard->agents);

        shard->agents = array;
        return number;
    }
    uint32_t number = shard->vacant - 1;
    shard->vacant = shard->agents[number].next;
    return number;
}

static uint32_t take_path(struct shard *shard)
{
    if (shard->vacant == 0) {
        void *array = shard->paths;
        uint32_t number = place_of(shard, &array, sizeof *shard->paths);

        shard->paths = array;
        return number;
    }
    uint32_t number = shard->vacant - 1;
    shard->vacant = shard->paths[number].next;
    return number;
}

/* Locks the agent's shard, which the caller unlocks, if it is there. */
static struct agent *lock_agent(struct books *books, uint64_t handle,
                                struct shard **shard)
{
    uint32_t number = (uint32_t)handle >> SHARD_BITS;

    *shard = shard_lock(&books->by_id[handle % SHARDS]);
    if (number < (*shard)->count) {
        struct agent *agent = &(*shard)->agents[number];
        if (agent->generation == handle >> 32 &&
            agent->status != MOOR_STATUS_NOT_FOUND) {
            return agent;
        }
    }
    shard_unlock(*shard);
    return NULL;
}

/* The shard is locked, here and below. */
static struct path *find_path(struct shard *shard, const char *text,
                              size_t length, uint64_t hash)
{
    uint32_t at = (uint32_t)hash, number;

    while (index_next(&shard->index, hash, &at, &number)) {
        struct path *path = &shard->paths[number];
        if (path->length == length && memcmp(path->text, text, length) == 0) {
            return path;
        }
    }
    return NULL;
}

static struct agent *find_id(struct shard *shard, const moor_id *id,
                             uint64_t hash)
{
    uint32_t at = (uint32_t)hash, number;

    while (index_next(&shard->index, hash, &at, &number)) {
        if (hash_same_id(&shard->agents[number].id, id)) {
            return &shard->agents[number];
        }
    }
    return NULL;
}

static bool add_child(struct books *books, uint64_t parent, uint32_t children)
{
    struct shard *shard;

    if (parent == 0) return true;
    struct agent *agent = lock_agent(books, parent, &shard);
    if (agent == NULL) return false;
    agent->children += children;
    shard_unlock(shard);
    return true;
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

static void write_path(struct path *path, const struct rival_agent *agent,
                       uint64_t handle)
{
    if (path->room <= agent->length) {
        path->room = (uint32_t)agent->length + 32;
        path->text = realloc(path->text, path->room);
        if (path->text == NULL) abort();
    }
    memcpy(path->text, agent->path, agent->length + 1);
    path->length = (uint32_t)agent->length;
    path->handle = handle;
}

static moor_error spawn_locked(struct books *books, struct shard *paths,
                               struct shard *ids,
                               const struct rival_agent *wanted,
                               uint64_t path_hash, uint64_t id_hash,
                               uint64_t *handle)
{
    if (find_path(paths, wanted->path, wanted->length, path_hash) != NULL) {
        return MOOR_PATH_TAKEN;
    }
    if (find_id(ids, &wanted->id, id_hash) != NULL) return MOOR_ID_TAKEN;
    if (!charge(books)) return MOOR_REFUSED;
    if (!index_ready(&ids->index) || !index_ready(&paths->index)) abort();
    uint32_t number = take_agent(ids), path = take_path(paths);
    struct agent *agent = &ids->agents[number];
    *agent = (struct agent){
        .id = wanted->id,
        .parent = wanted->parent,
        .id_hash = id_hash,
        .path_hash = path_hash,
        .path = path,
        .generation = agent->generation + 1,
        .status = MOOR_STATUS_PENDING_INIT,
        .slot = true,
    };
    *handle = handle_of(agent, number);
    write_path(&paths->paths[path], wanted, *handle);
    index_add(&ids->index, id_hash, number);
    index_add(&paths->index, path_hash, path);
    return MOOR_OK;
}

static moor_error sharded_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    struct books *books = of;
    uint64_t id_hash = hash_of_id(&agent->id);
    uint64_t path_hash = hash_of_path(agent->path, agent->length);

    if (!add_child(books, agent->parent, 1)) return MOOR_STALE;
    struct shard *paths = shard_lock(&books->by_path[shard_of(path_hash)]);
    struct shard *ids = shard_lock(&books->by_id[shard_of(id_hash)]);
    moor_error error = spawn_locked(books, paths, ids, agent, path_hash,
                                    id_hash, handle);
    shard_unlock(ids);
    shard_unlock(paths);
    if (error != MOOR_OK) add_child(books, agent->parent, UINT32_MAX);
    return error;
}

static bool sharded_start(void *of, uint64_t handle)
{
    struct shard *shard;
    struct agent *agent = lock_agent(of, handle, &shard);

    if (agent == NULL) return false;
    bool fine = agent->status == MOOR_STATUS_PENDING_INIT;
    if (fine) agent->status = MOOR_STATUS_RUNNING;
    shard_unlock(shard);
    return fine;
}

static moor_status sharded_status_of(void *of, uint64_t handle)
{
    struct shard *shard;
    struct agent *agent = lock_agent(of, handle, &shard);

    if (agent == NULL) return MOOR_STATUS_NOT_FOUND;
    moor_status status = (moor_status)agent->status;
    shard_unlock(shard);
    return status;
}

static moor_status sharded_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(id);
    struct shard *shard = shard_lock(&books->by_id[shard_of(hash)]);
    struct agent *agent = find_id(shard, id, hash);
    moor_status status =
        agent == NULL ? MOOR_STATUS_NOT_FOUND : (moor_status)agent->status;

    shard_unlock(shard);
    return status;
}

static moor_status sharded_status_path(void *of, const char *text,
                                       size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_of_path(text, length), handle = 0;
    struct shard *shard = shard_lock(&books->by_path[shard_of(hash)]);
    struct path *path = find_path(shard, text, length, hash);

    if (path != NULL) handle = path->handle;
    shard_unlock(shard);
    return handle == 0 ? MOOR_STATUS_NOT_FOUND
                       : sharded_status_of(books, handle);
}

static bool sharded_finish(void *of, uint64_t handle)
{
    struct books *books = of;
    struct shard *shard;
    struct agent *agent = lock_agent(books, handle, &shard);

    if (agent == NULL) return false;
    bool fine = agent->status == MOOR_STATUS_PENDING_INIT ||
                agent->status == MOOR_STATUS_RUNNING;
    if (fine) {
        agent->status = MOOR_STATUS_COMPLETED;
        agent->slot = false;
        atomic_fetch_sub(&books->used, 1);
    }
    shard_unlock(shard);
    return fine;
}

static bool sharded_wait(void *of, uint64_t handle)
{
    return moor_is_final(sharded_status_of(of, handle));
}

/* Frees the path of an agent that is gone. */
static void forget_path(struct books *books, uint64_t hash, uint32_t number)
{
    struct shard *shard = shard_lock(&books->by_path[shard_of(hash)]);

    index_remove(&shard->index, hash, number);
    shard->paths[number].next = shard->vacant;
    shard->vacant = number + 1;
    shard_unlock(shard);
}

static bool sharded_close(void *of, uint64_t handle)
{
    struct books *books = of;
    const uint32_t number = (uint32_t)handle >> SHARD_BITS;
    struct shard *shard;
    struct agent *agent = lock_agent(books, handle, &shard);

    if (agent == NULL) return false;
    if (agent->children > 0) {
        shard_unlock(shard);
        return false;
    }
    const struct agent was = *agent;
    agent->status = MOOR_STATUS_NOT_FOUND;
    agent->next = shard->vacant;
    shard->vacant = number + 1;
    index_remove(&shard->index, was.id_hash, number);
    shard_unlock(shard);
    if (was.slot) atomic_fetch_sub(&books->used, 1);
    forget_path(books, was.path_hash, was.path);
    add_child(books, was.parent, UINT32_MAX);
    return true;
}

static void sharded_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    *agents = 0;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = shard_lock(&books->by_id[i]);
        *agents += shard->index.used;
        shard_unlock(shard);
    }
    *used = atomic_load(&books->used);
}

const struct rival rival_sharded = {
    .name = "sharded",
    .create = sharded_create,
    .destroy = sharded_destroy,
    .spawn = sharded_spawn,
    .start = sharded_start,
    .status_of = sharded_status_of,
    .status_id = sharded_status_id,
    .status_path = sharded_status_path,
    .finish = sharded_finish,
    .wait = sharded_wait,
    .close = sharded_close,
    .count = sharded_count,
};
