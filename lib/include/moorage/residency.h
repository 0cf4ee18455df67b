/*
 * Residency: which agents are loaded in the host's memory.
 *
 * Memory is a second bound beside running slots.  A ticket and every loaded
 * agent count against the limit `resident`; an agent is loaded from its commit
 * until it is evicted or closed.  An admission never evicts by itself: it is
 * refused, its holders tell who can be evicted, and the host calls moor_evict
 * and tries again.
 *
 *   loaded --evict--> claimed --unloaded--> not loaded
 *      ^                                        |
 *      +---------- load, run_again -------------+
 *
 * Evicting is two steps, because the host needs time to unload.  Claiming is
 * one compare-and-swap on the agent's state word, so of evict, run_again, load,
 * pin and close one wins; until the host reports moor_unloaded the agent still
 * counts, and touch, pin, unpin, load, run_again and evict answer
 * MOOR_EVICTING.  Close wins over a claim: moor_unloaded is stale then.
 *
 * Only idle agents that are not pinned can be evicted, the least recently used
 * first.  Uses are spawn, start, finish, run_again, touch and load.  Spawn and
 * run_again are always kept track of; the others from the first limit of
 * `resident`, or the first call of moor_evict, moor_touch or moor_load, on; or
 * from the start, see moor_config.  Mail that waits for an agent, a request or
 * a waiter does not pin it.
 *
 * Status, result, names and id survive eviction and reload.
 *
 * Common errors of all calls here: MOOR_BAD_ARGUMENT (null registry),
 * MOOR_NOT_FOUND (never known), MOOR_STALE (closed), MOOR_IS_ROOT.
 */
#ifndef MOORAGE_RESIDENCY_H
#define MOORAGE_RESIDENCY_H

#include "admission.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Claim an agent for eviction: that one, or, if `agent` is zero, the least
 * recently used of those that can be evicted.  The host unloads *evicted and
 * calls moor_unloaded.
 *
 *   evicted   may be null when `agent` is not zero
 *   Threads   any; of two that claim one agent, one succeeds
 *   Progress  lock-free; without an agent one pass over all agents, again if
 *             another call changed the one that was found
 *   Order     acquires what the agent's end released
 *   Errors    as above, and MOOR_EVICTING (claimed already), MOOR_NOT_RESIDENT,
 *             MOOR_NOT_EVICTABLE (live or pinned; none was found)
 *
 * What was used before the call is older than what is used during it; of uses
 * during the call nothing is said.
 */
moor_error moor_evict(moor_registry *registry, moor_agent agent,
                      moor_agent *evicted);

/* Report that a claimed agent is out of memory: it counts no more.
 *   Threads any; of two that report it, one succeeds. Progress lock-free. Order
 *           releases what the host did before to the admission that it makes
 *           room for.
 *   Errors  as above, and MOOR_WRONG_STATUS (not claimed) */
moor_error moor_unloaded(moor_registry *registry, moor_agent agent);

/*
 * Load an agent that is not loaded: an admission by `resident` alone.  Of a
 * loaded agent, a touch.
 *
 *   Threads any. Progress lock-free. Order acquires and releases.
 *   Returns MOOR_OK, errors as above, and MOOR_REFUSED with *refusal (unless
 *           null) as moor_reserve, MOOR_EVICTING, MOOR_NO_MEMORY (of a record
 *           of its use; nothing has changed)
 */
moor_error moor_load(moor_registry *registry, moor_agent agent,
                     moor_refusal *refusal);

/* Note that the agent is used now.
 *   Threads any. Progress lock-free.
 *   Errors  as above, and MOOR_NOT_RESIDENT, MOOR_EVICTING, MOOR_NO_MEMORY (as
 *   moor_load). */
moor_error moor_touch(moor_registry *registry, moor_agent agent);

/* Keep a loaded agent from being evicted, whatever its status; or no more.  A
 * flag, not a count.
 *   Threads any. Progress lock-free. Order acquires and releases.
 *   Errors  as above, and MOOR_NOT_RESIDENT, MOOR_EVICTING */
moor_error moor_pin(moor_registry *registry, moor_agent agent);
moor_error moor_unpin(moor_registry *registry, moor_agent agent);

#ifdef __cplusplus
}
#endif
#endif
