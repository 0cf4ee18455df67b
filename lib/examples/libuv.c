/*
 * The same as epoll.c in a loop of libuv: the descriptor is a uv_poll_t.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <uv.h>

#include "workers.h"

enum { SLOTS = 4, AGENTS = 1000, ROOM = 8 };

struct host {
    struct workers workers;
    uv_poll_t poll;
    int fd;
    unsigned spawned, ended;
    bool failed;
};

static void end_one(struct host *host, const moor_event *event)
{
    host->ended += event->status == MOOR_STATUS_COMPLETED;
    (void)moor_close(host->workers.registry, event->agent, MOOR_CLOSE_BY_RULE,
                     NULL);
    if (host->spawned < AGENTS && !host->failed) {
        host->failed = !workers_spawn(&host->workers);
        host->spawned++;
    }
}

static void on_readable(uv_poll_t *poll, int status, int what)
{
    struct host *host = (struct host *)poll->data;
    moor_registry *registry = host->workers.registry;
    moor_event events[ROOM];
    eventfd_t ignored;
    size_t count;

    (void)what;
    (void)eventfd_read(host->fd, &ignored); /* first this, then look */
    do {
        if (status < 0 || moor_events(registry, moor_root(registry), events,
                                      ROOM, &count) != MOOR_OK) {
            host->failed = true;
            break;
        }
        for (size_t i = 0; i < count; i++) {
            end_one(host, &events[i]);
        }
    } while (count == ROOM);
    if (host->ended == AGENTS || host->failed) {
        uv_close((uv_handle_t *)poll, NULL); /* the loop ends with it */
    }
}

static bool run(struct host *host, uv_loop_t *loop)
{
    host->poll.data = host;
    if (uv_poll_init(loop, &host->poll, host->fd) != 0 ||
        uv_poll_start(&host->poll, UV_READABLE, on_readable) != 0) {
        return false;
    }
    for (; host->spawned < SLOTS; host->spawned++) {
        if (!workers_spawn(&host->workers)) return false;
    }
    return uv_run(loop, UV_RUN_DEFAULT) == 0 && !host->failed;
}

int main(void)
{
    static struct host host;
    moor_registry *registry;
    moor_config config;
    uv_loop_t loop;
    bool well;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = SLOTS;
    config.events = true;
    if (uv_loop_init(&loop) != 0 ||
        moor_create(&config, &registry) != MOOR_OK ||
        moor_events_fd(registry, &host.fd) != MOOR_OK ||
        !workers_begin(&host.workers, registry)) {
        return 1;
    }
    well = run(&host, &loop);
    workers_end(&host.workers);
    (void)uv_loop_close(&loop);
    moor_destroy(registry);
    printf("libuv: %u agents ended, %d slots: %s\n", host.ended, SLOTS,
           well ? "none was refused" : "FAILED");
    return well ? 0 : 1;
}
