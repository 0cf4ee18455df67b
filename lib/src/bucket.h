/*
 * A bucket of the map: its head word as arithmetic, and its slots.
 *
 *   63              33 32    28 27 26              0
 *   +-----------------+--------+--+-----------------+
 *   |     version     | level  |s |     bitmap      |
 *   +-----------------+--------+--+-----------------+
 *
 *   bitmap   which slots count.  A slot that counts and is 0 was vacated
 *   s        sealed: a split is under way, nothing may be inserted
 *   level    so many levels share the keys: the key of hash h is here only if
 *            this is the bucket of h at that level (map_inner.h)
 *   version  rises with every change, so that a swap of the head is a swap of
 *            what the swapper saw
 *
 * Head 0 is a bucket that has not taken its share from its parent yet.
 */
#ifndef MOOR_BUCKET_H
#define MOOR_BUCKET_H

#include "atomic.h"
#include "layout.h"
#include "life.h"

enum {
    BUCKET_SLOTS = 6,
    BUCKET_BLOCK_SLOTS = 7,
    BUCKET_BLOCKS = 3,
    BUCKET_SLOTS_MOST = BUCKET_SLOTS + BUCKET_BLOCKS * BUCKET_BLOCK_SLOTS,
    BUCKET_LEVEL_SHIFT = 28,
    BUCKET_VERSION_SHIFT = 33,
    BUCKET_TAG_SHIFT = 56
};

#define BUCKET_BITMAP ((UINT64_C(1) << BUCKET_SLOTS_MOST) - 1)
#define BUCKET_OWN ((UINT64_C(1) << BUCKET_SLOTS) - 1) /* not of a block */
#define BUCKET_SEALED (UINT64_C(1) << 27)
#define BUCKET_VERSION (UINT64_C(1) << BUCKET_VERSION_SHIFT)
#define BUCKET_FILLED (UINT64_C(1) << 63)
#define BUCKET_LIFE ((UINT64_C(1) << BUCKET_TAG_SHIFT) - 1)

_Static_assert(BUCKET_SLOTS_MOST <= 27, "the bitmap ends below the seal");

struct block {
    moor_pointer more;
    moor_word slots[BUCKET_BLOCK_SLOTS];
};

struct bucket {
    moor_word head;
    moor_pointer more;
    moor_word slots[BUCKET_SLOTS];
};

_Static_assert(sizeof(struct bucket) == MOOR_LINE, "a bucket is one line");
_Static_assert(sizeof(struct block) == MOOR_LINE, "and so is a block");

static inline uint64_t bucket_head(uint32_t level, uint64_t bitmap)
{
    return BUCKET_VERSION | ((uint64_t)level << BUCKET_LEVEL_SHIFT) | bitmap;
}

static inline uint32_t bucket_level(uint64_t head)
{
    return (uint32_t)(head >> BUCKET_LEVEL_SHIFT) & 31;
}

static inline uint64_t bucket_bitmap(uint64_t head)
{
    return head & BUCKET_BITMAP;
}

/* May one insert, if it is of that level? */
static inline bool bucket_is_open(uint64_t head, uint64_t level)
{
    return (head >> (BUCKET_LEVEL_SHIFT - 1) & 63) == level << 1;
}

/* The head after a slot was entered, or some were swept. */
static inline uint64_t bucket_with(uint64_t head, unsigned slot)
{
    return (head | (UINT64_C(1) << slot)) + BUCKET_VERSION;
}

static inline uint64_t bucket_without(uint64_t head, uint64_t slots)
{
    return (head & ~slots) + BUCKET_VERSION;
}

/* The head after its share for the next level moved out. */
static inline uint64_t bucket_split(uint64_t head, uint64_t moved)
{
    return (bucket_without(head, moved) & ~BUCKET_SEALED) +
           (UINT64_C(1) << BUCKET_LEVEL_SHIFT);
}

/* The tag of a hash, in its place: its highest bit is set, so a slot that has
 * one is not vacant. */
static inline uint64_t bucket_tag(uint64_t hash)
{
    return (hash & ~BUCKET_LIFE) | BUCKET_FILLED;
}

static inline uint64_t bucket_entry(uint64_t hash, life which)
{
    return bucket_tag(hash) | which;
}

static inline bool bucket_same_tag(uint64_t entry, uint64_t hash)
{
    return ((entry ^ bucket_tag(hash)) >> BUCKET_TAG_SHIFT) == 0;
}

/* The slots that are worth a load.  Of the bucket's own all, because a branch
 * costs more than a load that nobody needs; the explorer and the builds with
 * yields, to which each load is a step, skip those that do not count. */
static inline bool bucket_is_read(uint64_t head, unsigned slot)
{
#if defined(MOOR_STEP) || defined(MOOR_YIELD)
    return (head & (UINT64_C(1) << slot)) != 0;
#else
    (void)head;
    (void)slot;
    return true;
#endif
}

/* What the bucket's own slots say of a tag. */
struct bucket_look {
    uint64_t tagged; /* a life that has it, whether it counts or not; else
                        larger than any */
    uint64_t filled; /* the slots that are not 0; others were not read */
};

/* No branch hangs on what is in the slots: which one it is cannot be foretold.
 * What is left of an entry without its own tag is small.  Written in place: a
 * structure that is returned would be copied. */
static inline void bucket_look(const struct bucket *bucket, uint64_t head,
                               uint64_t hash, struct bucket_look *seen)
{
    const uint64_t tag = bucket_tag(hash);
    uint64_t least = UINT64_MAX, filled = 0;

#pragma GCC unroll 6
    for (unsigned s = BUCKET_SLOTS; s-- > 0;) {
        uint64_t entry = bucket_is_read(head, s)
                             ? moor_load_acquire(&bucket->slots[s]) /* M2 */
                             : 0;
        uint64_t left = entry ^ tag;

        least = left < least ? left : least;
        filled = filled + filled + (entry >> 63);
    }
    seen->tagged = least;
    seen->filled = filled;
}

/* Which of the bucket's own slots that count have that entry; as above. */
static inline uint64_t bucket_same_entries(const struct bucket *bucket,
                                           uint64_t head, uint64_t entry)
{
    uint64_t same = 0;

#pragma GCC unroll 6
    for (unsigned s = BUCKET_SLOTS; s-- > 0;) {
        same = same + same +
               (bucket_is_read(head, s) &&
                moor_load_acquire(&bucket->slots[s]) == entry); /* M2 */
    }
    return same & bucket_bitmap(head);
}

/* The slot of a block, or null if it was never made. */
moor_word *bucket_block_slot(struct bucket *bucket, unsigned slot);

/* The slot, or null if its block was never made. */
static inline moor_word *bucket_slot(struct bucket *bucket, unsigned slot)
{
    return slot < BUCKET_SLOTS ? &bucket->slots[slot]
                               : bucket_block_slot(bucket, slot);
}

/* Makes the blocks up to that slot; false: no memory.  Lock-free. */
bool bucket_reserve(struct bucket *bucket, unsigned slot);

/* Frees the blocks; alone. */
void bucket_destroy(struct bucket *bucket);

#endif
