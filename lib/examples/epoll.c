/*
 * An event loop of epoll: as many agents at once as there are slots, the next
 * one as soon as one has ended.  Whoever has the event finds the slot free, so
 * no spawn here is ever refused.
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "workers.h"

enum { SLOTS = 4, AGENTS = 1000, ROOM = 8 };

static unsigned spawned, ended;

/* Everything that has ended, and for each the next one. */
static bool look(struct workers *workers)
{
    moor_event events[ROOM];
    size_t count;

    do {
        if (moor_events(workers->registry, moor_root(workers->registry), events,
                        ROOM, &count) != MOOR_OK) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            ended += events[i].status == MOOR_STATUS_COMPLETED;
            (void)moor_close(workers->registry, events[i].agent,
                             MOOR_CLOSE_BY_RULE, NULL);
            if (spawned == AGENTS) continue;
            if (!workers_spawn(workers)) return false;
            spawned++;
        }
    } while (count == ROOM);
    return true;
}

static bool loop(struct workers *workers, int fd, int poll)
{
    struct epoll_event wanted = {.events = EPOLLIN};
    eventfd_t ignored;

    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &wanted) != 0) return false;
    for (; spawned < SLOTS; spawned++) {
        if (!workers_spawn(workers)) return false;
    }
    while (ended < AGENTS) {
        struct epoll_event ready;

        if (epoll_wait(poll, &ready, 1, -1) != 1) continue;
        (void)eventfd_read(fd, &ignored); /* first this, then look */
        if (!look(workers)) return false;
    }
    return true;
}

int main(void)
{
    moor_registry *registry;
    moor_config config;
    struct workers workers;
    int fd, poll = epoll_create1(EPOLL_CLOEXEC);
    bool well;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = SLOTS;
    config.events = true;
    if (poll < 0 || moor_create(&config, &registry) != MOOR_OK ||
        moor_events_fd(registry, &fd) != MOOR_OK ||
        !workers_begin(&workers, registry)) {
        return 1;
    }
    well = loop(&workers, fd, poll);
    workers_end(&workers);
    (void)close(poll);
    moor_destroy(registry); /* and the descriptor */
    printf("epoll: %u agents ended, %d slots: %s\n", ended, SLOTS,
           well ? "none was refused" : "FAILED");
    return well ? 0 : 1;
}
