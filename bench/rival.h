/*
 * rival: what a benchmark body is written against.
 *
 * A rival keeps the same books as moorage, with other means, and does the same
 * work for each call.  A spawn judges the name and the id, makes the path from
 * the parent's and the name, looks whether somebody above is fenced and whether
 * path or id are taken, charges the limits of depth, children, lifetime and
 * running slots, and stamps the admission with the coarse clock, a number and
 * the turn.  Ids and paths, which strangers may choose, are hashed with a
 * random key.  Names are copied.  Spawns, completions, releases, closes and
 * refusals are counted.  What a rival leaves out of that stands at its head,
 * and is always to its advantage.
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

/* Whom to spawn: `id`, `name` and `parent`.  The path that this makes is for
 * the look-ups of the bodies only. */
struct rival_agent {
    moor_id id;
    const char *path; /* the whole path */
    const char *name; /* its last segment */
    size_t length;    /* of the path */
    uint64_t parent;
};

/* Which of the calls a rival answers. */
enum rival_level {
    RIVAL_EVERY = 0, /* the harness: all of them */
    RIVAL_REGISTRY,  /* a whole registry */
    RIVAL_MAP,       /* ids and statuses only: map_rival.h */
    RIVAL_KEEPING,   /* a registry whose idle agents keep their slots until a
                        reap: policy on_turn_end */
};

struct rival {
    const char *name;
    enum rival_level level;
    size_t agents_max;    /* with more it takes too long; 0: any number */
    bool trusts_handles;  /* does not notice that one is stale */
    bool trusts_ids;      /* does not notice that one is taken */
    void *(*create)(uint32_t limit);
    void (*destroy)(void *books);

    /* What a thread does first, last, and now and then; may be null. */
    void (*enter)(void *books);
    void (*leave)(void *books);
    void (*rest)(void *books);

    /* What moor_spawn would say. */
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

    /* For the trial of the rivals of a registry; alone.  `stats` fills in
     * spawned, refused, completed, closed, released. */
    void (*set_limit)(void *books, moor_limit which, uint32_t value);
    void (*fence)(void *books, uint64_t handle);
    void (*stats)(void *books, moor_stats *stats);

    /* May be null, and then close does not close what is below. */
    uint64_t (*reap)(void *books);
    /* One page, copied out: how many; *cursor is 0 at the start and the end. */
    size_t (*list)(void *books, uint64_t *cursor);

    /* May be null.  A ticket is of moor_reserve's kind; its id is not looked
     * at. */
    moor_error (*reserve)(void *books, const struct rival_agent *agent,
                          uint64_t *ticket);
    bool (*abandon)(void *books, uint64_t ticket);
    bool (*run_again)(void *books, uint64_t handle);
};

extern const struct rival rival_nothing; /* does nothing: the harness */
extern const struct rival rival_moorage;
extern const struct rival rival_moorage_keeping;
extern const struct rival rival_mutex;
extern const struct rival rival_mutex_keeping;
extern const struct rival rival_planted; /* in its place, with a plant */
extern const struct rival rival_sharded;
extern const struct rival rival_codex;
extern const struct rival rival_ckhs;
extern const struct rival rival_lfht; /* with BENCH_LFHT */
extern const struct rival rival_tbb;  /* with BENCH_TBB */

#ifdef __cplusplus
}
#endif
#endif
