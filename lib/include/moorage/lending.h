/*
 * Lending: a running agent that only waits lets others have its slot.
 *
 * Its status stays running; it counts no more against `running` until it has
 * taken a slot back.  So with limit 1 a parent can wait for its child.  A lent
 * agent that ends has nothing to give back.
 *
 * Common errors: MOOR_BAD_ARGUMENT, MOOR_NOT_FOUND, MOOR_STALE, MOOR_IS_ROOT.
 */
#ifndef MOORAGE_LENDING_H
#define MOORAGE_LENDING_H

#include "wait.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Give the slot of a running agent to the common pool.
 *   Threads any. Progress lock-free. Order releases.
 *   Errors  also MOOR_WRONG_STATUS (not running, or lent already) */
moor_error moor_lend(moor_registry *registry, moor_agent agent);

/*
 * Take a slot for an agent that has lent its own: an admission for `running`
 * only, and ahead of all others that wait.
 *
 *   patience  null: it does not wait
 *   Threads   any; of several for one agent one succeeds
 *   Progress  lock-free; blocks with patience
 *   Order     acquires what the one who gave the slot up released
 *   Returns   MOOR_OK; MOOR_REFUSED with *refusal (unless null), still lent;
 *             MOOR_NOT_LENT; MOOR_QUEUE_FULL, MOOR_NO_MEMORY
 */
moor_error moor_take_back(moor_registry *registry, moor_agent agent,
                          const moor_patience *patience,
                          moor_refusal *refusal);

/*
 * Lend, wait as moor_wait does, and take a slot back: all within `timeout_ms`.
 *
 *   lender    a running agent; often the one that is waiting
 *   Progress  blocks
 *   Returns   MOOR_OK: met, and the slot is back; met at once, nothing is lent.
 *             MOOR_TIMED_OUT: still lent, the answers say what was met.
 *             MOOR_WRONG_STATUS: not running, or lent already; nothing was
 *             waited for, and it is no matter whether all was met.
 *             MOOR_BAD_ARGUMENT as moor_wait.  MOOR_NOT_LENT, MOOR_STALE: met,
 *             and the lender ended meanwhile or has a slot again.
 *             MOOR_QUEUE_FULL, MOOR_NO_MEMORY: met, still lent.
 */
moor_error moor_wait_lending(moor_registry *registry, moor_agent lender,
                             moor_wait_for what, moor_wait_until until,
                             const moor_agent *agents, size_t count,
                             uint64_t timeout_ms, moor_waited *answers);

#ifdef __cplusplus
}
#endif
#endif
