#include "slots.h"

#include "backoff.h"
#include "plant.h"

void slots_init(struct slots *slots, uint32_t limit)
{
    /* relaxed: the registry is published later, by whoever made it. */
    moor_store_relaxed(&slots->word, (uint64_t)limit << 32);
    moor_store_relaxed(&slots->most, 0);
}

bool slots_take(struct slots *slots, struct slots_view *seen)
{
    struct backoff backoff = backoff_begin();
    /* acquire, S1: a refusal may look at what the holders did. */
    uint64_t word = moor_load_acquire(&slots->word);

    if (MOOR_PLANTED(3)) { /* add first, undo what was too much */
        *seen = slots_view_of(moor_add_acq_rel(&slots->word, 1));
        if (seen->used < seen->limit) {
            return true;
        }
        moor_sub_release(&slots->word, 1);
        return false;
    }
    for (;;) {
        *seen = slots_view_of(word);
        if (MOOR_PLANTED(26) ? seen->used > seen->limit /* one too many */
                             : slots_view_is_full(*seen)) {
            return false;
        }
        if (MOOR_PLANTED(4)) { /* look, then store */
            moor_store_release(&slots->word, word + 1);
            return true;
        }
        /* acquire, S1: the new holder sees what the former one released.
         * release: one chain of holders, whatever the order of their names. */
        if (moor_cas_acq_rel(&slots->word, &word, word + 1)) {
            return true;
        }
        backoff_wait(&backoff);
    }
}

bool slots_take_many(struct slots *slots, uint32_t count,
                     struct slots_view *seen)
{
    struct backoff backoff = backoff_begin();
    uint64_t word = moor_load_acquire(&slots->word); /* S1 */

    for (;;) {
        *seen = slots_view_of(word);
        if ((uint64_t)seen->used + count > seen->limit ||
            seen->used + count > SLOTS_USED) {
            return false;
        }
        if (MOOR_PLANTED(91)) { /* look, then store */
            moor_store_release(&slots->word, word + count);
            return true;
        }
        /* acquire and release, S1: as slots_take. */
        if (moor_cas_acq_rel(&slots->word, &word, word + count)) {
            return true;
        }
        backoff_wait(&backoff);
    }
}

void slots_give(struct slots *slots)
{
    /* release, S1. */
    moor_sub_release(&slots->word, 1);
}

static bool is_waited_for(uint64_t word)
{
    return (word & SLOTS_WAITED) != 0;
}

bool slots_return(struct slots *slots, uint64_t *seen)
{
    struct backoff backoff = backoff_begin();
    uint64_t word = moor_load_acquire(&slots->word);

    for (;;) {
        struct slots_view now = slots_view_of(word);

        /* Above a limit that was lowered nobody is admitted. */
        if (is_waited_for(word) && now.used <= now.limit) {
            *seen = word;
            return false;
        }
        /* release, S1; acquire: who has come to wait. */
        if (moor_cas_acq_rel(&slots->word, &word, word - 1)) {
            return true;
        }
        backoff_wait(&backoff);
    }
}

bool slots_return_last(struct slots *slots, uint64_t seen)
{
    /* release, S1; acquire: those that came to wait. */
    return moor_cas_acq_rel(&slots->word, &seen, (seen & ~SLOTS_WAITED) - 1);
}

bool slots_take_or_wait(struct slots *slots, struct slots_view *seen)
{
    uint64_t word = moor_load_acquire(&slots->word); /* S1 */

    for (;;) {
        uint64_t waiting = (word & ~SLOTS_ROUND) | SLOTS_WAITED |
                           ((word + SLOTS_NEXT_ROUND) & SLOTS_ROUND);
        bool taken;

        *seen = slots_view_of(word);
        taken = !slots_view_is_full(*seen);
        /* acquire, S1: as slots_take.  release, Q1: the caller's place. */
        if (moor_cas_seq_cst(&slots->word, &word, taken ? word + 1 : waiting)) {
            return taken;
        }
    }
}

bool slots_are_waited_for(const struct slots *slots)
{
    return is_waited_for(moor_load_seq_cst(&slots->word));
}

void slots_set_used(struct slots *slots, uint32_t used)
{
    /* relaxed: alone. */
    uint64_t word = moor_load_relaxed(&slots->word);

    moor_store_relaxed(&slots->word, (word >> 32 << 32) | used);
}

struct slots_view slots_look(const struct slots *slots)
{
    /* acquire, S1. */
    return slots_view_of(moor_load_acquire(&slots->word));
}

bool slots_try_limit(struct slots *slots, uint32_t limit, uint64_t *seen)
{
    uint64_t word = moor_load_acquire(&slots->word);
    uint64_t after;

    do {
        if (is_waited_for(word) && slots_view_of(word).used < limit) {
            *seen = word;
            return false;
        }
        after = ((uint64_t)limit << 32) | (uint32_t)word;
        if (MOOR_PLANTED(27)) { /* look, then store */
            moor_store_release(&slots->word, after);
            return true;
        }
        /* acquire and release: the setter may act on what it read before, and
         * whoever goes by the new limit sees what led to it. */
    } while (!moor_cas_acq_rel(&slots->word, &word, after));
    return true;
}

bool slots_widen(struct slots *slots, uint64_t seen)
{
    uint64_t used = slots_view_of(seen).used + 1;

    /* acquire and release: as slots_try_limit. */
    if (!moor_cas_acq_rel(&slots->word, &seen,
                          (used << 32) | ((uint32_t)seen + 1))) {
        return false;
    }
    slots_note(slots, (uint32_t)used);
    return true;
}

/* --- the mark ------------------------------------------------------------- */

MOOR_SELDOM void slots_raise(struct slots *slots, uint64_t used, uint64_t most)
{
    if (MOOR_PLANTED(96)) { /* look, then store */
        moor_store_release(&slots->most, used);
        return;
    }
    /* relaxed: a figure that only grows, and by which nothing is ordered. */
    while (used > most && !moor_cas_relaxed(&slots->most, &most, used)) {
    }
}

uint32_t slots_most(struct slots *slots, uint32_t used)
{
    /* Whoever took them may not have come to note it yet. */
    slots_note(slots, used);
    return (uint32_t)moor_load_relaxed(&slots->most); /* a figure */
}

void slots_forget_most(struct slots *slots)
{
    moor_store_relaxed(&slots->most, slots_look(slots).used); /* alone */
}
