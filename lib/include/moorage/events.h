/*
 * Completion events, for event loops: each run gives one event when it stops
 * being live, to the queue of the agent's parent of that moment (the nearest
 * above it that is not closed).  A registry keeps them when moor_config says
 * `events`.
 *
 *   completed, errored, interrupted, shutdown   by moor_finish and its kin
 *   errored                                     by moor_died
 *   shutdown                                    by a close of a live agent
 *
 * A failed start gives none.  An event stays in its queue when its agent is
 * closed, and goes when the owner of the queue is.  None is lost and none comes
 * twice, however many threads read: each event goes to one of them.
 *
 * Ending a run needs no memory and cannot fail for its event: an agent's place
 * was reserved at its admission.  The record of a closed agent stays until its
 * event was read, so a registry that keeps events wants somebody who reads them
 * (those of the root, and of whoever else spawns).
 *
 *   moor_events_fd(registry, &fd);           // add it to epoll, for reading
 *   ...
 *   eventfd_read(fd, &ignored);              // when it is readable: first
 *   moor_events(registry, root, e, 64, &n);  // this, then owner by owner
 */
#ifndef MOORAGE_EVENTS_H
#define MOORAGE_EVENTS_H

#include "registry.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct moor_event {
    moor_agent agent; /* may be closed by now */
    moor_id id;       /* tells who it was even then */
    moor_status status;
} moor_event;

/*
 * Take events from the queue of an agent; the zero handle is the root's.
 *
 *   events    room for `room` of them; *count were written
 *   Threads   any, each event to one; first in, first out as one reader sees it
 *             (runs of one agent that nobody has read are told by status)
 *   Progress  lock-free; a thread that is suspended inside keeps what it has in
 *             hand from others
 *   Order     acquires what the runs' ends released: the status is there, and
 *             under on_completion the slot is free
 *   Errors    MOOR_NOT_FOUND, MOOR_STALE (the owner), MOOR_BAD_ARGUMENT (also:
 *             a registry that keeps no events)
 */
moor_error moor_events(moor_registry *registry, moor_agent owner,
                       moor_event *events, size_t room, size_t *count);

/*
 * A descriptor that becomes readable when an event has come to any queue of the
 * registry: an eventfd, one for all its queues, made by the first call, closed
 * by moor_destroy.  It is readable at first.  Read it empty (eventfd_read),
 * then look into each queue that you serve: what comes after that makes it
 * readable again, and so does a moor_events that had too little room.  Loops
 * that share it, each with queues of its own, watch it edge-triggered and do
 * not read it.
 *
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ARGUMENT (also: a registry that keeps no events),
 *           MOOR_NO_MEMORY (no descriptor is left)
 */
moor_error moor_events_fd(moor_registry *registry, int *fd);

#ifdef __cplusplus
}
#endif
#endif
