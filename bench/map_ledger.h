/*
 * The agents of a rival of the map level, as it keeps them under a lock: an
 * array of reused entries beside an open-addressing index by id.  Number and
 * generation make a handle.
 */
#ifndef BENCH_MAP_LEDGER_H
#define BENCH_MAP_LEDGER_H

#include "map_rival.h"
#include "rival_index.h"

struct map_entry {
    moor_id id;
    uint32_t hash;       /* as much of it as the index needs */
    uint32_t generation; /* odd: somebody is here */
    uint32_t next;       /* of the vacant ones: number + 1; 0: none */
    uint8_t status;      /* moor_status */
    bool slot;
};

struct map_ledger {
    struct index by_id;
    struct map_entry *entries;
    uint32_t count, room, vacant;
};

static inline void map_ledger_open(struct map_ledger *ledger)
{
    *ledger = (struct map_ledger){ .count = 0 };
    if (!index_open(&ledger->by_id)) abort();
}

static inline void map_ledger_free(struct map_ledger *ledger)
{
    free(ledger->by_id.slots);
    free(ledger->entries);
}

/* Null: nobody, or not any more. */
static inline struct map_entry *
map_ledger_at(const struct map_ledger *ledger, uint32_t number,
              uint32_t generation)
{
    if (number >= ledger->count) return NULL;
    struct map_entry *entry = &ledger->entries[number];
    return entry->generation == generation ? entry : NULL;
}

static inline struct map_entry *
map_ledger_find(const struct map_ledger *ledger, const moor_id *id,
                uint64_t hash)
{
    uint32_t at = (uint32_t)hash, number;

    while (index_next(&ledger->by_id, hash, &at, &number)) {
        struct map_entry *entry = &ledger->entries[number];
        if (hash_same_id(&entry->id, id)) return entry;
    }
    return NULL;
}

static inline uint32_t map_ledger_vacant(struct map_ledger *ledger)
{
    if (ledger->vacant != 0) {
        uint32_t number = ledger->vacant - 1;
        ledger->vacant = ledger->entries[number].next;
        return number;
    }
    if (ledger->count == ledger->room) {
        uint32_t room = ledger->room * 2 + 8;
        struct map_entry *entries =
            realloc(ledger->entries, room * sizeof *entries);

        if (entries == NULL) abort();
        ledger->entries = entries;
        ledger->room = room;
    }
    ledger->entries[ledger->count].generation = 0;
    return ledger->count++;
}

/* Enters an id that is not there; the entry's number. */
static inline uint32_t map_ledger_enter(struct map_ledger *ledger,
                                        const moor_id *id, uint64_t hash)
{
    uint32_t number = map_ledger_vacant(ledger);
    struct map_entry *entry = &ledger->entries[number];

    if (!index_ready(&ledger->by_id)) abort();
    entry->id = *id;
    entry->hash = (uint32_t)hash;
    entry->generation++;
    entry->status = MOOR_STATUS_RUNNING;
    entry->slot = true;
    index_add(&ledger->by_id, hash, number);
    return number;
}

static inline void map_ledger_leave(struct map_ledger *ledger,
                                    struct map_entry *entry)
{
    uint32_t number = (uint32_t)(entry - ledger->entries);

    index_remove(&ledger->by_id, entry->hash, number);
    entry->generation++;
    entry->next = ledger->vacant;
    ledger->vacant = number + 1;
}

/* Ends its run: true when a slot is to be given back. */
static inline bool map_entry_finish(struct map_entry *entry)
{
    if (entry == NULL || entry->status != MOOR_STATUS_RUNNING) return false;
    entry->status = MOOR_STATUS_COMPLETED;
    entry->slot = false;
    return true;
}

static inline moor_status map_entry_status(const struct map_entry *entry)
{
    return entry == NULL ? MOOR_STATUS_NOT_FOUND : (moor_status)entry->status;
}

#endif
