/*
 * The map level under sixty-four locks: ids are spread over shards by their
 * hash, and each shard has an index and entries of its own.  The running slots
 * are one atomic number.
 */
#include "map_ledger.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

enum { SHARDS = 64, SHARD_BITS = 6 };

struct shard {
    alignas(128) pthread_mutex_t lock;
    struct map_ledger ledger;
};

struct books {
    struct shard shards[SHARDS];
    struct hash_key key;
    uint32_t limit;
    alignas(128) atomic_uint_fast64_t used;
};

/* The index takes the lower half of a hash, the shard the top bits. */
static struct shard *lock_by_hash(struct books *books, uint64_t hash)
{
    struct shard *shard = &books->shards[hash >> (64 - SHARD_BITS)];

    pthread_mutex_lock(&shard->lock);
    return shard;
}

static struct shard *lock_by_handle(struct books *books, uint64_t handle)
{
    struct shard *shard = &books->shards[handle % SHARDS];

    pthread_mutex_lock(&shard->lock);
    return shard;
}

/* generation (32) | number (26) | shard (6) */
static struct map_entry *find(const struct shard *shard, uint64_t handle)
{
    return map_ledger_at(&shard->ledger, (uint32_t)handle >> SHARD_BITS,
                         (uint32_t)(handle >> 32));
}

static uint64_t handle_of(const struct books *books, const struct shard *shard,
                          uint32_t number)
{
    uint64_t generation = shard->ledger.entries[number].generation;

    return generation << 32 | number << SHARD_BITS |
           (uint64_t)(shard - books->shards);
}

static void *sharded_create(uint32_t limit)
{
    struct books *books = aligned_alloc(128, sizeof *books);

    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    for (unsigned i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&books->shards[i].lock, NULL);
        map_ledger_open(&books->shards[i].ledger);
    }
    books->key = hash_key_make();
    books->limit = limit;
    return books;
}

static void sharded_destroy(void *of)
{
    struct books *books = of;

    for (unsigned i = 0; i < SHARDS; i++) {
        map_ledger_free(&books->shards[i].ledger);
        pthread_mutex_destroy(&books->shards[i].lock);
    }
    free(books);
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

static void discharge(struct books *books)
{
    atomic_fetch_sub(&books->used, 1);
}

static moor_error sharded_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->key, &agent->id);

    if (!charge(books)) return MOOR_REFUSED;
    struct shard *shard = lock_by_hash(books, hash);
    struct map_ledger *ledger = &shard->ledger;
    bool fine = map_ledger_find(ledger, &agent->id, hash) == NULL;
    if (fine) {
        *handle = handle_of(books, shard,
                            map_ledger_enter(ledger, &agent->id, hash));
    }
    pthread_mutex_unlock(&shard->lock);
    if (!fine) discharge(books);
    return fine ? MOOR_OK : MOOR_ID_TAKEN;
}

static moor_status sharded_status_of(void *of, uint64_t handle)
{
    struct shard *shard = lock_by_handle(of, handle);
    moor_status status = map_entry_status(find(shard, handle));

    pthread_mutex_unlock(&shard->lock);
    return status;
}

static moor_status sharded_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->key, id);
    struct shard *shard = lock_by_hash(books, hash);
    moor_status status =
        map_entry_status(map_ledger_find(&shard->ledger, id, hash));

    pthread_mutex_unlock(&shard->lock);
    return status;
}

static bool sharded_finish(void *of, uint64_t handle)
{
    struct shard *shard = lock_by_handle(of, handle);
    bool fine = map_entry_finish(find(shard, handle));

    pthread_mutex_unlock(&shard->lock);
    if (fine) discharge(of);
    return fine;
}

static bool sharded_close(void *of, uint64_t handle)
{
    struct shard *shard = lock_by_handle(of, handle);
    struct map_entry *entry = find(shard, handle);
    bool slot = entry != NULL && entry->slot;

    if (entry != NULL) map_ledger_leave(&shard->ledger, entry);
    pthread_mutex_unlock(&shard->lock);
    if (slot) discharge(of);
    return entry != NULL;
}

static void sharded_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    *used = atomic_load(&books->used);
    *agents = 0;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = &books->shards[i];

        pthread_mutex_lock(&shard->lock);
        *agents += shard->ledger.by_id.used;
        pthread_mutex_unlock(&shard->lock);
    }
}

const struct rival map_sharded = {
    .name = "sharded",
    .level = RIVAL_MAP,
    .create = sharded_create,
    .destroy = sharded_destroy,
    .spawn = sharded_spawn,
    .start = map_start,
    .status_of = sharded_status_of,
    .status_id = sharded_status_id,
    .finish = sharded_finish,
    .close = sharded_close,
    .count = sharded_count,
};
