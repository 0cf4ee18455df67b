/*
 * ConcurrencyKit's hash set, one by id and one by path, over a ledger, all
 * under one of its spin locks with back-off: the set allows one writer.
 *
 * Leaves out: closing what is below, and the sleep of a wait that is not met.
 */
#include "rival_ledger.h"

#include <ck_hs.h>
#include <ck_spinlock.h>

struct books {
    ck_spinlock_fas_t lock;
    ck_hs_t by_id, by_path;
    struct ledger ledger;
};

/* Sets hold entries; a key is an entry, too. */
static unsigned long id_hash(const void *of, unsigned long seed)
{
    (void)seed;
    return ((const struct entry *)of)->id_hash;
}

static unsigned long path_hash(const void *of, unsigned long seed)
{
    (void)seed;
    return ((const struct entry *)of)->path_hash;
}

static bool same_id(const void *a, const void *b)
{
    return hash_same_id(&((const struct entry *)a)->id,
                        &((const struct entry *)b)->id);
}

static bool same_path(const void *a, const void *b)
{
    const struct entry *other = b;

    return entry_is_at(a, other->path, other->length);
}

static void *set_allocate(size_t bytes)
{
    return malloc(bytes);
}

static void set_free(void *memory, size_t bytes, bool later)
{
    (void)bytes;
    (void)later; /* readers hold the lock: none is left behind */
    free(memory);
}

static struct ck_malloc memory = { .malloc = set_allocate, .free = set_free };

static void *ckhs_create(uint32_t limit)
{
    struct books *books = calloc(1, sizeof *books);
    const unsigned mode =
        CK_HS_MODE_OBJECT | CK_HS_MODE_SPMC | CK_HS_MODE_DELETE;

    if (books == NULL ||
        !ck_hs_init(&books->by_id, mode, id_hash, same_id, &memory, 64, 0) ||
        !ck_hs_init(&books->by_path, mode, path_hash, same_path, &memory, 64,
                    0)) {
        abort();
    }
    ledger_open(&books->ledger, limit);
    ck_spinlock_fas_init(&books->lock);
    return books;
}

static void ckhs_destroy(void *of)
{
    struct books *books = of;

    ck_hs_destroy(&books->by_id);
    ck_hs_destroy(&books->by_path);
    ledger_free(&books->ledger);
    free(books);
}

static void lock(struct books *books)
{
    ck_spinlock_fas_lock_eb(&books->lock);
}

static void unlock(struct books *books)
{
    ck_spinlock_fas_unlock(&books->lock);
}

/* A key that points at a path that is only read. */
static struct entry path_key(const char *path, size_t length, uint64_t hash)
{
    union {
        const char *given;
        char *kept;
    } text = { path };

    return (struct entry){
        .path = text.kept,
        .length = (uint32_t)length,
        .path_hash = hash,
    };
}

static struct entry *find_path(struct books *books, const char *path,
                               size_t length, uint64_t hash)
{
    const struct entry key = path_key(path, length, hash);

    return ck_hs_get(&books->by_path, hash, &key);
}

static struct entry *find_id(struct books *books, const moor_id *id,
                             uint64_t hash)
{
    const struct entry key = { .id = *id };

    return ck_hs_get(&books->by_id, hash, &key);
}

static moor_error spawn_locked(struct books *books, struct rules_spawn *spawn,
                               uint64_t *handle)
{
    struct ledger *ledger = &books->ledger;
    struct entry *parent;
    moor_error error = ledger_judge(ledger, spawn, &parent);

    if (error != MOOR_OK) return error;
    if (find_path(books, spawn->path, spawn->length, spawn->path_hash)) {
        return MOOR_PATH_TAKEN;
    }
    if (find_id(books, &spawn->agent->id, spawn->id_hash)) {
        return MOOR_ID_TAKEN;
    }
    error = ledger_limits(ledger, spawn, parent);
    if (error != MOOR_OK) return error;
    struct entry *entry =
        ledger_enter(ledger, spawn, parent, MOOR_STATUS_PENDING_INIT);
    if (!ck_hs_put_unique(&books->by_id, spawn->id_hash, entry) ||
        !ck_hs_put_unique(&books->by_path, spawn->path_hash, entry)) {
        abort();
    }
    *handle = ledger_handle(entry);
    return MOOR_OK;
}

static moor_error ckhs_spawn(void *of, const struct rival_agent *agent,
                             uint64_t *handle)
{
    struct books *books = of;
    struct rules_spawn spawn;

    rules_begin(&spawn, &books->ledger.key, agent);
    lock(books);
    moor_error error = spawn_locked(books, &spawn, handle);
    unlock(books);
    return error;
}

static bool ckhs_start(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    bool fine = ledger_start(&books->ledger, handle);
    unlock(books);
    return fine;
}

static moor_status ckhs_status_of(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    moor_status status = entry_status(ledger_find(&books->ledger, handle));
    unlock(books);
    return status;
}

static moor_status ckhs_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->ledger.key, id);

    lock(books);
    moor_status status = entry_status(find_id(books, id, hash));
    unlock(books);
    return status;
}

static moor_status ckhs_status_path(void *of, const char *path, size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_text(&books->ledger.key, path, length);

    lock(books);
    moor_status status = entry_status(find_path(books, path, length, hash));
    unlock(books);
    return status;
}

static bool ckhs_finish(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    bool fine = ledger_finish(&books->ledger, handle);
    unlock(books);
    return fine;
}

static bool ckhs_wait(void *of, uint64_t handle)
{
    return moor_is_final(ckhs_status_of(of, handle));
}

static bool ckhs_close(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    struct entry *entry = ledger_find(&books->ledger, handle);
    bool fine = entry != NULL && entry->children == 0;
    if (fine) {
        ck_hs_remove(&books->by_id, entry->id_hash, entry);
        ck_hs_remove(&books->by_path, entry->path_hash, entry);
        ledger_close(&books->ledger, entry);
    }
    unlock(books);
    return fine;
}

static void ckhs_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    lock(books);
    *used = books->ledger.used;
    *agents = ck_hs_count(&books->by_id);
    unlock(books);
}

static void ckhs_set_limit(void *of, moor_limit which, uint32_t value)
{
    ((struct books *)of)->ledger.limits[which] = value;
}

static void ckhs_fence(void *of, uint64_t handle)
{
    ledger_fence(&((struct books *)of)->ledger, handle);
}

static void ckhs_stats(void *of, moor_stats *stats)
{
    *stats = ((const struct books *)of)->ledger.stats;
}

const struct rival rival_ckhs = {
    .name = "ckhs",
    .level = RIVAL_REGISTRY,
    .create = ckhs_create,
    .destroy = ckhs_destroy,
    .spawn = ckhs_spawn,
    .start = ckhs_start,
    .status_of = ckhs_status_of,
    .status_id = ckhs_status_id,
    .status_path = ckhs_status_path,
    .finish = ckhs_finish,
    .wait = ckhs_wait,
    .close = ckhs_close,
    .count = ckhs_count,
    .set_limit = ckhs_set_limit,
    .fence = ckhs_fence,
    .stats = ckhs_stats,
};
