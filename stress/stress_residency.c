/*
 * More agents than may be loaded.
 *
 * Question  Is the limit of residents kept at every look, is an agent claimed
 *           by one eviction at a time, and does the count add up at the end?
 * Method    A few places, each with an agent that any worker starts, ends, runs
 *           again, evicts, loads, touches, pins, unpins or closes, and there
 *           are fewer residents allowed than places.  Who evicts writes the
 *           agent's handle where its place is, and finds it there only if
 *           another has claimed it, too; it is taken away before the agent is
 *           reported unloaded.  All look at the count again and again.
 * Limits    Says nothing about which agent is evicted: test_residency does.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    SPAWNED,
    FINISHED,
    RAN_AGAIN,
    EVICTED,
    EVICTED_OLDEST,
    UNLOADED,
    LOADED,
    TOUCHED,
    PINNED,
    UNPINNED,
    CLOSED,
    REFUSED,
    EVICTING,
    OTHERWISE,
    LOOKED,
    TOO_MANY,
    TWICE,
    ODD_ANSWER,
    UNEVEN,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [SPAWNED] = { "spawned", MUST_OCCUR, "there was a place" },
    [FINISHED] = { "finished", MUST_OCCUR, "a run" },
    [RAN_AGAIN] = { "ran again", MUST_OCCUR, "loaded if it was not" },
    [EVICTED] = { "evicted", MUST_OCCUR, "the one that was named" },
    [EVICTED_OLDEST] = { "evicted the oldest", MUST_OCCUR, "one was found" },
    [UNLOADED] = { "unloaded", MUST_OCCUR, "reported" },
    [LOADED] = { "loaded", MUST_OCCUR, "or was so already" },
    [TOUCHED] = { "touched", MUST_OCCUR, "a use" },
    [PINNED] = { "pinned", MUST_OCCUR, "a flag" },
    [UNPINNED] = { "unpinned", MUST_OCCUR, "no flag" },
    [CLOSED] = { "closed", MUST_OCCUR, "whatever it was" },
    [REFUSED] = { "refused", MUST_OCCUR, "by the limit of residents" },
    [EVICTING] = { "evicting", EXPECTED, "another has claimed it" },
    [OTHERWISE] = { "not in that state", EXPECTED, "another was there" },
    [LOOKED] = { "looked at the count", MUST_OCCUR, "within the limit" },
    [TOO_MANY] = { "more than the limit", FORBIDDEN, "I2" },
    [TWICE] = { "claimed by two", FORBIDDEN, "I7" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [UNEVEN] = { "does not add up", FORBIDDEN, "I10" },
};

enum { PLACES = 6, RESIDENT = 4 };

struct place {
    alignas(128) _Atomic uint64_t agent; /* 0: nobody */
    _Atomic uint64_t claimed;            /* the one whose claim is on its way */
};

struct host {
    moor_registry *registry;
    struct place places[PLACES];
};

static moor_agent agent_at(struct host *host, unsigned which)
{
    return (moor_agent){ atomic_load(&host->places[which].agent) };
}

/* What may be answered to a call on an agent that others change. */
static void count(struct worker *worker, enum saw ok, moor_error error,
                  const char *call)
{
    switch (error) {
    case MOOR_OK:
        outcome_count(&worker->tally, ok);
        break;
    case MOOR_EVICTING:
        outcome_count(&worker->tally, EVICTING);
        break;
    case MOOR_REFUSED:
        outcome_count(&worker->tally, REFUSED);
        break;
    case MOOR_STALE:
    case MOOR_NOT_FOUND:
    case MOOR_WRONG_STATUS:
    case MOOR_NOT_RESIDENT:
    case MOOR_NOT_EVICTABLE:
        outcome_count(&worker->tally, OTHERWISE);
        break;
    default:
        outcome_blame(&worker->tally, ODD_ANSWER, "%s: %s", call,
                      moor_error_name(error));
    }
}

static void look(struct worker *worker)
{
    struct host *host = worker->shared;
    moor_capacity capacity;
    uint64_t used;

    threads_step(worker, "capacity");
    if (moor_capacity_of(host->registry, (moor_agent){ 0 }, &capacity) !=
        MOOR_OK) {
        outcome_count(&worker->tally, ODD_ANSWER);
        return;
    }
    used = capacity.of[MOOR_LIMIT_RESIDENT].used;
    if (used > RESIDENT) {
        outcome_blame(&worker->tally, TOO_MANY, "%llu resident",
                      (unsigned long long)used);
    } else {
        outcome_count(&worker->tally, LOOKED);
    }
}

/* --- evict and unload ----------------------------------------------------- */

/* Its place; null: it was closed meanwhile, and another has the place. */
static struct place *place_of(struct host *host, moor_agent agent)
{
    for (unsigned i = 0; i < PLACES; i++) {
        if (atomic_load(&host->places[i].agent) == agent.bits) {
            return &host->places[i];
        }
    }
    return NULL;
}

static void unload(struct worker *worker, moor_agent agent)
{
    struct host *host = worker->shared;
    struct place *place = place_of(host, agent);
    moor_error error;

    if (place != NULL) {
        uint64_t own = agent.bits;

        if (atomic_exchange(&place->claimed, own) == own) {
            outcome_count(&worker->tally, TWICE);
        }
        look(worker); /* unloading takes a while */
        (void)atomic_compare_exchange_strong(&place->claimed, &own, 0);
    }
    threads_step(worker, "unloaded");
    error = moor_unloaded(host->registry, agent);
    if (error == MOOR_OK || error == MOOR_STALE) {
        count(worker, UNLOADED, error, "unloaded");
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "own claim: %s",
                      moor_error_name(error));
    }
}

static void evict(struct worker *worker, moor_agent agent)
{
    struct host *host = worker->shared;
    moor_agent evicted = { 0 };
    moor_error error;

    threads_step(worker, "evict");
    error = moor_evict(host->registry, agent, &evicted);
    count(worker, agent.bits == 0 ? EVICTED_OLDEST : EVICTED, error, "evict");
    if (error == MOOR_OK) unload(worker, evicted);
}

/* --- the life of an agent ------------------------------------------------- */

/* Fills an empty place; if there is no room, makes some. */
static void spawn(struct worker *worker, unsigned which)
{
    struct host *host = worker->shared;
    moor_agent agent = { 0 };
    uint64_t nobody = 0;
    moor_error error;

    threads_step(worker, "spawn");
    error = moor_spawn(host->registry, &(moor_spawn_options){ .name = NULL },
                       &agent, NULL);
    count(worker, SPAWNED, error, "spawn");
    if (error == MOOR_REFUSED) {
        evict(worker, (moor_agent){ 0 });
    } else if (error == MOOR_OK &&
               !atomic_compare_exchange_strong(&host->places[which].agent,
                                               &nobody, agent.bits)) {
        (void)moor_close(host->registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    }
}

static void close_it(struct worker *worker, unsigned which, moor_agent agent)
{
    struct host *host = worker->shared;
    moor_error error;

    threads_step(worker, "close");
    error = moor_close(host->registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    count(worker, CLOSED, error, "close");
    if (error == MOOR_OK) atomic_store(&host->places[which].agent, 0);
}

/* One of the calls that leave an agent where it is. */
static void change(struct worker *worker, moor_agent agent)
{
    moor_registry *registry = ((struct host *)worker->shared)->registry;

    threads_step(worker, "change");
    switch (random_below(&worker->random, 7)) {
    case 0:
        count(worker, RAN_AGAIN, moor_run_again(registry, agent, NULL), "run");
        break;
    case 1:
        count(worker, LOADED, moor_load(registry, agent, NULL), "load");
        break;
    case 2:
        count(worker, TOUCHED, moor_touch(registry, agent), "touch");
        break;
    case 3:
        count(worker, PINNED, moor_pin(registry, agent), "pin");
        break;
    case 4:
        count(worker, UNPINNED, moor_unpin(registry, agent), "unpin");
        break;
    default:
        count(worker, FINISHED,
              moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0),
              "finish");
    }
}

static void body(struct worker *worker)
{
    struct host *host = worker->shared;

    while (threads_going(worker)) {
        unsigned which = random_below(&worker->random, PLACES);
        moor_agent agent = agent_at(host, which);

        look(worker);
        if (agent.bits == 0) {
            spawn(worker, which);
        } else if (random_chance(&worker->random, 16)) {
            close_it(worker, which, agent);
        } else if (random_chance(&worker->random, 4)) {
            evict(worker, agent);
        } else if (random_chance(&worker->random, 4)) {
            evict(worker, (moor_agent){ 0 });
        } else {
            change(worker, agent);
        }
    }
}

int main(int argc, char **argv)
{
    static struct host host;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    char why[AUDIT_WHY];
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.limits[MOOR_LIMIT_RESIDENT] = RESIDENT;
    host.registry = audit_create(&config);
    threads_run(&options, options.threads, body, &host, &sum);
    if (!audit_end(host.registry, why)) {
        outcome_blame(&sum, UNEVEN, "%s", why);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
