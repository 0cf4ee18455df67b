/* One slot is enough for a parent that waits, and for its child. */
#include <moorage/moorage.h>

#include "need.h"

/* The child ends elsewhere; here the parent only waits. */
static moor_error await(moor_registry *registry, moor_agent parent,
                        moor_agent child)
{
    moor_waited answer;

    return moor_wait_lending(registry, parent, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                             &child, 1, 1000, &answer);
}

/* The same by hand: the child has the parent's slot while it works. */
static moor_error ask_child(moor_registry *registry, moor_agent parent,
                            moor_agent *child)
{
    const moor_patience patience = {.timeout_ms = 1000};
    moor_error error = moor_lend(registry, parent);

    if (error != MOOR_OK) return error;
    error = moor_spawn(registry, &(moor_spawn_options){.parent = parent}, child,
                       NULL);
    if (error == MOOR_OK) { /* ... it works ... */
        error = moor_finish(registry, *child, MOOR_STATUS_COMPLETED, NULL, 0);
    }
    if (error != MOOR_OK) return error;
    return moor_take_back(registry, parent, &patience, NULL);
}

int main(void)
{
    moor_registry *registry;
    moor_config config;
    moor_agent parent, child;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    need(moor_create(&config, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &parent, NULL) ==
         MOOR_OK);
    need(moor_start(registry, parent) == MOOR_OK);
    need(ask_child(registry, parent, &child) == MOOR_OK);
    need(await(registry, parent, child) == MOOR_OK);
    moor_destroy(registry);
    return need_failed;
}
