/*
 * Completion events beside waits.
 *
 * Question  Does each run give just one event, to one reader, and is a loop
 *           that sleeps on the descriptor woken for it?
 * Method    Agents below two owners end, run again, and are closed and made
 *           anew; workers wait for any or all of some of them, or listen on the
 *           descriptor and read both queues.  Now and then all stand still:
 *           then each agent's place has given as many events as it began runs,
 *           but for one that is live, and what is unread has made the
 *           descriptor readable.
 * Limits    Owners are not closed.  Ten million runs take two minutes or so:
 *           --seconds says how many.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <moorage/moorage.h>

#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    ENDED,
    NOT_LIVE,
    RAN_AGAIN,
    NOT_IDLE,
    CLOSED,
    GONE,
    MET_ANY,
    MET_ALL,
    TIMED_OUT,
    WOKEN,
    NOT_WOKEN,
    EVENTS,
    ROUNDS,
    LOST,
    DOUBLED,
    SILENT,
    ODD_ANSWER,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [ENDED] = {"ended", MUST_OCCUR, "a run"},
    [NOT_LIVE] = {"not live", EXPECTED, "another ended it"},
    [RAN_AGAIN] = {"ran again", MUST_OCCUR, "admitted"},
    [NOT_IDLE] = {"not idle", EXPECTED, "another let it run"},
    [CLOSED] = {"closed and made anew", MUST_OCCUR, "its events stay"},
    [GONE] = {"stale", EXPECTED, "another closed it"},
    [MET_ANY] = {"waited for any", MUST_OCCUR, "met"},
    [MET_ALL] = {"waited for all", MUST_OCCUR, "met"},
    [TIMED_OUT] = {"waited in vain", EXPECTED, "the deadline"},
    [WOKEN] = {"woken", MUST_OCCUR, "the descriptor was readable"},
    [NOT_WOKEN] = {"not woken", EXPECTED, "nothing had come"},
    [EVENTS] = {"events read", MUST_OCCUR, "each of one run"},
    [ROUNDS] = {"stood still", MUST_OCCUR, "and were counted"},
    [LOST] = {"event lost", FORBIDDEN, "one for each run"},
    [DOUBLED] = {"event doubled", FORBIDDEN, "one for each run"},
    [SILENT] = {"not woken for an event", FORBIDDEN, "the descriptor"},
    [ODD_ANSWER] = {"answer that cannot be", FORBIDDEN, "contract"},
};

enum { PLACES = 32, ROOM = 16, STEPS_OF_A_ROUND = 4000, WAIT_MS = 1 };

/* Where an agent is, and the next one when it was closed. */
struct place {
    alignas(128) _Atomic uint64_t bits;
    _Atomic uint64_t begun; /* runs */
    _Atomic uint64_t told;  /* events of them */
};

struct stage {
    moor_registry *registry;
    moor_agent owners[2]; /* of the places by turns */
    int descriptor;
    struct place places[PLACES];
    _Atomic uint64_t ids;
};

/* relaxed throughout: only compared when all stand still. */
static void add(_Atomic uint64_t *count, uint64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

/* Its id says which place it has. */
static bool fill_place(struct stage *stage, unsigned which)
{
    moor_id id = {{0}};
    uint64_t number =
        atomic_fetch_add_explicit(&stage->ids, 1, memory_order_relaxed);
    moor_spawn_options options = {.parent = stage->owners[which % 2],
                                  .id = &id};
    moor_agent agent;

    id.bytes[0] = (uint8_t)(which + 1);
    memcpy(id.bytes + 8, &number, sizeof number);
    if (moor_spawn(stage->registry, &options, &agent, NULL) != MOOR_OK) {
        return false;
    }
    add(&stage->places[which].begun, 1);
    atomic_store_explicit(&stage->places[which].bits, agent.bits,
                          memory_order_relaxed);
    return true;
}

static moor_agent agent_at(const struct stage *stage, unsigned which)
{
    return (moor_agent){get(&stage->places[which].bits)};
}

static void odd(struct worker *worker, const char *what, moor_error error)
{
    outcome_blame(&worker->tally, ODD_ANSWER, "%s: %s", what,
                  moor_error_name(error));
}

static void end(struct worker *worker, moor_agent agent)
{
    struct stage *stage = worker->shared;
    moor_error error;

    threads_step(worker, "finish");
    error = random_chance(&worker->random, 8)
                ? moor_interrupt(stage->registry, agent)
                : moor_finish(stage->registry, agent,
                              random_chance(&worker->random, 2)
                                  ? MOOR_STATUS_COMPLETED
                                  : MOOR_STATUS_ERRORED,
                              NULL, 0);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, ENDED);
    } else if (error == MOOR_WRONG_STATUS || error == MOOR_STALE) {
        outcome_count(&worker->tally, error == MOOR_STALE ? GONE : NOT_LIVE);
    } else {
        odd(worker, "finish", error);
    }
}

static void run_again(struct worker *worker, unsigned which, moor_agent agent)
{
    struct stage *stage = worker->shared;
    moor_error error;

    threads_step(worker, "run again");
    error = moor_run_again(stage->registry, agent, NULL);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, RAN_AGAIN);
        add(&stage->places[which].begun, 1);
    } else if (error == MOOR_WRONG_STATUS || error == MOOR_STALE) {
        outcome_count(&worker->tally, error == MOOR_STALE ? GONE : NOT_IDLE);
    } else {
        odd(worker, "run again", error);
    }
}

/* Who closes makes the next one. */
static void make_anew(struct worker *worker, unsigned which, moor_agent agent)
{
    struct stage *stage = worker->shared;
    moor_error error;

    threads_step(worker, "close");
    error = moor_close(stage->registry, agent, MOOR_CLOSE_TREE, NULL);
    if (error == MOOR_STALE) {
        outcome_count(&worker->tally, GONE);
        return;
    }
    if (error != MOOR_OK || !fill_place(stage, which)) {
        odd(worker, "close and spawn", error);
        return;
    }
    outcome_count(&worker->tally, CLOSED);
}

static void wait_some(struct worker *worker)
{
    struct stage *stage = worker->shared;
    moor_wait_for what =
        random_chance(&worker->random, 2) ? MOOR_WAIT_ANY : MOOR_WAIT_ALL;
    moor_agent agents[2];
    moor_waited answers[2];
    moor_error error;

    for (int i = 0; i < 2; i++) {
        agents[i] =
            agent_at(stage, (unsigned)random_below(&worker->random, PLACES));
    }
    threads_step(worker, "wait");
    error = moor_wait(stage->registry, what, MOOR_UNTIL_IDLE, agents, 2,
                      WAIT_MS, answers);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally,
                      what == MOOR_WAIT_ANY ? MET_ANY : MET_ALL);
    } else if (error == MOOR_TIMED_OUT) {
        outcome_count(&worker->tally, TIMED_OUT);
    } else {
        odd(worker, "wait", error);
    }
}

/* Reads both queues; how many events. */
static uint64_t read_all(struct worker *worker)
{
    struct stage *stage = worker->shared;
    moor_event events[ROOM];
    uint64_t sum = 0;

    for (int i = 0; i < 2; i++) {
        size_t count = 0;
        moor_error error = moor_events(stage->registry, stage->owners[i],
                                       events, ROOM, &count);

        if (error != MOOR_OK) odd(worker, "events", error);
        for (size_t j = 0; j < count; j++) {
            unsigned which = events[j].id.bytes[0] - 1U;

            if (which >= PLACES || (int)which % 2 != i ||
                !(moor_is_final(events[j].status) ||
                  events[j].status == MOOR_STATUS_INTERRUPTED)) {
                odd(worker, "an event that nobody gave", MOOR_OK);
                continue;
            }
            add(&stage->places[which].told, 1);
            outcome_count(&worker->tally, EVENTS);
        }
        sum += count;
    }
    return sum;
}

static bool is_readable(const struct stage *stage, int timeout_ms)
{
    struct pollfd polled = {.fd = stage->descriptor, .events = POLLIN};

    return poll(&polled, 1, timeout_ms) == 1;
}

static void listen_once(struct worker *worker)
{
    struct stage *stage = worker->shared;
    eventfd_t ignored;

    threads_step(worker, "listen");
    if (!is_readable(stage, WAIT_MS)) {
        outcome_count(&worker->tally, NOT_WOKEN);
        return;
    }
    outcome_count(&worker->tally, WOKEN);
    (void)eventfd_read(stage->descriptor, &ignored);
    (void)read_all(worker);
}

static bool is_live(const struct stage *stage, unsigned which)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;

    (void)moor_status_of(stage->registry, agent_at(stage, which), &status);
    return moor_holds_slot(status);
}

static void count_all(struct worker *worker, bool last)
{
    struct stage *stage = worker->shared;
    bool readable = is_readable(stage, 0);

    (void)last;
    outcome_count(&worker->tally, ROUNDS);
    while (read_all(worker) > 0) {
        if (!readable) {
            outcome_blame(&worker->tally, SILENT, "events were unread");
            readable = true;
        }
    }
    for (unsigned i = 0; i < PLACES; i++) {
        uint64_t begun = get(&stage->places[i].begun);
        uint64_t told = get(&stage->places[i].told) + is_live(stage, i);

        if (told != begun) {
            outcome_blame(&worker->tally, told < begun ? LOST : DOUBLED,
                          "place %u: %llu runs, %llu events or live", i,
                          (unsigned long long)begun, (unsigned long long)told);
            atomic_store_explicit(&stage->places[i].told,
                                  begun - is_live(stage, i),
                                  memory_order_relaxed);
        }
    }
}

static void do_one(struct worker *worker)
{
    struct stage *stage = worker->shared;
    unsigned which = (unsigned)random_below(&worker->random, PLACES);
    moor_agent agent = agent_at(stage, which);

    switch (random_below(&worker->random, 64)) {
    case 0:
        wait_some(worker);
        break;
    case 1:
    case 2:
        listen_once(worker);
        break;
    case 3:
    case 4:
    case 5:
        make_anew(worker, which, agent);
        break;
    default:
        if (random_chance(&worker->random, 2)) {
            end(worker, agent);
        } else {
            run_again(worker, which, agent);
        }
    }
}

static void work(struct worker *worker)
{
    do {
        for (int i = 0; i < STEPS_OF_A_ROUND && threads_going(worker); i++) {
            do_one(worker);
        }
    } while (threads_round(worker, count_all));
}

static bool make_stage(struct stage *stage)
{
    moor_spawn_options options = {.name = "p"};
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.events = true;
    if (moor_create(&config, &stage->registry) != MOOR_OK ||
        moor_events_fd(stage->registry, &stage->descriptor) != MOOR_OK ||
        moor_spawn(stage->registry, &options, &stage->owners[1], NULL) !=
            MOOR_OK) {
        return false;
    }
    stage->owners[0] = moor_root(stage->registry);
    for (unsigned i = 0; i < PLACES; i++) {
        if (!fill_place(stage, i)) return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    static struct stage stage;
    struct tally sum = {0};
    int status;

    if (!make_stage(&stage)) {
        fputs("stress_events: no registry\n", stderr);
        return 2;
    }
    threads_run(&options, options.threads, work, &stage, &sum);
    status = outcome_verdict(&options, outcomes, SAWS, &sum);
    moor_destroy(stage.registry);
    return status;
}
