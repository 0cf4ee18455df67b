/*
 * The back-off: each turn waits for longer, and at some time no longer.
 */
#include <criterion/criterion.h>

#include "backoff.h"

Test(backoff, ends_where_it_should)
{
    struct backoff backoff = backoff_begin();
    unsigned before = 0, turns = 0;

    while (backoff.turns != before) {
        before = backoff.turns;
        cr_assert_lt(turns, 100);
        backoff_wait(&backoff);
        turns++;
    }
    cr_assert_gt(turns, 2);
    cr_assert_geq(backoff.turns, (unsigned)BACKOFF_MOST);
    cr_assert_lt(backoff.turns, 4 * (unsigned)BACKOFF_MOST);
}
