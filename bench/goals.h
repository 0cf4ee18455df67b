/* The ratios that moorage has to reach, and whether it did. */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H

#include "run.h"

/* Runs every case that a goal speaks of. */
void goals_run(const struct plan *plan, struct results *results);

/* Prints goal, seen, held; true when every goal was held. */
bool goals_held(const struct results *results, FILE *to);

#endif
