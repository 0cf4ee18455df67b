/*
 * What an admission would meet: the limits, read together and changing nothing.
 */
#ifndef MOOR_CEILINGS_H
#define MOOR_CEILINGS_H

#include "books.h"

struct ceilings_met {
    moor_limit limit; /* the first that is reached; MOOR_LIMITS: none */
    uint32_t value;
    uint64_t used;
};

/* For a child at that depth of the agent whose record that is, in the order of
 * judgement.  Under on_reserve a count of running slots that is full says
 * nothing yet, since idle agents may be reaped: it is left to the charge. */
struct ceilings_met ceilings_look(const moor_registry *books,
                                  const struct record *parent, uint32_t depth);

/* The same for who is to be refused: not before all leases were looked at. */
struct ceilings_met ceilings_judge(moor_registry *books,
                                   const struct record *parent, uint32_t depth);

#endif
