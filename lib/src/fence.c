#include "fence.h"

#include "plant.h"

/* Deeper than any path; ends a climb through records that were reused. */
enum { CLIMB_MOST = 2 * MOOR_SEGMENTS_MAX };

bool fence_is_above(const moor_registry *books, life which, uint64_t word)
{
    uint32_t index = life_index(which);

    for (int i = 0; i < CLIMB_MOST; i++) {
        if (word_phase(word) != WORD_LEFT && word_is_fenced(word)) {
            return true;
        }
        if (index == life_index(books->root)) {
            break;
        }
        /* acquire, R1. */
        index = place_parent(moor_load_acquire(
            &record_at(&books->records, index)->place));
        word = moor_load_seq_cst(
            &record_at(&books->records, index)->state); /* F1 */
    }
    return false;
}

moor_error fence_look(const moor_registry *books, life parent,
                      bool may_have_left)
{
    const moor_word *state = &books_record(books, parent)->state;
    uint64_t word = moor_load_seq_cst(state); /* F1 */
    bool fenced;

    if (may_have_left) {
        return fence_is_above(books, parent, word) ? MOOR_FENCED : MOOR_OK;
    }
    if (word_generation(word) != life_generation(parent) ||
        !word_is_agent(word)) {
        return books_why_not(books, parent, word);
    }
    fenced = fence_is_above(books, parent, word);
    /* acquire, R1: a parent in the tree holds all above it, so what was read
     * was theirs. */
    word = moor_load_acquire(state);
    if (word_generation(word) != life_generation(parent) ||
        !word_is_agent(word)) {
        return books_why_not(books, parent, word);
    }
    return fenced ? MOOR_FENCED : MOOR_OK;
}

bool fence_set(moor_registry *books, life which)
{
    moor_word *state = &books_record(books, which)->state;
    uint64_t word = moor_load_acquire(state); /* R1 */

    for (;;) {
        if (word_generation(word) != life_generation(which) ||
            !(word_is_agent(word) || word_is_ticket(word))) {
            return false;
        }
        if (MOOR_PLANTED(40)) { /* look, then store */
            moor_store_release(state, word_fenced(word));
            return true;
        }
        if (word_is_fenced(word) ||
            moor_cas_seq_cst(state, &word, word_fenced(word))) { /* F1 */
            return true;
        }
    }
}
