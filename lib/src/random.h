/*
 * Random numbers: 64 bits from the kernel for the keys of a registry, and a
 * fast generator per thread for ids and nicknames.  Nothing is shared, so
 * nothing is contended.  A child of fork() draws numbers of its own.  Not for
 * secrets.
 */
#ifndef MOOR_RANDOM_H
#define MOOR_RANDOM_H

#include <stdint.h>

/* From the kernel; where it has none, from clock and addresses. */
uint64_t random_seed(void);

/* The next number of this thread's generator. */
uint64_t random_next(void);

#endif
