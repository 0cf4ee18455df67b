/*
 * Planted: rivals that pass for those under a mutex and are far too fast,
 * because they keep no books but one number, without a lock.  With
 * BENCH_PLANT_FAST they stand in for the real ones, and `bench --check` has to
 * say that its goals were not held.
 */
#include "map_rival.h"

#include <stdatomic.h>

struct books {
    atomic_uint_fast64_t agents;
    uint32_t limit;
};

static void *planted_create(uint32_t limit)
{
    struct books *books = calloc(1, sizeof *books);

    if (books == NULL) abort();
    books->limit = limit;
    return books;
}

static void planted_destroy(void *of)
{
    free(of);
}

static moor_error planted_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    struct books *books = of;

    (void)agent;
    if (atomic_load(&books->agents) >= books->limit) return MOOR_REFUSED;
    atomic_fetch_add(&books->agents, 1);
    *handle = 1;
    return MOOR_OK;
}

static bool planted_done(void *of, uint64_t handle)
{
    (void)of;
    (void)handle;
    return true;
}

static moor_status planted_status_of(void *of, uint64_t handle)
{
    (void)of;
    (void)handle;
    return MOOR_STATUS_RUNNING;
}

static moor_status planted_status_id(void *of, const moor_id *id)
{
    (void)of;
    (void)id;
    return MOOR_STATUS_RUNNING;
}

static moor_status planted_status_path(void *of, const char *path,
                                       size_t length)
{
    (void)of;
    (void)path;
    (void)length;
    return MOOR_STATUS_RUNNING;
}

static bool planted_close(void *of, uint64_t handle)
{
    (void)handle;
    atomic_fetch_sub(&((struct books *)of)->agents, 1);
    return true;
}

static void planted_count(void *of, uint64_t *used, uint64_t *agents)
{
    *used = *agents = atomic_load(&((struct books *)of)->agents);
}

#define PLANTED_CALLS                                                          \
    .name = "mutex", .create = planted_create, .destroy = planted_destroy,     \
    .spawn = planted_spawn, .start = planted_done,                             \
    .status_of = planted_status_of, .status_id = planted_status_id,            \
    .status_path = planted_status_path, .finish = planted_done,                \
    .wait = planted_done, .close = planted_close, .count = planted_count

const struct rival rival_planted = { .level = RIVAL_REGISTRY, PLANTED_CALLS };
const struct rival map_planted = { .level = RIVAL_MAP, PLANTED_CALLS };
