/*
 * Cases made from the table of operations: each thread calls some of them, and
 * what comes of it must be what some order of the same calls gives.
 *
 * That is judged by looking for such an order, one call after the other, once
 * for each outcome that a case has: the answers of all calls and what is left
 * in the registry are compared field by field.  If there is none, calls are
 * taken apart into the steps that others can see (steps.h).  What is not
 * promised at all (lib/DESIGN.md) is excused by a row of order.c: a call that
 * answers so changed nothing, and the rest is what some order of the other
 * calls gives.
 */
#ifndef MODEL_PLAYS_H
#define MODEL_PLAYS_H

#include "operations.h"

enum { PLAY_THREADS = 3, PLAY_LENGTH = 2, PLAY_NAME = 96 };

struct play_call {
    const struct operation *operation;
    bool of_b; /* else of a */
};

struct play {
    char name[PLAY_NAME];
    struct scene scene;
    int threads, length; /* calls of each */
    struct play_call calls[PLAY_THREADS][PLAY_LENGTH];
    unsigned preemptions_max; /* as in struct model_case */
};

/* The main function of a program of plays. */
int plays_main(const struct play *plays, int count, int argc, char **argv);

#endif
