/*
 * Use: when an agent was used last, so that the least recently used is evicted
 * first.
 *
 * Every admission stamps the record anyway.  The other uses (start, finish,
 * touch, load) are stamped in the record's annex, and only once the registry
 * keeps track of them; a registry that does not pays one load and a branch that
 * is always the same.  An agent's last use is the later of the two.
 *
 * A stamp in the annex is only ever replaced by a later one.  Who writes it has
 * drawn it first and looked then whether the life that it is for is still
 * there: so if that is over by the time of the swap, the next tenant's
 * admission has drawn a later stamp, and the late one does not count.
 *
 *   pair  release side           acquire side         what it carries
 *   U1    a change of `touched`  any load of it       that the state word has
 *                                                     moved on, if it is the
 *                                                     next tenant's
 */
#ifndef MOOR_USE_H
#define MOOR_USE_H

#include "annex.h"

/* Does the registry keep track?  relaxed: nothing is read because of it but
 * what is found by loads of their own. */
static inline bool use_is_tracked(const moor_registry *books)
{
    return moor_load_relaxed(&books->tracks_use) != 0;
}

/* It does from now on.  Lock-free; without memory for annexes, those agents are
 * as old as their admission. */
void use_track(moor_registry *books);

/* That life is used now.  Needs no memory: without an annex it does nothing.
 * Lock-free. */
void use_note(moor_registry *books, life which);

/* The stamp of its last use (record.h); the caller looks at the life again. */
uint64_t use_stamp(const moor_registry *books, life which);

#endif
