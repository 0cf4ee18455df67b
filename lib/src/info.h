/*
 * Everything about one agent or ticket, copied out as of one instant.
 */
#ifndef MOOR_INFO_H
#define MOOR_INFO_H

#include "moorage/read.h"
#include "books.h"

/* False: that life is neither an agent nor a ticket.  Lock-free: it looks again
 * when the state changed. */
bool info_read(const moor_registry *books, life which, moor_info *info);

/* What the record of that life says, with a state that was read of it, whoever
 * it is by now; the caller looks at the state again, or holds the record. */
void info_copy(const moor_registry *books, life which, uint64_t word,
               moor_info *info);

#endif
