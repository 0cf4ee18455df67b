/*
 * The demonstration: nine rounds of a session in which a model closes only some
 * of its agents, played on a registry under each release policy.
 *
 *   demo.c         plays the rounds, with a thread for each agent
 *   demo_claims.c  what is claimed, and whether it came out
 *   demo_tables.c  says it
 */
#ifndef MOORAGE_TOOL_DEMO_H
#define MOORAGE_TOOL_DEMO_H

#include <stdbool.h>
#include <stddef.h>

#include <moorage/moorage.h>

enum { DEMO_ROUNDS = 9, DEMO_STILL_FROM = 4, DEMO_SLOTS = 12 };

/* What the model does in a round, and what it was seen to leak in production,
 * where only a close gave a slot back. */
struct demo_round {
    unsigned wanted;  /* agents it wants to spawn */
    unsigned at_once; /* most of them at the same time */
    unsigned closes;
    unsigned leaks;
};

/* What the registry's counters say of a round. */
struct demo_seen {
    uint64_t spawned, closed, live, finished, held, refused;
};

/* What came of all rounds under one policy. */
struct demo_result {
    moor_release release;
    struct demo_seen rounds[DEMO_ROUNDS];
    char violated[256]; /* what the check at the end found; empty: nothing */
};

extern const struct demo_round demo_rounds[DEMO_ROUNDS];

/* Play all rounds under result->release; false: it could not, and standard
 * error says why. */
bool demo_play(struct demo_result *result);

/* Did it come out as claimed?  Tells each thing that did not. */
bool demo_holds(const struct demo_result *result);

void demo_introduce(void);
void demo_show(const struct demo_result *result);
/* What the table of a policy shows, when its claims hold. */
void demo_conclude(const struct demo_result *result);
void demo_close(bool all_hold);

/* All of it; answers an exit code. */
int demo(void);

#endif
