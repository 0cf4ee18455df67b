/*
 * Probabilistic concurrency testing, after Burckhardt, Kothari, Musuvathi and
 * Nagarakatte (ASPLOS 2010).
 *
 * Each thread has a priority of its own, in random order, and of those that
 * live the highest runs.  At depth - 1 of the steps, chosen at random, the
 * thread that would take the step falls below all others; of those that fell,
 * the one whose change point has the lower number is the lower, whichever
 * comes first.
 *
 * A bug has depth d if d orderings of one step before another are enough to
 * meet it.  One run then finds it with a chance of at least
 *
 *   1 / (threads * length ^ (d - 1))
 *
 * No thread gives way to another but there, so a loop that waits for another
 * thread never ends; the step bound tells.
 */
#include "pct.h"

#include "dice.h"
#include "run.h"

static struct {
    unsigned priorities[MODEL_THREADS_MAX]; /* from `changes_count` up */
    uint32_t changes[MODEL_DEPTH_MAX];        /* steps */
    unsigned changes_count;
} pct;

static void shuffle(struct dice *dice, int threads)
{
    for (int i = 0; i < threads; i++) {
        int other = (int)dice_below(dice, (uint32_t)i + 1);
        pct.priorities[i] = pct.priorities[other];
        pct.priorities[other] = pct.changes_count + (unsigned)i;
    }
}

void pct_begin(uint64_t seed, int threads, unsigned depth, size_t length)
{
    struct dice dice = {seed};
    uint32_t steps = length > 0 ? (uint32_t)length : 1;

    if (depth > MODEL_DEPTH_MAX) depth = MODEL_DEPTH_MAX;
    pct.changes_count = depth > 0 ? depth - 1 : 0;
    shuffle(&dice, threads);
    for (unsigned i = 0; i < pct.changes_count; i++)
        pct.changes[i] = dice_below(&dice, steps);
}

static int highest(unsigned live)
{
    int best = run_lowest(live);

    for (int i = best + 1; i < MODEL_THREADS_MAX; i++) {
        if ((live >> i & 1) && pct.priorities[i] > pct.priorities[best]) {
            best = i;
        }
    }
    return best;
}

int pct_choose(size_t step, unsigned live)
{
    for (unsigned i = 0; i < pct.changes_count; i++) {
        if (pct.changes[i] == step) pct.priorities[highest(live)] = i;
    }
    return highest(live);
}
