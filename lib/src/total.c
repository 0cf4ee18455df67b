#include "total.h"

#include "backoff.h"
#include "plant.h"

#define USED ((UINT64_C(1) << TOTAL_USED_BITS) - 1)
#define NUMBER (UINT64_C(1) << TOTAL_USED_BITS)

void total_init(struct total *total, uint32_t limit)
{
    /* relaxed: the registry is published later, by whoever made it. */
    moor_store_relaxed(&total->word, 0);
    moor_store_relaxed(&total->limit, limit);
}

static uint32_t number_of(uint64_t word)
{
    return (uint32_t)(word >> TOTAL_USED_BITS);
}

static struct total_view view_of(const struct total *total, uint64_t word)
{
    /* acquire, T1: `word` may be from before it; then the swap fails, or the
     * limit is in force a moment before its number. */
    uint32_t limit = (uint32_t)moor_load_acquire(&total->limit);

    return (struct total_view){word & USED, limit, number_of(word)};
}

static bool allows(struct total_view seen)
{
    if (MOOR_PLANTED(28)) { /* one too many */
        return seen.used <= seen.limit;
    }
    return seen.limit == UINT32_MAX ? seen.used < USED
                                    : seen.used < seen.limit;
}

bool total_take(struct total *total, struct total_view *seen)
{
    struct backoff backoff = backoff_begin();
    uint64_t word = moor_load_acquire(&total->word); /* T1, T2 */

    for (;;) {
        *seen = view_of(total, word);
        if (!allows(*seen)) {
            return false;
        }
        /* acquire, T1, T2, for the next turn of the loop; release so that the
         * chain of changes goes through every taker. */
        if (moor_cas_acq_rel(&total->word, &word, word + NUMBER + 1)) {
            seen->number = number_of(word + NUMBER);
            return true;
        }
        backoff_wait(&backoff);
    }
}

void total_set_used(struct total *total, uint64_t used)
{
    uint64_t word = moor_load_relaxed(&total->word); /* alone */

    moor_store_relaxed(&total->word, (word & ~USED) | (used & USED));
}

bool total_take_many(struct total *total, uint32_t count,
                     struct total_view *seen)
{
    struct backoff backoff = backoff_begin();
    uint64_t word = moor_load_acquire(&total->word); /* T1, T2 */

    for (;;) {
        struct total_view last;

        *seen = view_of(total, word);
        last = *seen;
        last.used += count - 1;
        if (!allows(last)) {
            return false;
        }
        /* acquire and release, T1, T2: as total_take. */
        if (moor_cas_acq_rel(&total->word, &word,
                             word + count * (NUMBER + 1))) {
            seen->number = number_of(word + NUMBER);
            return true;
        }
        backoff_wait(&backoff);
    }
}

void total_give(struct total *total)
{
    moor_sub_release(&total->word, 1); /* T2; keeps the chain of T1 */
}

uint32_t total_number(struct total *total)
{
    /* acquire and release: keeps the chain of T1. */
    return number_of(moor_add_acq_rel(&total->word, NUMBER) + NUMBER);
}

struct total_view total_look(const struct total *total)
{
    return view_of(total, moor_load_acquire(&total->word)); /* T1, T2 */
}

void total_set_limit(struct total *total, uint32_t limit)
{
    /* release, T1: for who sees it before the addition. */
    moor_store_release(&total->limit, limit);
    /* release, T1.  Planted: a take under way goes by the old limit. */
    (void)moor_add_acq_rel(&total->word, MOOR_PLANTED(23) ? 0 : NUMBER);
}
