/*
 * What does one life cost?
 *
 * A life is spawn, start, finish, close: an anonymous agent below the root.
 * Measured with one thread and then with two on one registry; beside it, in
 * the same run, as many lock/unlock pairs of one mutex as a registry behind a
 * lock could not do without: one for each of the four calls.
 *
 * ns per life is time x threads / lives: what one thread waits for its life.
 */
#include <moorage/moorage.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS_OF_A_LIFE = 4, THREADS_MAX = 2, BATCH = 64 };

struct worker {
    pthread_t thread;
    bool (*life)(void); /* false: it failed, which ends the worker */
    uint64_t lives;
    bool failed;
};

static moor_registry *registry;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static atomic_bool stop;

static bool registry_life(void)
{
    moor_agent agent;

    return moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL) ==
               MOOR_OK &&
           moor_start(registry, agent) == MOOR_OK &&
           moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
               MOOR_OK &&
           moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL) == MOOR_OK;
}

static bool mutex_life(void)
{
    for (int i = 0; i < CALLS_OF_A_LIFE; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
    return true;
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    pthread_barrier_wait(&barrier);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        for (int i = 0; i < BATCH && !worker->failed; i++) {
            worker->failed = !worker->life();
            worker->lives += !worker->failed;
        }
        if (worker->failed) break;
    }
    return NULL;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ns per life, or a negative number when a life failed. */
static double measure(bool (*life)(void), int threads, double seconds)
{
    struct worker workers[THREADS_MAX] = {0};
    const struct timespec pause = {
        .tv_sec = (time_t)seconds,
        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
    };
    uint64_t lives = 0;
    bool failed = false;

    atomic_store(&stop, false);
    pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++) {
        workers[i].life = life;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fputs("bench_lifecycle: no thread\n", stderr);
            exit(1);
        }
    }
    pthread_barrier_wait(&barrier);
    double begin = now();
    nanosleep(&pause, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        lives += workers[i].lives;
        failed = failed || workers[i].failed;
    }
    double spent = now() - begin;
    pthread_barrier_destroy(&barrier);
    return failed ? -1 : spent * 1e9 * threads / (double)lives;
}

int main(int count, char **arguments)
{
    double seconds = 4;

    if (count == 3 && strcmp(arguments[1], "--seconds") == 0) {
        seconds = atof(arguments[2]);
    }
    if ((count != 1 && count != 3) || seconds <= 0) {
        fputs("usage: bench_lifecycle [--seconds N]\n", stderr);
        return 2;
    }
    if (moor_create(NULL, &registry) != MOOR_OK) return 1;

    double each = seconds / (2 * THREADS_MAX);
    printf("threads  ns per life  ns per %d lock/unlock\n", CALLS_OF_A_LIFE);
    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        double life = measure(registry_life, threads, each);
        double floor = measure(mutex_life, threads, each);
        if (life < 0) {
            fputs("bench_lifecycle: a life failed\n", stderr);
            return 1;
        }
        printf("%7d  %11.0f  %20.0f\n", threads, life, floor);
    }
    moor_destroy(registry);
    return 0;
}
