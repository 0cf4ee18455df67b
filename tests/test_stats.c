/*
 * Counters: each counts for itself, and a sum over all threads is exact.
 */
#include <criterion/criterion.h>

#include "stats.h"
#include "threads.h"

static struct stats stats;

static enum stats_counter counter(int which)
{
    return (enum stats_counter)which;
}

Test(stats, begin_at_zero)
{
    for (int c = 0; c < STATS_COUNTERS; c++) {
        cr_expect_eq(stats_sum(&stats, counter(c)), 0);
    }
}

Test(stats, each_counts_for_itself)
{
    for (int c = 0; c < STATS_COUNTERS; c++) {
        stats_add(&stats, counter(c), (uint64_t)c + 1);
        stats_add(&stats, counter(c), 0);
        stats_add(&stats, counter(c), 100);
    }
    for (int c = 0; c < STATS_COUNTERS; c++) {
        cr_expect_eq(stats_sum(&stats, counter(c)), (uint64_t)c + 101);
    }
}

Test(stats, there_is_one_for_each_limit)
{
    cr_expect_eq((int)STATS_COUNTERS, (int)STATS_REFUSED + (int)MOOR_LIMITS);
}

Test(stats, stripes_lie_apart)
{
    cr_expect_eq(sizeof stats.stripes[0], MOOR_APART);
    cr_expect_eq((uintptr_t)&stats % MOOR_APART, 0);
}

enum { THREADS = 6, EACH = 10000 };

static void *count(void *unused)
{
    (void)unused;
    for (int i = 0; i < EACH; i++) {
        stats_add(&stats, STATS_SPAWNED, 1);
        stats_add(&stats, STATS_RELEASED, 3);
    }
    return NULL;
}

Test(stats, nothing_is_lost_between_threads)
{
    char nothing[THREADS];

    together(count, THREADS, nothing, sizeof nothing[0]);
    cr_assert_eq(stats_sum(&stats, STATS_SPAWNED), THREADS * EACH);
    cr_assert_eq(stats_sum(&stats, STATS_RELEASED), 3 * THREADS * EACH);
    cr_assert_eq(stats_sum(&stats, STATS_CLOSED), 0);
}
