/*
 * Which other orders must be tried: the race analysis of the reduced and of
 * the bounded search.
 */
#ifndef MODEL_DPOR_H
#define MODEL_DPOR_H

#include "run.h"

/* The state before one step of the current path; sets are bits of threads. */
struct dpor_node {
    uint8_t live;
    uint8_t todo;  /* to be tried from here, tried ones included */
    uint8_t done;  /* tried completely */
    uint8_t sleep; /* need not be tried: covered elsewhere */
    uint8_t taken; /* now being tried: a thread's number */
    uint8_t kind;  /* of its step */
    uint8_t last;  /* the thread that ran before */
    uint32_t preemptions;
};

/* A new run begins. */
void dpor_begin(void);

/* Notes step number `step`, the latest of run.events.  If it is new on this
 * path, adds what its races ask for to `todo` of earlier nodes. */
void dpor_note(struct dpor_node *path, size_t step, bool is_new);

/* The same for the search that is bounded by preemptions. */
void dpor_note_bounded(struct dpor_node *path, size_t step, bool is_new,
                       uint32_t preemptions_max);

/* Preemptions up to and including a step of that thread from the node. */
static inline uint32_t dpor_preemptions(const struct dpor_node *node,
                                        unsigned thread)
{
    bool is_one = node->last != thread && (node->live >> node->last & 1);
    return node->preemptions + is_one;
}

/* Who may sleep in the state after step `step`, before any other thread
 * moves; `live` are its unfinished threads. */
unsigned dpor_sleepers(const struct dpor_node *path, size_t step,
                       unsigned live);

#endif
