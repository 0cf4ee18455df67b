/*
 * A total: how many spawns there ever were, against a limit.
 *
 *   63        48 47                    0
 *   +-----------+-----------------------+
 *   |  changes  |         taken         |
 *   +-----------+-----------------------+
 *
 * What was given back (abandoned, rolled back) is counted in a word of its own,
 * so `taken` only rises: it numbers the admissions, and no number comes twice.
 * Used is taken less given.
 *
 * A total outgrows 32 bits, so the limit lies in a word beside it.  `changes`
 * counts the settings of the limit: a take that read the old limit finds the
 * word changed, and judges anew.
 *
 *   pair  release side      acquire side  what it carries
 *   T1    total_set_limit   total_take    the limit that goes with `changes`
 *   T2    total_give        total_take    what was given back
 */
#ifndef MOOR_TOTAL_H
#define MOOR_TOTAL_H

#include "atomic.h"

struct total {
    moor_word word;
    moor_word given;
    moor_word limit;
};

struct total_view {
    uint64_t used;
    uint32_t limit;
    uint64_t taken; /* all that were ever taken */
};

void total_init(struct total *total, uint32_t limit);

/* Charges one if the limit allows it; *seen is what decided.  Lock-free. */
bool total_take(struct total *total, struct total_view *seen);

/* Gives one back; wait-free. */
void total_give(struct total *total);

struct total_view total_look(const struct total *total);

/* Lock-free; in force for every take that comes after. */
void total_set_limit(struct total *total, uint32_t limit);

#endif
