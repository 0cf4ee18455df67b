/*
 * The main function of a file of cases: arguments in, one line a case out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "run.h"
#include "shrink.h"

/* How many schedules by random priorities follow the search of a case that has
 * a bound, unless --fill says so. */
#ifndef MOOR_MODEL_FILL
#define MOOR_MODEL_FILL 0
#endif

/* Of all cases. */
static struct {
    unsigned cases;
    uint64_t schedules;
    uint64_t steps;
    double seconds;
} sum;

struct arguments {
    struct model_options options;
    const char *only;
    bool list;
    bool park, kill;
    bool bounded;    /* only cases that have a bound of their own */
    bool mode_given; /* a case's own bound does not count */
    bool fill_given; /* the build's own is for who asks for nothing else */
    unsigned deeper; /* so much is added to it */
    uint64_t fill;
};

static void print_extent(const struct model_options *options)
{
    switch (options->mode) {
    case MODEL_REDUCED:
        printf("every schedule up to the order of independent steps");
        break;
    case MODEL_FULL:
        printf("every one");
        break;
    case MODEL_BOUNDED:
        printf("up to that order all that need at most %u preemptions",
               options->preemptions_max);
        break;
    case MODEL_PREEMPTIONS:
        printf("every one with at most %u preemptions",
               options->preemptions_max);
        break;
    case MODEL_RANDOM:
        printf("at random, seed %llu", (unsigned long long)options->seed);
        break;
    case MODEL_PCT:
        printf("by random priorities, depth %u, seed %llu", options->depth,
               (unsigned long long)options->seed);
        break;
    case MODEL_REPLAY:
        printf("replayed");
        break;
    }
}

static void print_violation(const struct model_case *model,
                            const struct model_result *result)
{
    if (!result->schedule) return;
    printf("case %s: VIOLATION: %s\n", model->name, result->message);
    printf("  --case %s --replay %s\n", model->name, result->schedule);
}

/* Found as it was, and, unless it was asked for, made short. */
static void print_short(const struct model_case *model,
                        const struct model_options *options,
                        const struct model_result *result)
{
    if (!result->schedule || options->mode == MODEL_REPLAY) return;
    fflush(stdout); /* it may die on the way */
    char *found = strdup(result->schedule);
    if (found && shrink_schedule(model, found)) {
        printf("made short, with %u preemptions: %s\n  --case %s --replay %s\n",
               shrink_preemptions(), run.message, model->name, run_schedule());
        shrink_draw();
    }
    free(found);
}

/* The same by its seed, for a schedule that has one. */
static void print_seed(const struct model_options *options,
                       const struct model_result *result)
{
    unsigned long long seed = result->seed;

    if (result->violations == 0) return;
    if (options->mode == MODEL_PCT) {
        printf("  --pct 1 --depth %u --seed %llu\n", options->depth, seed);
    } else if (options->mode == MODEL_RANDOM) {
        printf("  --random 1 --seed %llu\n", seed);
    }
}

static void print_result(const struct model_case *model,
                         const struct model_options *options,
                         const struct model_result *result)
{
    printf("case %s: %llu schedules, ", model->name,
           (unsigned long long)result->schedules);
    if (result->exhausted) {
        print_extent(options);
    } else {
        printf("NOT EXHAUSTED");
    }
    if (result->redundant) {
        printf(" (and %llu redundant)", (unsigned long long)result->redundant);
    }
    printf(", at most %zu steps, %llu violations, %.2f s\n", result->longest,
           (unsigned long long)result->violations, result->seconds);
    print_violation(model, result);
}

static void add_to_sum(const struct model_result *result)
{
    sum.schedules += result->schedules;
    sum.steps += result->steps;
    sum.seconds += result->seconds;
}

/* As tests/model/count.sh reads it. */
static void print_sum(void)
{
    printf("sum: %u cases, %llu schedules, %llu steps, %.2f s\n", sum.cases,
           (unsigned long long)sum.schedules, (unsigned long long)sum.steps,
           sum.seconds);
}

static void report(const struct model_case *model,
                   const struct model_options *options,
                   const struct model_result *result)
{
    print_result(model, options, result);
    add_to_sum(result);
    print_seed(options, result);
    print_short(model, options, result);
}

static bool search_by(const struct model_case *model,
                      const struct model_options *options)
{
    struct model_result result;
    bool passed = model_run(model, options, &result);

    report(model, options, &result);
    return passed;
}

/* For a case that asks for a bound only if it is large: false, it is. */
static bool search_small(const struct model_case *model,
                         const struct arguments *given, bool *passed)
{
    struct model_options options = given->options;
    struct model_result result;

    options.schedules_max = MODEL_SMALL;
    *passed = model_run(model, &options, &result);
    if (!result.exhausted && result.violations == 0) {
        printf("case %s: more than %llu schedules\n", model->name,
               (unsigned long long)result.schedules);
        add_to_sum(&result);
        return false;
    }
    report(model, &options, &result);
    return true;
}

/* What the bound left out, by random priorities: as many as asked for, and some
 * of them that the search has run. */
static bool fill(const struct model_case *model, struct model_options options,
                 uint64_t count)
{
    options.mode = MODEL_PCT;
    options.random_count = count;
    options.schedules_max = 0;
    options.seconds_max = 0;
    return search_by(model, &options);
}

static bool run_one(const struct model_case *model,
                    const struct arguments *given)
{
    struct model_options options = given->options;
    bool passed;

    sum.cases++;
    if (!given->mode_given && model->preemptions_max > 0) {
        if ((model->preemptions_max & MODEL_IF_LARGE) &&
            search_small(model, given, &passed)) {
            return passed;
        }
        options.mode = MODEL_BOUNDED;
        options.preemptions_max =
            (model->preemptions_max & ~(unsigned)MODEL_IF_LARGE) +
            given->deeper;
    }
    passed = search_by(model, &options);
    if (passed && options.mode == MODEL_BOUNDED && given->fill > 0) {
        passed = fill(model, options, given->fill);
    }
    return passed;
}

static bool park_one(const struct model_case *model, bool kill)
{
    bool passed = true;

    for (int i = 0; i < model->threads_count; i++) {
        struct model_result result;
        passed &= kill ? model_run_killed(model, i, &result)
                       : model_run_parked(model, i, &result);
        printf("case %s: thread %d %s at %llu points: %s, %.2f s\n",
               model->name, i, kill ? "killed" : "frozen",
               (unsigned long long)result.schedules,
               result.violations ? "FAILED"
               : kill            ? "all is put right"
                                 : "the others finish",
               result.seconds);
        print_violation(model, &result);
    }
    return passed;
}

static bool give_up(const char *what, const char *which)
{
    fprintf(stderr, "%s: %s\n", what, which);
    return false;
}

static bool parse_count(const char *word, uint64_t *count)
{
    char *end;

    *count = strtoull(word, &end, 10);
    if (*word >= '0' && *word <= '9' && *end == 0) return true;
    return give_up("not a number", word);
}

static void set_mode(struct arguments *to, enum model_mode mode)
{
    to->options.mode = mode;
    to->mode_given = true;
}

static bool parse_flag(struct arguments *to, const char *name)
{
    if (!strcmp(name, "--list")) {
        to->list = true;
    } else if (!strcmp(name, "--reduced")) {
        set_mode(to, MODEL_REDUCED);
    } else if (!strcmp(name, "--full")) {
        set_mode(to, MODEL_FULL);
    } else if (!strcmp(name, "--park")) {
        to->park = true;
    } else if (!strcmp(name, "--kill") && model_recover != NULL) {
        to->kill = true;
    } else if (!strcmp(name, "--bounded")) {
        to->bounded = true;
    } else if (!strcmp(name, "--allow-partial")) {
        to->options.allow_partial = true;
    } else if (!strcmp(name, "--keep-going")) {
        to->options.keep_going = true;
    } else {
        return false;
    }
    return true;
}

static bool parse_number(struct arguments *to, const char *name,
                         const char *word)
{
    struct model_options *options = &to->options;
    uint64_t number;

    if (!parse_count(word, &number)) return false;
    if (!strcmp(name, "--bound")) {
        set_mode(to, MODEL_BOUNDED);
        options->preemptions_max = (unsigned)number;
    } else if (!strcmp(name, "--preemptions")) {
        set_mode(to, MODEL_PREEMPTIONS);
        options->preemptions_max = (unsigned)number;
    } else if (!strcmp(name, "--deeper")) {
        to->deeper = (unsigned)number;
    } else if (!strcmp(name, "--leads")) {
        if (number == 0) return give_up("too few", word);
        model_leads = (size_t)number;
    } else if (!strcmp(name, "--fill")) {
        to->fill = number;
        to->fill_given = true;
    } else if (!strcmp(name, "--random")) {
        set_mode(to, MODEL_RANDOM);
        options->random_count = number;
    } else if (!strcmp(name, "--pct")) {
        set_mode(to, MODEL_PCT);
        options->random_count = number;
    } else if (!strcmp(name, "--depth")) {
        if (number > MODEL_DEPTH_MAX) return give_up("too many", word);
        options->depth = (unsigned)number;
    } else if (!strcmp(name, "--seed")) {
        options->seed = number;
    } else if (!strcmp(name, "--max-schedules")) {
        options->schedules_max = number;
    } else if (!strcmp(name, "--max-seconds")) {
        options->seconds_max = (double)number;
    } else if (!strcmp(name, "--max-steps")) {
        if (number > MODEL_STEPS_MAX) return give_up("too many", word);
        options->steps_max = (size_t)number;
    } else {
        return give_up("unknown option", name);
    }
    return true;
}

static bool parse(struct arguments *to, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (parse_flag(to, name)) continue;
        if (++i == argc) return give_up("unknown, or lacks a value", name);
        if (!strcmp(name, "--case")) {
            to->only = argv[i];
        } else if (!strcmp(name, "--replay")) {
            set_mode(to, MODEL_REPLAY);
            to->options.replay = argv[i];
        } else if (!parse_number(to, name, argv[i])) {
            return false;
        }
    }
    return true;
}

static bool is_asked_for(const struct model_case *model,
                         const struct arguments *given)
{
    if (given->bounded && model->preemptions_max == 0) return false;
    return !given->only || !strcmp(given->only, model->name);
}

int model_main(const struct model_case *cases, int count, int argc, char **argv)
{
    struct arguments given = {.options.depth = MODEL_DEPTH_DEFAULT};
    int met = 0;
    bool passed = true;

    if (!parse(&given, argc, argv)) return 2;
    if (!given.fill_given && !given.mode_given) given.fill = MOOR_MODEL_FILL;
    run_report_crashes();
    for (int i = 0; i < count; i++) {
        if (!is_asked_for(&cases[i], &given)) continue;
        met++;
        if (given.list) {
            puts(cases[i].name);
        } else if (given.park || given.kill) {
            passed &= park_one(&cases[i], given.kill);
        } else {
            passed &= run_one(&cases[i], &given);
        }
        fflush(stdout);
    }
    if (sum.cases > 0) print_sum();
    if (met == 0) fprintf(stderr, "no such case\n");
    return met == 0 ? 2 : !passed;
}
