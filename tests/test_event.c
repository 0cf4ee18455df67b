/*
 * The event: values, deadlines, and that no signal is lost.
 */
#include <criterion/criterion.h>
#include <pthread.h>

#include "atomic.h"
#include "event.h"

enum { FAR_MS = 10000, NEAR_MS = 30 };

static struct event event;

static int64_t milliseconds(struct timespec a, struct timespec b)
{
    return (a.tv_sec - b.tv_sec) * 1000 + (a.tv_nsec - b.tv_nsec) / 1000000;
}

static struct timespec now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

Test(event, a_signal_changes_the_value)
{
    uint32_t before;

    event_init(&event);
    before = event_value(&event);
    cr_assert_eq(event_value(&event), before);
    event_signal(&event);
    cr_assert_neq(event_value(&event), before);
}

Test(event, a_wait_for_what_has_come_returns_at_once)
{
    struct timespec far = event_deadline(FAR_MS);
    uint32_t before;

    event_init(&event);
    before = event_value(&event);
    event_signal(&event);
    cr_assert(event_wait(&event, before, &far));
    cr_assert(event_wait(&event, before, NULL));
}

Test(event, a_wait_in_vain_ends_at_its_deadline_and_not_before)
{
    struct timespec deadline = event_deadline(NEAR_MS);

    event_init(&event);
    cr_assert_not(event_wait(&event, event_value(&event), &deadline));
    cr_assert_geq(milliseconds(now(), deadline), 0);
    cr_assert_lt(milliseconds(now(), deadline), FAR_MS);
}

Test(event, a_deadline_that_has_passed_ends_the_wait_at_once)
{
    struct timespec passed = {0, 0};

    event_init(&event);
    cr_assert_not(event_wait(&event, event_value(&event), &passed));
}

Test(event, deadlines_add_up)
{
    static const uint64_t waits[] = {0, 1, 999, 1000, 1001, 59999, 3600000};

    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct timespec before = now();
        struct timespec deadline = event_deadline(waits[i]);
        struct timespec after = now();

        cr_expect_geq(milliseconds(deadline, before), (int64_t)waits[i]);
        cr_expect_leq(milliseconds(deadline, after), (int64_t)waits[i]);
        cr_expect_geq(deadline.tv_nsec, 0);
        cr_expect_lt(deadline.tv_nsec, 1000000000);
    }
}

Test(event, knows_which_time_comes_first)
{
    static const struct timespec times[] = {{1, 5}, {1, 6}, {2, 0}, {2, 5}};

    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            cr_assert_eq(event_is_before(&times[a], &times[b]), a < b);
        }
    }
}

Test(event, knows_when_a_deadline_has_passed)
{
    struct timespec far = event_deadline(FAR_MS);
    struct timespec soon = now();

    cr_assert_not(event_passed(&far));
    cr_assert(event_passed(&soon));
    soon.tv_nsec = 0; /* the same second or earlier, less in it */
    cr_assert(event_passed(&soon));
    soon.tv_sec--;
    soon.tv_nsec = 999999999; /* an earlier second, more in it */
    cr_assert(event_passed(&soon));
    soon = now();
    soon.tv_sec++;
    soon.tv_nsec = 0; /* a later second, but fewer nanoseconds in it */
    cr_assert_eq(event_passed(&soon), milliseconds(now(), soon) >= 0);
}

/* --- threads -------------------------------------------------------------- */

enum { ROUNDS = 20000 };

static moor_word ball; /* even: the main thread's */

/* Waits until the ball is at `want`; false at a far deadline. */
static bool wait_for_ball(uint64_t want)
{
    struct timespec far = event_deadline(FAR_MS);

    for (;;) {
        uint32_t value = event_value(&event);

        if (moor_load_acquire(&ball) == want) return true;
        if (!event_wait(&event, value, &far)) return false;
    }
}

static void *play(void *played)
{
    for (uint64_t i = 1; i < 2 * ROUNDS; i += 2) {
        if (!wait_for_ball(i)) return NULL;
        moor_store_release(&ball, i + 1);
        event_signal(&event);
        (*(int *)played)++;
    }
    return NULL;
}

Test(event, no_signal_is_lost)
{
    pthread_t other;
    int played = 0;

    event_init(&event);
    cr_assert_eq(pthread_create(&other, NULL, play, &played), 0);
    for (uint64_t i = 0; i < 2 * ROUNDS; i += 2) {
        if (!wait_for_ball(i)) break;
        moor_store_release(&ball, i + 1);
        event_signal(&event);
    }
    cr_assert_eq(pthread_join(other, NULL), 0);
    cr_assert_eq(played, ROUNDS);
}

enum { SLEEPERS = 4 };

static void *sleep_once(void *woken)
{
    struct timespec far = event_deadline(FAR_MS);

    *(bool *)woken = event_wait(&event, 0, &far);
    return NULL;
}

Test(event, a_signal_wakes_all)
{
    pthread_t threads[SLEEPERS];
    bool woken[SLEEPERS] = {false};

    event_init(&event);
    for (int t = 0; t < SLEEPERS; t++) {
        cr_assert_eq(pthread_create(&threads[t], NULL, sleep_once, &woken[t]),
                     0);
    }
    event_signal(&event);
    for (int t = 0; t < SLEEPERS; t++) {
        cr_assert_eq(pthread_join(threads[t], NULL), 0);
        cr_assert(woken[t]);
    }
}
