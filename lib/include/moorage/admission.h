/*
 * Admission: who may start an agent.
 *
 * `reserve` gives a ticket or a refusal.  A ticket covers a running slot, the
 * path, the nickname and the link to the parent, and ends exactly once:
 * committed, abandoned, rolled back by a failed commit, or taken by a close
 * above it.  `spawn` is reserve and commit in one call.
 *
 * An admission is judged in this order and the first failure is the answer:
 * parent (not_found, stale), name (bad_path), id (bad_id), fence (fenced), path
 * (path_taken), id in use (id_taken), then the limits depth, children,
 * lifetime, resident, running.  All limits are charged in the one call; none is
 * checked now and charged later.
 */
#ifndef MOORAGE_ADMISSION_H
#define MOORAGE_ADMISSION_H

#include "registry.h"

#ifdef __cplusplus
extern "C" {
#endif

/* By which an admission that waits can be cancelled; all zero at the start. */
typedef struct moor_cancellation {
    uint64_t bits;
} moor_cancellation;

/*
 * How long an admission that `running` refuses waits for a slot: first come,
 * first served.  While it waits it holds nothing; when it has a slot, all else
 * is judged anew.  At the deadline, or when it is cancelled, the answer is the
 * refusal; MOOR_QUEUE_FULL when too many wait already.
 */
typedef struct moor_patience {
    uint64_t timeout_ms;             /* or MOOR_FOREVER */
    moor_cancellation *cancellation; /* null: it cannot be cancelled.  It must
                                        be there until the call returns */
} moor_patience;

/* Let all that wait with this cancellation, or are going to, answer at once.
 *   Threads any. Progress lock-free. Order releases to those.
 *   Errors  MOOR_BAD_ARGUMENT */
moor_error moor_cancel(moor_registry *registry,
                       moor_cancellation *cancellation);

/* All zero: a child of the root, named by the registry. */
typedef struct moor_spawn_options {
    moor_agent parent;    /* zero: the root */
    const char *name;     /* one path segment; null: the registry makes one */
    const char *role;     /* 1 to MOOR_ROLE_MAX bytes; null: none */
    const char *nickname; /* preferred; null: drawn from the role's or the
                             registry's list, if there is one */
    const moor_id *id;    /* spawn only; null: the registry makes one */
    const moor_patience *patience; /* null: it does not wait */
    uint32_t ttl_ms; /* its lease: live for longer than that after commit,
                        run_again or moor_renew, it is ended as errored with
                        the text "lease expired" and gives its slot back, by
                        the next admission, moor_turn_end or moor_reap.  0: it
                        has none */
} moor_spawn_options;

/* What would free the capacity that a holder holds. */
typedef enum moor_freed_by {
    MOOR_FREED_BY_FINISH = 0, /* the end of its run */
    MOOR_FREED_BY_TURN_END,
    MOOR_FREED_BY_CLOSE,
    MOOR_FREED_BY_ABANDON,  /* it is a ticket */
    MOOR_FREED_BY_EVICT,    /* of `resident`: it is idle */
    MOOR_FREED_BY_UNPIN,    /* idle, but pinned */
    MOOR_FREED_BY_UNLOADED, /* an eviction has claimed it */
    MOOR_FREED_BYS
} moor_freed_by;

enum { MOOR_HOLDERS_MAX = 8 };

typedef struct moor_holder {
    moor_agent agent;   /* zero when it is a ticket */
    moor_ticket ticket; /* zero when it is an agent */
    moor_status status; /* MOOR_STATUS_RESERVED for a ticket */
    moor_freed_by freed_by;
    uint64_t age_ms; /* since its last admission, to a few milliseconds */
} moor_holder;

/* Why an admission was refused.  Holders are read after the limit was found
 * reached, oldest admission first; each held at some instant of the call. */
typedef struct moor_refusal {
    moor_limit limit;
    uint32_t limit_value;
    uint64_t used; /* for depth: the parent's depth */
    uint32_t holders_count;
    moor_holder holders[MOOR_HOLDERS_MAX]; /* none for depth and lifetime */
} moor_refusal;

/*
 * Reserve what an agent to come needs.
 *
 *   Threads   any, any number at once
 *   Progress  lock-free; allocates before a slot is charged.  With patience:
 *             blocks while `running` refuses, until a slot is handed to it
 *   Order     a granted slot acquires what the one who gave it up released
 *   Returns   MOOR_OK       *ticket is yours
 *             MOOR_REFUSED  *refusal (unless null) says by what and by whom
 *             MOOR_BAD_ARGUMENT (null registry, options or ticket; a role or
 *             nickname empty, too long or not UTF-8; an id), MOOR_NOT_FOUND,
 *             MOOR_STALE (the parent), MOOR_BAD_PATH, MOOR_FENCED,
 *             MOOR_PATH_TAKEN, MOOR_QUEUE_FULL, MOOR_NO_MEMORY
 *
 * Passing a null refusal saves the search for the holders.
 */
moor_error moor_reserve(moor_registry *registry,
                        const moor_spawn_options *options, moor_ticket *ticket,
                        moor_refusal *refusal);

/*
 * Turn a ticket into an agent with status pending_init.
 *
 *   id, path  may be null: an id of the registry's making; no check of the path
 *   Threads   any; of two commits or abandons of one ticket one wins
 *   Progress  lock-free
 *   Order     releases the caller's earlier writes to whoever finds the agent
 *   Returns   MOOR_OK, or MOOR_STALE / MOOR_NOT_FOUND (ended before / never
 *             known: nothing is touched).  On these the ticket has ended and
 *             everything was given back: MOOR_BAD_ID (nil), MOOR_ID_TAKEN,
 *             MOOR_PATH_MISMATCH, MOOR_FENCED, MOOR_NO_MEMORY.
 *             MOOR_BAD_ARGUMENT changes nothing.
 */
moor_error moor_commit(moor_registry *registry, moor_ticket ticket,
                       const moor_id *id, const char *path, moor_agent *agent);

/*
 * Give back everything that the ticket covers.
 *
 *   Threads any. Progress lock-free. Order releases.
 *   Returns MOOR_OK, MOOR_STALE, MOOR_NOT_FOUND, MOOR_BAD_ARGUMENT.  Needs no
 *           memory: what gives something back cannot fail for want of it.
 */
moor_error moor_abandon(moor_registry *registry, moor_ticket ticket);

/* Reserve and commit in one call.
 *   Threads any. Progress as moor_reserve. Order as moor_reserve and
 *   moor_commit.
 *   Errors  as moor_reserve and moor_commit; then there is no ticket either */
moor_error moor_spawn(moor_registry *registry,
                      const moor_spawn_options *options, moor_agent *agent,
                      moor_refusal *refusal);

enum { MOOR_SPAWN_MANY_MAX = 64 };

/*
 * Spawn `count` agents, from 1 to MOOR_SPAWN_MANY_MAX, or none of them.
 *
 *   options, agents  `count` of each; agents are written only on success.  An
 *                    agent of the same call cannot be a parent.
 *   Threads   any, any number at once
 *   Progress  lock-free; allocates before a slot is charged
 *   Order     as moor_spawn
 *   Returns   MOOR_OK; else nothing of any of them remains, and the first one
 *             that cannot be spawned, with those before it in place, says why:
 *             as moor_spawn.  Names that meet within the call: MOOR_PATH_TAKEN.
 *             MOOR_BAD_ARGUMENT also: a count out of range; any patience.
 *             MOOR_REFUSED by lifetime or running: there is not enough for all;
 *             *refusal has what was used, without them.
 *
 * Lifetime and running slots are charged for all in one step each, running
 * last: nobody else is refused a running slot that this call then gives back,
 * unless a fence comes meanwhile.  What a close above takes before the call
 * returns was spawned and closed: its handle is stale; MOOR_FENCED when that is
 * all of them.
 */
moor_error moor_spawn_many(moor_registry *registry,
                           const moor_spawn_options *options, size_t count,
                           moor_agent *agents, moor_refusal *refusal);

/* The name of what would free a holder's capacity: "finish", "turn_end",
 * "close", "abandon", "evict", "unpin", "unloaded". */
const char *moor_freed_by_name(moor_freed_by freed_by);

#ifdef __cplusplus
}
#endif
#endif
