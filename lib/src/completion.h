/*
 * Completion events: each run gives one when it stops being live, to the queue
 * of the nearest agent above it that has not left.  A registry that was made
 * without has none of this.
 *
 * Nothing is allocated: an agent's place in a queue is its annex.  Its ends are
 * counted there (ends.h), and whoever counts the first one links the agent into
 * the owner's list; that one membership holds a reference, so the record, its
 * id, and all that is above stay until the ends were read.
 *
 *   unread    ends that nobody has read, and whose they are
 *   next      behind it in the list that it stands in
 *   arrived   of an owner: who was linked, the latest first
 *   in_order  the same, the oldest first; head with version as an arena's
 *
 * A member is in one list, or in the hand of one thread, which has popped it
 * before it takes ends off: as long as there are any left, nobody else links
 * it, and when it has taken the last one it has nothing in hand any more.
 *
 * An end is told when its slot is back and before its status can be seen, and
 * it is not read before that: so whoever has seen the status finds the event,
 * and whoever has the event finds the status and the slot.  (Where the end is
 * one step, the event comes right after it.)
 *
 * A queue goes with its owner: the one that made it leave closes both lists and
 * takes what is in them; there an end that cannot be seen yet moves up, and the
 * others are dropped.  A closed list takes nobody in.  So what another thread
 * had in hand at that moment moves up whole: nobody can say which of its ends
 * were seen before the owner left, and none is to be lost.  An agent that has
 * told somebody above meanwhile is passed on: the depth in its count says so.
 *
 *   pair  release side      acquire side          what it carries
 *   C1    a link            who takes the list    the members' words
 *   C2    LEFT, then a close  who finds a list    that the owner has left
 *         of the lists          closed
 *   C3    a count of ends   who takes ends off    the run
 *
 *   progress  lock-free; a thread suspended in here keeps from others what it
 *             has in hand
 */
#ifndef MOOR_COMPLETION_H
#define MOOR_COMPLETION_H

#include "annex.h"
#include "ends.h"

/* What the word of a live agent has to get when its run ends in several steps;
 * looked at behind that word. */
uint64_t completion_mark(const moor_registry *books, life which);

/* The life's run has ended so; with `ending`, that cannot be seen yet.  The
 * caller holds the record.  Neither allocates nor fails. */
void completion_tell(moor_registry *books, life which, enum word_phase idle,
                     bool ending);

/* Something can be read that could not before. */
static inline void completion_ring(moor_registry *books)
{
    bell_ring(&books->bell);
}

/* The owner has left: what is in its lists goes.  The caller's reference, or
 * that it has not unlinked the owner, keeps the record. */
void completion_drop(moor_registry *books, life owner);

/* The owner's record will be used again; it is the caller's alone. */
void completion_open(moor_registry *books, uint32_t owner);

/* May one more run begin, for all the ends that are unread? */
bool completion_has_room(const moor_registry *books, life which);

/* --- for the reader ------------------------------------------------------ */

/* Pops the owner's oldest member, by index; 0: there is none.  It is in the
 * caller's hand: to be put back, passed on or let go. */
uint32_t completion_take(moor_registry *books, uint32_t owner);

/* As of now. */
bool completion_is_empty(const moor_registry *books, uint32_t owner);

/* Back to where it came from: the oldest again; or up, if that is closed. */
void completion_put_back(moor_registry *books, uint32_t owner, uint32_t index);

/* It has told somebody else: to the owner its count names. */
void completion_pass_on(moor_registry *books, uint32_t index);

/* --- recovery ------------------------------------------------------------ */

/* Alone, and the references of children are counted: builds the lists anew from
 * the counts, with their references. */
void completion_recover(moor_registry *books, uint32_t end);

/* Alone: of an agent in that state, an ENDING one, was the end told? */
bool completion_is_told(const moor_registry *books, life which, uint64_t word);

#endif
