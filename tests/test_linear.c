/*
 * The checker of histories, on a register.
 */
#include "linear_given.h"

TestSuite(linear, .init = setup, .fini = teardown);

Test(linear, nothing)
{
    good();
}

Test(linear, begins_in_the_given_state)
{
    history.state = 7;
    call(0, 0, 1, READ, 7);
    good();
    history.state = 6;
    broken();
}

Test(linear, one_after_the_other)
{
    call(0, 0, 1, WRITE, 1);
    call(0, 1, 2, READ, 1);
    good();
    call(0, 2, 3, READ, 0);
    broken();
}

Test(linear, a_read_that_overlaps_may_be_before_or_after)
{
    struct linear_call *read;

    call(0, 0, 2, WRITE, 1);
    read = call(1, 1, 3, READ, 0);
    good();
    read->value = 1;
    good();
    read->value = 2;
    broken();
}

/* Returned at 2, called at 2: the one before the other. */
Test(linear, stamps_order_calls_of_two_threads)
{
    struct linear_call *read;

    call(0, 0, 2, WRITE, 1);
    read = call(1, 2, 3, READ, 0);
    broken();
    read->called = 1;
    good();
}

Test(linear, the_order_in_the_history_does_not_matter)
{
    call(1, 4, 5, READ, 2);
    call(0, 2, 3, WRITE, 2);
    call(1, 0, 1, READ, 0);
    good();
}

/* Both overlap the write, but the second begins when the first is over. */
Test(linear, what_was_seen_is_not_unseen)
{
    call(0, 0, 9, WRITE, 1);
    call(1, 1, 2, READ, 0);
    call(2, 3, 4, READ, 1);
    good();
    history.calls[1].value = 1;
    history.calls[2].value = 0;
    broken();
}

/* Two readers that see two writes in different orders. */
Test(linear, one_order_for_all)
{
    call(0, 0, 9, WRITE, 1);
    call(1, 0, 9, WRITE, 2);
    call(2, 1, 2, READ, 1);
    call(2, 3, 4, READ, 2);
    call(3, 1, 2, READ, 1);
    call(3, 3, 4, READ, 2);
    good();
    history.calls[4].value = 2;
    history.calls[5].value = 1;
    broken();
}

/* The first to return is not the first in effect. */
Test(linear, a_first_try_may_be_wrong)
{
    call(0, 0, 5, WRITE, 1);
    call(1, 0, 6, WRITE, 2);
    call(2, 7, 8, READ, 1);
    good();
    cr_assert_gt(linear_dead_ends(checker), 0);
}

Test(linear, a_call_of_two_instants_lets_others_in_between)
{
    call(0, 0, 9, SLOW_WRITE, 1);
    call(1, 1, 2, READ, MARKED);
    call(1, 3, 4, READ, 1);
    good();
    call(2, 5, 6, READ, MARKED);
    broken();
}

Test(linear, a_call_of_two_instants_ends_before_it_returns)
{
    call(0, 0, 1, SLOW_WRITE, 1);
    call(1, 1, 2, READ, MARKED);
    broken();
}

Test(linear, a_pending_call_may_have_taken_effect_or_not)
{
    unknown(call(0, 0, LINEAR_PENDING, WRITE, 1));
    call(1, 1, 2, READ, 0);
    call(1, 3, 4, READ, 1);
    good();
    call(1, 5, 6, READ, 0);
    broken();
}

Test(linear, a_pending_call_may_be_between_its_instants)
{
    unknown(call(0, 0, LINEAR_PENDING, SLOW_WRITE, 1));
    call(1, 1, 2, READ, MARKED);
    call(1, 3, 4, READ, MARKED);
    good();
    history.calls[2].value = 0;
    broken();
}

Test(linear, a_pending_call_takes_no_effect_before_it_is_called)
{
    call(1, 0, 1, READ, 1);
    unknown(call(0, 1, LINEAR_PENDING, WRITE, 1));
    broken();
}

/* Known to be over at 2, whatever it did. */
Test(linear, an_unknown_call_keeps_its_time)
{
    unknown(call(0, 0, 2, WRITE, 1));
    call(1, 2, 3, READ, 0);
    good();
    call(1, 4, 5, READ, 1);
    broken();
}

/* Each of a thread's calls overlaps the whole of the other's; only one order
 * of 2^31 explains it, or none. */
Test(linear, a_full_window)
{
    for (unsigned i = 0; i < LINEAR_CALLS_MAX / 2; i++) {
        call(0, 2 * i, 2 * i + 3, WRITE, i + 1);
        history.calls[history.count - 1].thread = (uint8_t)(i % 2);
        call(2, 2 * i + 2, 2 * i + 3, READ, i + 1);
    }
    cr_assert_eq(history.count, LINEAR_CALLS_MAX);
    good();
    history.calls[LINEAR_CALLS_MAX - 1].value = 0;
    broken();
}

/* Without its memory the search would try 16 calls in every order. */
Test(linear, what_led_nowhere_is_not_tried_again)
{
    for (unsigned i = 0; i < 16; i++) {
        call(i, 0, 10 + i, READ, 0);
    }
    call(20, 30, 31, READ, 1);
    broken();
    cr_assert_leq(linear_dead_ends(checker), 1 << 16);
    cr_assert_leq(linear_trials(checker), 17 << 16);
}

Test(linear, the_history_before_is_forgotten)
{
    call(0, 0, 5, WRITE, 1);
    call(1, 0, 6, WRITE, 2);
    call(2, 7, 8, READ, 3);
    broken();
    history.calls[2].value = 2;
    good();
    history.count = 1;
    good();
}

/* --- against all orders, one by one --------------------------------------- */

enum { THREADS = 3, EACH = 2, HISTORIES = 20000 };

/* Is there an order of the calls that are left? */
static bool has_order(uint64_t state, unsigned left)
{
    bool only_unknown = true;

    for (unsigned i = 0; i < history.count; i++) {
        const struct linear_call *one = &history.calls[i];
        uint64_t next = one->operation == WRITE ? one->argument : state;
        bool is_first = true;

        if ((left >> i & 1) == 0) continue;
        only_unknown = only_unknown && !linear_is_known(one);
        for (unsigned j = 0; j < history.count; j++) {
            is_first = is_first && ((left >> j & 1) == 0 ||
                                    history.calls[j].returned > one->called);
        }
        if (is_first &&
            ((!linear_is_known(one) && has_order(state, left & ~(1u << i))) ||
             ((one->operation == WRITE || linear_said(one, state)) &&
              has_order(next, left & ~(1u << i))))) {
            return true;
        }
    }
    return only_unknown;
}

static unsigned dice(uint64_t *state, unsigned sides)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % sides;
}

/* The threads take turns at random; each turn begins or ends a call. */
static void roll(uint64_t *state)
{
    int under_way[THREADS] = {-1, -1, -1};
    unsigned begun[THREADS] = {0};

    history.count = 0;
    for (uint64_t now = 1; now < 100; now++) {
        unsigned thread = dice(state, THREADS);

        if (under_way[thread] >= 0) {
            history.calls[under_way[thread]].returned = now;
            under_way[thread] = -1;
        } else if (begun[thread]++ < EACH) {
            under_way[thread] = (int)history.count;
            if (dice(state, 8) == 0) {
                unknown(
                    call(thread, now, LINEAR_PENDING, WRITE, dice(state, 3)));
                begun[thread] = EACH;
            } else {
                call(thread, now, LINEAR_PENDING,
                     dice(state, 2) == 0 ? WRITE : READ, dice(state, 3));
            }
        }
    }
    /* What did not return by then is pending. */
    for (unsigned i = 0; i < history.count; i++) {
        if (history.calls[i].returned == LINEAR_PENDING) {
            unknown(&history.calls[i]);
        }
    }
}

Test(linear, says_what_a_search_through_all_orders_says)
{
    unsigned count[2] = {0};
    uint64_t state = 1;

    for (int i = 0; i < HISTORIES; i++) {
        bool has = has_order(0, (roll(&state), (1u << history.count) - 1));

        cr_assert_eq(linear_check(checker, &history),
                     has ? LINEAR_GOOD : LINEAR_BROKEN, "history %d", i);
        count[has]++;
    }
    cr_assert_gt(count[0], HISTORIES / 10);
    cr_assert_gt(count[1], HISTORIES / 10);
}
