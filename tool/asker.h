/*
 * Who asks may leave while it is waited for.  Then nothing is to wait for it
 * any longer: a place in the queue would get a slot for nobody, and a thread
 * would stand in a wait for an hour.
 *
 * One thread looks at the descriptors of all askers that have ever been waited
 * for, in the kernel; it has nothing to do until one hangs up.
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
    bool watched;
    struct asker *next;
};

void asker_begin(struct asker *asker, moor_registry *registry, int fd);
void asker_end(struct asker *asker);

/* It is going to be waited for: from here on, when it leaves, `left` and the
 * cancellation say so.  (If there is no thread for that, it is taken to stay.)
 * Null is one that stays, here and below. */
moor_cancellation *asker_watch(struct asker *asker);
bool asker_has_left(struct asker *asker);

#endif
