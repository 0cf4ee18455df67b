/*
 * Granting: the one way in which an admission gets a ticket.
 */
#ifndef MOOR_GRANT_H
#define MOOR_GRANT_H

#include "moorage/admission.h"
#include "books.h"

/*
 * A ticket, or why not; see moor_reserve, moor_spawn; the texts of the options
 * were judged before.  An id of the caller's
 * is entered with it.  The ticket is COMMITTING: it can be seen, but is
 * nobody's to commit or abandon before the caller hands it out; a close can
 * take it.  Lock-free.
 */
moor_error grant_ticket(moor_registry *books, const moor_spawn_options *options,
                        life *ticket, moor_refusal *refusal);

/*
 * As many tickets as options, or none, and why not; see moor_spawn_many.  They
 * are COMMITTING, too.  At most MOOR_SPAWN_MANY_MAX.  Lock-free.
 */
moor_error grant_many(moor_registry *books, const moor_spawn_options *options,
                      size_t count, life *tickets, moor_refusal *refusal);

#endif
