/* Which agents are in memory. */
#include <moorage/moorage.h>

#include "need.h"

/* Room for one more: the least recently used idle agent is unloaded. */
static moor_error make_room(moor_registry *registry)
{
    moor_agent evicted;
    moor_error error = moor_evict(registry, (moor_agent){0}, &evicted);

    if (error != MOOR_OK) return error; /* MOOR_NOT_EVICTABLE: all are busy */
    /* ... write it to disk and free its memory ... */
    return moor_unloaded(registry, evicted);
}

/* Somebody looks at an agent: it has to be in memory, and is used. */
static moor_error look_at(moor_registry *registry, moor_agent agent)
{
    moor_error error = moor_load(registry, agent, NULL);

    if (error == MOOR_REFUSED && make_room(registry) == MOOR_OK) {
        error = moor_load(registry, agent, NULL);
    }
    if (error != MOOR_OK) return error;
    return moor_touch(registry, agent);
}

/* While a person has it open, it stays. */
static void open_and_shut(moor_registry *registry, moor_agent agent)
{
    need(moor_pin(registry, agent) == MOOR_OK);
    need(make_room(registry) == MOOR_NOT_EVICTABLE);
    need(moor_unpin(registry, agent) == MOOR_OK);
}

int main(void)
{
    moor_registry *registry;
    moor_config config;
    moor_agent agent, other;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RESIDENT] = 1;
    need(moor_create(&config, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL) ==
         MOOR_OK);
    need(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    open_and_shut(registry, agent);
    need(make_room(registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &other, NULL) ==
         MOOR_OK);
    need(look_at(registry, agent) == MOOR_REFUSED);
    need(moor_finish(registry, other, MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    need(look_at(registry, agent) == MOOR_OK);
    moor_destroy(registry);
    return need_failed;
}
