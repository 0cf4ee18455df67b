/*
 * The journal: which agents have changed, for whoever keeps a copy of the
 * books, and the way back from such a copy.  moorage's own store is built on
 * it.
 *
 * A registry that was made with `journal` notes each agent that was committed,
 * started, ended, ran again or was closed.  An agent is noted once until it was
 * taken, however often it changes; what is read then is what it is then, so
 * the order of changes does not matter and no change allocates.  An agent that
 * was closed is kept until it was taken and is done.
 */
#ifndef MOORAGE_JOURNAL_H
#define MOORAGE_JOURNAL_H

#include "read.h"

#ifdef __cplusplus
extern "C" {
#endif

/* So many agents that were closed are kept at once.  When there are more, they
 * are not noted, and the next moor_changes says so. */
enum { MOOR_JOURNAL_MAX = 65536 };

typedef struct moor_changed {
    moor_agent agent;
    uint64_t order; /* of two agents that with the smaller number was spawned
                       first, if one was there before the other */
    bool closed;    /* it has left, and is kept until it is done */
} moor_changed;

/*
 * Take what was noted.
 *
 *   changed   room for `room` (at least 1); *count of them are written, in no
 *             order, and now and then one twice; each is to be read and then
 *             to be done.  Less than `room`: all that was noted when the call
 *             began.  Else the rest is left to the next call
 *   behind    true: more were closed than can be kept, since when the caller
 *             last was told so.  Who is not in the list of all has left
 *   Threads   one at a time with itself; all else freely
 *   Progress  wait-free: one pass over a bit for each record, or two
 *   Order     acquires what the noted changes released
 *   Errors    MOOR_BAD_ARGUMENT (also: a registry without a journal)
 */
moor_error moor_changes(moor_registry *registry, moor_changed *changed,
                        size_t room, size_t *count, bool *behind);

/* What a noted agent is now. */
typedef struct moor_change {
    moor_info info;   /* of a closed one the last status; shutdown if a close
                         ended its run */
    moor_id parent; /* below which it was spawned; nil: the root */
    bool closed;    /* it has left the tree */
    bool failed;    /* ... because its start failed: it never was */
    uint32_t ttl_ms; /* of its lease; 0: none */
    size_t length;  /* of its result; a closed one's is gone */
} moor_change;

/*
 * Read an agent that was taken and is not done yet.  Writes at most `room`
 * bytes of its result.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ARGUMENT, MOOR_NOT_FOUND, MOOR_STALE (it left after it was
 *           taken: it is, or will be, noted once more; or it is done)
 */
moor_error moor_change_read(moor_registry *registry, moor_agent agent,
                            moor_change *change, char *text, size_t room);

/*
 * Say that a change was read: if its agent is `closed`, it is kept no longer.
 *   Threads  one at a time with itself and moor_changes. Progress lock-free.
 *   Errors   MOOR_BAD_ARGUMENT
 */
moor_error moor_change_done(moor_registry *registry,
                            const moor_changed *changed);

/*
 * Sleep until something is noted, a limit or the turn is set, or
 * moor_journal_wake is called; at once if any was since the last call, or if
 * the last moor_changes left a rest.
 *   Threads  one at a time with itself and moor_changes
 *   Returns  MOOR_OK, MOOR_TIMED_OUT, MOOR_BAD_ARGUMENT
 */
moor_error moor_journal_wait(moor_registry *registry, uint64_t timeout_ms);

/* End the sleep of moor_journal_wait, or else its next one before it begins.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ARGUMENT */
moor_error moor_journal_wake(moor_registry *registry);

/* --- back from a copy ----------------------------------------------------- */

#define MOOR_KEPT_ROOT SIZE_MAX

/* An agent as it was kept. */
typedef struct moor_kept {
    size_t parent; /* number of one before it; MOOR_KEPT_ROOT: the root */
    moor_id id;
    const char *path;     /* absolute: its parent's and a segment */
    const char *role;     /* null or empty: none */
    const char *nickname; /* as it was given out; null or empty: none */
    bool closed; /* it left the tree, and others below it did not: they are
                    adopted by the next above it */
    moor_status status;
    uint64_t turn; /* of its last admission */
    uint32_t ttl_ms; /* its lease begins anew; 0: none */
    const char *text; /* result; null with length 0 */
    size_t length;
} moor_kept;

/* What became of it. */
typedef enum moor_restored {
    MOOR_RESTORED_IDLE = 0, /* as it was, charged with nothing */
    MOOR_RESTORED_LIVE,        /* as it was, charged */
    MOOR_RESTORED_INTERRUPTED, /* it was live and did not fit */
    MOOR_RESTORED_CLOSED       /* it is not there; its handle is stale */
} moor_restored;

/*
 * Make a registry from kept agents, in the order of their spawns: a parent
 * comes before its children.  Live ones are charged while `running` allows it.
 *
 *   turn, lifetime  as they were; `lifetime` is what counts against that limit
 *   agents          `count` handles, outcomes `count` of them
 *   Errors  as moor_create; MOOR_BAD_ARGUMENT (a parent that does not come
 *           before, a status that is none of an agent), MOOR_BAD_PATH,
 *           MOOR_PATH_MISMATCH (not the parent's and a segment), MOOR_BAD_ID,
 *           MOOR_PATH_TAKEN, MOOR_ID_TAKEN: *wrong (may be null) is the number
 *           of the first that is wrong.  Then there is no registry.
 */
moor_error moor_restore(const moor_config *config, const moor_kept *kept,
                        size_t count, uint64_t turn, uint64_t lifetime,
                        moor_registry **registry, moor_agent *agents,
                        moor_restored *outcomes, size_t *wrong);

/* What counts against the limit `lifetime`, as moor_restore wants it back.
 *   Threads any. Progress wait-free. */
uint64_t moor_lifetime_used(const moor_registry *registry);

/* The number of the turn, as moor_restore wants it back.
 *   Threads any. Progress wait-free. */
uint64_t moor_turn_now(const moor_registry *registry);

#ifdef __cplusplus
}
#endif
#endif
