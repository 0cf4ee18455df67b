/*
 * The judge, judged: results are made up that hold every goal by a little, and
 * then spoiled one at a time.  Each must be seen, in the one row that it is
 * about, and nothing else.
 */
#include "goals.h"

#include <stdlib.h>
#include <string.h>

enum { OURS = 100, GOALS_MOST = 64, TAIL = 1000 };

static const double margin = 1.05;

struct made {
    struct results results;
    struct rival rivals[GOALS_MOST]; /* that of each goal; only its name */
    uint64_t wrong;
};

static void expect(struct made *made, bool fine, const char *what,
                   const char *of)
{
    if (fine) return;
    made->wrong++;
    fprintf(stderr, "bench: goals: %s (%s)\n", what, of);
}

static void set(struct result *result, double ns)
{
    for (unsigned i = 0; i < GOAL_ROUNDS; i++) result->real[i] = ns;
}

static void add(struct made *made, const char *workload, uint32_t agents,
                unsigned threads, const struct rival *rival, double ns)
{
    struct result *result = results_add(&made->results);

    result->workload = workload;
    result->rival = rival;
    result->agents = agents;
    result->threads = threads;
    result->rounds = GOAL_ROUNDS;
    set(result, ns);
}

static void add_goal(struct made *made, unsigned which)
{
    const struct goal *goal = &goals[which];
    struct rival *rival = &made->rivals[which];

    rival->name = goal->rival;
    for (unsigned k = 0; k < GOAL_SIZES * GOAL_CREWS; k++) {
        const uint32_t agents = goal->agents[k / GOAL_CREWS];
        const unsigned threads = goal_crews[k % GOAL_CREWS];

        if (agents == 0) continue;
        if (results_find(&made->results, goal->workload, agents, threads,
                         rival_moorage.name) == NULL) {
            add(made, goal->workload, agents, threads, &rival_moorage, OURS);
        }
        add(made, goal->workload, agents, threads, rival,
            OURS * margin * goal->ratio[k % GOAL_CREWS]);
    }
}

static void add_tails(struct made *made, const struct rival *rival,
                      double tail)
{
    add(made, goal_calls, GOAL_CALLS_AGENTS, GOAL_CALLS_THREADS, rival, 0);
    struct result *result = &made->results.at[made->results.count - 1];
    result->timed = true;
    for (unsigned i = 0; i < CALLS; i++) result->calls[i].p99_99 = tail;
}

/* How many rows the judge does not take for held; he says the same of all. */
static unsigned rows_not_held(struct made *made)
{
    char *text = NULL;
    size_t length = 0;
    unsigned count = 0;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL) abort();
    const bool held = goals_held(&made->results, to);
    fclose(to);
    for (const char *at = strtok(text, "\n"); at != NULL;
         at = strtok(NULL, "\n")) {
        count += strstr(at, "  NO") != NULL || strstr(at, "  no: ") != NULL;
    }
    expect(made, held == (count == 0), "the verdict is not that of the rows",
           "");
    free(text);
    return count;
}

/* Rivals that were not built are not held whatever their figures are. */
static unsigned rows_missing(void)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < goals_count; i++) {
        bool built = true;
#ifndef BENCH_LFHT
        built &= strcmp(goals[i].rival, "lfht") != 0;
#endif
#ifndef BENCH_TBB
        built &= strcmp(goals[i].rival, "tbb") != 0;
#endif
        for (unsigned k = 0; k < GOAL_SIZES && !built; k++) {
            missing += goals[i].agents[k] != 0 ? GOAL_CREWS : 0;
        }
    }
    return missing;
}

/* A rival that got faster, or that ran for fewer rounds, or not at all. */
static void spoil_rival(struct made *made, struct result *result,
                        unsigned missing)
{
    const struct result was = *result;

    set(result, was.real[0] / margin * 0.99);
    expect(made, rows_not_held(made) == missing + 1, "a faster rival",
           was.rival->name);
    *result = was;
    result->real[0] = result->real[1] = result->real[2] = 0.1;
    expect(made, rows_not_held(made) == missing, "three rounds of seven",
           was.rival->name);
    *result = was;
    result->rounds = GOAL_ROUNDS - 1;
    expect(made, rows_not_held(made) == missing + 1, "too few rounds",
           was.rival->name);
    *result = was;
    result->workload = "";
    expect(made, rows_not_held(made) == missing + 1, "a rival left out",
           was.rival->name);
    *result = was;
}

static bool is_counted(const struct result *result)
{
#ifndef BENCH_LFHT
    if (strcmp(result->rival->name, "lfht") == 0) return false;
#endif
#ifndef BENCH_TBB
    if (strcmp(result->rival->name, "tbb") == 0) return false;
#endif
    return !result->timed && result->rival != &rival_moorage;
}

/* moorage's tail of one call too long, and then that of the mutex too short. */
static void spoil_tails(struct made *made, struct result *ours,
                        struct result *mutex, unsigned missing)
{
    for (unsigned i = 0; i < CALLS; i++) {
        ours->calls[i].p99_99 = goal_tail_ns + 1;
        mutex->calls[i].p99_99 = goal_tail_ns * 101;
        expect(made, rows_not_held(made) == missing + 1, "a long tail",
               call_names[i]);
        ours->calls[i].p99_99 = TAIL;
        mutex->calls[i].p99_99 = TAIL * 99;
        expect(made, rows_not_held(made) == missing + 1, "no worse a tail",
               call_names[i]);
        mutex->calls[i].p99_99 = TAIL * 101;
    }
    ours->workload = "";
    expect(made, rows_not_held(made) == missing + 1, "tails left out", "");
    ours->workload = goal_calls;
}

/* All of them with fewer rounds than a median is worth something of. */
static void spoil_rounds(struct made *made, unsigned ratios, unsigned missing)
{
    unsigned counted = 0;

    for (unsigned i = 0; i < ratios; i++) {
        made->results.at[i].rounds = GOAL_ROUNDS - 1;
        counted += is_counted(&made->results.at[i]);
    }
    expect(made, rows_not_held(made) == missing + counted, "too few rounds",
           "all");
    for (unsigned i = 0; i < ratios; i++) {
        made->results.at[i].rounds = GOAL_ROUNDS;
    }
}

/* Everything that is judged is wished for, and nothing else. */
static void try_wishes(struct made *made)
{
    for (unsigned i = 0; i < made->results.count; i++) {
        const struct result *at = &made->results.at[i];

        expect(made,
               goals_want(at->workload, at->agents, at->threads,
                          at->rival->name) &&
                   goals_want(at->workload, at->agents, at->threads, NULL),
               "is judged, but not measured", at->workload);
        expect(made,
               !goals_want(at->workload, at->agents, at->threads, "nobody") &&
                   !goals_want(at->workload, at->agents, 3, NULL) &&
                   !goals_want(at->workload, 7, at->threads, NULL),
               "is measured, but not judged", at->workload);
    }
}

uint64_t goals_trial(void)
{
    struct made *made = calloc(1, sizeof *made);
    const unsigned missing = rows_missing();

    if (made == NULL || goals_count > GOALS_MOST) abort();
    for (unsigned i = 0; i < goals_count; i++) add_goal(made, i);
    const unsigned ratios = made->results.count;
    add_tails(made, &rival_moorage, TAIL);
    add_tails(made, &rival_mutex, TAIL * 101);
    expect(made, rows_not_held(made) == missing, "all goals held", "");
    for (unsigned i = 0; i < ratios; i++) {
        struct result *result = &made->results.at[i];
        if (is_counted(result)) spoil_rival(made, result, missing);
    }
    spoil_rounds(made, ratios, missing);
    spoil_tails(made, &made->results.at[ratios],
                &made->results.at[ratios + 1], missing);
    try_wishes(made);
    const uint64_t wrong = made->wrong;
    free(made->results.at);
    free(made);
    return wrong;
}
