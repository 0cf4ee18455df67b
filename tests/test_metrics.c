/*
 * Metrics: each figure under its name, each family with type and help, and the
 * end marked.
 */
#include "given.h"

#include <stdio.h>

static char text[8000];
static size_t length;

static bool take(void *go_on, const char *bytes, size_t count)
{
    cr_assert_lt(length + count, sizeof text);
    memcpy(text + length, bytes, count);
    length += count;
    text[length] = '\0';
    return *(bool *)go_on;
}

/* The whole line is there, once. */
static void has(const char *name, unsigned long long value)
{
    char line[200];
    const char *found;

    snprintf(line, sizeof line, "\n%s %llu\n", name, value);
    found = strstr(text, line);
    cr_expect(found != NULL, "%s in\n%s", line + 1, text);
    cr_expect(found == NULL || strstr(found + 1, line) == NULL, "%s twice",
              line + 1);
}

Test(metrics, each_figure_under_its_name)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
    moor_agent first = spawn(registry), agent;
    bool go_on = true;

    completes(registry, first);
    cr_assert_eq(close_it(registry, spawn(registry)), MOOR_OK);
    (void)spawn(registry);
    (void)spawn(registry);
    (void)reserve(registry);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL),
                 MOOR_REFUSED);
    length = 0;
    cr_assert_eq(moor_metrics(registry, take, &go_on), MOOR_OK);
    has("moorage_used", 3);
    has("moorage_live", 2);
    has("moorage_idle", 1);
    has("moorage_tickets", 1);
    has("moorage_resident", 4);
    has("moorage_waiting", 0);
    has("moorage_spawned_total", 4);
    has("moorage_refused_total{limit=\"running\"}", 1);
    has("moorage_refused_total{limit=\"depth\"}", 0);
    has("moorage_completed_total", 1);
    has("moorage_closed_total", 1);
    has("moorage_reaped_total", 0);
    has("moorage_released_total", stats_of(registry).released);
    has("moorage_limit{limit=\"running\"}", 3);
    cr_expect_not_null(
        strstr(text, "\nmoorage_limit{limit=\"lifetime\"} +Inf\n"));
    cr_expect_not_null(strstr(text, "# TYPE moorage_spawned counter\n"
                                    "# HELP moorage_spawned "));
    cr_expect_str_eq(text + length - 7, "\n# EOF\n");
    done(registry);
}

Test(metrics, stopped_and_bad_arguments)
{
    moor_registry *registry = given();
    bool go_on = false;

    length = 0;
    cr_expect_eq(moor_metrics(registry, take, &go_on), MOOR_STOPPED);
    cr_expect_eq(moor_metrics(NULL, take, &go_on), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_metrics(registry, NULL, NULL), MOOR_BAD_ARGUMENT);
    done(registry);
}
