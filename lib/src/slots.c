#include "slots.h"

#include "backoff.h"
#include "plant.h"

void slots_init(struct slots *slots, uint32_t limit)
{
    /* relaxed: the registry is published later, by whoever made it. */
    moor_store_relaxed(&slots->word, (uint64_t)limit << 32);
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
                             : seen->used >= seen->limit) {
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

void slots_give(struct slots *slots)
{
    /* release, S1. */
    moor_sub_release(&slots->word, 1);
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

void slots_set_limit(struct slots *slots, uint32_t limit)
{
    uint64_t word = moor_load_acquire(&slots->word);

    if (MOOR_PLANTED(27)) { /* look, then store */
        moor_store_release(&slots->word,
                           ((uint64_t)limit << 32) | (uint32_t)word);
        return;
    }
    /* acquire and release: the setter may act on what it read before, and
     * whoever goes by the new limit sees what led to it. */
    while (!moor_cas_acq_rel(&slots->word, &word,
                             ((uint64_t)limit << 32) | (uint32_t)word)) {
    }
}
