/*
 * Metrics: each figure under its name, in both forms; a grammar of them, which
 * is itself shown to find what is wrong.  metrics.sh shows them to others.
 */
#include "given.h"

#include <stdio.h>

#include "exposition.h"

static char text[20000];
static size_t length;

static bool take(void *go_on, const char *bytes, size_t count)
{
    cr_assert_lt(length + count, sizeof text);
    memcpy(text + length, bytes, count);
    length += count;
    text[length] = '\0';
    return *(bool *)go_on;
}

static void write_text(moor_registry *registry, moor_metrics_form form)
{
    bool go_on = true;
    char line[256] = "";
    const char *wrong;

    length = 0;
    cr_assert_eq(moor_metrics(registry, form, take, &go_on), MOOR_OK);
    wrong = exposition_wrong(text, form == MOOR_METRICS_OPENMETRICS, line);
    cr_expect_null(wrong, "%s: %s", wrong, line);
}

/* The whole line is there, once. */
static void has_line(const char *line)
{
    char whole[200];
    const char *found;

    snprintf(whole, sizeof whole, "\n%s\n", line);
    found = strstr(text, whole);
    cr_expect(found != NULL, "%s in\n%s", line, text);
    cr_expect(found == NULL || strstr(found + 1, whole) == NULL, "%s twice",
              line);
}

static void has(const char *name, unsigned long long value)
{
    char line[200];

    snprintf(line, sizeof line, "%s %llu", name, value);
    has_line(line);
}

static moor_registry *given_measured(uint32_t running)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.measure_held = true;
    return given_config(&config);
}

Test(metrics, each_figure_under_its_name)
{
    moor_registry *registry = given_measured(3);
    moor_agent first = spawn(registry), agent;

    completes(registry, first);
    cr_assert_eq(close_it(registry, spawn(registry)), MOOR_OK);
    (void)spawn(registry);
    agent = spawn(registry);
    (void)reserve(registry);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){0}, &first, NULL),
                 MOOR_REFUSED);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    for (int form = 0; form < MOOR_METRICS_FORMS; form++) {
        write_text(registry, (moor_metrics_form)form);
        has("moorage_used", 2);
        has("moorage_used_most", 3);
        has("moorage_live", 1);
        has("moorage_idle", 1);
        has("moorage_tickets", 1);
        has("moorage_resident", 3);
        has("moorage_resident_most", 4);
        has("moorage_waiting", 0);
        has("moorage_spawned_total", 4);
        has("moorage_refused_total{limit=\"running\"}", 1);
        has("moorage_refused_total{limit=\"depth\"}", 0);
        has("moorage_completed_total", 1);
        has("moorage_closed_total", 2);
        has("moorage_reaped_total", 0);
        has("moorage_released_total", stats_of(registry).released);
        has("moorage_limit{limit=\"running\"}", 3);
        has_line("moorage_limit{limit=\"lifetime\"} +Inf");
        has("moorage_held_seconds_count", 3);
        has("moorage_waited_seconds_count", 0);
        has_line("moorage_waited_seconds_sum 0.000000");
    }
    done(registry);
}

/* The forms differ in that, and in nothing else. */
Test(metrics, counters_have_a_type_for_prometheus_only)
{
    moor_registry *registry = given();
    const char *counters[] = {"spawned", "refused", "completed",
                              "closed",  "reaped",  "released"};
    static char prometheus[sizeof text], line[100];
    size_t other;

    write_text(registry, MOOR_METRICS_PROMETHEUS);
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        snprintf(line, sizeof line, "# TYPE moorage_%s_total counter",
                 counters[i]);
        has_line(line);
    }
    memcpy(prometheus, text, length + 1);
    other = length;
    write_text(registry, MOOR_METRICS_OPENMETRICS);
    cr_expect_null(strstr(text, "counter"));
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        other -= strlen("# TYPE moorage__total counter\n");
        other -= strlen(counters[i]);
    }
    cr_expect_eq(length, other);
    done(registry);
}

/* --- histograms ----------------------------------------------------------- */

/* Each bound as a number is that of the bucket, and none is left out. */
Test(metrics, bounds_of_the_buckets)
{
    moor_registry *registry = given_measured(1);
    const char *at;
    unsigned bucket = 0;

    write_text(registry, MOOR_METRICS_OPENMETRICS);
    at = strstr(text, "held_seconds_bucket{le=\"1e-06\"} 0\n");
    cr_assert_not_null(at);
    for (; (at = strstr(at, "le=\"")) != NULL; at += 4) {
        double seconds = strtod(at + 4, NULL);

        if (bucket + 1 < MOOR_TIMES_BUCKETS) {
            cr_expect_float_eq(seconds * 1e6,
                               (double)moor_times_bound_us(bucket),
                               (double)moor_times_bound_us(bucket) * 1e-9);
        } else {
            cr_expect_eq(strncmp(at, "le=\"+Inf\"", 9), 0);
        }
        bucket++;
    }
    cr_expect_eq(bucket, MOOR_TIMES_BUCKETS);
    has_line("moorage_held_seconds_bucket{le=\"5e-05\"} 0");
    has_line("moorage_held_seconds_bucket{le=\"0.0002\"} 0");
    has_line("moorage_held_seconds_bucket{le=\"0.5\"} 0");
    has_line("moorage_held_seconds_bucket{le=\"1.0\"} 0");
    has_line("moorage_held_seconds_bucket{le=\"50000.0\"} 0");
    done(registry);
}

Test(metrics, what_is_not_measured_is_not_there)
{
    moor_registry *registry = given();

    write_text(registry, MOOR_METRICS_OPENMETRICS);
    cr_expect_null(strstr(text, "held"));
    cr_expect_not_null(strstr(text, "waited_seconds_count 0\n"));
    done(registry);
}

/* --- the grammar ---------------------------------------------------------- */

#define GAUGE "# TYPE moorage_g gauge\n# HELP moorage_g h\nmoorage_g 1\n"
#define COUNTER                        \
    "# TYPE moorage_c_total counter\n" \
    "# HELP moorage_c_total h\n"       \
    "moorage_c_total 1\n"
#define UNTYPED "# HELP moorage_c_total h\nmoorage_c_total 1\n"
#define HEAD                               \
    "# TYPE moorage_h_seconds histogram\n" \
    "# UNIT moorage_h_seconds seconds\n"   \
    "# HELP moorage_h_seconds h\n"
#define BUCKET(le, n) "moorage_h_seconds_bucket{le=\"" le "\"} " n "\n"
#define TAIL          "moorage_h_seconds_sum 0.5\nmoorage_h_seconds_count 2\n"
#define END           "# EOF\n"

/* Of each what is wrong in OpenMetrics, and in the other form. */
static const struct {
    const char *text;
    bool openmetrics, prometheus; /* it is right */
} texts[] = {
    {GAUGE END, true, true},
    {COUNTER END, false, true},
    {UNTYPED END, true, false},
    {HEAD BUCKET("1e-06", "1") BUCKET("+Inf", "2") TAIL END, true, true},
    {GAUGE, false, false},
    {GAUGE END GAUGE, false, false},
    {GAUGE GAUGE END, false, false},
    {GAUGE "\n" END, false, false},
    {GAUGE "# note\n" END, false, false},
    {GAUGE "moorage_other 1\n" END, false, false},
    {GAUGE "# HELP moorage_g h\n" END, false, false},
    {"# TYPE moorage_g gauge\nmoorage_g 1\n" END, false, false},
    {"# TYPE moorage_g gauge\n# HELP moorage_g h\n" END, false, false},
    {"# TYPE moorage_g count\n# HELP moorage_g h\nmoorage_g 1\n" END, false,
     false},
    {"# TYPE moorage_c counter\n# HELP moorage_c h\nmoorage_c_total 1\n" END,
     false, false},
    {"# TYPE moorage_g_total gauge\n# HELP moorage_g_total h\n"
     "moorage_g_total 1\n" END,
     false, false},
    {"# HELP moorage_g h\nmoorage_g 1\n" END, false, false},
    {"# TYPE moorage_g gauge\n# HELP moorage_g h\nmoorage_g x\n" END, false,
     false},
    {"# TYPE moorage_g gauge\n# HELP moorage_g h\nmoorage_g 1 2\n" END, false,
     false},
    {"# TYPE g gauge\n# HELP g h\ng 1\n" END, false, false},
    {"# TYPE moorage_g gauge\n# UNIT moorage_g seconds\n# HELP moorage_g h\n"
     "moorage_g 1\n" END,
     false, false},
    {HEAD BUCKET("+Inf", "1") TAIL END, false, false},
    {HEAD BUCKET("1.0", "2") TAIL END, false, false},
    {HEAD BUCKET("1.0", "1") BUCKET("0.5", "2") BUCKET("+Inf", "2") TAIL END,
     false, false},
    {HEAD BUCKET("0.5", "2") BUCKET("1.0", "1") BUCKET("+Inf", "2") TAIL END,
     false, false},
    {HEAD BUCKET("+Inf", "2") "moorage_h_seconds_count 2\n" END, false, false},
    {HEAD BUCKET("+Inf", "2") "moorage_h_seconds_sum 2\n" END, false, false},
    {HEAD BUCKET("+Inf", "2") TAIL "moorage_h_seconds 2\n" END, false, false},
};

Test(metrics, the_grammar_finds_what_is_wrong)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char line[256];

        cr_expect_eq(exposition_wrong(texts[i].text, true, line) == NULL,
                     texts[i].openmetrics, "OpenMetrics:\n%s", texts[i].text);
        cr_expect_eq(exposition_wrong(texts[i].text, false, line) == NULL,
                     texts[i].prometheus, "Prometheus:\n%s", texts[i].text);
    }
}

/* --- whoever wants no more ------------------------------------------------ */

Test(metrics, stopped_and_bad_arguments)
{
    moor_registry *registry = given();
    bool go_on = false;

    for (int form = 0; form < MOOR_METRICS_FORMS; form++) {
        length = 0;
        cr_expect_eq(
            moor_metrics(registry, (moor_metrics_form)form, take, &go_on),
            MOOR_STOPPED);
    }
    cr_expect_eq(moor_metrics(NULL, MOOR_METRICS_OPENMETRICS, take, &go_on),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_metrics(registry, MOOR_METRICS_OPENMETRICS, NULL, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_metrics(registry, MOOR_METRICS_FORMS, take, &go_on),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_metrics(registry, (moor_metrics_form)-1, take, &go_on),
                 MOOR_BAD_ARGUMENT);
    done(registry);
}
