/*
 * registries: ten thousand registries of limit 6 at once, in each of which an
 * agent lives now and then, beside one registry in which as many live.
 *
 * A pass lets one agent live in each, in an order that no hardware foresees:
 * so each life finds its registry cold, which is what a host with many small
 * registries meets.  The first pass, in which a registry takes what memory it
 * needs, is told apart.  Passes alternate with as many lives in the one; times
 * are processor times of the thread.
 */
#include "probe.h"

#include <stdlib.h>

enum { MANY = 10000, MANY_QUICK = 300, LIMIT = 6, PASSES = 5 };

static void shuffle(moor_registry **registries, unsigned count)
{
    struct random random = random_seeded(1, 0);

    for (unsigned i = count - 1; i > 0; i--) {
        const unsigned k = random_below(&random, i + 1);
        moor_registry *kept = registries[i];

        registries[i] = registries[k];
        registries[k] = kept;
    }
}

static bool live(moor_registry *registry)
{
    const moor_spawn_options options = { .name = "worker" };
    const moor_agent root = { 0 };
    moor_agent agent, found;

    return moor_spawn(registry, &options, &agent, NULL) == MOOR_OK &&
           moor_start(registry, agent) == MOOR_OK &&
           moor_find_path(registry, root, "worker", &found) == MOOR_OK &&
           found.bits == agent.bits &&
           moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
               MOOR_OK &&
           moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL) == MOOR_OK;
}

static double since(double begin, unsigned count)
{
    return (now_cpu() - begin) * 1e9 / count;
}

/* One life in each; `step` 0: all of them in the first. */
static double pass(moor_registry **registries, unsigned count, unsigned step)
{
    bool fine = true;
    const double begin = now_cpu();

    for (unsigned i = 0; i < count; i++) fine &= live(registries[i * step]);
    const double took = since(begin, count);
    probe_must(fine, "registries: a life went wrong");
    return took;
}

static double create(moor_registry **registries, unsigned count)
{
    const double begin = now_cpu();

    for (unsigned i = 0; i < count; i++) registries[i] = probe_registry(LIMIT);
    return since(begin, count);
}

static double destroy(moor_registry **registries, unsigned count)
{
    const double begin = now_cpu();

    for (unsigned i = 0; i < count; i++) moor_destroy(registries[i]);
    return since(begin, count);
}

void probe_registries(bool quick, struct figures *figures)
{
    const unsigned count = quick ? MANY_QUICK : MANY;
    moor_registry **registries = calloc(count, sizeof(moor_registry *));
    moor_registry *single = probe_registry(LIMIT);
    double many[PASSES], one[PASSES];

    probe_must(registries != NULL, "no memory");
    pass(&single, count, 0);
    const struct probe_bytes before = probe_bytes();
    const double created = create(registries, count);
    shuffle(registries, count);
    const double first = pass(registries, count, 1);
    const struct probe_bytes after = probe_bytes();
    for (unsigned i = 0; i < PASSES; i++) {
        one[i] = pass(&single, count, 0);
        many[i] = pass(registries, count, 1);
    }
    const double destroyed = destroy(registries, count);
    moor_destroy(single);
    free(registries);

    figures_add(figures, "life among many over life in one",
                probe_ratio(many, one, PASSES), "", 0);
    figures_add(figures, "life among many", median(many, PASSES), "ns", 0);
    figures_add(figures, "life in one", median(one, PASSES), "ns", 0);
    figures_add(figures, "first life of a registry", first, "ns", 0);
    figures_add(figures, "create", created, "ns", 0);
    figures_add(figures, "destroy", destroyed, "ns", 0);
    figures_add(figures, "registry that was lived in",
                (after.heap - before.heap + after.outside - before.outside) /
                    count,
                "B", 0);
}
