/* An agent leaves, and all below it. */
#include <moorage/moorage.h>

#include "need.h"

static uint64_t leave(moor_registry *registry, moor_agent agent)
{
    moor_closed closed;
    moor_error error = moor_close(registry, agent, MOOR_CLOSE_CASCADE, &closed);

    if (error == MOOR_STALE) return 0; /* somebody was faster */
    need(error == MOOR_OK);
    printf("was %s\n", moor_status_name(closed.previous));
    return closed.closed;
}

int main(void)
{
    moor_registry *registry;
    moor_agent parent, child;

    need(moor_create(NULL, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &parent, NULL) ==
         MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){.parent = parent}, &child,
                    NULL) == MOOR_OK);
    need(leave(registry, parent) == 2);
    need(leave(registry, child) == 0);
    moor_destroy(registry);
    return need_failed;
}
