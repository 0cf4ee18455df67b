/*
 * The executors of the examples: threads that take agents from a pipe and end
 * their runs.  How an agent works is the host's; here it does nothing.
 */
#ifndef EXAMPLES_WORKERS_H
#define EXAMPLES_WORKERS_H

#include <moorage/moorage.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

enum { WORKERS = 3 };

struct workers {
    moor_registry *registry;
    int pipe[2];
    pthread_t threads[WORKERS];
};

static inline void *workers_run(void *argument)
{
    const struct workers *workers = (const struct workers *)argument;
    moor_agent agent;

    while (read(workers->pipe[0], &agent, sizeof agent) == sizeof agent) {
        (void)moor_start(workers->registry, agent);
        (void)moor_finish(workers->registry, agent, MOOR_STATUS_COMPLETED, NULL,
                          0);
    }
    return NULL;
}

static inline bool workers_begin(struct workers *workers,
                                 moor_registry *registry)
{
    workers->registry = registry;
    if (pipe(workers->pipe) != 0) return false;
    for (int i = 0; i < WORKERS; i++) {
        if (pthread_create(&workers->threads[i], NULL, workers_run, workers)) {
            return false;
        }
    }
    return true;
}

/* Admits the next agent, and hands it to them; false: it was not admitted. */
static inline bool workers_spawn(struct workers *workers)
{
    const moor_spawn_options options = {.role = "worker"};
    moor_agent agent;

    return moor_spawn(workers->registry, &options, &agent, NULL) == MOOR_OK &&
           write(workers->pipe[1], &agent, sizeof agent) == sizeof agent;
}

static inline void workers_end(struct workers *workers)
{
    (void)close(workers->pipe[1]);
    for (int i = 0; i < WORKERS; i++) {
        (void)pthread_join(workers->threads[i], NULL);
    }
    (void)close(workers->pipe[0]);
}

#endif
