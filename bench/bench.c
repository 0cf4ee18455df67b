/*
 * bench: moorage and its rivals, doing the same work, in the same run.
 *
 * Nanoseconds drift with the machine; ratios inside one run are what counts.
 * `--check` judges them; `--out` keeps what was measured as JSON, which
 * `bench compare` and `bench report` read.
 */
#include "compare.h"
#include "goals.h"
#include "map_rival.h"
#include "report.h"
#include "suite.h"
#include "trial.h"

#include <getopt.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#ifndef BENCH_COMMIT
#define BENCH_COMMIT "unknown"
#endif

static const struct rival *const built[] = {
    &rival_moorage, &map_moorage,
#ifdef BENCH_PLANT_FAST
    &rival_planted, &map_planted,
#else
    &rival_mutex, &map_mutex,
#endif
    &rival_sharded, &map_sharded, &rival_codex, &rival_ckhs, &map_ckhs,
#ifdef BENCH_LFHT
    &rival_lfht, &map_lfht, &map_lfht_pool,
#endif
#ifdef BENCH_TBB
    &rival_tbb, &map_tbb,
#endif
    &rival_moorage_keeping, &rival_mutex_keeping,
};
enum { BUILT = sizeof built / sizeof *built };

static const char *const left_out =
#ifndef BENCH_LFHT
    " lfht"
#endif
#ifndef BENCH_TBB
    " tbb"
#endif
    "";

struct options {
    struct plan plan;
    regex_t filter;
    bool filtered, check, all, list, smoke;
    unsigned threads; /* 0: the usual crews */
    const char *out, *report, *commit, *program;
};

static const char usage[] =
    "usage: bench [--list] [--filter REGEX] [--threads N] [--rival REGEX]\n"
    "             [--repetitions N] [--seconds N] [--lives N] [--commit TEXT]\n"
    "             [--out FILE] [--report PAGE] [--check [--all]] [--smoke]\n"
    "       bench compare A B [--threshold PERCENT]\n"
    "       bench report FILE [--out PAGE] [--svg DIR]\n"
    "  --filter   of names such as life/n:1000/threads:2, or figure/memory\n"
    "  --seconds  of one round of one rival\n"
    "  --lives    of the probe `churn`\n"
    "  --out      keep what was measured, as JSON\n"
    "  --report   and make a page of it\n"
    "  --check    measure what the goals speak of, and judge it; with --all,\n"
    "             measure everything\n"
    "  --smoke    try every rival, and run everything once for a moment\n";

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n%s", what, usage);
    exit(2);
}

static double number(const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= least && value <= most)) {
        fail("not a number, or out of range");
    }
    return value;
}

static void compile(regex_t *regex, const char *text)
{
    if (regcomp(regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        fail("not a regular expression");
    }
}

/* The rivals whose names match. */
static void choose(struct plan *plan, const char *text)
{
    regex_t regex;

    compile(&regex, text);
    plan->rivals_count = 0;
    for (unsigned i = 0; i < BUILT; i++) {
        if (regexec(&regex, built[i]->name, 0, NULL, 0) == 0) {
            plan->rivals[plan->rivals_count++] = built[i];
        }
    }
    regfree(&regex);
    if (plan->rivals_count == 0) fail("no rival of that name");
}

static void read_options(int count, char **arguments, struct options *options)
{
    enum { LIST = 1, FILTER, THREADS, RIVAL, REPETITIONS, SECONDS, LIVES, OUT,
           REPORT, COMMIT, CHECK, ALL, SMOKE };
    static const struct option known[] = {
        { "list", no_argument, NULL, LIST },
        { "filter", required_argument, NULL, FILTER },
        { "threads", required_argument, NULL, THREADS },
        { "rival", required_argument, NULL, RIVAL },
        { "repetitions", required_argument, NULL, REPETITIONS },
        { "seconds", required_argument, NULL, SECONDS },
        { "lives", required_argument, NULL, LIVES },
        { "out", required_argument, NULL, OUT },
        { "report", required_argument, NULL, REPORT },
        { "commit", required_argument, NULL, COMMIT },
        { "check", no_argument, NULL, CHECK },
        { "all", no_argument, NULL, ALL },
        { "smoke", no_argument, NULL, SMOKE },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (option) {
        case LIST: options->list = true; break;
        case FILTER:
            compile(&options->filter, optarg);
            options->filtered = true;
            break;
        case THREADS:
            options->threads = (unsigned)number(optarg, 1, THREADS_MAX);
            break;
        case RIVAL: choose(&options->plan, optarg); break;
        case REPETITIONS:
            options->plan.rounds = (unsigned)number(optarg, 1, ROUNDS_MAX);
            break;
        case SECONDS: options->plan.seconds = number(optarg, 1e-4, 5); break;
        case LIVES: churn_lives = (uint64_t)number(optarg, 1000, 1e12); break;
        case OUT: options->out = optarg; break;
        case REPORT: options->report = optarg; break;
        case COMMIT: options->commit = optarg; break;
        case CHECK: options->check = true; break;
        case ALL: options->all = true; break;
        case SMOKE: options->smoke = true; break;
        default: fail("unknown option");
        }
    }
    if (optind != count) fail("what is that?");
    if (options->report != NULL && options->out == NULL) {
        fail("--report needs --out");
    }
    if (options->all && !options->check) fail("--all is for --check");
}

static struct suite chosen(struct options *options)
{
    if (options->check && !options->all) options->plan.wish = goals_want;
    if (options->smoke) {
        options->threads = 2;
        options->plan.rounds = 1;
        options->plan.seconds = 0.002;
    }
    const struct suite_choice choice = {
        .filter = options->filtered ? &options->filter : NULL,
        .threads = options->threads,
        .wish = options->plan.wish,
        .smoke = options->smoke,
    };
    struct suite suite = suite_make(&choice);
    if (suite.count == 0) fail("no case of that name");
    return suite;
}

static void list(const struct suite *suite)
{
    char name[NAME_MAX_BYTES];

    for (unsigned i = 0; i < suite->count; i++) {
        suite_name(&suite->at[i], name);
        puts(name);
    }
}

static bool write_out(const struct options *options,
                      const struct results *results)
{
    FILE *to = fopen(options->out, "w");

    if (to == NULL) {
        perror(options->out);
        return false;
    }
    results_write(results, options->program, options->commit, to);
    bool fine = ferror(to) == 0;
    if (fclose(to) != 0 || !fine) {
        perror(options->out);
        return false;
    }
    return options->report == NULL ||
           report_write(options->out, options->report, NULL);
}

/* What was measured, judged or only shown. */
static bool show(const struct options *options, const struct results *results)
{
    if (!options->check) {
        results_print(results, stdout);
        return true;
    }
    if (*left_out != '\0') printf("rivals that were not built:%s\n", left_out);
    bool fine = figures_held(results, stdout);
    return goals_held(results, stdout) && fine;
}

static bool run(const struct options *options, const struct suite *suite)
{
    struct results results = { .at = NULL };
    struct plan plan = options->plan;

    if (options->smoke) results.wrong += goals_trial();
    for (unsigned i = 0; options->smoke && i < plan.rivals_count; i++) {
        results.wrong += trial_of(plan.rivals[i]);
    }
    printf("%u cases, %u rounds of %g s for each rival\n", suite->count,
           plan.rounds, plan.seconds);
    fflush(stdout);
    suite_run(suite, &plan, &results);
    bool fine = options->out == NULL || write_out(options, &results);
    fine &= show(options, &results);
    if (results.wrong > 0) fputs("bench: answers were wrong\n", stderr);
    fine &= results.wrong == 0;
    free(results.at);
    return fine;
}

int main(int count, char **arguments)
{
    struct options options = {
        .plan = { .rounds = 7, .seconds = 0.04 },
        .commit = BENCH_COMMIT,
        .program = arguments[0],
    };
    bool fine = true;

    if (count > 1 && strcmp(arguments[1], "compare") == 0) {
        return compare_main(count - 1, arguments + 1);
    }
    if (count > 1 && strcmp(arguments[1], "report") == 0) {
        return report_main(count - 1, arguments + 1);
    }
    choose(&options.plan, ".");
    read_options(count, arguments, &options);
    struct suite suite = chosen(&options);
    if (options.list) {
        list(&suite);
    } else {
        fine = run(&options, &suite);
    }
    suite_free(&suite);
    if (options.filtered) regfree(&options.filter);
    return fine ? 0 : 1;
}
