/*
 * linear_crew: real threads record short histories, the main thread judges.
 *
 * A window is some dozen calls of all workers on one object whose state is
 * known when it begins, and a few last calls when all stand still.  Workers
 * record many windows, then the main thread judges each against the
 * specification; the first that is not linearizable is made small and drawn.
 *
 * It goes on until the given seconds are over, CREW_CALLS calls were judged
 * (none in builds that are slow on purpose: sanitizers, yields) and some of
 * them overlapped, which on a busy machine they need not do for a while; but
 * no longer than CREW_SECONDS more.
 *
 * A seed fixes which calls each worker makes, not how they overlap.
 */
#ifndef LINEAR_CREW_H
#define LINEAR_CREW_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <moorage/moorage.h>

#include "linear/draw.h"
#include "linear/shrink.h"
#include "linear_record.h"
#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

#if defined(MOOR_YIELD) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
enum { CREW_CALLS = 0 };
#else
enum { CREW_CALLS = 4000000 };
#endif

enum { CREW_SECONDS = 12, CREW_START_WORDS = 8 };

static const double crew_batch_seconds = 0.2;

/* What a trial notes of the object when a window begins. */
struct crew_start {
    uint64_t words[CREW_START_WORDS];
};

struct linear_trial {
    const struct linear_spec *spec;
    unsigned calls; /* of one window, the last ones excepted */
    /* While all stand still: the object as the window finds it. */
    void (*open)(struct random *random, struct crew_start *start);
    /* One worker's calls, about so many. */
    void (*play)(struct record_lane *lane, unsigned calls);
    /* While all stand still: the last calls, at most RECORD_FINAL_MAX; then
     * whatever else there is to clear away. */
    void (*close)(struct record_lane *lane);
    /* From what was recorded to what the specification knows. */
    void (*translate)(const struct crew_start *start,
                      struct linear_history *history);
};

enum crew_saw {
    CREW_GOOD,
    CREW_OVERLAPPED,
    CREW_BROKEN,
    CREW_UNDECIDED,
    CREW_BAD_END,
    CREW_SAWS
};

static const struct outcome crew_outcomes[CREW_SAWS] = {
    [CREW_GOOD] = { "linearizable history", MUST_OCCUR, "as specified" },
    [CREW_OVERLAPPED] = { "call that another overtook", MUST_OCCUR,
                          "otherwise nothing is tested" },
    [CREW_BROKEN] = { "history that is not linearizable", FORBIDDEN,
                      "drawn above" },
    [CREW_UNDECIDED] = { "history without a verdict", FORBIDDEN,
                         "too many trials" },
    [CREW_BAD_END] = { "books wrong afterwards", FORBIDDEN, "check, audit" },
};

struct linear_crew {
    const struct linear_trial *trial;
    struct options options;
    struct record_clock clock;
    struct record_lane *lanes;
    struct crew_start starts[RECORD_WINDOWS];
    unsigned opened, closed; /* windows of this batch */
    bool full;
    unsigned each; /* calls of one worker in one window */
    struct linear_checker *checker;
    uint64_t calls;  /* that were judged */
    uint64_t trials; /* the most that a history took */
    bool answers[LINEAR_OPERATIONS_MAX][MOOR_ERRORS]; /* that were seen */
    struct tally sum;
};

/* --- the workers ---------------------------------------------------------- */

static void crew_between(struct worker *worker, bool last)
{
    struct linear_crew *crew = worker->shared;

    if (crew->opened > crew->closed) {
        crew->trial->close(&crew->lanes[worker->index]);
        for (unsigned i = 0; i < worker->crew_size; i++) {
            crew->lanes[i].ends[crew->closed] = crew->lanes[i].count;
        }
        crew->closed++;
    }
    crew->full = crew->closed == RECORD_WINDOWS;
    if (!last && !crew->full) {
        crew->trial->open(&worker->random, &crew->starts[crew->opened]);
        crew->opened++;
    }
}

static void crew_body(struct worker *worker)
{
    struct linear_crew *crew = worker->shared;
    struct record_lane *lane = &crew->lanes[worker->index];

    lane->random = &worker->random;
    while (threads_round(worker, crew_between) && !crew->full) {
        threads_step(worker, "calls of a window");
        crew->trial->play(lane, crew->each);
    }
}

/* --- the judge ------------------------------------------------------------ */

static void crew_gather(struct linear_crew *crew, unsigned window,
                        struct linear_history *history)
{
    history->count = 0;
    for (unsigned i = 0; i < crew->options.threads; i++) {
        const struct record_lane *lane = &crew->lanes[i];
        unsigned first = window == 0 ? 0 : lane->ends[window - 1];
        unsigned count = lane->ends[window] - first;

        memcpy(history->calls + history->count, lane->calls + first,
               count * sizeof *lane->calls);
        history->count += count;
    }
    crew->trial->translate(&crew->starts[window], history);
}

static void crew_note(struct linear_crew *crew,
                      const struct linear_history *history)
{
    crew->calls += history->count;
    for (unsigned i = 0; i < history->count; i++) {
        const struct linear_call *call = &history->calls[i];

        crew->answers[call->operation][call->answer] = true;
        /* Somebody else's return was counted meanwhile. */
        crew->sum.counts[CREW_OVERLAPPED] +=
            call->returned > call->called + 1;
    }
}

/* Those of its calls that contradict each other. */
static void crew_show(const struct linear_crew *crew, unsigned count,
                      const struct linear_history *small)
{
    printf("%s: not linearizable; of %u calls these contradict each other, "
           "whatever the others did:\n",
           crew->options.program, count);
    linear_draw(stdout, crew->trial->spec, small);
}

/* False: enough was seen. */
static bool crew_judge_window(struct linear_crew *crew, unsigned window)
{
    struct linear_history history, small;

    crew_gather(crew, window, &history);
    crew_note(crew, &history);
    if (linear_check(crew->checker, &history) == LINEAR_GOOD) {
        uint64_t trials = linear_trials(crew->checker);

        crew->trials = trials > crew->trials ? trials : crew->trials;
        outcome_count(&crew->sum, CREW_GOOD);
        return true;
    }
    if (!linear_shrink(crew->checker, &history, &small)) {
        outcome_count(&crew->sum, CREW_UNDECIDED);
        return false;
    }
    outcome_count(&crew->sum, CREW_BROKEN);
    crew_show(crew, history.count, &small);
    return false;
}

/* --- all of it ------------------------------------------------------------ */

static double crew_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Records one batch within the seconds, and judges it; false: enough was
 * seen. */
static bool crew_batch(struct linear_crew *crew, struct random *seeds,
                       double seconds)
{
    struct options part = crew->options;

    part.seconds = seconds < crew_batch_seconds ? seconds : crew_batch_seconds;
    part.seed = random_next(seeds);
    crew->opened = crew->closed = 0;
    for (unsigned i = 0; i < part.threads; i++) {
        crew->lanes[i].count = 0;
    }
    threads_run(&part, part.threads, crew_body, crew, &crew->sum);
    for (unsigned i = 0; i < crew->closed; i++) {
        if (!crew_judge_window(crew, i)) {
            return false;
        }
    }
    return true;
}

static void crew_report(const struct linear_crew *crew, double seconds)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < LINEAR_OPERATIONS_MAX; i++) {
        for (unsigned j = 0; j < MOOR_ERRORS; j++) {
            seen += crew->answers[i][j];
        }
    }
    printf("%s: %llu operations checked in %.1f s, %u kinds of answer, at "
           "most %llu trials for a history; histories broken: %llu\n",
           crew->options.program, (unsigned long long)crew->calls, seconds,
           seen, (unsigned long long)crew->trials,
           (unsigned long long)crew->sum.counts[CREW_BROKEN]);
}

static bool crew_has_enough(const struct linear_crew *crew)
{
    double goal = CREW_CALLS;

    if (crew->options.seconds < 1) {
        goal *= crew->options.seconds;
    }
    return (double)crew->calls >= goal &&
           crew->sum.counts[CREW_OVERLAPPED] > 0;
}

static void crew_run(struct linear_crew *crew)
{
    struct random seeds = random_seeded(crew->options.seed, 0);
    double begun = crew_now(), over = begun + crew->options.seconds;
    double now = begun;

    while (now < over ||
           (!crew_has_enough(crew) && now < over + CREW_SECONDS)) {
        double left = (now < over ? over : over + CREW_SECONDS) - now;

        if (!crew_batch(crew, &seeds, left)) {
            break;
        }
        now = crew_now();
    }
    crew_report(crew, crew_now() - begun);
}

static void *crew_room(size_t count, size_t size)
{
    void *room = aligned_alloc(128, (count * size + 127) / 128 * 128);

    if (room == NULL) {
        abort();
    }
    memset(room, 0, count * size);
    return room;
}

/* The main function of a program; `registry` is audited at the end. */
static int crew_main(int argc, char **argv, const struct linear_trial *trial,
                     moor_registry *registry)
{
    static struct linear_crew crew;
    unsigned threads, room;
    char why[AUDIT_WHY];

    crew.trial = trial;
    crew.options = options_read(argc, argv);
    threads = crew.options.threads;
    threads = threads < 2 ? 2 : threads;
    threads = threads > RECORD_THREADS_MAX ? RECORD_THREADS_MAX : threads;
    crew.options.threads = threads;
    crew.each = trial->calls / threads;
    crew.checker = linear_checker_make(trial->spec);
    crew.lanes = crew_room(threads, sizeof *crew.lanes);
    room = RECORD_WINDOWS * (crew.each + RECORD_FINAL_MAX);
    for (unsigned i = 0; i < threads; i++) {
        crew.lanes[i].clock = &crew.clock;
        crew.lanes[i].thread = (uint8_t)i;
        crew.lanes[i].calls = crew_room(room, sizeof *crew.lanes[i].calls);
    }
    crew_run(&crew);
    if (!audit_end(registry, why)) {
        outcome_blame(&crew.sum, CREW_BAD_END, "%s", why);
    }
    for (unsigned i = 0; i < threads; i++) {
        free(crew.lanes[i].calls);
    }
    free(crew.lanes);
    linear_checker_free(crew.checker);
    return outcome_verdict(&crew.options, crew_outcomes, CREW_SAWS, &crew.sum);
}

#endif
