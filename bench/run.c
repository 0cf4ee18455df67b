#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room that a crew needs for those it spawns, besides the residents. */
enum { ROOM = 16 * THREADS_MAX };

static void progress(const char *workload, uint32_t agents, unsigned threads,
                     const char *rival, unsigned round)
{
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r%-12s %8u agents %3u threads, round %u: %-10s", workload,
            agents, threads, round + 1, rival);
}

static void progress_end(void)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%79s\r", "");
}

bool run_able(const struct rival *rival, const struct workload *workload,
              uint32_t agents)
{
    if (rival->agents_max > 0 && agents > rival->agents_max) return false;
    return workload->able == NULL || workload->able(rival);
}

/* One rival of a case: the crowd, and what it is measured to. */
struct side {
    struct crowd crowd;
    struct result result;
};

/* The harness is the first side; answers how many there are. */
static unsigned open_sides(const struct plan *plan,
                           const struct workload *workload, uint32_t agents,
                           unsigned threads, struct side *sides)
{
    unsigned count = 0;

    for (unsigned i = 0; i <= plan->rivals_count; i++) {
        const struct rival *rival =
            i == 0 ? &rival_nothing : plan->rivals[i - 1];

        if (!run_able(rival, workload, agents)) continue;
        struct side *side = &sides[count++];
        crowd_open(&side->crowd, rival, agents, workload->full ? 0 : ROOM);
        side->result = (struct result){
            .workload = workload->name,
            .rival = rival,
            .agents = agents,
            .threads = threads,
            .rounds = plan->rounds,
        };
    }
    return count;
}

static uint64_t play(const struct plan *plan, const struct workload *workload,
                     struct side *side, unsigned round)
{
    struct result *result = &side->result;

    progress(result->workload, result->agents, result->threads,
             result->rival->name, round);
    struct crew_figures figures =
        crew_run(&side->crowd, result->threads, plan->seconds, workload->turn,
                 NULL);
    result->real[round] = figures.real_ns;
    result->cpu[round] = figures.cpu_ns;
    result->operations += figures.operations;
    return figures.wrong;
}

/* Nothing costs less than a tenth of a nanosecond. */
static void take_off(double *values, unsigned count, double harness)
{
    for (unsigned i = 0; i < count; i++) {
        values[i] = values[i] > harness + 0.1 ? values[i] - harness : 0.1;
    }
}

static void tell(const struct rival *rival, uint64_t wrong,
                 struct results *results)
{
    if (wrong == 0) return;
    fprintf(stderr, "bench: %s: %llu wrong answers\n", rival->name,
            (unsigned long long)wrong);
    results->wrong += wrong;
}

void run_case(const struct plan *plan, const struct workload *workload,
              uint32_t agents, unsigned threads, struct results *results)
{
    struct side *sides = calloc(RIVALS_MAX + 1, sizeof *sides);

    if (sides == NULL) abort();
    unsigned count = open_sides(plan, workload, agents, threads, sides);
    for (unsigned round = 0; round < plan->rounds; round++) {
        for (unsigned i = 0; i < count; i++) {
            tell(sides[i].result.rival,
                 play(plan, workload, &sides[i], round), results);
        }
    }
    progress_end();
    const struct result *bare = &sides[0].result;
    double real = median(bare->real, bare->rounds);
    double cpu = median(bare->cpu, bare->rounds);
    for (unsigned i = 0; i < count; i++) {
        struct result *result = &sides[i].result;

        tell(result->rival, crowd_close(&sides[i].crowd), results);
        if (i == 0) continue;
        result->harness = real;
        take_off(result->real, result->rounds, real);
        take_off(result->cpu, result->rounds, cpu);
        *results_add(results) = *result;
    }
    free(sides);
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

/* One rival whose calls are timed. */
struct timed_side {
    struct crowd crowd;
    struct histogram calls[CALLS];
};

static void add_calls(const struct timed_side *side, unsigned threads,
                      struct results *results)
{
    struct result *result = results_add(results);

    result->workload = "life_calls";
    result->rival = side->crowd.rival;
    result->agents = side->crowd.size;
    result->threads = threads;
    result->timed = true;
    for (unsigned i = 0; i < CALLS; i++) {
        result->calls[i] = latency_of(&side->calls[i]);
        result->samples[i] = side->calls[i].count;
    }
}

static void play_calls(const struct plan *plan, struct timed_side *side,
                       unsigned threads, unsigned round,
                       struct results *results)
{
    const struct rival *rival = side->crowd.rival;

    progress("life_calls", side->crowd.size, threads, rival->name, round);
    struct crew_figures figures =
        crew_run(&side->crowd, threads, plan->seconds, workload_timed_life,
                 side->calls);
    tell(rival, figures.wrong, results);
}

void run_calls(const struct plan *plan, uint32_t agents, unsigned threads,
               struct results *results)
{
    struct timed_side *sides = calloc(RIVALS_MAX, sizeof *sides);
    unsigned count = 0;

    if (sides == NULL) abort();
    for (unsigned i = 0; i < plan->rivals_count; i++) {
        const struct rival *rival = plan->rivals[i];

        if (rival->agents_max > 0 && agents > rival->agents_max) continue;
        crowd_open(&sides[count++].crowd, rival, agents, ROOM);
    }
    for (unsigned round = 0; round < plan->rounds; round++) {
        for (unsigned i = 0; i < count; i++) {
            play_calls(plan, &sides[i], threads, round, results);
        }
    }
    progress_end();
    for (unsigned i = 0; i < count; i++) {
        tell(sides[i].crowd.rival, crowd_close(&sides[i].crowd), results);
        add_calls(&sides[i], threads, results);
    }
    free(sides);
}
