/*
 * An arena: entries of one size that never move and are not freed while the
 * arena lives (they are type-stable), named by a small index.
 *
 * It grows by segments, each as large as all before it; a new one is published
 * by compare-and-swap, losers free theirs.  An entry given back goes to a
 * stack of vacant entries; the stack's head carries a version, so that a
 * slow pop cannot take an entry that was popped and pushed in between.  An
 * arena may have several stacks: a thread gives to its own and takes from it
 * what is still in its cache, and from the others before a new one.
 *
 *   index       0 .. first-1, then doubling segments
 *   head        63 .. 28 version, 27 .. 0 index of the top (0: empty)
 *
 * The word by which a vacant entry names the one below it lies inside the
 * entry, at `link`; while the entry is in use it may hold anything.
 *
 *   pair  release side       acquire side          what it carries
 *   A1    segment published  arena_at, arena_find  the zeroed entries
 *   A2    arena_give         arena_take            the entry as it was left
 */
#ifndef MOOR_ARENA_H
#define MOOR_ARENA_H

#include <stddef.h>

#include "atomic.h"
#include "layout.h"
#include "life.h"

enum {
    ARENA_FIRST_BITS = 3,
    ARENA_SEGMENTS = LIFE_INDEX_BITS - ARENA_FIRST_BITS + 1
};

/* The vacant entries of an arena, or a part of them. */
struct arena_stack {
    MOOR_ON_LINE moor_word head;
};

/* What everybody reads lies apart from what every take and give writes. */
struct arena {
    moor_word next; /* so many were handed out at least once: arena_spread */
    uint32_t size;  /* bytes of an entry */
    uint32_t link;  /* where in a vacant entry the link lies */
    uint32_t most;  /* entries it may have */
    uint32_t stacks_count; /* 0: it has but `vacant` */
    struct arena_stack *stacks;
    moor_word segments[ARENA_SEGMENTS]; /* arena_at */
    moor_word vacant;
};

/* `begin`: how many count as handed out, at least 1: entry 0 is nobody's, as 0
 * is the empty stack.  Allocates nothing. */
void arena_init(struct arena *arena, size_t size, size_t link, uint32_t begin,
                uint32_t most);

/* With stacks of the caller's, all zero, in place of its only one; a power of
 * two of them. */
void arena_use_stacks(struct arena *arena, struct arena_stack *stacks,
                      uint32_t count);

/* Nobody else may use it any more. */
void arena_destroy(struct arena *arena);

/* Hands out an entry; false: no memory or no index is left.  Lock-free. */
bool arena_take(struct arena *arena, uint32_t *index);

/* Takes it back.  Lock-free. */
void arena_give(struct arena *arena, uint32_t index);

/* Makes the first segment, so that the first group is there before anything of
 * it was handed out.  Without, arena_end needs a taken entry. */
bool arena_prepare(struct arena *arena);

/* Sees to it that this entry is there, in an arena whose entries go by the
 * indices of another one and are never taken.  False: no memory.  Lock-free. */
bool arena_cover(struct arena *arena, uint32_t index);

static inline uint32_t arena_segment_of(uint32_t index)
{
    const uint32_t last = (UINT32_C(1) << ARENA_FIRST_BITS) - 1;

    return 32 - ARENA_FIRST_BITS - (uint32_t)__builtin_clz(index | last);
}

static inline uint32_t arena_segment_begin(uint32_t segment)
{
    return segment == 0 ? 0 : UINT32_C(1) << (ARENA_FIRST_BITS + segment - 1);
}

static inline uint32_t arena_segment_length(uint32_t segment)
{
    return UINT32_C(1) << (ARENA_FIRST_BITS + (segment == 0 ? 0 : segment - 1));
}

/* Entries are handed out four apart, within groups of eight: two threads that
 * take in turn, and use what they took again and again, share no line. */
enum { ARENA_GROUP = 1 << ARENA_FIRST_BITS };

static inline uint32_t arena_spread(uint32_t number)
{
    return (number & ~(uint32_t)(ARENA_GROUP - 1)) | (number & 1) << 2 |
           (number >> 1 & 3);
}

/* The end of the group in which the last one lies. */
static inline uint64_t arena_group_end(uint64_t next)
{
    return (next + ARENA_GROUP - 1) & ~(uint64_t)(ARENA_GROUP - 1);
}

/* Every index that was handed out is below this, and all below are there.
 * seq_cst, F1: a walk over all records that follows a fence sees every record
 * whose linker did not see it. */
static inline uint32_t arena_end(const struct arena *arena)
{
    /* acquire, A1. */
    return (uint32_t)arena_group_end(moor_load_seq_cst(&arena->next));
}

/* A segment is kept as the address that entry 0 would have if it were in it,
 * plus one: so an entry is found by one multiplication, and 0 means that there
 * is none. */
static inline uint64_t arena_address(const void *segment, uint32_t begin,
                                     uint64_t size)
{
    return (uintptr_t)segment - begin * size + 1;
}

static inline uint64_t arena_address_at(const struct arena *arena,
                                        uint32_t index)
{
    /* acquire, A1. */
    return moor_load_acquire(&arena->segments[arena_segment_of(index)]);
}

/* The entry of a known index; `size` is the arena's, as a constant. */
static inline void *arena_at(const struct arena *arena, uint32_t index,
                             uint64_t size)
{
    return (void *)(uintptr_t)(arena_address_at(arena, index) + index * size -
                               1);
}

/* The same of any index, forged ones too; null: it was never handed out.  One
 * that is there and was not is all zero. */
static inline void *arena_find(const struct arena *arena, uint32_t index,
                               uint64_t size)
{
    uint64_t address = arena_address_at(arena, index);

    return address == 0 ? NULL
                        : (void *)(uintptr_t)(address + index * size - 1);
}

#endif
