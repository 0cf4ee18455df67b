/*
 * The map level: ids and statuses only, without paths, parents and names.
 *
 * A rival of this level has the table of rival.h, too, and does of it
 *
 *   spawn      charges a running slot, then enters the id: MOOR_REFUSED or
 *              MOOR_ID_TAKEN; the agent runs at once
 *   status_of  by handle
 *   status_id  by id
 *   finish     swaps the status, then gives the slot back
 *   close      takes the id out, and gives the slot back if it still has one
 *   count
 *
 * Every id is hashed with the same keyed hash; a status is atomic where it is
 * read outside a lock.
 */
#ifndef BENCH_MAP_RIVAL_H
#define BENCH_MAP_RIVAL_H

#include "rival.h"
#include "rival_key.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct rival map_moorage;
extern const struct rival map_mutex;
extern const struct rival map_planted; /* in its place, with a plant */
extern const struct rival map_sharded;
extern const struct rival map_ckhs;
extern const struct rival map_lfht; /* with BENCH_LFHT */
extern const struct rival map_lfht_pool;
extern const struct rival map_tbb; /* with BENCH_TBB */

/* It runs from the beginning. */
static inline bool map_start(void *books, uint64_t handle)
{
    (void)books;
    return handle != 0;
}

#ifdef __cplusplus
}
#endif
#endif
