/* Waiting for agents, and lending a slot meanwhile. */
#include <moorage/moorage.h>

#include "need.h"

enum { ROOM = 16 };

/* Until one of them has ended, up to a second; which one. */
static size_t first_of(moor_registry *registry, const moor_agent *agents,
                       size_t count)
{
    moor_waited answers[ROOM];
    size_t i = 0;

    if (moor_wait(registry, MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, agents, count,
                  1000, answers) != MOOR_OK) {
        return count; /* none, in that time */
    }
    while (!answers[i].met)
        i++;
    return i;
}

int main(void)
{
    moor_registry *registry;
    moor_agent agents[2];

    need(moor_create(NULL, &registry) == MOOR_OK);
    for (int i = 0; i < 2; i++) {
        need(moor_spawn(registry, &(moor_spawn_options){0}, &agents[i], NULL) ==
             MOOR_OK);
    }
    need(moor_finish(registry, agents[1], MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    need(first_of(registry, agents, 2) == 1);
    moor_destroy(registry);
    return need_failed;
}
