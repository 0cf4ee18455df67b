#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The rivals of a case, the harness first where there is one. */
struct sides {
    struct side {
        struct crowd *crowd;
        struct result result;
        struct histogram calls[CALLS];
    } *at;
    unsigned count;
    const char *workload;
};

static void progress(const struct plan *plan, const struct result *result,
                     unsigned round)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr,
            "\r[%3u/%u] %-11s %7u agents %2u threads, round %u/%u: %-8s",
            plan->at, plan->cases, result->workload, result->agents,
            result->threads, round + 1, plan->rounds, result->rival->name);
}

static void progress_end(void)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%79s\r", "");
}

static void tell(const struct rival *rival, uint64_t wrong,
                 struct results *results)
{
    if (wrong == 0) return;
    fprintf(stderr, "bench: %s: %llu wrong answers\n", rival->name,
            (unsigned long long)wrong);
    results->wrong += wrong;
}

static void add_side(const struct plan *plan, struct stage *stage,
                     const struct rival *rival, unsigned threads,
                     struct sides *sides)
{
    struct side *side = &sides->at[sides->count++];

    side->crowd = stage_crowd(stage, rival);
    side->result = (struct result){
        .workload = sides->workload,
        .rival = rival,
        .agents = stage->agents,
        .threads = threads,
        .rounds = plan->rounds,
    };
}

/* Whether a rival can be asked for this, and has to be. */
static bool takes_part(const struct plan *plan, const struct rival *rival,
                       const struct workload *body, const char *workload,
                       uint32_t agents, unsigned threads)
{
    if (rival->agents_max > 0 && agents > rival->agents_max) return false;
    if (body->able != NULL && !body->able(rival)) return false;
    return plan->wish == NULL ||
           plan->wish(workload, agents, threads, rival->name);
}

/* All that take part in `workload`, whose work is that of `body`. */
static struct sides open_sides(const struct plan *plan, struct stage *stage,
                               const char *workload,
                               const struct workload *body, unsigned threads,
                               bool harness)
{
    struct sides sides = { .workload = workload };

    sides.at = calloc(RIVALS_MAX + 1, sizeof *sides.at);
    if (sides.at == NULL) abort();
    if (harness) add_side(plan, stage, &rival_nothing, threads, &sides);
    for (unsigned i = 0; i < plan->rivals_count; i++) {
        const struct rival *rival = plan->rivals[i];

        if (takes_part(plan, rival, body, workload, stage->agents, threads)) {
            add_side(plan, stage, rival, threads, &sides);
        }
    }
    return sides;
}

/* All rounds, each one with all sides. */
static void play(const struct plan *plan, const struct crew_task *task,
                 bool timed, struct sides *sides, struct results *results)
{
    for (unsigned k = 0; k < plan->rounds * sides->count; k++) {
        const unsigned round = k / sides->count;
        struct side *side = &sides->at[k % sides->count];
        struct crew_task own = *task;

        progress(plan, &side->result, round);
        if (timed) own.calls = side->calls;
        struct crew_figures figures = crew_run(side->crowd, &own);
        side->result.real[round] = figures.real_ns;
        side->result.cpu[round] = figures.cpu_ns;
        side->result.operations += figures.operations;
        tell(side->crowd->rival, figures.wrong, results);
    }
    progress_end();
    for (unsigned i = 0; i < sides->count; i++) {
        const struct crowd *crowd = sides->at[i].crowd;
        tell(crowd->rival, crowd_check(crowd), results);
    }
}

/* Nothing costs less than a tenth of a nanosecond. */
static void take_off(double *values, unsigned count, double harness)
{
    for (unsigned i = 0; i < count; i++) {
        values[i] = values[i] > harness + 0.1 ? values[i] - harness : 0.1;
    }
}

void run_case(const struct plan *plan, struct stage *stage,
              const struct workload *workload, unsigned threads,
              struct results *results)
{
    struct sides sides =
        open_sides(plan, stage, workload->name, workload, threads, true);
    const struct crew_task task = {
        .turn = workload->turn,
        .threads = threads,
        .seconds = plan->seconds,
    };

    play(plan, &task, false, &sides, results);
    const struct result *bare = &sides.at[0].result;
    const double real = median(bare->real, bare->rounds);
    const double cpu = median(bare->cpu, bare->rounds);
    for (unsigned i = 1; i < sides.count; i++) {
        struct result *result = &sides.at[i].result;

        result->harness = real;
        take_off(result->real, result->rounds, real);
        take_off(result->cpu, result->rounds, cpu);
        *results_add(results) = *result;
    }
    free(sides.at);
}

static struct latency latency_of(const struct histogram *histogram)
{
    const double ns = ns_per_tick();

    return (struct latency){
        .p50 = ns * (double)histogram_at(histogram, 0.5),
        .p90 = ns * (double)histogram_at(histogram, 0.9),
        .p99 = ns * (double)histogram_at(histogram, 0.99),
        .p99_9 = ns * (double)histogram_at(histogram, 0.999),
        .p99_99 = ns * (double)histogram_at(histogram, 0.9999),
        .most = ns * (double)histogram->most,
    };
}

/* The first `calls` histograms of each side. */
static void add_latencies(struct sides *sides, unsigned calls, double rate,
                          struct results *results)
{
    for (unsigned i = 0; i < sides->count; i++) {
        struct result *result = results_add(results);

        *result = sides->at[i].result;
        result->timed = true;
        result->rounds = 0;
        result->rate = rate;
        for (unsigned k = 0; k < calls; k++) {
            result->calls[k] = latency_of(&sides->at[i].calls[k]);
            result->samples[k] = sides->at[i].calls[k].count;
        }
    }
    free(sides->at);
}

static const struct workload *life(void)
{
    const struct workload *at = workloads;

    while (strcmp(at->name, "life") != 0) at++;
    return at;
}

void run_calls(const struct plan *plan, struct stage *stage, unsigned threads,
               struct results *results)
{
    struct sides sides =
        open_sides(plan, stage, "life_calls", life(), threads, false);
    const struct crew_task task = {
        .turn = workload_timed_life,
        .threads = threads,
        .seconds = plan->seconds,
    };

    play(plan, &task, true, &sides, results);
    add_latencies(&sides, CALLS, 0, results);
}

/* Lives a second, without a clock. */
static double capacity(const struct plan *plan, const struct side *side,
                       struct results *results)
{
    const struct crew_task task = {
        .turn = life()->turn,
        .threads = side->result.threads,
        .seconds = plan->seconds,
    };
    const unsigned processors = crew_processors();
    struct crew_figures figures = crew_run(side->crowd, &task);

    tell(side->crowd->rival, figures.wrong, results);
    return (task.threads < processors ? task.threads : processors) * 1e9 /
           figures.real_ns;
}

/* A quarter of what moorage and the mutex both can do; without them, of what
 * all can.  By the clock threads meet more often than when each goes on as soon
 * as it can, so a lock that is handed over for each life can do less than one
 * that is kept for many. */
static double rate_for(const struct plan *plan, const struct sides *sides,
                       struct results *results)
{
    double named = 0, least = 0;

    for (unsigned i = 1; i < sides->count; i++) {
        const struct rival *rival = sides->at[i].crowd->rival;
        const double lives = capacity(plan, &sides->at[i], results);

        if (least <= 0 || lives < least) least = lives;
        if (rival != &rival_moorage && rival != &rival_mutex) continue;
        if (named <= 0 || lives < named) named = lives;
    }
    return (named > 0 ? named : least) / 4;
}

void run_open(const struct plan *plan, struct stage *stage, unsigned threads,
              struct results *results)
{
    struct sides sides =
        open_sides(plan, stage, "life_open", life(), threads, true);
    const struct crew_task task = {
        .turn = life()->turn,
        .threads = threads,
        .seconds = plan->seconds,
        .rate = rate_for(plan, &sides, results),
    };

    if (task.rate > 0) play(plan, &task, true, &sides, results);
    add_latencies(&sides, 1, task.rate, results);
}
