/*
 * Ending a run takes three steps of one thread:
 *
 *   1  swap    live -> ENDING_x, without the slot bit: this decides who won
 *   2  give    the counter goes down by one
 *   3  settle  ENDING_x -> x: now the idle status can be seen
 *
 * So whoever has seen x finds the slot free (E3).  Between 1 and 3 the agent is
 * seen as it was before, and nothing else can end it or run it again: a second
 * finish is told wrong_status.  Closing it is possible at any time: then there
 * is nothing left to settle.
 *
 * Under the policies that keep the slot there is one step: live -> x.
 *
 * A registry that keeps events tells of the end between 2 and 3: who has the
 * event finds the slot free, who has seen x finds the event.  The hook comes
 * after 3.
 *
 *   pair  release side  acquire side                what it carries
 *   E3    the give      a take by who has seen x    the free slot
 *
 * A thread that is suspended between 1 and 2 keeps that one slot until it goes
 * on, as any admission in flight does; it stops nobody.
 */
#include "ending.h"

#include "annex.h"
#include "charge.h"
#include "completion.h"
#include "held.h"
#include "hook.h"
#include "journal.h"
#include "leave.h"
#include "plant.h"
#include "reap.h"
#include "trace.h"
#include "use.h"

MOOR_USUAL void give_slot(moor_registry *books)
{
    charge_give(books);
    stats_add(&books->stats, STATS_RELEASED, 1);
}

void ending_give_slot(moor_registry *books)
{
    give_slot(books);
}

static void tell_watchers(moor_registry *books, uint64_t before)
{
    if (word_is_watched(before) && !MOOR_PLANTED(34)) { /* tell nobody */
        event_signal(&books->event);
    }
}

/* ENDING_x -> x, unless a close was faster; `word` is what step 1 left. */
MOOR_USUAL void settle(moor_registry *books, moor_word *state, uint64_t word)
{
    uint64_t first = word;

    if (MOOR_PLANTED(33)) { /* whatever came in between */
        moor_store_release(state, word_settled(word));
        return;
    }
    /* release, E3: the give comes before; acquire: who watches.  seq_cst, B1:
     * before the bell. */
    while (!moor_cas_seq_cst(state, &word, word_settled(word))) {
        if (word_generation(word) != word_generation(first) ||
            !word_is_ending(word)) {
            return;
        }
    }
    /* Planted: forget a mark that came after the first swap. */
    tell_watchers(books, MOOR_PLANTED(14) ? first : word);
}

/* Looked at between a load of the state and its swap: so it was the turn, and
 * the lease, of that very run. */
MOOR_USUAL bool is_meant(const moor_registry *books, life which,
                         const struct ending *how)
{
    if (how->lease != NULL) {
        return moor_load_acquire(how->lease) == LEASE_EXPIRED; /* Z1 */
    }
    return how->turn == NULL ||
           *how->turn ==
               moor_load_acquire(
                   &record_plate(books_record(books, which))->turn);
}

/* Step 1, from what was seen in *before: what it replaced in the end, and
 * *after by what.  `since` is null where nobody is told; else when the slot was
 * charged, and with the mark for who reads events.  False: it may not end, or
 * not any more. */
MOOR_USUAL bool swap_to_end(const moor_registry *books, life which,
                            moor_word *state, const struct ending *how,
                            uint64_t *since, uint64_t *before, uint64_t *after)
{
    bool release = how->release || books->release == MOOR_ON_COMPLETION;

    while (word_generation(*before) == life_generation(which) &&
           word_may_end(*before) && is_meant(books, which, how)) {
        *after = word_ended(*before, how->idle, how->text, release);
        if (since != NULL) {
            *since = held_since(books, which);
            if (books->events && word_is_ending(*after)) {
                *after |= completion_mark(books, which);
            }
        }
        if (MOOR_PLANTED(1)) { /* look, then store */
            moor_store_release(state, *after);
            return true;
        }
        /* release on success, R1: the run precedes its end; acquire on both:
         * who wins or loses sees what the others did.  seq_cst, Q2: before the
         * look at who waits. */
        if (moor_cas_seq_cst(state, before, *after)) {
            return true;
        }
    }
    return false;
}

/* Why the life of that state does not end. */
MOOR_SELDOM static moor_error why_not(const moor_registry *books, life which,
                                      uint64_t word)
{
    return word_generation(word) == life_generation(which) &&
                   word_is_agent(word)
               ? MOOR_WRONG_STATUS
               : books_why_not(books, which, word);
}

/* Steps 2 and 3. */
MOOR_USUAL void give_and_settle(moor_registry *books, moor_word *state,
                                uint64_t word)
{
    if (MOOR_PLANTED(2)) { /* let the status be seen before the slot is free */
        settle(books, state, word);
    }
    give_slot(books);
    settle(books, state, word);
}

/* Under on_reserve: who came to wait before this agent was seen idle takes its
 * slot, as any admission would.  seq_cst, Q2: behind the swap. */
MOOR_SELDOM static void offer_slot(moor_registry *books, life which)
{
    if (slots_are_waited_for(&books->running) &&
        !MOOR_PLANTED(78)) { /* let it wait */
        reap_one(books, which);
    }
}

/* It is idle by the swap alone. */
MOOR_USUAL void end_at_once(moor_registry *books, life which, uint64_t before)
{
    tell_watchers(books, before);
    if (books->release == MOOR_ON_RESERVE) {
        offer_slot(books, which);
    }
}

/* Behind the swap, in a registry that tells.  The charge of one that has lent
 * its slot ends with its run. */
static void end_and_tell(moor_registry *books, life which,
                         const struct ending *how, uint64_t since,
                         uint64_t before, uint64_t after)
{
    moor_word *state = &books_record(books, which)->state;
    bool ending = word_is_ending(after);

    if (ending) {
        ending_give_slot(books);
        held_end(books, since);
    }
    if (books->events) {
        completion_tell(books, which, how->idle, ending);
    }
    if (ending) {
        settle(books, state, after);
    } else {
        end_at_once(books, which, before);
    }
    completion_ring(books);
    journal_note(books, which);
    if (ending || word_is_lent(before)) {
        hook_released(books, which, word_status(word_make(0, how->idle)));
    }
}

/* As end_run, in a registry that tells. */
MOOR_SELDOM static moor_error end_told(moor_registry *books, life which,
                                       const struct ending *how, bool is_use,
                                       bool *released)
{
    uint64_t since, before, after;
    moor_word *state;
    moor_error error = books_subject(books, which, &before);

    if (error != MOOR_OK) {
        return error;
    }
    /* The record is not to be used again before its end is told. */
    if (books->events && !leave_hold(books, which)) {
        return MOOR_STALE;
    }
    state = &books_record(books, which)->state;
    before = moor_load_acquire(state); /* R1 */
    if (swap_to_end(books, which, state, how, &since, &before, &after)) {
        if (how->idle == WORD_COMPLETED) {
            stats_add(&books->stats, STATS_COMPLETED, 1);
        }
        MOOR_TRACE_TWO(completion, which, how->idle);
        if (is_use) {
            use_note(books, which);
        }
        end_and_tell(books, which, how, since, before, after);
        if (released != NULL) {
            *released = word_is_ending(after);
        }
    } else {
        error = why_not(books, which, before);
    }
    if (books->events) {
        leave_let_go(books, which);
    }
    return error;
}

MOOR_USUAL moor_error end_run(moor_registry *books, life which,
                              const struct ending *how, bool is_use,
                              bool *released)
{
    struct record *record = (struct record *)arena_find(
        &books->records, life_index(which), sizeof *record);
    uint64_t before, after;

    if (which == books->root) {
        return MOOR_IS_ROOT;
    }
    if (record == NULL) {
        return MOOR_NOT_FOUND;
    }
    before = moor_load_acquire(&record->state); /* R1 */
    if (!swap_to_end(books, which, &record->state, how, NULL, &before,
                     &after)) {
        return why_not(books, which, before);
    }
    if (how->idle == WORD_COMPLETED) {
        stats_add(&books->stats, STATS_COMPLETED, 1);
    }
    MOOR_TRACE_TWO(completion, which, how->idle);
    if (is_use) {
        use_note(books, which);
    }
    if (word_is_ending(after)) {
        give_and_settle(books, &record->state, after);
    } else {
        end_at_once(books, which, before);
    }
    if (released != NULL) {
        *released = word_is_ending(after);
    }
    return MOOR_OK;
}

/* Where there is a journal and nothing else, it is told behind the end. */
static moor_error end_noted(moor_registry *books, life which,
                            const struct ending *how)
{
    moor_error error = end_run(books, which, how, false, NULL);

    if (error == MOOR_OK) {
        journal_note(books, which);
    }
    return error;
}

/* Apart, so that the usual finish stays small, but not seldom. */
__attribute__((noinline)) static moor_error
finish_told(moor_registry *books, life which, enum word_phase idle)
{
    const struct ending how = {.idle = idle};

    return books->events || books->on_release != NULL || books->held != NULL
               ? end_told(books, which, &how, false, NULL)
               : end_noted(books, which, &how);
}

moor_error ending_end(moor_registry *books, life which,
                      const struct ending *how, bool *released)
{
    return books->tells ? end_told(books, which, how, false, released)
                        : end_run(books, which, how, false, released);
}

MOOR_SELDOM moor_error ending_use(moor_registry *books, life which,
                                  const struct ending *how)
{
    return books->tells ? end_told(books, which, how, true, NULL)
                        : end_run(books, which, how, true, NULL);
}

/* A copy of its own, in which nothing is asked that is known. */
moor_error ending_finish(moor_registry *books, life which,
                         enum word_phase idle)
{
    const struct ending how = {.idle = idle};

    return books->tells ? finish_told(books, which, idle)
                        : end_run(books, which, &how, false, NULL);
}
