/*
 * A ledger: the agents of a rival that keeps everything under one lock, and
 * all that such a rival has to judge and to count.
 *
 * Entries are reused and never move; a number and a generation make a handle.
 * A short path stands in its entry.  Entry 0 is the root.
 * How an entry is found by id or by path is the rival's own affair.
 */
#ifndef BENCH_RIVAL_LEDGER_H
#define BENCH_RIVAL_LEDGER_H

#include <stdalign.h>

#include "rival_rules.h"

enum {
    LEDGER_CHUNK_BITS = 12,
    LEDGER_CHUNKS = 4096,
    LEDGER_LINE = 64,
    LEDGER_SHORT = 32 /* bytes of a path that stands in the entry */
};

struct entry {
    /* The line of the look-ups. */
    alignas(LEDGER_LINE) moor_id id;
    char *path; /* short_path, or of malloc with so much room */
    uint32_t length, room;
    uint64_t id_hash, path_hash;
    uint32_t number, generation; /* odd: somebody is here */
    uint32_t children;
    uint8_t status; /* moor_status; RESERVED: a ticket */
    uint8_t depth;
    bool slot, fenced;

    /* Of the tree and of the last admission. */
    uint32_t parent, child, next, previous;
    uint64_t stamp_ms;
    uint32_t stamp_number, turn;
    char short_path[LEDGER_SHORT];
};

_Static_assert(sizeof(struct entry) == 2 * LEDGER_LINE, "two lines");

struct ledger {
    struct entry *chunks[LEDGER_CHUNKS];
    struct hash_key key;
    uint32_t entries; /* that there ever were */
    uint32_t vacant;  /* the first, linked by next; 0: none */
    uint32_t limits[MOOR_LIMITS];
    moor_release release;
    uint64_t used, agents, lifetime;
    uint32_t number, turn;
    moor_stats stats;
};

static inline struct entry *ledger_at(const struct ledger *ledger,
                                      uint32_t number)
{
    const uint32_t within = (1U << LEDGER_CHUNK_BITS) - 1;

    return &ledger->chunks[number >> LEDGER_CHUNK_BITS][number & within];
}

static inline uint64_t ledger_handle(const struct entry *entry)
{
    return (uint64_t)entry->generation << 32 | entry->number;
}

/* Null: nobody, or not any more. */
static inline struct entry *ledger_find(const struct ledger *ledger,
                                        uint64_t handle)
{
    if ((uint32_t)handle >= ledger->entries) return NULL;
    struct entry *entry = ledger_at(ledger, (uint32_t)handle);
    return entry->generation == handle >> 32 ? entry : NULL;
}

static inline bool entry_is_at(const struct entry *entry, const char *path,
                               size_t length)
{
    return entry->length == length && memcmp(entry->path, path, length) == 0;
}

static inline moor_status entry_status(const struct entry *entry)
{
    return entry == NULL || entry->status == MOOR_STATUS_RESERVED
               ? MOOR_STATUS_NOT_FOUND
               : (moor_status)entry->status;
}

/* --- a spawn, in the order of judgement ---------------------------------- */

static inline bool ledger_fenced(const struct ledger *ledger,
                                 const struct entry *entry)
{
    while (!entry->fenced && entry->number != 0) {
        entry = ledger_at(ledger, entry->parent);
    }
    return entry->fenced;
}

/* The parent, the names and the fences; MOOR_OK: the path is made, hashed, and
 * to be looked up with the id. */
static inline moor_error ledger_judge(const struct ledger *ledger,
                                      struct rules_spawn *spawn,
                                      struct entry **parent)
{
    const uint64_t above = spawn->agent->parent;

    *parent = above == 0 ? ledger_at(ledger, 0) : ledger_find(ledger, above);
    if (*parent == NULL || (*parent)->status == MOOR_STATUS_RESERVED) {
        return MOOR_STALE;
    }
    if (!rules_compose(spawn, (*parent)->path, (*parent)->length,
                       (*parent)->depth)) {
        return MOOR_BAD_PATH;
    }
    rules_hash_path(spawn, &ledger->key);
    if (!spawn->id_fine) return MOOR_BAD_ID;
    return ledger_fenced(ledger, *parent) ? MOOR_FENCED : MOOR_OK;
}

/* MOOR_REFUSED is counted. */
static inline moor_error ledger_limits(struct ledger *ledger,
                                       const struct rules_spawn *spawn,
                                       const struct entry *parent)
{
    const uint64_t use[MOOR_LIMITS] = {
        [MOOR_LIMIT_RUNNING] = ledger->used,
        [MOOR_LIMIT_DEPTH] = spawn->depth - UINT64_C(1),
        [MOOR_LIMIT_CHILDREN] = parent->children,
        [MOOR_LIMIT_LIFETIME] = ledger->lifetime,
    };
    static const moor_limit order[] = { /* all that it has is loaded */
        MOOR_LIMIT_DEPTH, MOOR_LIMIT_CHILDREN, MOOR_LIMIT_LIFETIME,
        MOOR_LIMIT_RUNNING
    };

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (rules_reached(ledger->limits[order[i]], use[order[i]])) {
            ledger->stats.refused[order[i]]++;
            return MOOR_REFUSED;
        }
    }
    return MOOR_OK;
}

/* A vacant entry, or null: no memory. */
static inline struct entry *ledger_vacant(struct ledger *ledger)
{
    uint32_t number = ledger->vacant;

    if (number != 0) {
        ledger->vacant = ledger_at(ledger, number)->next;
        return ledger_at(ledger, number);
    }
    number = ledger->entries;
    struct entry **chunk = &ledger->chunks[number >> LEDGER_CHUNK_BITS];
    const size_t bytes = sizeof **chunk << LEDGER_CHUNK_BITS;
    if (*chunk == NULL) {
        *chunk = aligned_alloc(LEDGER_LINE, bytes);
        if (*chunk == NULL) return NULL;
        memset(*chunk, 0, bytes);
    }
    ledger->entries++;
    ledger_at(ledger, number)->number = number;
    return ledger_at(ledger, number);
}

static inline void entry_set_path(struct entry *entry, const char *path,
                                  size_t length)
{
    const uint32_t room = length < LEDGER_SHORT ? 0 : (uint32_t)length + 1;

    if (entry->room > 0) free(entry->path);
    entry->path = room > 0 ? malloc(room) : entry->short_path;
    if (entry->path == NULL) abort();
    memcpy(entry->path, path, length + 1);
    entry->length = (uint32_t)length;
    entry->room = room;
}

static inline void ledger_link(struct ledger *ledger, struct entry *entry,
                               struct entry *parent)
{
    entry->parent = parent->number;
    entry->previous = 0;
    entry->next = parent->child;
    if (entry->next != 0) {
        ledger_at(ledger, entry->next)->previous = entry->number;
    }
    parent->child = entry->number;
    parent->children++;
}

static inline void ledger_stamp(struct ledger *ledger, struct entry *entry)
{
    entry->stamp_ms = rules_clock_ms();
    entry->stamp_number = ledger->number++;
    entry->turn = ledger->turn;
}

/* Charges a granted spawn and enters it: PENDING_INIT, or RESERVED. */
static inline struct entry *ledger_enter(struct ledger *ledger,
                                         const struct rules_spawn *spawn,
                                         struct entry *parent,
                                         moor_status status)
{
    struct entry *entry = ledger_vacant(ledger);

    if (entry == NULL) abort();
    entry->id = spawn->agent->id;
    entry->id_hash = spawn->id_hash;
    entry->path_hash = spawn->path_hash;
    entry_set_path(entry, spawn->path, spawn->length);
    entry->generation++;
    entry->status = (uint8_t)status;
    entry->depth = (uint8_t)spawn->depth;
    entry->slot = true;
    entry->fenced = false;
    entry->children = 0;
    entry->child = 0;
    ledger_link(ledger, entry, parent);
    ledger_stamp(ledger, entry);
    ledger->used++;
    ledger->agents++;
    ledger->lifetime++;
    ledger->stats.spawned += status != MOOR_STATUS_RESERVED;
    return entry;
}

/* --- the life after it ---------------------------------------------------- */

static inline void ledger_release(struct ledger *ledger, struct entry *entry)
{
    ledger->used -= entry->slot;
    ledger->stats.released += entry->slot;
    entry->slot = false;
}

/* Unlinks an entry without children, and frees it. */
static inline void ledger_leave(struct ledger *ledger, struct entry *entry)
{
    struct entry *parent = ledger_at(ledger, entry->parent);

    if (entry->previous != 0) {
        ledger_at(ledger, entry->previous)->next = entry->next;
    } else {
        parent->child = entry->next;
    }
    if (entry->next != 0) {
        ledger_at(ledger, entry->next)->previous = entry->previous;
    }
    parent->children--;
    ledger->agents--;
    entry->generation++;
    entry->next = ledger->vacant;
    ledger->vacant = entry->number;
}

/* Closes an agent without children, or ends a ticket. */
static inline void ledger_close(struct ledger *ledger, struct entry *entry)
{
    if (entry->status == MOOR_STATUS_RESERVED) {
        ledger->used--;
    } else {
        ledger_release(ledger, entry);
        ledger->stats.closed++;
    }
    ledger_leave(ledger, entry);
}

static inline bool ledger_start(struct ledger *ledger, uint64_t handle)
{
    struct entry *entry = ledger_find(ledger, handle);
    bool fine = entry != NULL && entry->status == MOOR_STATUS_PENDING_INIT;

    if (fine) entry->status = MOOR_STATUS_RUNNING;
    return fine;
}

static inline bool ledger_finish(struct ledger *ledger, uint64_t handle)
{
    struct entry *entry = ledger_find(ledger, handle);

    if (entry == NULL || (entry->status != MOOR_STATUS_PENDING_INIT &&
                          entry->status != MOOR_STATUS_RUNNING)) {
        return false;
    }
    entry->status = MOOR_STATUS_COMPLETED;
    ledger->stats.completed++;
    if (ledger->release == MOOR_ON_COMPLETION) ledger_release(ledger, entry);
    return true;
}

static inline bool ledger_run_again(struct ledger *ledger, uint64_t handle)
{
    struct entry *entry = ledger_find(ledger, handle);

    if (entry == NULL || entry->status != MOOR_STATUS_COMPLETED) return false;
    if (!entry->slot) {
        if (rules_reached(ledger->limits[MOOR_LIMIT_RUNNING], ledger->used)) {
            ledger->stats.refused[MOOR_LIMIT_RUNNING]++;
            return false;
        }
        ledger->used++;
        entry->slot = true;
    }
    entry->status = MOOR_STATUS_RUNNING;
    ledger_stamp(ledger, entry);
    return true;
}

static inline bool ledger_ended(const struct ledger *ledger, uint64_t handle)
{
    return moor_is_final(entry_status(ledger_find(ledger, handle)));
}

/* --- all of them ---------------------------------------------------------- */

static inline void ledger_open(struct ledger *ledger, uint32_t limit)
{
    struct entry *root = ledger_vacant(ledger);

    if (root == NULL) abort();
    entry_set_path(root, "/root", sizeof "/root" - 1);
    root->generation = 1;
    root->status = MOOR_STATUS_RUNNING;
    ledger->key = hash_key_make();
    for (int i = 0; i < MOOR_LIMITS; i++) ledger->limits[i] = MOOR_UNLIMITED;
    ledger->limits[MOOR_LIMIT_RUNNING] = limit;
}

static inline void ledger_free(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->entries; i++) {
        if (ledger_at(ledger, i)->room > 0) free(ledger_at(ledger, i)->path);
    }
    for (unsigned i = 0; i < LEDGER_CHUNKS; i++) free(ledger->chunks[i]);
}

static inline bool ledger_fence(struct ledger *ledger, uint64_t handle)
{
    struct entry *entry = ledger_find(ledger, handle);

    if (entry != NULL) entry->fenced = true;
    return entry != NULL;
}

/* Everybody who is idle and still holds a slot. */
static inline uint64_t ledger_reap(struct ledger *ledger)
{
    uint64_t reaped = 0;

    for (uint32_t i = 1; i < ledger->entries; i++) {
        struct entry *entry = ledger_at(ledger, i);

        if (entry->generation % 2 == 1 && entry->slot &&
            moor_is_evictable((moor_status)entry->status)) {
            ledger_release(ledger, entry);
            reaped++;
        }
    }
    ledger->stats.reaped += reaped;
    return reaped;
}

/* Copies a page, the root included; the cursor is the next entry. */
static inline size_t ledger_list(const struct ledger *ledger,
                                 uint64_t *cursor, moor_info *infos,
                                 size_t room)
{
    const uint64_t now = rules_clock_ms();
    uint32_t i = (uint32_t)*cursor;
    size_t count = 0;

    for (; i < ledger->entries && count < room; i++) {
        const struct entry *entry = ledger_at(ledger, i);

        if (entry->generation % 2 == 0) continue;
        moor_info *info = &infos[count++];
        info->agent.bits = ledger_handle(entry);
        info->parent.bits = ledger_handle(ledger_at(ledger, entry->parent));
        info->id = entry->id;
        info->status = (moor_status)entry->status;
        info->slot = entry->slot;
        info->fenced = entry->fenced;
        info->depth = entry->depth;
        info->turn = entry->turn;
        info->age_ms = now - entry->stamp_ms;
        memcpy(info->path, entry->path, entry->length + 1);
        info->nickname[0] = '\0';
        info->role[0] = '\0';
    }
    *cursor = i < ledger->entries ? i : 0;
    return count;
}

#endif
