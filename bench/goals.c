#include "goals.h"

#include <string.h>

const unsigned goal_crews[GOAL_CREWS] = { 1, 2, 16 };
const char *const goal_calls = "life_calls";
const double goal_tail_ns = 5000, goal_tail_share = 0.01;

/* Here is what stands in the way; what was tried is in lib/DESIGN.md. */
static const char why_map[] =
    "a key is found by five loads one after the other, and the record's life "
    "judged";
static const char why_mutex[] =
    "alone, a lock is two updates in the cache; with two threads it costs one "
    "hand-over";
static const char why_life[] =
    "2,700 instructions and 22 updates, in two maps, a tree and two counters";

const struct goal goals[] = {
    { "map_life", "mutex", { 6, 1000 }, { 1.0, 8, 8 }, why_mutex },
    { "map_life", "lfht", { 6, 1000 }, { 3, 3, 3 }, why_map },
    { "map_life", "tbb", { 6, 1000 }, { 2, 3, 3 }, why_map },
    { "map_life", "sharded", { 6, 1000 }, { 1.5, 2, 2.5 }, why_map },
    { "map_life", "lfht", { 100000 }, { 4, 6, 4 }, why_map },
    { "map_life", "tbb", { 100000 }, { 2, 2, 2 }, why_map },
    { "life", "mutex", { 6, 1000 }, { 1.0, 5, 5 }, why_life },
    { "life", "codex", { 1000 }, { 10, 25, 25 }, why_life },
    { "map_handle", "mutex", { 1000 }, { 2, 10, 10 }, why_mutex },
    { "map_id", "mutex", { 1000 }, { 1.1, 8, 8 }, why_mutex },
    { "refusal", "mutex", { 6, 1000 }, { 1.5, 5, 5 },
      "a name taken comes first: path and id are hashed and looked up, too" },
};
static const char why_tails[] =
    "a call of that length is preempted itself: see the figures of `tails`";
const unsigned goals_count = sizeof goals / sizeof *goals;

/* No call is cheaper.  What is left below it, when the harness was taken off,
 * is noise, and must not make a ratio. */
static const double least_ns = 1;

static bool is_one_of(const char *rival, const char *other)
{
    return rival == NULL || strcmp(rival, other) == 0 ||
           strcmp(rival, rival_moorage.name) == 0;
}

static bool wants(const struct goal *goal, uint32_t agents, unsigned threads)
{
    bool size = false, crew = false;

    for (unsigned i = 0; i < GOAL_SIZES; i++) {
        size |= goal->agents[i] == agents;
    }
    for (unsigned i = 0; i < GOAL_CREWS; i++) crew |= goal_crews[i] == threads;
    return size && crew;
}

bool goals_want(const char *workload, uint32_t agents, unsigned threads,
                const char *rival)
{
    if (strcmp(workload, goal_calls) == 0) {
        return agents == GOAL_CALLS_AGENTS && threads == GOAL_CALLS_THREADS &&
               is_one_of(rival, rival_mutex.name);
    }
    for (unsigned i = 0; i < goals_count; i++) {
        if (strcmp(workload, goals[i].workload) == 0 &&
            wants(&goals[i], agents, threads) &&
            is_one_of(rival, goals[i].rival)) {
            return true;
        }
    }
    return false;
}

/* --- judging -------------------------------------------------------------- */

static void print_line(FILE *to, const char *what, uint32_t agents,
                       unsigned threads, const char *goal, const char *seen,
                       const char *held)
{
    fprintf(to, "%-38s %7u %7u %12s %16s  %s\n", what, agents, threads, goal,
            seen, held);
}

/* Rivals from packages may be missing. */
static bool is_built(const char *rival)
{
    bool built = true;

#ifndef BENCH_LFHT
    built &= strcmp(rival, "lfht") != 0;
#endif
#ifndef BENCH_TBB
    built &= strcmp(rival, "tbb") != 0;
#endif
    (void)rival;
    return built;
}

static double at_least(double ns)
{
    return ns > least_ns ? ns : least_ns;
}

/* Round by round, because rounds of one number ran at nearly one time. */
static double ratio_of(const struct result *rival, const struct result *ours)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < ours->rounds; i++) {
        ratios[i] = rival->real[i] / at_least(ours->real[i]);
    }
    return median(ratios, ours->rounds);
}

/* Why there is nothing to judge, or null. */
static const char *why_not(const char *name, const struct result *ours,
                           const struct result *rival)
{
    if (!is_built(name)) return "no: not built";
    if (ours == NULL || rival == NULL) return "no: was not measured";
    if (ours->rounds < GOAL_ROUNDS || rival->rounds < ours->rounds) {
        return "no: too few rounds";
    }
    return NULL;
}

static bool judge_ratio(const struct results *results, const struct goal *goal,
                        uint32_t agents, unsigned crew, FILE *to)
{
    const unsigned threads = goal_crews[crew];
    char what[64], wanted[32], seen[32] = "-";
    const struct result *ours = results_find(
        results, goal->workload, agents, threads, rival_moorage.name);
    const struct result *rival = results_find(results, goal->workload, agents,
                                              threads, goal->rival);
    const char *held = why_not(goal->rival, ours, rival);
    bool fine = false;

    snprintf(what, sizeof what, "%s: %s / moorage", goal->workload,
             goal->rival);
    snprintf(wanted, sizeof wanted, ">= %.1f", goal->ratio[crew]);
    if (held == NULL) {
        double ratio = ratio_of(rival, ours);
        snprintf(seen, sizeof seen, "%.2f", ratio);
        fine = ratio >= goal->ratio[crew];
        held = fine ? "yes" : "NO";
    }
    print_line(to, what, agents, threads, wanted, seen, held);
    return fine;
}

static bool judge_tail(const struct result *ours, const struct result *mutex,
                       unsigned call, FILE *to)
{
    const double tail = ours->calls[call].p99_99;
    const double other = mutex->calls[call].p99_99;
    char what[64], wanted[32], seen[32];
    bool below = tail <= goal_tail_ns;
    bool share = tail <= other * goal_tail_share;

    snprintf(what, sizeof what, "p99.99 of %s", call_names[call]);
    snprintf(wanted, sizeof wanted, "<= %.0f ns", goal_tail_ns);
    snprintf(seen, sizeof seen, "%.0f ns", tail);
    print_line(to, what, ours->agents, ours->threads, wanted, seen,
               below ? "yes" : "NO");
    snprintf(what, sizeof what, "p99.99 of %s: moorage / mutex",
             call_names[call]);
    snprintf(wanted, sizeof wanted, "<= %.2f", goal_tail_share);
    snprintf(seen, sizeof seen, "%.6f", tail / other);
    print_line(to, what, ours->agents, ours->threads, wanted, seen,
               share ? "yes" : "NO");
    return below && share;
}

static bool judge_tails(const struct results *results, FILE *to)
{
    const struct result *ours =
        results_find(results, goal_calls, GOAL_CALLS_AGENTS,
                     GOAL_CALLS_THREADS, rival_moorage.name);
    const struct result *mutex =
        results_find(results, goal_calls, GOAL_CALLS_AGENTS,
                     GOAL_CALLS_THREADS, rival_mutex.name);
    bool fine = true;

    if (ours == NULL || mutex == NULL) {
        print_line(to, "p99.99 of every call", GOAL_CALLS_AGENTS,
                   GOAL_CALLS_THREADS, "-", "-", "no: was not measured");
        return false;
    }
    for (unsigned i = 0; i < CALLS; i++) {
        fine &= judge_tail(ours, mutex, i, to);
    }
    return fine;
}

/* Of one goal, with all its sizes and crews. */
static bool judge_goal(const struct results *results, const struct goal *goal,
                       FILE *to)
{
    bool fine = true;

    for (unsigned k = 0; k < GOAL_SIZES * GOAL_CREWS; k++) {
        const uint32_t agents = goal->agents[k / GOAL_CREWS];

        if (agents == 0) continue;
        fine &= judge_ratio(results, goal, agents, k % GOAL_CREWS, to);
    }
    return fine;
}

static void print_why(FILE *to, const bool *held, bool tails)
{
    fprintf(to, "\nnot held, and what stands in the way:\n");
    for (unsigned i = 0; i < goals_count; i++) {
        if (!held[i]) {
            fprintf(to, "  %s: %s / moorage: %s\n", goals[i].workload,
                    goals[i].rival, goals[i].why);
        }
    }
    if (!tails) fprintf(to, "  p99.99: %s\n", why_tails);
    fprintf(to, "what was tried: lib/DESIGN.md, Goals that are not reached\n");
}

bool goals_held(const struct results *results, FILE *to)
{
    bool held[sizeof goals / sizeof *goals], tails, fine = true;

    fprintf(to, "%-38s %7s %7s %12s %16s  %s\n", "goal", "agents", "threads",
            "wanted", "seen", "held");
    for (unsigned i = 0; i < goals_count; i++) {
        held[i] = judge_goal(results, &goals[i], to);
        fine &= held[i];
    }
    tails = judge_tails(results, to);
    fine &= tails;
    if (!fine) print_why(to, held, tails);
    return fine;
}
