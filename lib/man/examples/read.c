/* Looking at a registry. */
#include <moorage/moorage.h>
#include <string.h>

#include "need.h"

enum { ROOM = 8 };

/* All that run, a page at a time. */
static size_t list(moor_registry *registry)
{
    const moor_list_filter running = {.statuses = 1u << MOOR_STATUS_RUNNING};
    moor_info infos[ROOM];
    uint64_t cursor = 0;
    size_t all = 0, count;

    do {
        need(moor_list(registry, &running, &cursor, infos, ROOM, &count) ==
             MOOR_OK);
        for (size_t i = 0; i < count; i++)
            printf("%s\n", infos[i].path);
        all += count;
    } while (cursor != 0);
    return all;
}

/* By path, and everything about it; then by its id. */
static bool find(moor_registry *registry, const char *path)
{
    moor_agent agent, same;
    moor_status status;
    moor_info info;

    if (moor_find_path(registry, (moor_agent){0}, path, &agent) != MOOR_OK) {
        return false;
    }
    need(moor_info_of(registry, agent, &info) == MOOR_OK);
    need(moor_find_id(registry, &info.id, &same) == MOOR_OK);
    need(moor_status_of(registry, same, &status) == MOOR_OK);
    return same.bits == agent.bits && status == info.status;
}

/* What a ticket has reserved. */
static void path_of(moor_registry *registry, moor_ticket ticket)
{
    moor_info info;

    need(moor_ticket_info(registry, ticket, &info) == MOOR_OK);
    need(strcmp(info.path, "/root/later") == 0);
}

/* A result, as much of it as there is room for. */
static size_t print_result(moor_registry *registry, moor_agent agent)
{
    char text[80];
    size_t length;

    need(moor_result(registry, agent, text, sizeof text, &length) == MOOR_OK);
    printf("%.*s\n", (int)(length < sizeof text ? length : sizeof text), text);
    return length;
}

/* Is there a slot?  By the time of the spawn it may be otherwise. */
static bool has_room(moor_registry *registry)
{
    moor_capacity capacity;

    need(moor_capacity_of(registry, moor_root(registry), &capacity) == MOOR_OK);
    return capacity.would == MOOR_OK;
}

/* Counters, and how long admissions had to wait. */
static void figures(moor_registry *registry)
{
    moor_times waited, held;
    moor_stats stats;

    need(moor_stats_of(registry, &stats) == MOOR_OK);
    need(moor_times_of(registry, &waited, &held) == MOOR_OK);
    printf("%u spawned, %u waited\n", (unsigned)stats.spawned,
           (unsigned)waited.count);
    for (unsigned i = 0; i < MOOR_TIMES_BUCKETS; i++) {
        if (waited.buckets[i] == 0) continue;
        printf("  %u up to %llu us\n", (unsigned)waited.buckets[i],
               (unsigned long long)moor_times_bound_us(i));
    }
}

/* In a test, when all is quiet. */
static bool sound(moor_registry *registry)
{
    char text[200];

    if (moor_check(registry, true, text, sizeof text) == MOOR_OK) return true;
    fprintf(stderr, "%s\n", text);
    return false;
}

int main(void)
{
    moor_registry *registry;
    moor_agent agent;
    moor_ticket ticket;

    need(moor_create(NULL, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){.name = "a"}, &agent,
                    NULL) == MOOR_OK);
    need(moor_start(registry, agent) == MOOR_OK);
    need(moor_reserve(registry, &(moor_spawn_options){.name = "later"}, &ticket,
                      NULL) == MOOR_OK);
    path_of(registry, ticket);
    need(list(registry) == 2); /* the root, too */
    need(find(registry, "a") && !find(registry, "b"));
    need(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "done", 4) ==
         MOOR_OK);
    need(print_result(registry, agent) == 4);
    need(has_room(registry));
    figures(registry);
    need(sound(registry));
    moor_destroy(registry);
    return need_failed;
}
