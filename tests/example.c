#include <moorage/moorage.h>
#include <stdio.h>

int main(void)
{
    moor_registry *registry = NULL;
    moor_agent agent;
    moor_error error = moor_create(NULL, &registry); /* six running slots */
    for (int i = 0; i < 100 && error == MOOR_OK; i++) {
        error = moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL);
        if (error != MOOR_OK) break;
        error = moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
    }
    printf("100 agents, 6 slots, none closed: %s\n", moor_error_name(error));
    moor_destroy(registry);
    return error != MOOR_OK;
}
