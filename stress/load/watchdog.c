/* watchdog: see watchdog.h.  One thread; reads the workers' counters. */
#include "watchdog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double seconds_between_looks = 1.0;

/* The last step seen of a worker, and when it was new. */
struct watched {
    uint64_t steps;
    double since;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void watchdog_begin(struct watchdog *dog, const struct options *options,
                    struct worker *workers, unsigned count)
{
    *dog = (struct watchdog){ options, workers, count, now(), 0, NULL,
                              isatty(STDERR_FILENO) == 1 };
    dog->next = dog->begun;
    dog->watched = calloc(count, sizeof *dog->watched);
    if (dog->watched == NULL) {
        abort();
    }
    for (unsigned i = 0; i < count; i++) {
        dog->watched[i].since = dog->begun;
    }
}

struct timespec watchdog_next(const struct watchdog *dog)
{
    double over = dog->begun + dog->options->seconds;
    double next = dog->next < over || now() > over ? dog->next : over;
    time_t whole = (time_t)next;

    return (struct timespec){ whole, (long)((next - (double)whole) * 1e9) };
}

static void bark(const struct watchdog *dog, unsigned hung)
{
    fprintf(stderr, "%s: worker %u has not moved for %g s\n",
            dog->options->program, hung, dog->options->patience);
    for (unsigned i = 0; i < dog->count; i++) {
        struct worker *worker = &dog->workers[i];

        fprintf(stderr, "  worker %2u  step %12" PRIu64 "  %s\n", i,
                atomic_load_explicit(&worker->steps, memory_order_relaxed),
                atomic_load_explicit(&worker->doing, memory_order_relaxed));
    }
    options_replay(dog->options);
    abort();
}

static bool is_done(struct worker *worker)
{
    const char *doing =
        atomic_load_explicit(&worker->doing, memory_order_relaxed);

    return strcmp(doing, WATCHDOG_DONE) == 0;
}

/* Compares each worker with the last look; answers the sum of their steps. */
static uint64_t compare(struct watchdog *dog, double time)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < dog->count; i++) {
        struct watched *watched = &dog->watched[i];
        uint64_t steps = atomic_load_explicit(&dog->workers[i].steps,
                                              memory_order_relaxed);

        sum += steps;
        if (steps != watched->steps || is_done(&dog->workers[i])) {
            *watched = (struct watched){ steps, time };
        } else if (time - watched->since > dog->options->patience) {
            bark(dog, i);
        }
    }
    return sum;
}

bool watchdog_look(struct watchdog *dog)
{
    double time = now();

    if (time >= dog->next) {
        uint64_t steps = compare(dog, time);

        dog->next = time + seconds_between_looks;
        if (dog->terminal) {
            fprintf(stderr, "\r%s: %3.0f s, %" PRIu64 " steps ",
                    dog->options->program, time - dog->begun, steps);
        }
    }
    return time >= dog->begun + dog->options->seconds;
}

void watchdog_end(struct watchdog *dog)
{
    if (dog->terminal) {
        fputs("\r\033[K", stderr);
    }
    free(dog->watched);
}
