/*
 * linear_numbers: handles as they were recorded become the small numbers of a
 * specification, in the order in which they are met.
 */
#ifndef LINEAR_NUMBERS_H
#define LINEAR_NUMBERS_H

#include <stdint.h>

enum { NUMBERS_MAX = 128 };

struct numbers {
    uint64_t handles[NUMBERS_MAX];
    unsigned count;
};

/* The first is 0; the same handle has the same number. */
static inline unsigned number_of(struct numbers *numbers, uint64_t handle)
{
    unsigned i = 0;

    while (i < numbers->count && numbers->handles[i] != handle) {
        i++;
    }
    if (i == numbers->count) {
        numbers->handles[numbers->count++] = handle;
    }
    return i;
}

#endif
