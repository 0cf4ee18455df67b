/*
 * An event in place of event.c, for the models of waiting: whoever would sleep
 * is noted, and goes on as if its deadline had come.
 *
 * A thread sleeps for ever if it went to sleep at a value that the event still
 * has at the end.
 */
#ifndef MODEL_SLEEP_H
#define MODEL_SLEEP_H

#include <stdbool.h>

/* Before a run. */
void sleep_begin(void);

/* After it: would the thread sleep for ever?  Has it been asleep at all? */
bool sleep_for_ever(int thread);
bool sleep_happened(int thread);

#endif
