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

#endif
