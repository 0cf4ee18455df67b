/*
 * Freezing one thread, and killing it: see model_run_parked() and
 * model_run_killed() in explore.h.
 *
 * This is the test of lock-freedom that a schedule bound cannot give: the
 * frozen thread holds whatever it holds, for ever, and the others have to
 * come to their end in a fair order.  Not every place of every schedule is
 * tried, but every pair of a lead of the others and a step of the victim; or,
 * of the leads, one of so many.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run.h"

enum { ALONE_STEPS_MAX = RUN_STEPS_DEFAULT / 2 }; /* of the victim */

static struct {
    unsigned victim; /* its bit */
    size_t lead;
    size_t steps;       /* of the victim until it is frozen */
    size_t taken;       /* of these, in this run */
    int last;           /* of the others */
    bool others_remain; /* at the latest step */
    bool others_short;  /* they ended before they had their lead */
    bool was_frozen;    /* the victim had steps left to thaw for */
    bool kills;         /* then it is not thawed */
} park;

void (*model_recover)(void);
size_t model_leads = 1;

static int choose_parked(size_t step, unsigned live)
{
    unsigned others = live & ~park.victim;
    bool is_leading = step < park.lead;
    bool is_victims = !is_leading && park.taken < park.steps;

    park.others_remain = others != 0;
    if (is_leading && !others) park.others_short = true;
    if (is_victims && (live & park.victim)) {
        park.taken++;
        return run_lowest(park.victim);
    }
    if (!others) {
        park.was_frozen = true;
        return park.kills ? RUN_STOP : run_lowest(park.victim);
    }
    park.last = run_in_turn(others, park.last);
    return park.last;
}

static void run_point(const struct model_case *model)
{
    park.taken = 0;
    park.last = MODEL_THREADS_MAX - 1;
    park.others_short = false;
    park.was_frozen = false;
    if (run_case(model, choose_parked, RUN_STEPS_DEFAULT)) {
        if (run.length < park.lead) park.others_short = true;
        return;
    }
    if (park.kills && park.was_frozen) {
        model_recover();
        return;
    }
    snprintf(run.message, sizeof run.message,
             park.others_remain
                 ? "thread %d, frozen after %zu steps (the others had a lead"
                   " of %zu), stops the others"
                 : "thread %d, thawed after %zu steps (the others had a lead"
                   " of %zu), does not end",
             run_lowest(park.victim), park.steps, park.lead);
}

static void count_point(struct model_result *result)
{
    result->schedules++;
    result->steps += run.length;
    if (run.length > result->longest) result->longest = run.length;
    if (!run.failed) return;
    result->violations = 1;
    memcpy(result->message, run.message, sizeof result->message);
    result->schedule = run_schedule();
}

/* All freezing points with one lead; false when there are no more leads. */
static bool run_lead(const struct model_case *model,
                     struct model_result *result)
{
    for (park.steps = 0; park.steps <= ALONE_STEPS_MAX; park.steps++) {
        run_point(model);
        if (run.failed || park.was_frozen) count_point(result);
        if (run.failed || park.others_short) return false;
        if (!park.was_frozen) return true;
    }
    model_fail("thread %d, alone after a lead of %zu of the others, has no"
               " end within %d steps",
               run_lowest(park.victim), park.lead, ALONE_STEPS_MAX);
    count_point(result);
    return false;
}

static bool run_points(const struct model_case *model, int victim,
                       struct model_result *result)
{
    clock_t started = clock();

    *result = (struct model_result){0};
    park.victim = 1u << victim;
    for (park.lead = 0; run_lead(model, result); park.lead += model_leads)
        continue;
    result->seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
    result->exhausted = result->violations == 0;
    return result->exhausted;
}

bool model_run_parked(const struct model_case *model, int victim,
                      struct model_result *result)
{
    park.kills = false;
    return run_points(model, victim, result);
}

bool model_run_killed(const struct model_case *model, int victim,
                      struct model_result *result)
{
    park.kills = true;
    return run_points(model, victim, result);
}
