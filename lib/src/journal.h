/*
 * The journal: which agents have changed since they were last taken.  A
 * change marks its agent's record (marks.h); who takes the marks reads what the
 * agents are by then.  An agent in the tree is nobody's to keep: if it leaves,
 * it is marked once more.  One that has left is kept, by a reference of its
 * record, until the taker is done with it; so many, and no more: beyond that
 * the journal is behind, and the taker looks at everything.
 *
 *   annex.born   63: it is kept; 62..0 the stamp of the admission that made it,
 *                by which changes are put into the order of spawns
 *   rung         0; odd, by whom: somebody is about to wake the taker; 2: it
 *                was woken
 *
 *   pair  release side        acquire side      what it carries
 *   J1    marks.h
 *   J2    a mark, then a look at `rung`; `rung` cleared, then a look at the
 *         marks: at least one sees the other; seq_cst on both sides
 *   J3    one that left and   moor_changes      that it is behind
 *         was not kept
 *   J4    that it is kept     moor_change_done  the reference, which is let go
 */
#ifndef MOOR_JOURNAL_H
#define MOOR_JOURNAL_H

#include "annex.h"

/* False: no memory. */
bool journal_make(moor_registry *books);
void journal_free(moor_registry *books);

/* All are lock-free, and do nothing without a journal but the first two. */

/* Sees to the record's annex, and that it can be noted.  False: no memory. */
bool journal_cover(moor_registry *books, life which);

/* It is admitted; before its ticket can be seen.  Only with a journal. */
void journal_begin(moor_registry *books, life which, uint64_t stamp);

/* Behind a change of its state. */
void journal_note(moor_registry *books, life which);

/* It has left, and the caller has not let go of it yet. */
void journal_left(moor_registry *books, life which);

/* A limit or the turn was set. */
void journal_tell(moor_registry *books);

/* Who is kept is counted anew, and it is behind; alone.  References were
 * counted anew before, without those of the journal. */
void journal_recover(moor_registry *books, uint32_t end);

#endif
