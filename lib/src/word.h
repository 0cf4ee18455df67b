/*
 * The state word: everything of an agent that must change together.
 *
 *   63          36 35    32 31 30 29 28 27 26 25 24 23             0
 *   +-------------+--------+--+-----+--+--+--+--+--+---------------+
 *   | generation  | phase  |l | res |s |i |w |f |S |     text      |
 *   +-------------+--------+--+-----+--+--+--+--+--+---------------+
 *
 *   S    holds a running slot
 *   f    fenced: nothing new may be linked to it or below it
 *   w    watched: somebody sleeps until it changes.  May be set although
 *        nobody sleeps any more; never clear while somebody does.
 *   i s  interrupt, shutdown was requested; falls when the run ends.  In an
 *        ENDING phase i says that the run was pending: it is still seen so;
 *        and s how many ends were told when this one is (ends.h)
 *   res  is its runtime loaded: not, loaded, loaded and pinned, or claimed by
 *        an eviction, whose host has not yet said that it is unloaded.  All but
 *        `not` count as resident.  Only an idle agent is not loaded or claimed
 *   l    lent: a running agent without a slot, which others may use
 *   text which text is the result; 0: none.  Of a live one that ran before: the
 *        number of this run, so that its word is not that of a former run.  In
 *        LEFT: the last status
 *
 * Phases and who moves them:
 *
 *   FREE -> RESERVING -> COMMITTING -> PENDING -> RUNNING -> ENDING -> idle
 *                           |  ^        ^  | |       ^         ^       |  |
 *                           v  |        |  | +-------+---------+       |  v
 *                          TICKET ------+  |         +---- run again --+ LEFT
 *                                          v                              ^
 *                                ENDING_SHUTDOWN -> FAILING --------------+
 *
 *   RESERVING   an admission in flight; belongs to the thread that makes it
 *   COMMITTING  a ticket that is one thread's for the moment: of the one that
 *               makes it, until its call returns, or that commits it with an
 *               id of its own; only a close can take it from there
 *   ENDING_x    the run is over and the slot bit is off, but the counter is
 *               not yet down: seen as it was before, so that whoever sees x
 *               finds the slot free
 *   LEFT        closed, ended or rolled back; the record waits until nothing
 *               hangs on it, and then becomes FREE with the next generation
 *   FAILING     its start failed: gone for everybody, but its path is taken
 *               until what is below it is gone too
 *
 * A record in LEFT or FREE belongs to nobody: every look-up rejects it.  So one
 * swap of this word takes an agent out of every index at once.
 *
 * This file is arithmetic: no atomics, no pointers, no side effects.
 */
#ifndef MOOR_WORD_H
#define MOOR_WORD_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "moorage/lifecycle.h"
#include "life.h"

enum word_phase {
    WORD_FREE = 0,
    WORD_RESERVING,
    WORD_TICKET,
    WORD_COMMITTING,
    WORD_PENDING,
    WORD_RUNNING,
    WORD_INTERRUPTED, /* the four idle ones, in the order of the ENDING ones */
    WORD_COMPLETED,
    WORD_ERRORED,
    WORD_SHUTDOWN,
    WORD_ENDING_INTERRUPTED,
    WORD_ENDING_COMPLETED,
    WORD_ENDING_ERRORED,
    WORD_ENDING_SHUTDOWN,
    WORD_LEFT,
    WORD_FAILING,
    WORD_PHASES
};

enum {
    WORD_TEXT_BITS = 24,
    WORD_RESIDENCE_SHIFT = 29,
    WORD_PHASE_SHIFT = 32,
    WORD_GENERATION_SHIFT = 36,
    WORD_TO_ENDING = WORD_ENDING_INTERRUPTED - WORD_INTERRUPTED
};

#define WORD_TEXT ((UINT64_C(1) << WORD_TEXT_BITS) - 1)
#define WORD_SLOT (UINT64_C(1) << 24)
#define WORD_FENCE (UINT64_C(1) << 25)
#define WORD_WATCHED (UINT64_C(1) << 26)
#define WORD_ASKED_INTERRUPT (UINT64_C(1) << 27)
#define WORD_ASKED_SHUTDOWN (UINT64_C(1) << 28)
#define WORD_ASKED (WORD_ASKED_INTERRUPT | WORD_ASKED_SHUTDOWN)
#define WORD_WAS_PENDING WORD_ASKED_INTERRUPT /* in an ENDING phase */
#define WORD_TOLD_ODD WORD_ASKED_SHUTDOWN     /* so, too */
#define WORD_RESIDENT (UINT64_C(3) << WORD_RESIDENCE_SHIFT)
#define WORD_LENT (UINT64_C(1) << 31)
#define WORD_PHASE (UINT64_C(15) << WORD_PHASE_SHIFT)

_Static_assert(WORD_PHASES <= 16, "a phase is four bits");
_Static_assert(WORD_GENERATION_SHIFT + 28 == 64, "as wide as a life's");

enum word_residence {
    WORD_NOT_LOADED = 0,
    WORD_LOADED,
    WORD_PINNED,
    WORD_CLAIMED
};

/* Texts that need no memory. */
enum word_text {
    WORD_NO_TEXT = 0,
    WORD_TEXT_DIED,
    WORD_TEXT_LEASE,
    WORD_TEXTS_FIXED
};

static inline enum word_phase word_phase(uint64_t word)
{
    return (enum word_phase)((word & WORD_PHASE) >> WORD_PHASE_SHIFT);
}

static inline uint64_t word_generation(uint64_t word)
{
    return word >> WORD_GENERATION_SHIFT;
}


static inline enum word_residence word_residence(uint64_t word)
{
    return (enum word_residence)((word & WORD_RESIDENT) >>
                                 WORD_RESIDENCE_SHIFT);
}

static inline uint64_t word_make(uint64_t generation, enum word_phase phase)
{
    return (generation << WORD_GENERATION_SHIFT) |
           ((uint64_t)phase << WORD_PHASE_SHIFT);
}

static inline uint64_t word_with_phase(uint64_t word, enum word_phase phase)
{
    return (word & ~WORD_PHASE) | ((uint64_t)phase << WORD_PHASE_SHIFT);
}

static inline uint64_t word_with_residence(uint64_t word,
                                           enum word_residence residence)
{
    return (word & ~WORD_RESIDENT) |
           ((uint64_t)residence << WORD_RESIDENCE_SHIFT);
}

/* --- questions --------------------------------------------------------- */

static inline bool word_is_ending(uint64_t word)
{
    return word_phase(word) >= WORD_ENDING_INTERRUPTED &&
           word_phase(word) <= WORD_ENDING_SHUTDOWN;
}

static inline bool word_is_idle(uint64_t word)
{
    return word_phase(word) >= WORD_INTERRUPTED &&
           word_phase(word) <= WORD_SHUTDOWN;
}

static inline bool word_is_live(uint64_t word)
{
    return word_phase(word) == WORD_PENDING || word_phase(word) == WORD_RUNNING;
}

/* Which text is the result; a live one has none. */
static inline uint32_t word_text(uint64_t word)
{
    return word_is_live(word) ? 0 : (uint32_t)(word & WORD_TEXT);
}

/* An agent that look-ups find. */
static inline bool word_is_agent(uint64_t word)
{
    return word_phase(word) >= WORD_PENDING && word_phase(word) < WORD_LEFT;
}

static inline bool word_is_ticket(uint64_t word)
{
    return word_phase(word) == WORD_TICKET ||
           word_phase(word) == WORD_COMMITTING;
}

/* Its path and id are taken; an admission in flight counts. */
static inline bool word_is_taken(uint64_t word)
{
    return word_phase(word) != WORD_FREE && word_phase(word) != WORD_LEFT;
}

static inline bool word_has_slot(uint64_t word)
{
    return (word & WORD_SLOT) != 0;
}

static inline bool word_is_fenced(uint64_t word)
{
    return (word & WORD_FENCE) != 0;
}

static inline bool word_is_watched(uint64_t word)
{
    return (word & WORD_WATCHED) != 0;
}

/* Counted by the limit `resident`. */
static inline bool word_is_resident(uint64_t word)
{
    return (word & WORD_RESIDENT) != 0;
}

static inline bool word_is_claimed(uint64_t word)
{
    return word_residence(word) == WORD_CLAIMED;
}

/* The status that the world sees. */
static inline moor_status word_status(uint64_t word)
{
    static const uint8_t seen[16] = {
        [WORD_TICKET] = MOOR_STATUS_RESERVED,
        [WORD_COMMITTING] = MOOR_STATUS_RESERVED,
        [WORD_PENDING] = MOOR_STATUS_PENDING_INIT,
        [WORD_RUNNING] = MOOR_STATUS_RUNNING,
        [WORD_INTERRUPTED] = MOOR_STATUS_INTERRUPTED,
        [WORD_COMPLETED] = MOOR_STATUS_COMPLETED,
        [WORD_ERRORED] = MOOR_STATUS_ERRORED,
        [WORD_SHUTDOWN] = MOOR_STATUS_SHUTDOWN,
        [WORD_ENDING_INTERRUPTED] = MOOR_STATUS_RUNNING,
        [WORD_ENDING_COMPLETED] = MOOR_STATUS_RUNNING,
        [WORD_ENDING_ERRORED] = MOOR_STATUS_RUNNING,
        [WORD_ENDING_SHUTDOWN] = MOOR_STATUS_RUNNING,
    };

    if (word_is_ending(word) && (word & WORD_WAS_PENDING) != 0) {
        return MOOR_STATUS_PENDING_INIT;
    }
    return (moor_status)seen[word_phase(word)];
}

/* The request that is up. */
static inline moor_request_kind word_requested(uint64_t word)
{
    if (!word_is_live(word)) {
        return MOOR_REQUEST_NONE;
    }
    if ((word & WORD_ASKED_SHUTDOWN) != 0) {
        return MOOR_REQUEST_SHUTDOWN;
    }
    return (word & WORD_ASKED_INTERRUPT) != 0 ? MOOR_REQUEST_INTERRUPT
                                              : MOOR_REQUEST_NONE;
}

static inline bool word_may_start(uint64_t word)
{
    return word_phase(word) == WORD_PENDING;
}

/* finish, interrupt, died, request */
static inline bool word_may_end(uint64_t word)
{
    return word_is_live(word);
}

static inline bool word_may_run_again(uint64_t word)
{
    return word_is_idle(word) && word_phase(word) != WORD_SHUTDOWN;
}

/* An idle agent that still holds its slot. */
static inline bool word_may_release(uint64_t word)
{
    return word_is_idle(word) && word_has_slot(word);
}

static inline bool word_is_lent(uint64_t word)
{
    return (word & WORD_LENT) != 0;
}

static inline bool word_may_lend(uint64_t word)
{
    return word_phase(word) == WORD_RUNNING && word_has_slot(word);
}

static inline bool word_may_evict(uint64_t word)
{
    return word_is_idle(word) && word_residence(word) == WORD_LOADED;
}

/* Loaded, and stays so for the moment. */
static inline bool word_may_pin(uint64_t word)
{
    return word_is_agent(word) && word_is_resident(word) &&
           !word_is_claimed(word);
}

#endif
