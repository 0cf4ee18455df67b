/*
 * The steps of the state word: what each operation makes of it.  Each asserts
 * the state before.  Arithmetic, like word.h.
 */
#ifndef MOOR_WORD_STEPS_H
#define MOOR_WORD_STEPS_H

#include "word.h"

/* FREE -> RESERVING. */
static inline uint64_t word_reserving(uint64_t word)
{
    assert(word_phase(word) == WORD_FREE);
    return word_with_phase(word, WORD_RESERVING);
}

/* RESERVING -> COMMITTING, with the slot and the place that were charged. */
static inline uint64_t word_reserved(uint64_t word)
{
    assert(word_phase(word) == WORD_RESERVING);
    return word_with_residence(word_with_phase(word, WORD_COMMITTING),
                               WORD_LOADED) |
           WORD_SLOT;
}

/* COMMITTING -> TICKET: it is handed out. */
static inline uint64_t word_ticketed(uint64_t word)
{
    assert(word_phase(word) == WORD_COMMITTING);
    return word_with_phase(word, WORD_TICKET);
}

/* TICKET -> COMMITTING. */
static inline uint64_t word_committing(uint64_t word)
{
    assert(word_phase(word) == WORD_TICKET);
    return word_with_phase(word, WORD_COMMITTING);
}

/* TICKET, COMMITTING -> PENDING. */
static inline uint64_t word_committed(uint64_t word)
{
    assert(word_is_ticket(word));
    return word_with_phase(word, WORD_PENDING);
}

/* PENDING -> RUNNING. */
static inline uint64_t word_started(uint64_t word)
{
    assert(word_may_start(word));
    return word_with_phase(word, WORD_RUNNING);
}

/* live -> ENDING_x, without its slot. */
static inline uint64_t word_ending(uint64_t word, enum word_phase idle)
{
    uint64_t was =
        word_phase(word) == WORD_PENDING ? WORD_WAS_PENDING : 0;

    assert(word_is_live(word));
    return word_with_phase(word & ~(WORD_ASKED | WORD_SLOT),
                           (enum word_phase)(idle + WORD_TO_ENDING)) |
           was;
}

/* live -> idle.  With `release` the slot bit goes, and the idle phase is
 * reached by word_settled, after the counter went down. */
static inline uint64_t word_ended(uint64_t word, enum word_phase idle,
                                  uint32_t text, bool release)
{
    assert(word_is_live(word) && idle >= WORD_INTERRUPTED &&
           idle <= WORD_SHUTDOWN);
    word = (word & ~WORD_TEXT) | text;
    if (release && word_has_slot(word)) {
        return word_ending(word, idle);
    }
    return word_with_phase(word & ~(WORD_ASKED | WORD_WATCHED | WORD_LENT),
                           idle);
}

/* The first step of a close and of a failed start, when there is a slot to
 * give back first: a live one is ended, an idle one only loses its slot. */
static inline uint64_t word_closing(uint64_t word)
{
    assert(word_is_agent(word) && word_has_slot(word));
    return word_is_live(word) ? word_ending(word & ~WORD_TEXT, WORD_SHUTDOWN)
                              : word & ~WORD_SLOT;
}

/* PENDING -> ENDING_SHUTDOWN, fenced, without its slot: the start failed, and
 * the slot is given back before anybody can see that. */
static inline uint64_t word_start_failed(uint64_t word)
{
    assert(word_may_start(word));
    return word_ending(word | WORD_FENCE, WORD_SHUTDOWN);
}

/* The same, where its end would be told as one of an odd number: ends.h. */
static inline uint64_t word_start_failed_odd(uint64_t word)
{
    return word_start_failed(word) | WORD_TOLD_ODD;
}

/* ENDING_SHUTDOWN -> FAILING, when the slot is back; it is not resident any
 * more. */
static inline uint64_t word_failing(uint64_t word)
{
    assert(word_phase(word) == WORD_ENDING_SHUTDOWN);
    return word_with_phase(
        word & ~(WORD_WATCHED | WORD_WAS_PENDING | WORD_TOLD_ODD |
                 WORD_RESIDENT),
        WORD_FAILING);
}

/* ENDING_x -> x.  Whoever watched is signalled. */
static inline uint64_t word_settled(uint64_t word)
{
    assert(word_is_ending(word));
    return word_with_phase(
        word & ~(WORD_WATCHED | WORD_WAS_PENDING | WORD_TOLD_ODD),
        (enum word_phase)(word_phase(word) - WORD_TO_ENDING));
}

/* idle, not shutdown, not claimed -> RUNNING with a slot, without a result; it
 * is loaded, if it was not. */
static inline uint64_t word_run_again(uint64_t word, uint32_t number)
{
    assert(word_may_run_again(word) && !word_is_claimed(word));
    if (!word_is_resident(word)) {
        word = word_with_residence(word, WORD_LOADED);
    }
    return word_with_phase((word & ~WORD_TEXT) | WORD_SLOT |
                               (number & WORD_TEXT),
                           WORD_RUNNING);
}

/* RUNNING, and others have its slot. */
static inline uint64_t word_lent(uint64_t word)
{
    assert(word_may_lend(word));
    return (word & ~WORD_SLOT) | WORD_LENT;
}

/* It has one again. */
static inline uint64_t word_taken_back(uint64_t word)
{
    assert(word_phase(word) == WORD_RUNNING && word_is_lent(word));
    return (word & ~WORD_LENT) | WORD_SLOT;
}

/* The slot is taken from an idle agent. */
static inline uint64_t word_released(uint64_t word)
{
    assert(word_has_slot(word));
    return word & ~WORD_SLOT;
}

/* An idle, unpinned resident is to be evicted. */
static inline uint64_t word_claimed(uint64_t word)
{
    assert(word_may_evict(word));
    return word_with_residence(word, WORD_CLAIMED);
}

/* The eviction is done. */
static inline uint64_t word_unloaded(uint64_t word)
{
    assert(word_is_agent(word) && word_is_claimed(word));
    return word_with_residence(word, WORD_NOT_LOADED);
}

static inline uint64_t word_loaded(uint64_t word)
{
    assert(word_is_agent(word) && !word_is_resident(word));
    return word_with_residence(word, WORD_LOADED);
}

static inline uint64_t word_pinned(uint64_t word)
{
    assert(word_may_pin(word));
    return word_with_residence(word, WORD_PINNED);
}

static inline uint64_t word_unpinned(uint64_t word)
{
    assert(word_may_pin(word));
    return word_with_residence(word, WORD_LOADED);
}

static inline uint64_t word_fenced(uint64_t word)
{
    return word | WORD_FENCE;
}

static inline uint64_t word_watched(uint64_t word)
{
    return word | WORD_WATCHED;
}

static inline uint64_t word_asked(uint64_t word, uint64_t what)
{
    assert(word_is_live(word));
    return word | (what & WORD_ASKED);
}

/* anything taken -> LEFT.  The generation stays until it is FREE, and in place
 * of the text the status with which an agent left: shutdown, if it was live. */
static inline uint64_t word_left(uint64_t word)
{
    moor_status last = MOOR_STATUS_NOT_FOUND;

    assert(word_is_taken(word));
    if (word_is_live(word)) {
        last = MOOR_STATUS_SHUTDOWN;
    } else if (word_is_ending(word)) {
        last = word_status(word_settled(word));
    } else if (word_is_idle(word)) {
        last = word_status(word);
    }
    return word_make(word_generation(word), WORD_LEFT) | (uint64_t)last;
}

static inline moor_status word_last_status(uint64_t word)
{
    assert(word_phase(word) == WORD_LEFT);
    return (moor_status)(word & WORD_TEXT);
}

/* LEFT -> FREE, one generation on. */
static inline uint64_t word_freed(uint64_t word)
{
    assert(word_phase(word) == WORD_LEFT);
    return word_make(word_generation(word) + 1, WORD_FREE);
}

#endif
