/*
 * A ledger: the agents of a rival that keeps everything under one lock.
 *
 * Entries are reused and never move; a number and a generation make a handle.
 * An entry keeps its path's memory for the next one.  Entry 0 is the root.
 * How an entry is found by id or by path is the rival's own affair.
 */
#ifndef BENCH_RIVAL_LEDGER_H
#define BENCH_RIVAL_LEDGER_H

#include "rival.h"

#include <stdlib.h>
#include <string.h>

enum { LEDGER_CHUNK_BITS = 12, LEDGER_CHUNKS = 4096 };

struct entry {
    moor_id id;
    char *path;
    uint32_t length, room; /* of the path */
    uint64_t id_hash, path_hash;
    uint32_t number, generation; /* odd: somebody is here */
    uint32_t parent, child, next, previous, children;
    uint8_t status; /* moor_status */
    bool slot;
};

struct ledger {
    struct entry *chunks[LEDGER_CHUNKS];
    uint32_t entries; /* that there ever were */
    uint32_t vacant;  /* the first, linked by next; 0: none */
    uint32_t limit;
    uint64_t used, agents;
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

static inline struct entry *ledger_parent(const struct ledger *ledger,
                                          uint64_t handle)
{
    return handle == 0 ? ledger_at(ledger, 0) : ledger_find(ledger, handle);
}

static inline bool entry_is_at(const struct entry *entry, const char *path,
                               size_t length)
{
    return entry->length == length && memcmp(entry->path, path, length) == 0;
}

/* An entry with room for a path, or null; nothing is counted yet. */
static inline struct entry *ledger_take(struct ledger *ledger, size_t length)
{
    struct entry *entry;
    uint32_t number = ledger->vacant;

    if (number == 0) {
        number = ledger->entries;
        struct entry **chunk = &ledger->chunks[number >> LEDGER_CHUNK_BITS];
        if (*chunk == NULL) {
            *chunk = calloc(1U << LEDGER_CHUNK_BITS, sizeof **chunk);
        }
        if (*chunk == NULL) return NULL;
        ledger->entries++;
        entry = ledger_at(ledger, number);
        entry->number = number;
    } else {
        entry = ledger_at(ledger, number);
        ledger->vacant = entry->next;
    }
    if (entry->room <= length) {
        char *path = realloc(entry->path, length + 32);
        if (path == NULL) abort();
        entry->path = path;
        entry->room = (uint32_t)length + 32;
    }
    return entry;
}

/* Writes an entry that was taken, links it to its parent, and counts it. */
static inline void ledger_enter(struct ledger *ledger, struct entry *entry,
                                const struct rival_agent *agent,
                                struct entry *parent)
{
    entry->id = agent->id;
    memcpy(entry->path, agent->path, agent->length + 1);
    entry->length = (uint32_t)agent->length;
    entry->generation++;
    entry->status = MOOR_STATUS_PENDING_INIT;
    entry->slot = true;
    entry->children = 0;
    entry->child = 0;
    entry->parent = parent->number;
    entry->previous = 0;
    entry->next = parent->child;
    if (entry->next != 0) {
        ledger_at(ledger, entry->next)->previous = entry->number;
    }
    parent->child = entry->number;
    parent->children++;
    ledger->used++;
    ledger->agents++;
}

static inline void ledger_release(struct ledger *ledger, struct entry *entry)
{
    ledger->used -= entry->slot;
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
    ledger_release(ledger, entry);
    ledger->agents--;
    entry->generation++;
    entry->next = ledger->vacant;
    ledger->vacant = entry->number;
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
    ledger_release(ledger, entry);
    return true;
}

static inline moor_status entry_status(const struct entry *entry)
{
    return entry == NULL ? MOOR_STATUS_NOT_FOUND : (moor_status)entry->status;
}

static inline bool ledger_ended(const struct ledger *ledger, uint64_t handle)
{
    return moor_is_final(entry_status(ledger_find(ledger, handle)));
}

static inline bool ledger_open(struct ledger *ledger, uint32_t limit)
{
    struct entry *root = ledger_take(ledger, sizeof "/root");

    if (root == NULL) return false;
    memcpy(root->path, "/root", sizeof "/root");
    root->generation = 1;
    root->status = MOOR_STATUS_RUNNING;
    ledger->limit = limit;
    return true;
}

static inline void ledger_free(struct ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->entries; i++) {
        free(ledger_at(ledger, i)->path);
    }
    for (unsigned i = 0; i < LEDGER_CHUNKS; i++) free(ledger->chunks[i]);
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
    return reaped;
}

/* Copies a page, the root included; the cursor is the next entry. */
static inline size_t ledger_list(const struct ledger *ledger,
                                 uint64_t *cursor, moor_info *infos,
                                 size_t room)
{
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
        memcpy(info->path, entry->path, entry->length + 1);
    }
    *cursor = i < ledger->entries ? i : 0;
    return count;
}

#endif
