/* A registry: its making, limits, turns, and its end. */
#include <moorage/moorage.h>

#include "need.h"

/* Two running slots, given back at the end of a turn. */
static moor_registry *make(void)
{
    moor_registry *registry;
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    config.release = MOOR_ON_TURN_END;
    if (moor_create(&config, &registry) != MOOR_OK) return NULL;
    printf("%s %u, %s, %s\n", moor_limit_name(MOOR_LIMIT_RUNNING),
           config.limits[MOOR_LIMIT_RUNNING], moor_release_name(config.release),
           moor_close_rule_name(config.close_rule));
    return registry;
}

/* One turn of a conversation: what still runs at its end is interrupted. */
static uint64_t turn(moor_registry *registry)
{
    const moor_spawn_options below_root = {.parent = moor_root(registry)};
    moor_turn_ended ended;
    moor_agent agent;
    uint64_t number;

    need(moor_turn_begin(registry, &number) == MOOR_OK);
    need(moor_spawn(registry, &below_root, &agent, NULL) == MOOR_OK);
    need(moor_turn_end(registry, MOOR_LEFT_INTERRUPT, &ended) == MOOR_OK);
    need(ended.turn == number && ended.ended == 1);
    return ended.released;
}

/* More room from now on; and what idle agents still hold comes back. */
static uint64_t make_room(moor_registry *registry)
{
    uint64_t reaped;

    need(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 8) == MOOR_OK);
    need(moor_reap(registry, &reaped) == MOOR_OK);
    return reaped;
}

/* A thread was killed in a call: when no other is in one, put it right. */
static uint64_t after_a_kill(moor_registry *registry)
{
    uint64_t recovered;

    need(moor_recover(registry, &recovered) == MOOR_OK);
    return recovered;
}

int main(void)
{
    moor_registry *registry = make();

    need(registry != NULL);
    need(turn(registry) == 1);
    need(make_room(registry) == 0);
    need(after_a_kill(registry) == 0);
    moor_destroy(registry);
    return need_failed;
}
