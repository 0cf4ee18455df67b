/*
 * random: one seeded generator per thread.
 *
 * The seed of a run and the number of a thread give a stream of its own, so
 * no two threads share a word of memory.  A seed fixes which operations a
 * thread does, not the schedule in which the threads do them.
 */
#ifndef LOAD_RANDOM_H
#define LOAD_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* The next 64 bits (splitmix64). */
static inline uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

/* The stream numbered `stream` of the run `seed`. */
static inline struct random random_seeded(uint64_t seed, uint64_t stream)
{
    struct random random = { seed };

    random.state = random_next(&random) ^ (stream * 0xd1342543de82ef95U);
    (void)random_next(&random);
    return random;
}

/* 0 to bound - 1; `bound` is at least 1. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

/* True once in `one_in` times. */
static inline bool random_chance(struct random *random, uint32_t one_in)
{
    return random_below(random, one_in) == 0;
}

#endif
