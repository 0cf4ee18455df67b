/*
 * The life of an agent between commit and close.
 *
 * Ending a run is a single compare-and-swap on the agent's state word: of all
 * threads that try, exactly one wins.  The winner's step takes the slot from
 * the agent (under on_completion), the counter goes down by one atomic
 * subtraction, and only then can the idle status be seen: whoever has seen it
 * is never refused because of that agent.
 *
 * Illegal transitions change nothing.  Common errors of all calls here:
 * MOOR_BAD_ARGUMENT (null registry, value out of range), MOOR_NOT_FOUND (never
 * known), MOOR_STALE (closed), MOOR_IS_ROOT, MOOR_WRONG_STATUS.
 */
#ifndef MOORAGE_LIFECYCLE_H
#define MOORAGE_LIFECYCLE_H

#include "admission.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Note that an agent runs: pending_init -> running.
 *   Threads any. Progress lock-free. Order releases. */
moor_error moor_start(moor_registry *registry, moor_agent agent);

/*
 * Take back an agent whose first input could not be delivered: pending_init ->
 * gone, with all that is below it; gives back all that the ticket covered, the
 * lifetime charge included.  Needs no memory.
 *   Threads any. Progress lock-free.
 */
moor_error moor_start_failed(moor_registry *registry, moor_agent agent);

/*
 * End a run: pending_init, running -> `status`, which is completed, errored or
 * shutdown.
 *
 *   text      result or error text of `length` bytes; copied; may be null with
 *             length 0, and then nothing is allocated
 *   Threads   any; exactly one of those that try succeeds
 *   Progress  lock-free: a failed swap means that another call changed the word
 *   Order     success releases the caller's earlier writes to whoever reads
 *             the status; failure acquires the winner's
 *   Errors    as above, and MOOR_NO_MEMORY (only with a text: finish without
 *             one, and the slot comes back)
 */
moor_error moor_finish(moor_registry *registry, moor_agent agent,
                       moor_status status, const char *text, size_t length);

/* Interrupt a run: pending_init, running -> interrupted; as moor_finish without
 * a text. */
moor_error moor_interrupt(moor_registry *registry, moor_agent agent);

/* End a run whose executor is gone: -> errored with the text "died"; gives the
 * slot back under every policy.  As moor_finish without a text. */
moor_error moor_died(moor_registry *registry, moor_agent agent);

/* Begin the lease of a live agent anew, even late, if it was not ended yet; one
 * without a lease has nothing to renew.
 *   Threads any. Progress lock-free. */
moor_error moor_renew(moor_registry *registry, moor_agent agent);

/*
 * Run an idle agent again: interrupted, completed, errored -> running, when
 * `running` admits it.  An idle agent that still holds its slot needs no second
 * one, but is refused while more is used than a lowered limit allows.  One that
 * is not loaded is judged by `resident`, too, and is loaded then.  Clears the
 * result.
 *
 *   Threads any. Progress lock-free. Order acquires and releases.
 *   Returns also MOOR_REFUSED with *refusal (unless null) as moor_reserve;
 *           MOOR_EVICTING: an eviction has claimed it, wait for moor_unloaded.
 */
moor_error moor_run_again(moor_registry *registry, moor_agent agent,
                          moor_refusal *refusal);

/* Run an idle agent again, with patience (null: none): as moor_run_again, but
 * it blocks while `running` refuses.
 *   Errors  as moor_run_again, and MOOR_QUEUE_FULL, MOOR_NO_MEMORY */
moor_error moor_run_again_queued(moor_registry *registry, moor_agent agent,
                                 const moor_patience *patience,
                                 moor_refusal *refusal);

typedef enum moor_request_kind {
    MOOR_REQUEST_NONE = 0,
    MOOR_REQUEST_INTERRUPT,
    MOOR_REQUEST_SHUTDOWN, /* stays when both were asked */
    MOOR_REQUESTS
} moor_request_kind;

/* Raise a flag on a live agent, for its executor to poll; it falls when the
 * run ends.  Waits on the agent report it.
 *   Threads any. Progress lock-free. */
moor_error moor_request(moor_registry *registry, moor_agent agent,
                        moor_request_kind what);

/* Read the request that is up on an agent; it stays up.
 *   Threads any. Progress wait-free. */
moor_error moor_poll(moor_registry *registry, moor_agent agent,
                     moor_request_kind *what);

#ifdef __cplusplus
}
#endif
#endif
