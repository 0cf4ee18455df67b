/*
 * A life: which record, and which of its successive tenants.
 *
 *   63    56 55                28 27                 0
 *   +--------+-------------------+-------------------+
 *   | (zero) |    generation     |       index       |
 *   +--------+-------------------+-------------------+
 *
 * Handles, tickets, map entries and links between agents are all lives.  A
 * record's generation rises by one each time its tenant is gone for good; a
 * record whose generation would wrap is retired, so no life ever comes twice.
 * Generations start at a random salt of the registry, never at zero: life 0
 * names nobody, and a handle of another registry is most likely unknown.
 *
 * This file is arithmetic: no atomics, no pointers, no side effects.
 */
#ifndef MOOR_LIFE_H
#define MOOR_LIFE_H

#include <stdint.h>

typedef uint64_t life;

enum { LIFE_INDEX_BITS = 28 };

#define LIFE_INDEX_MAX ((UINT64_C(1) << LIFE_INDEX_BITS) - 1)

/* Small worlds wrap early, so that tests see retirement. */
#if defined(MOOR_TEST_SMALL)
#define LIFE_GENERATION_MAX UINT64_C(30)
#else
#define LIFE_GENERATION_MAX ((UINT64_C(1) << 28) - 1)
#endif

static inline life life_of(uint64_t generation, uint64_t index)
{
    return (generation << LIFE_INDEX_BITS) | index;
}

static inline uint32_t life_index(life which)
{
    return (uint32_t)(which & LIFE_INDEX_MAX);
}

static inline uint64_t life_generation(life which)
{
    return which >> LIFE_INDEX_BITS;
}

#endif
