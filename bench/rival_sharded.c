/*
 * Sixty-four locks (rival_shards.h).  A spawn first locks the parent's shard,
 * to charge the child and to make the path, then one shard of either kind,
 * paths first.  Running slots and the lifetime are atomic numbers.  Ancestors
 * are looked at only while anybody at all is fenced.
 *
 * Leaves out: the list of an agent's children (they are only counted), so
 * there is no cascade; a fence, or a change of the children limit, that comes
 * in the middle of a spawn; and the sleep of a wait that is not met.
 */
#include "rival_shards.h"

static void open_shard(struct shard *shard)
{
    pthread_mutex_init(&shard->lock, NULL);
    if (!index_open(&shard->index)) abort();
}

static void *sharded_create(uint32_t limit)
{
    struct books *books = aligned_alloc(128, sizeof *books);

    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    for (unsigned i = 0; i < SHARDS; i++) {
        open_shard(&books->by_id[i]);
        open_shard(&books->by_path[i]);
    }
    pthread_mutex_init(&books->of_root.lock, NULL);
    books->root.status = MOOR_STATUS_RUNNING;
    books->root.path = "/root";
    books->root.length = sizeof "/root" - 1;
    books->key = hash_key_make();
    for (int i = 0; i < MOOR_LIMITS; i++) books->limits[i] = MOOR_UNLIMITED;
    books->limits[MOOR_LIMIT_RUNNING] = limit;
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
    pthread_mutex_destroy(&books->of_root.lock);
    free(books);
}

/* --- spawn ---------------------------------------------------------------- */

/* Charges the child, unless the limit is reached, and makes the path. */
static moor_error begin_below(struct books *books, struct rules_spawn *spawn,
                              bool *full)
{
    struct shard *shard;
    struct agent *parent = lock_agent(books, spawn->agent->parent, &shard);

    if (parent == NULL) return MOOR_STALE;
    bool fine =
        rules_compose(spawn, parent->path, parent->length, parent->depth);
    *full =
        rules_reached(books->limits[MOOR_LIMIT_CHILDREN], parent->children);
    parent->children += fine && !*full;
    shard_unlock(shard);
    if (!fine) return MOOR_BAD_PATH;
    rules_hash_path(spawn, &books->key);
    return MOOR_OK;
}

static void leave_parent(struct books *books, uint64_t handle)
{
    struct shard *shard;
    struct agent *parent = lock_agent(books, handle, &shard);

    if (parent == NULL) return;
    parent->children--;
    shard_unlock(shard);
}

static bool is_fenced(struct books *books, uint64_t handle)
{
    bool fenced = false;

    if (atomic_load(&books->fences) == 0) return false;
    for (;;) {
        struct shard *shard;
        struct agent *agent = lock_agent(books, handle, &shard);

        if (agent == NULL) return fenced;
        fenced |= agent->fenced;
        const uint64_t above = agent->parent;
        shard_unlock(shard);
        if (handle == 0) return fenced;
        handle = above;
    }
}

/* One more, unless that is too many; *was is how many there were. */
static bool charge(atomic_uint_fast64_t *use, uint32_t limit, uint64_t *was)
{
    uint_fast64_t used = atomic_load_explicit(use, memory_order_relaxed);

    do {
        if (rules_reached(limit, used)) return false;
    } while (!atomic_compare_exchange_weak(use, &used, used + 1));
    *was = used;
    return true;
}

/* The limit that is reached, or MOOR_LIMITS: all are charged. */
static moor_limit charge_all(struct books *books,
                             const struct rules_spawn *spawn, bool full,
                             uint64_t *number)
{
    const uint32_t *limits = books->limits;
    const uint32_t lifetime = limits[MOOR_LIMIT_LIFETIME];
    uint64_t used;

    if (rules_reached(limits[MOOR_LIMIT_DEPTH], spawn->depth - UINT64_C(1))) {
        return MOOR_LIMIT_DEPTH;
    }
    if (full) return MOOR_LIMIT_CHILDREN;
    if (rules_reached(lifetime, atomic_load(&books->lifetime))) {
        return MOOR_LIMIT_LIFETIME;
    }
    if (!charge(&books->used, limits[MOOR_LIMIT_RUNNING], &used)) {
        return MOOR_LIMIT_RUNNING;
    }
    if (!charge(&books->lifetime, lifetime, number)) {
        atomic_fetch_sub(&books->used, 1);
        return MOOR_LIMIT_LIFETIME;
    }
    return MOOR_LIMITS;
}

static void write_path(struct path *path, const struct rules_spawn *spawn)
{
    if (path->room <= spawn->length) {
        path->room = (uint32_t)spawn->length + 32;
        free(path->text);
        path->text = malloc(path->room);
        if (path->text == NULL) abort();
    }
    memcpy(path->text, spawn->path, spawn->length + 1);
    path->length = (uint32_t)spawn->length;
}

static uint64_t enter(struct books *books, struct shard *paths,
                      struct shard *ids, const struct rules_spawn *spawn,
                      uint64_t stamp_number)
{
    if (!index_ready(&ids->index) || !index_ready(&paths->index)) abort();
    const uint32_t number = take_agent(ids), path = take_path(paths);
    struct agent *agent = &ids->agents[number];
    write_path(&paths->paths[path], spawn);
    *agent = (struct agent){
        .id = spawn->agent->id,
        .path = paths->paths[path].text,
        .parent = spawn->agent->parent,
        .id_hash = spawn->id_hash,
        .path_hash = spawn->path_hash,
        .length = (uint32_t)spawn->length,
        .generation = agent->generation + 1,
        .status = MOOR_STATUS_PENDING_INIT,
        .depth = (uint8_t)spawn->depth,
        .slot = true,
        .path_number = path,
        .stamp_ms = rules_clock_ms(),
        .stamp_number = stamp_number,
        .turn = books->turn,
    };
    paths->paths[path].handle = handle_of(agent, number);
    index_add(&ids->index, spawn->id_hash, number);
    index_add(&paths->index, spawn->path_hash, path);
    ids->stats.spawned++;
    return paths->paths[path].handle;
}

static moor_error spawn_locked(struct books *books, struct shard *paths,
                               struct shard *ids,
                               const struct rules_spawn *spawn, bool full,
                               uint64_t *handle)
{
    uint64_t number;

    if (find_path(paths, spawn->path, spawn->length, spawn->path_hash)) {
        return MOOR_PATH_TAKEN;
    }
    if (find_id(ids, &spawn->agent->id, spawn->id_hash)) return MOOR_ID_TAKEN;
    moor_limit limit = charge_all(books, spawn, full, &number);
    if (limit != MOOR_LIMITS) {
        paths->stats.refused[limit]++;
        return MOOR_REFUSED;
    }
    *handle = enter(books, paths, ids, spawn, number);
    return MOOR_OK;
}

static moor_error sharded_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    struct books *books = of;
    struct rules_spawn spawn;
    bool full;

    rules_begin(&spawn, &books->key, agent);
    moor_error error = begin_below(books, &spawn, &full);
    if (error != MOOR_OK) return error;
    if (!spawn.id_fine) {
        error = MOOR_BAD_ID;
    } else if (is_fenced(books, agent->parent)) {
        error = MOOR_FENCED;
    } else {
        struct shard *paths =
            shard_lock(&books->by_path[shard_of(spawn.path_hash)]);
        struct shard *ids = shard_lock(&books->by_id[shard_of(spawn.id_hash)]);
        error = spawn_locked(books, paths, ids, &spawn, full, handle);
        shard_unlock(ids);
        shard_unlock(paths);
    }
    if (error != MOOR_OK && !full) leave_parent(books, agent->parent);
    return error;
}

/* --- the life after it ---------------------------------------------------- */

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
    uint64_t hash = hash_of_id(&books->key, id);
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
    uint64_t hash = hash_text(&books->key, text, length), handle = 0;
    struct shard *shard = shard_lock(&books->by_path[shard_of(hash)]);
    struct path *path = find_path(shard, text, length, hash);

    if (path != NULL) handle = path->handle;
    shard_unlock(shard);
    return handle == 0 ? MOOR_STATUS_NOT_FOUND
                       : sharded_status_of(books, handle);
}

/* With the lock: the slot is free before anybody sees why. */
static void release(struct books *books, struct shard *shard,
                    struct agent *agent)
{
    if (!agent->slot) return;
    agent->slot = false;
    atomic_fetch_sub(&books->used, 1);
    shard->stats.released++;
}

static bool sharded_finish(void *of, uint64_t handle)
{
    struct shard *shard;
    struct agent *agent = lock_agent(of, handle, &shard);

    if (agent == NULL) return false;
    bool fine = agent->status == MOOR_STATUS_PENDING_INIT ||
                agent->status == MOOR_STATUS_RUNNING;
    if (fine) {
        agent->status = MOOR_STATUS_COMPLETED;
        shard->stats.completed++;
        release(of, shard, agent);
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
    const uint64_t path_hash = agent->path_hash, parent = agent->parent;
    const uint32_t path = agent->path_number;
    release(books, shard, agent);
    if (agent->fenced) atomic_fetch_sub(&books->fences, 1);
    agent->status = MOOR_STATUS_NOT_FOUND;
    agent->next = shard->vacant;
    shard->vacant = number + 1;
    index_remove(&shard->index, agent->id_hash, number);
    shard->stats.closed++;
    shard_unlock(shard);
    forget_path(books, path_hash, path);
    leave_parent(books, parent);
    return true;
}

/* --- figures -------------------------------------------------------------- */

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

static void sharded_set_limit(void *of, moor_limit which, uint32_t value)
{
    ((struct books *)of)->limits[which] = value;
}

static void sharded_fence(void *of, uint64_t handle)
{
    struct books *books = of;
    struct shard *shard;
    struct agent *agent = lock_agent(books, handle, &shard);

    if (agent == NULL) return;
    if (!agent->fenced) atomic_fetch_add(&books->fences, 1);
    agent->fenced = true;
    shard_unlock(shard);
}

static void sharded_stats(void *of, moor_stats *stats)
{
    struct books *books = of;

    *stats = (moor_stats){ .used = 0 };
    for (unsigned i = 0; i < 2 * SHARDS; i++) {
        const moor_stats *part = i < SHARDS ? &books->by_id[i].stats
                                            : &books->by_path[i - SHARDS].stats;

        stats->spawned += part->spawned;
        stats->completed += part->completed;
        stats->closed += part->closed;
        stats->released += part->released;
        for (int k = 0; k < MOOR_LIMITS; k++) {
            stats->refused[k] += part->refused[k];
        }
    }
}

const struct rival rival_sharded = {
    .name = "sharded",
    .level = RIVAL_REGISTRY,
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
    .set_limit = sharded_set_limit,
    .fence = sharded_fence,
    .stats = sharded_stats,
};
