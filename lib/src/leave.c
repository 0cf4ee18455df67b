#include "leave.h"

#include "charge.h"
#include "held.h"
#include "lease.h"
#include "completion.h"
#include "plant.h"

/* Makes the record of a life that is over FREE; the caller now holds its parent
 * in its place. */
static void free_record(moor_registry *books, uint32_t index,
                        struct record *record, struct record *parent)
{
    /* relaxed: the record is the caller's alone by now. */
    uint64_t place = moor_load_relaxed(&record->place);
    uint64_t word = moor_load_relaxed(&record->state);
    uint64_t generation = word_generation(word);

    lease_drop(books, index);
    if (books->events) {
        completion_open(books, index);
    }
    bag_empty(&books->tree, record);
    bag_give(&books->tree, parent, place_node(place));
    /* A generation does not come again: a record at its last is retired, and
     * stays LEFT. */
    if (generation < LIFE_GENERATION_MAX) {
        tree_begin(record, generation + 1);
        if (MOOR_PLANTED(9)) { /* reuse the record in the same generation */
            tree_begin(record, generation);
            word -= UINT64_C(1) << WORD_GENERATION_SHIFT;
        }
        moor_store_release(&record->state, word_freed(word)); /* R1 */
        arena_give(&books->records, index);
    }
}

MOOR_SELDOM void leave_reuse(moor_registry *books, uint32_t index)
{
    struct record *record = record_at(&books->records, index);

    do {
        /* relaxed: the record is the caller's alone. */
        uint32_t above = place_parent(moor_load_relaxed(&record->place));
        struct record *parent = record_at(&books->records, above);

        free_record(books, index, record, parent);
        index = above;
        record = parent;
    } while (tree_let_go(record));
}

void leave_let_go(moor_registry *books, life which)
{
    if (tree_let_go(books_record(books, which))) {
        leave_reuse(books, life_index(which));
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
    map_remove(&books->paths,
               plate_path_hash(record_plate(record), &books->key), which);
    map_remove(&books->ids,
               hash_id(&books->key, moor_load_relaxed(&record->id_high),
                       moor_load_relaxed(&record->id_low)),
               which);
}

bool leave_tree(moor_registry *books, life which, uint64_t before)
{
    struct record *record = books_record(books, which);
    /* relaxed: constant in this life. */
    uint32_t above = place_parent(moor_load_relaxed(&record->place));
    struct record *parent = record_at(&books->records, above);

    if (word_is_watched(before)) {
        event_signal(&books->event);
    }
    if (books->events) {
        completion_drop(books, which);
    }
    sweep_maps(books, which, record);
    text_drop(&books->texts, word_text(before));
    if (MOOR_PLANTED(18)) { /* count down before the children moved up */
        tree_discharge(&books->tree, parent);
    }
    if (!tree_leave(&books->tree, record)) {
        if (!MOOR_PLANTED(18)) {
            tree_discharge(&books->tree, parent);
        }
        return false;
    }
    free_record(books, life_index(which), record, parent);
    if (MOOR_PLANTED(18) ? tree_let_go(parent)
                         : tree_part(&books->tree, parent)) {
        leave_reuse(books, above);
    }
    return true;
}

void leave_for_good(moor_registry *books, life which, uint64_t before)
{
    if (!leave_tree(books, which, before)) {
        leave_let_go(books, which);
    }
}

moor_error leave_ticket(moor_registry *books, life which, enum leave_why why)
{
    moor_word *state = &books_record(books, which)->state;
    uint64_t word = moor_load_acquire(state); /* R1 */
    uint64_t since;

    do {
        since = held_since(books, which);
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
    if (why != LEAVE_CLOSED || !MOOR_PLANTED(59)) { /* its maker shall give */
        charge_give(books);
    }
    held_end(books, since);
    slots_give(&books->resident);
    if (why != LEAVE_CLOSED && !MOOR_PLANTED(38)) { /* keep the charge */
        total_give(&books->lifetime);
    }
    leave_for_good(books, which, word);
    return MOOR_OK;
}
