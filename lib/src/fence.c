#include "fence.h"

/* Deeper than any path; ends a climb through records that were reused. */
enum { CLIMB_MOST = 2 * MOOR_SEGMENTS_MAX };

moor_error fence_look(const moor_registry *books, life parent,
                      bool may_have_left)
{
    life which = parent;
    uint64_t word;
    moor_error error = MOOR_OK;

    for (int i = 0; i < CLIMB_MOST; i++) {
        const struct record *record = books_record(books, which);

        word = moor_load_seq_cst(&record->state); /* F1 */
        if (word_phase(word) != WORD_LEFT && word_is_fenced(word)) {
            error = MOOR_FENCED;
        }
        if (which == books->root || error != MOOR_OK) {
            break;
        }
        which = moor_load_acquire(&record->parent);
        if (!arena_known(&books->records, life_index(which))) {
            break; /* reused; the look below says so */
        }
    }
    /* acquire, R1: a parent in the tree holds all above it, so what was read
     * was theirs. */
    if (!may_have_left &&
        books_agent(books, parent, &word) != MOOR_OK) {
        return books_agent(books, parent, &word);
    }
    return error;
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
        if (word_is_fenced(word) ||
            moor_cas_seq_cst(state, &word, word_fenced(word))) { /* F1 */
            return true;
        }
    }
}
