/*
 * A total: a long count of uses against a limit that lies beside it, and the
 * numbers of admissions.
 */
#include <criterion/criterion.h>

#include "threads.h"
#include "total.h"

static struct total total;

static void expect(uint64_t used, uint32_t limit)
{
    struct total_view view = total_look(&total);

    cr_assert_eq(view.used, used);
    cr_assert_eq(view.limit, limit);
}

static void take(uint64_t used_before)
{
    struct total_view seen;

    cr_assert(total_take(&total, &seen));
    cr_assert_eq(seen.used, used_before);
}

static void refused(uint64_t used, uint32_t limit)
{
    struct total_view seen;

    cr_assert_not(total_take(&total, &seen));
    cr_assert_eq(seen.used, used);
    cr_assert_eq(seen.limit, limit);
    expect(used, limit);
}

Test(total, none_at_limit_zero)
{
    total_init(&total, 0);
    refused(0, 0);
}

Test(total, as_many_as_the_limit)
{
    total_init(&total, 3);
    take(0);
    take(1);
    take(2);
    refused(3, 3);
    total_give(&total);
    expect(2, 3);
    take(2);
    refused(3, 3);
}

/* As if so many spawns had been. */
static void pretend(uint64_t used)
{
    moor_store_relaxed(&total.word, used);
}

Test(total, unlimited_goes_beyond_32_bits)
{
    total_init(&total, UINT32_MAX);
    pretend(UINT32_MAX - UINT64_C(1));
    take(UINT32_MAX - UINT64_C(1));
    take(UINT32_MAX);
    take(UINT32_MAX + UINT64_C(1));
    expect(UINT32_MAX + UINT64_C(2), UINT32_MAX);
}

Test(total, a_limit_set_late_refuses_what_went_beyond)
{
    total_init(&total, UINT32_MAX);
    pretend(UINT64_C(1) << 33);
    total_set_limit(&total, 5);
    refused(UINT64_C(1) << 33, 5);
    total_set_limit(&total, UINT32_MAX);
    take(UINT64_C(1) << 33);
}

Test(total, the_largest_limit_but_unlimited_is_a_limit)
{
    total_init(&total, UINT32_MAX - 1);
    pretend(UINT32_MAX - UINT64_C(2));
    take(UINT32_MAX - UINT64_C(2));
    refused(UINT32_MAX - UINT64_C(1), UINT32_MAX - 1);
}

Test(total, the_count_never_spills_into_the_number)
{
    total_init(&total, UINT32_MAX);
    pretend((UINT64_C(1) << TOTAL_USED_BITS) - 2);
    take((UINT64_C(1) << TOTAL_USED_BITS) - 2);
    refused((UINT64_C(1) << TOTAL_USED_BITS) - 1, UINT32_MAX);
}

Test(total, admissions_are_numbered_without_a_tie)
{
    enum { ROUND = 1 << TOTAL_NUMBER_BITS };
    struct total_view seen;
    uint32_t last = 0;

    total_init(&total, 2);
    for (uint32_t i = 0; i < 2 * ROUND; i++) {
        uint32_t number;

        if (i % 3 == 0) {
            number = total_number(&total);
        } else {
            cr_assert(total_take(&total, &seen));
            total_give(&total);
            number = seen.number;
        }
        if (i > 0) cr_assert_eq(number, (last + 1) % ROUND);
        last = number;
    }
    expect(0, 2);
}

Test(total, settings_do_not_touch_the_count)
{
    total_init(&total, 10);
    take(0);
    take(1);
    for (uint32_t i = 0; i < 300000; i++) { /* the number wraps */
        total_set_limit(&total, i);
        expect(2, i);
    }
    total_set_limit(&total, 2);
    refused(2, 2);
    total_set_limit(&total, 3);
    take(2);
    refused(3, 3);
}

/* --- threads: a limit lowered meanwhile is never exceeded ----------------- */

enum { THREADS = 3, EACH = 20000, CAP = 1000 };

static void *take_all(void *taken)
{
    struct total_view seen;

    for (int i = 0; i < EACH; i++) {
        if (total_take(&total, &seen)) (*(uint64_t *)taken)++;
    }
    return NULL;
}

Test(total, threads_never_exceed_it)
{
    uint64_t taken[THREADS] = {0};
    uint64_t all = 0;

    total_init(&total, CAP);
    together(take_all, THREADS, taken, sizeof taken[0]);
    for (int t = 0; t < THREADS; t++) {
        all += taken[t];
    }
    cr_assert_eq(all, CAP);
    expect(CAP, CAP);
}
