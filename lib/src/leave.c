#include "leave.h"

#include "plant.h"

void leave_reuse(moor_registry *books, life which)
{
    life parent;

    do {
        struct record *record = books_record(books, which);
        uint64_t generation = life_generation(which);
        /* relaxed: the record is the caller's alone by now. */
        uint64_t place = moor_load_relaxed(&record->place);
        uint64_t word = moor_load_relaxed(&record->state);

        parent = moor_load_relaxed(&record->parent);
        bag_empty(&books->tree, record);
        bag_give(&books->tree, parent, place_node(place));
        /* A generation does not come again: a record at its last is retired,
         * and stays LEFT. */
        if (generation < LIFE_GENERATION_MAX) {
            tree_begin(record, generation + 1);
            if (MOOR_PLANTED(9)) { /* reuse the record in the same generation */
                tree_begin(record, generation);
                word -= UINT64_C(1) << WORD_GENERATION_SHIFT;
            }
            moor_store_release(&record->state, word_freed(word)); /* R1 */
            arena_give(&books->records, life_index(which));
        }
        which = parent;
    } while (tree_let_go(&books->tree, parent));
}

void leave_let_go(moor_registry *books, life which)
{
    if (tree_let_go(&books->tree, which)) {
        leave_reuse(books, which);
    }
}

bool leave_hold(moor_registry *books, life which)
{
    uint64_t word;

    if (!tree_hold(&books->tree, which)) {
        return false;
    }
    /* acquire, R1.  The links tell only the low bits of a generation: look once
     * more, now that it cannot move on, and let go what was held by mistake. */
    word = moor_load_acquire(&books_record(books, which)->state);
    if (word_generation(word) == life_generation(which)) {
        return true;
    }
    leave_let_go(books, life_of(word_generation(word), life_index(which)));
    return false;
}

static void sweep_maps(moor_registry *books, life which,
                       const struct record *record)
{
    /* relaxed: this thread's swap of the state acquired them. */
    map_remove(&books->paths, moor_load_relaxed(&record->path_hash), which);
    map_remove(&books->ids,
               hash_id(&books->key, moor_load_relaxed(&record->id_high),
                       moor_load_relaxed(&record->id_low)),
               which);
}

void leave_tree(moor_registry *books, life which, uint64_t before)
{
    struct record *record = books_record(books, which);
    life parent;
    bool alone;

    if (word_is_watched(before)) {
        event_signal(&books->event);
    }
    sweep_maps(books, which, record);
    text_drop(&books->texts, word_text(before));
    reclaim_retire(moor_pointer_exchange(&record->names, NULL));
    /* relaxed: constant in this life. */
    parent = moor_load_relaxed(&record->parent);
    if (MOOR_PLANTED(18)) { /* count down before the children moved up */
        tree_discharge(&books->tree, parent);
    }
    alone = tree_leave(&books->tree, which);
    if (!MOOR_PLANTED(18)) {
        tree_discharge(&books->tree, parent);
    }
    if (alone) {
        leave_reuse(books, which);
    } else {
        leave_let_go(books, which);
    }
}

moor_error leave_ticket(moor_registry *books, life which, enum leave_why why)
{
    moor_word *state = &books_record(books, which)->state;
    uint64_t word = moor_load_acquire(state); /* R1 */

    do {
        if (word_generation(word) != life_generation(which) ||
            !word_is_ticket(word) ||
            (why == LEAVE_ABANDONED && word_phase(word) != WORD_TICKET)) {
            return MOOR_STALE;
        }
        if (MOOR_PLANTED(13)) { /* look, then store */
            moor_store_release(state, word_left(word));
            break;
        }
        /* acquire and release, R1: of all that end a ticket one wins. */
    } while (!moor_cas_acq_rel(state, &word, word_left(word)));
    slots_give(&books->running);
    if (why != LEAVE_CLOSED) {
        total_give(&books->lifetime);
    }
    leave_tree(books, which, word);
    return MOOR_OK;
}
