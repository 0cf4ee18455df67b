#include "goals.h"

#include <string.h>

enum { CALLS_AGENTS = 1000, CALLS_THREADS = 16, SIZES = 2 };

static const char *const calls_case = "life_calls";

/* How many times as long as moorage the rival takes, at least. */
struct goal {
    const char *workload, *rival;
    uint32_t agents[SIZES]; /* 0: none */
    double ratio[3];        /* with 1, 2 and 16 threads */
};

static const unsigned goal_threads[3] = { 1, 2, 16 };

static const struct goal goals[] = {
    { "life", "mutex", { 6, 1000 }, { 1.0, 5, 5 } },
    { "life", "codex", { 1000 }, { 10, 25, 25 } },
    { "find_handle", "mutex", { 1000 }, { 2, 10, 10 } },
    { "find_id", "mutex", { 1000 }, { 1.1, 8, 8 } },
    { "refusal", "mutex", { 1000 }, { 1.5, 5, 5 } },
};
enum { GOALS = sizeof goals / sizeof *goals };

/* p99.99 of each call of a life: at most a hundredth, and 5 microseconds. */
static const double tail_share = 0.01, tail_ns = 5000;

static const struct workload *workload_named(const char *name)
{
    const struct workload *at = workloads;

    while (strcmp(at->name, name) != 0) at++;
    return at;
}

/* The rivals that a goal names, and moorage. */
static struct plan named(const struct plan *plan)
{
    struct plan few = *plan;

    few.rivals_count = 0;
    for (unsigned i = 0; i < plan->rivals_count; i++) {
        bool named = plan->rivals[i] == &rival_moorage;

        for (unsigned k = 0; k < GOALS; k++) {
            named |= strcmp(plan->rivals[i]->name, goals[k].rival) == 0;
        }
        if (named) few.rivals[few.rivals_count++] = plan->rivals[i];
    }
    return few;
}

void goals_run(const struct plan *all, struct results *results)
{
    const struct plan few = named(all), *plan = &few;

    for (unsigned i = 0; i < GOALS; i++) {
        for (unsigned k = 0; k < 3 * SIZES; k++) {
            const uint32_t agents = goals[i].agents[k % SIZES];
            const unsigned threads = goal_threads[k / SIZES];

            if (agents == 0 ||
                results_find(results, goals[i].workload, agents, threads,
                             rival_moorage.name) != NULL) {
                continue;
            }
            run_case(plan, workload_named(goals[i].workload), agents, threads,
                     results);
        }
    }
    run_calls(plan, CALLS_AGENTS, CALLS_THREADS, results);
}

/* One line of the table; `fine` is what the caller saw. */
static void print_line(FILE *to, const char *what, uint32_t agents,
                       unsigned threads, const char *goal, const char *seen,
                       const char *held)
{
    fprintf(to, "%-38s %7u %7u %12s %16s  %s\n", what, agents, threads, goal,
            seen, held);
}

/* Round by round, because rounds of one number ran at nearly one time. */
static double ratio_of(const struct result *rival, const struct result *ours)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < ours->rounds; i++) {
        ratios[i] = rival->real[i] / ours->real[i];
    }
    return median(ratios, ours->rounds);
}

static bool judge_ratio(const struct results *results, const struct goal *goal,
                        uint32_t agents, unsigned k, FILE *to)
{
    const unsigned threads = goal_threads[k];
    char what[64], wanted[32], seen[32] = "-";
    const struct result *ours = results_find(
        results, goal->workload, agents, threads, rival_moorage.name);
    const struct result *rival = results_find(results, goal->workload, agents,
                                              threads, goal->rival);
    const char *held = "no: was not measured";
    bool fine = false;

    snprintf(what, sizeof what, "%s: %s / moorage", goal->workload,
             goal->rival);
    snprintf(wanted, sizeof wanted, ">= %.1f", goal->ratio[k]);
    if (ours != NULL && rival != NULL) {
        double ratio = ratio_of(rival, ours);
        snprintf(seen, sizeof seen, "%.2f", ratio);
        fine = ratio >= goal->ratio[k];
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
    bool below = tail <= tail_ns, share = tail <= other * tail_share;

    snprintf(what, sizeof what, "p99.99 of %s", call_names[call]);
    snprintf(wanted, sizeof wanted, "<= %.0f ns", tail_ns);
    snprintf(seen, sizeof seen, "%.0f ns", tail);
    print_line(to, what, ours->agents, ours->threads, wanted, seen,
               below ? "yes" : "NO");
    snprintf(what, sizeof what, "p99.99 of %s: moorage / mutex",
             call_names[call]);
    snprintf(wanted, sizeof wanted, "<= %.2f", tail_share);
    snprintf(seen, sizeof seen, "%.6f", tail / other);
    print_line(to, what, ours->agents, ours->threads, wanted, seen,
               share ? "yes" : "NO");
    return below && share;
}

static bool judge_tails(const struct results *results, FILE *to)
{
    const struct result *ours = results_find(
        results, calls_case, CALLS_AGENTS, CALLS_THREADS, rival_moorage.name);
    const struct result *mutex = results_find(
        results, calls_case, CALLS_AGENTS, CALLS_THREADS, rival_mutex.name);
    bool fine = true;

    if (ours == NULL || mutex == NULL) {
        print_line(to, "p99.99 of every call", CALLS_AGENTS, CALLS_THREADS,
                   "-", "-", "no: was not measured");
        return false;
    }
    for (unsigned i = 0; i < CALLS; i++) {
        fine &= judge_tail(ours, mutex, i, to);
    }
    return fine;
}

bool goals_held(const struct results *results, FILE *to)
{
    bool fine = true;

    fprintf(to, "%-38s %7s %7s %12s %16s  %s\n", "goal", "agents", "threads",
            "wanted", "seen", "held");
    for (unsigned i = 0; i < GOALS; i++) {
        for (unsigned k = 0; k < 3 * SIZES; k++) {
            uint32_t agents = goals[i].agents[k / 3];

            if (agents == 0) continue;
            fine &= judge_ratio(results, &goals[i], agents, k % 3, to);
        }
    }
    fine &= judge_tails(results, to);
    return fine;
}
