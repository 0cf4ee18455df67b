#include "arena.h"

#include "backoff.h"
#include "block.h"
#include "plant.h"
#include "reclaim.h"

#define HEAD_INDEX LIFE_INDEX_MAX
#define HEAD_VERSION \
    (MOOR_PLANTED(17) ? 0 : UINT64_C(1) << LIFE_INDEX_BITS) /* planted: none */

void arena_init(struct arena *arena, size_t size, size_t link, uint32_t begin,
                uint32_t most)
{
    arena->size = (uint32_t)size;
    arena->link = (uint32_t)link;
    arena->most = most;
    /* relaxed: the arena is published later, with its registry. */
    moor_store_relaxed(&arena->next, begin);
}

static void *segment_at(const struct arena *arena, uint32_t segment)
{
    uint64_t address = moor_load_relaxed(&arena->segments[segment]); /* alone */

    return address == 0
               ? NULL
               : (void *)(uintptr_t)(address - 1 +
                                     (uint64_t)arena_segment_begin(segment) *
                                         arena->size);
}

void arena_use_stacks(struct arena *arena, struct arena_stack *stacks,
                      uint32_t count)
{
    arena->stacks = stacks;
    arena->stacks_count = count;
}

void arena_destroy(struct arena *arena)
{
    for (uint32_t s = 0; s < ARENA_SEGMENTS; s++) {
        block_free(segment_at(arena, s),
                   (size_t)arena_segment_length(s) * arena->size);
    }
}

/* Sees to it that the segment is there. */
static bool have_segment(struct arena *arena, uint32_t segment)
{
    const size_t bytes = (size_t)arena_segment_length(segment) * arena->size;
    moor_word *place = &arena->segments[segment];
    uint64_t seen = 0;
    void *made;

    if (moor_load_acquire(place) != 0) { /* A1 */
        return true;
    }
    made = block_make(bytes);
    if (made == NULL) {
        /* Another thread may have had more luck. */
        return moor_load_acquire(place) != 0; /* A1 */
    }
    if (!moor_cas_acq_rel(place, &seen,
                          arena_address(made, arena_segment_begin(segment),
                                        arena->size))) { /* release, A1 */
        block_free(made, bytes);
    }
    return true;
}

bool arena_prepare(struct arena *arena)
{
    return have_segment(arena, 0);
}

bool arena_cover(struct arena *arena, uint32_t index)
{
    return have_segment(arena, arena_segment_of(index));
}

static moor_word *link_of(const struct arena *arena, uint32_t index)
{
    return (moor_word *)(void *)((char *)arena_at(arena, index, arena->size) +
                                 arena->link);
}

static bool pop(struct arena *arena, moor_word *vacant, uint32_t *index)
{
    struct backoff backoff = backoff_begin();
    uint64_t head = moor_load_acquire(vacant); /* A2 */

    while ((head & HEAD_INDEX) != 0) {
        uint32_t top = (uint32_t)(head & HEAD_INDEX);
        /* relaxed: ordered by the acquired head; if the entry is in use by
         * now, this reads anything, and the version makes the swap fail. */
        uint64_t below = moor_load_relaxed(link_of(arena, top)) & HEAD_INDEX;

        /* acquire, A2: the entry is ours as it was left. */
        if (moor_cas_acq_rel(vacant, &head,
                             (head & ~HEAD_INDEX) + HEAD_VERSION + below)) {
            *index = top;
            return true;
        }
        backoff_wait(&backoff);
    }
    return false;
}

static void push(struct arena *arena, moor_word *vacant, uint32_t index)
{
    struct backoff backoff = backoff_begin();
    moor_word *link = link_of(arena, index);
    uint64_t head = moor_load_acquire(vacant);

    for (;;) {
        /* release: published by the swap; but a late reader of a record or a
         * plate takes the link for a stamp or a path, and is to find the state
         * moved on (R1, N1). */
        moor_store_release(link, head & HEAD_INDEX);
        /* release, A2. */
        if (moor_cas_acq_rel(vacant, &head,
                             (head & ~HEAD_INDEX) + HEAD_VERSION + index)) {
            return;
        }
        backoff_wait(&backoff);
    }
}

/* This thread's stack, and those after it. */
static moor_word *stack_at(struct arena *arena, uint32_t offset)
{
    return &arena
                ->stacks[(reclaim_number() + offset) &
                         (arena->stacks_count - 1)]
                .head;
}

static bool take_vacant(struct arena *arena, uint32_t *index)
{
    for (uint32_t i = 0; i < arena->stacks_count; i++) {
        if (pop(arena, stack_at(arena, i), index)) {
            return true;
        }
    }
    return arena->stacks_count == 0 && pop(arena, &arena->vacant, index);
}

static bool take_next(struct arena *arena, uint32_t *index)
{
    uint64_t next = moor_load_acquire(&arena->next); /* A1 */

    while (next < arena->most) {
        if (!have_segment(arena, arena_segment_of((uint32_t)next))) {
            return false;
        }
        if (MOOR_PLANTED(44)) { /* look, then store */
            moor_store_release(&arena->next, next + 1);
            *index = arena_spread((uint32_t)next);
            return true;
        }
        /* release, A1: who knows the index finds the segment; seq_cst, F1. */
        if (moor_cas_seq_cst(&arena->next, &next, next + 1)) {
            *index = arena_spread((uint32_t)next);
            return true;
        }
    }
    return false;
}

bool arena_take(struct arena *arena, uint32_t *index)
{
    return take_vacant(arena, index) || take_next(arena, index) ||
           take_vacant(arena, index);
}

void arena_give(struct arena *arena, uint32_t index)
{
    push(arena,
         arena->stacks_count == 0 ? &arena->vacant : stack_at(arena, 0),
         index);
}
