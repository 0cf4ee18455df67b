/*
 * Everything that contends for one agent.
 *
 * Question  When an end, a close, a new run, a reap, a turn's end, a commit
 *           and an abandon meet at one agent, does just one of them win each
 *           step, and does its slot come back exactly once?
 * Method    Rounds with one slot, one agent or ticket and a random release
 *           policy.  Every worker does a few random operations on it.  Between
 *           rounds: the counter is what the agent holds, the winners fit
 *           together (closed at most once, committed or abandoned but never
 *           both, nothing but stale after the close), and when all is closed
 *           exactly one spawn fits.
 *           Whoever has closed the agent spawns at once.  A refusal then is
 *           counted, not judged: the run's end may be on its way, with the
 *           counter the last thing that goes down.
 * Limits    One agent; trees are stress_tree's question.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    COMMITTED,
    ABANDONED,
    ENDED,
    RAN_AGAIN,
    CLOSED,
    LATE,
    CLOSER_ADMITTED,
    CLOSER_REFUSED,
    TWICE,
    BOTH,
    AFTER_CLOSE,
    SLOT_LOST,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [COMMITTED] = { "ticket committed", MUST_OCCUR, "one of them" },
    [ABANDONED] = { "ticket abandoned", MUST_OCCUR, "one of them" },
    [ENDED] = { "run ended", MUST_OCCUR, "one of them" },
    [RAN_AGAIN] = { "ran again", MUST_OCCUR, "after an end" },
    [CLOSED] = { "closed", MUST_OCCUR, "one of them" },
    [LATE] = { "too late", MUST_OCCUR, "another was first" },
    [CLOSER_ADMITTED] = { "closer was admitted", MUST_OCCUR, "slot is back" },
    [CLOSER_REFUSED] = { "closer was refused", INTERESTING,
                         "an end was on its way" },
    [TWICE] = { "done twice", FORBIDDEN, "I7: one wins" },
    [BOTH] = { "committed and abandoned", FORBIDDEN, "I3" },
    [AFTER_CLOSE] = { "succeeded after the close", FORBIDDEN, "I4" },
    [SLOT_LOST] = { "slot lost or given twice", FORBIDDEN, "I1" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "check, audit" },
};

enum { STEPS = 6, ROUNDS_TO_A_REGISTRY = 32 };

struct ring {
    moor_registry *registry;
    unsigned rounds;
    bool ticketed; /* the round began with a ticket */
    moor_ticket ticket;
    alignas(128) _Atomic uint64_t agent; /* 0: not committed yet */
    _Atomic unsigned commits, abandons, closes;
    _Atomic uint64_t next; /* what a closer spawned */
};

static void add(_Atomic unsigned *count)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Counts an answer; true: it succeeded. */
static bool note(struct worker *worker, moor_error error, enum saw good)
{
    switch (error) {
    case MOOR_OK:
        outcome_count(&worker->tally, good);
        return true;
    case MOOR_STALE:
    case MOOR_WRONG_STATUS:
    case MOOR_REFUSED:
        outcome_count(&worker->tally, LATE);
        return false;
    default:
        outcome_blame(&worker->tally, ODD_ANSWER, "%s",
                      moor_error_name(error));
        return false;
    }
}

static void end_ticket(struct worker *worker, struct ring *ring)
{
    moor_agent agent;

    threads_step(worker, "commit or abandon");
    if (random_chance(&worker->random, 2)) {
        if (note(worker, moor_abandon(ring->registry, ring->ticket),
                 ABANDONED)) {
            add(&ring->abandons);
        }
    } else if (note(worker, moor_commit(ring->registry, ring->ticket, NULL,
                                        NULL, &agent), COMMITTED)) {
        add(&ring->commits);
        atomic_store_explicit(&ring->agent, agent.bits,
                              memory_order_relaxed);
    }
}

/* The closer takes the slot that it has just emptied. */
static void spawn_next(struct worker *worker, struct ring *ring)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent next;
    moor_error error;

    threads_step(worker, "spawn after the close");
    error = moor_spawn(ring->registry, &options, &next, NULL);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, CLOSER_ADMITTED);
        atomic_store_explicit(&ring->next, next.bits, memory_order_relaxed);
    } else if (error == MOOR_REFUSED) {
        outcome_count(&worker->tally, CLOSER_REFUSED);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "spawn: %s",
                      moor_error_name(error));
    }
}

static void close_it(struct worker *worker, struct ring *ring,
                     moor_agent agent)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;
    bool failed = random_chance(&worker->random, 4);

    threads_step(worker, "close");
    if (!note(worker,
              failed ? moor_start_failed(ring->registry, agent)
                     : moor_close(ring->registry, agent, MOOR_CLOSE_BY_RULE,
                                  NULL),
              CLOSED)) {
        return;
    }
    add(&ring->closes);
    if (moor_status_of(ring->registry, agent, &status) != MOOR_STALE ||
        moor_start(ring->registry, agent) != MOOR_STALE) {
        outcome_blame(&worker->tally, AFTER_CLOSE, "is %s",
                      moor_status_name(status));
    }
    spawn_next(worker, ring);
}

static void act(struct worker *worker, struct ring *ring, moor_agent agent)
{
    moor_registry *registry = ring->registry;

    threads_step(worker, "acting");
    switch (random_below(&worker->random, 9)) {
    case 0:
        (void)note(worker, moor_interrupt(registry, agent), ENDED);
        break;
    case 1:
        (void)note(worker, moor_died(registry, agent), ENDED);
        break;
    case 2:
    case 3:
        (void)note(worker, moor_finish(registry, agent,
                                       MOOR_STATUS_COMPLETED, "done", 4),
                   ENDED);
        break;
    case 4:
    case 5:
        (void)note(worker, moor_run_again(registry, agent, NULL), RAN_AGAIN);
        break;
    case 6:
        (void)moor_reap(registry, NULL);
        break;
    case 7:
        (void)moor_turn_end(registry, MOOR_LEFT_INTERRUPT, NULL);
        break;
    default:
        close_it(worker, ring, agent);
    }
}

static void play(struct worker *worker)
{
    struct ring *ring = worker->shared;

    for (unsigned step = 0; step < STEPS; step++) {
        moor_agent agent = { atomic_load_explicit(&ring->agent,
                                                  memory_order_relaxed) };

        if (ring->ticketed &&
            (agent.bits == 0 || random_chance(&worker->random, 4))) {
            end_ticket(worker, ring);
        } else if (agent.bits != 0) {
            act(worker, ring, agent);
        }
    }
}

static bool holds(struct ring *ring, uint64_t bits)
{
    moor_info info;

    return bits != 0 &&
           moor_info_of(ring->registry, (moor_agent){ bits }, &info) ==
               MOOR_OK &&
           info.slot;
}

/* The counter is what is held: by the agent, or by the closer's next one. */
static void judge_slot(struct worker *worker, struct ring *ring)
{
    uint64_t held = holds(ring, ring->agent) + holds(ring, ring->next);
    moor_stats stats = { .used = 0 };

    held += ring->agent == 0 && ring->abandons == 0; /* a ticket, untouched */
    (void)moor_stats_of(ring->registry, &stats);
    if (stats.used != held) {
        outcome_blame(&worker->tally, SLOT_LOST, "%llu used, %llu held",
                      (unsigned long long)stats.used,
                      (unsigned long long)held);
    }
}

static void judge(struct worker *worker, struct ring *ring)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent agent = { ring->agent };

    if (ring->closes > 1 || ring->commits > 1 || ring->abandons > 1) {
        outcome_blame(&worker->tally, TWICE, "%u closes, %u commits, %u",
                      ring->closes, ring->commits, ring->abandons);
    }
    if (ring->commits > 0 && ring->abandons > 0) {
        outcome_count(&worker->tally, BOTH);
    }
    judge_slot(worker, ring);
    if (ring->ticketed && ring->agent == 0) {
        (void)moor_abandon(ring->registry, ring->ticket);
    } else {
        (void)moor_close(ring->registry, agent, MOOR_CLOSE_TREE, NULL);
    }
    (void)moor_close(ring->registry, (moor_agent){ ring->next },
                     MOOR_CLOSE_TREE, NULL);
    if (moor_spawn(ring->registry, &options, &agent, NULL) != MOOR_OK ||
        moor_close(ring->registry, agent, MOOR_CLOSE_TREE, NULL) != MOOR_OK) {
        outcome_blame(&worker->tally, SLOT_LOST, "the slot is not back");
    }
}

static void plant(struct worker *worker, struct ring *ring)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent agent = { 0 };
    moor_error error;

    ring->ticketed = random_chance(&worker->random, 3);
    error = ring->ticketed
                ? moor_reserve(ring->registry, &options, &ring->ticket, NULL)
                : moor_spawn(ring->registry, &options, &agent, NULL);
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, SLOT_LOST, "begin: %s",
                      moor_error_name(error));
    }
    ring->agent = agent.bits;
    ring->commits = ring->abandons = ring->closes = 0;
    ring->next = 0;
}

static void between(struct worker *worker, bool last)
{
    struct ring *ring = worker->shared;
    char why[AUDIT_WHY];
    moor_config config;

    if (ring->rounds > 0) {
        judge(worker, ring);
    }
    if (ring->rounds > 0 &&
        (last || ring->rounds % ROUNDS_TO_A_REGISTRY == 0) &&
        !audit_end(ring->registry, why)) {
        outcome_blame(&worker->tally, BAD_END, "%s", why);
    }
    if (last) {
        return;
    }
    if (ring->rounds++ % ROUNDS_TO_A_REGISTRY == 0) {
        moor_config_default(&config);
        config.limits[MOOR_LIMIT_RUNNING] = 1;
        config.release =
            (moor_release)random_below(&worker->random, MOOR_RELEASES);
        ring->registry = audit_create(&config);
    }
    plant(worker, ring);
}

static void body(struct worker *worker)
{
    while (threads_round(worker, between)) {
        play(worker);
    }
}

int main(int argc, char **argv)
{
    static struct ring ring;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };

    threads_run(&options, options.threads, body, &ring, &sum);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
