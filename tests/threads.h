/*
 * Threads that begin together: each waits until all are there, so that short
 * ones meet at all.
 */
#ifndef TESTS_THREADS_H
#define TESTS_THREADS_H

#include <criterion/criterion.h>
#include <pthread.h>

enum { TOGETHER_MOST = 8 };

static pthread_barrier_t together_begin;

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
