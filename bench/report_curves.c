#include "report_parts.h"

#include <string.h>

bool part_is_of(const struct entry *entry, const char *workload)
{
    return !entry->timed && !entry->figure && *entry->rival != '\0' &&
           strcmp(entry->workload, workload) == 0;
}

bool values_have(const struct values *values, unsigned value)
{
    for (unsigned i = 0; i < values->count; i++) {
        if (values->at[i] == value) return true;
    }
    return false;
}

static void values_put(struct values *values, unsigned value)
{
    unsigned at = values->count;

    if (values_have(values, value) || at == VALUES_MAX) return;
    for (; at > 0 && values->at[at - 1] > value; at--) {
        values->at[at] = values->at[at - 1];
    }
    values->at[at] = value;
    values->count++;
}

struct values part_agents(const struct document *document,
                          const char *workload)
{
    struct values values = { .count = 0 };

    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (strcmp(entry->workload, workload) == 0) {
            values_put(&values, entry->agents);
        }
    }
    return values;
}

struct values part_threads(const struct document *document,
                           const char *workload)
{
    struct values values = { .count = 0 };

    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (strcmp(entry->workload, workload) == 0) {
            values_put(&values, entry->threads);
        }
    }
    return values;
}

static void add(struct plot *plot, const char *rival, double x, double y)
{
    struct curve *curve = plot_curve(plot, rival);

    if (curve != NULL) curve_add(curve, x, y);
}

static bool is_drawn(const struct plot *plot)
{
    for (unsigned i = 0; i < plot->curves_count; i++) {
        if (plot->curves[i].points > 1) return true;
    }
    return false;
}

/* Names of numbers last as long as the program: there are few. */
static void add_tic(struct plot *plot, unsigned value)
{
    static char names[64][16];
    static unsigned used;
    unsigned i = 0;
    char name[16];

    if (value >= 1000000 && value % 1000000 == 0) {
        snprintf(name, sizeof name, "%uM", value / 1000000);
    } else if (value >= 1000 && value % 1000 == 0) {
        snprintf(name, sizeof name, "%uk", value / 1000);
    } else {
        snprintf(name, sizeof name, "%u", value);
    }
    while (i < used && strcmp(names[i], name) != 0) i++;
    if (i == 64 || plot->tics_count == TICS_MAX) return;
    if (i == used) memcpy(names[used++], name, sizeof name);
    plot->tics[plot->tics_count++] = (struct tic){ value, names[i] };
}

static void put_tics(struct plot *plot, const struct values *values)
{
    for (unsigned i = 0; i < values->count; i++) add_tic(plot, values->at[i]);
}

bool curve_threads(const struct document *document, const char *workload,
                   unsigned agents, struct plot *plot)
{
    struct values seen = { .count = 0 };

    *plot = (struct plot){ .x = "threads" };
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (!part_is_of(entry, workload) || entry->agents != agents ||
            entry->threads == 0) {
            continue;
        }
        add(plot, entry->rival, entry->threads, entry_median(entry));
        values_put(&seen, entry->threads);
    }
    put_tics(plot, &seen);
    return is_drawn(plot);
}

bool curve_agents(const struct document *document, const char *workload,
                  unsigned threads, struct plot *plot)
{
    struct values seen = { .count = 0 };

    *plot = (struct plot){ .x = "agents" };
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (!part_is_of(entry, workload) || entry->threads != threads ||
            entry->agents == 0) {
            continue;
        }
        add(plot, entry->rival, entry->agents, entry_median(entry));
        values_put(&seen, entry->agents);
    }
    put_tics(plot, &seen);
    return is_drawn(plot);
}

/* Each further nine is as far from the one before; the largest value stands
 * one further. */
bool curve_tail(const struct document *document, const char *workload,
                const char *call, unsigned agents, unsigned threads,
                struct plot *plot)
{
    static const struct tic tics[PERCENTILES] = {
        { 0.301, "p50" }, { 1, "p90" },    { 2, "p99" },
        { 3, "p99.9" },   { 4, "p99.99" }, { 5, "max" },
    };

    *plot = (struct plot){ .x = "percentile", .x_linear = true };
    for (unsigned i = 0; i < PERCENTILES; i++) {
        plot->tics[plot->tics_count++] = tics[i];
    }
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (!entry->timed || entry->agents != agents ||
            entry->threads != threads ||
            strcmp(entry->workload, workload) != 0 ||
            strcmp(entry->call, call) != 0) {
            continue;
        }
        for (unsigned k = 0; k < PERCENTILES; k++) {
            add(plot, entry->rival, tics[k].at, entry->latency[k]);
        }
    }
    return is_drawn(plot);
}
