/*
 * One mutex, a ledger, and two open-addressing indexes: what a competent
 * engineer would write first.  Names are judged, and ids hashed, outside the
 * lock; a path is made and hashed inside, because the parent's stands there.
 * A pass that reaps looks at every entry.
 */
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
        !index_open(&books->by_path)) {
        abort();
    }
    ledger_open(&books->ledger, limit);
    pthread_mutex_init(&books->lock, NULL);
    pthread_cond_init(&books->ended, NULL);
    return books;
}

static void *mutex_create_keeping(uint32_t limit)
{
    struct books *books = mutex_create(limit);

    books->ledger.release = MOOR_ON_TURN_END;
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

/* PENDING_INIT: with the id; RESERVED: without. */
static moor_error admit(struct books *books, struct rules_spawn *spawn,
                        moor_status status, uint64_t *handle)
{
    struct entry *parent;
    const bool has_id = status != MOOR_STATUS_RESERVED;
    moor_error error = ledger_judge(&books->ledger, spawn, &parent);

    if (error != MOOR_OK) return error;
    if (find_path(books, spawn->path, spawn->length, spawn->path_hash)) {
        return MOOR_PATH_TAKEN;
    }
    if (has_id && find_id(books, &spawn->agent->id, spawn->id_hash)) {
        return MOOR_ID_TAKEN;
    }
    error = ledger_limits(&books->ledger, spawn, parent);
    if (error != MOOR_OK) return error;
    if (!index_ready(&books->by_id) || !index_ready(&books->by_path)) abort();
    struct entry *entry = ledger_enter(&books->ledger, spawn, parent, status);
    index_add(&books->by_path, spawn->path_hash, entry->number);
    if (has_id) index_add(&books->by_id, spawn->id_hash, entry->number);
    *handle = ledger_handle(entry);
    return MOOR_OK;
}

static moor_error mutex_spawn(void *of, const struct rival_agent *agent,
                              uint64_t *handle)
{
    struct books *books = of;
    struct rules_spawn spawn;

    rules_begin(&spawn, &books->ledger.key, agent);
    pthread_mutex_lock(&books->lock);
    moor_error error =
        admit(books, &spawn, MOOR_STATUS_PENDING_INIT, handle);
    pthread_mutex_unlock(&books->lock);
    return error;
}

static moor_error mutex_reserve(void *of, const struct rival_agent *agent,
                                uint64_t *ticket)
{
    struct books *books = of;
    struct rules_spawn spawn;

    rules_begin(&spawn, NULL, agent);
    spawn.id_fine = true;
    pthread_mutex_lock(&books->lock);
    moor_error error = admit(books, &spawn, MOOR_STATUS_RESERVED, ticket);
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
    uint64_t hash = hash_of_id(&books->ledger.key, id);

    pthread_mutex_lock(&books->lock);
    moor_status status = entry_status(find_id(books, id, hash));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static moor_status mutex_status_path(void *of, const char *path, size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_text(&books->ledger.key, path, length);

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

static bool mutex_run_again(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = ledger_run_again(&books->ledger, handle);
    pthread_mutex_unlock(&books->lock);
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
    if (entry->status != MOOR_STATUS_RESERVED) {
        index_remove(&books->by_id, entry->id_hash, entry->number);
    }
    index_remove(&books->by_path, entry->path_hash, entry->number);
    ledger_close(&books->ledger, entry);
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
    bool fine = entry_status(entry) != MOOR_STATUS_NOT_FOUND;
    if (fine) {
        close_below(books, entry);
        leave(books, entry);
    }
    bool waiting = books->waiting > 0;
    pthread_mutex_unlock(&books->lock);
    if (waiting) pthread_cond_broadcast(&books->ended);
    return fine;
}

static bool mutex_abandon(void *of, uint64_t ticket)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    struct entry *entry = ledger_find(&books->ledger, ticket);
    bool fine = entry != NULL && entry->status == MOOR_STATUS_RESERVED;
    if (fine) {
        leave(books, entry);
        books->ledger.lifetime--;
    }
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static void mutex_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    *used = books->ledger.used;
    *agents = books->ledger.agents;
    pthread_mutex_unlock(&books->lock);
}

static void mutex_set_limit(void *of, moor_limit which, uint32_t value)
{
    ((struct books *)of)->ledger.limits[which] = value;
}

static void mutex_fence(void *of, uint64_t handle)
{
    ledger_fence(&((struct books *)of)->ledger, handle);
}

static void mutex_stats(void *of, moor_stats *stats)
{
    *stats = ((const struct books *)of)->ledger.stats;
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

#define MUTEX_CALLS                                                            \
    .destroy = mutex_destroy, .spawn = mutex_spawn, .start = mutex_start,      \
    .status_of = mutex_status_of, .status_id = mutex_status_id,                \
    .status_path = mutex_status_path, .finish = mutex_finish,                  \
    .wait = mutex_wait, .close = mutex_close, .count = mutex_count,            \
    .set_limit = mutex_set_limit, .fence = mutex_fence, .stats = mutex_stats,  \
    .reap = mutex_reap, .list = mutex_list, .reserve = mutex_reserve,          \
    .abandon = mutex_abandon, .run_again = mutex_run_again

const struct rival rival_mutex = {
    .name = "mutex",
    .level = RIVAL_REGISTRY,
    .create = mutex_create,
    MUTEX_CALLS,
};

const struct rival rival_mutex_keeping = {
    .name = "mutex",
    .level = RIVAL_KEEPING,
    .create = mutex_create_keeping,
    MUTEX_CALLS,
};
