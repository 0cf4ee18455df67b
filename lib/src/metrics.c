/*
 * A family has its type and help, then its samples.  In the form of Prometheus
 * all of them go by one name.  In OpenMetrics a counter's family is called as
 * its sample without `_total`; the name with it may not even be mentioned, for
 * it would be another family, whose sample clashes with that one.  `promtool
 * check metrics` wants a help under the name of the sample, and knows no other
 * name for it.  No text with the type of a counter satisfies both; one without
 * does.
 */
#include "moorage/metrics.h"

#include "moorage/read.h"
#include "held.h"
#include "out.h"

struct exposition {
    struct out out;
    moor_metrics_form form;
};

/* --- families and samples ------------------------------------------------- */

static void out_line(struct out *out, const char *keyword, const char *name,
                     const char *text)
{
    out_text(out, "# ");
    out_text(out, keyword);
    out_text(out, " moorage_");
    out_text(out, name);
    out_text(out, " ");
    out_text(out, text);
    out_text(out, "\n");
}

static void out_family(struct out *out, const char *name, const char *type,
                       const char *help)
{
    out_line(out, "TYPE", name, type);
    out_line(out, "HELP", name, help);
}

/* Its name ends in _total. */
static void out_counters(struct exposition *text, const char *name,
                         const char *help)
{
    if (text->form == MOOR_METRICS_PROMETHEUS) {
        out_line(&text->out, "TYPE", name, "counter");
    }
    out_line(&text->out, "HELP", name, help);
}

/* Up to the value; the label is left out if it is null. */
static void out_sample(struct out *out, const char *name, const char *suffix,
                       const char *label, const char *value)
{
    out_text(out, "moorage_");
    out_text(out, name);
    out_text(out, suffix);
    if (label != NULL) {
        out_text(out, "{");
        out_text(out, label);
        out_text(out, "=\"");
        out_text(out, value);
        out_text(out, "\"}");
    }
    out_text(out, " ");
}

static void out_value(struct out *out, uint64_t value)
{
    out_number(out, value);
    out_text(out, "\n");
}

/* --- gauges and counters -------------------------------------------------- */

static void out_gauge(struct exposition *text, const char *name,
                      const char *help, uint64_t value)
{
    out_family(&text->out, name, "gauge", help);
    out_sample(&text->out, name, "", NULL, NULL);
    out_value(&text->out, value);
}

static void out_counter(struct exposition *text, const char *name,
                        const char *help, uint64_t value)
{
    out_counters(text, name, help);
    out_sample(&text->out, name, "", NULL, NULL);
    out_value(&text->out, value);
}

static void out_limits(struct out *out, const moor_use *uses)
{
    static const moor_limit told[] = {MOOR_LIMIT_RUNNING, MOOR_LIMIT_RESIDENT,
                                      MOOR_LIMIT_LIFETIME};

    out_family(out, "limit", "gauge", "Limits in force.");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        out_sample(out, "limit", "", "limit", moor_limit_name(told[i]));
        if (uses[told[i]].limit == MOOR_UNLIMITED) {
            out_text(out, "+Inf\n");
        } else {
            out_value(out, uses[told[i]].limit);
        }
    }
}

static void out_refused(struct exposition *text, const uint64_t *refused)
{
    out_counters(text, "refused_total", "Calls refused, by limit.");
    for (int i = 0; i < MOOR_LIMITS; i++) {
        out_sample(&text->out, "refused_total", "", "limit",
                   moor_limit_name((moor_limit)i));
        out_value(&text->out, refused[i]);
    }
}

static void out_stats(struct exposition *text, const moor_stats *stats)
{
    out_gauge(text, "used", "Running slots.", stats->used);
    out_gauge(text, "used_most", "The most running slots so far.",
              stats->used_most);
    out_gauge(text, "live", "Live agents.", stats->live);
    out_gauge(text, "idle", "Idle agents.", stats->idle);
    out_gauge(text, "tickets", "Open tickets.", stats->tickets);
    out_gauge(text, "resident", "Residents.", stats->resident);
    out_gauge(text, "resident_most", "The most residents so far.",
              stats->resident_most);
    out_gauge(text, "waiting", "Queued admissions.", stats->waiting);
    out_gauge(text, "unfreed", "Results yet to be freed.", stats->unfreed);
    out_counter(text, "spawned_total", "Agents committed.", stats->spawned);
    out_refused(text, stats->refused);
    out_counter(text, "completed_total", "Runs completed.", stats->completed);
    out_counter(text, "closed_total", "Agents closed.", stats->closed);
    out_counter(text, "reaped_total", "Slots reaped.", stats->reaped);
    out_counter(text, "released_total", "Slots given up.", stats->released);
}

/* --- histograms ----------------------------------------------------------- */

/* So many, at most 20. */
static void put_zeros(char **at, unsigned count)
{
    while (count-- > 0) {
        *(*at)++ = '0';
    }
}

/* The bound of a bucket in seconds, as OpenMetrics wants numbers: 5e-06, 0.002,
 * 10.0. */
static void format_bound(unsigned bucket, char text[16])
{
    unsigned tens = bucket / 3; /* microseconds have so many zeros */
    char digit = "125"[bucket % 3];
    char *at = text;

    if (tens < 2) {
        *at++ = digit;
        *at++ = 'e';
        *at++ = '-';
        *at++ = '0';
        *at++ = (char)('6' - tens);
    } else if (tens < 6) {
        *at++ = '0';
        *at++ = '.';
        put_zeros(&at, 5 - tens);
        *at++ = digit;
    } else {
        *at++ = digit;
        put_zeros(&at, tens - 6);
        *at++ = '.';
        *at++ = '0';
    }
    *at = '\0';
}

/* Six digits behind the point. */
static void out_seconds(struct out *out, uint64_t us)
{
    uint64_t part = us % 1000000;

    out_number(out, us / 1000000);
    out_text(out, ".");
    for (uint64_t ten = 100000; ten > 0; ten /= 10) {
        out_number(out, part / ten % 10);
    }
    out_text(out, "\n");
}

static void out_times(struct out *out, const char *name, const char *help,
                      const moor_times *times)
{
    uint64_t count = 0;

    out_line(out, "TYPE", name, "histogram");
    out_line(out, "UNIT", name, "seconds");
    out_line(out, "HELP", name, help);
    for (unsigned b = 0; b < MOOR_TIMES_BUCKETS; b++) {
        char bound[16] = "+Inf";

        if (b < MOOR_TIMES_BUCKETS - 1) {
            format_bound(b, bound);
        }
        count += times->buckets[b];
        out_sample(out, name, "_bucket", "le", bound);
        out_value(out, count);
    }
    out_sample(out, name, "_sum", NULL, NULL);
    out_seconds(out, times->sum_us);
    out_sample(out, name, "_count", NULL, NULL);
    out_value(out, times->count);
}

/* --- the call ------------------------------------------------------------- */

static void out_all(struct exposition *text, moor_registry *books)
{
    moor_stats stats;
    moor_capacity capacity;
    moor_times waited, held;

    /* None fails for good arguments: the root is always there. */
    (void)moor_stats_of(books, &stats);
    (void)moor_capacity_of(books, moor_root(books), &capacity);
    (void)moor_times_of(books, &waited, &held);
    out_stats(text, &stats);
    out_limits(&text->out, capacity.of);
    out_times(&text->out, "waited_seconds",
              "How long admissions waited for a slot, granted or not.",
              &waited);
    if (books->held != NULL) {
        out_times(&text->out, "held_seconds", "How long slots were held.",
                  &held);
    }
    out_text(&text->out, "# EOF\n");
}

moor_error moor_metrics(moor_registry *registry, moor_metrics_form form,
                        moor_write write, void *context)
{
    struct exposition text;

    if (registry == NULL || write == NULL ||
        (unsigned)form >= MOOR_METRICS_FORMS) {
        return MOOR_BAD_ARGUMENT;
    }
    text.form = form;
    out_begin(&text.out, write, context);
    out_all(&text, registry);
    return out_end(&text.out);
}
