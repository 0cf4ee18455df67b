/*
 * What the rivals on a concurrent map (liburcu, oneTBB) have in common: agents
 * with atomic words, and all that is judged, charged and counted without a
 * lock.  How an agent is found by id or by path is the rival's own affair.  A
 * handle is a pointer that nobody checks.
 *
 * Leaves out: the list of an agent's children (they are only counted), so
 * there is no cascade; a parent that is closed, or a fence that is set, in the
 * middle of a spawn; and the sleep of a wait that is not met.
 */
#ifndef BENCH_RIVAL_FREE_H
#define BENCH_RIVAL_FREE_H

#include "rival_rules.h"
#include "rival_tally.h"

struct free_agent {
    moor_id id;
    uint32_t status;   /* atomic; moor_status; NOT_FOUND: closed */
    uint32_t fenced;   /* atomic */
    uint64_t children; /* atomic */
    struct free_agent *parent; /* null: this is the root */
    char *path;
    uint64_t id_hash, path_hash;
    uint32_t length, depth;
    uint64_t stamp_ms, stamp_number, turn;
};

struct free_books {
    struct hash_key key;
    uint32_t limits[MOOR_LIMITS];
    uint64_t turn;
    char root_path[sizeof "/root"];
    alignas(128) struct free_agent root;
    alignas(128) uint64_t used;     /* atomic */
    alignas(128) uint64_t lifetime; /* atomic */
    struct tally tally;
};

static inline void free_open(struct free_books *books, uint32_t limit)
{
    memset(books, 0, sizeof *books);
    books->key = hash_key_make();
    for (int i = 0; i < MOOR_LIMITS; i++) books->limits[i] = MOOR_UNLIMITED;
    books->limits[MOOR_LIMIT_RUNNING] = limit;
    memcpy(books->root_path, "/root", sizeof "/root");
    books->root.path = books->root_path;
    books->root.length = sizeof "/root" - 1;
    books->root.status = MOOR_STATUS_RUNNING;
}

static inline struct free_agent *free_of(uint64_t handle)
{
    return (struct free_agent *)(uintptr_t)handle;
}

static inline uint64_t free_handle(const struct free_agent *agent)
{
    return (uint64_t)(uintptr_t)agent;
}

static inline moor_status free_status(const struct free_agent *agent)
{
    if (agent == NULL) return MOOR_STATUS_NOT_FOUND;
    return (moor_status)__atomic_load_n(&agent->status, __ATOMIC_ACQUIRE);
}

/* --- a spawn, in the order of judgement ---------------------------------- */

/* MOOR_OK: the path is made and hashed, and nothing is charged. */
static inline moor_error free_judge(struct free_books *books,
                                    struct rules_spawn *spawn,
                                    struct free_agent **parent)
{
    struct free_agent *above = free_of(spawn->agent->parent);

    if (above == NULL) above = &books->root;
    if (free_status(above) == MOOR_STATUS_NOT_FOUND) return MOOR_STALE;
    if (!rules_compose(spawn, above->path, above->length, above->depth)) {
        return MOOR_BAD_PATH;
    }
    rules_hash_path(spawn, &books->key);
    if (!spawn->id_fine) return MOOR_BAD_ID;
    *parent = above;
    for (; above != NULL; above = above->parent) {
        if (__atomic_load_n(&above->fenced, __ATOMIC_ACQUIRE)) {
            return MOOR_FENCED;
        }
    }
    return MOOR_OK;
}

/* One more, unless that is too many; *was is how many there were. */
static inline bool free_take(uint64_t *use, uint32_t limit, uint64_t *was)
{
    *was = __atomic_load_n(use, __ATOMIC_RELAXED);
    do {
        if (rules_reached(limit, *was)) return false;
    } while (!__atomic_compare_exchange_n(use, was, *was + 1, true,
                                          __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    return true;
}

static inline void free_give(uint64_t *use)
{
    __atomic_fetch_sub(use, 1, __ATOMIC_RELEASE);
}

static inline bool free_full(uint64_t *use, uint32_t limit)
{
    return rules_reached(limit, __atomic_load_n(use, __ATOMIC_RELAXED));
}

/* The limit that is reached, or MOOR_LIMITS: all are charged.  Looks first, so
 * that a refusal writes to nothing that is shared. */
static inline moor_limit free_charge(struct free_books *books,
                                     const struct rules_spawn *spawn,
                                     struct free_agent *parent,
                                     uint64_t *number)
{
    const uint32_t *limits = books->limits;
    uint64_t was;

    if (rules_reached(limits[MOOR_LIMIT_DEPTH], spawn->depth - UINT64_C(1))) {
        return MOOR_LIMIT_DEPTH;
    }
    if (free_full(&parent->children, limits[MOOR_LIMIT_CHILDREN])) {
        return MOOR_LIMIT_CHILDREN;
    }
    if (free_full(&books->lifetime, limits[MOOR_LIMIT_LIFETIME])) {
        return MOOR_LIMIT_LIFETIME;
    }
    if (!free_take(&books->used, limits[MOOR_LIMIT_RUNNING], &was)) {
        return MOOR_LIMIT_RUNNING;
    }
    if (!free_take(&books->lifetime, limits[MOOR_LIMIT_LIFETIME], number)) {
        free_give(&books->used);
        return MOOR_LIMIT_LIFETIME;
    }
    if (!free_take(&parent->children, limits[MOOR_LIMIT_CHILDREN], &was)) {
        free_give(&books->used);
        free_give(&books->lifetime);
        return MOOR_LIMIT_CHILDREN;
    }
    return MOOR_LIMITS;
}

static inline void free_discharge(struct free_books *books,
                                  struct free_agent *parent)
{
    free_give(&books->used);
    free_give(&books->lifetime);
    free_give(&parent->children);
}

/* Fills in an agent whose path has room. */
static inline void free_fill(const struct free_books *books,
                             struct free_agent *agent,
                             const struct rules_spawn *spawn,
                             struct free_agent *parent, uint64_t number)
{
    agent->id = spawn->agent->id;
    agent->status = MOOR_STATUS_PENDING_INIT;
    agent->fenced = false;
    agent->children = 0;
    agent->parent = parent;
    agent->id_hash = spawn->id_hash;
    agent->path_hash = spawn->path_hash;
    agent->length = (uint32_t)spawn->length;
    agent->depth = spawn->depth;
    agent->stamp_ms = rules_clock_ms();
    agent->stamp_number = number;
    agent->turn = books->turn;
    memcpy(agent->path, spawn->path, spawn->length + 1);
}

/* --- the life after it ---------------------------------------------------- */

static inline bool free_holds_slot(uint32_t status)
{
    return status == MOOR_STATUS_PENDING_INIT || status == MOOR_STATUS_RUNNING;
}

static inline bool free_start(struct free_agent *agent)
{
    uint32_t pending = MOOR_STATUS_PENDING_INIT;

    return __atomic_compare_exchange_n(&agent->status, &pending,
                                       MOOR_STATUS_RUNNING, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline void free_release(struct free_books *books)
{
    free_give(&books->used);
    tally_add(TALLY_RELEASED);
}

static inline bool free_finish(struct free_books *books,
                               struct free_agent *agent)
{
    uint32_t status = __atomic_load_n(&agent->status, __ATOMIC_ACQUIRE);

    do {
        if (!free_holds_slot(status)) return false;
    } while (!__atomic_compare_exchange_n(&agent->status, &status,
                                          MOOR_STATUS_COMPLETED, true,
                                          __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    free_release(books);
    tally_add(TALLY_COMPLETED);
    return true;
}

/* It is closed, and to be taken out of the maps; false: it was, or somebody is
 * below. */
static inline bool free_close(struct free_books *books,
                              struct free_agent *agent)
{
    if (__atomic_load_n(&agent->children, __ATOMIC_ACQUIRE) > 0) return false;
    uint32_t was = __atomic_exchange_n(&agent->status, MOOR_STATUS_NOT_FOUND,
                                       __ATOMIC_ACQ_REL);
    if (was == MOOR_STATUS_NOT_FOUND) return false;
    if (free_holds_slot(was)) free_release(books);
    tally_add(TALLY_CLOSED);
    return true;
}

static inline void free_count(const struct free_books *books, uint64_t *used,
                              uint64_t *agents)
{
    *used = __atomic_load_n(&books->used, __ATOMIC_ACQUIRE);
    *agents = tally_sum(&books->tally, TALLY_SPAWNED) -
              tally_sum(&books->tally, TALLY_CLOSED);
}

static inline void free_fence(struct free_agent *agent)
{
    __atomic_store_n(&agent->fenced, true, __ATOMIC_RELEASE);
}

#endif
