/*
 * Walking over all records: everything that is counted lies in the arena, so
 * one pass by index finds it, whatever others link and unlink meanwhile.
 */
#ifndef MOOR_WALK_H
#define MOOR_WALK_H

#include "books.h"

/* The life that lies at an index now, with its state; 0: nobody whom a reader
 * may see (free, in flight, left).  seq_cst, F1: a walk that follows a fence
 * sees every ticket whose linker did not see the fence. */
static inline life walk_at(const moor_registry *books, uint32_t index,
                           uint64_t *word)
{
    *word = moor_load_seq_cst(&record_at(&books->records, index)->state);
    if (!word_is_agent(*word) && !word_is_ticket(*word)) {
        return 0;
    }
    return life_of(word_generation(*word), index);
}

#endif
