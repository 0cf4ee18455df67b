/*
 * Many completers, one agent, one slot.
 *
 * Question  Does exactly one end win, do all read that one's status and text,
 *           and is whoever has seen the end admitted?
 * Method    Rounds.  In each, workers try to end the one agent of a registry
 *           with one running slot, each in its own way and with a text that
 *           says whose it is.  All then look until they see the end, each by
 *           another call, and note what they read.  The first to have seen it
 *           spawns at once: its agent is the next round's, and a refusal is
 *           a broken promise.  Under on_reserve others reap meanwhile: a
 *           reaper that has taken the slot from the agent and not yet given it
 *           back is the one excuse.
 *           Between rounds the notes are compared.
 *           Each completer writes a plain word before it tries; who reads the
 *           winner's text reads that word too (a race report if the end does
 *           not release).
 * Limits    The winner's word is judged by its value natively, by
 *           happens-before only under the thread sanitizer.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    ROUND,
    LOST,
    READ_WINNER,
    ADMITTED,
    ADMITTED_LOSER,
    REFUSED_LOSER,
    REFUSED,
    REFUSED_REAPED,
    NO_WINNER,
    TWO_WINNERS,
    READ_OTHER,
    STALE_WORK,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [ROUND] = { "one winner", MUST_OCCUR, "I7" },
    [LOST] = { "a completer lost", MUST_OCCUR, "else nobody contended" },
    [READ_WINNER] = { "read the winner's end", MUST_OCCUR, "I5" },
    [ADMITTED] = { "saw the end, was admitted", MUST_OCCUR, "the promise" },
    [ADMITTED_LOSER] = { "lost, was admitted", EXPECTED, "slot was free" },
    [REFUSED_LOSER] = { "lost, was refused", INTERESTING,
                        "wrong_status came before the idle status" },
    [REFUSED] = { "saw the end, was refused", FORBIDDEN, "the promise" },
    [REFUSED_REAPED] = { "refused during a reap", INTERESTING,
                         "the slot is in the reaper's hands" },
    [NO_WINNER] = { "no winner", FORBIDDEN, "some try succeeds" },
    [TWO_WINNERS] = { "two winners", FORBIDDEN, "I7" },
    [READ_OTHER] = { "read another end", FORBIDDEN, "I5" },
    [STALE_WORK] = { "winner's work not seen", FORBIDDEN,
                     "finish releases" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "I1" },
};

enum { TEXT_MAX = 160 };

/* What one worker read, and what it wrote before it tried. */
struct note {
    alignas(128) uint64_t work;
    moor_status status;
    size_t length;
    char text[TEXT_MAX];
};

struct stage {
    moor_registry *registry;
    moor_release release;
    moor_agent agent; /* written between rounds */
    uint64_t round;
    alignas(128) _Atomic unsigned winners;
    _Atomic unsigned winner, winner_status; /* when there is one */
    _Atomic bool claimed;                   /* somebody spawns */
    _Atomic uint64_t reaps_begun, reaps_done;
    _Atomic uint64_t next;                  /* bits of its agent */
    struct note *notes;
};

static size_t text_of(char text[TEXT_MAX], unsigned index, uint64_t round)
{
    int head = snprintf(text, TEXT_MAX, "%u:%" PRIu64 ":", index, round);
    size_t length = (size_t)head + round % 100;

    memset(text + head, 'x', length - (size_t)head);
    return length;
}

/* Which way to end: a status for finish, interrupted, or reserved: died. */
static moor_status pick_end(struct worker *worker)
{
    static const moor_status ends[] = {
        MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED, MOOR_STATUS_SHUTDOWN,
        MOOR_STATUS_COMPLETED, MOOR_STATUS_INTERRUPTED, MOOR_STATUS_RESERVED
    };

    return ends[random_below(&worker->random, 6)];
}

static moor_error try_end(struct worker *worker, moor_status end)
{
    struct stage *stage = worker->shared;
    char text[TEXT_MAX];
    size_t length = text_of(text, worker->index, stage->round);

    if (end == MOOR_STATUS_INTERRUPTED) {
        return moor_interrupt(stage->registry, stage->agent);
    }
    return end == MOOR_STATUS_RESERVED
               ? moor_died(stage->registry, stage->agent)
               : moor_finish(stage->registry, stage->agent, end, text,
                             length);
}

/* Spawns if nobody has yet in this round. */
static void claim(struct worker *worker, enum saw admitted, enum saw refused,
                  const char *how)
{
    struct stage *stage = worker->shared;
    moor_spawn_options options = { .name = NULL };
    moor_agent agent;
    moor_error error;
    uint64_t done;

    if (atomic_exchange_explicit(&stage->claimed, true,
                                 memory_order_relaxed)) {
        return;
    }
    threads_step(worker, "spawn");
    done = atomic_load(&stage->reaps_done);
    error = moor_spawn(stage->registry, &options, &agent, NULL);
    if (error == MOOR_REFUSED && refused == REFUSED &&
        atomic_load(&stage->reaps_begun) > done) {
        refused = REFUSED_REAPED;
    }
    if (error == MOOR_REFUSED && refused != REFUSED) {
        outcome_count(&worker->tally, refused);
        return;
    }
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, refused, "after %s: %s", how,
                      moor_error_name(error));
        return;
    }
    outcome_count(&worker->tally, admitted);
    atomic_store_explicit(&stage->next, agent.bits, memory_order_relaxed);
}

static void complete(struct worker *worker)
{
    struct stage *stage = worker->shared;
    moor_status end = pick_end(worker);
    moor_error error;

    stage->notes[worker->index].work = stage->round;
    threads_step(worker, "finish");
    error = try_end(worker, end);
    if (error == MOOR_OK) {
        atomic_store_explicit(&stage->winner, worker->index,
                              memory_order_relaxed);
        atomic_store_explicit(&stage->winner_status, end,
                              memory_order_relaxed);
        atomic_fetch_add_explicit(&stage->winners, 1, memory_order_relaxed);
        claim(worker, ADMITTED, REFUSED, "its own finish");
    } else if (error == MOOR_WRONG_STATUS) {
        outcome_count(&worker->tally, LOST);
        if (random_chance(&worker->random, 8)) {
            claim(worker, ADMITTED_LOSER, REFUSED_LOSER, "wrong_status");
        }
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "finish: %s",
                      moor_error_name(error));
    }
}

static moor_status look_by_info(const struct stage *stage)
{
    moor_info info;
    moor_error error = moor_info_of(stage->registry, stage->agent, &info);

    return error == MOOR_OK ? info.status : MOOR_STATUS_NOT_FOUND;
}

static moor_status look_by_wait(const struct stage *stage)
{
    moor_waited waited = { false, MOOR_STATUS_NOT_FOUND, MOOR_REQUEST_NONE };
    moor_error error =
        moor_wait(stage->registry, MOOR_WAIT_ALL, MOOR_UNTIL_IDLE,
                  &stage->agent, 1, MOOR_FOREVER, &waited);

    return error == MOOR_OK && waited.met ? waited.status
                                          : MOOR_STATUS_NOT_FOUND;
}

/* At most the ended one, the next one and the root are there. */
static moor_status look_by_list(const struct stage *stage)
{
    moor_info infos[4];
    uint64_t cursor = 0;
    size_t count = 0;

    (void)moor_list(stage->registry, NULL, &cursor, infos, 4, &count);
    for (size_t i = 0; i < count; i++) {
        if (infos[i].agent.bits == stage->agent.bits) {
            return infos[i].status;
        }
    }
    return MOOR_STATUS_NOT_FOUND;
}

static moor_status look_by_status(const struct stage *stage)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;

    (void)moor_status_of(stage->registry, stage->agent, &status);
    return status;
}

static const struct look {
    const char *name;
    moor_status (*call)(const struct stage *stage);
} looks[] = { { "status", look_by_status }, { "status", look_by_status },
              { "info", look_by_info },     { "list", look_by_list },
              { "wait", look_by_wait } };

/* Under on_reserve: takes the slot from the idle agent now and then, so that
 * the spawner meets somebody who is just giving it back. */
static void meddle(struct worker *worker)
{
    struct stage *stage = worker->shared;

    if (stage->release == MOOR_ON_RESERVE &&
        random_chance(&worker->random, 4)) {
        atomic_fetch_add(&stage->reaps_begun, 1);
        (void)moor_reap(stage->registry, NULL);
        atomic_fetch_add(&stage->reaps_done, 1);
    }
}

/* Looks until the end is seen, then claims and reads. */
static void observe(struct worker *worker)
{
    struct stage *stage = worker->shared;
    struct note *note = &stage->notes[worker->index];
    const struct look *look = &looks[random_below(&worker->random, 5)];

    threads_step(worker, look->name);
    do {
        note->status = look->call(stage);
        meddle(worker);
    } while (moor_holds_slot(note->status));
    claim(worker, ADMITTED, REFUSED, look->name);
    threads_step(worker, "result");
    if (note->status == MOOR_STATUS_NOT_FOUND ||
        moor_result(stage->registry, stage->agent, note->text, TEXT_MAX,
                    &note->length) != MOOR_OK) {
        outcome_blame(&worker->tally, ODD_ANSWER, "%s lost the agent",
                      look->name);
        return;
    }
    if (note->status == MOOR_STATUS_COMPLETED && note->length > 1) {
        unsigned winner = (unsigned)strtoul(note->text, NULL, 10);

        if (winner >= worker->crew_size ||
            stage->notes[winner].work != stage->round) {
            outcome_count(&worker->tally, STALE_WORK);
        }
    }
}

/* What the winner left, as everybody must have read it. */
static void winners_note(const struct stage *stage, struct note *note)
{
    moor_status end = (moor_status)stage->winner_status;

    note->status = end == MOOR_STATUS_RESERVED ? MOOR_STATUS_ERRORED : end;
    note->length = 0;
    if (end == MOOR_STATUS_RESERVED) {
        note->length = strlen(strcpy(note->text, "died"));
    } else if (end != MOOR_STATUS_INTERRUPTED) {
        note->length = text_of(note->text, stage->winner, stage->round);
    }
}

static void judge(struct worker *worker, struct stage *stage)
{
    struct note right;

    if (stage->winners != 1) {
        outcome_blame(&worker->tally,
                      stage->winners == 0 ? NO_WINNER : TWO_WINNERS,
                      "%u winners", stage->winners);
        return;
    }
    outcome_count(&worker->tally, ROUND);
    winners_note(stage, &right);
    for (unsigned i = 0; i < worker->crew_size; i++) {
        const struct note *note = &stage->notes[i];

        if (note->status == right.status && note->length == right.length &&
            memcmp(note->text, right.text, right.length) == 0) {
            outcome_count(&worker->tally, READ_WINNER);
        } else {
            outcome_blame(&worker->tally, READ_OTHER,
                          "read %s with %zu bytes, won %s with %zu",
                          moor_status_name(note->status), note->length,
                          moor_status_name(right.status), right.length);
        }
    }
}

static void between(struct worker *worker, bool last)
{
    struct stage *stage = worker->shared;
    moor_spawn_options options = { .name = NULL };

    if (stage->round > 0) {
        judge(worker, stage);
        (void)moor_close(stage->registry, stage->agent, MOOR_CLOSE_BY_RULE,
                         NULL);
    }
    stage->agent.bits = stage->next;
    if (last) {
        return;
    }
    if (stage->next == 0 &&
        moor_spawn(stage->registry, &options, &stage->agent, NULL) !=
            MOOR_OK) {
        outcome_blame(&worker->tally, BAD_END, "a slot has leaked");
    }
    (void)moor_start(stage->registry, stage->agent);
    stage->round++;
    stage->winners = 0;
    stage->claimed = false;
    stage->next = 0;
}

static void body(struct worker *worker)
{
    while (threads_round(worker, between)) {
        if (worker->index == 0 || random_chance(&worker->random, 2)) {
            complete(worker);
        }
        observe(worker);
    }
}

static void phase(const struct options *options, moor_release release,
                  struct tally *sum)
{
    struct stage stage = { .release = release };
    char why[AUDIT_WHY];
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    config.release = release;
    stage.registry = audit_create(&config);
    stage.notes = aligned_alloc(alignof(struct note),
                                options->threads * sizeof *stage.notes);
    if (stage.notes == NULL) {
        abort();
    }
    memset(stage.notes, 0, options->threads * sizeof *stage.notes);
    threads_run(options, options->threads, body, &stage, sum);
    if (!audit_end(stage.registry, why)) {
        outcome_blame(sum, BAD_END, "%s", why);
    }
    free(stage.notes);
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    struct options first = options_part(&options, 0, 2);
    struct options second = options_part(&options, 1, 2);
    struct tally sum = { .detail = "" };

    options.threads = options.threads < 2 ? 2 : options.threads;
    first.threads = second.threads = options.threads;
    phase(&first, MOOR_ON_COMPLETION, &sum);
    phase(&second, MOOR_ON_RESERVE, &sum);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
