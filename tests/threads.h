/*
 * Threads that begin together: each waits until all are there, so that short
 * ones meet at all; and waiting for each other, within a bound.
 */
#ifndef TESTS_THREADS_H
#define TESTS_THREADS_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>

#include "event.h"

enum { TOGETHER_MOST = 8, TOGETHER_MS = 15000 };

static pthread_barrier_t together_begin;
static struct timespec together_end;

/* To be asked in loops that wait for another thread: gives the processor away;
 * false when they have waited for too long. */
static inline bool in_time(void)
{
    (void)sched_yield();
    return !event_passed(&together_end);
}

struct together {
    pthread_t thread;
    void *(*run)(void *argument);
    void *argument;
};

static inline void *together_enter(void *one)
{
    struct together *self = (struct together *)one;

    (void)pthread_barrier_wait(&together_begin);
    return self->run(self->argument);
}

/* Runs `run` in so many threads, each on an argument of that size, and joins
 * them. */
static inline void together(void *(*run)(void *argument), int count,
                            void *arguments, size_t size)
{
    struct together all[TOGETHER_MOST];

    cr_assert_leq(count, TOGETHER_MOST);
    together_end = event_deadline(TOGETHER_MS);
    cr_assert_eq(pthread_barrier_init(&together_begin, NULL, (unsigned)count),
                 0);
    for (int t = 0; t < count; t++) {
        all[t] = (struct together){
            .run = run, .argument = (char *)arguments + (size_t)t * size};
        cr_assert_eq(
            pthread_create(&all[t].thread, NULL, together_enter, &all[t]), 0);
    }
    for (int t = 0; t < count; t++) {
        cr_assert_eq(pthread_join(all[t].thread, NULL), 0);
    }
    (void)pthread_barrier_destroy(&together_begin);
}

#endif
