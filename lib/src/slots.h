/*
 * Slots: what is limited, as one word that holds limit and use together.
 *
 *   63        32 31 30   26 25       0
 *   +-----------+--+-------+---------+
 *   |   limit   |w | round |  used   |
 *   +-----------+--+-------+---------+
 *
 * One compare-and-swap judges and charges, so an admission can neither exceed
 * the limit in force nor be refused while a slot is free.  Adding first and
 * undoing what was too much would refuse others in between; it is not done.
 *
 *   w      somebody may wait for one (queue.h).  Set only while none is free,
 *          and whoever makes one free takes it off in the same swap: so where
 *          it is set none is free, and takers need not look at it
 *   round  goes on with each that comes to wait, so that the swap of a giver
 *          who found nobody fails when somebody has come since
 *
 * A round comes again after 32: then a giver may free a slot of which somebody
 * who has just come to wait is not told.  So it looks once more behind its
 * swap, and tells all that wait to look again.
 *
 *   pair  release side  acquire side  what it carries
 *   S1    slots_give    slots_take    all that the former holder did
 */
#ifndef MOOR_SLOTS_H
#define MOOR_SLOTS_H

#include "atomic.h"
#include "layout.h"

struct slots {
    moor_word word;
    moor_word most; /* that were ever used; beside the word of the takes */
};

struct slots_view {
    uint32_t used;
    uint32_t limit;
};

#define SLOTS_USED ((UINT64_C(1) << 26) - 1)
#define SLOTS_ROUND (UINT64_C(31) << 26)
#define SLOTS_NEXT_ROUND (UINT64_C(1) << 26)
#define SLOTS_WAITED (UINT64_C(1) << 31)

static inline struct slots_view slots_view_of(uint64_t word)
{
    return (struct slots_view){(uint32_t)(word & SLOTS_USED),
                               (uint32_t)(word >> 32)};
}

/* Is none free?  The word has room for so many, whatever the limit. */
static inline bool slots_view_is_full(struct slots_view seen)
{
    return seen.used >= seen.limit || seen.used == SLOTS_USED;
}

/* Before others can see it. */
void slots_init(struct slots *slots, uint32_t limit);

/* Takes one slot if one is free; *seen is what decided.  Lock-free: a failed
 * swap means that somebody else took, gave or set the limit. */
bool slots_take(struct slots *slots, struct slots_view *seen);

/* Takes so many if as many are free, else none.  Lock-free. */
bool slots_take_many(struct slots *slots, uint32_t count,
                     struct slots_view *seen);

/* Gives one slot back where nobody ever waits: one subtraction, wait-free. */
void slots_give(struct slots *slots);

/* Gives one slot back.  False: somebody waits, and the slot is still the
 * caller's, to hand on; *seen is what says so.  Lock-free. */
bool slots_return(struct slots *slots, uint64_t *seen);

/* The usual case of it: nobody waits, and nobody else is at it. */
static inline bool slots_return_at_once(struct slots *slots)
{
    uint64_t word = moor_load_acquire(&slots->word);

    /* release, S1; acquire: who has come to wait. */
    return (word & SLOTS_WAITED) == 0 &&
           moor_cas_acq_rel(&slots->word, &word, word - 1);
}

/* The same, when nobody was found who waits, although *seen says so; false: the
 * word has changed since. */
bool slots_return_last(struct slots *slots, uint64_t seen);

/* Takes one slot if one is free, else says that somebody waits.  Lock-free. */
bool slots_take_or_wait(struct slots *slots, struct slots_view *seen);

/* Does anybody wait, perhaps?  seq_cst: a look behind a step of one's own. */
bool slots_are_waited_for(const struct slots *slots);

/* Counted anew; alone. */
void slots_set_used(struct slots *slots, uint32_t used);

/* As of now. */
struct slots_view slots_look(const struct slots *slots);

/* Lock-free; in force for every take that comes after.  False: that would free
 * a slot while somebody waits; *seen is what says so. */
bool slots_try_limit(struct slots *slots, uint32_t limit, uint64_t *seen);

/* The same where nobody ever waits. */
static inline void slots_set_limit(struct slots *slots, uint32_t limit)
{
    uint64_t seen;

    (void)slots_try_limit(slots, limit, &seen);
}

/* One slot more than there is, and it is the caller's; false: the word has
 * changed since. */
bool slots_widen(struct slots *slots, uint64_t seen);

/* --- the mark: the most that were ever used at once ----------------------- */

void slots_raise(struct slots *slots, uint64_t used, uint64_t most);

/* So many were used when the caller was granted one: a take that is undone at
 * once is not to count, so it is not noted there.  Where the mark is as high as
 * it gets, a load and a branch. */
static inline void slots_note(struct slots *slots, uint32_t used)
{
    uint64_t most = moor_load_relaxed(&slots->most); /* a figure */

    if (used > most) {
        slots_raise(slots, used, most);
    }
}

/* By what the caller has seen used, too: so it is never below that, and never
 * goes back. */
uint32_t slots_most(struct slots *slots, uint32_t used);

/* As if no more than now were ever used; alone. */
void slots_forget_most(struct slots *slots);

#endif
