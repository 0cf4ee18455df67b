#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZES = 4, CREWS = 4, MILLION = 1000000 };

static const uint32_t sizes[SIZES] = { 6, 1000, 100000, MILLION };
static const unsigned crews[CREWS] = { 1, 2, 4, 16 };

/* A million agents take their time: fewer rounds. */
enum { ROUNDS_OF_A_MILLION = 3 };

/* Lives by the clock are about waiting, not about size. */
static const uint32_t open_agents = 1000;

/* Passes over all agents, with a million of them, say nothing that they did
 * not say with fewer. */
static const uint32_t pass_agents_max = 100000;

static bool is_pass(const struct workload *workload)
{
    return strcmp(workload->name, "reap") == 0 ||
           strcmp(workload->name, "reap_k") == 0 ||
           strcmp(workload->name, "list") == 0;
}

static const char *name_of(const struct suite_case *of)
{
    switch (of->kind) {
    case SUITE_PROBE: return of->probe->name;
    case SUITE_ROUNDS: return of->workload->name;
    case SUITE_CALLS: return "life_calls";
    default: return "life_open";
    }
}

void suite_name(const struct suite_case *of, char name[NAME_MAX_BYTES])
{
    if (of->kind == SUITE_PROBE) {
        snprintf(name, NAME_MAX_BYTES, "figure/%s", of->probe->name);
    } else {
        snprintf(name, NAME_MAX_BYTES, "%s/n:%u/threads:%u", name_of(of),
                 of->agents, of->threads);
    }
}

static bool is_wanted(const struct suite_choice *choice,
                      const struct suite_case *of)
{
    char name[NAME_MAX_BYTES];

    suite_name(of, name);
    if (choice->filter != NULL &&
        regexec(choice->filter, name, 0, NULL, 0) != 0) {
        return false;
    }
    return of->kind == SUITE_PROBE || choice->wish == NULL ||
           choice->wish(name_of(of), of->agents, of->threads, NULL);
}

static void put(struct suite *suite, const struct suite_choice *choice,
                struct suite_case of)
{
    if (!is_wanted(choice, &of)) return;
    struct suite_case *grown =
        realloc(suite->at, (suite->count + 1) * sizeof *grown);
    if (grown == NULL) abort();
    suite->at = grown;
    grown[suite->count++] = of;
}

/* Of a size and a crew, the cases that leave slots free, or those that do
 * not. */
static void put_crew(struct suite *suite, const struct suite_choice *choice,
                     uint32_t agents, unsigned threads, bool full)
{
    for (unsigned i = 0; i < workloads_count; i++) {
        const struct workload *workload = &workloads[i];

        if (workload->full != full ||
            (is_pass(workload) && agents > pass_agents_max)) {
            continue;
        }
        put(suite, choice, (struct suite_case){ .kind = SUITE_ROUNDS,
                                                .workload = workload,
                                                .agents = agents,
                                                .threads = threads });
    }
    if (full || agents == MILLION) return;
    put(suite, choice, (struct suite_case){ .kind = SUITE_CALLS,
                                            .agents = agents,
                                            .threads = threads });
    const bool usual = threads == 2 || threads == 16 || choice->threads > 0;
    if (agents != open_agents || !usual) return;
    put(suite, choice, (struct suite_case){ .kind = SUITE_OPEN,
                                            .agents = agents,
                                            .threads = threads });
}

/* A crew that was asked for by number need not be a usual one. */
static void put_size(struct suite *suite, const struct suite_choice *choice,
                     uint32_t agents)
{
    for (unsigned full = 0; full < 2; full++) {
        if (choice->threads > 0) {
            put_crew(suite, choice, agents, choice->threads, full);
            continue;
        }
        for (unsigned i = 0; i < CREWS; i++) {
            put_crew(suite, choice, agents, crews[i], full);
        }
    }
}

struct suite suite_make(const struct suite_choice *choice)
{
    struct suite suite = { .quick = choice->smoke };

    for (unsigned i = 0; i < probes_count && choice->threads == 0; i++) {
        put(&suite, choice,
            (struct suite_case){ .kind = SUITE_PROBE, .probe = &probes[i] });
    }
    for (unsigned i = 0; i < SIZES; i++) {
        if (!choice->smoke || sizes[i] <= open_agents) {
            put_size(&suite, choice, sizes[i]);
        }
    }
    return suite;
}

void suite_free(struct suite *suite)
{
    free(suite->at);
    *suite = (struct suite){ .at = NULL };
}

static void run_probe(const struct suite *suite, const struct probe *probe,
                      struct results *results)
{
    struct figures *figures = &results->figures;
    const unsigned before = figures->count;

    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%-79s\r", probe->what);
    probe->run(suite->quick, figures);
    for (unsigned i = before; i < figures->count; i++) {
        results->probes[i] = probe->name;
    }
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%79s\r", "");
}

static void run_one(const struct suite *suite, const struct suite_case *of,
                    const struct plan *plan, struct stage *stage,
                    struct results *results)
{
    switch (of->kind) {
    case SUITE_PROBE: run_probe(suite, of->probe, results); break;
    case SUITE_ROUNDS:
        run_case(plan, stage, of->workload, of->threads, results);
        break;
    case SUITE_CALLS: run_calls(plan, stage, of->threads, results); break;
    case SUITE_OPEN: run_open(plan, stage, of->threads, results); break;
    }
}

static bool is_full(const struct suite_case *of)
{
    return of->kind == SUITE_ROUNDS && of->workload->full;
}

void suite_run(const struct suite *suite, struct plan *plan,
               struct results *results)
{
    struct stage stage = stage_open(0, false);
    const unsigned rounds = plan->rounds;

    plan->cases = suite->count;
    for (unsigned i = 0; i < suite->count; i++) {
        const struct suite_case *of = &suite->at[i];

        if (of->agents != stage.agents || is_full(of) != stage.full) {
            results->wrong += stage_close(&stage);
            stage = stage_open(of->agents, is_full(of));
        }
        plan->at = i + 1;
        plan->rounds = of->agents == MILLION && rounds > ROUNDS_OF_A_MILLION
                           ? ROUNDS_OF_A_MILLION
                           : rounds;
        run_one(suite, of, plan, &stage, results);
    }
    plan->rounds = rounds;
    results->wrong += stage_close(&stage);
}
