/*
 * Shrinking: a schedule is a list of stretches, each of one thread; two
 * stretches of the same thread are made one, at the place of the earlier or of
 * the later, or the list is cut short and the threads then run one after the
 * other.  What still fails and is better replaces the best, until nothing is
 * better or enough was tried.  If preemptions are left, the bounded search
 * looks for so many schedules whether fewer do.
 *
 * A thread may take other steps in another order, so a list is followed
 * loosely: a stretch of a thread that has finished is passed over.  To fail
 * in the same way is to fail at the same model_fail().
 */
#include "shrink.h"

#include <stdio.h>
#include <string.h>

enum { RUNS_MAX = 20000, SEARCHED_MAX = 20000, WORDS_SHOWN = 26 };

struct stretch {
    uint32_t thread;
    uint32_t steps;
};

struct plan {
    struct stretch stretches[MODEL_STEPS_MAX];
    size_t count;
    uint64_t cost;
};

static struct {
    const struct model_case *model;
    const char *complaint;
    struct plan best;
    struct plan trial;
    size_t at;     /* in trial, during a run */
    uint32_t done; /* steps of that stretch */
    unsigned runs;
} shrink;

static int choose_planned(size_t step, unsigned live)
{
    for (; shrink.at < shrink.trial.count; shrink.at++, shrink.done = 0) {
        struct stretch *now = &shrink.trial.stretches[shrink.at];
        if (shrink.done == now->steps || !(live >> now->thread & 1)) continue;
        shrink.done++;
        return (int)now->thread;
    }
    int last = step ? run.events[step - 1].thread : 0;
    return live >> last & 1 ? last : run_lowest(live);
}

static void append(struct plan *plan, uint32_t thread, uint32_t steps)
{
    struct stretch *next = &plan->stretches[plan->count];

    if (plan->count > 0 && next[-1].thread == thread) {
        next[-1].steps += steps;
    } else {
        *next = (struct stretch){thread, steps};
        plan->count++;
    }
}

unsigned shrink_preemptions(void)
{
    unsigned later = 0; /* threads that have steps behind this one */
    unsigned count = 0;

    for (size_t i = run.length; i-- > 0;) {
        unsigned thread = run.events[i].thread;
        bool is_last = i + 1 == run.length;
        if (!is_last && run.events[i + 1].thread != thread) {
            count += later >> thread & 1;
        }
        later |= 1u << thread;
    }
    return count;
}

static void plan_of_run(struct plan *plan)
{
    plan->count = 0;
    for (size_t i = 0; i < run.length; i++)
        append(plan, run.events[i].thread, 1);
    plan->cost = ((uint64_t)shrink_preemptions() << 40) +
                 ((uint64_t)plan->count << 20) + run.length;
}

static bool run_trial(void)
{
    shrink.at = 0;
    shrink.done = 0;
    shrink.runs++;
    return run_case(shrink.model, choose_planned, RUN_STEPS_DEFAULT) &&
           run.failed;
}

/* Does the trial fail as well, and is it better?  Then it is the best. */
static bool better(void)
{
    if (!run_trial() || run.complaint != shrink.complaint) return false;
    plan_of_run(&shrink.trial);
    if (shrink.trial.cost >= shrink.best.cost) return false;
    shrink.best = shrink.trial;
    return true;
}

/* The best one, with the two stretches as one in place of `to`. */
static void merge(size_t from, size_t to)
{
    const struct plan *best = &shrink.best;

    shrink.trial.count = 0;
    for (size_t i = 0; i < best->count; i++) {
        struct stretch one = best->stretches[i];
        if (i == from) continue;
        if (i == to) one.steps += best->stretches[from].steps;
        append(&shrink.trial, one.thread, one.steps);
    }
}

static bool merge_with_later(size_t early)
{
    uint32_t thread = shrink.best.stretches[early].thread;

    for (size_t i = early + 1; i < shrink.best.count; i++) {
        if (shrink.best.stretches[i].thread != thread) continue;
        if (shrink.runs >= RUNS_MAX) return false;
        merge(i, early);
        if (better()) return true;
        merge(early, i);
        if (better()) return true;
    }
    return false;
}

static bool cut(size_t count)
{
    memcpy(shrink.trial.stretches, shrink.best.stretches,
           count * sizeof *shrink.trial.stretches);
    shrink.trial.count = count;
    return better();
}

static bool improve(void)
{
    bool improved = false;

    for (size_t i = 0; i < shrink.best.count && shrink.runs < RUNS_MAX; i++) {
        improved |= cut(i);
        while (i < shrink.best.count && merge_with_later(i))
            improved = true;
    }
    return improved && shrink.runs < RUNS_MAX;
}

/* With fewer preemptions than the best one has, whatever it looks like. */
static void search_fewer(void)
{
    struct model_options options = {.mode = MODEL_BOUNDED,
                                    .schedules_max = SEARCHED_MAX};
    struct model_result result;
    unsigned most = (unsigned)(shrink.best.cost >> 40);

    for (; options.preemptions_max < most; options.preemptions_max++) {
        (void)model_run(shrink.model, &options, &result);
        if (!result.violations || run.complaint != shrink.complaint) continue;
        plan_of_run(&shrink.trial);
        if (shrink.trial.cost < shrink.best.cost) shrink.best = shrink.trial;
        return;
    }
}

bool shrink_schedule(const struct model_case *model, const char *schedule)
{
    size_t length = strlen(schedule);

    shrink.model = model;
    shrink.runs = 0;
    shrink.trial.count = 0;
    if (length >= RUN_STEPS_DEFAULT) return false;
    for (size_t i = 0; i < length; i++)
        append(&shrink.trial, (uint32_t)(schedule[i] - '0'), 1);
    if (!run_trial()) return false;
    shrink.complaint = run.complaint;
    plan_of_run(&shrink.best);
    while (improve())
        continue;
    search_fewer();
    shrink.trial = shrink.best;
    return run_trial();
}

/* --- the drawing ---------------------------------------------------------- */

static uintptr_t letters[WORDS_SHOWN];
static unsigned letters_count;

/* '+' for a word that came when all letters were given. */
static char letter_of(uintptr_t word)
{
    unsigned i = 0;

    while (i < letters_count && letters[i] != word)
        i++;
    if (i == WORDS_SHOWN) return '+';
    if (i == letters_count) letters[letters_count++] = word;
    return (char)('a' + i);
}

/* Each letter once, as it comes: changed by a step if followed by '='. */
static void draw_words(size_t from, size_t end)
{
    bool drawn[128][2] = {{false}};

    for (size_t i = from; i < end; i++) {
        bool changes = run.events[i].kind != MOOR_STEP_LOAD;
        char letter = letter_of(run.events[i].word);
        bool *already = drawn[(int)letter];
        if (already[changes] || (already[true] && !changes)) continue;
        already[changes] = true;
        printf(changes ? " %c=" : " %c", letter);
    }
}

void shrink_draw(void)
{
    letters_count = 0;
    for (size_t from = 0, end; from < run.length; from = end) {
        for (end = from; end < run.length; end++) {
            if (run.events[end].thread != run.events[from].thread) break;
        }
        printf("  thread %d %4zu steps:", run.events[from].thread, end - from);
        draw_words(from, end);
        printf("\n");
    }
}
