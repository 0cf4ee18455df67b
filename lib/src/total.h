/*
 * A total: how many spawns there ever were, against a limit; and the numbers by
 * which admissions are ordered.
 *
 *   63       46 45                    0
 *   +----------+-----------------------+
 *   |  number  |         used          |
 *   +----------+-----------------------+
 *
 * `number` rises with every charge, with every other admission that wants one,
 * and with every setting of the limit; it wraps.
 *
 * A total outgrows 32 bits, so the limit lies in a word beside it.  A take that
 * read the old limit finds the number changed, and judges anew.
 *
 *   pair  release side      acquire side  what it carries
 *   T1    total_set_limit   total_take    the limit that goes with the number
 *   T2    total_give        total_take    what was given back
 */
#ifndef MOOR_TOTAL_H
#define MOOR_TOTAL_H

#include "atomic.h"

enum { TOTAL_USED_BITS = 46, TOTAL_NUMBER_BITS = 64 - TOTAL_USED_BITS };

struct total {
    moor_word word;
    moor_word limit;
};

struct total_view {
    uint64_t used;
    uint32_t limit;
    uint32_t number; /* of the charge, when it was granted */
};

void total_init(struct total *total, uint32_t limit);

/* Charges one if the limit allows it; *seen is what decided, its `used` without
 * this one.  Lock-free. */
bool total_take(struct total *total, struct total_view *seen);

/* As it was counted before; alone. */
void total_set_used(struct total *total, uint64_t used);

/* Charges so many if the limit allows all of them; `number` is that of the
 * first one.  Lock-free. */
bool total_take_many(struct total *total, uint32_t count,
                     struct total_view *seen);

/* Gives one back; wait-free. */
void total_give(struct total *total);

/* The next number, without a charge; wait-free. */
uint32_t total_number(struct total *total);

struct total_view total_look(const struct total *total);

/* Lock-free; in force for every take that comes after. */
void total_set_limit(struct total *total, uint32_t limit);

#endif
