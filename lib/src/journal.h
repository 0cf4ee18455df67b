/*
 * The journal: a list of the agents that have changed since they were last
 * taken, each once.  The list goes through the annexes of the records, and
 * holds a reference on each, so a noted agent can be read after its close.
 *
 *   annex.changed   0: not noted.  Else bit 32, and in 27..0 the index of the
 *                   next one in the list; bit 33: perhaps not in the list yet
 *   head            63..28 how many, 27..0 index of the first (0: none)
 *   late            a few more lives, beside the list: of who changed an agent
 *                   while another thread was just noting it.  If that one never
 *                   goes on, this change is taken all the same
 *
 * Who changes an agent swaps its state and then looks whether it is noted; who
 * takes it clears the note and then reads the state: at least one sees the
 * other, so the last state is always read.  Both are seq_cst, J1.
 *
 *   pair  release side  acquire side  what it carries
 *   J2    a push        the taking    the annex's link
 */
#ifndef MOOR_JOURNAL_H
#define MOOR_JOURNAL_H

#include "annex.h"

/* Behind a change of its state.  Nothing without a journal.  Lock-free. */
void journal_note(moor_registry *books, life which);

/* A limit or the turn was set. */
void journal_tell(moor_registry *books);

/* Makes the list anew of who is noted, and says that it is behind; alone.
 * References were counted anew before, without those of the list. */
void journal_recover(moor_registry *books, uint32_t end);

#endif
