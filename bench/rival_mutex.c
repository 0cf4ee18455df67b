/*
 * One mutex, a ledger, and two open-addressing indexes: what a competent
 * engineer would write first.  Hashes are taken outside the lock.
 */
#include "rival_hash.h"
#include "rival_index.h"
#include "rival_ledger.h"

#include <pthread.h>

enum { PAGE = 32 };

struct books {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned waiting;
    struct index by_id, by_path;
    struct ledger ledger;
};

static void *mutex_create(uint32_t limit)
{
    struct books *books = calloc(1, sizeof *books);

    if (books == NULL || !index_open(&books->by_id) ||
        !index_open(&books->by_path) || !ledger_open(&books->ledger, limit)) {
        abort();
    }
    pthread_mutex_init(&books->lock, NULL);
    pthread_cond_init(&books->ended, NULL);
    return books;
}

static void mutex_destroy(void *of)
{
    struct books *books = of;

    ledger_free(&books->ledger);
    free(books->by_id.slots);
    free(books->by_path.slots);
    pthread_cond_destroy(&books->ended);
    pthread_mutex_destroy(&books->lock);
    free(books);
}

static struct entry *find_id(const struct books *books, const moor_id *id,
                             uint64_t hash)
{
    uint32_t at = (uint32_t)hash, number;

    while (index_next(&books->by_id, hash, &at, &number)) {
        struct entry *entry = ledger_at(&books->ledger, number);
        if (hash_same_id(&entry->id, id)) return entry;
    }
    return NULL;
}

static struct entry *find_path(const struct books *books, const char *path,
                               size_t length, uint64_t hash)
{
    uint32_t at = (uint32_t)hash, number;

    while (index_next(&books->by_path, hash, &at, &number)) {
        struct entry *entry = ledger_at(&books->ledger, number);
        if (entry_is_at(entry, path, length)) return entry;
    }
    return NULL;
}

static moor_error spawn_locked(struct books *books,
                               const struct rival_agent *agent,
                               uint64_t id_hash, uint64_t path_hash,
                               uint64_t *handle)
{
    struct ledger *ledger = &books->ledger;
    struct entry *parent = ledger_parent(ledger, agent->parent);

    if (parent == NULL) return MOOR_STALE;
    if (find_path(books, agent->path, agent->length, path_hash) != NULL) {
        return MOOR_PATH_TAKEN;
    }
    if (find_id(books, &agent->id, id_hash) != NULL) return MOOR_ID_TAKEN;
    if (ledger->used >= ledger->limit) return MOOR_REFUSED;
    if (!index_ready(&books->by_id) || !index_ready(&books->by_path)) {
        return MOOR_NO_MEMORY;
    }
    struct entry *entry = ledger_take(ledger, agent->length);
    if (entry == NULL) return MOOR_NO_MEMORY;
    entry->id_hash = id_hash;
    entry->path_hash = path_hash;
    ledger_enter(ledger, entry, agent, parent);
    index_add(&books->by_id, id_hash, entry->number);
    index_add(&books->by_path, path_hash, entry->number);
    *handle = ledger_handle(entry);
    return MOOR_OK;
}

static moor_error mutex_spawn(void *of, const struct rival_agent *agent,
                              uint64_t *handle)
{
    struct books *books = of;
    uint64_t id_hash = hash_of_id(&agent->id);
    uint64_t path_hash = hash_of_path(agent->path, agent->length);

    pthread_mutex_lock(&books->lock);
    moor_error error =
        spawn_locked(books, agent, id_hash, path_hash, handle);
    pthread_mutex_unlock(&books->lock);
    return error;
}

static bool mutex_start(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = ledger_start(&books->ledger, handle);
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static moor_status mutex_status_of(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    moor_status status = entry_status(ledger_find(&books->ledger, handle));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static moor_status mutex_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(id);

    pthread_mutex_lock(&books->lock);
    moor_status status = entry_status(find_id(books, id, hash));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static moor_status mutex_status_path(void *of, const char *path, size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_of_path(path, length);

    pthread_mutex_lock(&books->lock);
    moor_status status = entry_status(find_path(books, path, length, hash));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static bool mutex_finish(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = ledger_finish(&books->ledger, handle);
    bool waiting = books->waiting > 0;
    pthread_mutex_unlock(&books->lock);
    if (waiting) pthread_cond_broadcast(&books->ended);
    return fine;
}

static bool mutex_wait(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    while (!ledger_ended(&books->ledger, handle)) {
        books->waiting++;
        pthread_cond_wait(&books->ended, &books->lock);
        books->waiting--;
    }
    pthread_mutex_unlock(&books->lock);
    return true;
}

static void leave(struct books *books, struct entry *entry)
{
    index_remove(&books->by_id, entry->id_hash, entry->number);
    index_remove(&books->by_path, entry->path_hash, entry->number);
    ledger_leave(&books->ledger, entry);
}

/* Leaves first, from the last that is below. */
static void close_below(struct books *books, struct entry *top)
{
    struct entry *at = top;

    for (;;) {
        while (at->child != 0) at = ledger_at(&books->ledger, at->child);
        if (at == top) return;
        struct entry *up = ledger_at(&books->ledger, at->parent);
        leave(books, at);
        at = up;
    }
}

static bool mutex_close(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    struct entry *entry = ledger_find(&books->ledger, handle);
    if (entry != NULL) {
        close_below(books, entry);
        leave(books, entry);
    }
    bool waiting = books->waiting > 0;
    pthread_mutex_unlock(&books->lock);
    if (waiting) pthread_cond_broadcast(&books->ended);
    return entry != NULL;
}

static void mutex_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    *used = books->ledger.used;
    *agents = books->ledger.agents;
    pthread_mutex_unlock(&books->lock);
}

static uint64_t mutex_reap(void *of)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    uint64_t reaped = ledger_reap(&books->ledger);
    pthread_mutex_unlock(&books->lock);
    return reaped;
}

static size_t mutex_list(void *of, uint64_t *cursor)
{
    static _Thread_local moor_info page[PAGE];
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    size_t count = ledger_list(&books->ledger, cursor, page, PAGE);
    pthread_mutex_unlock(&books->lock);
    return count;
}

const struct rival rival_mutex = {
    .name = "mutex",
    .create = mutex_create,
    .destroy = mutex_destroy,
    .spawn = mutex_spawn,
    .start = mutex_start,
    .status_of = mutex_status_of,
    .status_id = mutex_status_id,
    .status_path = mutex_status_path,
    .finish = mutex_finish,
    .wait = mutex_wait,
    .close = mutex_close,
    .count = mutex_count,
    .reap = mutex_reap,
    .list = mutex_list,
};
