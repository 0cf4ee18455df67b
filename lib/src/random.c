#include "random.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/random.h>
#include <time.h>

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* splitmix64: one addition and a mix per number, any seed will do. */
static uint64_t next_of(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15U;
    return mix(*state);
}

#if defined(MOOR_STEP)
/* The explorer replays executions: each of its threads draws the same numbers,
 * whatever the others do. */
int model_self(void);
static uint64_t replayed[8];

uint64_t random_seed(void)
{
    for (uint64_t i = 0; i < sizeof replayed / sizeof replayed[0]; i++) {
        replayed[i] = mix(i + 1);
    }
    return 0x6d6f6f72U;
}

uint64_t random_next(void)
{
    return next_of(&replayed[model_self() + 1]);
}
#else
/* A clock may say the same twice, to one thread or to two. */
static _Thread_local uint64_t early_seeds;

uint64_t random_seed(void)
{
    uint64_t seed;
    struct timespec now;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) {
        return seed;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    return mix(((uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 32) ^
                (uint64_t)(uintptr_t)&early_seeds) +
               (early_seeds++ << 40));
}

static _Thread_local uint64_t random_state; /* 0: not seeded */

/* The child of a fork() would go on with its parent's numbers. */
static void seed_anew(void)
{
    random_state = 0;
}

/* When the library is loaded: from then on there may be children.  Where there
 * is no memory for it, ids of a child may be its parent's. */
static __attribute__((constructor)) void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, seed_anew);
}

uint64_t random_next(void)
{
    if (random_state == 0) {
        random_state = random_seed();
    }
    return next_of(&random_state);
}
#endif
