/*
 * rival: what a benchmark body is written against.
 *
 * A rival keeps the same books as moorage, with other means: agents with an
 * id, a path and a parent, found by handle, by id and by path; a limit of
 * running slots; a status that only moves forward; children that are counted.
 * Names are copied.  What a rival leaves out of that stands at its head, and
 * is always to its advantage.
 *
 * Handles are never zero; as a parent, zero is the root.  Every call may come
 * from any thread, between its `enter` and its `leave`.
 */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include <moorage/moorage.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whom to spawn. */
struct rival_agent {
    moor_id id;
    const char *path; /* the whole path */
    const char *name; /* its last segment */
    size_t length;    /* of the path */
    uint64_t parent;
};

struct rival {
    const char *name;
    size_t agents_max;    /* with more it takes too long; 0: any number */
    bool trusts_handles;  /* does not notice that one is stale */
    bool trusts_ids;      /* does not notice that one is taken */
    void *(*create)(uint32_t limit);
    void (*destroy)(void *books);

    /* What a thread does first, last, and now and then; may be null. */
    void (*enter)(void *books);
    void (*leave)(void *books);
    void (*rest)(void *books);

    /* MOOR_OK, MOOR_REFUSED by the limit, or what moor_spawn would say; judged
     * in the order parent, path, id, limit. */
    moor_error (*spawn)(void *books, const struct rival_agent *agent,
                        uint64_t *handle);
    bool (*start)(void *books, uint64_t handle);
    moor_status (*status_of)(void *books, uint64_t handle);
    moor_status (*status_id)(void *books, const moor_id *id);
    moor_status (*status_path)(void *books, const char *path, size_t length);
    bool (*finish)(void *books, uint64_t handle);
    bool (*wait)(void *books, uint64_t handle); /* one that has ended */
    bool (*close)(void *books, uint64_t handle);
    void (*count)(void *books, uint64_t *used, uint64_t *agents);

    /* May be null, and then close does not close what is below. */
    uint64_t (*reap)(void *books);
    /* One page, copied out: how many; *cursor is 0 at the start and the end. */
    size_t (*list)(void *books, uint64_t *cursor);
};

extern const struct rival rival_nothing; /* does nothing: the harness */
extern const struct rival rival_moorage;
extern const struct rival rival_mutex;
extern const struct rival rival_sharded;
extern const struct rival rival_codex;
extern const struct rival rival_ckhs;
extern const struct rival rival_lfht; /* with BENCH_LFHT */
extern const struct rival rival_tbb;  /* with BENCH_TBB */

#ifdef __cplusplus
}
#endif
#endif
