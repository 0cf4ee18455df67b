/*
 * tails: how long a call takes at p99.99 that touches nothing anybody else
 * touches, with 16 threads.
 *
 * A thread is preempted at some instant of its time; the longer a call takes,
 * the more of these instants lie within one.  So a call of arithmetic alone has
 * a tail, too, and no library can do better: what is asked of a public call can
 * be held only if the call is short enough for the machine's number of threads,
 * processors and its scheduler.
 *
 * Calls of one length follow each other without a pause on all threads; a loop
 * of arithmetic is stretched until the median is that length.
 */
#include "probe.h"

#include <stdlib.h>

enum { THREADS = 16, CALLS_EACH = 50000, CALLS_QUICK = 500, TRIAL = 2001 };

struct caller {
    struct probe_thread thread;
    unsigned turns, calls;
    double *took;
};

static uint64_t arithmetic(unsigned turns, uint64_t from)
{
    for (unsigned i = 0; i < turns; i++) {
        from = from * UINT64_C(6364136223846793005) + 1;
    }
    return from;
}

static void call_all(void *argument)
{
    struct caller *caller = argument;
    volatile uint64_t kept = 1;

    for (unsigned i = 0; i < caller->calls; i++) {
        const uint64_t begin = ticks();
        kept = arithmetic(caller->turns, kept);
        caller->took[i] = (double)(ticks() - begin) * ns_per_tick();
    }
}

/* Turns of the loop that take so long, by the median of a trial. */
static unsigned turns_of(double ns)
{
    double took[TRIAL];
    struct caller trial = { .turns = 1000, .calls = TRIAL, .took = took };

    call_all(&trial);
    return (unsigned)(1000 * ns / probe_share(took, TRIAL, 0.5));
}

static double tail_of(double ns, unsigned calls)
{
    struct caller callers[THREADS];
    double *took = malloc(sizeof *took * THREADS * calls);

    probe_must(took != NULL, "no memory");
    const unsigned turns = turns_of(ns);
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){ .turns = turns,
                                      .calls = calls,
                                      .took = took + (size_t)i * calls };
        probe_start(&callers[i].thread, -1, call_all, &callers[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) probe_join(&callers[i].thread);
    const double tail = probe_share(took, THREADS * calls, 0.9999);
    free(took);
    return tail;
}

void probe_tails(bool quick, struct figures *figures)
{
    static const struct length {
        double ns;
        const char *name;
    } all[] = {
        { 25, "p99.99 of 25 ns of arithmetic" },
        { 50, "p99.99 of 50 ns of arithmetic" },
        { 100, "p99.99 of 100 ns of arithmetic" },
        { 200, "p99.99 of 200 ns of arithmetic" },
        { 400, "p99.99 of 400 ns of arithmetic" },
    };

    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        figures_add(figures, all[i].name,
                    tail_of(all[i].ns, quick ? CALLS_QUICK : CALLS_EACH), "ns",
                    0);
    }
}
