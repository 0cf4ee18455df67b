/*
 * OpenMetrics: a family has its type and help, then its samples.
 */
#include "moorage/metrics.h"

#include "moorage/read.h"
#include "out.h"

static void out_family(struct out *out, const char *name, const char *type,
                       const char *help)
{
    out_text(out, "# TYPE moorage_");
    out_text(out, name);
    out_text(out, type);
    out_text(out, "# HELP moorage_");
    out_text(out, name);
    out_text(out, " ");
    out_text(out, help);
    out_text(out, "\n");
}

static void out_sample(struct out *out, const char *name, const char *suffix,
                       uint64_t value)
{
    out_text(out, "moorage_");
    out_text(out, name);
    out_text(out, suffix);
    out_text(out, " ");
    out_number(out, value);
    out_text(out, "\n");
}

static void out_gauge(struct out *out, const char *name, const char *help,
                      uint64_t value)
{
    out_family(out, name, " gauge\n", help);
    out_sample(out, name, "", value);
}

static void out_counter(struct out *out, const char *name, const char *help,
                        uint64_t value)
{
    out_family(out, name, " counter\n", help);
    out_sample(out, name, "_total", value);
}

static void out_of_limit(struct out *out, const char *name, moor_limit limit)
{
    out_text(out, name);
    out_text(out, "{limit=\"");
    out_text(out, moor_limit_name(limit));
    out_text(out, "\"} ");
}

static void out_limits(struct out *out, const moor_use *uses)
{
    static const moor_limit told[] = {MOOR_LIMIT_RUNNING, MOOR_LIMIT_RESIDENT,
                                      MOOR_LIMIT_LIFETIME};

    out_family(out, "limit", " gauge\n", "Limits in force.");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        out_of_limit(out, "moorage_limit", told[i]);
        if (uses[told[i]].limit == MOOR_UNLIMITED) {
            out_text(out, "+Inf");
        } else {
            out_number(out, uses[told[i]].limit);
        }
        out_text(out, "\n");
    }
}

static void out_refused(struct out *out, const uint64_t *refused)
{
    out_family(out, "refused", " counter\n", "Calls refused, by limit.");
    for (int i = 0; i < MOOR_LIMITS; i++) {
        out_of_limit(out, "moorage_refused_total", (moor_limit)i);
        out_number(out, refused[i]);
        out_text(out, "\n");
    }
}

static void out_stats(struct out *out, const moor_stats *stats)
{
    out_gauge(out, "used", "Running slots.", stats->used);
    out_gauge(out, "live", "Live agents.", stats->live);
    out_gauge(out, "idle", "Idle agents.", stats->idle);
    out_gauge(out, "tickets", "Open tickets.", stats->tickets);
    out_gauge(out, "resident", "Residents.", stats->resident);
    out_gauge(out, "waiting", "Queued admissions.", stats->waiting);
    out_gauge(out, "unfreed", "Results yet to be freed.", stats->unfreed);
    out_counter(out, "spawned", "Agents committed.", stats->spawned);
    out_refused(out, stats->refused);
    out_counter(out, "completed", "Runs completed.", stats->completed);
    out_counter(out, "closed", "Agents closed.", stats->closed);
    out_counter(out, "reaped", "Slots reaped.", stats->reaped);
    out_counter(out, "released", "Slots given up.", stats->released);
}

moor_error moor_metrics(moor_registry *registry, moor_write write,
                        void *context)
{
    moor_stats stats;
    moor_capacity capacity;
    struct out out;

    if (registry == NULL || write == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    /* Neither fails for good arguments: the root is always there. */
    (void)moor_stats_of(registry, &stats);
    (void)moor_capacity_of(registry, moor_root(registry), &capacity);
    out_begin(&out, write, context);
    out_stats(&out, &stats);
    out_limits(&out, capacity.of);
    out_text(&out, "# EOF\n");
    return out_end(&out);
}
