/*
 * Shrinking: which few calls of a broken history cannot be explained?
 *
 * Calls are not simply left out: without its spawn any look-up would be
 * "broken".  Instead, what is known is taken away, which can only make a
 * history easier to explain:
 *
 *   cut     what was called after an instant never was, and what had not
 *           returned by then has not returned
 *   forget  of one call it is not known any more whether it did anything, nor
 *           what it answered
 *
 * The history is cut as early as it is still broken, then one call after the
 * other is forgotten as long as it is.  So the calls that are left contradict
 * each other whatever the forgotten ones did; no further one can be forgotten.
 */
#ifndef LINEAR_SHRINK_H
#define LINEAR_SHRINK_H

#include "checker.h"

/* The calls that contradict each other; forgotten ones are left out.  False: no
 * beginning of the history is found broken.  One that is too long for a verdict
 * has one, as a rule, if it is broken. */
bool linear_shrink(struct linear_checker *checker,
                   const struct linear_history *history,
                   struct linear_history *shrunk);

#endif
