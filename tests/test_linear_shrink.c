/*
 * Histories of a register, made small and drawn.
 */
#include <stdlib.h>

#include "linear/draw.h"
#include "linear/shrink.h"
#include "linear_given.h"

TestSuite(linear_shrink, .init = setup, .fini = teardown);
TestSuite(linear_draw, .init = setup, .fini = teardown);

/* --- shrinking ------------------------------------------------------------ */

/* A write that is not seen, among calls that have nothing to do with it. */
static void bury(void)
{
    call(0, 0, 1, WRITE, 1);
    call(1, 0, 2, READ, 1);
    call(2, 1, 3, READ, 1);
    call(0, 4, 5, WRITE, 2);
    call(1, 3, 4, READ, 1);
    call(2, 6, 9, READ, 1); /* this one */
    call(1, 6, 8, READ, 2);
    call(0, 9, 10, WRITE, 3);
    call(1, 9, 11, READ, 3);
}

Test(linear_shrink, shrinks_to_the_two_that_contradict)
{
    struct linear_history small;

    bury();
    broken();
    cr_assert(linear_shrink(checker, &history, &small));
    cr_assert_eq(small.count, 2);
    cr_assert_eq(small.calls[0].operation, WRITE);
    cr_assert_eq(small.calls[0].argument, 2);
    cr_assert_eq(small.calls[1].operation, READ);
    cr_assert_eq(small.calls[1].called, 6);
    history = small;
    broken();
}

/* The read of 2 alone is broken without its write: the write was made, so it
 * must not be left out to make it so. */
Test(linear_shrink, shrinks_by_forgetting_not_by_leaving_out)
{
    struct linear_history small;

    call(0, 0, 1, WRITE, 2);
    call(1, 1, 2, READ, 2);
    call(1, 2, 3, READ, 5);
    cr_assert(linear_shrink(checker, &history, &small));
    cr_assert_eq(small.count, 1);
    cr_assert_eq(small.calls[0].value, 5);
}

/* What comes after the first contradiction is not looked at. */
Test(linear_shrink, does_not_shrink_what_is_good)
{
    struct linear_history small;

    call(0, 0, 1, WRITE, 1);
    call(1, 1, 2, READ, 1);
    cr_assert_not(linear_shrink(checker, &history, &small));
}

Test(linear_shrink, shrinks_to_the_earliest)
{
    struct linear_history small;

    call(1, 2, 3, READ, 8);
    call(0, 0, 1, READ, 7);
    cr_assert(linear_shrink(checker, &history, &small));
    cr_assert_eq(small.count, 1);
    cr_assert_eq(small.calls[0].value, 7);
}

Test(linear_shrink, does_not_shrink_what_needs_all)
{
    struct linear_history small;

    call(0, 0, 9, WRITE, 1);
    call(1, 1, 2, READ, 1);
    call(2, 3, 4, READ, 0);
    cr_assert(linear_shrink(checker, &history, &small));
    cr_assert_eq(small.count, 2);
    cr_assert_eq(linear_check(checker, &small), LINEAR_BROKEN);
}

/* --- drawing -------------------------------------------------------------- */

static void drawn(const char *want)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    cr_assert_not_null(to);
    linear_draw(to, &spec, &history);
    fclose(to);
    cr_assert_str_eq(text, want);
    free(text);
}

Test(linear_draw, draws_nothing)
{
    history.state = 3;
    drawn("before    3\n");
}

Test(linear_draw, draws_what_overlaps_above_one_another)
{
    call(0, 0, 2, WRITE, 1);
    call(1, 1, 3, READ, 0);
    drawn("before    0\n"
          "thread 0  [w1]\n"
          "thread 1   [r0]\n");
}

Test(linear_draw, draws_what_does_not_overlap_apart)
{
    call(1, 2, 3, READ, 0);
    call(0, 0, 2, WRITE, 100);
    call(0, 3, 4, WRITE, 2);
    drawn("before    0\n"
          "thread 0  [w100]    [w2]\n"
          "thread 1        [r0]\n");
}

Test(linear_draw, draws_a_long_call_as_long_as_it_was)
{
    call(2, 0, 9, WRITE, 1);
    call(0, 1, 2, READ, 0);
    call(0, 3, 4, READ, 1);
    drawn("before    0\n"
          "thread 0   [r0][r1]\n"
          "thread 2  [w1      ]\n");
}

Test(linear_draw, draws_a_pending_call_open)
{
    unknown(call(0, 0, LINEAR_PENDING, WRITE, 1));
    call(1, 1, 2, READ, 0);
    drawn("before    0\n"
          "thread 0  [w1  ...\n"
          "thread 1   [r0]\n");
}
