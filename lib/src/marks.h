/*
 * Marks: a set of indices of one arena, a bit each.  Anybody marks; one thread
 * takes the marks away, and each that was set is found by a later pass.
 *
 * Blocks of one bit for each of 4,096 indices lie in an arena of their own.
 * Neighbours lie on different lines of a block, as two threads that change
 * neighbours are not to share one:
 *
 *   index   .. 12   block
 *           11 .. 6 bit
 *            5 .. 3 word of the line
 *            2 .. 0 line
 *
 *   pair  release side  acquire side  what it carries
 *   J1    marks_set     marks_take    what was done to the entry before
 *
 * Both are read-modify-writes of one word, so either the taker sees what was
 * done, or the mark comes behind it and is still there for the next pass.
 */
#ifndef MOOR_MARKS_H
#define MOOR_MARKS_H

#include "arena.h"

enum {
#if defined(MOOR_STEP)
    MARKS_LINE_BITS = 0, /* the explorer's few agents share a word */
    MARKS_WORD_BITS = 0,
#else
    MARKS_LINE_BITS = 3,
    MARKS_WORD_BITS = 6, /* words of a block */
#endif
    MARKS_BLOCK_BITS = MARKS_WORD_BITS + 6,
    MARKS_WORDS = 1 << MARKS_WORD_BITS
};

struct marks_block {
    moor_word words[MARKS_WORDS];
};

struct marks {
    struct arena blocks; /* by number; none is ever taken */
};

/* Where a pass is: the taker's own. */
struct marks_pass {
    uint32_t word; /* the next one to look at */
    uint64_t bits; /* of the one before, not taken yet */
};

void marks_init(struct marks *marks, uint32_t most);
void marks_destroy(struct marks *marks);

/* Sees to it that an index can be marked.  False: no memory.  Lock-free. */
bool marks_cover(struct marks *marks, uint32_t index);

/* One index that was marked, and is no more; all are below `end`, which
 * is not 0.  False: the pass is over, and begins anew. */
bool marks_take(struct marks *marks, struct marks_pass *pass, uint32_t end,
                uint32_t *index);

static inline struct marks_block *marks_at(const struct marks *marks,
                                           uint32_t index)
{
    return (struct marks_block *)arena_at(
        &marks->blocks, index >> MARKS_BLOCK_BITS, sizeof(struct marks_block));
}

/* An index that is covered.  One read-modify-write. */
static inline void marks_set(struct marks *marks, uint32_t index)
{
    uint32_t low = index % MARKS_WORDS;
    uint32_t word = low % (1 << MARKS_LINE_BITS) << MARKS_LINE_BITS |
                    low >> MARKS_LINE_BITS;

    /* release, J1; seq_cst, J2: before the look whether anybody was told. */
    (void)moor_or_seq_cst(&marks_at(marks, index)->words[word],
                          UINT64_C(1) << (index >> MARKS_WORD_BITS) % 64);
}

#endif
