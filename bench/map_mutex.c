/*
 * The map level under one mutex: an open-addressing index beside an array of
 * entries.  Hashes are taken outside the lock.
 */
#include "map_ledger.h"

#include <pthread.h>

struct books {
    pthread_mutex_t lock;
    uint32_t used, limit;
    struct hash_key key;
    struct map_ledger ledger;
};

static uint64_t handle_of(const struct books *books, uint32_t number)
{
    return (uint64_t)books->ledger.entries[number].generation << 32 | number;
}

static struct map_entry *find(const struct books *books, uint64_t handle)
{
    return map_ledger_at(&books->ledger, (uint32_t)handle,
                         (uint32_t)(handle >> 32));
}

static void *mutex_create(uint32_t limit)
{
    struct books *books = calloc(1, sizeof *books);

    if (books == NULL) abort();
    map_ledger_open(&books->ledger);
    books->key = hash_key_make();
    books->limit = limit;
    pthread_mutex_init(&books->lock, NULL);
    return books;
}

static void mutex_destroy(void *of)
{
    struct books *books = of;

    map_ledger_free(&books->ledger);
    pthread_mutex_destroy(&books->lock);
    free(books);
}

static moor_error spawn_locked(struct books *books, const moor_id *id,
                               uint64_t hash, uint64_t *handle)
{
    if (books->used >= books->limit) return MOOR_REFUSED;
    if (map_ledger_find(&books->ledger, id, hash) != NULL) {
        return MOOR_ID_TAKEN;
    }
    books->used++;
    *handle = handle_of(books, map_ledger_enter(&books->ledger, id, hash));
    return MOOR_OK;
}

static moor_error mutex_spawn(void *of, const struct rival_agent *agent,
                              uint64_t *handle)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->key, &agent->id);

    pthread_mutex_lock(&books->lock);
    moor_error error = spawn_locked(books, &agent->id, hash, handle);
    pthread_mutex_unlock(&books->lock);
    return error;
}

static moor_status mutex_status_of(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    moor_status status = map_entry_status(find(books, handle));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static moor_status mutex_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->key, id);

    pthread_mutex_lock(&books->lock);
    moor_status status =
        map_entry_status(map_ledger_find(&books->ledger, id, hash));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static bool mutex_finish(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = map_entry_finish(find(books, handle));
    books->used -= fine;
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static bool mutex_close(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    struct map_entry *entry = find(books, handle);
    if (entry != NULL) {
        books->used -= entry->slot;
        map_ledger_leave(&books->ledger, entry);
    }
    pthread_mutex_unlock(&books->lock);
    return entry != NULL;
}

static void mutex_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    *used = books->used;
    *agents = books->ledger.by_id.used;
    pthread_mutex_unlock(&books->lock);
}

const struct rival map_mutex = {
    .name = "mutex",
    .level = RIVAL_MAP,
    .create = mutex_create,
    .destroy = mutex_destroy,
    .spawn = mutex_spawn,
    .start = map_start,
    .status_of = mutex_status_of,
    .status_id = mutex_status_id,
    .finish = mutex_finish,
    .close = mutex_close,
    .count = mutex_count,
};
