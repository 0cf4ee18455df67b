/*
 * The fence: after it nothing new may hang below an agent.
 *
 * Linking and fencing meet without a lock:
 *
 *   linker   names the child in the bag and publishes it as a ticket, then
 *            looks at the fences of all above
 *   fencer   sets the fence, then walks what hangs below
 *
 *   pair  linker                  fencer               what it promises
 *   F1    exchange, then load     swap, then load      in the single order of
 *         (all seq_cst)           (all seq_cst)        seq_cst at least one of
 *                                                      them sees the other
 */
#ifndef MOOR_FENCE_H
#define MOOR_FENCE_H

#include "books.h"

/* May something be linked below `parent`, or is it still allowed there?
 *   MOOR_OK; MOOR_STALE: the parent itself has left (not asked for when
 *   `may_have_left`); MOOR_FENCED; MOOR_NOT_FOUND
 * Lock-free, bounded by the depth. */
moor_error fence_look(const moor_registry *books, life parent,
                      bool may_have_left);

/* Is there a fence from `which`, whose state is `word`, upwards?  True of its
 * life only if it is still in the tree afterwards.  Lock-free. */
bool fence_is_above(const moor_registry *books, life which, uint64_t word);

/* Sets it on whatever of that life is in the tree; false: it has left. */
bool fence_set(moor_registry *books, life which);

#endif
