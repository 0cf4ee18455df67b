/*
 * A history as text: a lane for each thread, time rightwards.
 *
 *   before    0 of 1 used
 *   thread 0  [spawn: ok]            [used: 2 of 1]
 *   thread 1      [spawn: ok]
 *
 * A call begins and ends in its own column, so that two overlap in the drawing
 * just if they did.  One that did not return is open to the right.
 */
#ifndef LINEAR_DRAW_H
#define LINEAR_DRAW_H

#include <stdio.h>

#include "checker.h"

void linear_draw(FILE *to, const struct linear_spec *spec,
                 const struct linear_history *history);

#endif
