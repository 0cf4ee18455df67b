/*
 * machine: what this machine takes for the steps that calls are made of, so
 * that what a call touches can be turned into time, here and on paper for
 * machines with more processors.
 *
 * Figures of one thread are the least of a few repetitions: what disturbs only
 * adds.  Those of two threads, each on a processor of its own, are the median,
 * for threads that do not meet seem fast; they are for one thread and step, and
 * left out where there is only one processor.
 */
#include "probe.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 9, STEPS = 200000, STEPS_QUICK = 2000, DIRTY = 256 };

struct line {
    alignas(128) _Atomic uint64_t word;
    _Atomic(struct line *) next;
};

static struct line one, other;
static unsigned steps;

static double repeat(double (*measure)(void), bool least)
{
    double times[TIMES];

    for (int i = 0; i < TIMES; i++) times[i] = measure();
    return least ? probe_share(times, TIMES, 0) : median(times, TIMES);
}

static double since(uint64_t begin)
{
    return (double)(ticks() - begin) * ns_per_tick();
}

/* --- one thread ----------------------------------------------------------- */

#define MEASURE(name, step)                                                    \
    static double name(void)                                                   \
    {                                                                          \
        const uint64_t begin = ticks();                                        \
                                                                               \
        for (unsigned i = 0; i < steps; i++) {                                 \
            step;                                                              \
        }                                                                      \
        return since(begin) / steps;                                           \
    }

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *volatile allocated;
static struct timespec time_read;

static void swap_once(void)
{
    uint64_t seen = atomic_load_explicit(&one.word, memory_order_relaxed);

    atomic_compare_exchange_strong(&one.word, &seen, seen + 1);
}

MEASURE(add, atomic_fetch_add(&one.word, 1))
MEASURE(add_two, atomic_fetch_add(&one.word, 1);
        atomic_fetch_add(&other.word, 1))
MEASURE(swap, swap_once())
MEASURE(lock_unlock, pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex))
MEASURE(malloc_free, allocated = malloc(128); free(allocated))
MEASURE(read_clock, clock_gettime(CLOCK_MONOTONIC, &time_read))
MEASURE(read_coarse, clock_gettime(CLOCK_MONOTONIC_COARSE, &time_read))
MEASURE(wake_nobody, syscall(SYS_futex, &one.word, FUTEX_WAKE_PRIVATE, 1, NULL,
                             NULL, 0))

/* --- two threads ---------------------------------------------------------- */

/* The two bodies of a pair, and what the second of them measured. */
struct pair {
    void (*first)(void);
    double (*second)(void);
    _Atomic unsigned there;
    double took;
};

static struct pair pair;

static void meet(void)
{
    atomic_fetch_add(&pair.there, 1);
    while (atomic_load(&pair.there) < 2) {
    }
}

static void run_first(void *unused)
{
    (void)unused;
    meet();
    pair.first();
}

static void run_second(void *unused)
{
    (void)unused;
    meet();
    pair.took = pair.second();
}

static double run_pair(void (*first)(void), double (*second)(void))
{
    struct probe_thread threads[2];

    pair.first = first;
    pair.second = second;
    atomic_store(&pair.there, 0);
    atomic_store(&one.word, 0);
    probe_start(&threads[0], 0, run_first, NULL);
    probe_start(&threads[1], 1, run_second, NULL);
    probe_join(&threads[0]);
    probe_join(&threads[1]);
    return pair.took;
}

static void add_first(void)
{
    (void)add();
}

static double add_both(void)
{
    return run_pair(add_first, add);
}

static void swap_until_done(void)
{
    uint64_t seen = atomic_load_explicit(&one.word, memory_order_relaxed);

    while (!atomic_compare_exchange_weak(&one.word, &seen, seen + 1)) {
    }
}

MEASURE(swap_loop, swap_until_done())

static void swap_loop_first(void)
{
    (void)swap_loop();
}

static double swap_both(void)
{
    return run_pair(swap_loop_first, swap_loop);
}

/* The line goes over and comes back once in two steps. */
static void throw_back(unsigned odd)
{
    for (uint64_t i = odd; i < steps; i += 2) {
        while (atomic_load_explicit(&one.word, memory_order_acquire) != i) {
        }
        atomic_store_explicit(&one.word, i + 1, memory_order_release);
    }
}

static void throw_first(void)
{
    throw_back(0);
}

static double throw_second(void)
{
    const uint64_t begin = ticks();

    throw_back(1);
    return since(begin) / steps;
}

static double ping_pong(void)
{
    return run_pair(throw_first, throw_second);
}

/* One thread writes a batch of lines, and the other reads them: a chain, in
 * which each tells where the next is, or all at once. */
static struct line dirty[DIRTY];

static void write_dirty(void)
{
    for (uint64_t round = 0; round < steps / DIRTY; round++) {
        while (atomic_load_explicit(&one.word, memory_order_acquire) !=
               2 * round) {
        }
        for (unsigned i = 0; i < DIRTY; i++) {
            /* A line that is not the neighbour of the one before. */
            struct line *next = &dirty[(i + 89) % DIRTY];

            atomic_store_explicit(&dirty[i].next, next, memory_order_relaxed);
        }
        atomic_store_explicit(&one.word, 2 * round + 1, memory_order_release);
    }
}

static uintptr_t read_chain(void)
{
    struct line *at = dirty;

    for (unsigned i = 0; i < DIRTY; i++) {
        at = atomic_load_explicit(&at->next, memory_order_relaxed);
    }
    return (uintptr_t)at;
}

static uintptr_t read_all(void)
{
    uintptr_t sum = 0;

    for (unsigned i = 0; i < DIRTY; i++) {
        sum += (uintptr_t)atomic_load_explicit(
            &dirty[i * 89U % DIRTY].next, memory_order_relaxed);
    }
    return sum;
}

static double read_dirty(uintptr_t (*read)(void))
{
    const uint64_t rounds = steps / DIRTY;
    uint64_t took = 0;
    uintptr_t kept = 0;

    for (uint64_t round = 0; round < rounds; round++) {
        while (atomic_load_explicit(&one.word, memory_order_acquire) !=
               2 * round + 1) {
        }
        const uint64_t begin = ticks();
        kept ^= read();
        took += ticks() - begin;
        atomic_store_explicit(&one.word, 2 * round + 2, memory_order_release);
    }
    /* Of a chain, and of a sum, that nobody looks at nothing would be left. */
    atomic_store_explicit(&other.word, kept, memory_order_relaxed);
    return (double)took * ns_per_tick() / (double)(rounds * DIRTY);
}

static double read_dirty_chain(void)
{
    return read_dirty(read_chain);
}

static double read_dirty_all(void)
{
    return read_dirty(read_all);
}

static double dirty_dependent(void)
{
    return run_pair(write_dirty, read_dirty_chain);
}

static double dirty_independent(void)
{
    return run_pair(write_dirty, read_dirty_all);
}

void probe_machine(bool quick, struct figures *figures)
{
    static const struct step {
        const char *name;
        double (*measure)(void);
        unsigned threads;
    } all[] = {
        { "add, own line", add, 1 },
        { "two adds, two own lines", add_two, 1 },
        { "swap, own line", swap, 1 },
        { "add, one line, two threads", add_both, 2 },
        { "swap until done, one line, two threads", swap_both, 2 },
        { "a line handed over, one way", ping_pong, 2 },
        { "load of a dirty line, each after the other", dirty_dependent, 2 },
        { "load of a dirty line, all at once", dirty_independent, 2 },
        { "mutex lock and unlock", lock_unlock, 1 },
        { "malloc and free of 128 bytes", malloc_free, 1 },
        { "clock", read_clock, 1 },
        { "coarse clock", read_coarse, 1 },
        { "futex wake of nobody", wake_nobody, 1 },
    };

    steps = quick ? STEPS_QUICK : STEPS;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].threads > probe_processors()) continue;
        figures_add(figures, all[i].name,
                    repeat(all[i].measure, all[i].threads == 1), "ns", 0);
    }
}
