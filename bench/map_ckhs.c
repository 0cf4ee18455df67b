/*
 * The map level with ConcurrencyKit's hash set, under one of its spin locks
 * with back-off: the set allows one writer.  Entries never move, and are
 * reused.
 */
#include "map_rival.h"

#include <ck_hs.h>
#include <ck_spinlock.h>

enum { CHUNK_BITS = 12, CHUNKS = 4096 };

struct entry {
    moor_id id;
    uint64_t hash;
    struct entry *next; /* of the vacant ones */
    uint32_t number, generation;
    uint8_t status; /* moor_status; NOT_FOUND: vacant */
    bool slot;
};

struct books {
    ck_spinlock_fas_t lock;
    uint32_t used, limit, count;
    struct entry *vacant;
    struct hash_key key;
    ck_hs_t by_id;
    struct entry *chunks[CHUNKS];
};

/* The set holds entries; a key is an entry, too. */
static unsigned long set_hash(const void *entry, unsigned long seed)
{
    (void)seed;
    return ((const struct entry *)entry)->hash;
}

static bool set_same(const void *a, const void *b)
{
    return hash_same_id(&((const struct entry *)a)->id,
                        &((const struct entry *)b)->id);
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
        !ck_hs_init(&books->by_id, mode, set_hash, set_same, &memory, 64, 0)) {
        abort();
    }
    books->key = hash_key_make();
    books->limit = limit;
    ck_spinlock_fas_init(&books->lock);
    return books;
}

static void ckhs_destroy(void *of)
{
    struct books *books = of;

    ck_hs_destroy(&books->by_id);
    for (unsigned i = 0; i < CHUNKS; i++) free(books->chunks[i]);
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

static struct entry *entry_at(const struct books *books, uint32_t number)
{
    return &books->chunks[number >> CHUNK_BITS]
                         [number & ((1U << CHUNK_BITS) - 1)];
}

/* Null: nobody, or not any more. */
static struct entry *find(const struct books *books, uint64_t handle)
{
    if ((uint32_t)handle >= books->count) return NULL;
    struct entry *entry = entry_at(books, (uint32_t)handle);
    return entry->generation == handle >> 32 &&
                   entry->status != MOOR_STATUS_NOT_FOUND
               ? entry
               : NULL;
}

static struct entry *take_vacant(struct books *books)
{
    struct entry *entry = books->vacant;

    if (entry != NULL) {
        books->vacant = entry->next;
        return entry;
    }
    struct entry **chunk = &books->chunks[books->count >> CHUNK_BITS];
    if (*chunk == NULL) *chunk = calloc(1U << CHUNK_BITS, sizeof **chunk);
    if (*chunk == NULL) abort();
    entry = entry_at(books, books->count);
    entry->number = books->count++;
    return entry;
}

static void give_vacant(struct books *books, struct entry *entry)
{
    entry->status = MOOR_STATUS_NOT_FOUND;
    entry->next = books->vacant;
    books->vacant = entry;
}

static moor_error spawn_locked(struct books *books, const moor_id *id,
                               uint64_t hash, uint64_t *handle)
{
    if (books->used >= books->limit) return MOOR_REFUSED;
    struct entry *entry = take_vacant(books);
    entry->id = *id;
    entry->hash = hash;
    if (!ck_hs_put(&books->by_id, hash, entry)) {
        give_vacant(books, entry);
        return MOOR_ID_TAKEN;
    }
    entry->generation++;
    entry->status = MOOR_STATUS_RUNNING;
    entry->slot = true;
    books->used++;
    *handle = (uint64_t)entry->generation << 32 | entry->number;
    return MOOR_OK;
}

static moor_error ckhs_spawn(void *of, const struct rival_agent *agent,
                             uint64_t *handle)
{
    struct books *books = of;
    uint64_t hash = hash_of_id(&books->key, &agent->id);

    lock(books);
    moor_error error = spawn_locked(books, &agent->id, hash, handle);
    unlock(books);
    return error;
}

static moor_status status_of(const struct entry *entry)
{
    return entry == NULL ? MOOR_STATUS_NOT_FOUND : (moor_status)entry->status;
}

static moor_status ckhs_status_of(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    moor_status status = status_of(find(books, handle));
    unlock(books);
    return status;
}

static moor_status ckhs_status_id(void *of, const moor_id *id)
{
    struct books *books = of;
    const struct entry key = { .id = *id };
    uint64_t hash = hash_of_id(&books->key, id);

    lock(books);
    moor_status status = status_of(ck_hs_get(&books->by_id, hash, &key));
    unlock(books);
    return status;
}

static bool ckhs_finish(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    struct entry *entry = find(books, handle);
    bool fine = entry != NULL && entry->status == MOOR_STATUS_RUNNING;
    if (fine) {
        entry->status = MOOR_STATUS_COMPLETED;
        entry->slot = false;
        books->used--;
    }
    unlock(books);
    return fine;
}

static bool ckhs_close(void *of, uint64_t handle)
{
    struct books *books = of;

    lock(books);
    struct entry *entry = find(books, handle);
    if (entry != NULL) {
        ck_hs_remove(&books->by_id, entry->hash, entry);
        books->used -= entry->slot;
        give_vacant(books, entry);
    }
    unlock(books);
    return entry != NULL;
}

static void ckhs_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    lock(books);
    *used = books->used;
    *agents = ck_hs_count(&books->by_id);
    unlock(books);
}

const struct rival map_ckhs = {
    .name = "ckhs",
    .level = RIVAL_MAP,
    .create = ckhs_create,
    .destroy = ckhs_destroy,
    .spawn = ckhs_spawn,
    .start = map_start,
    .status_of = ckhs_status_of,
    .status_id = ckhs_status_id,
    .finish = ckhs_finish,
    .close = ckhs_close,
    .count = ckhs_count,
};
