/*
 * Waiting for agents to end.  Level-triggered: an idle status stays until
 * close or run_again, so a wait that begins after the end returns at once.
 */
#ifndef MOORAGE_WAIT_H
#define MOORAGE_WAIT_H

#include "lifecycle.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum moor_wait_for { MOOR_WAIT_ANY = 0, MOOR_WAIT_ALL } moor_wait_for;

typedef enum moor_wait_until {
    MOOR_UNTIL_FINAL = 0, /* completed, errored, shutdown, not_found */
    MOOR_UNTIL_IDLE       /* these, and interrupted */
} moor_wait_until;

typedef struct moor_waited {
    bool met;                    /* this agent met the wait */
    moor_status status;          /* as last seen; not_found when closed */
    moor_request_kind requested; /* the flag that is up on a live agent */
} moor_waited;

/*
 * Wait until any or all of `count` agents have ended.
 *
 *   timeout_ms  0: try; MOOR_FOREVER: no deadline; else milliseconds
 *   answers     `count` of them; always written on OK and TIMED_OUT
 *   Threads     any
 *   Progress    blocks until met or the deadline; lock-free with 0
 *   Order       acquires what the agents' ends released
 *   Returns     MOOR_OK (met), MOOR_TIMED_OUT, MOOR_BAD_ARGUMENT (null, count
 *               0, an enumerator out of range)
 */
moor_error moor_wait(moor_registry *registry, moor_wait_for what,
                     moor_wait_until until, const moor_agent *agents,
                     size_t count, uint64_t timeout_ms, moor_waited *answers);

#ifdef __cplusplus
}
#endif
#endif
