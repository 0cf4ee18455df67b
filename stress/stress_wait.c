/*
 * Waiters and finishers.
 *
 * Question  Is a wake-up ever lost, is what a wait answers always true, and
 *           does a wait that has nothing to do cost no processor time?
 * Method    Rounds over a few running agents.  Finishers end each of them, in
 *           an order of their own and often against one another, by finish,
 *           died, close, or interrupt and run_again and finish; afterwards
 *           every agent is final or closed for good.  Waiters wait for any or
 *           all of some, with a short deadline, a very long one or none.  A
 *           long wait that times out has lost its wake-up; one without a
 *           deadline would be barked at by the watchdog.  First of all one
 *           thread waits for an agent that never ends, and its processor time
 *           is measured.
 * Limits    Slow wake-ups are counted, not judged: the machine may be busy.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    MET_ANY,
    MET_ALL,
    TIMED_OUT,
    ENDED,
    RAN_AGAIN,
    SLOW,
    LOST_WAKE_UP,
    ANSWER_WRONG,
    BUSY,
    EARLY,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [MET_ANY] = { "wait for any met", MUST_OCCUR, "one had ended" },
    [MET_ALL] = { "wait for all met", MUST_OCCUR, "all had ended" },
    [TIMED_OUT] = { "short deadline passed", MUST_OCCUR, "not yet ended" },
    [ENDED] = { "agent ended", MUST_OCCUR, "by this worker" },
    [RAN_AGAIN] = { "agent ran again", MUST_OCCUR, "waits may miss an end" },
    [SLOW] = { "woken after more than 250 ms", INTERESTING, "busy machine?" },
    [LOST_WAKE_UP] = { "long wait timed out", FORBIDDEN, "lost wake-up" },
    [ANSWER_WRONG] = { "answers do not fit the result", FORBIDDEN,
                       "contract" },
    [BUSY] = { "idle wait used the processor", FORBIDDEN, "no busy loop" },
    [EARLY] = { "timed out before the deadline", FORBIDDEN, "contract" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "check, audit" },
};

enum {
    AGENTS = 5,
    LONG_MS = 30000, /* far beyond a round, below the watchdog's patience */
    SHORT_MS = 3,
    SLOW_MS = 250,
    PROBE_MS = 300,
    PROBE_BUSY_MS = 100
};

struct quay {
    moor_registry *registry;
    unsigned finishers_count;
    moor_agent agents[AGENTS];
    alignas(128) _Atomic unsigned finishing;
    _Atomic uint64_t all_ended_ms; /* when; 0: not yet */
};

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void note(struct worker *worker, moor_error error, enum saw good)
{
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, good);
    } else if (error != MOOR_WRONG_STATUS && error != MOOR_STALE) {
        outcome_blame(&worker->tally, ODD_ANSWER, "%s",
                      moor_error_name(error));
    }
}

/*
 * After it the agent is final or closed, or another worker that revived it
 * (by run_again) will still end it: whoever interrupts or revives goes on to
 * run_again and finish.
 */
static void end_one(struct worker *worker, moor_agent agent)
{
    moor_registry *registry = ((struct quay *)worker->shared)->registry;

    if (random_chance(&worker->random, 4)) {
        threads_step(worker, "interrupt, run again");
        note(worker, moor_interrupt(registry, agent), ENDED);
        note(worker, moor_run_again(registry, agent, NULL), RAN_AGAIN);
    }
    threads_step(worker, "ending");
    switch (random_below(&worker->random, 8)) {
    case 0:
        note(worker, moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
             ENDED);
        break;
    case 1:
        note(worker, moor_died(registry, agent), ENDED);
        break;
    case 2:
        note(worker, moor_finish(registry, agent, MOOR_STATUS_SHUTDOWN, NULL,
                                 0), ENDED);
        break;
    default:
        note(worker, moor_finish(registry, agent, MOOR_STATUS_COMPLETED,
                                 "text", 4), ENDED);
    }
}

static void finish_all(struct worker *worker)
{
    struct quay *quay = worker->shared;
    uint32_t first = random_below(&worker->random, AGENTS);

    for (uint32_t i = 0; i < AGENTS; i++) {
        end_one(worker, quay->agents[(first + i) % AGENTS]);
    }
    if (atomic_fetch_sub_explicit(&quay->finishing, 1,
                                  memory_order_relaxed) == 1) {
        atomic_store_explicit(&quay->all_ended_ms, clock_ms(CLOCK_MONOTONIC),
                              memory_order_relaxed);
    }
}

struct request {
    moor_wait_for what;
    moor_wait_until until;
    moor_agent agents[AGENTS];
    size_t count;
    uint64_t timeout_ms;
};

static struct request pick_request(struct worker *worker)
{
    struct quay *quay = worker->shared;
    struct random *random = &worker->random;
    struct request request = {
        .what = (moor_wait_for)random_below(random, 2),
        .until = (moor_wait_until)random_below(random, 2),
        .count = 1 + random_below(random, AGENTS),
    };
    uint32_t first = random_below(random, AGENTS);

    for (size_t i = 0; i < request.count; i++) {
        request.agents[i] = quay->agents[(first + i) % AGENTS];
    }
    switch (random_below(random, 4)) {
    case 0:
        request.timeout_ms = random_below(random, SHORT_MS);
        break;
    case 1:
        request.timeout_ms = MOOR_FOREVER;
        break;
    default:
        request.timeout_ms = LONG_MS;
    }
    return request;
}

/* Do the answers say just what the result says? */
static bool answers_fit(const struct request *request,
                        const moor_waited *answers, moor_error error)
{
    size_t met = 0;

    for (size_t i = 0; i < request->count; i++) {
        bool ended = moor_is_final(answers[i].status) ||
                     (request->until == MOOR_UNTIL_IDLE &&
                      answers[i].status == MOOR_STATUS_INTERRUPTED);

        if (answers[i].met != ended) {
            return false;
        }
        met += answers[i].met;
    }
    return (error == MOOR_OK) == (request->what == MOOR_WAIT_ANY
                                      ? met > 0
                                      : met == request->count);
}

static void note_slow(struct worker *worker)
{
    struct quay *quay = worker->shared;
    uint64_t ended =
        atomic_load_explicit(&quay->all_ended_ms, memory_order_relaxed);

    if (ended != 0 && clock_ms(CLOCK_MONOTONIC) > ended + SLOW_MS) {
        outcome_count(&worker->tally, SLOW);
    }
}

static void wait_once(struct worker *worker)
{
    struct quay *quay = worker->shared;
    struct request request = pick_request(worker);
    moor_waited answers[AGENTS];
    moor_error error;

    threads_step(worker, request.what == MOOR_WAIT_ANY ? "wait for any"
                                                       : "wait for all");
    error = moor_wait(quay->registry, request.what, request.until,
                      request.agents, request.count, request.timeout_ms,
                      answers);
    note_slow(worker);
    if (error != MOOR_OK && error != MOOR_TIMED_OUT) {
        outcome_blame(&worker->tally, ODD_ANSWER, "wait: %s",
                      moor_error_name(error));
        return;
    }
    if (!answers_fit(&request, answers, error)) {
        outcome_blame(&worker->tally, ANSWER_WRONG, "%s of %zu: %s",
                      request.what == MOOR_WAIT_ANY ? "any" : "all",
                      request.count, moor_error_name(error));
    }
    if (error == MOOR_TIMED_OUT) {
        outcome_count(&worker->tally, request.timeout_ms < LONG_MS
                                          ? TIMED_OUT
                                          : LOST_WAKE_UP);
    } else {
        outcome_count(&worker->tally,
                      request.what == MOOR_WAIT_ANY ? MET_ANY : MET_ALL);
    }
}

static void plant(struct worker *worker, struct quay *quay)
{
    moor_spawn_options options = { .name = NULL };

    for (unsigned i = 0; i < AGENTS; i++) {
        if (moor_spawn(quay->registry, &options, &quay->agents[i], NULL) !=
                MOOR_OK ||
            moor_start(quay->registry, quay->agents[i]) != MOOR_OK) {
            outcome_blame(&worker->tally, BAD_END, "no agent to wait for");
        }
    }
}

static void between(struct worker *worker, bool last)
{
    struct quay *quay = worker->shared;

    for (unsigned i = 0; i < AGENTS; i++) {
        (void)moor_close(quay->registry, quay->agents[i], MOOR_CLOSE_BY_RULE,
                         NULL); /* in the first round: there is none */
    }
    if (last) {
        return;
    }
    plant(worker, quay);
    quay->finishing = quay->finishers_count;
    quay->all_ended_ms = 0;
}

static void body(struct worker *worker)
{
    struct quay *quay = worker->shared;

    while (threads_round(worker, between)) {
        if (worker->index < quay->finishers_count) {
            finish_all(worker);
        } else {
            wait_once(worker);
            wait_once(worker);
        }
    }
}

/* One wait for what never comes: on time, and asleep meanwhile. */
static void probe(struct quay *quay, struct tally *tally)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent agent = { 0 };
    moor_waited answer;
    uint64_t begun, used, begun_cpu;

    (void)moor_spawn(quay->registry, &options, &agent, NULL);
    begun = clock_ms(CLOCK_MONOTONIC);
    begun_cpu = clock_ms(CLOCK_THREAD_CPUTIME_ID);
    if (moor_wait(quay->registry, MOOR_WAIT_ANY, MOOR_UNTIL_IDLE, &agent, 1,
                  PROBE_MS, &answer) != MOOR_TIMED_OUT || answer.met) {
        outcome_blame(tally, ANSWER_WRONG, "a running agent met a wait");
    }
    used = clock_ms(CLOCK_THREAD_CPUTIME_ID) - begun_cpu;
    if (used > PROBE_BUSY_MS) {
        outcome_blame(tally, BUSY, "%" PRIu64 " ms of %d ms", used,
                      PROBE_MS);
    }
    if (clock_ms(CLOCK_MONOTONIC) + 1 < begun + PROBE_MS) {
        outcome_count(tally, EARLY);
    }
    (void)moor_close(quay->registry, agent, MOOR_CLOSE_BY_RULE, NULL);
}

int main(int argc, char **argv)
{
    static struct quay quay;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    char why[AUDIT_WHY];
    moor_config config;

    options.threads = options.threads < 2 ? 2 : options.threads;
    quay.finishers_count = options.threads / 2;
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    quay.registry = audit_create(&config);
    probe(&quay, &sum);
    threads_run(&options, options.threads, body, &quay, &sum);
    if (!audit_end(quay.registry, why)) {
        outcome_blame(&sum, BAD_END, "%s", why);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
