/*
 * Is there an order of a play's calls, one after the other, that comes to what
 * was seen?  First of the calls as they are, then of their steps (steps.h).
 */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H

#include "outcome.h"
#include "plays.h"

enum {
    PLAY_CALLS = PLAY_THREADS * PLAY_LENGTH,
    CALL_WORDS = 1 + CALL_ANSWERS,
};

struct outcome {
    uint64_t calls[PLAY_CALLS][CALL_WORDS]; /* error and answers */
    uint64_t fields[OUTCOME_FIELDS];
};

/* The scene, and the calls that are to be made in it. */
void order_begin(const struct play *play, struct call *each);

void order_look_at(const struct call *call, uint64_t words[CALL_WORDS]);

/* In a registry of its own, which it makes again and again. */
bool order_gives(const struct play *play, const struct outcome *seen);

static inline int play_calls(const struct play *play)
{
    return play->threads * play->length;
}

#endif
