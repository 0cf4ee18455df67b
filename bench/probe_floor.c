/*
 * floor: a finish that nobody waits for, beside the bare updates that it cannot
 * do without: two swaps of the agent's state and one subtraction from the count
 * of running slots.
 *
 * A batch of agents is started, then all of them are finished in a row, and the
 * row is timed.  The floor does its updates to a batch of words, each on a line
 * of its own, with the count on another; a word is written when its agent is
 * started, so that both find their lines in the same cache, and of the two rows
 * each comes first in every other batch.
 *
 * Whatever else runs on the core, be it the thread of another machine that
 * shares it, makes a finish slower, and more so than the floor, which is only a
 * few instructions.  That is not what is asked; so the ratio is that of the
 * rows that were disturbed least, the fastest twentieth of each.  The ratio of
 * the medians is printed beside it.
 */
#include "probe.h"

#include <stdatomic.h>

enum { BATCH = 256, ROUNDS = 2000, ROUNDS_QUICK = 10 };

static const double least = 0.05;

static struct {
    alignas(64) _Atomic uint64_t state;
} words[BATCH];

static struct {
    alignas(128) _Atomic uint64_t running;
} slots;

static void begin_batch(moor_registry *registry, moor_agent *agents)
{
    bool fine = true;

    for (int i = 0; i < BATCH; i++) {
        fine &= moor_spawn(registry, &(moor_spawn_options){ 0 }, &agents[i],
                           NULL) == MOOR_OK &&
                moor_start(registry, agents[i]) == MOOR_OK;
        atomic_store_explicit(&words[i].state, 1, memory_order_relaxed);
    }
    atomic_store_explicit(&slots.running, BATCH, memory_order_relaxed);
    probe_must(fine, "floor: an agent did not start");
}

static void end_batch(moor_registry *registry, const moor_agent *agents)
{
    bool fine = true;

    for (int i = 0; i < BATCH; i++) {
        fine &= moor_close(registry, agents[i], MOOR_CLOSE_BY_RULE, NULL) ==
                MOOR_OK;
    }
    probe_must(fine, "floor: an agent was not closed");
}

static uint64_t finish(moor_registry *registry, const moor_agent *agents)
{
    bool fine = true;
    const uint64_t begin = ticks();

    for (int i = 0; i < BATCH; i++) {
        fine &= moor_finish(registry, agents[i], MOOR_STATUS_COMPLETED, NULL,
                            0) == MOOR_OK;
    }
    const uint64_t took = ticks() - begin;
    probe_must(fine, "floor: an agent did not finish");
    return took;
}

static bool swap(_Atomic uint64_t *word, uint64_t from, uint64_t to)
{
    return atomic_compare_exchange_strong_explicit(
        word, &from, to, memory_order_acq_rel, memory_order_acquire);
}

static uint64_t bare_updates(void)
{
    bool fine = true;
    const uint64_t begin = ticks();

    for (int i = 0; i < BATCH; i++) {
        _Atomic uint64_t *word = &words[i].state;
        const uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

        fine &= swap(word, seen, seen + 1);
        atomic_fetch_sub_explicit(&slots.running, 1, memory_order_release);
        fine &= swap(word, seen + 1, seen + 2);
    }
    const uint64_t took = ticks() - begin;
    probe_must(fine && slots.running == 0, "floor: a swap failed");
    return took;
}

void probe_floor(bool quick, struct figures *figures)
{
    static moor_agent agents[BATCH];
    static double finishes[ROUNDS], floors[ROUNDS];
    const unsigned rounds = quick ? ROUNDS_QUICK : ROUNDS;
    const double ns = ns_per_tick() / BATCH;
    moor_registry *registry = probe_registry(BATCH);

    for (unsigned i = 0; i < rounds; i++) {
        begin_batch(registry, agents);
        if (i % 2 == 0) floors[i] = (double)bare_updates() * ns;
        finishes[i] = (double)finish(registry, agents) * ns;
        if (i % 2 == 1) floors[i] = (double)bare_updates() * ns;
        end_batch(registry, agents);
    }
    moor_destroy(registry);
    const double finish_ns = probe_share(finishes, rounds, least);
    const double floor_ns = probe_share(floors, rounds, least);
    figures_add(figures, "finish over its floor", finish_ns / floor_ns, "",
                1.5);
    figures_note(figures, "nobody waits");
    figures_add(figures, "finish", finish_ns, "ns", 0);
    figures_add(figures, "floor of a finish", floor_ns, "ns", 0);
    figures_note(figures, "two swaps of one word, one subtraction");
    figures_add(figures, "finish over its floor, medians",
                probe_share(finishes, rounds, 0.5) /
                    probe_share(floors, rounds, 0.5),
                "", 0);
}
