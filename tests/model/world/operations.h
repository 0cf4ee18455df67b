/*
 * The public operations, one row each.
 *
 * Each call has a subject, a or b of the scene; calls that have none ignore it.
 */
#ifndef MODEL_OPERATIONS_H
#define MODEL_OPERATIONS_H

#include "scene.h"

enum { CALL_ANSWERS = 4 };

/* One call; what it answers comes to be compared. */
struct call {
    const struct operation *operation;
    moor_agent subject;
    unsigned number; /* of the call among all of the case: for names */
    moor_error error;
    uint64_t answers[CALL_ANSWERS];
    /* While it is made step by step (steps.h). */
    bool began, lost, in_hand; /* a slot that it has taken from an agent */
    moor_status previous;      /* of its subject, when it took that */
    uint64_t counted;
};

/* Kinds, for what is said of many operations at once. */
enum {
    KIND_ADMITS = 1 << 0,  /* asks for a running slot */
    KIND_LINKS = 1 << 1,   /* something new comes to hang below its parent */
    KIND_COMMITS = 1 << 2, /* ends a ticket */
    KIND_ENDS = 1 << 3,    /* ends runs */
    KIND_CLOSES = 1 << 4,  /* its subject leaves */
    KIND_REAPS = 1 << 5,   /* takes slots from idle agents */
    KIND_FENCES = 1 << 6,
    KIND_LIMITS = 1 << 7, /* changes a limit */
    KIND_AGAIN = 1 << 8,  /* run_again */
    KIND_READS = 1 << 9,  /* changes nothing */
};

struct operation {
    const char *name;
    void (*run)(struct call *call);
    unsigned states; /* 1 << scene_state: of subjects it has something to do
                        with; without a subject: of a */
    unsigned legal;  /* 1 << moor_error: what it may answer at all */
    unsigned kind;
};

/* For those who tell by them. */
void operation_close_root(struct call *call);
void operation_reap(struct call *call);

extern const struct operation operations[];
extern const int operations_count;

const struct operation *operation_named(const char *name);

/* Calls it; an answer that is not legal fails the case. */
void operation_call(struct call *call);

#endif
