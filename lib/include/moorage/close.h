/*
 * Closing: an agent leaves the tree; its path and id become free.
 *
 * Close works on any agent, in any status, from any thread, any number of
 * times, and never waits.  It first fences the agent, so that nothing new can
 * hang below it, then closes what is there, tickets included, while other
 * threads go on spawning.
 */
#ifndef MOORAGE_CLOSE_H
#define MOORAGE_CLOSE_H

#include "registry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum moor_close_scope {
    MOOR_CLOSE_BY_RULE = 0,      /* the registry's close rule */
    MOOR_CLOSE_TREE,             /* whatever the rule: all below goes too */
    MOOR_CLOSE_CASCADE,          /* this rule, for this call */
    MOOR_CLOSE_ADOPT,
    MOOR_CLOSE_REFUSE,
    MOOR_CLOSE_SCOPES
} moor_close_scope;

typedef struct moor_closed {
    moor_status previous; /* as it was; not_found with MOOR_STALE */
    uint64_t closed;      /* agents this call closed, itself included; with
                             MOOR_STALE those below it that it closed before
                             another call closed the agent */
} moor_closed;

/*
 * Close an agent: it leaves the tree.  The tree of the root: everything below
 * is closed and the registry shuts: later spawns answer fenced.
 *
 *   Threads   any
 *   Progress  lock-free
 *   Order     acquires what the agent's end released
 *   Returns   MOOR_OK; MOOR_STALE (closed before; *answer says not_found);
 *             MOOR_NOT_FOUND; MOOR_IS_ROOT (root without tree);
 *             MOOR_HAS_CHILDREN; MOOR_BAD_ARGUMENT.  Needs no memory.
 *   answer    may be null
 */
moor_error moor_close(moor_registry *registry, moor_agent agent,
                      moor_close_scope scope, moor_closed *answer);

#ifdef __cplusplus
}
#endif
#endif
