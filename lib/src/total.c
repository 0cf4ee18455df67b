#include "total.h"

#include "backoff.h"

enum { TOTAL_TAKEN_BITS = 48 };

#define TOTAL_TAKEN ((UINT64_C(1) << TOTAL_TAKEN_BITS) - 1)
#define TOTAL_CHANGE (UINT64_C(1) << TOTAL_TAKEN_BITS)

void total_init(struct total *total, uint32_t limit)
{
    /* relaxed: the registry is published later, by whoever made it. */
    moor_store_relaxed(&total->word, 0);
    moor_store_relaxed(&total->given, 0);
    moor_store_relaxed(&total->limit, limit);
}

/* `given` is read after the word it is held against: what is taken later
 * changes the word, what is given later only lowers the use. */
static struct total_view view_of(const struct total *total, uint64_t word)
{
    uint64_t taken = word & TOTAL_TAKEN;
    uint64_t given = moor_load_acquire(&total->given); /* T2 */
    /* relaxed: `word` was acquired, T1; a later limit makes the swap fail. */
    uint32_t limit = (uint32_t)moor_load_relaxed(&total->limit);

    /* One that was taken after the word was read may be given back already. */
    return (struct total_view){given < taken ? taken - given : 0, limit,
                               taken};
}

static bool allows(struct total_view seen)
{
    return seen.limit == UINT32_MAX ? seen.taken < TOTAL_TAKEN
                                    : seen.used < seen.limit;
}

bool total_take(struct total *total, struct total_view *seen)
{
    struct backoff backoff = backoff_begin();
    uint64_t word = moor_load_acquire(&total->word); /* T1 */

    for (;;) {
        *seen = view_of(total, word);
        if (!allows(*seen)) {
            return false;
        }
        /* acquire, T1, for the next turn of the loop; release so that the
         * chain of changes goes through every taker. */
        if (moor_cas_acq_rel(&total->word, &word, word + 1)) {
            return true;
        }
        backoff_wait(&backoff);
    }
}

void total_give(struct total *total)
{
    (void)moor_add_acq_rel(&total->given, 1); /* release, T2 */
}

struct total_view total_look(const struct total *total)
{
    return view_of(total, moor_load_acquire(&total->word)); /* T1 */
}

void total_set_limit(struct total *total, uint32_t limit)
{
    /* relaxed: published by the addition below. */
    moor_store_relaxed(&total->limit, limit);
    (void)moor_add_acq_rel(&total->word, TOTAL_CHANGE); /* release, T1 */
}
