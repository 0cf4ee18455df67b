/*
 * Leases: a live agent whose time-to-live has passed is ended by the next
 * admission, whatever became of its executor.
 *
 *   annex.lease  when it expires, in ms of the monotonic clock; all ones: it
 *                has expired.  Who renews and who finds it expired swap this
 *                word, so one of them wins
 *   annex.entry  63..32 time-to-live; 27..0 the node with which it will be put
 *                into the wheel again, 0: it is there.  Not live, it is not put
 *                back: a run that begins does that
 *
 * So an admission looks at one word, and then only at leases whose time has
 * come or whose renewal it does not know of yet.  The wheel passes each entry
 * through the hands of one thread; one that is suspended with it keeps that
 * lease from being ended by others until an admission would be refused, or all
 * are reaped: then all are looked at.
 *
 *   pair  release side        acquire side         what it carries
 *   Z1    a swap of the lease a load of it         the renewal
 *   W3    an entry comes into the wheel, then a look at who waits for a slot;
 *         who waits says so, then looks when the next one is to be looked at:
 *         at least one sees the other; seq_cst
 *   Z2    a run begins, then the entry is looked at; the entry is laid by, then
 *         the state is looked at: at least one sees the other; seq_cst
 */
#ifndef MOOR_LEASE_H
#define MOOR_LEASE_H

#include "annex.h"

/* For a record of the caller's own, in RESERVING.  False: no memory. */
bool lease_reserve(moor_registry *books, life which, uint32_t ttl_ms);

/* Has the life a lease, as far as one can see without holding it? */
bool lease_is_kept(const moor_registry *books, life which);

/* Its time-to-live; 0: it has no lease.  The caller holds it, or looks at its
 * state again. */
uint32_t lease_ttl(const moor_registry *books, life which);

/* A run is about to begin: its time-to-live begins.  The caller holds it. */
void lease_begin(moor_registry *books, life which);

/* It has begun.  The caller holds it. */
void lease_enter(moor_registry *books, life which);

/* Ends those whose time has come, as far as the wheel knows.  Lock-free. */
void lease_end_due(moor_registry *books);

/* Looks at all; how many slots came back.  Lock-free, one pass. */
uint64_t lease_end_all(moor_registry *books);

/* When the next one is to be looked at; 0: none. */
uint64_t lease_next_ms(const moor_registry *books);

/* The record's life is over, and nobody holds it. */
void lease_drop(moor_registry *books, uint32_t index);

/* Whose entry a killed thread had in hand has another; alone. */
void lease_recover(moor_registry *books);

#endif
