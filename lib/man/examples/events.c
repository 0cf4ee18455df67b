/* Completions, for an event loop. */
#include <moorage/moorage.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "need.h"

enum { ROOM = 64 };

/* One step of a loop: first read it empty, then look into the queue. */
static size_t step(moor_registry *registry)
{
    struct pollfd ready = {.events = POLLIN};
    moor_event events[ROOM];
    eventfd_t ignored;
    size_t count;

    need(moor_events_fd(registry, &ready.fd) == MOOR_OK);
    if (poll(&ready, 1, 1000) != 1) return 0;
    (void)eventfd_read(ready.fd, &ignored);
    need(moor_events(registry, moor_root(registry), events, ROOM, &count) ==
         MOOR_OK);
    for (size_t i = 0; i < count; i++) {
        printf("one is %s\n", moor_status_name(events[i].status));
    }
    return count;
}

int main(void)
{
    moor_registry *registry;
    moor_config config;
    moor_agent agent;

    moor_config_default(&config);
    config.events = true;
    need(moor_create(&config, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL) ==
         MOOR_OK);
    need(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    need(step(registry) == 1);
    moor_destroy(registry);
    return need_failed;
}
