/*
 * A schedule that fails, made short enough to be read.
 */
#ifndef MODEL_SHRINK_H
#define MODEL_SHRINK_H

#include "run.h"

/* Looks for one that fails in the same way with fewer preemptions, or else
 * fewer changes of thread, than the given one, one digit a step.  If it
 * fails when it is run again, and comes to its end, `run` then holds the
 * best one found. */
bool shrink_schedule(const struct model_case *model, const char *schedule);

/* The latest run, one line for each stretch of one thread: how many steps,
 * and which words they touch.  The words are lettered as they come. */
void shrink_draw(void);

/* Of the latest run. */
unsigned shrink_preemptions(void);

#endif
