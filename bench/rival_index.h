/*
 * An open-addressing index from a hash to a number: linear probing, a power
 * of two, eight bytes a slot (half of the hash beside the number), removal by
 * shifting back.  At most five eighths full; half of that while it fits into
 * the first cache, where short ways count and room does not.  Whoever uses it
 * compares keys and keeps the lock.
 */
#ifndef BENCH_RIVAL_INDEX_H
#define BENCH_RIVAL_INDEX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct index {
    uint64_t *slots; /* hash above, number + 1 below; 0: vacant */
    uint32_t mask;
    uint32_t used;
};

enum { INDEX_FIRST = 16, INDEX_SMALL = 4096 };

static inline bool index_open(struct index *index)
{
    *index = (struct index){
        .slots = calloc(INDEX_FIRST, sizeof *index->slots),
        .mask = INDEX_FIRST - 1,
    };
    return index->slots != NULL;
}

/* Candidates of a hash, one after the other: begin with *at = (uint32_t)hash.
 * False when there are no more; the number's slot is *at - 1. */
static inline bool index_next(const struct index *index, uint64_t hash,
                              uint32_t *at, uint32_t *number)
{
    for (;;) {
        uint64_t slot = index->slots[(*at)++ & index->mask];

        if (slot == 0) return false;
        if (slot >> 32 == (uint32_t)hash) {
            *number = (uint32_t)slot - 1;
            return true;
        }
    }
}

static inline void index_place(uint64_t *slots, uint32_t mask, uint64_t slot)
{
    uint32_t at = (uint32_t)(slot >> 32);

    while (slots[at & mask] != 0) at++;
    slots[at & mask] = slot;
}

static inline bool index_grow(struct index *index)
{
    uint32_t mask = index->mask * 2 + 1;
    uint64_t *slots = calloc((size_t)mask + 1, sizeof *slots);

    if (slots == NULL) return false;
    for (uint32_t i = 0; i <= index->mask; i++) {
        if (index->slots[i] != 0) index_place(slots, mask, index->slots[i]);
    }
    free(index->slots);
    index->slots = slots;
    index->mask = mask;
    return true;
}

/* Room for one more. */
static inline bool index_ready(struct index *index)
{
    const uint32_t parts = index->mask < INDEX_SMALL ? 16 : 8;

    return index->used < index->mask / parts * 5 || index_grow(index);
}

/* After index_ready. */
static inline void index_add(struct index *index, uint64_t hash,
                             uint32_t number)
{
    index->used++;
    index_place(index->slots, index->mask, hash << 32 | (number + 1));
}

static inline void index_remove(struct index *index, uint64_t hash,
                                uint32_t number)
{
    const uint32_t mask = index->mask;
    const uint64_t wanted = hash << 32 | (number + 1);
    uint32_t hole = (uint32_t)hash & mask;

    while (index->slots[hole] != wanted) hole = (hole + 1) & mask;
    for (uint32_t at = (hole + 1) & mask; index->slots[at] != 0;
         at = (at + 1) & mask) {
        uint32_t home = (uint32_t)(index->slots[at] >> 32);

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            index->slots[hole] = index->slots[at];
            hole = at;
        }
    }
    index->slots[hole] = 0;
    index->used--;
}

#endif
