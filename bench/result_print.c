#include "result.h"

static void print_latency(FILE *to, const char *what, const struct latency *at)
{
    fprintf(to,
            "  %-12s p50 %6.0f  p99 %8.0f  p99.9 %9.0f  p99.99 %10.0f  "
            "max %10.0f\n",
            what, at->p50, at->p99, at->p99_9, at->p99_99, at->most);
}

static void print_latencies(const struct result *result, FILE *to)
{
    char name[NAME_MAX_BYTES];

    result_name(result, name);
    if (result->rate > 0) {
        fprintf(to, "%s, %.0f a second\n", name, result->rate);
        print_latency(to, "life", &result->calls[0]);
        return;
    }
    fprintf(to, "%s\n", name);
    for (unsigned i = 0; i < CALLS; i++) {
        print_latency(to, call_names[i], &result->calls[i]);
    }
}

static void print_figures(const struct results *results, FILE *to)
{
    for (unsigned i = 0; i < results->figures.count; i++) {
        const struct figure *at = &results->figures.at[i];
        char name[NAME_MAX_BYTES];

        snprintf(name, sizeof name, "%s: %s", results->probes[i], at->name);
        fprintf(to, "%-48s %12.6g %s\n", name, at->value, at->unit);
    }
}

void results_print(const struct results *results, FILE *to)
{
    char name[NAME_MAX_BYTES];

    print_figures(results, to);
    if (results->count > 0) {
        fprintf(to, "%-48s %12s %7s %12s\n", "ns of one operation", "median",
                "cv", "harness");
    }
    for (unsigned i = 0; i < results->count; i++) {
        const struct result *at = &results->at[i];

        if (at->timed) {
            print_latencies(at, to);
            continue;
        }
        result_name(at, name);
        fprintf(to, "%-48s %12.1f %6.1f%% %12.1f\n", name,
                median(at->real, at->rounds),
                variation(at->real, at->rounds) * 100, at->harness);
    }
}

/* One line; whether the bound was held, if there is one. */
static bool judge_figure(const struct figure *figure, const char *probe,
                         FILE *to)
{
    const bool held = figure->most <= 0 || figure->value <= figure->most;
    char name[NAME_MAX_BYTES], wanted[32] = "", seen[48];

    if (figure->most > 0) {
        snprintf(wanted, sizeof wanted, "<= %.6g", figure->most);
    }
    snprintf(name, sizeof name, "%s: %s", probe, figure->name);
    snprintf(seen, sizeof seen, "%.6g %s", figure->value, figure->unit);
    fprintf(to, "%-54s %12s %16s  %s\n", name, wanted, seen,
            figure->most <= 0 ? "-"
            : held            ? "yes"
                              : "NO");
    return held;
}

bool figures_held(const struct results *results, FILE *to)
{
    const struct figures *figures = &results->figures;
    bool fine = true;

    if (figures->count > 0) {
        fprintf(to, "%-54s %12s %16s  %s\n", "figure", "wanted", "seen",
                "held");
    }
    for (unsigned i = 0; i < figures->count; i++) {
        fine &= judge_figure(&figures->at[i], results->probes[i], to);
    }
    return fine;
}
