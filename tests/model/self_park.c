/*
 * Parking on code whose progress is known: a spin lock stops the others, a
 * compare-and-swap loop does not.
 */
#include <string.h>

#include "atomic.h"
#include "self.h"

static moor_word lock;
static moor_word sum;

static void clear(void)
{
    lock = (moor_word){0};
    sum = (moor_word){0};
}

static void count_locked(void)
{
    while (moor_exchange_seq_cst(&lock, 1) != 0)
        continue;
    moor_store_relaxed(&sum, moor_load_relaxed(&sum) + 1);
    moor_store_release(&lock, 0);
}

static void count_swapping(void)
{
    uint64_t seen = moor_load_relaxed(&sum);
    while (!moor_cas_relaxed(&sum, &seen, seen + 1))
        continue;
}

/* Waits for thread 0: is stopped by it, and has no end alone. */
static void wait_for_sum(void)
{
    while (moor_load_acquire(&sum) == 0)
        continue;
}

static void nothing(void)
{
}

static void judge(void)
{
    if (moor_load_relaxed(&sum) != 3) model_fail("not 3");
}

static const struct model_case locked = {
    .name = "spin lock",
    .before = clear,
    .threads = {count_locked, count_locked, count_locked},
    .threads_count = 3,
    .after = judge,
};

static const struct model_case swapping = {
    .name = "swap loop",
    .before = clear,
    .threads = {count_swapping, count_swapping, count_swapping},
    .threads_count = 3,
    .after = judge,
};

static const struct model_case waiting = {
    .name = "a waiter",
    .before = clear,
    .threads = {count_swapping, wait_for_sum},
    .threads_count = 2,
};

static const struct model_case idle = {
    .name = "no steps",
    .before = clear,
    .threads = {nothing, count_swapping},
    .threads_count = 2,
};

static struct model_result parked(const struct model_case *model, int victim)
{
    struct model_result result;
    bool passed = model_run_parked(model, victim, &result);

    printf("%-12s thread %d frozen at %llu points: %s\n", model->name, victim,
           (unsigned long long)result.schedules,
           passed ? "the others finish" : result.message);
    SELF_EXPECT(passed == (result.violations == 0));
    return result;
}

/* The word that the victim leaves behind when it is killed. */
static unsigned left[2];

static void look(void)
{
    left[moor_load_relaxed(&lock)]++;
    if (moor_load_relaxed(&sum) != 2) model_fail("the others did not finish");
}

static void lock_only(void)
{
    moor_store_relaxed(&lock, 1);
    moor_store_relaxed(&lock, 0);
}

static const struct model_case killing = {
    .name = "killed",
    .before = clear,
    .threads = {lock_only, count_swapping, count_swapping},
    .threads_count = 3,
    .after = judge, /* must not run for the dead: it wants 3 */
};

static void kill_at_each_step(void)
{
    struct model_result result;

    model_recover = look;
    /* Behind its last step it has ended, and `after` complains. */
    SELF_EXPECT(!model_run_killed(&killing, 0, &result));
    SELF_EXPECT(strstr(result.message, "not 3"));
    SELF_EXPECT(left[0] == 1 && left[1] == 1);
}

/* Of a lead of 0, 1, 2 ... steps every third. */
static void some_leads(void)
{
    uint64_t all = parked(&swapping, 0).schedules;
    uint64_t some;

    model_leads = 3;
    some = parked(&swapping, 0).schedules;
    SELF_EXPECT(some > all / 4 && some < all / 2);
    SELF_EXPECT(parked(&locked, 0).violations == 1);
    model_leads = 1;
}

int main(void)
{
    kill_at_each_step();
    some_leads();
    for (int i = 0; i < 3; i++) {
        struct model_result result = parked(&locked, i);
        SELF_EXPECT(result.violations == 1);
        SELF_EXPECT(strstr(result.message, "after 1 steps"));
        SELF_EXPECT(strstr(result.message, "stops the others"));
        SELF_EXPECT(result.schedules == 2); /* frozen after 0 steps: fine */

        result = parked(&swapping, i);
        SELF_EXPECT(result.violations == 0);
        SELF_EXPECT(result.schedules > 3);
    }
    SELF_EXPECT(parked(&waiting, 0).violations == 1);
    SELF_EXPECT(strstr(parked(&waiting, 1).message, "has no end"));
    SELF_EXPECT(parked(&idle, 0).violations == 0);
    SELF_EXPECT(parked(&idle, 1).violations == 0);
    return self_verdict();
}
