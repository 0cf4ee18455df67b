/* The demonstration's words and tables: plain text, 80 columns. */
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>

/* What the policies are, and what their tables show. */
static const struct {
    const char *is, *shows;
} texts[MOOR_RELEASES] = {
    [MOOR_ON_COMPLETION] = {"a slot comes back when its agent ends",
                            "nothing is held once its agent has ended"},
    [MOOR_ON_TURN_END] = {"slots of ended agents come back after each round",
                          "nothing is held once a round is over"},
    [MOOR_ON_RESERVE] = {"a full registry takes slots back when it is asked",
                         "what is held is taken back when it is wanted"},
    [MOOR_ON_CLOSE] = {"a slot comes back only when its agent is closed",
                       "every spawn is refused while nothing runs"},
};

void demo_introduce(void)
{
    const struct demo_round *r = demo_rounds;
    const struct demo_round *last = &demo_rounds[DEMO_ROUNDS - 1];

    printf("A session with %d running slots, in %d rounds.  Its model spawns "
           "%u, %u and %u\n"
           "agents in the first three, at most %u, %u and %u at once, and "
           "closes %u, %u and %u;\n"
           "from round %d on it wants %u in each round and closes none.  A "
           "thread runs each\n"
           "agent to its end.  The same on a registry of each release policy:"
           "\n",
           DEMO_SLOTS, DEMO_ROUNDS, r[0].wanted, r[1].wanted, r[2].wanted,
           r[0].at_once, r[1].at_once, r[2].at_once, r[0].closes, r[1].closes,
           r[2].closes, DEMO_STILL_FROM, last->wanted);
    printf("\n"
           "  live  most agents at once          finished  agents that "
           "completed\n"
           "  held  slots taken after the round  refused   spawns that were "
           "refused\n");
}

void demo_show(const struct demo_result *result)
{
    printf("\n%s: %s\n\n", moor_release_name(result->release),
           texts[result->release].is);
    printf("  round  spawned  closed  live  finished  held  refused\n");
    for (int i = 0; i < DEMO_ROUNDS; i++) {
        const struct demo_seen *s = &result->rounds[i];

        printf("  %5d  %7" PRIu64 "  %6" PRIu64 "  %4" PRIu64 "  %8" PRIu64
               "  %4" PRIu64 "  %7" PRIu64 "\n",
               i + 1, s->spawned, s->closed, s->live, s->finished, s->held,
               s->refused);
    }
    putchar('\n');
}

void demo_conclude(const struct demo_result *result)
{
    const char *shows = texts[result->release].shows;
    uint64_t spawned = 0, closed = 0;

    for (int i = 0; i < DEMO_ROUNDS; i++) {
        spawned += result->rounds[i].spawned;
        closed += result->rounds[i].closed;
    }
    if (result->release == MOOR_ON_CLOSE) {
        printf("Stands still from round %d on: %s.\n", DEMO_STILL_FROM,
               shows);
        return;
    }
    printf("Never refused: %" PRIu64 " agents, %" PRIu64 " of them closed;\n"
           "%s.\n", spawned, closed, shows);
}

void demo_close(bool all_hold)
{
    printf("\n%s\n", all_hold
                         ? "As claimed: only on_close leaks, and it stands "
                           "still."
                         : "Not all came out as claimed.");
}
