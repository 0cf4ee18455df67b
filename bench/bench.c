/*
 * bench: moorage and its rivals, doing the same work, in the same run.
 *
 * Nanoseconds drift with the machine; ratios inside one run are what counts.
 * `--check` judges them; without it every case that was not filtered out is
 * measured, and `--out` keeps the figures as JSON.
 */
#include "goals.h"
#include "trial.h"

#include <getopt.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#ifndef BENCH_COMMIT
#define BENCH_COMMIT "unknown"
#endif

static const struct rival *const built[] = {
    &rival_moorage, &rival_mutex, &rival_sharded, &rival_codex, &rival_ckhs,
#ifdef BENCH_LFHT
    &rival_lfht,
#endif
#ifdef BENCH_TBB
    &rival_tbb,
#endif
};
enum { BUILT = sizeof built / sizeof *built, SIZES = 4, CREWS = 3 };

static const char *const left_out =
#ifndef BENCH_LFHT
    " lfht"
#endif
#ifndef BENCH_TBB
    " tbb"
#endif
    "";

static const uint32_t sizes[SIZES] = { 6, 1000, 100000, 1000000 };
static const unsigned crews[CREWS] = { 1, 2, 16 };

struct options {
    struct plan plan;
    regex_t filter;
    bool filtered, check, list, smoke, million;
    unsigned threads; /* 0: all */
    const char *out, *commit, *program;
};

static const char usage[] =
    "usage: bench [--list] [--filter REGEX] [--threads N] [--rival REGEX]\n"
    "             [--repetitions N] [--seconds N] [--out FILE] [--million]\n"
    "             [--commit TEXT] [--check] [--smoke]\n"
    "  --filter   of names such as life/n:1000/threads:2\n"
    "  --seconds  of one round of one rival\n"
    "  --million  a million residents, too\n"
    "  --check    measure what the goals speak of, and judge it\n"
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
    enum { LIST = 1, FILTER, THREADS, RIVAL, REPETITIONS, SECONDS, OUT,
           MILLION, COMMIT, CHECK, SMOKE };
    static const struct option known[] = {
        { "list", no_argument, NULL, LIST },
        { "filter", required_argument, NULL, FILTER },
        { "threads", required_argument, NULL, THREADS },
        { "rival", required_argument, NULL, RIVAL },
        { "repetitions", required_argument, NULL, REPETITIONS },
        { "seconds", required_argument, NULL, SECONDS },
        { "out", required_argument, NULL, OUT },
        { "million", no_argument, NULL, MILLION },
        { "commit", required_argument, NULL, COMMIT },
        { "check", no_argument, NULL, CHECK },
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
        case OUT: options->out = optarg; break;
        case MILLION: options->million = true; break;
        case COMMIT: options->commit = optarg; break;
        case CHECK: options->check = true; break;
        case SMOKE: options->smoke = true; break;
        default: fail("unknown option");
        }
    }
    if (optind != count) fail("what is that?");
}

static bool wanted(const struct options *options, const char *workload,
                   uint32_t agents, unsigned threads)
{
    char name[NAME_MAX_BYTES];

    if (options->threads > 0 && threads != options->threads) return false;
    snprintf(name, sizeof name, "%s/n:%u/threads:%u", workload, agents,
             threads);
    if (options->filtered &&
        regexec(&options->filter, name, 0, NULL, 0) != 0) {
        return false;
    }
    if (options->list) puts(name);
    return !options->list;
}

/* All cases of one size and one crew. */
static void run_all(const struct options *options, uint32_t agents,
                    unsigned threads, struct results *results)
{
    for (unsigned i = 0; i < workloads_count; i++) {
        if (wanted(options, workloads[i].name, agents, threads)) {
            run_case(&options->plan, &workloads[i], agents, threads, results);
        }
    }
    if (wanted(options, "life_calls", agents, threads)) {
        run_calls(&options->plan, agents, threads, results);
    }
}

/* A crew that was asked for by number need not be one of the three. */
static void run_matrix(const struct options *options, struct results *results)
{
    const unsigned many = options->million ? SIZES : SIZES - 1;

    for (unsigned i = 0; i < many; i++) {
        if (options->threads > 0) {
            run_all(options, sizes[i], options->threads, results);
            continue;
        }
        for (unsigned k = 0; k < CREWS; k++) {
            run_all(options, sizes[i], crews[k], results);
        }
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
    return fclose(to) == 0 && fine;
}

int main(int count, char **arguments)
{
    struct options options = {
        .plan = { .rounds = 7, .seconds = 0.05 },
        .commit = BENCH_COMMIT,
        .program = arguments[0],
    };
    struct results results = { 0 };
    bool fine = true;

    choose(&options.plan, ".");
    read_options(count, arguments, &options);
    if (options.smoke) {
        for (unsigned i = 0; i < options.plan.rivals_count; i++) {
            results.wrong += trial_of(options.plan.rivals[i]);
        }
        options.plan.rounds = 1;
        options.plan.seconds = 0.002;
        run_all(&options, sizes[0], 2, &results);
        run_all(&options, sizes[1], 2, &results);
    } else if (options.check && !options.list) {
        if (*left_out != '\0') {
            printf("rivals that were not built:%s\n", left_out);
        }
        goals_run(&options.plan, &results);
    } else {
        run_matrix(&options, &results);
    }
    if (!options.list && !options.check) results_print(&results, stdout);
    if (options.check && !options.list) fine = goals_held(&results, stdout);
    if (options.out != NULL) fine &= write_out(&options, &results);
    if (results.wrong > 0) fputs("bench: answers were wrong\n", stderr);
    free(results.at);
    return fine && results.wrong == 0 ? 0 : 1;
}
