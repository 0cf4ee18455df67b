/*
 * More spawners than slots.
 *
 * Question  Is a slot ever handed out twice, or refused while one is free?
 *           Does the next holder see what the last one wrote?
 * Method    Each worker asks for one slot at a time, by spawn or by reserve,
 *           and gives it back in every way there is.  A shadow counter goes
 *           up after the grant and down before the slot is given up, so it is
 *           never above the truth; beyond the limit it has caught a slot
 *           handed out twice.  A crowd (load/crowd.h) says whether a refusal
 *           was just: with a limit for each worker, none ever is.  At limit 1
 *           the slot is the only lock of a plain variable.
 *           Afterwards exactly `limit` spawns succeed.
 * Limits    A crowd counts a place as taken a little longer than it is, so a
 *           wrong refusal in that gap goes unseen.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/crowd.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    GRANTED,
    REFUSED_FULL,
    GAVE_BACK,
    REFUSED_FREE,
    OVER_LIMIT,
    LOST_WRITE,
    BAD_REFUSAL,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [GRANTED] = { "granted", MUST_OCCUR, "a slot was free" },
    [REFUSED_FULL] = { "refused, all taken", MUST_OCCUR, "I2" },
    [GAVE_BACK] = { "given back", MUST_OCCUR, "in one of the ways" },
    [REFUSED_FREE] = { "refused, one was free", FORBIDDEN, "I2" },
    [OVER_LIMIT] = { "more holders than slots", FORBIDDEN, "I2" },
    [LOST_WRITE] = { "a holder's write was lost", FORBIDDEN,
                     "a granted slot acquires" },
    [BAD_REFUSAL] = { "refusal with a wrong reason", FORBIDDEN, "I9" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "I1, I3" },
};

struct harbour {
    moor_registry *registry;
    struct crowd crowd;
    alignas(128) _Atomic unsigned held; /* never above the truth */
    alignas(128) uint64_t guarded;      /* plain; at limit 1 only */
};

static void check_refusal(struct worker *worker, const moor_refusal *refusal,
                          uint32_t limit)
{
    bool good = refusal->limit == MOOR_LIMIT_RUNNING &&
                refusal->limit_value == limit && refusal->used == limit &&
                refusal->holders_count <= MOOR_HOLDERS_MAX;

    for (uint32_t i = 0; good && i < refusal->holders_count; i++) {
        const moor_holder *holder = &refusal->holders[i];

        good = (holder->agent.bits == 0) != (holder->ticket.bits == 0) &&
               (holder->ticket.bits == 0 ||
                holder->status == MOOR_STATUS_RESERVED) &&
               holder->freed_by < MOOR_FREED_BYS;
    }
    if (!good) {
        outcome_blame(&worker->tally, BAD_REFUSAL,
                      "refused by %s, limit %u of %u, used %llu, holders %u",
                      moor_limit_name(refusal->limit), refusal->limit_value,
                      limit, (unsigned long long)refusal->used,
                      refusal->holders_count);
    }
}

/* What a worker was given: one of the two is not zero. */
struct grant {
    moor_ticket ticket;
    moor_agent agent;
};

/* Asks once; true when a slot was granted. */
static bool ask(struct worker *worker, struct grant *grant,
                struct crowd_visit visit)
{
    struct harbour *harbour = worker->shared;
    moor_spawn_options options = { .role = "sailor" };
    moor_refusal refusal;
    moor_refusal *why = random_chance(&worker->random, 4) ? &refusal : NULL;
    bool spawn = random_chance(&worker->random, 2);
    moor_error error;

    threads_step(worker, spawn ? "spawn" : "reserve");
    error = spawn ? moor_spawn(harbour->registry, &options, &grant->agent, why)
                  : moor_reserve(harbour->registry, &options, &grant->ticket,
                                 why);
    if (error == MOOR_OK) {
        return true;
    }
    if (error != MOOR_REFUSED) {
        outcome_blame(&worker->tally, ODD_ANSWER, "ask: %s",
                      moor_error_name(error));
        return false;
    }
    outcome_count(&worker->tally, crowd_was_full(&harbour->crowd, visit)
                                      ? REFUSED_FULL
                                      : REFUSED_FREE);
    if (why != NULL) {
        check_refusal(worker, why, harbour->crowd.limit);
    }
    return false;
}

/* Holds the slot for a moment. */
static void hold(struct worker *worker)
{
    struct harbour *harbour = worker->shared;
    unsigned held =
        atomic_fetch_add_explicit(&harbour->held, 1, memory_order_relaxed) + 1;

    outcome_count(&worker->tally, GRANTED);
    if (held > harbour->crowd.limit) {
        outcome_blame(&worker->tally, OVER_LIMIT, "%u hold %u slots", held,
                      harbour->crowd.limit);
    }
    if (harbour->crowd.limit == 1) {
        harbour->guarded++;
    }
    if (random_chance(&worker->random, 64)) {
        sched_yield(); /* so that the others meet a full house */
    }
    atomic_fetch_sub_explicit(&harbour->held, 1, memory_order_relaxed);
}

static moor_error end_agent(struct worker *worker, moor_registry *registry,
                            moor_agent agent)
{
    static const moor_status ends[] = { MOOR_STATUS_COMPLETED,
                                        MOOR_STATUS_ERRORED,
                                        MOOR_STATUS_SHUTDOWN };

    switch (random_below(&worker->random, 6)) {
    case 0:
        return moor_interrupt(registry, agent);
    case 1:
        return moor_died(registry, agent);
    case 2:
        return MOOR_OK; /* the close that follows takes the slot */
    default:
        return moor_finish(registry, agent,
                           ends[random_below(&worker->random, 3)], "done",
                           random_below(&worker->random, 5));
    }
}

/* Gives the slot back in one of the ways; all must succeed. */
static moor_error give_back(struct worker *worker, struct grant *grant)
{
    moor_registry *registry = ((struct harbour *)worker->shared)->registry;
    moor_error error = MOOR_OK;

    if (grant->ticket.bits != 0) {
        if (random_chance(&worker->random, 2)) {
            return moor_abandon(registry, grant->ticket);
        }
        error = moor_commit(registry, grant->ticket, NULL, NULL,
                            &grant->agent);
    }
    if (error == MOOR_OK && random_chance(&worker->random, 8)) {
        return moor_start_failed(registry, grant->agent);
    }
    if (error == MOOR_OK && random_chance(&worker->random, 2)) {
        error = moor_start(registry, grant->agent);
    }
    if (error == MOOR_OK) {
        error = end_agent(worker, registry, grant->agent);
    }
    return error == MOOR_OK ? moor_close(registry, grant->agent,
                                         MOOR_CLOSE_BY_RULE, NULL)
                            : error;
}

static void body(struct worker *worker)
{
    struct harbour *harbour = worker->shared;

    while (threads_going(worker)) {
        struct grant grant = { { 0 }, { 0 } };
        struct crowd_visit visit = crowd_enter(&harbour->crowd);

        if (ask(worker, &grant, visit)) {
            hold(worker);
            threads_step(worker, "giving back");
            moor_error error = give_back(worker, &grant);
            outcome_count(&worker->tally, GAVE_BACK);
            if (error != MOOR_OK) {
                outcome_blame(&worker->tally, ODD_ANSWER, "give back: %s",
                              moor_error_name(error));
            }
        }
        crowd_leave(&harbour->crowd);
    }
}

/* All are gone: exactly `limit` fit, and one more does not. */
static void fill(struct harbour *harbour, struct tally *tally)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent agent;
    unsigned fitted = 0;

    while (fitted <= harbour->crowd.limit &&
           moor_spawn(harbour->registry, &options, &agent, NULL) == MOOR_OK) {
        fitted++;
    }
    if (fitted != harbour->crowd.limit) {
        outcome_blame(tally, BAD_END, "%u fit into %u slots", fitted,
                      harbour->crowd.limit);
    }
}

static void phase(const struct options *options, uint32_t limit,
                  moor_release release, struct tally *sum)
{
    struct harbour harbour = { .crowd = { .limit = limit } };
    struct tally tally = { .detail = "" };
    char why[AUDIT_WHY];
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = limit;
    config.release = release;
    harbour.registry = audit_create(&config);
    threads_run(options, options->threads, body, &harbour, &tally);
    if (limit == 1 && harbour.guarded != tally.counts[GRANTED]) {
        outcome_blame(&tally, LOST_WRITE, "%llu of %llu writes",
                      (unsigned long long)harbour.guarded,
                      (unsigned long long)tally.counts[GRANTED]);
    }
    if (!audit_quiet(harbour.registry, why)) {
        outcome_blame(&tally, BAD_END, "%s", why);
    }
    fill(&harbour, &tally);
    if (!audit_end(harbour.registry, why)) {
        outcome_blame(&tally, BAD_END, "%s", why);
    }
    outcome_add(sum, &tally);
}

int main(int argc, char **argv)
{
    static const moor_release releases[] = { MOOR_ON_COMPLETION,
                                             MOOR_ON_RESERVE };
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    unsigned part = 0;

    options.threads = options.threads < 2 ? 2 : options.threads;
    const uint32_t limits[] = { options.threads, options.threads - 1, 1 };
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < 2; j++) {
            struct options mine = options_part(&options, part++, 6);

            phase(&mine, limits[i], releases[j], &sum);
        }
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
