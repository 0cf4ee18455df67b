#include "reap.h"

#include "charge.h"
#include "held.h"
#include "hook.h"
#include "lease.h"
#include "plant.h"
#include "walk.h"

/* Takes the slot from one agent if it is idle and holds one, *since when;
 * *seen is its state, and then what it was.  Of all that try, run_again and
 * close included, one wins, and the slot is the winner's. */
static bool take_slot(moor_registry *books, life which, uint64_t *seen,
                      uint64_t *since)
{
    moor_word *state = &books_record(books, which)->state;

    if (MOOR_PLANTED(55)) { /* only of the turn that is */
        const moor_word *turn = &record_plate(books_record(books, which))->turn;

        if (moor_load_acquire(turn) != moor_load_acquire(&books->turn)) {
            return false;
        }
    }
    while (word_generation(*seen) == life_generation(which) &&
           word_may_release(*seen)) {
        *since = held_since(books, which);
        if (MOOR_PLANTED(10)) { /* look, then store */
            moor_store_release(state, word_released(*seen));
            return true;
        }
        /* acquire and release, R1. */
        if (moor_cas_acq_rel(state, seen, word_released(*seen))) {
            return true;
        }
    }
    return false;
}

static void count_reaped(moor_registry *books, uint64_t reaped)
{
    stats_add(&books->stats, STATS_RELEASED, reaped);
    stats_add(&books->stats, STATS_REAPED, reaped);
}

void reap_one(moor_registry *books, life which)
{
    uint64_t word, since;

    if (books_state(books, which, &word) &&
        take_slot(books, which, &word, &since)) {
        charge_give(books);
        held_end(books, since);
        hook_released(books, which, word_status(word));
        count_reaped(books, 1);
    }
}

uint64_t reap_idle(moor_registry *books, bool *keep)
{
    uint32_t end = books_end(books);
    uint64_t reaped = 0;

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word, since;
        life which = walk_at(books, i, &word);

        if (which == 0 || !take_slot(books, which, &word, &since)) {
            continue;
        }
        reaped++;
        if (keep != NULL && !*keep) {
            *keep = true;
            if (MOOR_PLANTED(37)) { /* give back what is taken over */
                charge_give(books);
            }
        } else {
            charge_give(books);
        }
        held_end(books, since);
        hook_released(books, which, word_status(word));
    }
    count_reaped(books, reaped);
    return reaped;
}

moor_error moor_reap(moor_registry *registry, uint64_t *reaped)
{
    uint64_t count;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    count = lease_end_all(registry);
    if (registry->release != MOOR_ON_CLOSE) {
        count += reap_idle(registry, NULL);
    }
    if (reaped != NULL) {
        *reaped = count;
    }
    return MOOR_OK;
}
