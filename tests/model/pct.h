/*
 * Schedules by random priorities, with a known chance to find a bug of known
 * depth.
 */
#ifndef MODEL_PCT_H
#define MODEL_PCT_H

#include <stddef.h>
#include <stdint.h>

/* A run begins: `threads` of them, of about `length` steps together. */
void pct_begin(uint64_t seed, int threads, unsigned depth, size_t length);

/* As run_chooser. */
int pct_choose(size_t step, unsigned live);

#endif
