/*
 * threads: see threads.h.
 *
 * The meeting point is a spinning one, since a sleeping one wakes its threads
 * one after the other, and short rounds would then never overlap.
 *
 *   pair  release side         acquire side        what it carries
 *   T1    meet: arrived        meet: last arrival  the round that ends
 *   T2    meet: generation     meet: waiting       what `between` prepared
 *
 * `over` is written by the last arrival only and read after T2.
 */
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "watchdog.h"

enum { SPINS_BEFORE_YIELD = 200 };

struct threads {
    alignas(128) _Atomic unsigned arrived;
    alignas(128) _Atomic uint64_t generation;
    alignas(128) _Atomic bool stop; /* the time is up */
    bool over;                      /* no further round */
    unsigned count;
    threads_body *body;
    struct worker *workers;
    pthread_mutex_t lock; /* of `finished` */
    pthread_cond_t changed;
    unsigned finished;
};

bool threads_going(const struct worker *worker)
{
    /* relaxed: late by an operation or two does no harm */
    return !atomic_load_explicit(&worker->crew->stop, memory_order_relaxed);
}

static void wait_for_generation(struct threads *crew, uint64_t passed)
{
    unsigned spins = 0;

    /* acquire, T2 */
    while (atomic_load_explicit(&crew->generation, memory_order_acquire) ==
           passed) {
        if (++spins > SPINS_BEFORE_YIELD) {
            sched_yield();
        }
    }
}

bool threads_round(struct worker *worker, threads_between *between)
{
    struct threads *crew = worker->crew;
    uint64_t generation =
        atomic_load_explicit(&crew->generation, memory_order_relaxed);

    threads_step(worker, "meeting the others");
    /* acquire and release, T1 */
    if (atomic_fetch_add_explicit(&crew->arrived, 1, memory_order_acq_rel) +
            1 < crew->count) {
        wait_for_generation(crew, generation);
        return !crew->over;
    }
    threads_step(worker, "between rounds");
    crew->over = !threads_going(worker);
    if (between != NULL) {
        between(worker, crew->over);
    }
    atomic_store_explicit(&crew->arrived, 0, memory_order_relaxed);
    /* release, T2 */
    atomic_store_explicit(&crew->generation, generation + 1,
                          memory_order_release);
    return !crew->over;
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct threads *crew = worker->crew;

    (void)threads_round(worker, NULL); /* the start line */
    crew->body(worker);
    threads_step(worker, WATCHDOG_DONE);
    pthread_mutex_lock(&crew->lock);
    crew->finished++;
    pthread_cond_signal(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Watches until all workers are done; raises `stop` when the time is up. */
static void watch(struct threads *crew, const struct options *options)
{
    struct watchdog dog;

    watchdog_begin(&dog, options, crew->workers, crew->count);
    pthread_mutex_lock(&crew->lock);
    while (crew->finished < crew->count) {
        struct timespec until = watchdog_next(&dog);

        (void)pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
        if (watchdog_look(&dog)) {
            atomic_store_explicit(&crew->stop, true, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&crew->lock);
    watchdog_end(&dog);
}

static void crew_begin(struct threads *crew, const struct options *options,
                       void *shared)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&crew->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&crew->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    for (unsigned i = 0; i < crew->count; i++) {
        struct worker *worker = &crew->workers[i];

        memset(worker, 0, sizeof *worker);
        worker->index = i;
        worker->crew_size = crew->count;
        worker->shared = shared;
        worker->random = random_seeded(options->seed, i);
        worker->crew = crew;
        atomic_init(&worker->doing, "starting");
    }
}

static void crew_end(struct threads *crew, struct tally *sum)
{
    for (unsigned i = 0; i < crew->count; i++) {
        outcome_add(sum, &crew->workers[i].tally);
    }
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    free(crew->workers);
}

void threads_run(const struct options *options, unsigned count,
                 threads_body *body, void *shared, struct tally *sum)
{
    struct threads crew = { .count = count, .body = body };
    pthread_t *threads = calloc(count, sizeof *threads);

    crew.workers =
        aligned_alloc(alignof(struct worker), count * sizeof *crew.workers);
    if (threads == NULL || crew.workers == NULL) {
        fprintf(stderr, "%s: no memory for workers\n", options->program);
        exit(EXIT_FAILURE);
    }
    crew_begin(&crew, options, shared);
    for (unsigned i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, worker_main,
                           &crew.workers[i]) != 0) {
            fprintf(stderr, "%s: cannot start a thread\n", options->program);
            exit(EXIT_FAILURE); /* the others stand at the start line */
        }
    }
    watch(&crew, options);
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    free(threads);
    crew_end(&crew, sum);
}
