/*
 * The shards of the rival with sixty-four locks: agents lie where the hash of
 * their id says, paths where the hash of the path does, each shard with an
 * open-addressing index and counters of its own.  Agents and paths are reused;
 * number, shard and generation make a handle.
 */
#ifndef BENCH_RIVAL_SHARDS_H
#define BENCH_RIVAL_SHARDS_H

#include "rival_index.h"
#include "rival_rules.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

enum { SHARDS = 64, SHARD_BITS = 6, LINE = 64 };

struct agent {
    alignas(LINE) moor_id id;
    const char *path; /* the text is its path's */
    uint64_t parent;  /* a handle; 0: the root */
    uint64_t id_hash, path_hash;
    uint32_t length, generation, children;
    uint8_t status; /* moor_status; NOT_FOUND: vacant */
    uint8_t depth;
    bool slot, fenced;

    uint32_t path_number; /* in the shard of the path */
    uint32_t next;
    uint64_t stamp_ms, stamp_number, turn;
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
    moor_stats stats;
};

struct books {
    struct shard by_id[SHARDS], by_path[SHARDS];
    struct shard of_root; /* only its lock */
    struct agent root;
    struct hash_key key;
    uint32_t limits[MOOR_LIMITS];
    atomic_uint fences; /* that are set */
    uint64_t turn;
    alignas(128) atomic_uint_fast64_t used;
    alignas(128) atomic_uint_fast64_t lifetime;
};

/* The index takes the lower half of a hash, the shard the top bits. */
static inline uint32_t shard_of(uint64_t hash)
{
    return (uint32_t)(hash >> (64 - SHARD_BITS));
}

/* generation (32) | number (26) | shard (6) */
static inline uint64_t handle_of(const struct agent *agent, uint32_t number)
{
    return (uint64_t)agent->generation << 32 | number << SHARD_BITS |
           shard_of(agent->id_hash);
}

static inline struct shard *shard_lock(struct shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    return shard;
}

static inline void shard_unlock(struct shard *shard)
{
    pthread_mutex_unlock(&shard->lock);
}

/* --- the places of a shard ------------------------------------------------ */

/* A larger array, or the same when it has room for one more. */
static inline void *array_ready(struct shard *shard, void *array,
                                size_t bytes)
{
    if (shard->count < shard->room) return array;
    const uint32_t room = shard->room * 2 + 8;
    char *grown = aligned_alloc(LINE, room * bytes);
    if (grown == NULL) abort();
    memset(grown + shard->count * bytes, 0, (room - shard->count) * bytes);
    if (array != NULL) memcpy(grown, array, shard->count * bytes);
    free(array);
    shard->room = room;
    return grown;
}

static inline uint32_t take_agent(struct shard *shard)
{
    if (shard->vacant == 0) {
        shard->agents =
            array_ready(shard, shard->agents, sizeof *shard->agents);
        return shard->count++;
    }
    uint32_t number = shard->vacant - 1;
    shard->vacant = shard->agents[number].next;
    return number;
}

static inline uint32_t take_path(struct shard *shard)
{
    if (shard->vacant == 0) {
        shard->paths = array_ready(shard, shard->paths, sizeof *shard->paths);
        return shard->count++;
    }
    uint32_t number = shard->vacant - 1;
    shard->vacant = shard->paths[number].next;
    return number;
}

/* --- finding -------------------------------------------------------------- */

/* The agent of a handle, with its shard locked; null: stale, nothing is. */
static inline struct agent *lock_agent(struct books *books, uint64_t handle,
                                       struct shard **shard)
{
    const uint32_t number = (uint32_t)handle >> SHARD_BITS;

    if (handle == 0) {
        *shard = shard_lock(&books->of_root);
        return &books->root;
    }
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

static inline struct path *find_path(struct shard *shard, const char *text,
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

static inline struct agent *find_id(struct shard *shard, const moor_id *id,
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

#endif
