/*
 * The searches: which schedules of a case are run.
 *
 * Reduced, full, bounded and preemptions are one depth-first search.  It
 * keeps no states: for each schedule the case runs from its beginning, the
 * path prescribes the choices up to the branch, and from there on the search
 * extends the path.  The modes differ in what a new node has to try:
 *
 *   reduced      one thread; the race analysis (dpor.c) adds more later
 *   bounded      the same, with an analysis of its own
 *   full         every unfinished thread
 *   preemptions  every unfinished thread, or, when the bound is used up,
 *                only the one that ran before, until it has finished
 *
 * A run that the reduced search finds to be redundant is taken to its end
 * all the same, in turn, so that the case can free what it allocated; it
 * counts apart, but is judged like any other.
 */
#include "explore.h"

#include <string.h>
#include <time.h>

#include "dice.h"
#include "dpor.h"
#include "pct.h"
#include "run.h"

enum { NOBODY = MODEL_THREADS_MAX, CLOCK_PERIOD = 64 };

static struct {
    struct model_options options;
    struct dpor_node path[MODEL_STEPS_MAX];
    size_t length; /* of the path */
    size_t branch; /* the first step that differs from the run before */
    bool broken;   /* the case is not repeatable */
    struct dice dice;
    double started;
} search;

static bool reduced(void)
{
    return search.options.mode == MODEL_REDUCED;
}

static bool bounded(void)
{
    return search.options.mode == MODEL_BOUNDED;
}

/* A step of the path that the run before has taken as well. */
static int retake(size_t step, unsigned live)
{
    struct dpor_node *node = &search.path[step];
    uint8_t kind = (uint8_t)fibers_next(node->taken).kind;

    if (step == search.branch) node->kind = kind;
    if (node->live == live && node->kind == kind) return node->taken;
    search.broken = true;
    model_fail("not repeatable: another run came differently to step %zu",
               step);
    return NOBODY;
}

static void fill_todo(struct dpor_node *node, unsigned prefer)
{
    unsigned open = node->live & ~(unsigned)node->sleep;

    if (search.options.mode == MODEL_PREEMPTIONS && (open & prefer) &&
        node->preemptions >= search.options.preemptions_max) {
        open = prefer;
    }
    node->taken = (uint8_t)run_lowest(open & prefer ? open & prefer : open);
    node->todo = (uint8_t)(reduced() || bounded() ? 1u << node->taken : open);
    node->kind = (uint8_t)fibers_next(node->taken).kind;
}

/* A new node at the end of the path. */
static int extend(size_t step, unsigned live)
{
    struct dpor_node *node = &search.path[step];

    *node = (struct dpor_node){.live = (uint8_t)live, .last = NOBODY};
    if (step > 0) {
        node->last = search.path[step - 1].taken;
        node->preemptions = dpor_preemptions(&search.path[step - 1],
                                             search.path[step - 1].taken);
        if (reduced()) {
            node->sleep = (uint8_t)dpor_sleepers(search.path, step - 1, live);
        }
    }
    if (node->sleep == live) {
        run.redundant = true;
        return run_in_turn(live, node->last);
    }
    fill_todo(node, 1u << node->last);
    search.length = step + 1;
    return node->taken;
}

static void note_latest(void)
{
    bool is_new = run.length > search.branch;

    if (run.redundant || search.broken || run.length == 0) return;
    if (reduced()) {
        dpor_note(search.path, run.length - 1, is_new);
    } else if (bounded()) {
        dpor_note_bounded(search.path, run.length - 1, is_new,
                          search.options.preemptions_max);
    }
}

static int choose_depth_first(size_t step, unsigned live)
{
    if (run.redundant) {
        return run_in_turn(live, run.events[step - 1].thread);
    }
    note_latest();
    if (step < search.length) return retake(step, live);
    return extend(step, live);
}

static int choose_random(size_t step, unsigned live)
{
    uint32_t skip =
        dice_below(&search.dice, (uint32_t)__builtin_popcount(live));

    (void)step;
    while (skip-- > 0)
        live &= live - 1;
    return run_lowest(live);
}

static int choose_in_turn(size_t step, unsigned live)
{
    return run_in_turn(live, step ? run.events[step - 1].thread : 0);
}

/* Behind the end of the given schedule: in turn. */
static int choose_replay(size_t step, unsigned live)
{
    const char *given = search.options.replay;

    if (step >= strlen(given)) return choose_in_turn(step, live);
    bool is_thread = given[step] >= '0' && given[step] < '0' + NOBODY;
    return is_thread ? given[step] - '0' : NOBODY;
}

/* Drops what is tried completely; false when nothing is left. */
static bool next_path(void)
{
    while (search.length > 0) {
        struct dpor_node *node = &search.path[search.length - 1];
        node->done |= (uint8_t)(1u << node->taken);
        unsigned left = node->todo & ~(unsigned)(node->done | node->sleep);
        if (left) {
            node->taken = (uint8_t)run_lowest(left);
            search.branch = search.length - 1;
            return true;
        }
        search.length--;
    }
    return false;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void count_run(struct model_result *result)
{
    if (run.redundant) {
        result->redundant++;
    } else {
        result->schedules++;
    }
    result->steps += run.length;
    if (run.length > result->longest) result->longest = run.length;
    if (run.failed && result->violations++ == 0) {
        memcpy(result->message, run.message, sizeof result->message);
        result->schedule = run_schedule();
    }
}

static bool is_capped(const struct model_result *result)
{
    const struct model_options *options = &search.options;
    uint64_t runs = result->schedules + result->redundant;

    if (options->schedules_max && runs >= options->schedules_max) return true;
    return options->seconds_max > 0 && runs % CLOCK_PERIOD == 0 &&
           now() - search.started >= options->seconds_max;
}

static bool must_stop(const struct model_result *result)
{
    if (search.broken) return true;
    return result->violations && !search.options.keep_going;
}

static void search_depth_first(const struct model_case *model,
                               struct model_result *result)
{
    for (;;) {
        dpor_begin();
        run_case(model, choose_depth_first, search.options.steps_max);
        note_latest();
        count_run(result);
        if (must_stop(result)) return;
        if (!next_path()) break;
        if (is_capped(result)) return;
    }
    result->exhausted = true;
}

/* How long a run is, about: one in which the threads take turns. */
static bool measure(const struct model_case *model, struct model_result *result)
{
    run_case(model, choose_in_turn, search.options.steps_max);
    if (run.failed) count_run(result);
    return !run.failed;
}

/* Each schedule has a seed of its own, so that one repeats it. */
static void begin_by_seed(const struct model_case *model, uint64_t seed,
                          size_t length)
{
    if (search.options.mode == MODEL_PCT) {
        pct_begin(seed, model->threads_count, search.options.depth, length);
    } else {
        search.dice = (struct dice){seed};
    }
}

static void search_by_seeds(const struct model_case *model,
                            run_chooser *choose, struct model_result *result)
{
    uint64_t seed = search.options.seed;

    result->seed = seed;
    if (choose == pct_choose && !measure(model, result)) return;
    size_t length = run.length;
    for (uint64_t i = 0; i < search.options.random_count; i++) {
        if (i > 0 && is_capped(result)) return;
        begin_by_seed(model, seed + i, length);
        run_case(model, choose, search.options.steps_max);
        if (run.failed && !result->violations) result->seed = seed + i;
        count_run(result);
        if (must_stop(result)) return;
    }
    result->exhausted = true;
}

static void search_given(const struct model_case *model,
                         struct model_result *result)
{
    run_case(model, choose_replay, search.options.steps_max);
    count_run(result);
    result->exhausted = !must_stop(result);
}

static void prepare(const struct model_options *options)
{
    search.options = options ? *options : (struct model_options){0};
    if (search.options.steps_max == 0) {
        search.options.steps_max = RUN_STEPS_DEFAULT;
    }
    if (search.options.steps_max > MODEL_STEPS_MAX) {
        search.options.steps_max = MODEL_STEPS_MAX;
    }
    search.length = 0;
    search.branch = 0;
    search.broken = false;
    if (search.options.depth == 0) search.options.depth = MODEL_DEPTH_DEFAULT;
    search.started = now();
}

bool model_run(const struct model_case *model,
               const struct model_options *options, struct model_result *result)
{
    *result = (struct model_result){0};
    prepare(options);
    switch (search.options.mode) {
    case MODEL_RANDOM:
        search_by_seeds(model, choose_random, result);
        break;
    case MODEL_PCT:
        search_by_seeds(model, pct_choose, result);
        break;
    case MODEL_REPLAY:
        search_given(model, result);
        break;
    default:
        search_depth_first(model, result);
    }
    result->seconds = now() - search.started;
    return result->violations == 0 &&
           (result->exhausted || search.options.allow_partial);
}
