/*
 * The structures of codex's registry, in C: one mutex, a map by path whose
 * entries hold the id, and no index by id: what asks for an id looks through
 * the map, and so does the release of an agent.  Its running slot comes back
 * at the end of the run here, as in the other rivals; children are counted
 * and linked, which codex derives from the paths.
 *
 * Leaves out: closing what is below, the look whether an id is taken, and the
 * sleep of a wait that is not met.
 */
#include "rival_ledger.h"

#include <pthread.h>

enum { SLOTS_FIRST = 16 };

/* As in Rust's map, a slot holds key and value; here the path is behind. */
struct slot {
    moor_id id;
    uint64_t hash;
    uint32_t number; /* 0: vacant, which the root's never is */
};

struct books {
    pthread_mutex_t lock;
    struct slot *slots;
    size_t mask, filled;
    struct ledger ledger;
};

static void *codex_create(uint32_t limit)
{
    struct books *books = calloc(1, sizeof *books);

    if (books == NULL) abort();
    ledger_open(&books->ledger, limit);
    books->slots = calloc(SLOTS_FIRST, sizeof *books->slots);
    if (books->slots == NULL) abort();
    books->mask = SLOTS_FIRST - 1;
    pthread_mutex_init(&books->lock, NULL);
    return books;
}

static void codex_destroy(void *of)
{
    struct books *books = of;

    ledger_free(&books->ledger);
    free(books->slots);
    pthread_mutex_destroy(&books->lock);
    free(books);
}

/* The slot of a path; where it belongs when it has none. */
static struct slot *slot_of(const struct books *books, const char *path,
                            size_t length, uint64_t hash)
{
    for (size_t at = hash & books->mask;; at = (at + 1) & books->mask) {
        struct slot *slot = &books->slots[at];

        if (slot->number == 0 ||
            (slot->hash == hash &&
             entry_is_at(ledger_at(&books->ledger, slot->number), path,
                         length))) {
            return slot;
        }
    }
}

/* The id of a vacant slot is nil. */
static struct slot *scan(const struct books *books, const moor_id *id)
{
    for (size_t at = 0; at <= books->mask; at++) {
        if (hash_same_id(&books->slots[at].id, id)) return &books->slots[at];
    }
    return NULL;
}

static bool grow(struct books *books)
{
    const size_t mask = books->mask * 2 + 1;
    struct slot *slots = calloc(mask + 1, sizeof *slots);

    if (slots == NULL) return false;
    for (size_t i = 0; i <= books->mask; i++) {
        size_t at = books->slots[i].hash & mask;

        if (books->slots[i].number == 0) continue;
        while (slots[at].number != 0) at = (at + 1) & mask;
        slots[at] = books->slots[i];
    }
    free(books->slots);
    books->slots = slots;
    books->mask = mask;
    return true;
}

/* Shifts back what stands behind, so that no probe ends too early. */
static void vacate(struct books *books, struct slot *slot)
{
    const size_t mask = books->mask;
    size_t hole = (size_t)(slot - books->slots);

    for (size_t at = (hole + 1) & mask; books->slots[at].number != 0;
         at = (at + 1) & mask) {
        size_t home = books->slots[at].hash & mask;

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            books->slots[hole] = books->slots[at];
            hole = at;
        }
    }
    books->slots[hole] = (struct slot){ .number = 0 };
    books->filled--;
}

static moor_error spawn_locked(struct books *books, struct rules_spawn *spawn,
                               uint64_t *handle)
{
    struct ledger *ledger = &books->ledger;
    struct entry *parent;
    moor_error error = ledger_judge(ledger, spawn, &parent);

    if (error != MOOR_OK) return error;
    if (books->filled > books->mask / 8 * 5 && !grow(books)) abort();
    struct slot *slot =
        slot_of(books, spawn->path, spawn->length, spawn->path_hash);
    if (slot->number != 0) return MOOR_PATH_TAKEN;
    error = ledger_limits(ledger, spawn, parent);
    if (error != MOOR_OK) return error;
    struct entry *entry =
        ledger_enter(ledger, spawn, parent, MOOR_STATUS_PENDING_INIT);
    *slot = (struct slot){ entry->id, spawn->path_hash, entry->number };
    books->filled++;
    *handle = ledger_handle(entry);
    return MOOR_OK;
}

static moor_error codex_spawn(void *of, const struct rival_agent *agent,
                              uint64_t *handle)
{
    struct books *books = of;
    struct rules_spawn spawn;

    rules_begin(&spawn, &books->ledger.key, agent);
    pthread_mutex_lock(&books->lock);
    moor_error error = spawn_locked(books, &spawn, handle);
    pthread_mutex_unlock(&books->lock);
    return error;
}

static bool codex_start(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = ledger_start(&books->ledger, handle);
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static moor_status codex_status_of(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    moor_status status = entry_status(ledger_find(&books->ledger, handle));
    pthread_mutex_unlock(&books->lock);
    return status;
}

/* Of the agent in a slot; a slot that may be vacant, or null. */
static moor_status slot_status(const struct books *books,
                               const struct slot *slot)
{
    if (slot == NULL || slot->number == 0) return MOOR_STATUS_NOT_FOUND;
    return entry_status(ledger_at(&books->ledger, slot->number));
}

static moor_status codex_status_id(void *of, const moor_id *id)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    moor_status status = slot_status(books, scan(books, id));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static moor_status codex_status_path(void *of, const char *path, size_t length)
{
    struct books *books = of;
    uint64_t hash = hash_text(&books->ledger.key, path, length);

    pthread_mutex_lock(&books->lock);
    moor_status status =
        slot_status(books, slot_of(books, path, length, hash));
    pthread_mutex_unlock(&books->lock);
    return status;
}

static bool codex_finish(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    bool fine = ledger_finish(&books->ledger, handle);
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static bool codex_wait(void *of, uint64_t handle)
{
    return moor_is_final(codex_status_of(of, handle));
}

static bool codex_close(void *of, uint64_t handle)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    struct entry *entry = ledger_find(&books->ledger, handle);
    bool fine = entry != NULL && entry->children == 0;
    if (fine) {
        vacate(books, scan(books, &entry->id));
        ledger_close(&books->ledger, entry);
    }
    pthread_mutex_unlock(&books->lock);
    return fine;
}

static void codex_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    pthread_mutex_lock(&books->lock);
    *used = books->ledger.used;
    *agents = books->filled;
    pthread_mutex_unlock(&books->lock);
}

static void codex_set_limit(void *of, moor_limit which, uint32_t value)
{
    ((struct books *)of)->ledger.limits[which] = value;
}

static void codex_fence(void *of, uint64_t handle)
{
    ledger_fence(&((struct books *)of)->ledger, handle);
}

static void codex_stats(void *of, moor_stats *stats)
{
    *stats = ((const struct books *)of)->ledger.stats;
}

const struct rival rival_codex = {
    .name = "codex",
    .level = RIVAL_REGISTRY,
    .agents_max = 10000,
    .trusts_ids = true,
    .create = codex_create,
    .destroy = codex_destroy,
    .spawn = codex_spawn,
    .start = codex_start,
    .status_of = codex_status_of,
    .status_id = codex_status_id,
    .status_path = codex_status_path,
    .finish = codex_finish,
    .wait = codex_wait,
    .close = codex_close,
    .count = codex_count,
    .set_limit = codex_set_limit,
    .fence = codex_fence,
    .stats = codex_stats,
};
