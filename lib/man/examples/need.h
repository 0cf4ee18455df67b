/*
 * For the examples of the man pages: what they say is looked at.
 */
#ifndef NEED_H
#define NEED_H

#include <stdbool.h>
#include <stdio.h>

static int need_failed;

static inline void need_at(bool holds, const char *what, int line)
{
    if (holds) return;
    fprintf(stderr, "line %d: not so: %s\n", line, what);
    need_failed = 1;
}

#define need(holds) need_at((holds), #holds, __LINE__)

#endif
