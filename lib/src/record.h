/*
 * A record: one agent or ticket, or nobody.  Type-stable: it is reused, never
 * freed, while the registry lives; so a look at a record is never a look at
 * foreign memory, and the generation in `state` tells whose it is.
 *
 * Who may write what: `state` and `links` anybody, by compare-and-swap; the
 * rest the thread that makes the admission, while the phase is RESERVING (id:
 * COMMITTING), and afterwards whoever's swap the field belongs to.  All are
 * words, because late readers may look at any time; they look at `state`
 * again afterwards and drop what they read if the life has changed.
 *
 *   pair  release side           acquire side         what it carries
 *   R1    a swap of `state`      any load of `state`  the fields, the run
 */
#ifndef MOOR_RECORD_H
#define MOOR_RECORD_H

#include "arena.h"
#include "names.h"
#include "word.h"

struct record {
    moor_word state;
    moor_word id_high;
    moor_word id_low;
    moor_word path_hash;
    moor_word links;      /* tree.h */
    moor_word parent;     /* the life it was linked to; constant in a life */
    moor_pointer names;   /* struct names; unlinked by exchange */
    moor_word stamp;      /* of the last admission, stamp_of; arena's link */
    moor_word turn;       /* of the last admission */
    moor_word place;      /* depth and node, place_of */
    moor_word bag;        /* tree.h: the nodes of what hangs below */
    moor_word bag_vacant; /* tree.h: those of them that are free */
};

/* stamp: milliseconds of the coarse clock above, a sequence number below, so
 * that admissions of one tick still have an order: a spawn has the number of
 * its lifetime charge, a run_again comes after the spawns before it. */
enum { STAMP_SEQUENCE_BITS = 20 };

static inline uint64_t stamp_of(uint64_t ms, uint64_t sequence)
{
    return (ms << STAMP_SEQUENCE_BITS) |
           (sequence & ((UINT64_C(1) << STAMP_SEQUENCE_BITS) - 1));
}

static inline uint64_t stamp_of_spawn(uint64_t ms, uint64_t number)
{
    return stamp_of(ms, 2 * number);
}

static inline uint64_t stamp_of_run_again(uint64_t ms, uint64_t spawned)
{
    return stamp_of(ms, 2 * spawned - 1);
}

static inline uint64_t stamp_ms(uint64_t stamp)
{
    return stamp >> STAMP_SEQUENCE_BITS;
}

/* place: depth above, index of its node in the parent's bag below (0: none). */
static inline uint64_t place_of(uint32_t depth, uint32_t node)
{
    return ((uint64_t)depth << 32) | node;
}

static inline uint32_t place_depth(uint64_t place)
{
    return (uint32_t)(place >> 32);
}

static inline uint32_t place_node(uint64_t place)
{
    return (uint32_t)place;
}

static inline struct record *record_at(const struct arena *records,
                                       uint32_t index)
{
    return (struct record *)arena_at(records, index, sizeof(struct record));
}

/* The record of a life that is known to have been handed out. */
static inline struct record *record_of(const struct arena *records, life which)
{
    return record_at(records, life_index(which));
}

/* Does the word belong to that life, and is its key taken? */
static inline bool record_is_taken(uint64_t word, life which)
{
    return word_generation(word) == life_generation(which) &&
           word_is_taken(word);
}

#endif
