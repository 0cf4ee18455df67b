/*
 * Slots: what is limited, as one word that holds limit and use together.
 *
 *   63        32 31         0
 *   +-----------+-----------+
 *   |   limit   |   used    |
 *   +-----------+-----------+
 *
 * One compare-and-swap judges and charges, so an admission can neither exceed
 * the limit in force nor be refused while a slot is free.  Adding first and
 * undoing what was too much would refuse others in between; it is not done.
 *
 *   pair  release side  acquire side  what it carries
 *   S1    slots_give    slots_take    all that the former holder did
 */
#ifndef MOOR_SLOTS_H
#define MOOR_SLOTS_H

#include "atomic.h"

struct slots {
    moor_word word;
};

struct slots_view {
    uint32_t used;
    uint32_t limit;
};

static inline struct slots_view slots_view_of(uint64_t word)
{
    return (struct slots_view){(uint32_t)word, (uint32_t)(word >> 32)};
}

/* Before others can see it. */
void slots_init(struct slots *slots, uint32_t limit);

/* Takes one slot if one is free; *seen is what decided.  Lock-free: a failed
 * swap means that somebody else took, gave or set the limit. */
bool slots_take(struct slots *slots, struct slots_view *seen);

/* Gives one slot back: one subtraction, wait-free. */
void slots_give(struct slots *slots);

/* Counted anew; alone. */
void slots_set_used(struct slots *slots, uint32_t used);

/* As of now. */
struct slots_view slots_look(const struct slots *slots);

/* Lock-free; in force for every take that comes after. */
void slots_set_limit(struct slots *slots, uint32_t limit);

#endif
