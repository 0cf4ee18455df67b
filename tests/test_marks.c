/*
 * Marks: each index that was set is taken once, wherever it lies.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "marks.h"
#include "threads.h"

enum { MOST = 200000 };

static struct marks marks;
static struct marks_pass pass;

static void begin(void)
{
    memset(&marks, 0, sizeof marks);
    memset(&pass, 0, sizeof pass);
    marks_init(&marks, MOST);
}

static void end(void)
{
    marks_destroy(&marks);
}

TestSuite(marks, .init = begin, .fini = end);

static void set(uint32_t index)
{
    cr_assert(marks_cover(&marks, index));
    marks_set(&marks, index);
}

/* Counts each in `seen`; how many. */
static size_t take_all(uint32_t below, uint8_t *seen)
{
    uint32_t index;
    size_t count = 0;

    while (marks_take(&marks, &pass, below, &index)) {
        cr_assert_lt(index, MOST);
        seen[index]++;
        count++;
    }
    return count;
}

Test(marks, none_is_taken_that_was_not_set)
{
    static uint8_t seen[MOST];

    cr_assert_eq(take_all(8, seen), 0);
    cr_assert(marks_cover(&marks, 5));
    cr_assert_eq(take_all(MOST, seen), 0);
}

/* Every index alone: its own bit and no other's. */
Test(marks, each_has_its_bit)
{
    for (uint32_t i = 0; i < 3 * 4096; i++) {
        uint32_t index = MOST;

        set(i);
        cr_assert(marks_take(&marks, &pass, i + 1, &index));
        cr_assert_eq(index, i);
        cr_assert_not(marks_take(&marks, &pass, i + 1, &index), "%u", i);
    }
}

Test(marks, twice_is_once)
{
    static uint8_t seen[MOST];

    for (uint32_t i = 0; i < MOST; i += 7) {
        set(i);
        set(i);
    }
    cr_assert_eq(take_all(MOST, seen), (MOST + 6) / 7);
    for (uint32_t i = 0; i < MOST; i++)
        cr_assert_eq(seen[i], i % 7 == 0, "%u", i);
    cr_assert_eq(take_all(MOST, seen), 0);
}

/* What is set behind a pass is for the next one. */
Test(marks, a_pass_goes_on_where_it_was)
{
    uint32_t index;

    set(0);
    set(1);
    set(150000);
    cr_assert(marks_take(&marks, &pass, MOST, &index));
    cr_assert_eq(index, 0);
    set(0);
    cr_assert(marks_take(&marks, &pass, MOST, &index));
    cr_assert_eq(index, 1);
    cr_assert(marks_take(&marks, &pass, MOST, &index));
    cr_assert_eq(index, 150000);
    cr_assert_not(marks_take(&marks, &pass, MOST, &index));
    cr_assert(marks_take(&marks, &pass, MOST, &index));
    cr_assert_eq(index, 0);
}

/* --- threads -------------------------------------------------------------- */

enum { MARKERS = 3, ROUNDS = 10000, APART = 64 /* of one word */ };

static moor_word numbers[1 + MARKERS]; /* what a mark tells of */
static moor_word found[1 + MARKERS];
static moor_word running;

static void take_while_marked(void)
{
    uint32_t index;

    while (moor_load_acquire(&running) > 0 && in_time()) {
        while (marks_take(&marks, &pass, APART * (1 + MARKERS), &index)) {
            uint32_t marker = index / APART;

            moor_store_release(&found[marker],
                               moor_load_relaxed(&numbers[marker]));
        }
    }
}

/* Number 0 takes; each of the others marks an index of its own and goes on when
 * that was taken. */
static void *work(void *argument)
{
    uint32_t self = *(uint32_t *)argument;

    if (self == 0) {
        take_while_marked();
        return NULL;
    }
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        moor_store_relaxed(&numbers[self], i);
        marks_set(&marks, self * APART);
        while (moor_load_acquire(&found[self]) != i && in_time()) {
        }
    }
    (void)moor_sub_acq_rel(&running, 1);
    return NULL;
}

/* Whoever takes a mark finds what was done before; none is lost. */
Test(marks, each_change_is_found)
{
    uint32_t selves[1 + MARKERS];

    for (uint32_t i = 0; i <= MARKERS; i++) {
        cr_assert(marks_cover(&marks, i * APART));
        selves[i] = i;
    }
    moor_store_relaxed(&running, MARKERS);
    together(work, 1 + MARKERS, selves, sizeof selves[0]);
    for (uint32_t i = 1; i <= MARKERS; i++)
        cr_assert_eq(moor_load_relaxed(&found[i]), ROUNDS, "%u", i);
}
