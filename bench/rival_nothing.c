/*
 * Does nothing, as fast as it can be called: what a body costs by itself.
 * Its answers are those that the bodies hope for.
 */
#include "rival.h"

static char books;

static void *nothing_create(uint32_t limit)
{
    (void)limit;
    return &books;
}

static void nothing_destroy(void *of)
{
    (void)of;
}

static moor_error nothing_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    (void)of;
    (void)agent;
    *handle = 1;
    return MOOR_OK;
}

static bool nothing_done(void *of, uint64_t handle)
{
    (void)of;
    (void)handle;
    return true;
}

static moor_status nothing_status_of(void *of, uint64_t handle)
{
    (void)of;
    (void)handle;
    return MOOR_STATUS_RUNNING;
}

static moor_status nothing_status_id(void *of, const moor_id *id)
{
    (void)of;
    (void)id;
    return MOOR_STATUS_RUNNING;
}

static moor_status nothing_status_path(void *of, const char *path,
                                       size_t length)
{
    (void)of;
    (void)path;
    (void)length;
    return MOOR_STATUS_RUNNING;
}

static void nothing_count(void *of, uint64_t *used, uint64_t *agents)
{
    (void)of;
    *used = 0;
    *agents = 0;
}

static uint64_t nothing_reap(void *of)
{
    (void)of;
    return 0;
}

static size_t nothing_list(void *of, uint64_t *cursor)
{
    (void)of;
    *cursor = 0;
    return 0;
}

const struct rival rival_nothing = {
    .name = "nothing",
    .create = nothing_create,
    .destroy = nothing_destroy,
    .spawn = nothing_spawn,
    .start = nothing_done,
    .status_of = nothing_status_of,
    .status_id = nothing_status_id,
    .status_path = nothing_status_path,
    .finish = nothing_done,
    .wait = nothing_done,
    .close = nothing_done,
    .count = nothing_count,
    .reap = nothing_reap,
    .reserve = nothing_spawn,
    .abandon = nothing_done,
    .run_again = nothing_done,
    .list = nothing_list,
};
