/*
 * What the demonstration claims, figure by figure, and whether it came out.
 *
 *   on_close        leaks what was seen to leak in production, and from the
 *                   round on in which no slot is left every spawn is refused
 *   on_completion   never refuses; nothing is held when a round is over
 *   on_turn_end     the same: each round is a turn
 *   on_reserve      never refuses; what is held is taken back when it is wanted
 *
 * Under every policy each agent that was spawned has finished, so whatever is
 * held when a round is over is held by nobody who runs; and the registry's own
 * check finds nothing wrong.
 */
#include "demo.h"

#include <inttypes.h>
#include <stdio.h>

struct claim {
    moor_release release;
    unsigned round; /* from 1 */
    bool holds;
};

/* One figure is from `min` to `max`. */
static void claim(struct claim *claim, const char *figure, uint64_t is,
                  uint64_t min, uint64_t max)
{
    if (is >= min && is <= max) return;
    claim->holds = false;
    printf("Not as claimed: %s, round %u: %s is %" PRIu64 ", not %" PRIu64,
           moor_release_name(claim->release), claim->round, figure, is, min);
    if (max != min) printf(" to %" PRIu64, max);
    putchar('\n');
}

static void claim_exactly(struct claim *of, const char *figure, uint64_t is,
                          uint64_t should)
{
    claim(of, figure, is, should, should);
}

static void claim_round(struct claim *of, const struct demo_round *round,
                        const struct demo_seen *seen, uint64_t leaked)
{
    bool leaks = of->release == MOOR_ON_CLOSE;
    bool stands = leaks && of->round >= DEMO_STILL_FROM;

    claim_exactly(of, "spawned", seen->spawned, stands ? 0 : round->wanted);
    claim_exactly(of, "refused", seen->refused, stands ? round->wanted : 0);
    claim_exactly(of, "live", seen->live, stands ? 0 : round->at_once);
    claim_exactly(of, "closed", seen->closed, round->closes);
    claim_exactly(of, "finished", seen->finished, seen->spawned);
    if (leaks) {
        claim_exactly(of, "held", seen->held, leaked);
    } else {
        claim(of, "held", seen->held, 0,
              of->release == MOOR_ON_RESERVE ? DEMO_SLOTS : 0);
    }
}

bool demo_holds(const struct demo_result *result)
{
    struct claim of = {result->release, 0, true};
    uint64_t leaked = 0;

    for (unsigned i = 0; i < DEMO_ROUNDS; i++) {
        of.round = i + 1;
        leaked += demo_rounds[i].leaks;
        claim_round(&of, &demo_rounds[i], &result->rounds[i], leaked);
    }
    if (result->violated[0] != '\0') {
        of.holds = false;
        printf("Not as claimed: %s: %s\n", moor_release_name(result->release),
               result->violated);
    }
    return of.holds;
}
