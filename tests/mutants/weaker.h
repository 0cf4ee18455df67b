/*
 * A compare-and-swap that is none: looks, then stores.  For mutants.
 */
#ifndef MUTANTS_SPLIT_H
#define MUTANTS_SPLIT_H

#include "atomic.h"

static inline bool mutant_split(moor_word *word, uint64_t *expected,
                                uint64_t value)
{
    uint64_t seen = moor_load_seq_cst(word);

    if (seen != *expected) {
        *expected = seen;
        return false;
    }
    moor_store_release(word, value);
    return true;
}

#endif
