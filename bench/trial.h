/*
 * A rival that keeps other books than moorage is no rival: what every one of
 * them has to answer, asked by one thread.  The counts at the end of each
 * measured case judge what threads do together.
 */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include "rival.h"

/* How many answers were wrong; says which on stderr. */
uint64_t trial_of(const struct rival *rival);

#endif
