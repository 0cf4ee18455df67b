/*
 * Agents that run again and again.
 *
 * Question  Does a result always belong to the agent that was asked, to a run
 *           that was really there, and whole?  Does each end pay for just one
 *           new run?
 * Method    Two agents in one registry.  Workers end either of them, with a
 *           text that names the agent and repeats one letter, or let it run
 *           again, or read its result.  Texts are given back and taken by the
 *           other agent all the time, so that a reader who believes a text
 *           that moved in between is found out.  There is one slot for both.
 *           At the end each agent's ends and runs must add up.
 * Limits    Says nothing about closing.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    ENDED,
    NOT_LIVE,
    RAN_AGAIN,
    NOT_IDLE,
    REFUSED,
    READ_TEXT,
    READ_NONE,
    FOREIGN_TEXT,
    TORN_TEXT,
    ODD_ANSWER,
    UNEVEN,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [ENDED] = { "ended", MUST_OCCUR, "a run" },
    [NOT_LIVE] = { "not live", EXPECTED, "another ended it" },
    [RAN_AGAIN] = { "ran again", MUST_OCCUR, "admitted" },
    [NOT_IDLE] = { "not idle", EXPECTED, "another let it run" },
    [REFUSED] = { "refused", MUST_OCCUR, "the other one has the slot" },
    [READ_TEXT] = { "read a result", MUST_OCCUR, "own and whole" },
    [READ_NONE] = { "no result", MUST_OCCUR, "it ran" },
    [FOREIGN_TEXT] = { "read another agent's result", FORBIDDEN, "I4" },
    [TORN_TEXT] = { "read a torn result", FORBIDDEN, "reclamation" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [UNEVEN] = { "ends and runs do not add up", FORBIDDEN, "I7" },
};

enum { AGENTS = 2, TEXT_MAX = 48 };

struct runner {
    alignas(128) _Atomic uint64_t ends;
    _Atomic uint64_t runs;
};

struct track {
    moor_registry *registry;
    moor_agent agents[AGENTS];
    struct runner runners[AGENTS];
};

/* "0aaaa", "1bb": the agent, then one letter again and again. */
static size_t text_of(struct worker *worker, unsigned which, char *text)
{
    size_t length = 2 + random_below(&worker->random, TEXT_MAX - 2);

    memset(text, 'a' + (int)random_below(&worker->random, 26), length);
    text[0] = (char)('0' + which);
    return length;
}

static void end(struct worker *worker, unsigned which)
{
    struct track *track = worker->shared;
    moor_agent agent = track->agents[which];
    char text[TEXT_MAX];
    size_t length = text_of(worker, which, text);
    moor_error error;

    threads_step(worker, "finish");
    error = random_chance(&worker->random, 8)
                ? moor_interrupt(track->registry, agent)
                : moor_finish(track->registry, agent,
                              random_chance(&worker->random, 2)
                                  ? MOOR_STATUS_COMPLETED
                                  : MOOR_STATUS_ERRORED,
                              text, length);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, ENDED);
        atomic_fetch_add_explicit(&track->runners[which].ends, 1,
                                  memory_order_relaxed);
    } else if (error == MOOR_WRONG_STATUS) {
        outcome_count(&worker->tally, NOT_LIVE);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "finish: %s",
                      moor_error_name(error));
    }
}

static void run_again(struct worker *worker, unsigned which)
{
    struct track *track = worker->shared;
    moor_error error;

    threads_step(worker, "run again");
    error = moor_run_again(track->registry, track->agents[which], NULL);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, RAN_AGAIN);
        atomic_fetch_add_explicit(&track->runners[which].runs, 1,
                                  memory_order_relaxed);
    } else if (error == MOOR_REFUSED || error == MOOR_WRONG_STATUS) {
        outcome_count(&worker->tally,
                      error == MOOR_REFUSED ? REFUSED : NOT_IDLE);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "run again: %s",
                      moor_error_name(error));
    }
}

static bool is_whole(const char *text, size_t length)
{
    for (size_t i = 2; i < length; i++) {
        if (text[i] != text[1]) {
            return false;
        }
    }
    return length >= 2 && length <= TEXT_MAX;
}

static void read_result(struct worker *worker, unsigned which)
{
    struct track *track = worker->shared;
    char text[TEXT_MAX];
    size_t length = 0;
    moor_error error;

    threads_step(worker, "result");
    error = moor_result(track->registry, track->agents[which], text, TEXT_MAX,
                        &length);
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, ODD_ANSWER, "result: %s",
                      moor_error_name(error));
    } else if (length == 0) {
        outcome_count(&worker->tally, READ_NONE);
    } else if (!is_whole(text, length)) {
        outcome_blame(&worker->tally, TORN_TEXT, "%.*s", TEXT_MAX, text);
    } else if (text[0] != (char)('0' + which)) {
        outcome_blame(&worker->tally, FOREIGN_TEXT, "of %c, asked for %u",
                      text[0], which);
    } else {
        outcome_count(&worker->tally, READ_TEXT);
    }
}

static void body(struct worker *worker)
{
    while (threads_going(worker)) {
        unsigned which = random_below(&worker->random, AGENTS);

        switch (random_below(&worker->random, 4)) {
        case 0:
            end(worker, which);
            break;
        case 1:
            run_again(worker, which);
            break;
        default:
            read_result(worker, which);
        }
    }
}

/* Each agent began with a run: it ended once more than it ran, or not. */
static void judge(struct track *track, struct tally *tally)
{
    for (unsigned i = 0; i < AGENTS; i++) {
        struct runner *runner = &track->runners[i];
        moor_status status = MOOR_STATUS_NOT_FOUND;

        (void)moor_status_of(track->registry, track->agents[i], &status);
        if (runner->ends != runner->runs + !moor_holds_slot(status)) {
            outcome_blame(tally, UNEVEN, "%llu ends, %llu runs, now %s",
                          (unsigned long long)runner->ends,
                          (unsigned long long)runner->runs,
                          moor_status_name(status));
        }
    }
}

int main(int argc, char **argv)
{
    static struct track track;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    moor_spawn_options child = { .name = NULL };
    char why[AUDIT_WHY];
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = AGENTS;
    track.registry = audit_create(&config);
    for (unsigned i = 0; i < AGENTS; i++) {
        if (moor_spawn(track.registry, &child, &track.agents[i], NULL) !=
            MOOR_OK) {
            outcome_count(&sum, ODD_ANSWER);
        }
    }
    /* one slot too few, so that run_again is refused now and then */
    (void)moor_set_limit(track.registry, MOOR_LIMIT_RUNNING, AGENTS - 1);
    threads_run(&options, options.threads, body, &track, &sum);
    judge(&track, &sum);
    if (!audit_end(track.registry, why)) {
        outcome_blame(&sum, UNEVEN, "%s", why);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
