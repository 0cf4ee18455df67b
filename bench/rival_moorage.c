/* moorage itself, through its public calls; no refusal is asked to name its
 * holders, for which no rival looks either. */
#include "rival.h"

#include <stdlib.h>

enum { PAGE = 32 };

static moor_agent agent_of(uint64_t handle)
{
    return (moor_agent){ handle };
}

static void *create(uint32_t limit, moor_release release)
{
    moor_registry *registry;
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = limit;
    config.release = release;
    if (moor_create(&config, &registry) != MOOR_OK) abort();
    return registry;
}

static void *moorage_create(uint32_t limit)
{
    return create(limit, MOOR_ON_COMPLETION);
}

static void *moorage_create_keeping(uint32_t limit)
{
    return create(limit, MOOR_ON_TURN_END);
}

static void moorage_destroy(void *of)
{
    moor_destroy(of);
}

static moor_error moorage_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    const moor_spawn_options options = {
        .parent = agent_of(agent->parent),
        .name = agent->name,
        .id = &agent->id,
    };
    moor_agent spawned;
    moor_error error = moor_spawn(of, &options, &spawned, NULL);

    if (error == MOOR_OK) *handle = spawned.bits;
    return error;
}

static moor_error moorage_reserve(void *of, const struct rival_agent *agent,
                                  uint64_t *ticket)
{
    const moor_spawn_options options = {
        .parent = agent_of(agent->parent),
        .name = agent->name,
    };
    moor_ticket reserved;
    moor_error error = moor_reserve(of, &options, &reserved, NULL);

    if (error == MOOR_OK) *ticket = reserved.bits;
    return error;
}

static bool moorage_abandon(void *of, uint64_t ticket)
{
    return moor_abandon(of, (moor_ticket){ ticket }) == MOOR_OK;
}

static bool moorage_start(void *of, uint64_t handle)
{
    return moor_start(of, agent_of(handle)) == MOOR_OK;
}

static moor_status moorage_status_of(void *of, uint64_t handle)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;

    moor_status_of(of, agent_of(handle), &status);
    return status;
}

static moor_status moorage_status_id(void *of, const moor_id *id)
{
    moor_agent agent;

    if (moor_find_id(of, id, &agent) != MOOR_OK) return MOOR_STATUS_NOT_FOUND;
    return moorage_status_of(of, agent.bits);
}

static moor_status moorage_status_path(void *of, const char *path,
                                       size_t length)
{
    moor_agent agent;

    (void)length;
    if (moor_find_path(of, agent_of(0), path, &agent) != MOOR_OK) {
        return MOOR_STATUS_NOT_FOUND;
    }
    return moorage_status_of(of, agent.bits);
}

static bool moorage_finish(void *of, uint64_t handle)
{
    return moor_finish(of, agent_of(handle), MOOR_STATUS_COMPLETED, NULL, 0) ==
           MOOR_OK;
}

static bool moorage_run_again(void *of, uint64_t handle)
{
    return moor_run_again(of, agent_of(handle), NULL) == MOOR_OK;
}

static bool moorage_wait(void *of, uint64_t handle)
{
    moor_agent agent = agent_of(handle);
    moor_waited waited;

    return moor_wait(of, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &agent, 1,
                     MOOR_FOREVER, &waited) == MOOR_OK;
}

static bool moorage_close(void *of, uint64_t handle)
{
    return moor_close(of, agent_of(handle), MOOR_CLOSE_BY_RULE, NULL) ==
           MOOR_OK;
}

static void moorage_count(void *of, uint64_t *used, uint64_t *agents)
{
    moor_stats stats;

    if (moor_stats_of(of, &stats) != MOOR_OK) abort();
    *used = stats.used;
    *agents = stats.live + stats.idle + stats.tickets;
}

static uint64_t moorage_reap(void *of)
{
    uint64_t reaped = 0;

    moor_reap(of, &reaped);
    return reaped;
}

static size_t moorage_list(void *of, uint64_t *cursor)
{
    static _Thread_local moor_info page[PAGE];
    size_t count = 0;

    moor_list(of, NULL, cursor, page, PAGE, &count);
    return count;
}

static void moorage_set_limit(void *of, moor_limit which, uint32_t value)
{
    if (moor_set_limit(of, which, value) != MOOR_OK) abort();
}

/* Fences all that are live: moorage has no call for one. */
static void moorage_fence(void *of, uint64_t handle)
{
    (void)handle;
    if (moor_turn_end(of, MOOR_LEFT_FENCE, NULL) != MOOR_OK) abort();
}

static void moorage_stats(void *of, moor_stats *stats)
{
    if (moor_stats_of(of, stats) != MOOR_OK) abort();
}

#define MOORAGE_CALLS                                                          \
    .destroy = moorage_destroy, .spawn = moorage_spawn,                        \
    .start = moorage_start, .status_of = moorage_status_of,                    \
    .status_id = moorage_status_id, .status_path = moorage_status_path,        \
    .finish = moorage_finish, .wait = moorage_wait, .close = moorage_close,    \
    .count = moorage_count, .set_limit = moorage_set_limit,                    \
    .fence = moorage_fence, .stats = moorage_stats, .reap = moorage_reap,      \
    .list = moorage_list, .reserve = moorage_reserve,                          \
    .abandon = moorage_abandon, .run_again = moorage_run_again

const struct rival rival_moorage = {
    .name = "moorage",
    .level = RIVAL_REGISTRY,
    .create = moorage_create,
    MOORAGE_CALLS,
};

const struct rival rival_moorage_keeping = {
    .name = "moorage",
    .level = RIVAL_KEEPING,
    .create = moorage_create_keeping,
    MOORAGE_CALLS,
};
