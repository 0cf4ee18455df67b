/* The registry as text. */
#include <moorage/moorage.h>

#include "need.h"

/* Takes it piece by piece. */
static bool to_file(void *context, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, context) == length;
}

/* For a person: a line for each agent. */
static moor_error show_tree(moor_registry *registry)
{
    return moor_snapshot(registry, MOOR_SNAPSHOT_TREE, to_file, stdout);
}

/* For Prometheus. */
static moor_error show_figures(moor_registry *registry)
{
    return moor_metrics(registry, MOOR_METRICS_OPENMETRICS, to_file, stdout);
}

int main(void)
{
    moor_registry *registry;

    need(moor_create(NULL, &registry) == MOOR_OK);
    need(show_tree(registry) == MOOR_OK);
    need(show_figures(registry) == MOOR_OK);
    moor_destroy(registry);
    return need_failed;
}
