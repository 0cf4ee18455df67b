/*
 * An agent that still has its slot leaves in three steps, so that whoever finds
 * it gone by this close finds the slot free:
 *
 *   1  swap    the slot bit goes; a live run has ended with this
 *   2  give    the counter goes down by one
 *   3  swap    LEFT: gone
 *
 * One without a slot leaves by the last step alone; if that is because another
 * thread is between two steps of its own, the slot is that thread's to give.
 * What it counted among the residents is given back behind the last step.
 *
 * The walk below an agent visits each child that its bag names: closes what is
 * below the child, then the child.  Behind the fence (F1) one pass is enough:
 * whatever was published before the fence is named in a bag by now, and
 * whatever is published after it finds the fence and rolls itself back.  A
 * child that has left by adoption stays in the bag as long as something hangs
 * below it, and the walk goes through it.
 *
 *   progress  lock-free; the recursion is as deep as the tree, and paths bound
 *             that
 */
#include "remove.h"

#include "completion.h"
#include "ending.h"
#include "fence.h"
#include "held.h"
#include "hook.h"
#include "journal.h"
#include "leave.h"
#include "plant.h"
#include "trace.h"
#include "walk.h"

/* Step 1 if there is a slot, else step 3; false: it is no agent any more.
 * `since` is null where nobody is told; else when the slot was charged, and
 * with the mark for who reads events. */
MOOR_USUAL bool swap_out(moor_registry *books, life which, uint64_t *since,
                         uint64_t *before, uint64_t *after)
{
    moor_word *state = &books_record(books, which)->state;

    *before = moor_load_acquire(state); /* R1 */
    if (MOOR_PLANTED(57)) { /* wait for its end */
        while (word_is_ending(*before)) {
            *before = moor_load_acquire(state);
        }
    }
    do {
        if (word_generation(*before) != life_generation(which) ||
            !word_is_agent(*before)) {
            return false;
        }
        *after = word_has_slot(*before) && !MOOR_PLANTED(11) /* in one step */
                     ? word_closing(*before)
                     : word_left(*before);
        if (since != NULL) {
            *since = held_since(books, which);
            if (books->events && word_is_live(*before) &&
                word_is_ending(*after)) {
                *after |= completion_mark(books, which);
            }
        }
        /* acquire and release, R1: of all that end, run again, reap or close
         * it, one wins.  seq_cst, F1: LEFT is a fence, too. */
    } while (!moor_cas_seq_cst(state, before, *after));
    return true;
}

/* It is LEFT; `before` is its last word. */
MOOR_USUAL void note_gone(moor_registry *books, life which, uint64_t before)
{
    if (word_is_resident(before) &&
        !(MOOR_PLANTED(65) && word_is_claimed(before))) { /* unloaded shall */
        slots_give(&books->resident);
    }
    stats_add(&books->stats, STATS_CLOSED, 1);
    MOOR_TRACE(close, which);
}

/* All steps; *before is the last word of the agent. */
MOOR_USUAL bool take_out(moor_registry *books, life which, uint64_t *before,
                         moor_status *previous)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;
    uint64_t after;

    do {
        if (!swap_out(books, which, NULL, before, &after)) {
            return false;
        }
        /* What it was before this call ended its run, if this call did. */
        if (word_has_slot(*before) || status == MOOR_STATUS_NOT_FOUND) {
            status = word_status(*before);
        }
        if (word_has_slot(*before) && !MOOR_PLANTED(48)) { /* keep it */
            ending_give_slot(books);
        }
    } while (word_phase(after) != WORD_LEFT);
    *previous = status;
    note_gone(books, which, *before);
    return true;
}

/* As take_out, in a registry that tells of ends and releases: of the end
 * between the give and LEFT.  *released: how the run ended whose slot this call
 * took, and of which the caller has to tell; not_found: it took none. */
MOOR_SELDOM static bool take_out_and_tell(moor_registry *books, life which,
                                          uint64_t *before,
                                          moor_status *previous,
                                          moor_status *released)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;
    bool left = false, told = false;
    uint64_t after, since;

    while (!left && swap_out(books, which, &since, before, &after)) {
        left = word_phase(after) == WORD_LEFT;
        if (word_has_slot(*before) || status == MOOR_STATUS_NOT_FOUND) {
            status = word_status(*before);
        }
        if (word_has_slot(*before)) {
            ending_give_slot(books);
            held_end(books, since);
            if (*released != MOOR_STATUS_NOT_FOUND) { /* it has run again */
                hook_released(books, which, *released);
            }
            *released = word_is_live(*before) ? MOOR_STATUS_SHUTDOWN : status;
        }
        if (word_is_live(*before) && books->events) {
            completion_tell(books, which, WORD_SHUTDOWN, !left);
            told = true;
        }
    }
    if (told) {
        completion_ring(books);
    }
    if (left) {
        *previous = status;
        note_gone(books, which, *before);
        journal_left(books, which);
        if (word_is_lent(*before)) { /* its charge ends with its run */
            *released = MOOR_STATUS_SHUTDOWN;
        }
    }
    return left;
}

/* What comes behind take_out.  With `below`, what was linked meanwhile is taken
 * out, too: somebody was faster to link than the caller to look.  LEFT is the
 * fence, and the reference keeps the record. */
MOOR_USUAL uint64_t go(moor_registry *books, life which, uint64_t before,
                       bool below)
{
    uint64_t removed = 1;

    if (!leave_tree(books, which, before)) {
        if (below && !MOOR_PLANTED(24)) { /* leave what was linked meanwhile */
            removed += remove_below(books, which);
        }
        leave_let_go(books, which);
    }
    return removed;
}

/* Another close that was faster makes no difference to what is told. */
MOOR_SELDOM static uint64_t remove_and_tell(moor_registry *books, life which,
                                            bool below, moor_status *previous)
{
    moor_status released = MOOR_STATUS_NOT_FOUND;
    uint64_t before, removed = 0;

    if (books->events && !leave_hold(books, which)) {
        return 0;
    }
    if (take_out_and_tell(books, which, &before, previous, &released)) {
        removed = go(books, which, before, below);
    }
    if (books->events) {
        leave_let_go(books, which);
    }
    if (released != MOOR_STATUS_NOT_FOUND) {
        hook_released(books, which, released);
    }
    return removed;
}

bool remove_agent(moor_registry *books, life which, moor_status *previous)
{
    uint64_t before;

    if (books->tells) {
        return remove_and_tell(books, which, false, previous) > 0;
    }
    if (!take_out(books, which, &before, previous)) {
        return false;
    }
    leave_for_good(books, which, before);
    return true;
}

uint64_t remove_leaf(moor_registry *books, life which, moor_status *previous)
{
    uint64_t before;

    if (books->tells) {
        return remove_and_tell(books, which, true, previous);
    }
    return take_out(books, which, &before, previous)
               ? go(books, which, before, true)
               : 0;
}

void remove_failing(moor_registry *books, life which)
{
    uint64_t before;

    if (books_step(books, which, WORD_FAILING, word_left, &before)) {
        journal_left(books, which);
        leave_for_good(books, which, before);
    }
}

/* A child that the caller holds, and all below it; how many agents. */
static uint64_t remove_held(moor_registry *books, life which)
{
    moor_status previous;
    uint64_t removed;

    /* It may be one that left by adoption, or whose start failed. */
    (void)fence_set(books, which);
    removed = remove_below(books, which);
    remove_failing(books, which);
    return removed + (remove_agent(books, which, &previous) ? 1 : 0);
}

/* A child as a bag or a walk has named it; it may be gone. */
static uint64_t remove_member(moor_registry *books, life which)
{
    /* seq_cst, F1: after the fence was set. */
    uint64_t word = moor_load_seq_cst(&books_record(books, which)->state);
    uint64_t removed = 0;
    moor_status previous;

    if (word_generation(word) != life_generation(which) ||
        (word_is_ticket(word) &&
         leave_ticket(books, which, LEAVE_CLOSED) == MOOR_OK)) {
        return 0;
    }
    if (tree_children(books_record(books, which)) == 0) {
        removed = remove_leaf(books, which, &previous);
    }
    if (removed == 0 && leave_hold(books, which)) {
        removed = remove_held(books, which);
        leave_let_go(books, which);
    }
    return removed;
}

/* Everything in the registry is below the root. */
static uint64_t remove_all(moor_registry *books)
{
    uint32_t end = books_end(books);
    uint64_t removed = 0;

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(books, i, &word);

        if (which != 0) {
            removed += remove_member(books, which);
        }
    }
    return removed;
}

uint64_t remove_below(moor_registry *books, life which)
{
    const struct record *record = books_record(books, which);
    uint64_t removed = 0;
    uint32_t node = 0;
    life child;

    if (which == books->root) {
        return remove_all(books);
    }
    while ((node = bag_next(&books->tree, record, node, &child)) != 0) {
        if (child != 0) {
            removed += remove_member(books, child);
        }
    }
    return removed;
}
