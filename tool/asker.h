/*
 * Who asks may leave while it is waited for.  Then nothing is to wait for it
 * any longer: a place in the queue would get a slot for nobody, and a thread
 * would stand in a wait for an hour.
 *
 * One thread looks at the descriptors of all askers, in the kernel; it has
 * nothing to do until one hangs up.
 */
#ifndef MOORAGE_TOOL_ASKER_H
#define MOORAGE_TOOL_ASKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include <moorage/admission.h>

struct asker {
    moor_registry *registry;
    int fd; /* where the answers go */
    moor_cancellation cancellation;
    atomic_bool left;
    struct asker *next;
};

/* From here on until the end `left` and the cancellation tell of it.  False:
 * no memory, or no thread; it is then taken to stay. */
bool asker_begin(struct asker *asker, moor_registry *registry, int fd);
void asker_end(struct asker *asker);

/* Null is one that stays. */
bool asker_has_left(struct asker *asker);

#endif
