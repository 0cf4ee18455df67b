/*
 * Refusals: which limit, what is used, and who holds it.
 */
#ifndef MOOR_REFUSAL_H
#define MOOR_REFUSAL_H

#include "moorage/admission.h"
#include "books.h"

/* Counts the refusal and, unless `refusal` is null, writes it with the holders
 * as they are now: `parent` matters for the limit `children`.  Always answers
 * MOOR_REFUSED.  Lock-free, one pass over all records. */
moor_error refusal_make(moor_registry *books, moor_limit limit,
                        uint32_t limit_value, uint64_t used, life parent,
                        moor_refusal *refusal);

#endif
