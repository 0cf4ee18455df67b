/*
 * Numbers at random that a seed repeats: splitmix64.
 */
#ifndef MODEL_DICE_H
#define MODEL_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state; /* at first: the seed */
};

static inline uint64_t dice_next(struct dice *dice)
{
    uint64_t z = (dice->state += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* One of 0 to bound - 1; the bound is far below 2^32. */
static inline uint32_t dice_below(struct dice *dice, uint32_t bound)
{
    return (uint32_t)((dice_next(dice) >> 32) * bound >> 32);
}

#endif
